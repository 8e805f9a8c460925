"""Skeletons: the named points of a thing, one click each."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import FloatArray
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.skeletons import Skeleton
from napari_geolabel.viewer.tool_sketch import Sketch


class SkeletonSketch(Sketch):
    """Points in the order of a skeleton, which says who is next; ended sooner by double click or Enter."""

    kind: ClassVar[Kind] = Kind.KEYPOINT
    keeps_draft: ClassVar[bool] = False
    skeleton: Skeleton | None = None
    """What is drawn."""

    @property
    def can_finish(self) -> bool:
        """Whether there are two points."""
        return len(self._points) >= 2

    def finish(self) -> BaseGeometry:
        """Return the points set so far; see `Sketch.finish`."""
        if not self.can_finish:
            raise self._too_few()
        return shapely.MultiPoint(self.points)

    def lines(self, cursor: FloatArray) -> list[FloatArray]:
        """Return the lines between the points that are set, and on to the cursor."""
        edges = () if self.skeleton is None else self.skeleton.edges
        places = [*self._points, cursor]
        return [np.array([places[a], places[b]]) for a, b in edges if max(a, b) < len(places)]

    def text(self, cursor: FloatArray) -> str:  # noqa: ARG002  (it is the name that matters)
        """Return which point comes next."""
        names = self._names
        number = len(self._points)
        return f"next: {names[number]} ({number + 1} of {len(names)})" if number < len(names) else ""

    @property
    def _names(self) -> tuple[str, ...]:
        return () if self.skeleton is None else tuple(point.name for point in self.skeleton.points)

    def _completed(self, point: FloatArray) -> BaseGeometry | None:
        is_last = len(self._points) + 1 >= len(self._names)
        return shapely.MultiPoint(np.array([*self._points, point])) if is_last else None

    def _too_few(self) -> Exception:
        missing = " and ".join(self._names[len(self._points) : 2])
        return GeometryError(f"the skeleton still needs {missing or 'a point'}; click there")
