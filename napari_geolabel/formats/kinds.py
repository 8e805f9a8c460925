"""The kind of a feature whose file does not say it."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import SNAP_PX
from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import FloatArray, GeoGrid, ground_matrix, is_rectangle, refit_box
from napari_geolabel.ontology import Kind, LabelClass

_RECTANGLE = 1e-3
"""Cosine up to which a corner counts as right: what rounding and reprojection leave of a rectangle."""


_ROUNDED_PX = 1.0
"""How far a corner may move when a box whose corners were rounded to whole pixels is made a rectangle again."""


def kind_of(word: object, geometry: BaseGeometry) -> Kind | None:
    """Return the kind that a file names, None where it names none that the geometry can be."""
    if not isinstance(word, str) or word not in set(Kind):
        return None
    kind = Kind(word)
    return kind if geometry.geom_type in kind.geometry_types else None


def guess_kind(geometry: BaseGeometry, label_class: LabelClass, grid: GeoGrid) -> Kind:
    """Return the kind as which a geometry in pixel coordinates is most likely meant.

    Points are keypoints and lines polylines.  A rectangle along the pixel
    axes is a box and any other rectangle on the ground a rotated box, where
    the class allows them; other polygons are polygons.
    """
    if shapely.get_dimensions(geometry) < 2:
        return Kind.KEYPOINT if geometry.geom_type == "Point" else Kind.POLYLINE
    if isinstance(geometry, shapely.Polygon) and shapely.get_num_coordinates(geometry) == 5:
        corners = shapely.get_coordinates(geometry)[:4]
        if Kind.BOX in label_class.kinds and _is_along_axes(corners):
            return Kind.BOX
        if Kind.ROTATED_BOX in label_class.kinds and is_rectangle(corners, grid, _RECTANGLE):
            return Kind.ROTATED_BOX
    return Kind.POLYGON


def fitted_kind(
    hint: Kind, geometry: BaseGeometry, label_class: LabelClass, grid: GeoGrid
) -> tuple[Kind, BaseGeometry]:
    """Return the kind that a format means by its shapes, or another that the class allows, and the geometry for it.

    Four corners that are meant as a rotated box are made one where rounding
    to whole pixels explains what they lack, or where the class allows no
    polygons; other quadrilaterals are polygons.  Corners that run the wrong
    way round are turned about, the bow staying where it is.
    """
    if hint not in label_class.kinds or geometry.geom_type not in hint.geometry_types:
        return guess_kind(geometry, label_class, grid), geometry
    if hint is not Kind.ROTATED_BOX or shapely.get_num_coordinates(geometry) != 5:
        return hint, geometry
    corners = shapely.get_coordinates(geometry)[:4]
    if shapely.is_ccw(shapely.linearrings(corners @ ground_matrix(grid).T)):
        corners = corners[[1, 0, 3, 2]]
        geometry = shapely.Polygon(corners)
    if is_rectangle(corners, grid, _RECTANGLE):
        return hint, geometry
    try:
        box = refit_box(corners, grid)
    except GeometryError:
        return Kind.POLYGON, geometry  # without any width: the check says so
    moved = np.hypot(*(corners[:, None] - box[None]).T).min(axis=0).max()
    if moved <= _ROUNDED_PX or Kind.POLYGON not in label_class.kinds:
        return hint, shapely.Polygon(box)
    return Kind.POLYGON, geometry


def turned_box(geometry: BaseGeometry, grid: GeoGrid, heading_deg: float | None) -> BaseGeometry:
    """Return a rotated box whose corners run from bow-left clockwise on the ground.

    Files keep neither where a ring begins nor which way it runs.  The bow is
    the side that lies nearest to the heading, without a heading one of the
    two short sides.  A box that is so already comes back as it is.
    """
    corners = shapely.get_coordinates(geometry)[:4]
    ground = corners @ ground_matrix(grid).T
    if shapely.is_ccw(shapely.linearrings(ground)):
        corners, ground = corners[[0, 3, 2, 1]], ground[[0, 3, 2, 1]]
    turns = [np.roll(np.arange(4), -turn) for turn in range(4)]
    best = min(turns, key=lambda order: _misfit(ground[order], heading_deg))
    if np.array_equal(corners[best], shapely.get_coordinates(geometry)[:4]):
        return geometry
    return shapely.Polygon(corners[best])


def _misfit(ground: FloatArray, heading_deg: float | None) -> float:
    """Return how far a box of ground points is from the heading, or from being longer than wide."""
    axis = ground[:2].mean(axis=0) - ground[2:].mean(axis=0)
    if heading_deg is None:
        return float(np.hypot(*(ground[1] - ground[0])) / np.hypot(*axis))
    return abs(float((np.degrees(np.arctan2(axis[0], axis[1])) - heading_deg + 180) % 360 - 180))


def four_corners(geometry: BaseGeometry) -> BaseGeometry:
    """Return a box along the pixel axes without the points that a file has in its edges; anything else as it is.

    Ours have such points where an edge reaches over more than half of the Earth.
    """
    if geometry.geom_type != "Polygon" or shapely.get_num_coordinates(geometry) <= 5:
        return geometry
    frame = shapely.envelope(geometry)
    beside = shapely.distance(shapely.points(shapely.get_coordinates(geometry)), shapely.boundary(frame)).max()
    lacking = frame.area - geometry.area
    return frame if beside <= SNAP_PX and lacking <= SNAP_PX * frame.length else geometry


def is_turned(geometry: BaseGeometry) -> bool:
    """Return whether a geometry has the four corners of a box, but not along the pixel axes."""
    if not isinstance(geometry, shapely.Polygon) or shapely.get_num_coordinates(geometry) != 5:
        return False
    return not _is_along_axes(shapely.get_coordinates(geometry)[:4])


def _is_along_axes(corners: FloatArray) -> bool:
    """Return whether four corners are those of a rectangle along the pixel axes."""
    steps = np.abs(np.roll(corners, -1, axis=0) - corners)
    flat = steps <= SNAP_PX
    return bool((flat.sum(axis=1) == 1).all() and (flat[0] == flat[2]).all() and (flat[1] == flat[3]).all())
