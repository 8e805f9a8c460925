"""Edges that reach over more than half of the Earth's longitudes.

From one longitude to another files and geodesics take the shorter way round.
An edge over most of a scene of the world means the longer one, and says so
only by points between its ends.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.geo.crs import LONLAT, transform_reachable
from napari_geolabel.geo.grid import FloatArray, GeoGrid

_PIECES = 4  # of less than 180 degrees each, also of an edge that reaches out of the scene
_LATTICE = 9  # points a side
_NARROW_DEG = 60
"""A scene not wider than this has no such edge: no label reaches so far out of its scene."""


def without_wide_edges(geometries: NDArray[np.object_], grid: GeoGrid) -> NDArray[np.object_]:
    """Return geometries of pixel coordinates, shape (n,), with points in each edge over more than 180 degrees."""
    if _is_narrow(grid):
        return geometries
    wide = np.flatnonzero(are_wide(np.asarray(shapely.transform(geometries, grid.pixel_to_lonlat), object)))
    if not len(wide):
        return geometries
    found = geometries.copy()
    for index in wide:
        found[index] = with_points_in_wide_edges(geometries[index], grid)
    return found


def are_wide(lonlat: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which lines and areas of longitude and latitude reach over more than 180 degrees, shape (n,)."""
    west, _, east, _ = shapely.bounds(lonlat).reshape(-1, 4).T
    return np.asarray((east - west > 180) & (shapely.get_dimensions(lonlat) > 0))


def with_points_in_wide_edges(geometry: BaseGeometry, grid: GeoGrid) -> BaseGeometry:
    """Return a line or an area of pixel coordinates with points in each edge over more than 180 degrees."""
    parts: list[Any] = []
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            shell, *holes = (_with_points(shapely.get_coordinates(ring), grid) for ring in shapely.get_rings(part))
            parts.append(shapely.Polygon(shell, holes))
        else:
            parts.append(shapely.LineString(_with_points(shapely.get_coordinates(part), grid)))
    if not geometry.geom_type.startswith("Multi"):
        return parts[0]  # type: ignore[no-any-return]
    return shapely.MultiPolygon(parts) if parts[0].geom_type == "Polygon" else shapely.MultiLineString(parts)


def _with_points(pixels: FloatArray, grid: GeoGrid) -> FloatArray:
    """Return the vertices of a line, and points at even distances in its wide edges."""
    longitudes = grid.pixel_to_lonlat(pixels)[:, 0]
    (leaps,) = np.nonzero(np.abs(np.diff(longitudes)) > 180)
    start, end = longitudes[leaps], longitudes[leaps + 1]
    middle = grid.pixel_to_lonlat((pixels[leaps] + pixels[leaps + 1]) / 2)[:, 0]
    # where an edge leaps over the antimeridian, its middle lies near to there and not between its ends
    is_wide = np.abs(middle - start) + np.abs(end - middle) <= np.abs(end - start) + 1e-9
    wide = leaps[is_wide]
    share = np.arange(1, _PIECES)[None, :, None] / _PIECES
    points = pixels[wide, None] + share * (pixels[wide + 1] - pixels[wide])[:, None]
    return np.insert(pixels, np.repeat(wide + 1, _PIECES - 1), points.reshape(-1, 2), axis=0)


def _is_narrow(grid: GeoGrid) -> bool:
    """Return whether no edge on a grid can reach over 180 degrees."""
    rows, cols = grid.shape
    x, y = np.meshgrid(np.linspace(0, cols, _LATTICE), np.linspace(0, rows, _LATTICE))
    places = grid.pixel_to_map(np.column_stack([x.ravel(), y.ravel()]))
    longitudes = places[:, 0] if grid.crs is None else transform_reachable(places, grid.crs, LONLAT)[:, 0]
    longitudes = longitudes[np.isfinite(longitudes)]
    return not len(longitudes) or float(np.ptp(longitudes)) <= _NARROW_DEG
