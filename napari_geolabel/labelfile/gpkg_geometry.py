"""Geometries as GeoPackage has them, and the way from pixels to them and back.

A GeoPackage geometry is a header (magic, flags, SRS, envelope) and well-known
binary.  Without a georeference the coordinates are ``(x, -y)`` of the pixels
and the SRS is -1, "undefined Cartesian": the scene stands upright in a GIS.

Source: OGC 12-128r17 (GeoPackage 1.3), clause 2.1.3.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import FloatArray, GeoGrid

UNDEFINED_SRS = -1
"""The SRS of coordinates without a place on Earth."""

_ENVELOPE_DOUBLES = {0: 0, 1: 4, 2: 6, 3: 6, 4: 8}
_LITTLE_ENDIAN, _EMPTY = 0x01, 0x10


def to_map(geometry: BaseGeometry, grid: GeoGrid) -> BaseGeometry:
    """Return a geometry of pixel coordinates in map coordinates, ``(x, -y)`` without a georeference."""
    return shapely.transform(geometry, grid.pixel_to_map if grid.is_georeferenced else _upright)


def to_pixel(geometry: BaseGeometry, grid: GeoGrid) -> BaseGeometry:
    """Return a geometry of map coordinates, or ``(x, -y)``, in pixel coordinates."""
    return shapely.transform(geometry, grid.map_to_pixel if grid.is_georeferenced else _upright)


def to_blob(geometry: BaseGeometry, srs_id: int) -> bytes:
    """Return a GeoPackage geometry with its envelope."""
    wkb = shapely.to_wkb(geometry, byte_order=1)
    if geometry.is_empty:
        return b"GP\0" + bytes([_LITTLE_ENDIAN | _EMPTY]) + struct.pack("<i", srs_id) + wkb
    x0, y0, x1, y1 = geometry.bounds
    return b"GP\0\x03" + struct.pack("<i4d", srs_id, x0, x1, y0, y1) + wkb


def from_blob(blob: bytes) -> BaseGeometry:
    """Return the geometry of a GeoPackage blob, two-dimensional.

    Raises
    ------
    GeometryError
        If it is none.
    """
    try:
        geometry = shapely.from_wkb(bytes(blob[_wkb_start(blob) :]))
    except (TypeError, IndexError, struct.error, KeyError, shapely.GEOSException) as error:
        raise GeometryError("the geometry of a feature is not a GeoPackage geometry; draw it again") from error
    return shapely.force_2d(geometry)


def to_multi(geometry: BaseGeometry) -> BaseGeometry:
    """Return a polygon or line as one with parts; others as they are."""
    if isinstance(geometry, shapely.Polygon):
        return shapely.MultiPolygon([geometry])
    if isinstance(geometry, shapely.LineString):
        return shapely.MultiLineString([geometry])
    return geometry


def register_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the triggers of a GeoPackage's index call."""
    functions: dict[str, Callable[[bytes | None], float | int | None]] = {
        "ST_MinX": lambda blob: _bound(blob, 0),
        "ST_MaxX": lambda blob: _bound(blob, 1),
        "ST_MinY": lambda blob: _bound(blob, 2),
        "ST_MaxY": lambda blob: _bound(blob, 3),
        "ST_IsEmpty": _is_empty,
    }
    for name, function in functions.items():
        connection.create_function(name, 1, function, deterministic=True)


def _upright(xy: FloatArray) -> FloatArray:
    """Turn pixel ``(x, y)`` to ``(x, -y)`` or back."""
    upright: FloatArray = np.asarray(xy, np.float64) * np.array([1.0, -1.0])
    return upright


def _wkb_start(blob: bytes) -> int:
    if bytes(blob[:2]) != b"GP":
        raise KeyError("no GeoPackage geometry")
    return 8 + 8 * _ENVELOPE_DOUBLES[(blob[3] >> 1) & 7]


def _bound(blob: bytes | None, which: int) -> float | None:
    """Return one of minx, maxx, miny, maxy, from the header where it is there."""
    if blob is None or _is_empty(blob):
        return None
    if (blob[3] >> 1) & 7:
        return float(struct.unpack_from("<d" if blob[3] & _LITTLE_ENDIAN else ">d", blob, 8 + 8 * which)[0])
    x0, y0, x1, y1 = from_blob(blob).bounds
    return float((x0, x1, y0, y1)[which])


def _is_empty(blob: bytes | None) -> int | None:
    if blob is None:
        return None
    return int(bool(blob[3] & _EMPTY))
