"""What an annotation must be to enter the store.

Three things are refused: an unknown class, a kind that the class does not
allow, and an attribute value that the ontology does not allow; and geometry
that is no geometry of the kind.  Everything else that should be mended (a
missing answer, a polygon that crosses itself) is a *problem*: work in
progress is kept, and the analyst told (``problems.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import Any

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.shapes import check_geometries
from napari_geolabel.errors import AttributeValueError, ForbiddenKindError, GeoLabelError
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass, Ontology
from napari_geolabel.ontology.values import check_attributes


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
            attributes = check_by_ontology(annotation, ontology)
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


def check_by_ontology(annotation: Annotation, ontology: Ontology) -> Mapping[str, Any]:
    """Return the attribute values of an annotation as they are stored.

    Raises
    ------
    UnknownClassError, ForbiddenKindError, AttributeValueError
        What of it the ontology does not allow; the geometry is not looked at.
    """
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


def _require_confidence(confidence: object) -> None:
    if confidence is None:
        return
    # another program may put anything where it stands; numpy's numbers are real ones, its truths are not
    if isinstance(confidence, bool) or not isinstance(confidence, Real):
        raise AttributeValueError(f"confidence {confidence!r} is no number; use one between 0 and 1, or None")
    if not 0 <= float(confidence) <= 1:  # which not-a-number is not either
        raise AttributeValueError(f"confidence {confidence} is not between 0 and 1; use None where there is none")


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two mappings hold equal values of equal types (``True`` is not 1, a list no tuple)."""
    return one is other or (
        one.keys() == other.keys() and all(type(v) is type(other[k]) and v == other[k] for k, v in one.items())
    )
