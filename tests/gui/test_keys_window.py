"""Keys in a real window: listed by ``?``, changed by a double click and a key, and changed still after a restart."""

from __future__ import annotations

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest

from napari_geolabel.viewer.keys import KEYS
from napari_geolabel.widgets.annotation_dock import AnnotationDock
from napari_geolabel.widgets.keys_window import KeysWindow
from napari_geolabel.widgets.tool_panel import ToolPanel


def find(viewer, kind):
    return viewer.window._qt_window.findChild(kind)


def forget_settings(monkeypatch, path):
    """What a restart of napari does: the settings are read from their files anew."""
    import napari.settings

    monkeypatch.setattr(napari.settings, "_SETTINGS", None)
    monkeypatch.setattr(napari.settings, "_PLUGIN_SETTINGS", {})
    napari.settings.get_settings(path)


def test_a_key_is_found_changed_and_still_changed_after_a_restart(
    session, viewer, press, photograph, until, napari_config, monkeypatch
):
    from napari_geolabel.viewer.gl_guard import canvas_widget

    canvas = canvas_widget(viewer)
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Question, Qt.KeyboardModifier.ShiftModifier)
    until(lambda: find(viewer, KeysWindow) is not None)
    window = find(viewer, KeysWindow)
    assert window.isVisible()
    QTest.keyClicks(window.search, "alt+t table")
    assert set(window.rows) == {"table"}
    place = window.tree.visualItemRect(window.rows["table"]).center() + QPoint(20, 0)
    where = window.tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
    QTest.mouseClick(*where)
    QTest.mouseDClick(*where)
    until(lambda: "Press the new key" in window.told.text())
    QTest.keyClick(window.tree, Qt.Key.Key_X, Qt.KeyboardModifier.AltModifier)
    assert window.rows["table"].text(0) == "Alt+X"
    photograph("keys-window")
    window.close()

    press("Alt+T")
    assert find(viewer, AnnotationDock) is None, "the old key does nothing any more"
    press("Alt+X")
    assert find(viewer, AnnotationDock).isVisible()

    path = napari_config.with_name("napari-geolabel.yaml")
    assert "table: Alt+X" in path.read_text()
    forget_settings(monkeypatch, napari_config)
    session.close()
    from napari_geolabel.viewer.session import Session

    again = Session(viewer, session.labels, defer=lambda action, milliseconds: action())
    asked = []
    again.asked.connect(asked.append)
    press("Alt+X")
    press("Alt+T")
    press("F1")
    assert asked == ["table", "keys"]
    assert again.keys.label("table") == "Alt+X"
    again.close()


def test_naparis_preferences_show_the_keys_and_a_tool_follows_what_is_typed_there(session, viewer, press, until):
    from napari._qt.dialogs.preferences_dialog import PreferencesDialog
    from qtpy.QtWidgets import QLineEdit

    tools = find(viewer, ToolPanel)
    assert tools.buttons["rotated_box"].text() == "O"
    dialog = PreferencesDialog(parent=viewer.window._qt_window)
    shown = {line.text(): line for line in dialog.findChildren(QLineEdit)}
    changeable = {key.label for key in KEYS if key.name}
    assert changeable <= set(shown)
    box = shown["O"]
    box.selectAll()
    QTest.keyClicks(box, "F")
    QTest.keyClick(box, Qt.Key.Key_Return)
    until(lambda: tools.buttons["rotated_box"].text() == "F")
    press("O")
    assert session.tool is None
    press("F")
    assert session.tool == "rotated_box"
    assert "Rotated box (F)" in tools.buttons["rotated_box"].toolTip()
    dialog.reject()
    until(lambda: tools.buttons["rotated_box"].text() == "O")
    dialog.close()


@pytest.mark.parametrize("key", ["F1"])
def test_the_button_and_the_key_show_one_window(session, viewer, press, key):
    press(key)
    first = find(viewer, KeysWindow)
    first.close()
    find(viewer, ToolPanel).keys.click()
    assert first.isVisible()
    assert len(viewer.window._qt_window.findChildren(KeysWindow)) == 1
    session.close()
