"""A small arrow that folds what stands below it away, and remembers so for the next session."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QToolButton, QWidget

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.user_state import recall, remember
from napari_geolabel.widgets.parts import set_tooltip

ARROW_PX = 14
_KEPT_AS = "folds"
_OPEN, _FOLDED = "\N{BLACK DOWN-POINTING SMALL TRIANGLE}", "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}"


class FoldArrow(QToolButton):  # type: ignore[misc]  # qtpy has no types
    """Shows and hides a widget.

    Parameters
    ----------
    name
        What is folded, in words for the tooltip; also what the choice is kept under.
    body
        The widget.
    is_open
        Whether it is seen for who has never folded or unfolded it.
    """

    def __init__(self, name: str, body: QWidget, *, is_open: bool) -> None:
        super().__init__()
        self._name, self._body, self._is_open_at_first = name, body, is_open
        kept = recall(_KEPT_AS, name).get("is_open")
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # so that keys stay with the map
        self.setStyleSheet("QToolButton { border: none; background: transparent; padding: 0; }")
        self.setFixedWidth(ARROW_PX)
        self.setChecked(kept if isinstance(kept, bool) else is_open)
        self._show()
        self.toggled.connect(self._show)
        self.clicked.connect(self._keep)

    def _show(self, *_: object) -> None:
        is_open = self.isChecked()
        self.setText(_OPEN if is_open else _FOLDED)
        set_tooltip(self, f"fold {self._name} away" if is_open else f"unfold {self._name}")
        self._body.setVisible(is_open)

    def _keep(self) -> None:
        """Remember what a person chose."""
        is_open = self.isChecked()
        try:
            remember(_KEPT_AS, self._name, {} if is_open == self._is_open_at_first else {"is_open": is_open})
        except GeoLabelError as error:
            warn(str(error))
