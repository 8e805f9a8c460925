"""What other programs did to the feature tables, taken over as ordinary changes or told.

A GIS edits only what it sees: geometry in map coordinates and flat columns.
Triggers mark each feature that it touches.  Here every marked feature is
compared with what its annotation looks like, and the differences become edits
of the annotation.  What cannot be an annotation is told, and the feature is
put back; a new feature that lacks a class stays where it is and waits for one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import Annotation, Change, Edit, Provenance, Status, check_annotation
from napari_geolabel.errors import AttributeValueError, GeoLabelError, GeometryError
from napari_geolabel.formats.schema import attributes_from
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.features import (
    FeatureForm,
    drop_feature,
    put_feature,
    read_feature,
    shown_seal,
)
from napari_geolabel.labelfile.gpkg_geometry import from_blob, to_blob, to_map, to_multi, to_pixel
from napari_geolabel.labelfile.rows import decode, seal
from napari_geolabel.labelfile.transaction import Author, write_change
from napari_geolabel.ontology import Kind, all_attributes

ELSEWHERE = "another program"
"""Who edits in the log, when it was no session of ours."""

_EDITABLE = ("class_id", "status", "confidence", "annotator")
_GUESSES = {
    "POLYGON": (Kind.POLYGON, Kind.ROTATED_BOX, Kind.BOX),
    "LINESTRING": (Kind.POLYLINE,),
    "POINT": (Kind.KEYPOINT,),
}


@dataclass(kw_only=True)
class Takeover:
    """What became of the features that another program touched."""

    annotations: dict[str, Annotation | None] = field(default_factory=dict)
    """Annotations as they are now; None where removed."""
    notes: list[str] = field(default_factory=list)
    """One sentence for all that was taken over, and one for each feature that was not."""


@dataclass(kw_only=True)
class _Findings:
    edits: list[Edit] = field(default_factory=list)
    adopted: list[tuple[str, int, Annotation]] = field(default_factory=list)
    restore: list[tuple[str, int, Annotation]] = field(default_factory=list)
    waiting: list[tuple[str, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def take_over(db: sqlite3.Connection, form: FeatureForm, author: Author) -> Takeover:
    """Make edits of what other programs did to the features that are marked; inside an open transaction."""
    touched = db.execute(sql.TOUCHED).fetchall()
    if not touched:
        return Takeover()
    found = _Findings()
    for layer, fid in touched:
        _look_at(db, form, layer, fid, found)
    for layer, fid, annotation in found.restore:
        restore_feature(db, form, layer, fid, annotation)
    for layer, fid, _ in found.adopted:
        drop_feature(db, layer, fid)  # the annotation that it becomes gets a feature of its own
    taken = Takeover(notes=found.notes)
    edits = [*found.edits, *(Edit(after=annotation) for _, _, annotation in found.adopted)]
    if edits:
        title = f"edit {len(edits)} annotations elsewhere" if len(edits) > 1 else "edit an annotation elsewhere"
        outside = Author(session=author.session, annotator=ELSEWHERE)
        write_change(db, Change(title=title, edits=tuple(edits)), form, outside)
        taken.annotations = {edit.id: edit.after for edit in edits}
        taken.notes.insert(0, _summary(edits))
    db.execute(sql.FORGET_TOUCHED)
    db.executemany(sql.insert("touched_feature"), found.waiting)
    return taken


def restore_feature(db: sqlite3.Connection, form: FeatureForm, layer: str, fid: int, annotation: Annotation) -> None:
    """Write the feature of an annotation anew, under another number where it is gone, and note how it looks now."""
    row = db.execute(sql.CURRENT_OF_FEATURE, (layer, fid)).fetchone()
    new = put_feature(db, form, layer, annotation.geometry, form.rows([annotation])[0], fid)
    if row is None:
        return
    entry, annotation_id, place, version, exact = row
    values = (layer, new, place, version, exact, shown_seal(db, form, layer, new))
    sealed = seal("annotation", entry, annotation_id, *values)
    db.execute(sql.UPDATE_ANNOTATION, (*values, sealed, entry, version))


def _look_at(db: sqlite3.Connection, form: FeatureForm, layer: str, fid: int, found: _Findings) -> None:
    """Find out what happened to one feature."""
    feature = read_feature(db, layer, fid)
    row = db.execute(sql.CURRENT_OF_FEATURE, (layer, fid)).fetchone()
    if row is None:
        if feature is not None:
            _adopt(form, layer, fid, feature, found)
        return
    annotation = decode(row[4])
    if feature is None:
        found.edits.append(Edit(before=annotation))
        return
    try:
        edited = _edited(annotation, feature, form)
    except GeoLabelError as error:
        found.notes.append(f"an edit of {annotation.id} in another program was not taken over: {error}")
        found.restore.append((layer, fid, annotation))
        return
    if edited != annotation:
        found.edits.append(Edit(before=annotation, after=edited))
    else:
        found.restore.append((layer, fid, annotation))


def _adopt(form: FeatureForm, layer: str, fid: int, feature: Mapping[str, Any], found: _Findings) -> None:
    """Make an annotation of a feature that another program drew."""
    try:
        found.adopted.append((layer, fid, _new(feature, form)))
    except GeoLabelError as error:
        found.waiting.append((layer, fid))
        found.notes.append(f"feature {fid} of {layer}, drawn in another program, is no annotation yet: {error}")


def _edited(annotation: Annotation, feature: Mapping[str, Any], form: FeatureForm) -> Annotation:
    """Return an annotation with what differs between its feature and what the feature should be."""
    expected = dict(zip(form.columns, form.rows([annotation])[0], strict=True))
    changed = {name for name in expected if name in feature and feature[name] != expected[name]}
    fields = _changed_fields(annotation, feature, changed, form)
    geometry = _changed_geometry(annotation, feature, form)
    if geometry is not None:
        fields |= {"geometry": geometry, "source": None}
    if not fields:
        return annotation
    return _checked(annotation.edited(**fields), form)


def _changed_fields(
    annotation: Annotation, feature: Mapping[str, Any], changed: set[str], form: FeatureForm
) -> dict[str, Any]:
    """Return the fields of an annotation that columns were changed for."""
    fields: dict[str, Any] = {name: feature[name] for name in _EDITABLE if name in changed}
    if "status" in fields:
        fields["status"] = _status(fields["status"])
    if "annotator" in fields:
        annotator = _annotator(fields.pop("annotator"))
        fields["provenance"] = replace(annotation.provenance, annotator=annotator, updated=datetime.now(UTC))
    label_class = form.ontology[fields.get("class_id", annotation.class_id)]
    if any(name.startswith("attr") for name in changed) or "class_id" in fields:
        attributes = attributes_from(feature, label_class)
        if "class_id" in fields:  # answers to questions that the new class does not ask go with the old class
            asked = {attribute.id for attribute in all_attributes(label_class.attributes)}
            attributes = {key: value for key, value in attributes.items() if key in asked}
        fields["attributes"] = attributes
    return fields


def _changed_geometry(annotation: Annotation, feature: Mapping[str, Any], form: FeatureForm) -> BaseGeometry | None:
    """Return the new pixel geometry, None where the feature's is still the annotation's."""
    found = from_blob(feature["geom"])
    expected = from_blob(to_blob(to_map(annotation.geometry, form.grid), form.srs_id))
    if to_multi(found) == to_multi(expected):
        return None
    return to_pixel(_single(found), form.grid)


def _checked(annotation: Annotation, form: FeatureForm) -> Annotation:
    """Return an annotation of the first kind that its geometry can be: a box that was bent becomes a polygon."""
    try:
        return check_annotation(annotation, form.ontology)
    except GeometryError:
        if annotation.kind not in {Kind.BOX, Kind.ROTATED_BOX}:
            raise
        for kind in (Kind.ROTATED_BOX, Kind.POLYGON):
            if kind is not annotation.kind and kind in form.ontology[annotation.class_id].kinds:
                return _checked(replace(annotation, kind=kind), form)
        raise


def _new(feature: Mapping[str, Any], form: FeatureForm) -> Annotation:
    geometry = to_pixel(_single(from_blob(feature["geom"])), form.grid)
    if not feature.get("class_id"):
        raise AttributeValueError("it has no class_id; choose one in that program")
    label_class = form.ontology[feature["class_id"]]
    time = datetime.now(UTC)
    plain = geometry.geom_type.upper().removeprefix("MULTI")
    allowed = [kind for kind in _GUESSES.get(plain, ()) if kind in label_class.kinds]
    annotation = Annotation(
        id=str(uuid4()),
        class_id=label_class.id,
        kind=_first(allowed, plain),
        geometry=geometry,
        attributes=attributes_from(feature, label_class),
        status=Status.DRAFT if feature.get("status") is None else _status(feature["status"]),
        confidence=feature.get("confidence"),
        provenance=Provenance(
            annotator=_annotator(feature.get("annotator")), created=time, updated=time, tool=ELSEWHERE
        ),
    )
    for kind in allowed[:-1]:
        try:
            return check_annotation(replace(annotation, kind=kind), form.ontology)
        except GeometryError:
            continue
    return check_annotation(replace(annotation, kind=_first(allowed[-1:], plain)), form.ontology)


def _first(kinds: Iterable[Kind], geometry: str) -> Kind:
    """Return the first kind; where the class allows none, one that the check will refuse with its own sentence."""
    return next(iter(kinds), _GUESSES.get(geometry, (Kind.POLYGON,))[0])


def _status(text: Any) -> Status:  # noqa: ANN401
    try:
        return Status(text)
    except ValueError as error:
        raise AttributeValueError(f"status {text!r} is not one of {', '.join(Status)}") from error


def _annotator(name: Any) -> str | None:  # noqa: ANN401  (a column of SQLite's takes values of any type)
    if name is not None and not isinstance(name, str):
        raise AttributeValueError(f"annotator {name!r} is no text; write a name, or nothing")
    return name


def _single(geometry: BaseGeometry) -> BaseGeometry:
    """Return the one part of a geometry that has one."""
    parts = getattr(geometry, "geoms", None)
    return parts[0] if parts is not None and len(parts) == 1 else geometry


def _summary(edits: list[Edit]) -> str:
    counts = {
        "added": sum(edit.before is None for edit in edits),
        "removed": sum(edit.after is None for edit in edits),
        "changed": sum(edit.before is not None and edit.after is not None for edit in edits),
    }
    listed = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    return f"edits made in another program were taken over: {listed}"
