"""Attributes by keyboard in a real window: draw, answer, go on drawing."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.widgets.panels import Panels


@pytest.fixture
def panel(session, viewer):
    return viewer.window._qt_window.findChild(Panels).attributes


def test_a_ship_is_drawn_and_described_without_leaving_the_keyboard(session, viewer, panel, press, mouse, photograph):
    press("R")
    mouse.drag((100, 100), (160, 130))
    (ship,) = session.labels
    assert panel.subject.text() == "Ship, just drawn"
    window, fields = viewer.window._qt_window, panel.form.fields
    press("Alt+A")
    assert window.focusWidget() is fields["category"].box
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_M)
    assert session.labels[ship].attributes == {"category": "merchant"}
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert window.focusWidget() is panel.form.fields["type"].box
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_T)
    assert session.labels[ship].attributes == {"category": "merchant", "type": "tanker"}
    photograph("attributes")
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert window.focusWidget() is canvas_widget(viewer)
    mouse.drag((200, 200), (260, 230))
    second = next(i for i in session.labels if i != ship)
    assert session.labels[second].attributes == {"category": "merchant", "type": "tanker"}
    press("Ctrl+Z")
    press("Ctrl+Z")
    assert session.labels[ship].attributes == {"category": "merchant"}


def test_selected_annotations_are_answered_together(session, panel, wait):
    import shapely

    ids = [session.labels.add(shapely.box(x, 100, x + 40, 130), "ship", kind="box").id for x in (100, 200)]
    session.shapes_layer.mode = "select"
    session.shapes_layer.selected_data = {0, 1}
    assert panel.subject.text() == "2 Ship, selected"
    panel.form.fields["state"].box.setFocus()
    QTest.keyClick(panel.form.fields["state"].box, Qt.Key.Key_Down)
    wait(0.1)
    assert [session.labels[i].attributes for i in ids] == [{"state": "underway"}] * 2
    assert session.selected_ids == ids
    session.labels.remove(ids)
    assert panel.subject.text() == "next Ship"
