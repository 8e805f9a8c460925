"""``geolabel import``: into the scene's label file, with a report."""

from __future__ import annotations

import json

import pytest
import rasterio
import shapely

from napari_geolabel.geo import LONLAT
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.label_files import ontology_of
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.ontology import load_ontology
from napari_geolabel.ontology.files import save_ontology


@pytest.fixture
def into(tmp_path):
    return tmp_path / "scene.labels.gpkg"


def logged(run, path):
    return [entry["title"] for entry in json.loads(run("log", path, "--json").stdout)]


def test_labels_come_into_the_label_file_beside_the_scene(run, scene_path, labels_path, into):
    done = run("import", labels_path, "-s", scene_path)
    assert done.exit_code == 0, done.stderr
    assert "scene.labels.gpkg: 3 labels came in" in done.stdout
    assert logged(run, into) == ["import 3 from labels.geojson"]
    again = json.loads(run("import", labels_path, "-s", scene_path, "--duplicates", "skip", "--json").stdout)
    assert (again["imported"], len(again["skipped"])) == (0, 3)
    assert again["skipped"][0]["why"].startswith("it repeats ")


def test_a_dry_run_makes_no_file(run, scene_path, labels_path, into):
    done = run("import", labels_path, "-s", scene_path, "--dry-run", "--status", "suggested", "--confidence", "0.5")
    assert done.stdout.startswith("3 labels would come in")
    assert not into.exists()


def test_a_dry_run_leaves_a_label_file_as_it_is_to_the_byte(run, scene_path, labels_path, into, tmp_path):
    with open_scene(scene_path) as scene:
        labels = open_labels(into, scene=scene, ontology=load_ontology("clouds"))
        labels.paint(shapely.box(1, 1, 9, 9), "thick_cloud")
        labels.close()
        rows, cols = scene.grid.shape
    smaller = tmp_path / "smaller.tif"
    with rasterio.open(scene_path) as dataset:
        profile, pixels = dataset.profile, dataset.read()[:, : rows // 2, : cols // 2]
    with rasterio.open(smaller, "w", **{**profile, "height": rows // 2, "width": cols // 2}) as dataset:
        dataset.write(pixels)
    before, files = into.read_bytes(), sorted(tmp_path.iterdir())

    for scene_of in (scene_path, smaller):  # one of another size would take the painted mask off
        done = run("import", labels_path, "-s", scene_of, "--into", into, "--make-classes", "--dry-run")
        assert done.exit_code == 0, done.stderr
        assert "labels would come in" in done.stdout

    assert into.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == files


def test_a_dry_run_knows_the_classes_that_the_label_file_would_get(run, scene_path, labels_path, into, tmp_path):
    run("import", labels_path, "-s", scene_path)
    wider = load_ontology("maritime")
    reef = wider["dock"].model_copy(update={"id": "reef", "name": "Reef", "mask_value": 99, "hotkey": None})
    save_ontology(wider.with_classes([reef]), tmp_path / "wider.yaml")
    labels_path.write_text(labels_path.read_text("utf-8").replace('"dock"', '"reef"'), "utf-8")

    done = run("import", labels_path, "-s", scene_path, "--ontology", tmp_path / "wider.yaml", "--dry-run")

    assert done.exit_code == 0, done.stderr
    assert "3 labels would come in" in done.stdout
    assert "reef" not in ontology_of(into)


def test_classes_are_mapped_made_and_remembered(run, scene_path, labels_path, into):
    text = labels_path.read_text("utf-8").replace('"ship"', '"vessel"').replace('"dock"', '"reef"')
    labels_path.write_text(text, "utf-8")
    order = ("import", labels_path, "-s", scene_path, "--into", into)
    done = run(*order)
    assert done.exit_code == 1
    assert 'is of the class "vessel"' in done.stderr
    done = run(*order, "--class-map", "vessel=ship", "--make-classes", "--remember")
    assert "3 labels came in" in done.stdout
    kept = ontology_of(into)
    assert kept["ship"].aliases == ("vessel",)
    assert "reef" in kept
    assert kept.version != load_ontology("maritime").version


def test_a_file_that_names_no_crs_is_given_one(run, scene_path, labels_path, into):
    degrees = json.loads(labels_path.read_text("utf-8"))
    with open_scene(scene_path) as scene:
        for feature in degrees["features"]:
            shape = shapely.geometry.shape(feature["geometry"])
            metres = shapely.transform(shape, lambda xy: scene.grid.pixel_to_map(scene.grid.crs_to_pixel(xy, LONLAT)))
            feature["geometry"] = shapely.geometry.mapping(metres)
    labels_path.write_text(json.dumps(degrees), "utf-8")
    refused = run("import", labels_path, "-s", scene_path)
    assert refused.exit_code == 1
    assert "--crs EPSG:CODE" in refused.stderr
    done = run("import", labels_path, "-s", scene_path, "--crs", "scene")
    assert done.exit_code == 0, done.stderr
    assert "scene.labels.gpkg: 3 labels came in" in done.stdout
    assert into.exists()


def test_numbers_out_of_range_are_refused_by_the_command_line(run, scene_path, labels_path):
    assert run("import", labels_path, "-s", scene_path, "--confidence", "2").exit_code == 2
    assert run("import", labels_path, "-s", scene_path, "--duplicates", "maybe").exit_code == 2
    done = run("import", labels_path, "-s", scene_path, "--status", "holy")
    assert done.exit_code == 1
    assert "no status" in done.stderr
