"""Geodesic areas of many rings at once.

pyproj measures a ring edge by edge, at about a microsecond each.  Nearly all
edges of labels are short, and for those a series does: the area between a
meridian strip's geodesic and the equator is that below the chord in
(longitude, area below the parallel), which is exact for the ellipsoid
(Snyder 1987, Map Projections: A Working Manual, equation 3-12), plus what the
geodesic bends away from the chord.  That bend follows from Clairaut's
relation, ``r sin(azimuth) = constant`` along a geodesic, and is to the third
order ``sin(lat) / 12 * dlon * (r**2 dlon**2 + 3 M**2 dlat**2)``; r is the
radius of the parallel and M that of the meridian.  The fifth order is what is
left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from napari_geolabel.geo.grid import FloatArray

_GEOD = Geod(ellps="WGS84")
_A, _E2 = _GEOD.a, _GEOD.es
_EARTH_M2 = float(2 * np.pi * _A**2 * (1 + (1 - _E2) / _E2**0.5 * np.arctanh(_E2**0.5)))
"""The surface of the ellipsoid."""
_SERIES = tuple(1 / k for k in (15, 13, 11, 9, 7, 5, 3, 1))  # of artanh, beyond which a double tells no difference
_BLOCK = 2**13  # edges at once, few enough for what is computed of them to stay in the processor's cache
LONGEST_EDGE_M = 1000.0
"""At the equator; elsewhere times the squared cosine of latitude, since nearer to the poles an edge spans more
meridians.  Rings with a longer edge are left to pyproj.  Up to here an edge errs by less than 1e-5 square metres."""


def ring_areas_m2(points: FloatArray, counts: NDArray[np.integer]) -> FloatArray:
    """Return the geodesic area of each ring in square metres on the WGS 84 ellipsoid, shape (n,), none below zero.

    Parameters
    ----------
    points
        Longitude and latitude in degrees of the points of all rings, one ring after the other, shape (m, 2).
        Each ring ends where it begins.
    counts
        How many points each of the n rings has, shape (n,), 2 or more.
    """
    if not len(counts):
        return np.zeros(0)
    ends = np.cumsum(counts)
    starts = ends - counts
    areas, is_long = np.zeros(len(points) - 1), np.zeros(len(points) - 1, bool)
    for first in range(0, len(areas), _BLOCK):
        part = slice(first, first + _BLOCK)
        areas[part], is_long[part] = _edges(points[first : first + _BLOCK + 1])
    areas[ends[:-1] - 1] = 0.0  # from the end of a ring to the beginning of the next
    is_long[ends[:-1] - 1] = False
    totals: FloatArray = np.abs(np.add.reduceat(np.append(areas, 0.0), starts))
    left = np.flatnonzero(np.logical_or.reduceat(np.append(is_long, False), starts))
    for index in left:
        totals[index] = ring_area_m2(points[starts[index] : ends[index]])
    return totals


def ring_area_m2(points: FloatArray) -> float:
    """Return the geodesic area in square metres of one ring of longitude and latitude, shape (n, 2).

    Of a ring round more than half of the Earth pyproj measures what lies outside.
    """
    area, _ = _GEOD.polygon_area_perimeter(*points.T)
    found = abs(float(area))
    if points[:, 0].max() - points[:, 0].min() <= 180:
        return found
    longitudes = np.unwrap(points[:, 0], period=360)
    if abs(longitudes[-1] - longitudes[0]) > 180:  # about a pole
        return found
    sines = np.sin(np.radians(points[:, 1]))
    roughly = abs(float(np.radians(np.diff(longitudes)) @ (sines[1:] + sines[:-1]))) / 2 * float(_A) ** 2
    return min(found, _EARTH_M2 - found, key=lambda each: abs(each - roughly))


def _edges(points: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return for each step from a point to the next the area between it and the equator, and whether it is long."""
    sines = np.sin(np.radians(points[:, 1]))
    squares = _E2 * sines**2
    series = np.full_like(squares, _SERIES[0])
    for term in _SERIES[1:]:
        series *= squares
        series += term
    below = (_A**2 * (1 - _E2) / 2) * sines * (1 / (1 - squares) + series)
    step = np.radians(np.diff(points, axis=0))
    middle = (sines[1:] + sines[:-1]) / 2
    flatness = 1 - _E2 * middle**2
    east = _A**2 * (1 - middle**2) / flatness * step[:, 0] ** 2
    north = (_A * (1 - _E2)) ** 2 / flatness**3 * step[:, 1] ** 2
    areas = step[:, 0] * ((below[1:] + below[:-1]) / 2 + middle / 12 * (east + 3 * north))
    is_long = east + north > (LONGEST_EDGE_M * (1 - middle**2)) ** 2
    return areas, is_long
