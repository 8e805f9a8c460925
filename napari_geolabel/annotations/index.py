"""Which annotations lie in a rectangle, fast and always up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.annotations.annotation import Annotation

Bounds = tuple[float, float, float, float]
"""``(x0, y0, x1, y1)`` in pixel coordinates."""

_DIRTY_LIMIT = 2_000  # testing that many boxes one by one costs less than building a tree of 100,000


class SpatialIndex:
    """An STRtree of the past, and the set of ids that have changed since.

    A tree cannot be edited.  What has changed is looked at one by one, until
    there is so much of it that the next query builds a new tree.
    """

    def __init__(self, annotations: Mapping[str, Annotation]) -> None:
        self._annotations = annotations
        self._ids: NDArray[np.object_] = np.array([], dtype=object)
        self._tree = shapely.STRtree([])
        self._dirty: set[str] = set(annotations)

    def mark(self, ids: Iterable[str]) -> None:
        """Note annotations that were added, updated or removed."""
        self._dirty.update(ids)

    def query(self, bounds: Bounds) -> list[str]:
        """Return the ids of annotations whose bounding box meets the rectangle, its border included, in no order."""
        if len(self._dirty) > _DIRTY_LIMIT:
            self._rebuild()
        hits = self._ids[self._tree.query(_box(bounds))]
        return [hit for hit in hits if hit not in self._dirty] + self._dirty_hits(bounds)

    def count(self, bounds: Bounds) -> int:
        """Return about how many annotations `query` would find, much faster than finding them.

        What has changed since the tree was built may count twice, never too little.
        """
        if len(self._dirty) > _DIRTY_LIMIT:
            self._rebuild()
        return len(self._tree.query(_box(bounds))) + len(self._dirty_hits(bounds))

    def _dirty_hits(self, bounds: Bounds) -> list[str]:
        """Return the hits among what has changed since the tree was built."""
        ids = [dirty for dirty in self._dirty if dirty in self._annotations]
        if not ids:
            return []
        x0, y0, x1, y1 = shapely.bounds(np.array([self._annotations[i].geometry for i in ids], dtype=object)).T
        left, right = sorted((bounds[0], bounds[2]))
        top, bottom = sorted((bounds[1], bounds[3]))
        inside = (x0 <= right) & (x1 >= left) & (y0 <= bottom) & (y1 >= top)
        return [ids[index] for index in np.flatnonzero(inside)]

    def _rebuild(self) -> None:
        self._ids = np.array(list(self._annotations), dtype=object)
        self._tree = shapely.STRtree([annotation.geometry for annotation in self._annotations.values()])
        self._dirty.clear()


def _box(bounds: Bounds) -> shapely.Polygon:
    """Return the rectangle of bounds, whichever corners they name."""
    x0, y0, x1, y1 = bounds
    return shapely.box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
