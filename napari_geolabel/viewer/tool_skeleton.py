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
    def points(self) -> FloatArray:
        """The points set so far, without those that were left out."""
        places = super().points
        return places[np.isfinite(places).all(axis=1)]

    @property
    def can_finish(self) -> bool:
        """Whether there are two points."""
        return len(self.points) >= 2

    def finish(self) -> BaseGeometry:
        """Return the points set so far, NaN for those that were left out; see `Sketch.finish`."""
        if not self.can_finish:
            raise self._too_few()
        return shapely.MultiPoint(np.array(self._points))

    def skip(self) -> BaseGeometry | None:
        """Leave the next point out, which is not to be seen; return the skeleton if that was the last one.

        Raises
        ------
        GeometryError
            If less than two points would be left; the sketch is then as before.
        """
        return self.click(np.full(2, np.nan))

    def lines(self, cursor: FloatArray) -> list[FloatArray]:
        """Return the lines between the points that are set, and on to the cursor."""
        edges = () if self.skeleton is None else self.skeleton.edges
        places = [*self._points, cursor]
        drawn = [np.array([places[a], places[b]]) for a, b in edges if max(a, b) < len(places)]
        return [line for line in drawn if np.isfinite(line).all()]

    def text(self, cursor: FloatArray) -> str:  # noqa: ARG002  (it is the name that matters)
        """Return which point comes next."""
        names = self._names
        number = len(self._points)
        return f"next: {names[number]} ({number + 1} of {len(names)})" if number < len(names) else ""

    @property
    def _names(self) -> tuple[str, ...]:
        return () if self.skeleton is None else tuple(point.name for point in self.skeleton.points)

    def _completed(self, point: FloatArray) -> BaseGeometry | None:
        left = len(self._names) - len(self._points) - 1
        set_so_far = len(self.points) + int(np.isfinite(point).all())
        if set_so_far + max(left, 0) < min(2, len(self._names)):
            raise GeometryError("a skeleton needs two points that are seen; set this one, or take one back")
        return shapely.MultiPoint(np.array([*self._points, point])) if left <= 0 else None

    def _too_few(self) -> Exception:
        begun = len(self._points)
        missing = " and ".join(self._names[begun : begun + 2 - len(self.points)])
        return GeometryError(f"the skeleton still needs {missing or 'a point'}; click there")
