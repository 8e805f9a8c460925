"""The sensor of a scene is kept in its label file and taken up again."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels import open_labels
from napari_geolabel.labels.label_files import stored_scene
from napari_geolabel.labels.relinking import relink
from napari_geolabel.labels.sensor_memory import as_labelled, sensor_id

BANDS = ("band_1", "band_2", "band_3", "band_4")


@pytest.fixture
def scene_path(write_scene) -> Path:
    """A file of four bands that tells of no sensor."""
    return write_scene(bands=BANDS)


@pytest.fixture
def label(ontology, file_path):
    """Open the test's label file on a scene, and tell what its scene became."""

    def work(path: Path, sensor: str | None = None, **options):
        with open_scene(path, sensor=sensor) as scene:
            labels = open_labels(file_path, scene=scene, **{"ontology": ontology, **options})
            found = sensor_id(labels.scene), [band.common_name for band in labels.scene.bands], labels.notes
            is_same = labels.scene is scene
            labels.close()
        return *found, is_same

    return work


def test_a_sensor_that_a_person_named_is_there_again(label, scene_path, file_path) -> None:
    first = label(scene_path, "planetscope_4")
    assert first[0] == "planetscope_4"
    assert stored_scene(file_path).fingerprint.sensor == "planetscope_4"

    sensor, names, notes, is_same = label(scene_path)

    assert sensor == "planetscope_4"
    assert names == first[1] == ["blue", "green", "red", "nir"]
    assert any("are read as planetscope_4, as when it was labelled" in note for note in notes)
    assert not is_same
    assert label(scene_path)[0] == "planetscope_4", "it stays so"


def test_a_sensor_that_is_named_anew_counts_and_is_kept(label, scene_path) -> None:
    label(scene_path, "planetscope_4")

    assert label(scene_path, "naip")[0] == "naip"
    assert label(scene_path)[0] == "naip"


def test_labels_that_are_only_read_take_it_up_too(label, scene_path, file_path) -> None:
    label(scene_path, "planetscope_4")
    before = file_path.read_bytes()

    assert label(scene_path, mode="r", ontology=None)[0] == "planetscope_4"
    assert file_path.read_bytes() == before


def test_a_scene_as_it_was_is_not_touched(label, scene_path) -> None:
    for _ in range(2):
        sensor, _, notes, is_same = label(scene_path)
        assert (sensor, notes, is_same) == ("none", (), True)


def test_a_sensor_that_does_not_fit_any_more_is_told(label, scene_path, write_scene) -> None:
    label(scene_path, "planetscope_4")
    write_scene(bands=BANDS[:2])

    sensor, _, notes, is_same = label(scene_path)

    assert (sensor, is_same) == ("none", True)
    assert any("was labelled as planetscope_4, which it cannot be any more" in note for note in notes)


def test_relinking_keeps_the_sensor(label, scene_path, file_path) -> None:
    label(scene_path, "planetscope_4")
    moved = scene_path.rename(scene_path.with_name("moved.tif"))

    relink(file_path)

    assert label(moved)[0] == "planetscope_4"


def test_without_a_label_file_there_is_nothing_to_remember(scene, tmp_path) -> None:
    assert as_labelled(scene, tmp_path / "none.labels.gpkg") == (scene, [])
    (tmp_path / "broken.labels.gpkg").write_bytes(b"nothing")
    assert as_labelled(scene, tmp_path / "broken.labels.gpkg") == (scene, [])
