"""Geometries as flat arrays of numbers, which compiled code can walk through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

POLYGON, LINE, RING, POINT = 0, 1, 2, 3
_KINDS = np.array([POINT, LINE, RING, POLYGON])  # by `shapely.GeometryType`, of simple ones from 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """The parts of geometries: polygons with their rings, lines, points."""

    points: NDArray[np.float64]
    """Vertices ``(x, y)``, shape (points, 2)."""
    rings: NDArray[np.int64]
    """Where in ``points`` each ring or line begins, and the number of points; shape (rings + 1,)."""
    parts: NDArray[np.int64]
    """Where in ``rings`` each part begins, and the number of rings; shape (parts + 1,)."""
    kinds: NDArray[np.int8]
    """`POLYGON`, `LINE`, `RING` or `POINT`, shape (parts,)."""
    heights: NDArray[np.float64]
    """Lowest and highest y of each part, shape (parts, 2)."""
    owners: NDArray[np.intp]
    """The geometry of each part, shape (parts,)."""

    @classmethod
    def of(cls, geometries: NDArray[Any]) -> Outlines:
        """Return the parts of geometries, none of which is empty or missing, in their order."""
        parts, owners = geometries, np.arange(len(geometries))
        if (shapely.get_type_id(geometries) >= shapely.GeometryType.MULTIPOINT).any():
            parts, owners = shapely.get_parts(geometries, return_index=True)
        kinds = _KINDS[shapely.get_type_id(parts)]
        is_polygon = kinds == POLYGON
        counts = np.ones(len(parts), np.int64)
        counts[is_polygon] += shapely.get_num_interior_rings(parts[is_polygon])
        firsts = np.append(0, np.cumsum(counts))
        if (counts == 1).all():  # the points of a polygon without holes are those of its ring
            rings = parts
        else:
            rings = np.repeat(parts, counts)
            rings[np.repeat(is_polygon, counts)] = shapely.get_rings(parts[is_polygon])
        ends = np.append(0, np.cumsum(shapely.get_num_coordinates(rings)))
        return cls(
            points=shapely.get_coordinates(rings),
            rings=ends,
            parts=firsts,
            kinds=kinds.astype(np.int8),
            heights=np.ascontiguousarray(reach(parts)[:, 1::2]),
            owners=owners,
        )


def reach(geometries: NDArray[Any]) -> NDArray[np.float64]:
    """Return least x, least y, greatest x, greatest y of all vertices of geometries, shape (n, 4); NaN for empty ones.

    The bounds of GEOS leave out holes, which lie outside the shell in some invalid polygons, and are drawn there.
    """
    bounds = shapely.bounds(geometries)
    kinds = shapely.get_type_id(geometries)
    may_have_holes = (shapely.get_num_interior_rings(geometries) > 0) | (kinds >= shapely.GeometryType.MULTIPOLYGON)
    if may_have_holes.any():
        points, owners = shapely.get_coordinates(geometries[may_have_holes], return_index=True)
        numbers, firsts = np.unique(owners, return_index=True)  # an empty one has no points
        some = np.flatnonzero(may_have_holes)[numbers]
        bounds[some, :2] = np.minimum.reduceat(points, firsts)
        bounds[some, 2:] = np.maximum.reduceat(points, firsts)
    return bounds
