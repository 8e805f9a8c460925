"""The coordinates of many polygons at once, as slices of one array."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.geo import FloatArray

Rings = list[FloatArray]
"""The rings of one polygon, each of shape (n, 2) and closed: the exterior, then the holes."""


def rings_of(geometries: NDArray[np.object_]) -> list[list[Rings]]:
    """Return for each polygon or multipolygon its parts, and for each part its rings.

    Three shapely calls serve all of them: three for each would take ten times
    as long.  Other geometries have no parts.
    """
    if len(geometries) == 1 and _is_one_ring(geometries[0]):
        return [[[shapely.get_coordinates(geometries[0])]]]
    polygonal = geometries.copy()
    polygonal[shapely.get_dimensions(geometries) != 2] = None
    parts, part_owners = shapely.get_parts(polygonal, return_index=True)
    rings, ring_owners = shapely.get_rings(parts, return_index=True)
    points = shapely.get_coordinates(rings)
    ends = np.cumsum(shapely.get_num_coordinates(rings)).tolist()
    by_part: list[Rings] = [[] for _ in parts]
    start = 0
    for owner, end in zip(ring_owners.tolist(), ends, strict=True):
        by_part[owner].append(points[start:end])
        start = end
    by_geometry: list[list[Rings]] = [[] for _ in geometries]
    for owner, part in zip(part_owners.tolist(), by_part, strict=True):
        by_geometry[owner].append(part)
    return by_geometry


def _is_one_ring(geometry: BaseGeometry) -> bool:
    return (
        isinstance(geometry, shapely.Polygon)
        and not geometry.is_empty
        and shapely.get_num_interior_rings(geometry) == 0
    )


def has_holes(geometry: BaseGeometry) -> bool:
    """Return whether a geometry is a polygon with holes."""
    return bool(shapely.get_num_interior_rings(shapely.get_parts(geometry)).sum())
