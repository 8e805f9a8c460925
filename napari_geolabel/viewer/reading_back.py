"""What the hand has drawn or moved, as geometry.

A layer holds float32.  So an edited geometry is built from the exact one: a
move shifts it as a whole, a vertex that still stands where it was shown keeps
every bit, and only what was touched comes from the layer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import FloatArray, GeoGrid, display_to_pixel, refit_box
from napari_geolabel.geo.rotated_box import with_corner_at
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.geometry_display import Drawing, from_anchored, rings_of, vertex_arrays

ELLIPSE_POINTS = 64
"""Vertices of the polygon that stands for a drawn ellipse."""

_KINDS = {
    "ellipse": (Kind.POLYGON,),
    "line": (Kind.POLYLINE,),
    "path": (Kind.POLYLINE,),
    "polygon": (Kind.POLYGON,),
    "point": (Kind.KEYPOINT,),
}


def kinds_for(drawing: Drawing) -> tuple[Kind, ...]:
    """Return what a new drawing may become, the likeliest first."""
    if drawing.shape_type != "rectangle":
        return _KINDS[drawing.shape_type]
    if is_axis_aligned(drawing.vertices):
        return (Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON)
    return (Kind.ROTATED_BOX, Kind.POLYGON)


def new_geometry(kind: Kind, parts: Sequence[Drawing], grid: GeoGrid) -> BaseGeometry:
    """Return the pixel geometry of a new drawing of one of its kinds; lines may come in several parts.

    Raises
    ------
    GeometryError
        If the drawing has too few points for the kind, or one that is nowhere.
    """
    points = [display_to_pixel(part.vertices) for part in parts]
    if not all(np.isfinite(each).all() for each in points):  # napari's ellipse without a size has such
        raise GeometryError("the drawing has no size; drag further")
    if kind is Kind.KEYPOINT:
        return shapely.Point(points[0][0])
    if kind is Kind.POLYLINE:
        return _lines(points)
    if kind is Kind.BOX:
        return _box(points[0])
    if kind is Kind.ROTATED_BOX:
        return shapely.Polygon(refit_box(points[0], grid))
    if parts[0].shape_type == "ellipse":
        return shapely.Polygon(ellipse_points(points[0]))
    return from_anchored(points[0])


def edited_geometry(
    annotation: Annotation,
    shown: Sequence[Drawing],
    now: Mapping[int, Drawing],
    *,
    grid: GeoGrid,
    allowed: Collection[Kind],
) -> tuple[Kind, BaseGeometry]:
    """Return kind and pixel geometry of an annotation whose drawing was edited.

    Parameters
    ----------
    annotation
        The annotation as it was.
    shown
        Its drawings as the layer had them, in float32.
    now
        Its drawings as the layer has them, by part.
    grid
        Says what a right angle is.
    allowed
        The kinds that its class allows; a box that is turned needs another.

    Raises
    ------
    GeometryError
        If nothing that the class allows has that shape.
    """
    if annotation.kind is Kind.KEYPOINT:
        return annotation.kind, new_geometry(annotation.kind, [now[0]], grid)
    shift = _common_shift(shown, now)
    if shift is not None:
        return annotation.kind, shapely.transform(annotation.geometry, lambda xy: xy + shift)
    exact = vertex_arrays(annotation.geometry)
    if annotation.kind is Kind.POLYLINE:
        return annotation.kind, _lines([_restored(exact[i], shown[i], d.vertices) for i, d in sorted(now.items())])
    if annotation.kind is Kind.POLYGON:
        return annotation.kind, _edited_polygon(annotation.geometry, exact[0], shown[0], now[0])
    return _edited_box(annotation, exact[0], shown[0], now[0], grid, allowed)


def is_axis_aligned(vertices: FloatArray) -> bool:
    """Return whether four display points are a rectangle along the axes, as far as float32 can say."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    near = _rounding(vertices)
    at_edge = (np.abs(vertices - low) <= near) | (np.abs(vertices - high) <= near)
    return vertices.shape == (4, 2) and bool(at_edge.all())


def moved_as_a_whole(shown: Sequence[Drawing], now: Mapping[int, Drawing]) -> bool:
    """Return whether an edit shifted all vertices alike."""
    return _common_shift(shown, now) is not None


def _common_shift(shown: Sequence[Drawing], now: Mapping[int, Drawing]) -> FloatArray | None:
    """Return the shift in pixels ``(x, y)`` that all vertices share, None if they do not."""
    if len(now) != len(shown) or any(len(now[i].vertices) != len(shown[i].vertices) for i in now):
        return None
    after = np.concatenate([now[i].vertices for i in range(len(shown))])
    shifts = after - np.concatenate([drawing.vertices for drawing in shown])
    shift = np.median(shifts, axis=0)
    if not shift.any() or np.abs(shifts - shift).max() > _rounding(after):
        return None
    return np.asarray(shift[::-1], np.float64)


def _rounding(vertices: FloatArray) -> float:
    """Return the largest error, in pixels, that float32 arithmetic leaves in such coordinates."""
    return 8 * float(np.finfo(np.float32).eps) * max(1.0, float(np.abs(vertices).max()))


def _lines(parts: Sequence[FloatArray]) -> BaseGeometry:
    """Return a line, or a multiline of several parts."""
    if any(len(np.unique(part, axis=0)) < 2 for part in parts):
        raise GeometryError("a line needs two different points; draw it again")
    return shapely.LineString(parts[0]) if len(parts) == 1 else shapely.MultiLineString(list(parts))


def ellipse_points(corners: FloatArray) -> FloatArray:
    """Return points on the ellipse that touches the sides of a rectangle, its corners shape (4, 2), as shape (n, 2)."""
    angles = np.linspace(0, 2 * np.pi, ELLIPSE_POINTS, endpoint=False)
    across, along = (corners[1] - corners[0]) / 2, (corners[3] - corners[0]) / 2
    points = corners.mean(axis=0) + np.outer(np.cos(angles), across) + np.outer(np.sin(angles), along)
    return np.asarray(points, np.float64)


def _restored(exact: FloatArray, shown: Drawing, vertices: FloatArray) -> FloatArray:
    """Return edited display points as pixel points; those that were shown before come back exact."""
    known = {tuple(point): pixel for point, pixel in zip(shown.vertices.tolist(), exact, strict=True)}
    pixels = display_to_pixel(vertices)
    for i, point in enumerate(vertices.tolist()):
        if tuple(point) in known:
            pixels[i] = known[tuple(point)]
    return pixels


def _edited_polygon(geometry: BaseGeometry, exact: FloatArray, shown: Drawing, now: Drawing) -> BaseGeometry:
    """Return a polygon whose drawing had vertices moved, added or removed."""
    rings = [ring for part in rings_of(geometry) for ring in part]
    vertices = now.vertices
    if len(rings) > 1 and len(vertices) == len(shown.vertices):
        vertices = _with_twins(shown.vertices, vertices)
    if len(rings) > 1 and len(vertices) == len(shown.vertices) - 1:
        return _without_vertex(geometry, _first_difference(shown.vertices, vertices))
    return from_anchored(_restored(exact, shown, vertices), template=geometry)


def _with_twins(before: FloatArray, after: FloatArray) -> FloatArray:
    """Move the copies of a moved vertex along with it.

    napari moves only the topmost of the points that close a ring and anchor
    it, which would leave the ring open.
    """
    healed = after.copy()
    for i in np.flatnonzero((before != after).any(axis=1)):
        healed[(before == before[i]).all(axis=1)] = after[i]
    return healed


def _first_difference(before: FloatArray, after: FloatArray) -> int:
    """Return the index of the vertex that is missing from ``after``."""
    differs = np.flatnonzero((before[: len(after)] != after).any(axis=1))
    return int(differs[0]) if len(differs) else len(after)


def _without_vertex(geometry: BaseGeometry, index: int) -> BaseGeometry:
    """Return a polygon of several rings without one vertex; a hole that is left with two points goes.

    The index is of its anchored form.  Other rings may have a vertex at the same place; they keep it.
    """
    rings = [ring[:-1] for part in rings_of(geometry) for ring in part]
    which, position = _place_of(index, [len(ring) for ring in rings])
    rings[which] = np.delete(rings[which], position, axis=0)
    following = iter(rings)
    parts = [[next(following) for _ in part] for part in rings_of(geometry)]
    if any(len(shell) < 3 for shell, *_ in parts):
        raise GeometryError("a polygon needs three points; delete it instead")
    parts = [[shell, *(hole for hole in holes if len(hole) >= 3)] for shell, *holes in parts]
    polygons = [shapely.Polygon(shell, holes) for shell, *holes in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _place_of(index: int, sizes: Sequence[int]) -> tuple[int, int]:
    """Return ring and position of a vertex of an anchored form, by how many vertices its rings have."""
    for which, size in enumerate(sizes):
        if index <= size:  # the last of a ring is its first again
            return which, index % size
        index -= size + 1 + bool(which)
        if index < 0:
            break
    return 0, 0  # the anchor, which stands behind every further ring


def _edited_box(
    annotation: Annotation, exact: FloatArray, shown: Drawing, now: Drawing, grid: GeoGrid, allowed: Collection[Kind]
) -> tuple[Kind, BaseGeometry]:
    """Return a box after its corners were dragged, or what a box becomes when it is none any more."""
    if len(now.vertices) == 4:
        moved = np.flatnonzero((now.vertices != shown.vertices).any(axis=1))
        if len(moved) == 1:
            corners = with_corner_at(exact, int(moved[0]), display_to_pixel(now.vertices[moved[0]]))
            return annotation.kind, _box_polygon(annotation.kind, corners)
        if annotation.kind is Kind.BOX and is_axis_aligned(now.vertices):
            return Kind.BOX, new_geometry(Kind.BOX, [now], grid)
        if Kind.ROTATED_BOX in allowed:
            return Kind.ROTATED_BOX, new_geometry(Kind.ROTATED_BOX, [now], grid)
    if Kind.POLYGON in allowed:
        return Kind.POLYGON, from_anchored(_restored(exact, shown, now.vertices))
    raise GeometryError(
        f"a {annotation.kind.replace('_', ' ')} has four corners at right angles, and the class "
        f"{annotation.class_id!r} allows no other shape that fits; resize it by a corner or draw it again"
    )


def _box_polygon(kind: Kind, corners: FloatArray) -> BaseGeometry:
    """Return corners as a polygon, to the bit along the axes for a box."""
    if kind is Kind.BOX:
        return _box(corners)
    return shapely.Polygon(corners)


def _box(corners: FloatArray) -> BaseGeometry:
    """Return the box that corners span."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return shapely.Polygon([(left, top), (right, top), (right, bottom), (left, bottom)])
