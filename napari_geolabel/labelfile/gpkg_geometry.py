"""Geometries as GeoPackage has them, and the way from pixels to them and back.

A GeoPackage geometry is a header (magic, flags, SRS, envelope) and well-known
binary.  Without a georeference the coordinates are ``(x, -y)`` of the pixels
and the SRS is -1, "undefined Cartesian": the scene stands upright in a GIS.

Source: OGC 12-128r17 (GeoPackage 1.3), clause 2.1.3.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import FloatArray, GeoGrid

UNDEFINED_SRS = -1
"""The SRS of coordinates without a place on Earth."""

_ENVELOPE_DOUBLES = {0: 0, 1: 4, 2: 6, 3: 6, 4: 8}
_LITTLE_ENDIAN, _HAS_ENVELOPE, _EMPTY = 0x01, 0x0E, 0x10
_DOUBLE = (struct.Struct(">d"), struct.Struct("<d"))
_HEAD = struct.Struct("<4si4d")  # magic, version and flags; SRS; envelope of x and y
_EMPTY_HEAD = struct.Struct("<4si")
_MAGIC, _EMPTY_MAGIC = b"GP\0\x03", b"GP\0" + bytes([_LITTLE_ENDIAN | _EMPTY])


def to_map(geometry: BaseGeometry, grid: GeoGrid) -> BaseGeometry:
    """Return a geometry of pixel coordinates in map coordinates, ``(x, -y)`` without a georeference."""
    found: BaseGeometry = to_maps(np.array([geometry], object), grid)[0]
    return found


def to_maps(geometries: NDArray[np.object_], grid: GeoGrid) -> NDArray[np.object_]:
    """Return geometries of pixel coordinates in map coordinates, ``(x, -y)`` without a georeference."""
    found: NDArray[np.object_] = shapely.transform(geometries, grid.pixel_to_map if grid.is_georeferenced else _upright)
    return found


def to_pixel(geometry: BaseGeometry, grid: GeoGrid) -> BaseGeometry:
    """Return a geometry of map coordinates, or ``(x, -y)``, in pixel coordinates."""
    return shapely.transform(geometry, grid.map_to_pixel if grid.is_georeferenced else _upright)


def to_blob(geometry: BaseGeometry, srs_id: int) -> bytes:
    """Return a GeoPackage geometry with its envelope."""
    return to_blobs(np.array([geometry], object), srs_id)[0]


def to_blobs(geometries: NDArray[np.object_], srs_id: int) -> list[bytes]:
    """Return GeoPackage geometries, n of them, with their envelopes."""
    return _blobs(geometries, shapely.to_wkb(geometries, byte_order=1), srs_id)


def to_multi_blobs(geometries: NDArray[np.object_], srs_id: int) -> list[bytes]:
    """Return GeoPackage geometries with their envelopes, polygons and lines as ones with parts (:func:`to_multi`)."""
    wkbs = shapely.to_wkb(geometries, byte_order=1)
    types = shapely.get_type_id(geometries).tolist()
    return _blobs(geometries, [_PART_HEADS.get(kind, b"") + wkb for kind, wkb in zip(types, wkbs, strict=True)], srs_id)


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


def _blobs(geometries: NDArray[np.object_], wkbs: Iterable[bytes], srs_id: int) -> list[bytes]:
    return [
        # an empty geometry has no bounds, which shapely tells by NaN
        (_HEAD.pack(_MAGIC, srs_id, x0, x1, y0, y1) if x0 == x0 else _EMPTY_HEAD.pack(_EMPTY_MAGIC, srs_id)) + wkb
        for (x0, y0, x1, y1), wkb in zip(shapely.bounds(geometries).tolist(), wkbs, strict=True)
    ]


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
    if blob is None or blob[3] & _EMPTY:
        return None
    if blob[3] & _HAS_ENVELOPE:
        found: tuple[float] = _DOUBLE[blob[3] & _LITTLE_ENDIAN].unpack_from(blob, 8 + 8 * which)
        return found[0]
    x0, y0, x1, y1 = from_blob(blob).bounds
    return float((x0, x1, y0, y1)[which])


def _is_empty(blob: bytes | None) -> int | None:
    if blob is None:
        return None
    return int(bool(blob[3] & _EMPTY))


_PART_HEADS = {
    # well-known binary of a geometry with one part: byte order, type, count, and the part as it is
    int(shapely.GeometryType.POLYGON): struct.pack("<BII", 1, 6, 1),
    int(shapely.GeometryType.LINESTRING): struct.pack("<BII", 1, 5, 1),
}
