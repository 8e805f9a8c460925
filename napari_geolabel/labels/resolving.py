"""The sides of a conflict: as values, as words, and as the change that makes one of them so."""

from __future__ import annotations

from dataclasses import replace
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

SIDES: tuple[Literal["mine"], Literal["theirs"], Literal["base"]] = ("mine", "theirs", "base")

_ATTRIBUTE = "attributes."
_NOTHING = Change(title="nothing")


def change_that_takes(labels: Past, conflict: Conflict, side: Side) -> Change:
    """Return the change that makes one side of a conflict so; empty where it is so already.

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
    if not conflict.annotation_id:
        return _scene_change(labels, conflict, value)
    before = labels.store.get(conflict.annotation_id)
    if conflict.field == "annotation":
        after = None if value is None else _whole(labels, conflict.annotation_id, before, value)
    elif before is None:
        raise UnknownAnnotationError(f"the annotation {conflict.annotation_id} was removed since; take it as it is")
    else:
        after = edited(before, labels.store.ontology, labels.scene.grid, _fields(before, conflict.field, value))
    if before is after is None or (before and after and _same(before, after)):
        return _NOTHING
    return Change(title=f"resolve {field_name(conflict)}: {side}", edits=(Edit(before=before, after=after),))


def side_that_stands(labels: Past, conflict: Conflict) -> Side:
    """Return which side of a conflict the labels have now; ``current`` where it is none of them."""
    for side in ("theirs", "mine", "base"):
        try:
            if not change_that_takes(labels, conflict, side):
                return side
        except GeoLabelError:  # a side that cannot be taken is not the one that stands
            continue
    return "current"


def geometry_of(conflict: Conflict, side: Literal["mine", "theirs", "base"]) -> BaseGeometry | None:
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


def words_for(conflict: Conflict, side: Literal["mine", "theirs", "base"]) -> str:
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
    return {field: value}  # type: ignore[misc]  # class_id, status or confidence


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


def _scene_change(labels: Past, conflict: Conflict, value: Any) -> Change:  # noqa: ANN401
    before = dict(labels.store.scene_attributes)
    name = conflict.field.removeprefix(_ATTRIBUTE)
    after = {key: held for key, held in before.items() if key != name}
    if value is not None:
        after[name] = value
    if after == before:
        return _NOTHING
    return Change(title=f"resolve {name} of the scene", scene_attributes=(before, after))
