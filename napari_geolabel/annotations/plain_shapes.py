"""The quick yes for one geometry: most of what is drawn is sound as it is, and one look says so.

The checks of ``shapes`` take any number of geometries at once, which for a
single one costs twenty times as much as looking at its few points.  What is
not plainly sound here is left to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from math import isfinite

import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.ontology.kinds import Kind

MOST_POINTS = 64
"""Above that many points numpy is the quicker one."""
_EXTENT = 1e-6
"""Area or length in pixels above which no rounding can make it nothing."""

Points = list[list[float]]


def is_plainly_sound(geometry: BaseGeometry, kind: Kind) -> bool:
    """Return whether a geometry stands for a kind just as it is; False where that takes a closer look."""
    rule = _RULES.get((type(geometry), kind))
    if rule is None or geometry.has_z:
        return False
    points: Points = shapely.get_coordinates(geometry).tolist()
    if not 0 < len(points) <= MOST_POINTS or not all(isfinite(x) and isfinite(y) for x, y in points):
        return False
    return rule(geometry, points)


def _is_box(_: BaseGeometry, points: Points) -> bool:
    if len(points) != 5:
        return False
    (x0, y0), (x1, y1), (x2, y2), (x3, y3), _end = points
    upright_first = x0 == x1 and y1 == y2 and x2 == x3 and y3 == y0
    level_first = y0 == y1 and x1 == x2 and y2 == y3 and x3 == x0
    return (upright_first or level_first) and x0 != x2 and y0 != y2 and abs((x2 - x0) * (y2 - y0)) > _EXTENT


def _is_rotated_box(geometry: BaseGeometry, points: Points) -> bool:
    if len(points) != 5:
        return False
    edges = [(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in pairwise(points)]
    ahead = [*edges[1:], edges[0]]
    turns = [x * b - y * a for (x, y), (a, b) in zip(edges, ahead, strict=True)]
    return (min(turns) > 0 or max(turns) < 0) and _has_area(geometry, points)


def _has_area(geometry: BaseGeometry, _: Points) -> bool:
    return bool(geometry.area > _EXTENT)


def _has_length(geometry: BaseGeometry, _: Points) -> bool:
    return bool(geometry.length > _EXTENT)


_RULES: Mapping[tuple[type, Kind], Callable[[BaseGeometry, Points], bool]] = {
    (shapely.Polygon, Kind.BOX): _is_box,
    (shapely.Polygon, Kind.ROTATED_BOX): _is_rotated_box,
    (shapely.Polygon, Kind.POLYGON): _has_area,
    (shapely.LineString, Kind.POLYLINE): _has_length,
    (shapely.Point, Kind.KEYPOINT): lambda _geometry, points: len(points) == 1,
}
