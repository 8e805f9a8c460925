"""Areas without corners: drawn with a free hand, or as an ellipse."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import FloatArray
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.reading_back import ellipse_points
from napari_geolabel.viewer.tool_box import BoxSketch
from napari_geolabel.viewer.tool_line import PolygonSketch

STEP_PX = 2.0
"""How far the hand moves before the next point is set, in screen pixels."""
TOLERANCE_PX = 0.75
"""How far leaving points out may move the outline, in screen pixels."""


class LassoSketch(PolygonSketch):
    """A polygon by one stroke of the mouse with the button held; clicks before it set corners."""

    takes_drags: ClassVar[bool] = True
    snaps: ClassVar[bool] = False
    _screen_px: float = 1.0

    def drag(self, point: FloatArray, screen_px: float) -> None:
        """Set a point where the hand has moved on far enough."""
        self._screen_px = screen_px
        if not self._points or np.abs(point - self._points[-1]).max() >= STEP_PX * screen_px:
            self._points.append(np.asarray(point, np.float64))

    def release(self, point: FloatArray) -> BaseGeometry | None:
        """Return the polygon that the stroke has drawn, None where it was too short for one."""
        self.click(point)
        return self.finish() if self.can_finish else None

    def finish(self) -> BaseGeometry:
        """Return the polygon without the points that a screen does not show; see `Sketch.finish`."""
        drawn = super().finish()
        simple = shapely.simplify(drawn, TOLERANCE_PX * self._screen_px, preserve_topology=True)
        return drawn if simple.is_empty or not simple.area else simple


class EllipseSketch(BoxSketch):
    """A polygon that stands for the ellipse in a box: press, drag and release, or two clicks."""

    kind: ClassVar[Kind] = Kind.POLYGON
    keeps_draft: ClassVar[bool] = False

    def lines(self, cursor: FloatArray) -> list[FloatArray]:
        """Return the ellipse and the box around it."""
        box = super().lines(cursor)
        if not box or np.equal(self._points[0], cursor).any():
            return box
        ellipse = ellipse_points(box[0][:4])
        return [np.concatenate([ellipse, ellipse[:1]]), *box]

    def _completed(self, point: FloatArray) -> BaseGeometry | None:
        box = super()._completed(point)
        return None if box is None else shapely.Polygon(ellipse_points(shapely.get_coordinates(box)[:4]))

    def _too_few(self) -> Exception:
        return GeometryError("the ellipse needs the other corner of its box; click it, or drag from corner to corner")
