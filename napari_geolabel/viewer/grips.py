"""What can be taken hold of to move, turn and resize an annotation, and what comes of dragging it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.reshaping import metres_of, moved, rotated
from napari_geolabel.geo import FloatArray, GeoGrid
from napari_geolabel.geo.rotated_box import with_corner_at
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.readout import area_text, box_text, line_text, sides_text

GRIP_PX = 5.0
"""Half the side of a grip, in screen pixels."""
REACH_PX = 9.0
"""How near the mouse must be to a grip to take hold of it, in screen pixels."""
STEM_PX = 28.0
"""How far the grip that turns lies from what it turns, in screen pixels."""

_BOXES = (Kind.BOX, Kind.ROTATED_BOX)
_SQUARE = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)], np.float64)
_DIAMOND = np.array([(0, -1.4), (1.4, 0), (0, 1.4), (-1.4, 0), (0, -1.4)], np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Grip:
    """A place to take hold of."""

    does: Literal["move", "turn", "resize"]
    point: FloatArray
    """Where it is, as a pixel point ``(x, y)``."""
    corner: int = 0
    """Which corner of a box it resizes by."""


def ground_turn_matrix(grid: GeoGrid) -> FloatArray:
    """Return the frame in which things are turned: metres, or square pixels without a georeference; shape (2, 2)."""
    return metres_of(grid) if grid.is_georeferenced else np.diag([1.0, -1.0])


def grips_of(annotation: Annotation, screen_px: FloatArray) -> list[Grip]:
    """Return the grips of an annotation; ``screen_px`` are the screen pixels of a scene pixel, ``(width, height)``."""
    if annotation.kind is Kind.KEYPOINT:
        return []
    corners = shapely.get_coordinates(annotation.geometry)[:4]
    is_box = annotation.kind in _BOXES
    found = [Grip(does="resize", point=corner, corner=i) for i, corner in enumerate(corners)] if is_box else []
    return [*found, Grip(does="turn", point=_stem(annotation, screen_px)[1])]


def lines_of(annotations: Sequence[Annotation], screen_px: FloatArray) -> list[FloatArray]:
    """Return the outlines of annotations and, where there is one alone, its grips, as lines of shape (n, 2)."""
    lines = [shapely.get_coordinates(line) for a in annotations for line in _outlines(a.geometry)]
    if len(annotations) == 1:
        grips = grips_of(annotations[0], screen_px)
        shapes = {"resize": _SQUARE, "turn": _DIAMOND}
        lines += [grip.point + shapes[grip.does] * GRIP_PX / screen_px for grip in grips]
        lines += [np.array(_stem(annotations[0], screen_px))] if grips else []
    return lines


def grip_at(annotation: Annotation, point: FloatArray, screen_px: FloatArray) -> Grip | None:
    """Return the grip of an annotation that is under the mouse, None where none is."""
    grips = grips_of(annotation, screen_px)
    distances = [float(np.hypot(*((grip.point - point) * screen_px))) for grip in grips]
    nearest = int(np.argmin(distances)) if grips else 0
    return grips[nearest] if grips and distances[nearest] <= REACH_PX else None


def degrees_between(annotation: Annotation, start: FloatArray, end: FloatArray, grid: GeoGrid) -> float:
    """Return by how many degrees the mouse has gone round an annotation, clockwise on the ground, in (-180, 180]."""
    centre = shapely.get_coordinates(shapely.centroid(annotation.geometry))[0]
    (east, north), (east_now, north_now) = (np.array([start, end]) - centre) @ ground_turn_matrix(grid).T
    turned = np.rad2deg(np.arctan2(east_now, north_now) - np.arctan2(east, north))
    return float(180 - (180 - turned) % 360)


def dragged(annotation: Annotation, grip: Grip, start: FloatArray, end: FloatArray, grid: GeoGrid) -> BaseGeometry:
    """Return the geometry that an annotation has with a grip dragged from one pixel point to another.

    Raises
    ------
    GeometryError
        If a box would have no area.
    """
    if grip.does == "move":
        return moved(annotation.geometry, end - start)
    if grip.does == "turn":
        degrees = degrees_between(annotation, start, end, grid)
        return rotated(annotation.geometry, degrees, ground_turn_matrix(grid))
    corners = shapely.get_coordinates(annotation.geometry)[:4]
    return shapely.Polygon(with_corner_at(corners, grip.corner, end))


def size_text(kind: Kind, geometry: BaseGeometry, grid: GeoGrid) -> str:
    """Return how large a geometry of a kind is."""
    points = shapely.get_coordinates(geometry)
    if kind is Kind.ROTATED_BOX:
        return box_text(points[:4], grid)
    if kind is Kind.BOX:
        return sides_text(points[:4], grid)
    if kind is Kind.POLYLINE and geometry.geom_type == "LineString":
        return line_text(points, grid)
    one_ring = isinstance(geometry, shapely.Polygon) and not geometry.interiors
    return area_text(points, grid) if one_ring else ""


def _stem(annotation: Annotation, screen_px: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return where the grip that turns hangs, and where it is: ahead of the bow, or above."""
    points = shapely.get_coordinates(annotation.geometry)
    if annotation.kind is Kind.ROTATED_BOX:
        foot = points[:2].mean(axis=0)
        ahead = (foot - points[2:4].mean(axis=0)) * screen_px
        return foot, foot + ahead / np.hypot(*ahead) * STEM_PX / screen_px
    (left, top), (right, _) = points.min(axis=0), points.max(axis=0)
    foot = np.array([(left + right) / 2, top])
    return foot, foot - np.array([0, STEM_PX]) / screen_px


def _outlines(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Return the rings and lines of a geometry."""
    return list(shapely.get_parts(shapely.boundary(geometry) if shapely.get_dimensions(geometry) == 2 else geometry))
