"""napari's layer controls, out of the way while a session's shapes are in hand: its own panels have what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Qt, QTimer
from qtpy.QtWidgets import QDockWidget, QMainWindow

from napari_geolabel.viewer.scene_layer import SCENE_KEY

if TYPE_CHECKING:
    from napari.layers import Layer

    from napari_geolabel.viewer.session import Session

CONTROLS, LIST = "layer controls", "layer list"
"""Qt's names of napari's docks at the left."""


class LayerControls(QObject):  # type: ignore[misc]  # qtpy has no types
    """Folds the layer controls away for the map, until a layer is chosen that needs them: they stay from then on.

    A mask needs them for brush, eraser and fill, a scene and a layer of
    somebody else for what only they have.  The user shows and hides them by
    *Window > Layer Controls*.

    Parameters
    ----------
    session
        Whose layers need none.
    window
        napari's window.
    parent
        What it lives as long as.
    """

    def __init__(self, session: Session, window: QMainWindow, parent: QObject) -> None:
        super().__init__(parent)
        self._selection = session.viewer.layers.selection
        self._controls, self._list = (window.findChild(QDockWidget, name) for name in (CONTROLS, LIST))
        self._timer = QTimer(self)  # a layer that is added is the active one for a moment
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        is_there = self._controls is not None and self._list is not None and not self._controls.isFloating()
        if not is_there or _needs_controls(self._selection.active):
            return
        self._was_shown = self._controls.isVisible()
        self._controls.hide()
        window.resizeDocks([self._list], [self._list.minimumSizeHint().width()], Qt.Orientation.Horizontal)
        self._selection.events.active.connect(self._on_active)
        session.closed.connect(self._restore)

    def _on_active(self, _event: object) -> None:
        self._timer.start(0)

    def _look(self) -> None:
        if _needs_controls(self._selection.active):
            self._restore()

    def _restore(self) -> None:
        """Show them again, and leave them to the user."""
        self._selection.events.active.disconnect(self._on_active)
        self._timer.stop()
        self._controls.setVisible(self._was_shown or self._controls.isVisible())


def _needs_controls(layer: Layer | None) -> bool:
    from napari.layers import Points, Shapes, Vectors

    return layer is not None and not (isinstance(layer, Points | Shapes | Vectors) and SCENE_KEY in layer.metadata)
