"""What an annotation must be to enter the store, and what is wrong with one that may stay.

Three things are refused: an unknown class, a kind that the class does not
allow, and an attribute value that the ontology does not allow; and geometry
that is no geometry of the kind.  Everything else that should be mended (a
missing answer, a polygon that crosses itself) is a *problem*: work in
progress is kept, and the analyst told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.shapes import check_geometries
from napari_geolabel.errors import AttributeValueError, ForbiddenKindError, GeoLabelError
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass, Ontology
from napari_geolabel.ontology.values import check_attributes, missing_required

if TYPE_CHECKING:
    from napari_geolabel.annotations.store import AnnotationStore


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
    checked = check_annotations([annotation], ontology)[0]
    if isinstance(checked, GeoLabelError):
        raise checked
    return checked


def check_annotations(annotations: Sequence[Annotation], ontology: Ontology) -> list[Annotation | GeoLabelError]:
    """Return for each annotation its form in the store, or why it is refused (see ``check_annotation``).

    Much faster than one by one; an import reports the errors and keeps the rest.
    """
    geometries, errors = check_geometries([a.geometry for a in annotations], [a.kind for a in annotations])
    results: list[Annotation | GeoLabelError] = []
    for index, (annotation, geometry) in enumerate(zip(annotations, geometries, strict=True)):
        try:
            attributes = _check_by_ontology(annotation, ontology)
        except GeoLabelError as error:
            results.append(error)
            continue
        if index in errors:
            results.append(errors[index])
        elif geometry is annotation.geometry and _same(attributes, annotation.attributes):
            results.append(annotation)
        else:
            results.append(replace(annotation, geometry=geometry, attributes=attributes))
    return results


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


def _check_by_ontology(annotation: Annotation, ontology: Ontology) -> Mapping[str, Any]:
    """Return the attribute values as they are stored; raise what the ontology does not allow."""
    label_class = ontology[annotation.class_id]
    _require_kind(annotation.kind, label_class)
    _require_confidence(annotation.confidence)
    if not annotation.attributes:
        return annotation.attributes
    try:
        return check_attributes(label_class.attributes, annotation.attributes)
    except AttributeValueError as error:
        raise AttributeValueError(f"{label_class.id}.{error}") from error


def _require_kind(kind: Kind, label_class: LabelClass) -> None:
    if kind is Kind.MASK:
        raise ForbiddenKindError("a mask is painted, not drawn; use paint, or a polygon")
    if kind not in label_class.kinds:
        allowed = ", ".join(k for k in label_class.kinds if k is not Kind.MASK)
        way_out = f"draw it as {allowed}" if allowed else "choose another class"
        raise ForbiddenKindError(f"{label_class.id} cannot be a {kind}; {way_out}")


def _require_confidence(confidence: float | None) -> None:
    if confidence is not None and not (math.isfinite(confidence) and 0 <= confidence <= 1):
        raise AttributeValueError(f"confidence {confidence} is not between 0 and 1; use None where there is none")


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two mappings hold equal values of equal types (``True`` is not 1, a list no tuple)."""
    return one is other or (
        one.keys() == other.keys() and all(type(v) is type(other[k]) and v == other[k] for k, v in one.items())
    )


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
