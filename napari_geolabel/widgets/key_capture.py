"""Which key a person presses, as napari hears it."""

from __future__ import annotations

from typing import Final

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeyEvent

_NAMED: Final = {
    Qt.Key.Key_Left: "Left",
    Qt.Key.Key_Right: "Right",
    Qt.Key.Key_Up: "Up",
    Qt.Key.Key_Down: "Down",
    Qt.Key.Key_PageUp: "PageUp",
    Qt.Key.Key_PageDown: "PageDown",
    Qt.Key.Key_Home: "Home",
    Qt.Key.Key_End: "End",
    Qt.Key.Key_Insert: "Insert",
    Qt.Key.Key_Delete: "Delete",
    Qt.Key.Key_Tab: "Tab",
    Qt.Key.Key_Space: "Space",
    Qt.Key.Key_Return: "Enter",
    Qt.Key.Key_Enter: "Enter",
    Qt.Key.Key_Escape: "Escape",
    Qt.Key.Key_Backspace: "Backspace",
    **{getattr(Qt.Key, f"Key_F{number}"): f"F{number}" for number in range(1, 13)},
}
_MODIFIERS: Final = (
    (Qt.KeyboardModifier.ControlModifier, "Ctrl"),
    (Qt.KeyboardModifier.ShiftModifier, "Shift"),
    (Qt.KeyboardModifier.AltModifier, "Alt"),
    (Qt.KeyboardModifier.MetaModifier, "Meta"),
)
_ALONE: Final = (
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Meta,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_NumLock,
)


def pressed_key(event: QKeyEvent) -> str:
    """Return the key of an event as people read it, ``Ctrl+Shift+Z``; nothing while only Shift and the like are held.

    Shift that makes another character of a key counts as part of it, as
    napari has it: ``?`` and not ``Shift+/``.
    """
    key = Qt.Key(event.key())
    if key in _ALONE:
        return ""
    name = _NAMED.get(key) or (chr(event.key()) if 32 < event.key() < 0x110000 else "")
    held = [word for modifier, word in _MODIFIERS if event.modifiers() & modifier]
    if key not in _NAMED and not name.isalpha() and "Ctrl" not in held and "Shift" in held:
        held.remove("Shift")
    return "+".join([*held, name]) if name else "this key"
