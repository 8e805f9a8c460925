"""What an annotation must be to enter the store, and what is wrong with one that may stay.

Three things are refused: an unknown class, a kind that the class does not
allow, and an attribute value that the ontology does not allow; and geometry
that is no geometry of the kind.  Everything else that should be mended (a
missing answer, a polygon that crosses itself) is a *problem*: work in
progress is kept, and the analyst told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.errors import AttributeValueError, ForbiddenKindError, GeometryError
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass, Ontology
from napari_geolabel.ontology.values import check_attributes, missing_required

if TYPE_CHECKING:
    from napari_geolabel.annotations.store import AnnotationStore

SNAP_PX = 1e-6
"""How far from axis-aligned a box may be to be made so: the noise of reprojection, not a drawn angle."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something that should be mended before labels are handed on."""

    annotation_id: str | None
    """The annotation; None for the scene as a whole."""
    rule: str
    """``missing_required``, ``invalid_geometry``, ``tiny``, ``duplicate`` or ``archived_class``."""
    message: str
    """One sentence: what is wrong and what to do."""


def check_annotation(annotation: Annotation, ontology: Ontology) -> Annotation:
    """Return an annotation in the form in which the store keeps it.

    Attribute values become plain, a Z coordinate is dropped, and a box that
    reprojection has left up to ``SNAP_PX`` from its axes is put right.

    Raises
    ------
    UnknownClassError, ForbiddenKindError, AttributeValueError, GeometryError
        What of it the ontology or its kind does not allow.
    """
    label_class = ontology[annotation.class_id]
    _require_kind(annotation.kind, label_class)
    geometry = check_geometry(annotation.geometry, annotation.kind)
    attributes = _checked_attributes(annotation, label_class)
    _require_confidence(annotation.confidence)
    if geometry is annotation.geometry and attributes == annotation.attributes:
        return annotation
    return replace(annotation, geometry=geometry, attributes=attributes)


def check_geometry(geometry: BaseGeometry, kind: Kind) -> BaseGeometry:
    """Return a geometry, in pixel coordinates, that can stand for a kind.

    Raises
    ------
    GeometryError
        If it is of another type, empty, not finite, without extent, or not a box where the kind is one.
    """
    if not isinstance(geometry, BaseGeometry):
        raise GeometryError(f"{type(geometry).__name__} is not a geometry; give a shapely {kind.geometry_types[0]}")
    if geometry.geom_type not in kind.geometry_types:
        allowed = " or ".join(kind.geometry_types)
        raise GeometryError(f"a {kind} cannot be a {geometry.geom_type}; give a {allowed}")
    flat = shapely.force_2d(geometry) if geometry.has_z else geometry
    points = shapely.get_coordinates(flat)
    if len(points) == 0:
        raise GeometryError(f"the {kind} is empty; draw it or leave it out")
    if not np.isfinite(points).all():
        raise GeometryError(f"the {kind} has a coordinate that is not a finite number; draw it again")
    if kind is not Kind.KEYPOINT:
        _require_extent(flat, kind)
    if kind is Kind.BOX:
        return _aligned(flat, points)
    if kind is Kind.ROTATED_BOX:
        _require_convex_corners(flat, points)
    return flat


def find_problems(store: AnnotationStore) -> list[Problem]:
    """Return what should be mended, the scene's own first, then annotations in draw order.

    Rejected annotations have none.
    """
    asked = store.ontology.scene_attributes
    problems = [
        Problem(annotation_id=None, rule="missing_required", message=f"the scene has no answer to {path}; give one")
        for path in missing_required(asked, store.scene_attributes)
    ]
    annotations = [a for a in store.values() if a.status is not Status.REJECTED]
    geometries = np.array([a.geometry for a in annotations], dtype=object)
    found = [*_geometry_problems(annotations, geometries), *_duplicates(annotations)]
    for annotation in annotations:
        found += _ontology_problems(annotation, store.ontology[annotation.class_id])
    place = {annotation.id: index for index, annotation in enumerate(annotations)}
    return problems + sorted(found, key=lambda problem: place[str(problem.annotation_id)])


def _require_kind(kind: Kind, label_class: LabelClass) -> None:
    if kind is Kind.MASK:
        raise ForbiddenKindError("a mask is painted, not drawn; use paint, or a polygon")
    if kind not in label_class.kinds:
        allowed = ", ".join(k for k in label_class.kinds if k is not Kind.MASK)
        way_out = f"draw it as {allowed}" if allowed else "choose another class"
        raise ForbiddenKindError(f"{label_class.id} cannot be a {kind}; {way_out}")


def _checked_attributes(annotation: Annotation, label_class: LabelClass) -> Mapping[str, Any]:
    """Return the attribute values as they are stored; the sentence of an error names the class."""
    try:
        return check_attributes(label_class.attributes, annotation.attributes)
    except AttributeValueError as error:
        raise AttributeValueError(f"{label_class.id}.{error}") from error


def _require_confidence(confidence: float | None) -> None:
    if confidence is not None and not (math.isfinite(confidence) and 0 <= confidence <= 1):
        raise AttributeValueError(f"confidence {confidence} is not between 0 and 1; use null where there is none")


def _require_extent(geometry: BaseGeometry, kind: Kind) -> None:
    """Refuse a line without length and a polygon whose points lie on one line, in any of the parts.

    A polygon that crosses itself may have no area by shapely's reckoning, so
    the hull is what counts.
    """
    for part in shapely.get_parts(geometry):
        if part.geom_type == "LineString" and part.length == 0:
            raise GeometryError(f"the {kind} has no length; give it two different points")
        if part.geom_type == "Polygon" and shapely.convex_hull(part).area == 0:
            raise GeometryError(f"the {kind} has no area; give it three points that are not on one line")


def _aligned(box: BaseGeometry, points: NDArray[np.float64]) -> BaseGeometry:
    """Return a box whose corners lie exactly on its bounds."""
    x0, y0, x1, y1 = box.bounds
    x, y = points[:, 0], points[:, 1]
    snapped = np.column_stack([np.where(x - x0 < x1 - x, x0, x1), np.where(y - y0 < y1 - y, y0, y1)])
    on_bounds = len(points) == 5 and len(np.unique(snapped, axis=0)) == 4
    goes_round = on_bounds and bool((np.sum(np.diff(snapped, axis=0) != 0, axis=1) == 1).all())
    if not goes_round or np.abs(points - snapped).max() > SNAP_PX:
        raise GeometryError("the box is not along the pixel axes; make it a rotated_box or a polygon")
    return box if np.array_equal(points, snapped) else shapely.Polygon(snapped)


def _require_convex_corners(box: BaseGeometry, points: NDArray[np.float64]) -> None:
    """Refuse a rotated box that has not four corners, or crosses itself."""
    corners = points[:-1]
    if len(points) != 5 or shapely.get_num_interior_rings(box):
        raise GeometryError(f"a rotated_box has four corners and not {len(corners)}; make it a polygon")
    edges = np.roll(corners, -1, axis=0) - corners
    ahead = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * ahead[:, 1] - edges[:, 1] * ahead[:, 0]
    if not ((turns > 0).all() or (turns < 0).all()):
        raise GeometryError("the corners of the rotated_box do not go round; give them in order from bow-left")


def _geometry_problems(annotations: list[Annotation], geometries: NDArray[np.object_]) -> Iterator[Problem]:
    """Yield geometries that cross themselves, and areas too small to cover a pixel."""
    for index in np.flatnonzero(~shapely.is_valid(geometries)):
        reason = shapely.is_valid_reason(geometries[index])
        message = f"the {annotations[index].kind} is not valid ({reason.lower()}); move that point or draw it again"
        yield Problem(annotation_id=annotations[index].id, rule="invalid_geometry", message=message)
    area, dimension = shapely.area(geometries), shapely.get_dimensions(geometries)
    for index in np.flatnonzero((dimension == 2) & (area < 1) & shapely.is_valid(geometries)):
        message = (
            f"the {annotations[index].kind} covers {area[index]:.2g} pixels, less than one; remove it or draw it larger"
        )
        yield Problem(annotation_id=annotations[index].id, rule="tiny", message=message)


def _duplicates(annotations: list[Annotation]) -> Iterator[Problem]:
    """Yield annotations that lie exactly where an earlier one of their class lies."""
    seen: dict[tuple[str, bytes], Annotation] = {}
    for annotation in annotations:
        key = (annotation.class_id, shapely.to_wkb(shapely.normalize(annotation.geometry)))
        first = seen.setdefault(key, annotation)
        if first is not annotation:
            message = f"the {annotation.class_id} lies exactly on another one ({first.id}); remove one of them"
            yield Problem(annotation_id=annotation.id, rule="duplicate", message=message)


def _ontology_problems(annotation: Annotation, label_class: LabelClass) -> Iterator[Problem]:
    """Yield required answers that are missing, and a class that is no longer in use."""
    for path in missing_required(label_class.attributes, annotation.attributes):
        message = f"the {label_class.id} has no answer to {path}; give one"
        yield Problem(annotation_id=annotation.id, rule="missing_required", message=message)
    if label_class.archived:
        message = f"the class {label_class.id} is archived; choose another class"
        yield Problem(annotation_id=annotation.id, rule="archived_class", message=message)
