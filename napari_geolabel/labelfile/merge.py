"""Two edits of one annotation made at the same time, brought together field by field.

``base`` is what both started from, ``mine`` what this session wants, and
``theirs`` what stands in the file by now.  Fields that only one side has
changed are taken from that side.  Where both changed the same field, theirs
stays and the difference is told: nothing is lost without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import Annotation, check_annotation
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labelfile.rows import to_json
from napari_geolabel.ontology import Ontology

_FIELDS = ("class_id", "geometry", "status", "confidence", "group", "links")
_SELDOM = ("group", "links")
_ATTRIBUTE = "attributes."
_ALL_DIGITS = 340  # as many as tell any two numbers apart; shapely's own ``wkt`` loses the last bits


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """One field of one annotation that two sessions changed in different ways; theirs stands."""

    annotation_id: str
    """Empty for an attribute of the scene."""
    field: str
    """``class_id``, ``geometry``, ``status``, ``confidence``, ``group``, ``links``, ``attributes.<id>``, or
    ``annotation`` as a whole."""
    base: Any
    mine: Any
    theirs: Any
    number: int | None = None
    """Number in the label file, to call it resolved by; None before it is written."""
    seq: int | None = None
    """Number of the change that came second and found it."""
    actor: str | None = None
    """Annotator who made that change, and whose ``mine`` is."""
    session: str | None = None
    """Session of that change."""
    at: datetime | None = None
    """When it was made, UTC."""

    def __str__(self) -> str:
        """Return one sentence for the user."""
        whom = f"annotation {self.annotation_id}" if self.annotation_id else "the scene"
        return (
            f"{self.field} of {whom} was changed twice at the same time: "
            f"the file has {_short(self.theirs)}, you wanted {_short(self.mine)} instead of {_short(self.base)}"
        )


def merge_annotation(
    base: Annotation | None, mine: Annotation | None, theirs: Annotation | None, ontology: Ontology
) -> tuple[Annotation | None, list[Conflict]]:
    """Return what becomes of an annotation that two sessions edited, and what they do not agree on.

    An annotation that one side removed and the other edited stays, edited.
    """
    if mine is None or theirs is None:
        kept = mine or theirs
        if kept is None:
            return None, []
        return kept, [_conflict(kept.id, "annotation", base, mine, theirs)]
    if base is None:
        return theirs, [_conflict(theirs.id, "annotation", base, mine, theirs)]
    changes, conflicts = _merge_fields(base, mine, theirs)
    attributes, more = merge_values(base.attributes, mine.attributes, theirs.attributes)
    conflicts += [_conflict(theirs.id, _ATTRIBUTE + name, *values) for name, values in more.items()]
    merged = replace(theirs, **changes, attributes=attributes)
    try:
        return check_annotation(merged, ontology), conflicts
    except GeoLabelError:  # such as my answer to a question that their new class does not ask
        return theirs, [_conflict(theirs.id, "annotation", base, mine, theirs)]


def merge_values(
    base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, tuple[Any, Any, Any]]]:
    """Return mappings brought together key by key, and ``(base, mine, theirs)`` of keys that both changed."""
    merged, conflicts = dict(theirs), {}
    for key in {**base, **mine}:
        was, wanted, there = base.get(key), mine.get(key), theirs.get(key)
        if wanted in (was, there):
            continue
        if there != was:
            conflicts[key] = (was, wanted, there)
        elif key in mine:
            merged[key] = wanted
        else:
            del merged[key]
    return merged, conflicts


def changed_fields(before: Annotation | None, after: Annotation | None) -> list[str]:
    """Return which fields of an annotation differ, as :attr:`Conflict.field` names them."""
    if before is None or after is None:
        return [] if before is after else ["annotation"]
    fields = [name for name in _FIELDS if _field(before, name) != _field(after, name)]
    keys = sorted({*before.attributes, *after.attributes})
    return fields + [_ATTRIBUTE + k for k in keys if before.attributes.get(k) != after.attributes.get(k)]


def readable(value: Any) -> str | None:  # noqa: ANN401  (a field of an annotation, or one)
    """Return a value of a conflict as JSON text; geometries as WKT."""
    if value is None:
        return None
    if isinstance(value, Annotation):
        told = [name for name in _FIELDS if name not in _SELDOM or _field(value, name)]
        value = {name: _text(_field(value, name)) for name in told} | {"attributes": dict(value.attributes)}
    return to_json(_text(value))


def _merge_fields(base: Annotation, mine: Annotation, theirs: Annotation) -> tuple[dict[str, Any], list[Conflict]]:
    changes: dict[str, Any] = {}
    conflicts = []
    for name in _FIELDS:
        was, wanted, there = (_field(a, name) for a in (base, mine, theirs))
        if wanted in (was, there):
            continue
        if there == was:
            changes |= _take(mine, name)
        else:
            conflicts.append(_conflict(theirs.id, name, was, wanted, there))
    if changes and mine.provenance.updated is not None:
        changes["provenance"] = mine.provenance
    return changes, conflicts


def _field(annotation: Annotation, name: str) -> Any:  # noqa: ANN401
    # the kind says what a geometry is, so the two go together
    return (annotation.kind, annotation.geometry) if name == "geometry" else getattr(annotation, name)


def _take(mine: Annotation, name: str) -> dict[str, Any]:
    if name == "geometry":
        return {"kind": mine.kind, "geometry": mine.geometry, "source": mine.source}
    return {name: getattr(mine, name)}


def _conflict(annotation_id: str, field: str, base: Any, mine: Any, theirs: Any) -> Conflict:  # noqa: ANN401
    return Conflict(annotation_id=annotation_id, field=field, base=base, mine=mine, theirs=theirs)


def _text(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], BaseGeometry):
        return f"{value[0]} {shapely.to_wkt(value[1], rounding_precision=_ALL_DIGITS)}"
    return value


def _short(value: Any) -> str:  # noqa: ANN401
    if value is None:
        return "nothing"
    text = readable(value) or ""
    return text if len(text) <= 60 else text[:57] + "..."
