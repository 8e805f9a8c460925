"""Polygons, lines and keypoints: as many clicks as it takes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import FloatArray
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.readout import area_text, line_text
from napari_geolabel.viewer.tool_sketch import Sketch


class PolylineSketch(Sketch):
    """A line by clicks, finished by double click or Enter."""

    kind: ClassVar[Kind] = Kind.POLYLINE
    traces: ClassVar[bool] = True

    @property
    def can_finish(self) -> bool:
        """Whether there are two different points."""
        return len(np.unique(self.points, axis=0)) >= 2

    def finish(self) -> BaseGeometry:
        """Return the line; see `Sketch.finish`."""
        if not self.can_finish:
            raise self._too_few()
        return shapely.LineString(self.points)

    def lines(self, cursor: FloatArray) -> list[FloatArray]:
        """Return the line on to the cursor."""
        return [np.concatenate([self.points, [cursor]])]

    def text(self, cursor: FloatArray) -> str:
        """Return the length on to the cursor."""
        return line_text(np.concatenate([self.points, [cursor]]), self._grid)

    def _completed(self, point: FloatArray) -> BaseGeometry | None:  # noqa: ARG002  (there may always be one more)
        return None

    def _too_few(self) -> Exception:
        return GeometryError(f"the line needs two points and has {len(self._points)}; click to set more")


class PolygonSketch(PolylineSketch):
    """A polygon by clicks, finished by double click or Enter."""

    kind: ClassVar[Kind] = Kind.POLYGON

    @property
    def can_finish(self) -> bool:
        """Whether there are three different points."""
        return len(np.unique(self.points, axis=0)) >= 3

    def finish(self) -> BaseGeometry:
        """Return the polygon; see `Sketch.finish`."""
        if not self.can_finish:
            raise self._too_few()
        return shapely.Polygon(self.points)

    def lines(self, cursor: FloatArray) -> list[FloatArray]:
        """Return the outline by way of the cursor."""
        return [np.concatenate([self.points, [cursor], self.points[:1]])] if self._points else []

    def text(self, cursor: FloatArray) -> str:
        """Return the area by way of the cursor."""
        return area_text(np.concatenate([self.points, [cursor]]), self._grid)

    def _too_few(self) -> Exception:
        return GeometryError(f"the polygon needs three points and has {len(self._points)}; click to set more")


class KeypointSketch(Sketch):
    """A keypoint by one click."""

    kind: ClassVar[Kind] = Kind.KEYPOINT

    def lines(self, cursor: FloatArray) -> list[FloatArray]:  # noqa: ARG002  (the mouse pointer is preview enough)
        """Return nothing."""
        return []

    def _completed(self, point: FloatArray) -> BaseGeometry:
        return shapely.Point(point)

    def _too_few(self) -> Exception:
        return GeometryError("the keypoint needs its place; click it")
