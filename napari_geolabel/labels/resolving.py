"""The sides of a conflict: as values, as words, and as the change that makes one of them so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.errors import GeoLabelError, UnknownAnnotationError
from napari_geolabel.labelfile.merge import Conflict
from napari_geolabel.labels.editing import AnnotationFields, edited
from napari_geolabel.ontology.kinds import Kind

if TYPE_CHECKING:
    from napari_geolabel.labels.past import Past

Side = Literal["mine", "theirs", "base", "current"]
"""Which value of a conflict to take; ``current`` is whatever stands now."""

OwnSide = Literal["mine", "theirs", "base"]
"""A side that a conflict itself holds."""

SIDES: tuple[OwnSide, ...] = ("mine", "theirs", "base")

_ATTRIBUTE = "attributes."
_NOTHING = Change(title="nothing")
_NONE_HELD: Mapping[str, Annotation | None] = MappingProxyType({})


def change_that_takes_all(labels: Past, choices: Sequence[tuple[Conflict, Side]]) -> Change:
    """Return the one change that makes the chosen side of each conflict so, in order."""
    held: dict[str, Annotation | None] = {}
    changes = []
    for conflict, side in choices:
        change = change_that_takes(labels, conflict, side, held)
        held |= {edit.id: edit.after for edit in change.edits}
        changes += [change] if change else []
    if len(changes) <= 1:
        return changes[0] if changes else _NOTHING
    scenes = [change.scene_attributes for change in changes if change.scene_attributes is not None]
    if scenes:
        after = dict(labels.store.scene_attributes)
        for conflict, side in choices:
            after = _answered(after, conflict, side)
        scenes = [(dict(labels.store.scene_attributes), after)]
    edits = tuple(edit for change in changes for edit in change.edits)
    return Change(
        title=f"resolve {len(choices)} conflicts", edits=edits, scene_attributes=scenes[0] if scenes else None
    )


def change_that_takes(
    labels: Past, conflict: Conflict, side: Side, held: Mapping[str, Annotation | None] = _NONE_HELD
) -> Change:
    """Return the change that makes one side of a conflict so; empty where it is so already.

    Parameters
    ----------
    labels
        The labels that the conflict is of.
    conflict, side
        What to take.
    held
        Annotations that are to be thought of as they are here.

    Raises
    ------
    UnknownAnnotationError
        If the annotation was removed since.
    GeoLabelError
        If the side is none.
    """
    if side == "current":
        return _NOTHING
    if side not in SIDES:
        raise GeoLabelError(f"a conflict has no side {side!r}; take one of {', '.join(SIDES)}, current")
    value = getattr(conflict, side)
    annotation_id = conflict.annotation_id
    if not annotation_id:
        return _scene_change(labels, conflict, side)
    before = held[annotation_id] if annotation_id in held else labels.store.get(annotation_id)
    if conflict.field == "annotation":
        after = None if value is None else _whole(labels, annotation_id, before, value)
    elif before is None:
        raise UnknownAnnotationError(f"the annotation {conflict.annotation_id} was removed since; take it as it is")
    else:
        after = edited(before, labels.store.ontology, labels.scene.grid, _fields(before, conflict.field, value))
    if before is after is None or (before and after and _same(before, after)):
        return _NOTHING
    return Change(title=f"resolve {field_name(conflict)}: {side}", edits=(Edit(before=before, after=after),))


def side_that_stands(labels: Past, conflict: Conflict) -> Side:
    """Return which side of a conflict the labels have now; ``current`` where it is none of them."""
    sides: tuple[OwnSide, ...] = ("theirs", "mine", "base")
    for side in sides:
        try:
            if not change_that_takes(labels, conflict, side):
                return side
        except GeoLabelError:  # a side that cannot be taken is not the one that stands
            continue
    return "current"


def geometry_of(conflict: Conflict, side: OwnSide) -> BaseGeometry | None:
    """Return the geometry of one side, in pixel coordinates; None where that side has none."""
    value = getattr(conflict, side)
    if conflict.field == "annotation" and value is not None:
        value = value["geometry"]
    elif conflict.field != "geometry":
        return None
    return None if value is None else _parsed(value)[1]


def field_name(conflict: Conflict) -> str:
    """Return a field as people read it."""
    return {"class_id": "class", "annotation": "the whole annotation"}.get(
        conflict.field, conflict.field.removeprefix(_ATTRIBUTE)
    )


def words_for(conflict: Conflict, side: OwnSide) -> str:
    """Return one side in few words: ``polygon of 5 points, 1200 px²``, ``merchant``, ``removed``."""
    value = getattr(conflict, side)
    if conflict.field == "annotation":
        if value is None:
            return "not there" if side == "base" else "removed"
        return f"{value['class_id']}, {value['status']}, {_size(value['geometry'])}"
    if value is None:
        return "no value"
    if conflict.field == "geometry":
        return _size(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _size(text: str) -> str:
    kind, geometry = _parsed(text)
    words = kind.replace("_", " ")
    x0, y0, x1, y1 = geometry.bounds
    if geometry.geom_type == "Point":
        return f"{words} at {x0:.6g}, {y0:.6g}"
    if geometry.area == 0:
        return f"{words} of {shapely.get_num_coordinates(geometry)} points, {geometry.length:.4g} px"
    return f"{words} {x1 - x0:.4g} x {y1 - y0:.4g} px at {x0:.6g}, {y0:.6g}"


def _parsed(text: str) -> tuple[Kind, BaseGeometry]:
    """Return kind and geometry of a value as the label file keeps it: ``box POLYGON ((...))``."""
    kind, _, wkt = text.partition(" ")
    return Kind(kind), shapely.from_wkt(wkt)


def _fields(before: Annotation, field: str, value: Any) -> AnnotationFields:  # noqa: ANN401
    if field == "geometry":
        kind, geometry = _parsed(value)
        return {"kind": kind, "geometry": geometry}
    if field.startswith(_ATTRIBUTE):
        name = field.removeprefix(_ATTRIBUTE)
        rest = {key: held for key, held in before.attributes.items() if key != name}
        return {"attributes": rest if value is None else {**rest, name: value}}
    return {field: value}  # type: ignore[misc]  # of those that `merge` compares


def _whole(labels: Past, annotation_id: str, before: Annotation | None, value: dict[str, Any]) -> Annotation:
    """Return an annotation with the values of a side; where it is gone, with the provenance that it had."""
    kind, geometry = _parsed(value["geometry"])
    fields = {**value, "kind": kind, "geometry": geometry}
    if before is not None:
        return before.edited(**fields)
    versions = labels.history(annotation_id)
    last = next((v.annotation for v in reversed(versions) if v.annotation is not None), None)
    return Annotation(id=annotation_id, **fields) if last is None else last.edited(**fields)


def _same(one: Annotation, other: Annotation) -> bool:
    """Return whether two annotations differ in nothing but the time of their update."""
    return one == replace(other, provenance=one.provenance, source=one.source)


def _scene_change(labels: Past, conflict: Conflict, side: Side) -> Change:
    before = dict(labels.store.scene_attributes)
    after = _answered(before, conflict, side)
    if after == before:
        return _NOTHING
    return Change(title=f"resolve {field_name(conflict)} of the scene: {side}", scene_attributes=(before, after))


def _answered(answers: Mapping[str, Any], conflict: Conflict, side: Side) -> dict[str, Any]:
    """Return answers for the scene with the side of a conflict among them; those of annotations change nothing."""
    if conflict.annotation_id or side == "current":
        return dict(answers)
    name, value = conflict.field.removeprefix(_ATTRIBUTE), getattr(conflict, side)
    rest = {key: held for key, held in answers.items() if key != name}
    return rest if value is None else {**rest, name: value}
