"""An outline that follows a line which the hand has drawn over it.

All geometry is in pixel coordinates ``(x, y)``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import ops
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.reshaping import NEAR_PX, collected, require_outline
from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import FloatArray


def along(geometry: BaseGeometry, line: BaseGeometry) -> BaseGeometry:
    """Return a geometry whose outline follows a drawn line wherever that leaves the outline and comes back to it.

    An outline keeps the larger of the two areas that it could then enclose, so
    that a line outside adds a bay and a line inside cuts one.  A line follows
    the drawn one from their first to their last crossing.

    Raises
    ------
    GeometryError
        If the line crosses itself, or does not meet the outline twice.
    """
    require_outline(geometry)
    if not isinstance(line, shapely.LineString) or not shapely.is_simple(line):
        raise GeometryError("the drawn line crosses itself; draw one line without loops")
    reroute = _line_along if shapely.get_dimensions(geometry) == 1 else _area_along
    result = reroute(geometry, line)
    if result is None:
        raise GeometryError("the line does not leave the outline and come back to it; cross the outline twice")
    return result


def _line_along(geometry: BaseGeometry, line: shapely.LineString) -> BaseGeometry | None:
    """Return lines of which those that cross another twice follow it, None if none does."""
    parts = shapely.get_parts(geometry)
    rerouted = [_rerouted(part, line) for part in parts]
    if not any(rerouted):
        return None
    return collected([new or old for new, old in zip(rerouted, parts, strict=True)])


def _area_along(geometry: BaseGeometry, line: shapely.LineString) -> BaseGeometry | None:
    """Return an area whose outline, or else a hole, follows a line where that leaves it and comes back, else None."""
    for bend in (_with_bent_shell, _with_bent_holes):
        bent = [bend(part, line) for part in shapely.get_parts(geometry)]
        if any(bent):
            parts = [new or old for new, old in zip(bent, shapely.get_parts(geometry), strict=True)]
            return parts[0] if len(parts) == 1 else shapely.union_all(parts)
    return None


def _with_bent_shell(part: shapely.Polygon, line: shapely.LineString) -> BaseGeometry | None:
    shell = _followed(part.exterior, line)
    return None if shell is None else _assembled(shell, list(part.interiors))


def _with_bent_holes(part: shapely.Polygon, line: shapely.LineString) -> BaseGeometry | None:
    bent = [_followed(hole, line) for hole in part.interiors]
    holes = [new or old for new, old in zip(bent, part.interiors, strict=True)]
    return _assembled(part.exterior, holes) if any(bent) else None


def _rerouted(part: shapely.LineString, line: shapely.LineString) -> shapely.LineString | None:
    """Return a line that follows another between their first and last crossing, None if they cross less than twice."""
    crossings = shapely.get_coordinates(shapely.intersection(part, line))
    if len(crossings) < 2:
        return None
    places, drawn = _places(part, crossings), _places(line, crossings)
    first, last = int(np.argmin(places)), int(np.argmax(places))
    if places[last] - places[first] <= NEAR_PX:
        return None
    middle = shapely.get_coordinates(ops.substring(line, drawn[first], drawn[last]))
    before = shapely.get_coordinates(ops.substring(part, 0, places[first]))
    after = shapely.get_coordinates(ops.substring(part, places[last], part.length))
    return shapely.LineString(_without_repeats(np.concatenate([before[:-1], middle, after[1:]])))


def _followed(ring: shapely.LinearRing, line: shapely.LineString) -> shapely.LinearRing | None:
    """Return a ring that follows each stretch of a line from the ring and back to it, None if there is none."""
    bent = None
    for stretch in _stretches(line, ring):
        if _ends_on(bent or ring, stretch):  # a stretch before may have cut off where this one begins
            bent = _bent(bent or ring, stretch)
    return bent


def _stretches(line: shapely.LineString, ring: shapely.LinearRing) -> list[FloatArray]:
    """Return the points of each piece of a line that leaves a ring and comes back to it, in the line's order."""
    pieces = shapely.get_parts(shapely.difference(line, ring))
    middles = shapely.get_coordinates(shapely.line_interpolate_point(pieces, 0.5, normalized=True))
    ordered = pieces[np.argsort(_places(line, middles))]
    found = [shapely.get_coordinates(piece) for piece in ordered if _leaves(piece, ring)]
    return [points for points in found if _ends_on(ring, points)]


def _bent(ring: shapely.LinearRing, stretch: FloatArray) -> shapely.LinearRing:
    """Return a ring that follows a stretch between two of its points and encloses as much as it can."""
    start, stop = _places(ring, stretch[[0, -1]])
    low, high = sorted((start, stop))
    forward = stretch if start < stop else stretch[::-1]
    inner = shapely.get_coordinates(ops.substring(ring, low, high))
    to_seam = shapely.get_coordinates(ops.substring(ring, high, ring.length))
    from_seam = shapely.get_coordinates(ops.substring(ring, 0, low))
    ways = [
        np.concatenate([forward, to_seam[1:-1], from_seam[:-1]]),
        np.concatenate([forward[::-1], inner[1:-1]]),
    ]
    closed = [shapely.Polygon(points) for points in map(_without_repeats, ways) if len(points) > 2]
    return max(closed, key=lambda polygon: polygon.area).exterior


def _assembled(shell: shapely.LinearRing, holes: Sequence[shapely.LinearRing]) -> BaseGeometry:
    """Return the area of a shell with holes that may no longer lie inside it."""
    area = shapely.Polygon(shell)
    return shapely.difference(area, shapely.union_all([shapely.Polygon(hole) for hole in holes])) if holes else area


def _leaves(piece: shapely.LineString, ring: shapely.LinearRing) -> bool:
    """Return whether a piece of line leaves a ring by more than noise, and has two different ends."""
    start, *_, stop = piece.coords
    points = [shapely.Point(point) for point in piece.coords] + [piece.interpolate(0.5, normalized=True)]
    gap = float(shapely.distance(ring, points).max())
    return gap > NEAR_PX and shapely.Point(start).distance(shapely.Point(stop)) > NEAR_PX


def _ends_on(outline: BaseGeometry, points: FloatArray) -> bool:
    """Return whether the first and the last of some points lie on an outline."""
    return bool((shapely.distance(outline, shapely.points(points[[0, -1]])) <= NEAR_PX).all())


def _places(line: BaseGeometry, points: FloatArray) -> FloatArray:
    """Return how far along a line the points nearest to some points are, shape (n,)."""
    lines = np.full(len(points), line, object)
    return np.asarray(shapely.line_locate_point(lines, shapely.points(points)), np.float64)


def _without_repeats(points: FloatArray) -> FloatArray:
    """Return points without those that stand where the one before stands."""
    steps = np.abs(np.diff(points, axis=0)).max(axis=1)
    return np.asarray(points[np.concatenate([[True], steps > NEAR_PX])], np.float64)
