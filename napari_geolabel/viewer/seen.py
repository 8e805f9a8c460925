"""What of a scene has been looked at, near enough to see its pixels and for long enough to search it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.seen_memory import recall_seen, remember_seen

if TYPE_CHECKING:
    from napari_geolabel.viewer.session import Session

NEAR = 0.5
"""Screen pixels for a pixel of the scene from which on what is in view counts as seen."""
REST_MS = 1_000, 6_000
"""How long the view must rest before what is in it counts as seen: at least, and at most."""
PIXELS_PER_MS = 200
"""How many pixels of the scene one looks through in a millisecond: a view of a million takes five seconds."""
KEEP_MS = 60_000
"""How often what is seen is kept while a session goes on; its end keeps it too."""
LONGEST = 96
"""Rows or columns of the raster of what is seen, whichever are more."""


class Seen:
    """A coarse raster of a scene that remembers what was in view, also from session to session.

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
        self._is_due = False
        rows, cols = session.scene.grid.shape
        self._px = max(max(rows, cols) / LONGEST, 1.0)  # side of a place of the raster, in scene pixels
        shape = int(np.ceil(rows / self._px)), int(np.ceil(cols / self._px))
        self._raster = self._kept = recall_seen(self._path, shape)
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
        self._take(np.zeros_like(self._raster))

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
            raster = self._raster.copy()
            raster[rows, cols] = True
            self._take(raster)

    @property
    def _events(self) -> tuple[Any, ...]:
        camera = self._session.viewer.scene.camera.events
        return camera.center, camera.zoom

    def _on_move(self, *_: object) -> None:
        self._moves += 1
        self._defer(partial(self._rest, self._moves), self._rest_ms())
        self.moved.emit()

    def _rest_ms(self) -> int:
        """Return how long it takes to look through what is in view, its part of the scene only."""
        rows, cols = self._session.scene.grid.shape
        x0, y0, x1, y1 = self._session.ways.view
        pixels = max(min(x1, cols) - max(x0, 0), 0) * max(min(y1, rows) - max(y0, 0), 0)
        return int(np.clip(pixels / PIXELS_PER_MS, *REST_MS))

    def _rest(self, moves: int) -> None:
        if moves == self._moves and not self._session.is_closed:
            self.note()

    def _take(self, raster: NDArray[np.bool_]) -> None:
        self._raster = raster
        if not self._is_due:
            self._is_due = True
            self._defer(self._keep, KEEP_MS)
        self.changed.emit()

    def _keep(self) -> None:
        """Remember what is seen for the next session."""
        self._is_due = False
        if self._raster is self._kept:
            return
        self._kept = self._raster
        try:
            remember_seen(self._path, self._raster)
        except GeoLabelError as error:  # it is a comfort, and no reason to stop anything
            warn(str(error))

    @property
    def _path(self) -> Path | None:
        labels = self._session.labels
        return labels.path or labels.scene.path

    def _defer(self, action: Callable[[], None], milliseconds: int) -> None:
        self._session.label_views.wiring["defer"](action, milliseconds)

    def _end(self) -> None:
        for event in self._events:
            event.disconnect(self._on_move)
        self._keep()


def _between(low: float, high: float) -> slice:
    """Return the whole numbers from 0 on that lie between two numbers."""
    return slice(max(int(np.ceil(low)), 0), max(int(np.floor(high)) + 1, 0))
