"""How long, wide and large what is being drawn is on the ground, written on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import FloatArray, GeoGrid, distance_m, heading_deg, measure_box
from napari_geolabel.geo.measure import area_m2, length_m

if TYPE_CHECKING:
    from napari.components import ViewerModel

POSITION = "top_left"
MOST_POINTS = 500
"""More points are not measured while the mouse moves."""


class Readout:
    """One line of text in a corner of the canvas, which otherwise belongs to whoever wrote there before.

    Parameters
    ----------
    viewer
        The viewer that shows it.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        self._overlay = viewer.canvas.overlays.text
        self._before: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        """What is shown now, empty for nothing of ours."""
        return "" if self._before is None else str(self._overlay.text)

    def show(self, text: str) -> None:
        """Show a text, or nothing for an empty one."""
        if not text:
            self.clear()
            return
        if self._before is None:
            self._before = {name: getattr(self._overlay, name) for name in ("text", "visible", "position")}
            self._overlay.position = POSITION
        if self._overlay.text != text:
            self._overlay.text = text
        self._overlay.visible = True

    def clear(self) -> None:
        """Give the corner back as it was."""
        if self._before is not None:
            for name, value in self._before.items():
                setattr(self._overlay, name, value)
            self._before = None


def box_text(corners: FloatArray, grid: GeoGrid) -> str:
    """Return length, width and true heading of a rotated box, shape (4, 2); in pixels without a georeference."""
    if not grid.is_georeferenced:
        return f"length {_px(corners[0] - corners[3])} · width {_px(corners[1] - corners[0])}"
    return _told(lambda: _box_text(corners, grid))


def axis_text(bow: FloatArray, stern: FloatArray, grid: GeoGrid) -> str:
    """Return the length and true heading of an axis."""
    if not grid.is_georeferenced:
        return f"length {_px(bow - stern)}"
    return _told(
        lambda: f"length {distance_m(grid, stern, bow):.1f} m · heading {_degrees(heading_deg(grid, stern, bow))}"
    )


def sides_text(corners: FloatArray, grid: GeoGrid) -> str:
    """Return how wide and high a box along the pixel axes is, from its corners in order, shape (4, 2)."""
    if not grid.is_georeferenced:
        return f"{_px(corners[1] - corners[0])} x {_px(corners[2] - corners[1])}"
    return _told(
        lambda: f"{distance_m(grid, corners[0], corners[1]):.1f} x {distance_m(grid, corners[1], corners[2]):.1f} m"
    )


def line_text(points: FloatArray, grid: GeoGrid) -> str:
    """Return the length of a line of pixel points, shape (n, 2)."""
    if not 2 <= len(points) <= MOST_POINTS:
        return ""
    line = shapely.LineString(points)
    return (
        _told(lambda: f"length {length_m(grid, line):.1f} m")
        if grid.is_georeferenced
        else f"length {line.length:.1f} px"
    )


def area_text(points: FloatArray, grid: GeoGrid) -> str:
    """Return the area inside a ring of pixel points, shape (n, 2)."""
    if not 3 <= len(points) <= MOST_POINTS:
        return ""
    ring = shapely.Polygon(points)
    if not grid.is_georeferenced:
        return f"area {ring.area:.0f} px²"
    return _told(lambda: f"area {_square_metres(area_m2(grid, ring))}")


def _box_text(corners: FloatArray, grid: GeoGrid) -> str:
    box = measure_box(corners, grid)
    return f"length {box.length_m:.1f} m · width {box.width_m:.1f} m · heading {_degrees(box.heading_deg)}"


def _told(text: Any) -> str:  # noqa: ANN401  (a function)
    """Return a text; nothing beyond the reach of the projection."""
    try:
        return str(text())
    except GeoLabelError:
        return ""


def _px(step: FloatArray) -> str:
    return f"{np.hypot(*step):.1f} px"


def _degrees(angle: float) -> str:
    return f"{round(angle, 1) % 360:.1f}°"


def _square_metres(area: float) -> str:
    return f"{area:.0f} m²" if area < 1e6 else f"{area / 1e6:.2f} km²"
