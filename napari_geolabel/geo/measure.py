"""Ground measure: how large a pixel is, how long, how large and which way a thing on the ground is.

Lengths, areas and headings are geodesic on the WGS 84 ellipsoid (pyproj's
``Geod``, after Karney 2013, doi:10.1007/s00190-012-0578-z), so that they do
not depend on the projection of the scene.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from napari_geolabel.geo.grid import FloatArray, GeoGrid
from napari_geolabel.geo.ring_areas import ring_area_m2
from napari_geolabel.geo.wide_edges import are_wide, with_points_in_wide_edges

_GEOD = Geod(ellps="WGS84")


def pixel_size_m(grid: GeoGrid) -> tuple[float, float] | None:
    """Return the ground size of a pixel as ``(height, width)`` in metres, None without a georeference.

    The nominal size in the units of a projected CRS stands where it agrees
    with the geodesic one within a hundredth (UTM); elsewhere (degrees, Web
    Mercator) the geodesic size at the grid's centre is returned.
    """
    if not grid.is_georeferenced:
        return None
    matrix = ground_matrix(grid)
    return float(np.hypot(*matrix[:, 1])), float(np.hypot(*matrix[:, 0]))


def ground_matrix(grid: GeoGrid) -> FloatArray:
    """Return the metres east and north of one pixel step, shape (2, 2), at the centre of the grid.

    Column 0 is the step of pixel x, column 1 that of pixel y; row 0 is east,
    row 1 north.  Without a georeference a pixel counts as one unit, y down:
    ``[[1, 0], [0, -1]]``.
    """
    if not grid.is_georeferenced:
        return np.array([[1.0, 0.0], [0.0, -1.0]])
    geodesic = _geodesic_matrix(grid)
    nominal = _nominal_matrix(grid)
    if nominal is None:
        return geodesic
    lengths, expected = np.hypot(*nominal), np.hypot(*geodesic)
    # A few national grids count west or south, which mirrors left and right.
    same_hand = np.linalg.det(nominal) * np.linalg.det(geodesic) > 0
    return nominal if same_hand and np.allclose(lengths, expected, rtol=0.01) else geodesic


def heading_deg(grid: GeoGrid, tail: ArrayLike, head: ArrayLike) -> float:
    """Return the true heading in degrees, clockwise from north, in [0, 360), from pixel point tail to head."""
    (lon, lat), (lon_to, lat_to) = grid.pixel_to_lonlat(np.array([tail, head]))
    azimuth, _, _ = _GEOD.inv(lon, lat, lon_to, lat_to)
    return float(azimuth) % 360.0


def distance_m(grid: GeoGrid, start: ArrayLike, end: ArrayLike) -> float:
    """Return the geodesic distance in metres between two pixel points ``(x, y)``."""
    (lon, lat), (lon_to, lat_to) = grid.pixel_to_lonlat(np.array([start, end]))
    _, _, distance = _GEOD.inv(lon, lat, lon_to, lat_to)
    return float(distance)


def length_m(grid: GeoGrid, geometry: BaseGeometry) -> float:
    """Return the geodesic length in metres of a line, or of a polygon's rings, in pixel coordinates."""
    return float(_GEOD.geometry_length(_to_lonlat(grid, geometry)))


def area_m2(grid: GeoGrid, geometry: BaseGeometry) -> float:
    """Return the geodesic area in square metres of a geometry in pixel coordinates, its holes taken off."""
    total = 0.0
    for part in shapely.get_parts(_to_lonlat(grid, geometry)):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        shell, *holes = (ring_area_m2(shapely.get_coordinates(ring)) for ring in shapely.get_rings(part))
        total += shell - sum(holes)
    return total


def _to_lonlat(grid: GeoGrid, geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry of pixel coordinates in longitude and latitude, its edges the way they were drawn."""
    found = shapely.transform(geometry, grid.pixel_to_lonlat)
    if are_wide(np.array([found], object))[0]:
        return shapely.transform(with_points_in_wide_edges(geometry, grid), grid.pixel_to_lonlat)
    return found


def _nominal_matrix(grid: GeoGrid) -> FloatArray | None:
    """Return the ground matrix that the CRS's own unit gives, None for degrees."""
    crs, t = grid.crs, grid.transform
    if crs is None or not crs.is_projected:
        return None
    unit = crs.axis_info[0].unit_conversion_factor  # metres per unit
    return np.array([[t.a, t.b], [t.d, t.e]]) * unit


def _geodesic_matrix(grid: GeoGrid) -> FloatArray:
    """Return the ground matrix measured on the ellipsoid, half a pixel either way of the centre.

    Directions are those at the centre: half a pixel before it they are others where a pole lies between.
    """
    rows, cols = grid.shape
    centre = np.array([cols / 2, rows / 2])
    columns = []
    for step in ((0.5, 0.0), (0.0, 0.5)):
        before, middle, after = grid.pixel_to_lonlat([centre - step, centre, centre + step])
        _, _, distance = _GEOD.inv(*before, *after)
        azimuth, _, _ = _GEOD.inv(*middle, *after)
        angle = np.deg2rad(azimuth)
        columns.append((distance * np.sin(angle), distance * np.cos(angle)))
    return np.array(columns).T
