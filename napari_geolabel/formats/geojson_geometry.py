"""Geometry objects of GeoJSON to shapely's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.formats.geojson_bulk import BULK_BUILDERS
from napari_geolabel.geo import FloatArray

GEOMETRY_TYPES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)


FARTHEST_PX = 1e12
"""Pixel coordinates beyond which numbers are rubbish, whose squares would overflow."""


class BadGeometryError(ValueError):
    """Why one geometry cannot be read; the reader reports it and goes on."""


def build_geometry(member: Any) -> BaseGeometry:  # noqa: ANN401  (any JSON)
    """Return the geometry that a JSON object stands for.

    Raises
    ------
    BadGeometryError
        If it stands for none.
    """
    kind = member.get("type") if isinstance(member, dict) else None
    if not isinstance(kind, str) or kind not in GEOMETRY_TYPES:
        raise BadGeometryError(f"{str(kind)[:40]!r} is no type of geometry")
    if kind == "GeometryCollection":
        parts = member.get("geometries")
        if not isinstance(parts, list):
            raise BadGeometryError("its collection has no list of geometries")
        return shapely.GeometryCollection([build_geometry(part) for part in parts])
    coordinates = member.get("coordinates")
    if not isinstance(coordinates, list):
        raise BadGeometryError("its coordinates are not a list")
    built: BaseGeometry = _BUILDERS[kind](coordinates)
    return built


def build_geometries(members: Sequence[Any]) -> tuple[NDArray[np.object_], dict[int, str]]:
    """Return the geometries that JSON objects stand for, and why some stand for none.

    Parameters
    ----------
    members
        n values of any JSON.

    Returns
    -------
    geometries
        Shape (n,), None where there is a fault.
    faults
        Index to the reason.
    """
    built: NDArray[np.object_] = np.full(len(members), None)
    faults: dict[int, str] = {}
    places: dict[Any, list[int]] = {}
    for index, member in enumerate(members):
        kind = member.get("type") if type(member) is dict else None
        places.setdefault(kind if isinstance(kind, str) else None, []).append(index)
    for kind, indices in places.items():
        bulk = BULK_BUILDERS.get(kind)
        found = None if bulk is None else bulk([members[index].get("coordinates") for index in indices])
        if found is not None:
            built[indices] = found
            continue
        for index in indices:
            try:
                built[index] = build_geometry(members[index])
            except BadGeometryError as fault:
                faults[index] = str(fault) if members[index] is not None else "it has no geometry"
    return built, faults


def is_near(geometry: BaseGeometry) -> bool:
    """Return whether all coordinates of a geometry are numbers that pixels may have."""
    return bool((np.abs(shapely.get_coordinates(geometry)) <= FARTHEST_PX).all())


def are_far(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which geometries have a coordinate that no pixel may have, empty ones not."""
    bounds = np.abs(shapely.bounds(geometries)).reshape(-1, 4)
    return np.asarray(~(bounds <= FARTHEST_PX).all(axis=1) & ~shapely.is_empty(geometries))


def _points(positions: Any, least: int) -> FloatArray:  # noqa: ANN401
    """Return positions as points, shape (n, 2), without their heights."""
    try:
        heights = {len(position) for position in positions}
        array = np.array(positions if len(heights) == 1 else [position[:2] for position in positions])
    except (TypeError, ValueError):
        raise BadGeometryError("its coordinates are not pairs of numbers") from None
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "iuf":
        raise BadGeometryError("its coordinates are not pairs of numbers")
    if len(array) < least:
        raise BadGeometryError(f"it has {len(array)} points where {least} are needed")
    return array[:, :2].astype(np.float64)


def _polygon(rings: list[Any]) -> shapely.Polygon:
    if not rings:
        return shapely.Polygon()
    shell, *holes = (_ring(ring) for ring in rings)
    return shapely.Polygon(shell, holes)


def _ring(positions: Any) -> FloatArray:  # noqa: ANN401
    """Return a ring's points; shapely closes it."""
    points = _points(positions, 3)
    if len(points) == 3 and (points[0] == points[-1]).all():
        raise BadGeometryError("a ring has 2 points where 3 are needed")
    return points


_BUILDERS: Mapping[str, Any] = {
    "Point": lambda c: shapely.Point(_points([c], 1)[0]) if c else shapely.Point(),
    "MultiPoint": lambda c: shapely.MultiPoint(_points(c, 1)) if c else shapely.MultiPoint(),
    "LineString": lambda c: shapely.LineString(_points(c, 2)) if c else shapely.LineString(),
    "MultiLineString": lambda c: shapely.MultiLineString([_points(line, 2) for line in c]),
    "Polygon": _polygon,
    "MultiPolygon": lambda c: shapely.MultiPolygon([_polygon(_list(part)) for part in c]),
}


def _list(value: Any) -> list[Any]:  # noqa: ANN401
    if not isinstance(value, list):
        raise BadGeometryError("its coordinates are not nested as its type asks")
    return value
