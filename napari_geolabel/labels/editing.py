"""Changing fields of an annotation so that the ontology still agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Link, Provenance, Status
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.errors import AttributeValueError, ForbiddenKindError, GeoLabelError, MaskValueError
from napari_geolabel.formats.kinds import guess_kind
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labels.adding import as_kind, as_status, to_pixels
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass, Ontology
from napari_geolabel.ontology.values import check_attributes, with_answers


class AnnotationFields(TypedDict, total=False):
    """What a script may change of an annotation."""

    class_id: str
    kind: Kind | str
    geometry: BaseGeometry
    crs: str | int | CRS | None
    attributes: Mapping[str, Any]
    status: Status | str
    confidence: float | None
    provenance: Provenance
    group: str | None
    links: tuple[Link, ...]


def edited(annotation: Annotation, ontology: Ontology, grid: GeoGrid, fields: AnnotationFields) -> Annotation:
    """Return the annotation with other fields; what a new class cannot keep is left out.

    Raises
    ------
    GeoLabelError
        If a field is not one of those that may be changed.
    """
    unknown = fields.keys() - AnnotationFields.__annotations__.keys()
    if unknown:
        known = ", ".join(AnnotationFields.__annotations__)
        raise GeoLabelError(f"an annotation has no field {sorted(unknown)[0]!r} to change; there are {known}")
    values: dict[str, Any] = {name: value for name, value in fields.items() if name != "crs"}
    if "status" in values:
        values["status"] = as_status(values["status"])
    if "kind" in values:
        values["kind"] = as_kind(values["kind"])
    if "geometry" in values:
        pixels, sources = to_pixels([values["geometry"]], fields.get("crs"), grid)
        values |= {"geometry": pixels[0], "source": sources[0]}
    if "class_id" in values:
        values = _of_class(annotation, ontology[values["class_id"]], grid) | values
    return annotation.edited(**values)


def attributes_kept(annotation: Annotation, label_class: LabelClass) -> dict[str, Any]:
    """Return the attribute values of an annotation that another class knows too."""
    kept: dict[str, Any] = {}
    for name, value in annotation.attributes.items():  # what others depend on comes first
        if _accepts(label_class, kept | {name: value}):
            kept[name] = value
    return kept


def answers_change(annotations: Sequence[Annotation], ontology: Ontology, answers: Mapping[str, Any]) -> Change:
    """Return the change that answers some attributes anew; None takes an answer back.

    Annotations that say so already stay as they are.

    Raises
    ------
    AttributeValueError
        If a class does not allow an answer, or it does not apply (see `with_answers`).
    """
    values = [with_answers(ontology[old.class_id].attributes, old.attributes, answers) for old in annotations]
    changed = [(old, new) for old, new in zip(annotations, values, strict=True) if new != old.attributes]
    edits = tuple(Edit(before=old, after=old.edited(attributes=new)) for old, new in changed)
    what = changed[0][0].class_id if len(changed) == 1 else f"{len(changed)} annotations"
    return Change(title=f"set {', '.join(answers)} of {what}", edits=edits)


def mask_value_of(class_id: str | None, ontology: Ontology) -> int:
    """Return the value that paints a class into a mask, 0 for None, which erases.

    Raises
    ------
    ForbiddenKindError
        If the class does not allow masks.
    MaskValueError
        If the class has no mask value.
    """
    if class_id is None:
        return 0
    label_class = ontology[class_id]
    if Kind.MASK not in label_class.kinds:
        kinds = ", ".join(label_class.kinds)
        raise ForbiddenKindError(f"{class_id} is not painted but drawn as {kinds}; allow kind mask in the ontology")
    if label_class.mask_value is None:
        raise MaskValueError(f"{class_id} has no mask_value in the ontology {ontology.id}; give it one to paint it")
    return label_class.mask_value


def _of_class(annotation: Annotation, label_class: LabelClass, grid: GeoGrid) -> dict[str, Any]:
    """Return the fields that an annotation keeps or changes when it becomes one of another class."""
    allowed = annotation.kind in label_class.kinds
    kind = annotation.kind if allowed else guess_kind(annotation.geometry, label_class, grid)
    return {"attributes": attributes_kept(annotation, label_class), "kind": kind}


def _accepts(label_class: LabelClass, values: Mapping[str, Any]) -> bool:
    """Return whether a class accepts these attribute values."""
    try:
        check_attributes(label_class.attributes, values)
    except AttributeValueError:
        return False
    return True
