"""Edges of polygons that meet the centre of a pixel: whether it lies inside is a matter of the last bit there."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

_ROUNDING = 1e-9
"""How near an edge must come to a centre, in pixels, for two formulas to tell different sides of it."""
_CHUNK = 16_384
"""Edges that are looked at together: few enough for the processor's cache."""


def meets_centres(geometries: NDArray[Any], rows: tuple[int, int]) -> bool:
    """Return whether an edge of a polygon meets the centre of a pixel, but for rounding, in some rows.

    Upright edges are exact in every formula.  One along a row of centres counts: GDAL fills the pixels
    beneath it, rusterize only where the ring goes on below.

    Parameters
    ----------
    geometries
        n geometries in pixel coordinates ``(x, y)``.
    rows
        The first row and that behind the last.
    """
    is_area = shapely.get_dimensions(geometries) == 2
    # What leads from one ring to the next is no edge; looking at it takes less time than asking for rings.
    points, owners = shapely.get_coordinates(geometries[is_area], return_index=True)
    for start in range(0, len(points), _CHUNK):
        part = slice(start, start + _CHUNK + 1)
        with np.errstate(over="ignore", invalid="ignore"):  # edges that are level but for the last bit
            if _some_meet(points[part], owners[part], rows):
                return True
    return False


def _some_meet(points: NDArray[np.float64], owners: NDArray[np.intp], rows: tuple[int, int]) -> bool:
    """Return whether some edge between consecutive points of a geometry meets a centre."""
    x, y = points.T
    is_slant = (owners[1:] == owners[:-1]) & (x[1:] != x[:-1])
    is_level = is_slant & (y[1:] == y[:-1])
    if _lie_on_centres(y[:-1][is_level], rows).any():
        return True
    is_edge = is_slant & ~is_level
    x0, x1, y0, y1 = x[:-1][is_edge], x[1:][is_edge], y[:-1][is_edge], y[1:][is_edge]
    first = np.clip(np.ceil(np.minimum(y0, y1) - 0.5 - _ROUNDING), *rows).astype(np.int64)
    stop = np.clip(np.floor(np.maximum(y0, y1) - 0.5 + _ROUNDING) + 1, *rows).astype(np.int64)
    slope = (x1 - x0) / (y1 - y0)
    at = x0 + (first + 0.5 - y0) * slope - 0.5  # where it crosses its first row of centres
    far = _ROUNDING + 1e-14 * np.maximum(np.abs(x0), np.abs(x1))
    counts = np.maximum(stop - first, 0)
    for step in range(int(counts.max(initial=0))):
        if step:
            is_longer = counts > step
            at, slope, far, counts = at[is_longer], slope[is_longer], far[is_longer], counts[is_longer]
        place = at + step * slope
        is_clear = np.abs(place - np.rint(place)) >= far
        if not is_clear[counts > step].all():  # what is no number is not clear either
            return True
    return False


def _lie_on_centres(y: NDArray[np.float64], rows: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which heights are those of the centres of some rows, but for rounding."""
    row = np.rint(y - 0.5)
    return (np.abs(y - 0.5 - row) < _ROUNDING) & (row >= rows[0]) & (row < rows[1])
