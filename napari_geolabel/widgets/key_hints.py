"""Texts that name keys, and say the new one when a person gives something another key."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QObject
from qtpy.QtWidgets import QWidget

from napari_geolabel.viewer.key_ring import KeyRing
from napari_geolabel.widgets.parts import set_tooltip


class KeyHint(QObject):  # type: ignore[misc]  # qtpy has no types
    """Keeps a text of a widget up to date; it lives as long as the widget."""

    def __init__(self, widget: QWidget, keys: KeyRing, text: str, show: Callable[[QWidget, str], None]) -> None:
        super().__init__(widget)
        self._keys, self._text, self._show_text = keys, text, show
        keys.changed.connect(self._show)  # psygnal holds a bound method weakly
        self._show()

    def _show(self) -> None:
        self._show_text(self.parent(), self._text.format_map(self._keys.labels))


def hint(widget: QWidget, keys: KeyRing, text: str, show: Callable[[QWidget, str], None] = set_tooltip) -> None:
    """Show a text with the names of keys in braces, ``"all annotations ({table})"``, with the keys as they are.

    Parameters
    ----------
    widget
        What the text belongs to.
    keys
        The keys of the session.
    text
        The text; braces hold names of `key_names`.
    show
        Shows it; by default as a tooltip.
    """
    KeyHint(widget, keys, text, show)
