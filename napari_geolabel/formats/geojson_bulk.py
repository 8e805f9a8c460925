"""Coordinates of many GeoJSON geometries of one type at once: lists of JSON to arrays, arrays to shapely.

A builder takes nothing but what is plainly right, and returns None for the
whole batch where anything is odd; ``geojson_geometry.py`` then looks at each by
itself and says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]


class _OddError(ValueError):
    """Something in a batch is not plainly right."""


def _in_bulk(build: Callable[[list[Any]], Geometries]) -> Callable[[list[Any]], Geometries | None]:
    def built(coordinates: list[Any]) -> Geometries | None:
        try:
            return build(coordinates)
        except (_OddError, OverflowError, shapely.GEOSException):
            return None

    return built


def _points(positions: list[Any]) -> NDArray[np.float64]:
    """Return positions as points, shape (n, 2), without their heights."""
    lengths = set(map(len, _lists(positions)))
    if len(lengths) != 1 or min(lengths) < 2:
        raise _OddError
    numbers = list(chain.from_iterable(positions))
    if not set(map(type, numbers)) <= {float, int}:
        raise _OddError
    return np.array(numbers, np.float64).reshape(-1, lengths.pop())[:, :2]


def _lists(values: list[Any], least: int = 1) -> list[Any]:
    """Return values that are lists of some length."""
    if set(map(type, values)) != {list} or min(map(len, values)) < least:
        raise _OddError
    return values


def _lines(lines: list[Any], make: Callable[..., Geometries], least: int) -> Geometries:
    counts = list(map(len, _lists(lines, least)))
    points = _points(list(chain.from_iterable(lines)))
    return make(points, indices=np.repeat(np.arange(len(lines)), counts))


def _polygons(polygons: list[Any]) -> Geometries:
    counts = list(map(len, _lists(polygons)))
    rings = list(chain.from_iterable(polygons))
    shapes = _lines(rings, shapely.linearrings, 4)
    return np.asarray(shapely.polygons(shapes, indices=np.repeat(np.arange(len(polygons)), counts)), object)


def _multipolygons(collections: list[Any]) -> Geometries:
    counts = list(map(len, _lists(collections)))
    parts = _polygons(list(chain.from_iterable(collections)))
    return np.asarray(shapely.multipolygons(parts, indices=np.repeat(np.arange(len(collections)), counts)), object)


BULK_BUILDERS: Mapping[str | None, Callable[[list[Any]], Geometries | None]] = {
    "Point": _in_bulk(lambda positions: np.asarray(shapely.points(_points(positions)), object)),
    "LineString": _in_bulk(lambda lines: _lines(lines, shapely.linestrings, 2)),
    "Polygon": _in_bulk(_polygons),
    "MultiPolygon": _in_bulk(_multipolygons),
}
"""For some types what makes many geometries of their coordinates, or nothing of them."""
