"""Classes in a real window: found by typing, hidden and locked by the mouse, taken again by key."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.widgets.class_panel import LOCKED, NAME, SEEN
from napari_geolabel.widgets.panels import Panels


def test_classes_are_found_hidden_locked_and_given_with_mouse_and_keys(session, viewer, mouse, press, photograph, wait):
    panel = viewer.window._qt_window.findChild(Panels).classes
    store = session.labels.store

    def click(class_id, column):
        place = panel.tree.visualItemRect(panel.rows[class_id])
        x = panel.tree.columnViewportPosition(column) + panel.tree.columnWidth(column) // 2
        QTest.mouseClick(
            panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=place.center().__class__(x, place.center().y())
        )
        wait()

    press("R")
    mouse.drag((100, 100), (200, 160))
    (ship,) = session.labels
    drawn = store[ship].geometry
    press("Alt+C")
    QTest.keyClicks(viewer.window._qt_window.focusWidget(), "platf")
    photograph("class-search")
    QTest.keyClick(viewer.window._qt_window.focusWidget(), Qt.Key.Key_Return)
    assert session.current_class == "platform"
    assert viewer.window._qt_window.focusWidget() is canvas_widget(viewer)
    mouse.drag((300, 300), (400, 360))
    platform = next(i for i in session.labels if i != ship)
    press("Z")
    press("1")
    press("Shift+A")
    assert (session.current_class, session.tool) == ("platform", "box")

    click("ship", SEEN)
    assert list(session.shapes_layer.features["id"]) == [platform]
    assert set(store) == {ship, platform}
    click("ship", SEEN)
    click("ship", LOCKED)
    photograph("classes")
    press("Z")
    session.shapes_layer.mode = "select"
    mouse.drag((150, 130), (250, 130))
    assert session.selected_ids == []
    assert store[ship].geometry == drawn
    mouse.click((350, 330))
    assert session.selected_ids == [platform]
    click("clutter", NAME)
    assert store[platform].class_id == "clutter"
    assert store.undo_titles == ["change class of platform", "draw platform", "draw ship"]
    press("Ctrl+Z")
    assert store[platform].class_id == "platform"
    click("ship", LOCKED)
    mouse.drag((150, 130), (250, 130))
    assert store[ship].geometry.centroid.x > 240
    press("Ctrl+Z")
    assert store[ship].geometry == drawn
