"""Longitudes on the turn of the Earth that a grid counts on.

180 degrees east and west are one meridian, but a grid of degrees has it in
one column: 175 degrees west is column 185 of a grid that runs from 0 to 360.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from napari_geolabel.geo.crs import transform_points
from napari_geolabel.geo.grid import FloatArray, GeoGrid

_ON_LINE_DEG = 2e-7
"""How far the seven decimals of a file may put a point beside the line that it was cut from."""


def nearest_turn(places: FloatArray, grid: GeoGrid) -> FloatArray:
    """Return map points of a grid's CRS, shape (n, 2), longitudes shifted by whole turns towards the grid."""
    turn = _turn(grid)
    if turn is None:
        return places
    shifted = places.copy()
    shifted[:, 0] += _shifts(places[:, 0], turn, grid)
    return shifted


def shapes_on_nearest_turn(geometries: NDArray[np.object_], grid: GeoGrid) -> NDArray[np.object_]:
    """Return geometries of a grid's CRS, shape (n,), each part shifted by whole turns towards the grid.

    What was cut at the antimeridian and meets there again becomes one.  Parts
    are shifted whole: shifting its points would tear one that reaches over
    the far side of the Earth.
    """
    turn = _turn(grid)
    if turn is None or not len(geometries):
        return geometries
    west, _, east, _ = shapely.bounds(geometries).reshape(-1, 4).T
    found = geometries.copy()
    for index in np.flatnonzero(np.maximum(np.abs(west - _centre(grid)), np.abs(east - _centre(grid))) > turn / 2):
        found[index] = _turned(geometries[index], turn, grid)
    return found


def points_in_pixels(points: ArrayLike, crs: CRS, grid: GeoGrid) -> FloatArray:
    """Return points of any CRS (x or longitude first), shape (n, 2), in pixels of a grid, on its turn of the Earth.

    Raises
    ------
    NotGeoreferencedError
        If the grid is not georeferenced.
    GeoLabelError
        If a point has no image in the CRS of the grid.
    """
    if _turn(grid) is None or grid.crs is None:
        return grid.crs_to_pixel(points, crs)
    return grid.map_to_pixel(nearest_turn(transform_points(np.asarray(points, np.float64), crs, grid.crs), grid))


def shapes_in_pixels(geometries: NDArray[np.object_], crs: CRS, grid: GeoGrid) -> NDArray[np.object_]:
    """Return geometries of any CRS (x or longitude first), shape (n,), in pixels of a grid, on its turn of the Earth.

    Raises
    ------
    NotGeoreferencedError
        If the grid is not georeferenced.
    GeoLabelError
        If a point has no image in the CRS of the grid.
    """
    turn, target = _turn(grid), grid.crs
    if turn is None or target is None:
        return np.asarray(shapely.transform(geometries, lambda points: grid.crs_to_pixel(points, crs)), object)
    placed = shapely.transform(geometries, lambda points: transform_points(points, crs, target))
    if not crs.is_geographic:
        _mend_torn(placed, geometries, lambda points: transform_points(points, crs, target), turn)
    return np.asarray(shapely.transform(shapes_on_nearest_turn(placed, grid), grid.map_to_pixel), object)


def _mend_torn(
    placed: NDArray[np.object_], geometries: NDArray[np.object_], move: Callable[[FloatArray], FloatArray], turn: float
) -> None:
    """Put what lies over the antimeridian in metres, and was torn there by turning it into degrees, on one turn."""

    def unrolled(points: FloatArray) -> FloatArray:
        moved = move(points)
        steps = np.diff(moved[:, 0])
        (leaps,) = np.nonzero(np.abs(steps) > turn / 2)
        middle = move((points[leaps] + points[leaps + 1]) / 2)[:, 0]
        is_torn = np.abs(middle - moved[leaps, 0]) + np.abs(moved[leaps + 1, 0] - middle) > np.abs(steps[leaps]) + 1e-9
        turns = np.zeros(len(moved))
        turns[leaps[is_torn] + 1] = -np.sign(steps[leaps[is_torn]])
        moved[:, 0] += turn * np.cumsum(turns)
        return moved

    west, _, east, _ = shapely.bounds(placed).reshape(-1, 4).T
    for index in np.flatnonzero(east - west > turn / 2):
        with suppress(shapely.GEOSException):  # a ring about a pole closes on no turn: it stays as it is
            placed[index] = shapely.transform(geometries[index], unrolled)


def _turn(grid: GeoGrid) -> float | None:
    """Return a whole turn in the unit of a grid's CRS, nearly always 360 degrees, None where it counts no angles."""
    if grid.crs is None or not grid.crs.is_geographic or not grid.is_georeferenced:
        return None
    return 2 * math.pi / float(grid.crs.axis_info[0].unit_conversion_factor)


def _centre(grid: GeoGrid) -> float:
    """Return the longitude of a grid's centre."""
    return float(grid.pixel_to_map([np.array(grid.shape[::-1]) / 2])[0, 0])


def _shifts(longitudes: FloatArray, turn: float, grid: GeoGrid) -> FloatArray:
    """Return the whole turns from longitudes towards a grid, none for those that are not finite."""
    with np.errstate(invalid="ignore"):
        shifts = turn * np.round((_centre(grid) - longitudes) / turn)
    return np.where(np.isfinite(shifts), shifts, 0.0)


def _turned(geometry: BaseGeometry, turn: float, grid: GeoGrid) -> BaseGeometry:
    """Return a geometry with each part on the turn of a grid, those that meet at the antimeridian made one."""
    if geometry.geom_type == "GeometryCollection":
        return shapely.GeometryCollection([_turned(part, turn, grid) for part in shapely.get_parts(geometry)])
    parts = shapely.get_parts(geometry)
    west, _, east, _ = shapely.bounds(parts).reshape(-1, 4).T
    shifts = _shifts((west + east) / 2, turn, grid)
    if (shifts == shifts[0]).all():
        return translate(geometry, shifts[0])
    moved = [translate(part, shift) for part, shift in zip(parts, shifts, strict=True)]
    if geometry.geom_type == "MultiPoint":
        return shapely.MultiPoint(moved)
    if geometry.geom_type == "MultiLineString":
        return _without_seams(shapely.line_merge(shapely.MultiLineString(moved), directed=True), turn)
    if not shapely.is_valid(moved).all():  # cannot be united; the check of annotations says what is wrong
        return shapely.MultiPolygon(moved)
    return _without_seams(shapely.union_all(moved), turn)


def _without_seams(geometry: BaseGeometry, turn: float) -> BaseGeometry:
    """Return lines or polygons without the points that only a cut at the antimeridian has put on their lines."""
    parts: list[Any] = []
    for part in shapely.get_parts(geometry):
        if part.geom_type == "LineString":
            parts.append(shapely.LineString(_seamless(shapely.get_coordinates(part), turn)))
        else:
            shell, *holes = (_seamless_ring(shapely.get_coordinates(ring), turn) for ring in shapely.get_rings(part))
            parts.append(shapely.Polygon(shell, holes))
    if len(parts) == 1:
        return parts[0]  # type: ignore[no-any-return]
    return shapely.MultiLineString(parts) if parts[0].geom_type == "LineString" else shapely.MultiPolygon(parts)


def _seamless_ring(points: FloatArray, turn: float) -> FloatArray:
    """Return a closed ring without the points of a cut, also where it begins in one."""
    is_on = np.abs(points[:-1, 0] % turn - turn / 2) < _ON_LINE_DEG
    begin = int(np.argmin(is_on))  # a point that stays
    whole = np.roll(points[:-1], -begin, axis=0)
    return _seamless(np.concatenate([whole, whole[:1]]), turn)


def _seamless(points: FloatArray, turn: float) -> FloatArray:
    """Return a line without the points of a cut at the antimeridian; its ends stay."""
    before, here, after = points[:-2], points[1:-1], points[2:]
    (x1, y1), (x2, y2) = (here - before).T, (after - here).T
    beside = np.abs(x1 * y2 - y1 * x2) / np.maximum(np.hypot(*(after - before).T), _ON_LINE_DEG)
    is_seam = (np.abs(here[:, 0] % turn - turn / 2) < _ON_LINE_DEG) & (beside < _ON_LINE_DEG) & (x1 * x2 + y1 * y2 > 0)
    kept: FloatArray = points[np.concatenate([[True], ~is_seam, [True]])]
    return kept
