"""Boxes: along the pixel axes by dragging, rotated by three clicks."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import FloatArray, box_from_axis
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.readout import axis_text, box_text, sides_text
from napari_geolabel.viewer.tool_sketch import Sketch


class BoxSketch(Sketch):
    """A box by press, drag and release, or by two clicks on opposite corners."""

    kind: ClassVar[Kind] = Kind.BOX
    takes_drags: ClassVar[bool] = True

    def lines(self, cursor: FloatArray) -> list[FloatArray]:
        """Return the outline from the first corner to the cursor."""
        if not self._points:
            return []
        (x0, y0), (x1, y1) = self._points[0], cursor
        return [np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], np.float64)]

    def text(self, cursor: FloatArray) -> str:
        """Return how wide and high the box is."""
        outline = self.lines(cursor)
        return sides_text(outline[-1][:4], self._grid) if outline else ""

    def _completed(self, point: FloatArray) -> BaseGeometry | None:
        if not self._points:
            return None
        (x0, y0), (x1, y1) = self._points[0], point
        if x0 == x1 or y0 == y1:
            raise GeometryError("the box has no area; set the second corner beside and below the first")
        left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        return shapely.Polygon([(left, top), (right, top), (right, bottom), (left, bottom)])

    def _too_few(self) -> Exception:
        return GeometryError("the box needs its second corner; click it, or drag from corner to corner")


class RotatedBoxSketch(Sketch):
    """A rotated box by three clicks: bow, stern, and a point on either side."""

    kind: ClassVar[Kind] = Kind.ROTATED_BOX

    def lines(self, cursor: FloatArray) -> list[FloatArray]:
        """Return the axis, then the whole outline with a stroke across the bow's side."""
        if not self._points:
            return []
        if len(self._points) == 1:
            return [np.array([self._points[0], cursor])]
        axis = np.array(self._points)
        try:
            corners = self._corners(cursor)
        except GeometryError:
            return [axis]  # the cursor is on the axis, so there is no width yet
        return [np.concatenate([corners, corners[:1]]), axis]

    def text(self, cursor: FloatArray) -> str:
        """Return length and heading, then the width as well."""
        if len(self._points) < 2:
            return axis_text(self._points[0], cursor, self._grid) if self._points else ""
        try:
            return box_text(self._corners(cursor), self._grid)
        except GeometryError:
            return axis_text(self._points[0], self._points[1], self._grid)

    def _completed(self, point: FloatArray) -> BaseGeometry | None:
        if len(self._points) < 2:
            return None
        return shapely.Polygon(self._corners(point))

    def _too_few(self) -> Exception:
        missing = ("the bow, the stern and a point beside", "the stern and a point beside", "a point beside the axis")
        return GeometryError(f"the rotated box still needs {missing[len(self._points)]}; click there")

    def _corners(self, beam: FloatArray) -> FloatArray:
        """Return the corners of the box whose side passes through a point, shape (4, 2)."""
        bow, stern = self._points
        return box_from_axis(bow, stern, beam, self._grid)
