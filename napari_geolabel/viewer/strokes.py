"""Line pieces for a Vectors layer: dashes along outlines, numbers beside them, lines with arrow heads.

napari's Shapes have neither dashes nor cheap text, and line pieces are drawn
as fast as nothing else.  All lengths are scene pixels; whoever wants them in
screen pixels divides by the zoom.  Pieces are starts and ends ``(x, y)``,
arrays of shape (n, 2, 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.geo import FloatArray

#  _a_
# f   b
#  _g_     the seven strokes of a digit, on a field of 1 x 2 with y downwards
# e   c
#  _d_
_STROKES = {
    "a": ((0, 0), (1, 0)),
    "b": ((1, 0), (1, 1)),
    "c": ((1, 1), (1, 2)),
    "d": ((0, 2), (1, 2)),
    "e": ((0, 1), (0, 2)),
    "f": ((0, 0), (0, 1)),
    "g": ((0, 1), (1, 1)),
}
_DIGITS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
_PITCH = 1.6
"""From one digit to the next, as a multiple of its width."""
MOST_RINGS = 20
"""An area with more of them has its casing around the whole."""
_NOTHING = np.zeros((0, 2, 2))


def dashes(geometry: BaseGeometry, on: float, off: float) -> FloatArray:
    """Return the dashes along the outline of an area, or along a line, each ring with a whole number of them."""
    lines = shapely.get_parts(shapely.boundary(geometry) if shapely.get_dimensions(geometry) == 2 else geometry)
    found = [_dashed(shapely.get_coordinates(line), on, off) for line in lines]
    return np.concatenate(found) if found else _NOTHING


def edges(geometry: BaseGeometry) -> FloatArray:
    """Return the whole outline of an area, or a line, edge by edge."""
    lines = shapely.get_parts(shapely.boundary(geometry) if shapely.get_dimensions(geometry) == 2 else geometry)
    points = [shapely.get_coordinates(line) for line in lines]
    return joined([np.stack([line[:-1], line[1:]], axis=1) for line in points])


@lru_cache(maxsize=32)
def casing(geometry: BaseGeometry, distance: float) -> FloatArray:
    """Return the line around a geometry at a distance; around one of many rings it is that around their convex hull.

    It is kept, since other panes want it too: the outline of a rough area takes
    0.04 s, and that of 300 loose pixels 0.2 s, which would be no more than a tangle.
    """
    if len(shapely.get_parts(shapely.boundary(geometry))) > MOST_RINGS:
        geometry = geometry.convex_hull
    coarse = geometry.simplify(distance / 8, preserve_topology=False)
    return edges((geometry if coarse.is_empty else coarse).buffer(distance, join_style="mitre"))


def digits(number: int, corner: tuple[float, float], height: float) -> FloatArray:
    """Return the strokes of a number whose lower left corner is at a point."""
    width, pieces = height / 2, list[FloatArray]()
    for place, digit in enumerate(str(number)):
        shift = np.array([_PITCH * place, -2.0])
        pieces += [np.array(_STROKES[stroke], np.float64) + shift for stroke in _DIGITS[int(digit)]]
    return np.array(pieces).reshape(-1, 2, 2) * width + corner


def arrow(start: FloatArray, end: FloatArray, head: float) -> FloatArray:
    """Return a line with an arrow head at its end; one that is too short for a head is a line."""
    along = np.asarray(end, np.float64) - start
    length = float(np.hypot(*along))
    shaft = np.array([[start, end]], np.float64)
    if length <= head:
        return shaft
    back, side = -along / length * head, np.array([-along[1], along[0]]) / length * head / 2
    return np.concatenate([shaft, [[end, end + back + side], [end, end + back - side]]])


def star(points: FloatArray) -> FloatArray:
    """Return the lines from each of some points, shape (n, 2), to their middle."""
    middle = points.mean(axis=0)
    return np.stack([points, np.broadcast_to(middle, points.shape)], axis=1)


def joined(parts: Sequence[FloatArray]) -> FloatArray:
    """Return all pieces of some arrays in one."""
    return np.concatenate([_NOTHING, *parts])


def _dashed(points: FloatArray, on: float, off: float) -> FloatArray:
    """Return the dashes along one line of points, shape (n, 2); a dash cuts the corner that it lies over."""
    steps = np.hypot(*np.diff(points, axis=0).T)
    along = np.r_[0.0, np.cumsum(steps)]
    total = float(along[-1])
    if not total:
        return _NOTHING
    count = max(1, round(total / (on + off)))
    starts = np.arange(count) * (total / count)
    ends = starts + total / count * on / (on + off)
    places = np.stack([starts, ends], axis=1)
    return np.stack([np.interp(places, along, points[:, 0]), np.interp(places, along, points[:, 1])], axis=2)
