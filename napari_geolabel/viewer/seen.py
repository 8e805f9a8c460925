"""What of a scene has been looked at, near enough to see its pixels, since the session began."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from napari_geolabel.viewer.frame import Frame

if TYPE_CHECKING:
    from napari_geolabel.viewer.session import Session

NEAR = 0.5
"""Screen pixels for a pixel of the scene from which on what is in view counts as seen."""
REST_MS = 300
"""How long the view must rest before what is in it counts as seen."""
LONGEST = 96
"""Rows or columns of the raster of what is seen, whichever are more."""


class Seen:
    """A coarse raster of a scene that remembers what was in view.

    Parameters
    ----------
    session
        The session whose view counts.
    """

    moved = Signal()
    """Emitted when the view moves."""
    changed = Signal()
    """Emitted when more of the scene has been seen, or it is forgotten."""

    def __init__(self, session: Session) -> None:
        self._session, self._moves = session, 0
        rows, cols = session.scene.grid.shape
        self._px = max(max(rows, cols) / LONGEST, 1.0)  # side of a place of the raster, in scene pixels
        self._raster = np.zeros((int(np.ceil(rows / self._px)), int(np.ceil(cols / self._px))), bool)
        for event in self._events:
            event.connect(self._on_move)
        session.closed.connect(self._end)

    @property
    def raster(self) -> NDArray[np.bool_]:
        """What was seen, True where it was, over the whole scene: shape (rows, cols), 96 on the longer side."""
        return self._raster.copy()

    @property
    def share(self) -> float:
        """How much of the scene was seen, from 0 to 1."""
        return float(self._raster.mean())

    def forget(self) -> None:
        """Begin anew."""
        self._raster[:] = False
        self.changed.emit()

    def begin(self) -> None:
        """Count what is in view at first."""
        self._on_move()

    def note(self) -> None:
        """Count what is in view now as seen, if it is near enough."""
        zoom = float(self._session.viewer.scene.camera.zoom) * min(Frame.of(self._session.scene.grid).pixel_size)
        if zoom < NEAR:
            return
        x0, y0, x1, y1 = (bound / self._px - 0.5 for bound in self._session.ways.view)  # in places, at their middles
        rows, cols = _between(y0, y1), _between(x0, x1)
        if not self._raster[rows, cols].all():
            self._raster[rows, cols] = True
            self.changed.emit()

    @property
    def _events(self) -> tuple[Any, ...]:
        camera = self._session.viewer.scene.camera.events
        return camera.center, camera.zoom

    def _on_move(self, *_: object) -> None:
        self._moves += 1
        self._session.label_views.wiring["defer"](partial(self._rest, self._moves), REST_MS)
        self.moved.emit()

    def _rest(self, moves: int) -> None:
        if moves == self._moves and not self._session.is_closed:
            self.note()

    def _end(self) -> None:
        for event in self._events:
            event.disconnect(self._on_move)


def _between(low: float, high: float) -> slice:
    """Return the whole numbers from 0 on that lie between two numbers."""
    return slice(max(int(np.ceil(low)), 0), max(int(np.floor(high)) + 1, 0))
