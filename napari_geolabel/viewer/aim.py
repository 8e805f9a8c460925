"""Where a click goes: to the mouse, or to a vertex or edge of a neighbour, and along its outline."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from psygnal import Signal

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.snapping import Snap, nearest_snap, way_along
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.geo import FloatArray

REACH_PX = 10.0
"""How near the mouse must be to what it snaps to, in screen pixels."""


class Aim:
    """Draws the mouse to neighbours while that is switched on.

    Parameters
    ----------
    store
        The annotations.
    screen_px
        Returns the screen pixels that a scene pixel covers, ``(width, height)``.
    shows
        Says of an annotation whether it is seen.
    """

    changed = Signal()
    """Emitted when snapping or tracing is switched."""

    def __init__(
        self,
        store: AnnotationStore,
        screen_px: Callable[[], FloatArray],
        shows: Callable[[Annotation], bool] = lambda _annotation: True,
    ) -> None:
        self._store, self._screen_px, self._shows = store, screen_px, shows
        self._is_snapping = self._is_tracing = False

    @property
    def is_snapping(self) -> bool:
        """Whether points snap to vertices and edges of annotations; without it nothing is traced either."""
        return self._is_snapping

    @is_snapping.setter
    def is_snapping(self, on: bool) -> None:
        self._is_snapping, self._is_tracing = on, self._is_tracing and on
        self.changed.emit()

    @property
    def is_tracing(self) -> bool:
        """Whether a line between two points of one outline follows it; switching it on switches snapping on."""
        return self._is_tracing

    @is_tracing.setter
    def is_tracing(self, on: bool) -> None:
        self._is_tracing, self._is_snapping = on, self._is_snapping or on
        self.changed.emit()

    def toggle_snapping(self) -> None:
        """Switch snapping on or off."""
        self.is_snapping = not self._is_snapping

    def toggle_tracing(self) -> None:
        """Switch tracing on or off."""
        self.is_tracing = not self._is_tracing

    def snap(self, point: FloatArray) -> Snap | None:
        """Return what a pixel point ``(x, y)`` is drawn to, None where nothing is near or snapping is off."""
        if not self._is_snapping:
            return None
        return nearest_snap(self._store, point, REACH_PX, self._screen_px(), counts=self._shows)

    def way(self, last: FloatArray | None, snap: Snap | None) -> FloatArray:
        """Return the vertices to set between the last point and a snapped one, shape (n, 2), while tracing."""
        if not self._is_tracing or last is None or snap is None or snap.annotation_id not in self._store:
            return np.zeros((0, 2))
        return way_along(self._store[snap.annotation_id].geometry, last, snap.point)
