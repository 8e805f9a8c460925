"""Rings along pixel edges to polygons, always in the same form whoever traced them.

Outer rings run clockwise as one sees them, holes the other way; each begins
at its topmost vertex, of several the leftmost; holes are in the order of
their beginnings.  All of it works on whole arrays: one Python object per ring
would take longer than the tracing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

_ROW = np.int64(2**31)
"""Makes one number of a row and a column, row first."""


@dataclass(frozen=True, kw_only=True)
class Rings:
    """Closed rings of polygons, each vertex once."""

    points: NDArray[Any]
    """Vertices ``(x, y)`` of all rings one after another, whole numbers, shape (m, 2)."""
    lengths: NDArray[np.int64]
    """Vertices of each ring."""
    owners: NDArray[np.int64]
    """The polygon of each ring, counted from 0."""
    are_holes: NDArray[np.bool_]
    """Which rings are holes; every polygon has one ring that is none."""

    def moved(self, x: int, y: int) -> Rings:
        """Return the rings that many pixels farther right and down."""
        return replace(self, points=self.points + np.array([x, y], self.points.dtype))


def build(rings: Rings) -> NDArray[np.object_]:
    """Return the polygons of rings, in the order of their numbers."""
    if not len(rings.lengths):
        return np.empty(0, object)
    starts = np.append(0, np.cumsum(rings.lengths)[:-1])
    keys = _keys(rings.points)
    first = np.minimum.reduceat(keys, starts)
    begins = _first_position(keys == np.repeat(first, rings.lengths), starts, rings.lengths)
    backwards = (_doubled_areas(rings.points, starts, rings.lengths) > 0) == rings.are_holes
    order = np.lexsort((first, rings.are_holes, rings.owners))
    places = _places(starts[order], rings.lengths[order], begins[order], backwards[order])
    ring_offsets = np.append(0, np.cumsum(rings.lengths[order] + 1))
    polygon_offsets = np.append(0, np.cumsum(np.bincount(rings.owners)))
    points = rings.points[places].astype(np.float64)
    polygons: NDArray[np.object_] = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, points, (ring_offsets, polygon_offsets)
    )
    return polygons


def take_apart(polygons: NDArray[np.object_]) -> Rings:
    """Return the rings of polygons along pixel edges, without the vertices that lie on a straight line."""
    _, coordinates, (ring_offsets, polygon_offsets) = shapely.to_ragged_array(polygons)
    lengths = np.diff(ring_offsets).astype(np.int64)
    last = np.zeros(len(coordinates), bool)
    last[np.asarray(ring_offsets[1:]) - 1] = True
    points, lengths = coordinates[~last], lengths - 1
    starts = np.append(0, np.cumsum(lengths)[:-1])
    before, after = points[_neighbours(starts, lengths, -1)], points[_neighbours(starts, lengths, 1)]
    is_corner = ~((before == points) & (points == after)).any(axis=1)  # edges run along the axes
    counts = np.diff(polygon_offsets)
    are_holes = np.ones(len(lengths), bool)
    are_holes[polygon_offsets[:-1]] = False
    return Rings(
        points=points[is_corner],
        lengths=np.add.reduceat(is_corner, starts, dtype=np.int64),
        owners=np.repeat(np.arange(len(counts)), counts),
        are_holes=are_holes,
    )


def beginnings(polygons: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return a number for each polygon that sorts them by their topmost, then leftmost pixel."""
    return _keys(shapely.get_coordinates(shapely.get_point(shapely.get_exterior_ring(polygons), 0)))


def _keys(points: NDArray[Any]) -> NDArray[np.int64]:
    whole = points.astype(np.int64)
    keys: NDArray[np.int64] = whole[:, 1] * _ROW + whole[:, 0]
    return keys


def _first_position(
    hits: NDArray[np.bool_], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return for each ring where the first of its hits stands, counted within the ring."""
    at = np.flatnonzero(hits)
    ring_of = np.repeat(np.arange(len(lengths)), lengths)[at]
    _, first = np.unique(ring_of, return_index=True)
    positions: NDArray[np.int64] = at[first] - starts
    return positions


def _neighbours(starts: NDArray[np.int64], lengths: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """Return the index of the vertex before (-1) or after (1) each in its ring."""
    ring_starts, ring_lengths = np.repeat(starts, lengths), np.repeat(lengths, lengths)
    within = np.arange(len(ring_starts)) - ring_starts
    return np.asarray(ring_starts + (within + step) % ring_lengths)


def _doubled_areas(points: NDArray[Any], starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return twice the area of each ring, positive where it runs clockwise with y down (the shoelace formula)."""
    x, y = points.astype(np.int64).T
    after = _neighbours(starts, lengths, 1)
    return np.asarray(np.add.reduceat(x * y[after] - x[after] * y, starts))


def _places(
    starts: NDArray[np.int64], lengths: NDArray[np.int64], begins: NDArray[np.int64], backwards: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return which vertices follow one another when rings begin where they should, and close."""
    closed = lengths + 1
    offsets = np.append(0, np.cumsum(closed)[:-1])
    within = np.arange(closed.sum()) - np.repeat(offsets, closed)
    steps = np.where(np.repeat(backwards, closed), -within, within)
    return np.asarray(np.repeat(starts, closed) + (np.repeat(begins, closed) + steps) % np.repeat(lengths, closed))
