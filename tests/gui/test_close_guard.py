"""Closing a window with labels that are not saved."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.widgets.close_guard import Answer, CloseGuard


@pytest.fixture
def guard(session, viewer):
    """The guard of the session's window, which asks the test."""
    found = viewer.window._qt_window.findChild(CloseGuard)
    found.asked = []
    found.answer = Answer.CANCEL

    def ask(window, text):
        found.asked.append(text)
        return found.answer

    found.ask = ask
    yield found
    found.answer = Answer.DISCARD


@pytest.fixture
def dirty(session):
    session.labels.add(shapely.box(100, 100, 160, 130), "ship", kind="box")
    return session


def close_by_hand(viewer, wait):
    """Do what File > Close Window and the window's cross do."""
    window = viewer.window._qt_window
    window.close()
    wait(0.2)


def is_open(viewer):
    return viewer.window._qt_window.isVisible()


def test_nothing_unsaved_closes_without_a_word(session, viewer, guard, wait):
    asked = guard.asked
    close_by_hand(viewer, wait)
    assert asked == []
    assert session.is_closed


def test_keep_working_keeps_window_session_and_labels(dirty, viewer, guard, wait, until):
    close_by_hand(viewer, wait)
    assert guard.asked == ["The labels of coast are not saved. Closing the window loses them."]
    assert is_open(viewer)
    assert not dirty.is_closed
    assert len(dirty.labels) == 1
    dirty.undo()
    until(lambda: len(dirty.shapes_layer.data) == 0)


def test_discard_closes(dirty, viewer, guard, wait):
    guard.answer = Answer.DISCARD
    close_by_hand(viewer, wait)
    assert dirty.is_closed


def test_save_writes_the_file_and_closes(dirty, viewer, guard, wait, tmp_path):
    path = tmp_path / "saved.geojson"
    guard.answer = Answer.SAVE
    guard.choose_path = lambda parent: str(path)
    close_by_hand(viewer, wait)
    assert path.exists()
    assert dirty.is_closed


@pytest.mark.parametrize("path", ["", "missing/out.geojson"])
def test_a_save_that_does_not_happen_keeps_the_window(dirty, viewer, guard, wait, tmp_path, path):
    guard.answer = Answer.SAVE
    guard.choose_path = lambda parent: path and str(tmp_path / path)
    close_by_hand(viewer, wait)
    assert is_open(viewer)
    assert dirty.labels.unsaved


def test_a_mask_that_the_saved_file_does_not_hold_keeps_the_window(dirty, viewer, guard, wait, tmp_path):
    painted = next(c for c in dirty.labels.ontology.classes if "mask" in c.kinds)
    dirty.labels.paint(shapely.box(10, 10, 20, 20), painted.id)
    guard.answer = Answer.SAVE
    guard.choose_path = lambda parent: str(tmp_path / "vectors.geojson")
    close_by_hand(viewer, wait)
    assert is_open(viewer)


def test_a_script_that_closes_the_viewer_is_never_asked(dirty, viewer, guard):
    asked = guard.asked
    viewer.close()
    assert asked == []


def test_an_ended_session_asks_nothing(dirty, viewer, guard, wait):
    asked = guard.asked
    dirty.close()
    close_by_hand(viewer, wait)
    assert asked == []


def test_the_session_can_still_be_used_by_a_script_after_the_window_closed(dirty, viewer, guard, wait):
    guard.answer = Answer.DISCARD
    close_by_hand(viewer, wait)
    dirty.composite = "ndvi"
    dirty.labels.add(shapely.box(10, 10, 20, 20), "ship", kind="box")
    assert len(dirty.labels) == 2


def test_labels_in_a_label_file_close_without_a_word(viewer, coast, qapp, wait, tmp_path):
    import shutil

    from napari_geolabel.widgets.annotate import annotate

    scene_path = shutil.copy(coast, tmp_path / "coast.tif")
    session = annotate(viewer, scene_path, "maritime")
    guard = viewer.window._qt_window.findChild(CloseGuard)
    asked = []
    guard.ask = lambda window, text: asked.append(text) or Answer.DISCARD
    session.labels.add(shapely.box(100, 100, 160, 130), "ship", kind="box")
    close_by_hand(viewer, wait)
    assert asked == []
    assert session.is_closed
    assert sorted(path.name for path in tmp_path.glob("coast*")) == ["coast.labels.gpkg", "coast.tif"]


def test_a_label_file_that_cannot_be_written_asks_and_is_saved_elsewhere(viewer, coast, qapp, wait, tmp_path):
    import shutil

    from napari_geolabel.widgets.annotate import annotate

    scene_path = shutil.copy(coast, tmp_path / "coast.tif")
    session = annotate(viewer, scene_path, "maritime")
    guard = viewer.window._qt_window.findChild(CloseGuard)
    asked = []
    guard.ask = lambda window, text: asked.append(text) or Answer.SAVE
    guard.choose_place = lambda parent: str(tmp_path / "rescued.labels.gpkg")
    session.labels.add(shapely.box(100, 100, 160, 130), "ship", kind="box")
    session.labels.flush()
    for left in tmp_path.glob("coast.labels.gpkg*"):
        left.unlink()
    session.labels.add(shapely.box(100, 100, 160, 130), "ship", kind="box")
    close_by_hand(viewer, wait)
    assert len(asked) == 1
    assert "save to another place" in asked[0]
    assert session.is_closed
    assert (tmp_path / "rescued.labels.gpkg").exists()
