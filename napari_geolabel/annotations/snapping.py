"""Places of annotations that are near a point, and the way along an outline between two of them.

A hand cannot set a vertex on another one to the bit.  What is drawn beside a
neighbour therefore snaps to its vertices and edges, and can follow its
outline, so that a shared border is the same border twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.geo import FloatArray

ON_LINE_PX = 1e-6
"""How far from an outline a point may be that lies on it, in scene pixels: the noise of computed places."""

_AREA = 2


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Snap:
    """A place that a point was drawn to."""

    point: FloatArray
    """Pixel point ``(x, y)``, shape (2,), of a vertex to the bit."""
    annotation_id: str
    """Whose vertex or edge it is."""
    is_vertex: bool
    """Whether it is a vertex; else a place on an edge."""


def nearest_snap(
    store: AnnotationStore,
    point: ArrayLike,
    reach: float,
    screen_px: ArrayLike = (1.0, 1.0),
    *,
    counts: Callable[[Annotation], bool] = lambda _annotation: True,
) -> Snap | None:
    """Return the nearest vertex within reach of a point, or else the nearest place on an edge; None where is neither.

    Parameters
    ----------
    store
        The annotations.
    point
        Pixel point ``(x, y)``.
    reach
        How far it may be, in screen pixels.
    screen_px
        Screen pixels that a scene pixel covers, ``(width, height)``.
    counts
        Says of an annotation whether it counts: what is hidden does not.
    """
    here, scale = np.asarray(point, np.float64), np.asarray(screen_px, np.float64)
    around = reach / scale
    ids = [i for i in store.query((*(here - around), *(here + around))) if counts(store[i])]
    vertices = [(i, shapely.get_coordinates(store[i].geometry)) for i in ids]
    found = _nearest([(i, points) for i, points in vertices if len(points)], here, scale)
    if found is not None and found[0] <= reach:
        return Snap(point=found[2], annotation_id=found[1], is_vertex=True)
    edges = [(i, _nearest_on_line(_outline(store[i].geometry), here, scale)) for i in ids]
    found = _nearest([(i, place) for i, place in edges if place is not None], here, scale)
    if found is not None and found[0] <= reach:
        return Snap(point=found[2], annotation_id=found[1], is_vertex=False)
    return None


def way_along(geometry: BaseGeometry, start: ArrayLike, end: ArrayLike) -> FloatArray:
    """Return the vertices of an outline between two points on it, going the shorter way, shape (n, 2).

    None, shape (0, 2), where the two do not lie on one ring or line.
    """
    ends = shapely.points(np.array([start, end], np.float64))
    for line in shapely.get_parts(_outline(geometry)):
        if (shapely.distance(line, ends) <= ON_LINE_PX).all():
            return _between(shapely.get_coordinates(line), *(float(p) for p in shapely.line_locate_point(line, ends)))
    return np.zeros((0, 2))


def _between(points: FloatArray, start: float, end: float) -> FloatArray:
    """Return the vertices of a line between two distances along it; of a closed one by the shorter way round."""
    places = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    whole, low, high = places[-1], min(start, end), max(start, end)
    is_closed = np.array_equal(points[0], points[-1])
    if is_closed and high - low > whole / 2:
        ring, at = points[:-1], places[:-1]
        after, before = at > high + ON_LINE_PX, at < low - ON_LINE_PX
        found = np.concatenate([ring[after], ring[before]])
        return found if start > end else found[::-1]
    found = points[(places > low + ON_LINE_PX) & (places < high - ON_LINE_PX)]
    return found if start <= end else found[::-1]


def _outline(geometry: BaseGeometry) -> BaseGeometry:
    """Return the rings of an area, or a line as it is; of points nothing."""
    if shapely.get_dimensions(geometry) == _AREA:
        return shapely.boundary(geometry)
    return geometry if shapely.get_dimensions(geometry) == 1 else shapely.LineString()


def _nearest(
    places: list[tuple[str, FloatArray]], here: FloatArray, scale: FloatArray
) -> tuple[float, str, FloatArray] | None:
    """Return distance in screen pixels, id and point of the nearest of some points."""
    if not places:
        return None
    points = np.concatenate([found for _, found in places])
    owners = np.repeat([i for i, _ in places], [len(found) for _, found in places])
    distances = np.hypot(*((points - here) * scale).T)
    best = int(np.argmin(distances))
    return float(distances[best]), str(owners[best]), points[best]


def _nearest_on_line(line: BaseGeometry, here: FloatArray, scale: FloatArray) -> FloatArray | None:
    """Return the place on a line that is nearest on screen, shape (1, 2); None of an empty line."""
    if line.is_empty:
        return None
    on_screen = shapely.transform(line, lambda xy: xy * scale)
    nearest = shapely.shortest_line(on_screen, shapely.Point(here * scale))
    return shapely.get_coordinates(nearest)[:1] / scale
