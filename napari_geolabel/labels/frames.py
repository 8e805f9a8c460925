"""Labels as a GeoDataFrame, and what was edited in one back into the labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.errors import FormatError
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.frames import from_geodataframe, to_geodataframe
from napari_geolabel.formats.kinds import guess_kind, kind_of
from napari_geolabel.formats.schema import rows_of
from napari_geolabel.labels.editing import attributes_kept
from napari_geolabel.ontology.kinds import Kind

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from napari_geolabel.labels.labels import Labels

UNMOVED_PX = 1e-3
"""How far a vertex may be off and not count as moved: some projections lose half a millimetre there and back."""


def frame_of(labels: Labels) -> GeoDataFrame:
    """Return all annotations as a frame in the scene's CRS, in pixel coordinates where it has none."""
    return to_geodataframe(labels.store.values(), labels.scene.grid, labels.ontology)


def apply_frame(labels: Labels, frame: GeoDataFrame) -> list[str]:
    """Take over what differs in a frame as one change; see `Labels.update_from`.

    Geometry counts as unchanged while no vertex moves by more than
    `UNMOVED_PX`, so that a frame that only went through another CRS changes
    nothing and costs no bit of the drawn geometry.

    Raises
    ------
    FormatError
        If a row cannot be an annotation, or two rows have one id; then nothing changes.
    """
    columns = from_geodataframe(frame, labels.scene.grid)
    _require_one_row_each(columns)
    _complete(columns, labels)
    annotations, report = columns.to_annotations(labels.scene.grid, labels.ontology)
    for where, why in report.skipped:
        raise FormatError(f"the frame was not taken over, because of {where}: {why}")
    edits = tuple(edit for annotation in annotations if (edit := _edit(labels, annotation)) is not None)
    labels.store.apply(Change(title=f"update {len(edits)} from a frame", edits=edits))
    return [edit.id for edit in edits]


def _require_one_row_each(columns: LabelColumns) -> None:
    for annotation_id, count in Counter(columns.ids).items():
        if annotation_id is not None and count > 1:
            raise FormatError(f"{count} rows of the frame have the id {annotation_id}; keep one of them")


def _complete(columns: LabelColumns, labels: Labels) -> None:
    """Fill in the columns that a frame lacks from the annotations that its rows stand for."""
    known = [labels.store[i] for i in columns.ids if i is not None and i in labels.store]
    own = {row["id"]: row for row in rows_of(known, labels.ontology, labels.scene.grid)}
    rows = list(columns.properties)
    for index, annotation_id in enumerate(columns.ids):
        before = own.get(annotation_id or "")
        if before is None:
            continue
        class_id = columns.class_ids[index] or before["class_id"]
        columns.class_ids[index] = class_id
        row = _completed(rows[index], before, class_id)
        if class_id in labels.ontology and row["kind"] == before["kind"]:
            row["kind"] = _kind_in(labels, str(annotation_id), class_id)
        geometry = columns.geometries[index]
        if kind_of(row["kind"], geometry) is None:
            where = columns.where[index]
            raise FormatError(f"{where} of the frame calls a {geometry.geom_type} a {row['kind']}; correct its kind")
        rows[index] = row
    columns.properties = rows


def _completed(row: Mapping[str, Any], before: Mapping[str, Any], class_id: str) -> dict[str, Any]:
    """Return a row with what it lacks, its attributes as they were edited.

    The mapping in ``attributes`` counts where it alone was edited, and a
    new class begins without the old one's attributes (see `_edit`).
    """
    merged = {**before, **row}
    columns = {name for name in merged if name.startswith("attr_")}
    if merged["attributes"] != before["attributes"]:
        return {name: value for name, value in merged.items() if name not in columns or value != before.get(name)}
    untouched = all(merged[name] == before.get(name) for name in columns)
    if untouched and class_id != before["class_id"]:
        return {name: value for name, value in merged.items() if name not in columns} | {"attributes": {}}
    return merged


def _kind_in(labels: Labels, annotation_id: str, class_id: str) -> Kind:
    """Return the kind of an annotation, or the one it takes in a class that does not allow that."""
    annotation, label_class = labels.store[annotation_id], labels.ontology[class_id]
    if annotation.kind in label_class.kinds:
        return annotation.kind
    return guess_kind(annotation.geometry, label_class, labels.scene.grid)


def _edit(labels: Labels, new: Annotation) -> Edit | None:
    """Return the edit that a row asks for, None where it says what the labels say."""
    old = labels.store.get(new.id)
    if old is None:
        return Edit(after=new)
    fields: dict[str, Any] = {
        name: getattr(new, name)
        for name in ("class_id", "kind", "attributes", "status", "confidence")
        if getattr(new, name) != getattr(old, name)
    }
    if "class_id" in fields and not new.attributes:
        fields["attributes"] = attributes_kept(old, labels.ontology[new.class_id])
    if not old.geometry.equals_exact(new.geometry, UNMOVED_PX):
        fields |= {"geometry": new.geometry, "source": new.source}
    return Edit(before=old, after=old.edited(**fields)) if fields else None
