"""Boxes that are rectangles on the ground, whatever the pixels are.

A rotated box is kept as four corners in pixel coordinates, in the order
bow-left, bow-right, stern-right, stern-left as seen on the ground.  Angles
are right in the grid's *ground frame* (metres east and north at the centre
of the grid), so that where pixels are not square the corners form a
parallelogram in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike

from napari_geolabel.errors import GeometryError
from napari_geolabel.geo.grid import FloatArray, GeoGrid
from napari_geolabel.geo.measure import distance_m, ground_matrix, heading_deg


@dataclass(frozen=True, kw_only=True)
class BoxMeasure:
    """Size and direction of a rotated box on the ground."""

    centre: tuple[float, float]
    """Centre in pixel coordinates ``(x, y)``."""

    length_m: float
    """Distance from the middle of the stern to the middle of the bow, in metres."""

    width_m: float
    """Distance across, in metres."""

    heading_deg: float
    """True heading from stern to bow, clockwise from north, in [0, 360)."""


def box_from_axis(bow: ArrayLike, stern: ArrayLike, beam: ArrayLike, grid: GeoGrid) -> FloatArray:
    """Return the corners of the box with an axis from stern to bow whose side passes through ``beam``.

    Parameters
    ----------
    bow, stern, beam
        Pixel points ``(x, y)``.
    grid
        The scene's grid; its ground frame makes the angles right.

    Returns
    -------
    ndarray
        Corners in pixel coordinates, shape (4, 2), from bow-left clockwise on the ground.

    Raises
    ------
    GeometryError
        If bow and stern are one point, or beam lies on the axis.
    """
    matrix = ground_matrix(grid)
    points = np.array([bow, stern, beam], np.float64) @ matrix.T
    axis = points[0] - points[1]
    length = float(np.hypot(*axis))
    if length == 0:
        raise GeometryError("bow and stern are the same point; draw the axis from bow to stern")
    right = np.array([axis[1], -axis[0]]) / length
    half = abs(float(right @ (points[2] - points[1]))) * right
    if not half.any():
        raise GeometryError("the third point lies on the axis, so the box has no width; click beside the ship")
    corners = np.array([points[0] - half, points[0] + half, points[1] + half, points[1] - half])
    return _to_pixels(corners, matrix)


def refit_box(corners: ArrayLike, grid: GeoGrid) -> FloatArray:
    """Return the smallest box, shape (4, 2), that is a rectangle on the ground and covers the points.

    The corner order keeps the direction of the first edge's normal, so that
    the bow stays at the bow.
    """
    matrix = ground_matrix(grid)
    ground = np.asarray(corners, np.float64) @ matrix.T
    envelope = shapely.oriented_envelope(shapely.MultiPoint(ground))
    if envelope.geom_type != "Polygon":
        raise GeometryError("the points of the box lie on one line; draw it with some width")
    ring = _clockwise(shapely.get_coordinates(envelope)[:4])
    bow = (ground[0] + ground[1]) / 2
    starts = [np.roll(ring, -i, axis=0) for i in range(4)]
    best = min(starts, key=lambda c: float(np.hypot(*((c[0] + c[1]) / 2 - bow))))
    return _to_pixels(best, matrix)


def with_corner_at(corners: ArrayLike, index: int, point: ArrayLike) -> FloatArray:
    """Return a box, shape (4, 2), with one corner dragged to a point, the opposite corner and the directions kept.

    Directions are kept in pixels, and so on the ground as well: both frames
    differ by a linear map.

    Raises
    ------
    GeometryError
        If the point lies in line with a side that meets the opposite corner, so that no area is left.
    """
    points, to = np.array(corners, np.float64), np.asarray(point, np.float64)
    following, opposite, preceding = (points[(index + step) % 4] for step in (1, 2, 3))
    sides = np.array([following - opposite, preceding - opposite])
    along, across = np.linalg.solve(sides.T, to - opposite)
    if along == 0 or across == 0:
        raise GeometryError("the box would have no area; drag its corner elsewhere")
    dragged = points.copy()
    dragged[index] = to
    dragged[(index + 1) % 4] = opposite + along * sides[0]
    dragged[(index + 3) % 4] = opposite + across * sides[1]
    # A corner that crosses one side turns the box inside out; left and right change places.
    return dragged if along * across > 0 else dragged[[1, 0, 3, 2]]


def is_rectangle(corners: ArrayLike, grid: GeoGrid, tolerance: float = 1e-6) -> bool:
    """Return whether four pixel points form a rectangle on the ground.

    ``tolerance`` is the largest cosine of a corner angle and the largest
    relative gap between opposite sides.
    """
    ground = np.asarray(corners, np.float64) @ ground_matrix(grid).T
    if ground.shape != (4, 2):
        return False
    edges = np.roll(ground, -1, axis=0) - ground
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    if lengths.min() == 0:
        return False
    cosines = np.abs(np.sum(edges * np.roll(edges, -1, axis=0), axis=1)) / (lengths * np.roll(lengths, -1))
    gap = np.hypot(*(edges[0] + edges[2])) / lengths.max()
    return bool(cosines.max() <= tolerance and gap <= tolerance)


def measure_box(corners: ArrayLike, grid: GeoGrid) -> BoxMeasure:
    """Return the geodesic size and true heading of a box, shape (4, 2), of a georeferenced grid."""
    points = np.asarray(corners, np.float64)
    bow, stern = points[:2].mean(axis=0), points[2:].mean(axis=0)
    left, right = points[[0, 3]].mean(axis=0), points[1:3].mean(axis=0)
    x, y = points.mean(axis=0)
    return BoxMeasure(
        centre=(float(x), float(y)),
        length_m=distance_m(grid, stern, bow),
        width_m=distance_m(grid, left, right),
        heading_deg=heading_deg(grid, stern, bow),
    )


def _to_pixels(ground: FloatArray, matrix: FloatArray) -> FloatArray:
    """Return ground points as pixel points, both shape (n, 2)."""
    return np.asarray(np.linalg.solve(matrix, ground.T).T, np.float64)


def _clockwise(ring: FloatArray) -> FloatArray:
    """Return ground points in clockwise order (east right, north up)."""
    x, y = ring.T
    signed = float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    return ring if signed < 0 else ring[::-1]
