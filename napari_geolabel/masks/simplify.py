"""Outlines with fewer vertices whose neighbours keep their border in common."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.errors import MaskValueError
from napari_geolabel.masks.rings import Rings, take_apart

_LINE = np.int64(2**31)
"""Makes one number of a place along a line and the line."""


def simplified(polygons: NDArray[np.object_], tolerance_px: float) -> NDArray[np.object_]:
    """Return polygons along pixel edges with fewer vertices, none over another and without gaps between neighbours.

    The borders are simplified as one network (GEOS's coverage, after
    Visvalingam and Whyatt): what is dropped makes a triangle of less than
    the square of the tolerance.

    Parameters
    ----------
    polygons
        n polygons that do not overlap, shape (n,).
    tolerance_px
        How far an outline may be moved, in pixels; 0 leaves them as they are.

    Raises
    ------
    MaskValueError
        If the tolerance is below 0.
    """
    if not tolerance_px >= 0:
        raise MaskValueError(f"outlines cannot be simplified by {tolerance_px} pixels; give 0 or more")
    if not tolerance_px or not len(polygons):
        return polygons
    return np.asarray(shapely.coverage_simplify(_with_shared_vertices(polygons), tolerance_px))


def _with_shared_vertices(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return polygons that have a vertex wherever another has one on their border, as a coverage must."""
    rings = take_apart(polygons)
    starts = np.append(0, np.cumsum(rings.lengths)[:-1])
    x, y = rings.points.astype(np.int64).T
    after = np.arange(len(x)) + 1
    after[starts + rings.lengths - 1] = starts
    by_column, by_row = np.unique(x * _LINE + y), np.unique(y * _LINE + x)
    is_upright = x == x[after]
    line, here = np.where(is_upright, x, y), np.where(is_upright, y, x)
    there = np.where(is_upright, y[after], x[after])
    low, high = line * _LINE + np.minimum(here, there), line * _LINE + np.maximum(here, there)
    first = np.where(is_upright, np.searchsorted(by_column, low, "right"), np.searchsorted(by_row, low, "right"))
    stop = np.where(is_upright, np.searchsorted(by_column, high), np.searchsorted(by_row, high))
    counts = stop - first
    owner = np.repeat(np.arange(len(x)), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    forward = np.where((there > here)[owner], first[owner] + within, stop[owner] - 1 - within)
    upright = is_upright[owner]
    between = np.where(upright, by_column.take(forward, mode="clip"), by_row.take(forward, mode="clip")) % _LINE
    added = np.where(upright[:, None], np.stack([x[owner], between], 1), np.stack([between, y[owner]], 1))
    places = np.repeat(np.arange(len(x)) + 1, counts)
    lengths = rings.lengths + np.add.reduceat(counts, starts)
    return _polygons(np.insert(rings.points, places, added, axis=0), lengths, rings)


def _polygons(points: NDArray[Any], lengths: NDArray[np.int64], rings: Rings) -> NDArray[np.object_]:
    """Return polygons of closed rings in the order that the rings have."""
    stops = np.cumsum(lengths)
    closed = np.insert(points, stops, points[stops - lengths], axis=0).astype(np.float64)
    offsets = (np.append(0, np.cumsum(lengths + 1)), np.append(0, np.cumsum(np.bincount(rings.owners))))
    polygons: NDArray[np.object_] = shapely.from_ragged_array(shapely.GeometryType.POLYGON, closed, offsets)
    return polygons
