"""Annotations as napari draws them.

napari shows one array of ``(row, col)`` vertices per shape.  A polygon with
holes or parts goes into one array in *anchored* form: closed rings one after
another, and after every ring but the first a return to the very first vertex.
Rings that are merely strung together come out wrong from the second hole on:
stray edges, filled holes, false hits.

``reading_back.py`` holds the other direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import FloatArray, pixel_to_display
from napari_geolabel.ontology.kinds import Kind

_SHAPE_TYPES = {
    Kind.BOX: "rectangle",
    Kind.ROTATED_BOX: "rectangle",
    Kind.POLYGON: "polygon",
    Kind.POLYLINE: "path",
    Kind.KEYPOINT: "point",
}


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Drawing:
    """One row of a Shapes or Points layer."""

    shape_type: str
    """``rectangle``, ``ellipse``, ``line``, ``path`` or ``polygon`` as napari names them, or ``point``."""
    vertices: FloatArray
    """Display coordinates ``(row, col)``, shape (n, 2)."""
    polygon: BaseGeometry | None = None
    """The polygon itself in pixel coordinates, where it has several rings."""


def drawings(annotation: Annotation) -> tuple[Drawing, ...]:
    """Return what shows an annotation: one drawing, or one per part for a line of several parts."""
    shape_type = _SHAPE_TYPES[annotation.kind]
    geometry = annotation.geometry
    arrays = [pixel_to_display(array) for array in vertex_arrays(geometry)]
    polygon = geometry if shape_type == "polygon" and _has_several_rings(geometry) else None
    return tuple(Drawing(shape_type=shape_type, vertices=array, polygon=polygon) for array in arrays)


def _has_several_rings(geometry: BaseGeometry) -> bool:
    return geometry.geom_type == "MultiPolygon" or bool(shapely.get_num_interior_rings(geometry))


def vertex_arrays(geometry: BaseGeometry) -> list[FloatArray]:
    """Return the pixel points ``(x, y)`` of a geometry, one array of shape (n, 2) per drawing, exact."""
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return [anchored(geometry)]
    return [shapely.get_coordinates(part) for part in shapely.get_parts(geometry)]


def rings_of(geometry: BaseGeometry) -> list[list[FloatArray]]:
    """Return the closed rings of a polygon's parts, shell first, as pixel points of shape (n, 2)."""
    return [
        [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(geometry)
    ]


def anchored(geometry: BaseGeometry) -> FloatArray:
    """Return the pixel points of a polygon in anchored form, shape (n, 2); a single ring stays open."""
    rings = [ring for part in rings_of(geometry) for ring in part]
    if len(rings) == 1:
        return rings[0][:-1]
    anchor = rings[0][:1]
    return np.concatenate([rings[0], *(np.concatenate([ring, anchor]) for ring in rings[1:])])


def from_anchored(vertices: FloatArray, template: BaseGeometry | None = None) -> BaseGeometry:
    """Return the polygon of pixel points in anchored form, or of one ring.

    Parameters
    ----------
    vertices
        Pixel points ``(x, y)``, shape (n, 2).
    template
        A polygon that had the same rings; it says which ring is a hole of
        which part, which otherwise follows from what lies inside what.

    Raises
    ------
    GeometryError
        If a ring does not close or has fewer than three points.
    """
    rings = _split(vertices)
    if template is not None:
        sizes = [len(part) for part in rings_of(template)]
        if sum(sizes) == len(rings):
            return _assemble([rings[sum(sizes[:i]) : sum(sizes[: i + 1])] for i in range(len(sizes))])
    return _assemble(_nest(rings))


def _split(vertices: FloatArray) -> list[FloatArray]:
    """Return the rings that an anchored array strings together, closed; one ring on its own stays open."""
    again = _next_at_same_place(vertices)
    if len(vertices) == 0 or again[0] == len(vertices):
        rings = [vertices]
    else:
        rings, start = [], 0
        while start < len(vertices):
            stop = int(again[start]) + 1
            if stop > len(vertices) or (
                start and stop < len(vertices) and not np.array_equal(vertices[stop], vertices[0])
            ):
                raise GeometryError(
                    "the rings of the polygon no longer close; move a vertex instead of adding one there"
                )
            rings.append(vertices[start:stop])
            start = stop + (1 if start else 0)
    if not all(_has_three_points(ring) for ring in rings):
        raise GeometryError("a ring of the polygon has fewer than three points; draw it again")
    return rings


def _has_three_points(ring: FloatArray) -> bool:
    """Return whether a ring has three different points; nearly always its first three are."""
    first = {(x, y) for x, y in ring[:3].tolist()}
    return len(first) == 3 or len(np.unique(ring, axis=0)) > 2


def _next_at_same_place(vertices: FloatArray) -> NDArray[np.intp]:
    """Return for each vertex the index of the next one at its place, the number of vertices where there is none."""
    order = np.lexsort(vertices.T)  # it is stable
    is_same = (vertices[order[1:]] == vertices[order[:-1]]).all(axis=1)
    following = np.full(len(vertices), len(vertices))
    following[order[:-1][is_same]] = order[1:][is_same]
    return following


def _nest(rings: list[FloatArray]) -> list[list[FloatArray]]:
    """Return rings as parts, shell first: a ring inside an odd number of others is a hole."""
    if len(rings) == 1:
        return [rings]
    polygons = [shapely.Polygon(ring) for ring in rings]
    points = [shapely.Point(ring[0]) for ring in rings]
    around = [
        [j for j, other in enumerate(polygons) if j != i and other.contains(point)] for i, point in enumerate(points)
    ]
    shells = {i: [ring] for i, ring in enumerate(rings) if len(around[i]) % 2 == 0}
    for i, ring in enumerate(rings):
        if len(around[i]) % 2:
            shells[min((j for j in around[i] if j in shells), key=lambda j: polygons[j].area)].append(ring)
    return list(shells.values())


def _assemble(parts: list[list[FloatArray]]) -> BaseGeometry:
    """Return a polygon, or a multipolygon of several parts."""
    polygons = [shapely.Polygon(shell, holes) for shell, *holes in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
