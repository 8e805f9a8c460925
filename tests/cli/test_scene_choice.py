"""Commands find the scene of a label file, and say what else is named where one is wanted."""

from __future__ import annotations

import shutil

import pytest
import rasterio
import shapely

from napari_geolabel.cli.scene_choice import label_file_of, scene_of
from napari_geolabel.errors import GeoLabelError, MissingFileError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.opening import open_labels


@pytest.fixture
def label_file(scene_path):
    path = scene_path.with_name("scene.labels.gpkg")
    with open_scene(scene_path) as scene:
        labels = open_labels(path, scene=scene, ontology="maritime")
        labels.add(shapely.box(5, 20, 45, 40), "ship", kind="box")
        labels.close()
    return path


def test_a_label_file_is_exported_and_burnt_without_naming_its_scene(run, label_file, scene_path, tmp_path):
    done = run("export", label_file, "-o", tmp_path / "ships.geojson")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, f"{tmp_path / 'ships.geojson'}: 1 label")
    done = run("rasterize", label_file, "-o", tmp_path / "mask.tif")
    assert done.exit_code == 0, done.stderr
    with rasterio.open(tmp_path / "mask.tif") as mask, rasterio.open(scene_path) as scene:
        assert (mask.transform, mask.crs) == (scene.transform, scene.crs)


def test_it_is_found_under_another_name_and_named_where_it_is_not(run, label_file, scene_path, tmp_path):
    renamed = scene_path.rename(scene_path.with_name("renamed.tif"))
    assert scene_of(label_file) == str(renamed)
    renamed.unlink()
    done = run("export", label_file, "-o", tmp_path / "ships.geojson")
    assert done.exit_code == 1
    assert "the scene of scene.labels.gpkg does not lie beside it; name it with --scene SCENE" in done.stderr


@pytest.mark.parametrize("suffix", [".SAFE", ""])
def test_a_folder_of_bands_beside_a_label_file_is_its_scene(label_file, scene_path, suffix):
    scene_path.unlink()
    folder = label_file.with_name(f"scene{suffix}")
    folder.mkdir()
    assert scene_of(label_file) == str(folder)


def test_labels_of_other_programs_need_the_scene(run, labels_path, tmp_path):
    done = run("export", labels_path, "-o", tmp_path / "out.gpkg")
    assert done.exit_code == 1
    assert f"{labels_path.name} is no label file (<scene>.labels.gpkg), so name the scene" in done.stderr
    with pytest.raises(MissingFileError):
        scene_of(tmp_path / "nothing.labels.gpkg")


def test_chips_say_what_a_label_file_is_where_a_scene_is_named(run, scene_path, label_file, tmp_path):
    done = run("chips", scene_path, "-o", tmp_path / "set")
    assert done.exit_code == 1
    assert "is no label file" in done.stderr
    assert "geolabel import LABELS --scene SCENE" in done.stderr
    assert label_file_of(label_file) == label_file
    with pytest.raises(GeoLabelError, match="is no label file"):
        label_file_of(scene_path)


def test_chips_tell_of_splits_without_chips_and_labels_nobody_has_looked_at(run, scene_path, label_file, tmp_path):
    with open_scene(scene_path) as scene:
        labels = open_labels(label_file, scene=scene)
        labels.add(shapely.box(70, 20, 95, 40), "ship", kind="box", status="suggested", confidence=0.5)
        labels.close()
    done = run("chips", label_file, "-o", tmp_path / "set", "--size", "64")
    assert done.exit_code == 0, done.stderr
    assert "val and test got no chip, since a block of 4 x 4 chips goes into one split whole" in done.stdout
    assert "1 suggestion that nobody has accepted among the labels" in done.stdout
    assert not done.stdout.startswith("chips\n")  # the name of a bar that is drawn on no terminal
    done = run("chips", label_file, "-o", tmp_path / "one", "--size", "64", "--split", "1,0,0")
    assert "got no chip" not in done.stdout


def test_label_files_of_two_ontologies_are_named_with_both(run, scene_path, label_file, tmp_path):
    other = scene_path.with_name("other.tif")
    shutil.copy(scene_path, other)
    with open_scene(other) as scene:
        labels = open_labels(other.with_name("other.labels.gpkg"), scene=scene, ontology="clouds")
        labels.add(shapely.box(5, 5, 60, 60), "haze", kind="polygon")
        labels.close()
    done = run("chips", label_file, other.with_name("other.labels.gpkg"), "-o", tmp_path / "set")
    assert done.exit_code == 1
    for word in ("scene have Ships and ports", "other Clouds and shadows", "geolabel ontology apply"):
        assert word in done.stderr


def test_going_on_with_a_label_file_names_no_ontology_that_nobody_asked_for(run, scene_path, label_file, monkeypatch):
    from napari_geolabel.cli import window

    monkeypatch.setattr(window, "has_screen", lambda: True)
    monkeypatch.setattr(window, "_label", lambda labels, *_, **__: None)
    label_file.unlink()
    assert run("open", scene_path, "--ontology", "clouds").exit_code == 0
    assert "Ships and ports" not in run("open", scene_path).stdout
    assert "goes on with its own ontology Clouds" in run("open", scene_path, "--ontology", "landcover").stdout
