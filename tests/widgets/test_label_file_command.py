"""Going on with a label file from the window, wherever its scene is now."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import shapely

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels import open_labels
from napari_geolabel.widgets import label_file_command
from napari_geolabel.widgets.label_file_command import go_on_with, open_label_file


@pytest.fixture
def label_path(write_scene, tmp_path) -> Path:
    """A label file with a ship, in a folder of its own with its scene."""
    folder = tmp_path / "place"
    folder.mkdir()
    scene_path = Path(shutil.move(write_scene(name="coast.tif"), folder / "coast.tif"))
    with open_scene(scene_path) as scene:
        labels = open_labels(folder / "coast.labels.gpkg", scene=scene, ontology="maritime")
        labels.add(shapely.box(10, 10, 40, 30), "ship")
        labels.close()
    return labels.path


def nobody(parent) -> str:
    raise AssertionError("nobody need be asked")


def test_the_scene_is_found_under_another_name(viewer, label_path, qtbot, told) -> None:
    renamed = label_path.with_name("coast.tif").rename(label_path.with_name("renamed.tif"))

    session = go_on_with(viewer, label_path, nobody)

    assert session.scene.path == renamed
    assert session.labels.path == label_path
    assert len(session.labels) == 1
    session.close()
    with open_scene(renamed) as scene:  # the session closed the label file, so that it can be opened again
        again = open_labels(label_path, scene=scene)
        assert again.notes == ()
        again.close()


def test_a_scene_that_is_not_found_is_asked_for_and_remembered(viewer, label_path, tmp_path, qtbot, told) -> None:
    away = label_path.with_name("coast.tif").rename(tmp_path / "away.tif")

    session = go_on_with(viewer, label_path, lambda parent: str(away))

    assert session.scene.path == away
    assert any("the scene of coast.labels.gpkg was not found; choose it" in line for line in told)
    session.close()
    session = go_on_with(viewer, label_path, nobody)
    assert session.scene.path == away
    session.close()


def test_giving_up_starts_nothing(viewer, label_path, qtbot, told) -> None:
    label_path.with_name("coast.tif").unlink()

    assert go_on_with(viewer, label_path, lambda parent: "") is None
    assert len(viewer.layers) == 0


def test_another_scene_is_refused_with_the_reason(viewer, label_path, write_scene, qtbot, told) -> None:
    label_path.with_name("coast.tif").unlink()
    other = write_scene(name="other.tif", bands=("red", "nir"))

    assert go_on_with(viewer, label_path, lambda parent: str(other)) is None
    assert any("is not the scene that coast.labels.gpkg was made for" in line for line in told)


def test_the_menu_asks_for_the_label_file(viewer, label_path, qtbot, told, monkeypatch) -> None:
    monkeypatch.setattr(label_file_command, "choose_label_file", lambda parent: str(label_path))

    open_label_file(viewer)

    from napari_geolabel.viewer.session import find_session

    session = find_session(viewer)
    assert session.labels.path == label_path
    open_label_file(viewer)
    assert any("this viewer is labelling already" in line for line in told)
    session.close()
