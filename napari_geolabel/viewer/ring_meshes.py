"""Meshes of polygons with holes and parts.

napari has the rings of one polygon in one outline, with lines between them
that lead to the first vertex and back, and meshes it with those lines.  As
they cross many rings that takes a tenth of a second for 800 of them, and six
times the triangles; where rings touch at a corner, as pixels do, it can fill
what is no part, or be given up (``docs/upstream.md``).  GEOS meshes the
polygon itself, exactly and in a tenth of the time; only for long smooth rings
it takes longer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.geo import FloatArray, pixel_to_display
from napari_geolabel.viewer.geometry_display import Drawing, rings_of
from napari_geolabel.viewer.standing_rows import let_stand

LONG_RING, MANY_RINGS = 2_000, 20
"""A polygon with a ring of more vertices is left to napari, unless it has that many rings: for a smooth one of 5,000
GEOS takes 0.08 s, and bermuda 0.005 s."""


def made_of_rings(make: Any, drawing: Drawing, looks: dict[str, Any]) -> Any | None:  # noqa: ANN401  (napari's rows)
    """Return napari's row of a polygon with several rings, None where napari has to mesh it.

    Parameters
    ----------
    make
        napari's class of polygons.
    drawing
        What is to be shown.
    looks
        What the row is made with besides.
    """
    polygon = drawing.polygon
    if polygon is None or looks["ndisplay"] != 2 or not hasattr(make, "_triangulate_edge") or not polygon.is_valid:
        return None
    rings, vertices = [ring for part in rings_of(polygon) for ring in part], drawing.vertices
    if len(rings) < MANY_RINGS and max(map(len, rings)) > LONG_RING:
        return None
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    row = make(np.array([low, (low[0], high[1]), high, (high[0], low[1])]), **looks)  # its frame is the polygon's
    shown = list(row.dims_displayed)
    row._face_vertices, row._face_triangles = _face(polygon, shown)  # noqa: SLF001
    edge = _edge(row, [pixel_to_display(ring)[:-1, shown] for ring in rings])
    row._edge_vertices, row._edge_offsets, row._edge_triangles = edge  # noqa: SLF001
    row._data = vertices.astype(row.data.dtype)  # noqa: SLF001
    row._clean_cache()  # noqa: SLF001
    let_stand(row)  # napari meshes it as one outline while its tools drag a vertex
    return row


def _face(polygon: BaseGeometry, shown: list[int]) -> tuple[NDArray[np.float32], NDArray[np.uint32]]:
    """Return the vertices of the triangles that cover a polygon, and the triangles."""
    corners = shapely.get_coordinates(shapely.constrained_delaunay_triangles(polygon)).reshape(-1, 4, 2)[:, :3]
    vertices = pixel_to_display(corners.reshape(-1, 2))[:, shown].astype(np.float32)
    return vertices, np.arange(len(vertices), dtype=np.uint32).reshape(-1, 3)


def _edge(row: Any, rings: list[FloatArray]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:  # noqa: ANN401
    """Return the edge that napari makes of each ring: centres, offsets for a width of one, and triangles."""
    parts = [row._triangulate_edge(ring.astype(np.float32), closed=True) for ring in rings]  # noqa: SLF001
    firsts = np.cumsum([0, *(len(centers) for centers, _, _ in parts[:-1])])
    triangles = [each + first for (_, _, each), first in zip(parts, firsts.astype(np.uint32), strict=True)]
    centers, offsets = (np.concatenate([part[index] for part in parts]) for index in (0, 1))
    return centers, offsets, np.concatenate(triangles)
