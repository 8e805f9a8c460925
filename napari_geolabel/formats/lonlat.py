"""Geometries as RFC 7946 wants them: WGS 84, rings turned the right way, cut at the antimeridian.

RFC 7946 section 3.1.6: exterior rings run counterclockwise, holes clockwise.
Section 3.1.9: a geometry that crosses the antimeridian is cut in two, so that
neither part does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from napari_geolabel.geo import LONLAT, FloatArray, GeoGrid, same_crs
from napari_geolabel.geo.wide_edges import are_wide, with_points_in_wide_edges

Geometries = NDArray[np.object_]

_HALVINGS = 52
"""Of an edge, until what is left is the last bit of its length."""


def to_lonlat(geometries: Geometries, grid: GeoGrid) -> Geometries:
    """Return geometries of pixel coordinates in longitude and latitude, following RFC 7946.

    All coordinates are reprojected in one call.

    Raises
    ------
    NotGeoreferencedError
        If the grid is not georeferenced.
    """
    return follow_rfc7946(mapped(geometries, grid))


def mapped(geometries: Geometries, grid: GeoGrid) -> Geometries:
    """Return geometries of pixel coordinates in longitude and latitude, with a vertex at each antimeridian crossing.

    What is straight on the scene is none on a map of degrees: cut halfway between its ends an
    edge near a pole would leave the place where it crosses by pixels.  An edge over more than
    half of the Earth has points between its ends, so that none takes it for a crossing.

    Raises
    ------
    NotGeoreferencedError
        If the grid is not georeferenced.
    """
    found: Geometries = shapely.transform(geometries, grid.pixel_to_lonlat)
    wide = np.flatnonzero(are_wide(found))
    if len(wide):
        geometries = geometries.copy()
        geometries[wide] = [with_points_in_wide_edges(each, grid) for each in geometries[wide]]
        found[wide] = shapely.transform(geometries[wide], grid.pixel_to_lonlat)
    if grid.crs is not None and not grid.crs.is_geographic:
        crossing = _may_cross(found) & (shapely.get_dimensions(found) > 0)
        for index in np.flatnonzero(crossing):
            found[index] = _with_crossings(geometries[index], grid)
    return found


def in_crs(geometries: Geometries, grid: GeoGrid, crs: CRS) -> Geometries:
    """Return geometries of pixel coordinates as files of ours have them in a CRS.

    Rings run as RFC 7946 wants them, and only what is in longitude and
    latitude is cut at the antimeridian.

    Raises
    ------
    NotGeoreferencedError
        If the grid is not georeferenced.
    """
    if crs is LONLAT or same_crs(crs, LONLAT):
        return to_lonlat(geometries, grid)
    placed: Geometries = shapely.transform(geometries, lambda xy: grid.pixel_to_crs(xy, crs))
    areas = shapely.get_dimensions(placed) == 2
    placed[areas] = shapely.orient_polygons(placed[areas])
    return placed


def follow_rfc7946(geometries: Geometries) -> Geometries:
    """Return geometries of longitude and latitude cut at the antimeridian, their rings turned the right way.

    Geometries that are so already come back with every bit.
    """
    cut = geometries.copy()
    for index in np.flatnonzero(_may_cross(geometries)):
        cut[index] = _cut(geometries[index])
    areas = shapely.get_dimensions(cut) == 2
    cut[areas] = shapely.orient_polygons(cut[areas])
    return cut


def leaps(geometry: BaseGeometry) -> bool:
    """Return whether an edge of longitude and latitude reaches over more than 180 degrees."""
    west, _, east, _ = shapely.bounds(geometry)
    return bool(east - west > 180) and any(_jumps(part) for part in shapely.get_parts(geometry))


def bounding_boxes(geometries: Geometries) -> FloatArray:
    """Return ``west, south, east, north`` of each geometry, shape (n, 4); west > east across the antimeridian."""
    boxes = shapely.bounds(geometries).reshape(-1, 4)
    for index in np.flatnonzero(boxes[:, 2] - boxes[:, 0] > 180):
        boxes[index, [0, 2]] = _narrowest_span(shapely.bounds(shapely.get_parts(geometries[index]))[:, [0, 2]])
    return boxes


def total_box(boxes: FloatArray) -> list[float] | None:
    """Return the bounding box of all, None of nothing."""
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return None
    west, south, east, north = boxes.T
    crosses = west > east
    if crosses.any() or east.max() - west.min() > 180:
        # those over the antimeridian as two stretches, one on each side of it
        over = [(west[crosses], np.full(crosses.sum(), 180.0)), (np.full(crosses.sum(), -180.0), east[crosses])]
        stretches = np.hstack([(west[~crosses], east[~crosses]), *over]).T
        west_east = _narrowest_span(stretches)
    else:
        west_east = float(west.min()), float(east.max())
    return [west_east[0], float(south.min()), west_east[1], float(north.max())]


def _narrowest_span(stretches: FloatArray) -> tuple[float, float]:
    """Return west and east of what holds all stretches of longitude, shape (n, 2), but the widest gap between them."""
    found = stretches[np.argsort(stretches[:, 0])]
    reach = np.maximum.accumulate(found[:, 1])
    gaps = np.append(found[1:, 0], found[0, 0] + 360) - reach
    widest = int(np.argmax(gaps))
    if gaps[widest] <= 0:
        return -180.0, 180.0
    return float(found[(widest + 1) % len(found), 0]), float(reach[widest])


def _may_cross(geometries: Geometries) -> NDArray[np.bool_]:
    """Return which geometries reach over 180 degrees, or lie on both sides of it."""
    west, _, east, _ = shapely.bounds(geometries).reshape(-1, 4).T
    return np.asarray((west < -180) | (east > 180) | (east - west > 180))


def _with_crossings(geometry: BaseGeometry, grid: GeoGrid) -> BaseGeometry:
    """Return a line or an area of pixel coordinates in longitude and latitude, with a vertex at each crossing."""
    parts: list[Any] = []
    for part in shapely.get_parts(geometry):
        lines = shapely.get_rings(part) if part.geom_type == "Polygon" else [part]
        points = [_line_with_crossings(shapely.get_coordinates(line), grid) for line in lines]
        is_area = part.geom_type == "Polygon"
        parts.append(shapely.Polygon(points[0], points[1:]) if is_area else shapely.LineString(points[0]))
    if not geometry.geom_type.startswith("Multi"):
        return parts[0]  # type: ignore[no-any-return]
    collect: Any = shapely.multipolygons if shapely.get_dimensions(geometry) == 2 else shapely.multilinestrings
    return collect(parts)  # type: ignore[no-any-return]


def _line_with_crossings(pixels: FloatArray, grid: GeoGrid) -> FloatArray:
    """Return the vertices of a line in longitude and latitude, and one at 180 degrees in each edge that leaps there."""
    lonlat = grid.pixel_to_lonlat(pixels)
    leaps = np.flatnonzero(np.abs(np.diff(lonlat[:, 0])) > 180)
    low, high = np.zeros(len(leaps)), np.ones(len(leaps))
    start, edge = pixels[leaps], np.diff(pixels, axis=0)[leaps]
    begins_west = lonlat[leaps, 0] < 0
    for _ in range(_HALVINGS if len(leaps) else 0):
        middle = (low + high) / 2
        is_before = (grid.pixel_to_lonlat(start + middle[:, None] * edge)[:, 0] < 0) == begins_west
        low, high = np.where(is_before, middle, low), np.where(is_before, high, middle)
    crossings = grid.pixel_to_lonlat(start + ((low + high) / 2)[:, None] * edge)
    crossings[:, 0] = 180.0
    return np.insert(lonlat, leaps + 1, crossings, axis=0)


def _cut(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry in parts that stay on their side of the antimeridian."""
    if geometry.geom_type == "Point":
        return shapely.transform(geometry, lambda xy: np.column_stack([_wrapped(xy[:, 0]), xy[:, 1]]))
    parts = [piece for part in shapely.get_parts(geometry) for piece in _cut_part(part)]
    if len(parts) == 1 and not geometry.geom_type.startswith("Multi"):
        return parts[0]
    collect: Any = shapely.multipolygons if shapely.get_dimensions(geometry) == 2 else shapely.multilinestrings
    collected: BaseGeometry = collect(parts)
    return collected


def _cut_part(part: BaseGeometry) -> list[BaseGeometry]:
    """Return the pieces of a line or polygon on each side, moved to longitudes from -180 to 180."""
    unrolled = shapely.transform(part, _unrolled) if _jumps(part) else part
    west, _, east, _ = unrolled.bounds
    if west >= -180 and east <= 180:
        return [unrolled]
    pieces: list[BaseGeometry] = []
    valid = shapely.make_valid(unrolled) if shapely.get_dimensions(unrolled) == 2 else unrolled
    for turn in range(int(np.floor((west + 180) / 360)), int(np.ceil((east - 180) / 360)) + 1):
        band = shapely.box(360 * turn - 180, -91, 360 * turn + 180, 91)
        for piece in shapely.get_parts(shapely.intersection(valid, band)):
            if shapely.get_dimensions(piece) == shapely.get_dimensions(part):
                pieces.append(translate(piece, -360 * turn))  # noqa: PERF401  (two loops and a condition)
    return pieces


def _jumps(part: BaseGeometry) -> bool:
    """Return whether a line or ring leaps from one side of the map to the other."""
    lines = shapely.get_rings(part) if part.geom_type == "Polygon" else [part]
    return any((np.abs(np.diff(shapely.get_coordinates(line)[:, 0])) > 180).any() for line in lines)


def _unrolled(points: FloatArray) -> FloatArray:
    """Return points whose western longitudes go on beyond 180 degrees."""
    return np.column_stack([np.where(points[:, 0] < 0, points[:, 0] + 360, points[:, 0]), points[:, 1]])


def _wrapped(longitudes: FloatArray) -> FloatArray:
    """Return longitudes from -180 to 180."""
    return np.where(np.abs(longitudes) > 180, (longitudes + 180) % 360 - 180, longitudes)
