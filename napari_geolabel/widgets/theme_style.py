"""Colours of our texts and pictures that follow napari's theme: to be read in a dark and in a light window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject
from qtpy.QtGui import QIcon
from qtpy.QtWidgets import QAbstractButton, QWidget

if TYPE_CHECKING:
    from napari.utils.theme import Theme

REFUSAL_ON_DARK, REFUSAL_ON_LIGHT = "#ff8f8f", "#a3000f"
"""Of a sentence that says what was not taken: napari's own colour of errors is too dark for letters."""
HINT_ALPHA = 0.72
"""Opacity of what stands in an empty field; Qt's half is too pale to be read."""


class ThemeFollower(QObject):  # type: ignore[misc]  # qtpy has no types
    """Shows a widget in the colours of napari's theme; it lives as long as the widget."""

    def __init__(self, widget: QWidget, show: Callable[[QWidget, Theme], None]) -> None:
        from napari.settings import get_settings

        super().__init__(widget)
        self._show_in = show
        get_settings().appearance.events.theme.connect(self._show)  # napari holds a bound method weakly
        self._show()

    def _show(self, _event: object = None) -> None:
        from napari.settings import get_settings
        from napari.utils.theme import get_theme

        self._show_in(self.parent(), get_theme(get_settings().appearance.theme))


def follow_theme(widget: QWidget, style: Callable[[Theme], str]) -> None:
    """Give a widget a style sheet that is made from napari's theme, now and whenever that changes."""
    ThemeFollower(widget, lambda it, theme: it.setStyleSheet(style(theme)))


def follow_theme_by_icon(button: QAbstractButton, icon: Callable[[Theme], QIcon]) -> None:
    """Give a button a picture that is made from napari's theme, now and whenever that changes."""
    ThemeFollower(button, lambda it, theme: it.setIcon(icon(theme)))


def refusal_color(theme: Theme) -> str:
    """Return the colour of a sentence that says what was not taken."""
    red, green, blue = theme.background.as_rgb_tuple()[:3]
    is_dark = 0.299 * red + 0.587 * green + 0.114 * blue < 128
    return REFUSAL_ON_DARK if is_dark else REFUSAL_ON_LIGHT


def refusal_style(theme: Theme) -> str:
    """Return the style of a label with a sentence that says what was not taken."""
    return f"QLabel {{ color: {refusal_color(theme)}; }}"


def current_style(theme: Theme) -> str:
    """Return the style of a list whose current row stands out as napari's own pressed buttons do."""
    return f"QAbstractItemView::item:selected {{ background: {theme.current.as_hex()}; color: {theme.text.as_hex()}; }}"


def hint_style(theme: Theme) -> str:
    """Return the style of fields and all they stand in, whose hints can be read."""
    red, green, blue = theme.text.as_rgb_tuple()[:3]
    return f"QLineEdit {{ placeholder-text-color: rgba({red}, {green}, {blue}, {round(255 * HINT_ALPHA)}); }}"
