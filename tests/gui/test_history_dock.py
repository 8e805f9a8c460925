"""The history of a label file in a real window: seen, filtered, looked at and brought back."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from napari_geolabel.labels.opening import open_labels
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.widgets.annotate import annotate
from napari_geolabel.widgets.history_dock import HistoryDock
from napari_geolabel.widgets.history_model import WHAT
from napari_geolabel.widgets.panels import Panels

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def worked(labels, tmp_path):
    """A label file of two annotators: a ship that is drawn, moved and named, a dock, and a painted cloud."""
    path = tmp_path / "coast.labels.gpkg"
    ann = open_labels(path, scene=labels.scene, ontology="maritime", annotator="Ann")
    ship = ann.add(shapely.box(300, 300, 360, 330), "ship", kind="box")
    ann.update(ship.id, geometry=shapely.box(340, 320, 400, 350))
    ann.close()
    ben = open_labels(path, scene=labels.scene, annotator="Ben")
    ben.add(shapely.box(100, 100, 200, 160), "dock", kind="polygon")
    ben.update(ship.id, status="accepted")
    ben.close()
    return path, ship.id


@pytest.fixture
def kept(viewer, labels, worked, wait):
    """A session of Ann on it."""
    again = open_labels(worked[0], scene=labels.scene, annotator="Ann")
    session = annotate(viewer, labels.scene, again.ontology, labels=again)
    viewer.reset_view()
    wait()
    yield session
    session.close()
    again.close()


@pytest.fixture
def dock(kept, viewer, qtbot):
    """The history, opened with its button, once it has read the journal."""
    panels = viewer.window._qt_window.findChild(Panels)
    QTest.mouseClick(panels.labels.history, LEFT)
    found = viewer.window._qt_window.findChild(HistoryDock)
    qtbot.waitUntil(lambda: len(found.model.rows) == 4, timeout=10000)
    return found


def click(dock, row):
    """Click on a change in the table."""
    rect = dock.table.visualRect(dock.model.index(row, WHAT))
    QTest.mouseClick(dock.table.viewport(), LEFT, pos=rect.center())


def test_the_history_stands_below_the_map_with_the_newest_on_top(dock, viewer, photograph):
    assert [entry.title for entry in dock.model.rows] == [
        "change status of ship",
        "add dock",
        "change geometry of ship",
        "add ship",
    ]
    photograph("history")
    window = viewer.window._qt_window
    assert dock.height() < window.height() / 2
    assert viewer.window._qt_viewer.canvas.native.height() > window.height() / 3
    for button in (dock.restore_all, dock.restore_selected):
        assert button.fontMetrics().horizontalAdvance(button.text()) < button.width()


def test_a_click_outlines_before_and_after_and_looks_there(dock, kept, viewer, qtbot, photograph):
    click(dock, 2)
    qtbot.waitUntil(lambda: any(layer.name == "history outlines" for layer in viewer.layers), timeout=10000)
    layer = viewer.layers["history outlines"]
    assert len(layer.data) == 8
    assert len({tuple(color) for color in layer.edge_color.round(2)}) == 2
    assert viewer.layers.selection.active is kept.shapes_layer
    x, y = Frame.of(kept.scene.grid).to_pixel(viewer.scene.camera.center)
    assert (x, y) == pytest.approx((350, 325), abs=1)
    photograph("history-before-and-after")
    dock.parentWidget().hide()
    qtbot.waitUntil(lambda: len(layer.data) == 0, timeout=5000)


def test_a_state_is_restored_as_a_change_that_undo_takes_back(dock, kept, worked, qtbot, press, told):
    click(dock, 3)
    QTest.mouseClick(dock.restore_all, LEFT)
    qtbot.waitUntil(lambda: len(kept.labels) == 1, timeout=10000)
    ship = kept.labels[worked[1]]
    assert ship.geometry.bounds == (300, 300, 360, 330)
    assert any("went back to how it was" in sentence for sentence in told)
    qtbot.waitUntil(lambda: dock.model.rows[0].title == "go back to change 1", timeout=10000)
    press("Ctrl+Z")
    assert len(kept.labels) == 2
    assert kept.labels[worked[1]].status == "accepted"


def test_only_what_is_selected_is_listed_and_restored(dock, kept, worked, qtbot, mouse):
    kept.tool = None
    kept.shapes_layer.mode = "select"
    assert not dock.restore_selected.isEnabled()
    mouse.click((370, 335))
    assert kept.selected_ids == [worked[1]]
    QTest.mouseClick(dock.only_selected, LEFT, pos=QPoint(8, dock.only_selected.height() // 2))
    qtbot.waitUntil(lambda: len(dock.model.rows) == 3, timeout=10000)
    assert "add dock" not in [entry.title for entry in dock.model.rows]
    click(dock, 2)
    QTest.mouseClick(dock.restore_selected, LEFT)
    qtbot.waitUntil(lambda: kept.labels[worked[1]].geometry.bounds == (300, 300, 360, 330), timeout=10000)
    assert len(kept.labels) == 2


def test_the_table_is_filtered_by_words_and_by_who(dock, qtbot):
    QTest.keyClicks(dock.search, "DOCK")
    assert [entry.title for entry in dock.model.rows] == ["add dock"]
    dock.search.clear()
    dock.annotators.setCurrentText("Ann")
    assert {entry.actor for entry in dock.model.rows} == {"Ann"}
    assert dock.hint.text() == "2 of 4 changes"


def test_new_changes_appear_while_it_is_open(dock, kept, qtbot):
    kept.labels.add(shapely.box(10, 10, 40, 30), "ship", kind="box")
    qtbot.waitUntil(lambda: dock.model.rows[0].title == "add ship", timeout=10000)


def test_what_another_annotator_has_built_on_cannot_be_undone(kept, viewer, press):
    panels = viewer.window._qt_window.findChild(Panels)
    assert not panels.labels.undo.isEnabled(), "Ben has accepted the ship that Ann drew"
    press("Ctrl+Z")
    assert len(kept.labels) == 2


def test_undo_in_the_next_session_takes_back_ones_own_last_change_and_says_which(viewer, labels, tmp_path, wait, press):
    path = tmp_path / "again.labels.gpkg"
    for name, x in (("Ann", 100), ("Ben", 300)):
        earlier = open_labels(path, scene=labels.scene, ontology="maritime", annotator=name)
        ship = earlier.add(shapely.box(x, 100, x + 60, 130), "ship", kind="box")
        if name == "Ann":
            mine = ship.id
            earlier.update(mine, geometry=shapely.box(x + 40, 100, x + 100, 130))
        earlier.close()
    again = open_labels(path, scene=labels.scene, annotator="Ann")
    session = annotate(viewer, labels.scene, again.ontology, labels=again)
    viewer.reset_view()
    wait()
    button = viewer.window._qt_window.findChild(Panels).labels.undo
    assert button.text() == "Undo: change geometry of Ship 1"
    assert button.drawn_text.startswith("Undo: change geom")
    assert button.toolTip() == "Undo: change geometry of Ship 1  (Ctrl+Z)"

    press("Ctrl+Z")

    assert again[mine].geometry.bounds == (100, 100, 160, 130)
    assert button.text() == "Undo: add Ship 1"
    press("Ctrl+Z")
    assert [a.geometry.bounds[0] for a in again.store.values()] == [300], "Ben's ship is not Ann's to undo"
    assert not button.isEnabled()
    session.close()
    again.close()


def test_it_fits_a_small_screen(dock, kept, viewer, photograph, wait, qtbot):
    from napari.settings import get_settings

    viewer.window.resize(1280, 800)
    wait(0.3)
    click(dock, 2)
    qtbot.waitUntil(lambda: any(layer.name == "history outlines" for layer in viewer.layers), timeout=10000)
    for theme in ("dark", "light"):
        get_settings().appearance.theme = theme
        photograph(f"history-small-{theme}")
        assert viewer.window._qt_window.width() <= 1300
        assert dock.restore_all.isVisible()
