"""The scene moves, changes or lies where nothing can be written: no label is dropped, and everything is told."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely

from napari_geolabel.errors import FormatError, MissingFileError, SceneError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labelfile.fingerprint import refuge_of, state_folder
from napari_geolabel.labels import Labels
from napari_geolabel.labels.label_files import stored_scene
from napari_geolabel.labels.opening import open_labels, open_scene_labels
from napari_geolabel.labels.relinking import find_scene_of, relink
from napari_geolabel.ontology.model import Ontology

BOX = shapely.box(10, 10, 30, 20)


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's state folder that is empty."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with nothing but the scene."""
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


@pytest.fixture
def scene_path(write_scene, place: Path) -> Path:
    return Path(shutil.move(write_scene(), place / "scene.tif"))


@pytest.fixture
def label(ontology: Ontology):
    """Open a scene with its own label file, do something, and close both."""

    def work(path: Path, action=lambda labels: None) -> tuple[Path, int, tuple[str, ...]]:
        with open_scene(path) as scene:
            labels = open_scene_labels(scene, ontology)
            action(labels)
            found = labels.path, len(labels), labels.notes
            labels.close()
        return found

    return work


def add_tug(labels: Labels) -> None:
    labels.add(BOX, "tug")


def recolour(path: Path) -> None:
    """Write other pixels over those of a scene, in place."""
    with rasterio.open(path, "r+") as raster:
        raster.write(raster.read()[:, ::-1])


def test_a_scene_that_moved_with_its_label_file_is_found_again(label, scene_path, tmp_path) -> None:
    label(scene_path, add_tug)
    moved = tmp_path / "elsewhere"
    scene_path.parent.rename(moved)

    path, count, notes = label(moved / "scene.tif")

    assert (path, count) == (moved / "scene.labels.gpkg", 1)
    assert any("the scene has moved from" in note and "it was found again" in note for note in notes)
    assert label(moved / "scene.tif")[2] == (), "it is told once"


def test_a_scene_that_was_renamed_keeps_its_labels(label, scene_path) -> None:
    label(scene_path, add_tug)
    renamed = scene_path.rename(scene_path.with_name("better.tif"))

    path, count, notes = label(renamed, add_tug)

    assert (path.name, count) == ("scene.labels.gpkg", 2)
    assert any("better.tif was scene.tif when it was labelled; its labels are in" in note for note in notes)
    assert label(renamed) == (path, 2, ()), "the label file knows the new name from now on"
    assert not renamed.with_name("better.labels.gpkg").exists()


def test_a_copy_of_a_scene_gets_labels_of_its_own(label, scene_path) -> None:
    label(scene_path, add_tug)
    copy = Path(shutil.copy(scene_path, scene_path.with_name("copy.tif")))

    path, count, notes = label(copy)

    assert (path.name, count, notes) == ("copy.labels.gpkg", 0, ())


def test_a_scene_that_changed_is_noticed_and_its_labels_stay(label, scene_path) -> None:
    label(scene_path, add_tug)
    recolour(scene_path)

    _, count, notes = label(scene_path)

    assert count == 1
    assert notes == (f"{scene_path} is not as it was when it was labelled; see whether the labels still fit",)
    assert label(scene_path)[2] == ()


def test_a_mask_whose_scene_got_another_size_is_kept_and_the_labels_open(label, scene_path, write_scene) -> None:
    def paint(labels: Labels) -> None:
        labels.add(BOX, "tug")
        labels.paint(shapely.box(500, 500, 512, 512), "cloud")

    label(scene_path, paint)
    with rasterio.open(scene_path) as raster:
        profile, pixels = raster.profile, raster.read()
    profile.update(width=400, height=300, transform=profile["transform"] @ rasterio.Affine.scale(512 / 400, 512 / 300))
    with rasterio.open(scene_path, "w", **profile) as raster:
        raster.write(pixels[:, :300, :400])

    seen = {}

    def look(labels: Labels) -> None:
        seen["painted"] = labels.is_painted
        seen["old"] = labels.old_masks()
        while labels.undo():
            pass
        labels.paint(shapely.box(390, 290, 400, 300), "cloud")
        seen["new"] = int(np.count_nonzero(labels.canvas.array))

    _, count, notes = label(scene_path, look)
    assert count == 1, "undo does not go behind the change of size"
    assert not seen["painted"]
    assert seen["new"] == 100
    assert any("144 painted pixels of the mask of 512 x 512 do not fit a scene of 400 x 300" in n for n in notes)
    (old,) = seen["old"]
    assert old.array.shape == (512, 512)
    assert np.count_nonzero(old.array) == 144
    assert old.table[9].class_id == "cloud"


def test_labels_that_are_only_read_open_on_a_scene_of_another_size(label, scene_path, write_scene, ontology) -> None:
    label(scene_path, lambda labels: labels.paint(shapely.box(500, 500, 512, 512), "cloud"))
    with rasterio.open(scene_path) as raster:
        profile, pixels = raster.profile, raster.read()
    profile.update(width=400, height=300)
    with rasterio.open(scene_path, "w", **profile) as raster:
        raster.write(pixels[:, :300, :400])

    with open_scene(scene_path) as scene:
        labels = open_labels(scene_path.with_name("scene.labels.gpkg"), scene=scene, mode="r")
        assert not labels.is_painted
        assert any("512 x 512 pixels, and is not shown" in note for note in labels.notes)
        labels.close()


# folders that cannot be written


@pytest.fixture
def read_only(monkeypatch, place: Path):
    """Switch a folder between writable and not; root may write anywhere, so the answer of the system is given here."""
    real = os.access

    def switch(*, on: bool) -> None:
        def access(path, mode) -> bool:
            return False if on and mode & os.W_OK and Path(path).is_relative_to(place) else real(path, mode)

        monkeypatch.setattr(os, "access", access)

    return switch


def test_labels_of_a_read_only_folder_lie_in_the_state_folder(label, scene_path, read_only) -> None:
    read_only(on=True)

    path, _, _ = label(scene_path, add_tug)

    assert path.is_relative_to(state_folder())
    assert sorted(p.name for p in scene_path.parent.iterdir()) == ["scene.tif"]
    assert label(scene_path, add_tug)[:2] == (path, 2)


def test_they_are_gone_on_with_when_the_folder_can_be_written_again(label, scene_path, read_only) -> None:
    read_only(on=True)
    kept, _, _ = label(scene_path, add_tug)
    read_only(on=False)

    path, count, notes = label(scene_path)

    assert (path, count) == (kept, 1)
    assert any("gone on with in" in note and str(kept) in note for note in notes)


def test_a_label_file_that_cannot_be_written_any_more_goes_on_elsewhere_with_all_labels(
    label, scene_path, read_only
) -> None:
    beside, _, _ = label(scene_path, add_tug)
    read_only(on=True)

    path, count, _ = label(scene_path, add_tug)

    assert path == refuge_of(beside)
    assert count == 2


def test_a_scene_that_was_renamed_in_a_read_only_folder_keeps_its_labels(label, scene_path, read_only) -> None:
    read_only(on=True)
    kept, _, _ = label(scene_path, add_tug)
    renamed = scene_path.rename(scene_path.with_name("better.tif"))

    assert label(renamed)[:2] == (kept, 1)


def test_a_label_file_that_cannot_be_read_is_passed_over(label, scene_path) -> None:
    scene_path.with_name("broken.labels.gpkg").write_bytes(b"nothing")

    path, count, notes = label(scene_path)

    assert (path.name, count, notes) == ("scene.labels.gpkg", 0, ())


def test_a_link_to_a_label_file_that_is_gone_is_passed_over(label, scene_path) -> None:
    scene_path.with_name("old.labels.gpkg").symlink_to(scene_path.with_name("gone.gpkg"))

    path, count, notes = label(scene_path)

    assert (path.name, count, notes) == ("scene.labels.gpkg", 0, ())


# from the label file to the scene


@pytest.fixture
def label_path(label, scene_path) -> Path:
    return label(scene_path, add_tug)[0]


def test_a_label_file_finds_its_scene_under_any_name(label_path, scene_path, tmp_path) -> None:
    assert find_scene_of(label_path) == scene_path
    renamed = scene_path.rename(scene_path.with_name("other.tif"))
    assert find_scene_of(label_path) == renamed
    away = tmp_path / "archive" / "2024" / "x.tif"
    away.parent.mkdir(parents=True)
    renamed.rename(away)
    assert find_scene_of(label_path) is None
    assert find_scene_of(label_path, [tmp_path / "archive"]) == away


def test_relinking_is_kept_in_the_label_file(label_path, scene_path, tmp_path) -> None:
    away = scene_path.rename(tmp_path / "away.tif")

    done = relink(label_path, folders=[tmp_path])

    assert (done.scene, done.state) == (away, "moved")
    assert find_scene_of(label_path) == away
    assert stored_scene(label_path).uri_rel == "../away.tif"
    with open_scene(away) as scene:
        labels = open_labels(label_path, scene=scene)
        assert len(labels) == 1
        assert labels.notes == ()
        labels.close()


def test_another_scene_is_only_taken_on_purpose(label_path, scene_path, write_scene) -> None:
    other = write_scene(name="other.tif", bands=("red", "green", "blue", "nir"))
    before = label_path.read_bytes()

    with pytest.raises(SceneError, match=r"is not the scene that scene\.labels\.gpkg was made for"):
        relink(label_path, other)
    assert label_path.read_bytes() == before

    with pytest.raises(SceneError, match="'yes' is no choice of a scene; choose same or changed"):
        relink(label_path, other, accept="yes")
    assert label_path.read_bytes() == before

    assert relink(label_path, other, accept="changed").state == "changed"
    assert find_scene_of(label_path) == other


def test_a_scene_that_is_nowhere_is_told_with_its_old_place(label_path, scene_path, tmp_path) -> None:
    scene_path.unlink()

    with pytest.raises(MissingFileError, match=rf"which was {scene_path}, was not found; name it, or a folder"):
        relink(label_path)
    with pytest.raises(MissingFileError, match="missing is not a folder"):
        relink(label_path, folders=[tmp_path / "missing"])


def test_only_label_files_are_tied_to_scenes(scene_path, tmp_path) -> None:
    (tmp_path / "a.labels.gpkg").write_bytes(b"nothing")

    with pytest.raises(FormatError):
        relink(tmp_path / "a.labels.gpkg", scene_path)
    with pytest.raises(MissingFileError):
        find_scene_of(tmp_path / "none.labels.gpkg")
