"""The window of keys: finding one, giving it another with real key presses, and what the window says."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from napari_geolabel.viewer import own_keys as own
from napari_geolabel.viewer.key_names import DEFAULTS, GROUPS
from napari_geolabel.viewer.key_ring import KeyRing
from napari_geolabel.viewer.keys import KEYS
from napari_geolabel.widgets.key_capture import pressed_key
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.keys_window import DOES, KEY, KeysWindow, show_keys

ALT, CTRL, SHIFT, NONE = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)


class Events:
    """Tells whoever listens, as napari's models do."""

    def __init__(self):
        self.callbacks = []

    def connect(self, callback):
        self.callbacks.append(callback)

    def disconnect(self, callback):
        self.callbacks.remove(callback)


class Held(SimpleNamespace):
    """The preferences as napari holds them."""

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        for callback in list(self.events.callbacks):
            callback()


@pytest.fixture
def held(monkeypatch):
    made = Held(events=Events(), **{name: own.label(key) for name, key in DEFAULTS.items()})
    monkeypatch.setattr(own, "_held", lambda: made)
    return made


@pytest.fixture
def window(held, qtbot):
    made = KeysWindow()
    qtbot.addWidget(made)
    made.show()
    return made


def press(window, key, held=NONE):
    QTest.keyClick(window.tree, key, held)


def test_all_keys_are_listed_by_group(window):
    groups = [window.tree.topLevelItem(place).text(KEY) for place in range(window.tree.topLevelItemCount())]
    assert groups == list(GROUPS)
    assert set(DEFAULTS) <= set(window.rows)
    assert window.rows["keys"].text(KEY) == "F1  ?"
    hotkeys = next(row for name, row in window.rows.items() if name.startswith("class with that hotkey"))
    assert hotkeys.text(KEY).split() == [key.key for key in KEYS if key.does.startswith("class with that hotkey")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("alt+t", {"table"}),
        ("SPECTRUM pin", {"pin_spectrum"}),
        ("while reviewing shift", {"previous_suggestion", "accept_above"}),
        ("no such thing", set()),
    ],
)
def test_a_search_leaves_rows_that_have_all_its_words(window, text, found):
    window.search.setText(text)
    assert set(window.rows) == found
    shown = [not window.tree.topLevelItem(place).isHidden() for place in range(window.tree.topLevelItemCount())]
    assert sum(shown) == bool(found)
    window.search.clear()
    assert len(window.rows) > len(DEFAULTS)


def test_a_double_click_and_a_key_change_a_key_and_a_reset_takes_it_back(window, held):
    window.tree.setCurrentItem(window.rows["table"])
    window.tree.itemDoubleClicked.emit(window.rows["table"], DOES)
    assert "Press the new key for “table of the annotations”" in window.told.text()
    press(window, Qt.Key.Key_Alt, ALT)
    press(window, Qt.Key.Key_X, ALT)
    assert held.table == "Alt+X"
    row = window.rows["table"]
    assert (row.text(KEY), row.font(KEY).bold()) == ("Alt+X", True)
    assert row.text(DOES).endswith("(first Alt+T)")
    assert window.tree.currentItem() is row
    window.reset.click()
    assert held.table == "Alt+T"
    assert not window.rows["table"].font(KEY).bold()


def test_a_taken_key_is_told_and_another_is_awaited(window, held):
    window.ask(window.rows["table"])
    press(window, Qt.Key.Key_E, ALT)
    assert window.told.text().startswith("Alt+E is the key of “problems”")
    press(window, Qt.Key.Key_F9)
    assert held.table == "F9"


def test_escape_leaves_a_key_and_delete_takes_it_off(window, held):
    window.tree.setCurrentItem(window.rows["swipe"])
    press(window, Qt.Key.Key_Return)
    press(window, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert held.swipe == "Alt+W"
    window.change.click()
    press(window, Qt.Key.Key_Delete)
    assert held.swipe == ""
    assert window.rows["swipe"].text(KEY) == "no key"
    window.reset_all.click()
    assert held.swipe == "Alt+W"


def test_keys_that_stay_say_why(window, held):
    hotkeys = next(row for name, row in window.rows.items() if name.startswith("class with that hotkey"))
    window.ask(hotkeys)
    press(window, Qt.Key.Key_F9)
    assert "This key stays" in window.told.text()
    assert "F9" not in vars(held).values()


def test_a_shortcut_of_the_main_window_does_not_catch_the_new_key(window):
    window.ask(window.rows["table"])
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, CTRL, "z")
    event.ignore()
    QApplication.sendEvent(window.tree, event)
    assert event.isAccepted()


def test_what_napari_does_not_take_is_told_when_the_window_opens(held, qtbot):
    held.table = "nonsense"
    made = KeysWindow()
    qtbot.addWidget(made)
    made.show()
    assert "table of the annotations keeps Alt+T: 'nonsense' is no key" in made.told.text()


def test_the_window_follows_the_preferences_while_it_is_seen(window, held):
    held.table = "Alt+X"
    assert window.rows["table"].text(KEY) == "Alt+X"
    window.hide()
    assert held.events.callbacks == []
    held.table = "Alt+Q"
    window.show()
    assert window.rows["table"].text(KEY) == "Alt+Q"


def test_a_window_has_one_list_of_keys(held, qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    first = show_keys(parent)
    assert show_keys(parent) is first
    first.hide()


@pytest.mark.parametrize(
    ("key", "modifiers", "text"),
    [
        (Qt.Key.Key_X, ALT, "Alt+X"),
        (Qt.Key.Key_Z, CTRL | SHIFT, "Ctrl+Shift+Z"),
        (Qt.Key.Key_A, SHIFT, "Shift+A"),
        (Qt.Key.Key_Question, SHIFT, "?"),
        (Qt.Key.Key_F7, SHIFT, "Shift+F7"),
        (Qt.Key.Key_PageDown, NONE, "PageDown"),
        (Qt.Key.Key_Comma, NONE, ","),
        (Qt.Key.Key_Shift, SHIFT, ""),
        (Qt.Key.Key_MediaPlay, NONE, "this key"),
    ],
)
def test_a_key_is_what_napari_hears_of_it(key, modifiers, text):
    assert pressed_key(QKeyEvent(QEvent.Type.KeyPress, key, modifiers)) == text


def test_texts_name_the_key_that_it_is_now(held, qtbot):
    keys, label, button = KeyRing(None), QLabel(), QPushButton()
    for widget in (label, button):
        qtbot.addWidget(widget)
    hint(label, keys, "Views  ({linked_views}, {swipe})", QLabel.setText)
    hint(button, keys, "all annotations ({table})")
    assert (label.text(), button.toolTip()) == ("Views  (Alt+G, Alt+W)", "all annotations (Alt+T)")
    held.swipe, held.table = "F9", ""
    assert (label.text(), button.toolTip()) == ("Views  (Alt+G, F9)", "all annotations (no key)")
    keys.close()
    assert held.events.callbacks == []
