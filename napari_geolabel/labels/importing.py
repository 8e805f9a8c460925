"""Files to labels, in two steps: what takes time and changes nothing, and one change at the end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.change import Change, Edit, TileEdit
from napari_geolabel.annotations.scene_notes import check_scene
from napari_geolabel.errors import AttributeValueError, FormatError, require_word
from napari_geolabel.formats.columns import Report
from napari_geolabel.formats.registry import importer_for
from napari_geolabel.formats.schema import typed_values
from napari_geolabel.labels.adding import as_status
from napari_geolabel.labels.duplicates import SAME_IOU, Duplicates, settle_duplicates
from napari_geolabel.labels.exchange import image_of, named_crs, read_columns
from napari_geolabel.labels.label_files import is_label_file, read_painted_mask
from napari_geolabel.masks import UNWATCHED, Watch
from napari_geolabel.ontology.editing import as_next_version, with_aliases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyproj import CRS

    from napari_geolabel.formats.classes import ClassMap
    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.ontology.model import Ontology

Outside = Literal["skip", "keep"]
"""What becomes of features of a map that lie outside the scene, where others lie on it."""


@dataclass(frozen=True, kw_only=True)
class ImportOrder:
    """What to import, and how."""

    path: Path
    format_id: str | None = None
    class_map: ClassMap | None = None
    status: Status | str | None = None
    make_classes: bool = False
    resample: bool = False
    confidence: float | None = None
    duplicates: Duplicates = "keep"
    iou: float = SAME_IOU
    outside: Outside = "skip"
    crs: str | int | CRS | None = None
    remember: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        require_word(self.duplicates, Duplicates, "no way with duplicates", FormatError)
        require_word(self.outside, Outside, "no way with what lies outside", FormatError)


@dataclass(frozen=True, kw_only=True)
class PreparedImport:
    """What an import would bring; nothing has changed yet."""

    order: ImportOrder
    report: Report
    """What came of it so far; how many are new is not counted yet."""
    ontology: Ontology
    """The ontology with the new classes."""
    annotations: Sequence[Annotation] = ()
    tiles: Sequence[TileEdit] = ()
    """What a mask paints."""
    scene_attributes: Mapping[str, Any] = field(default_factory=dict)


def import_order(path: str | Path, *, format: str | None = None, **more: Any) -> ImportOrder:  # noqa: A002, ANN401
    """Return the order that the keywords of `Labels.import_from` make."""
    return ImportOrder(path=Path(path), format_id=format, **more)


def import_file(labels: Labels, order: ImportOrder, watch: Watch = UNWATCHED) -> Report:
    """Add the labels of a file as one change; see `Labels.import_from`."""
    return finish_import(labels, prepare_import(labels, order, watch))


def prepare_import(labels: Labels, order: ImportOrder, watch: Watch = UNWATCHED) -> PreparedImport:
    """Read a file and make annotations of it, changing nothing, so that it may be done on any thread.

    The labels must not change meanwhile.

    Raises
    ------
    GeoLabelError
        As `Labels.import_from`.
    CancelledError
        If the watch ends it.
    """
    if not is_label_file(order.path) and importer_for(order.path, order.format_id).content == "mask":
        return _prepared_mask(labels, order, watch)
    crs = None if order.crs is None else named_crs(order.crs, labels.scene.grid)
    columns = read_columns(order.path, order.format_id, image_of(labels.scene), crs)
    watch.tell(_READ)
    if order.outside == "skip":
        columns = columns.on_scene(labels.scene.grid)
    ontology = labels.ontology
    if order.make_classes:
        ontology = columns.with_new_classes(ontology, order.class_map)
    if order.remember:
        ontology = as_next_version(labels.ontology, with_aliases(ontology, order.class_map or {}))
    annotations, report = columns.to_annotations(
        labels.scene.grid,
        ontology,
        class_map=order.class_map,
        status=as_status(order.status),
        watch=watch.part(_READ, _MADE),
    )
    if order.confidence is not None:
        annotations = [a if a.confidence is not None else replace(a, confidence=order.confidence) for a in annotations]
    here = list(labels.store.values())
    annotations = settle_duplicates(annotations, here, report, duplicates=order.duplicates, iou=order.iou)
    if is_label_file(order.path) and read_painted_mask(order.path) is not None:
        report.notes.append(
            f"the painted mask of {order.path.name} is not taken over; export it there as .tif and import that"
        )
    watch.tell(1.0)
    return PreparedImport(
        order=order,
        report=report,
        ontology=ontology,
        annotations=annotations,
        scene_attributes=columns.scene_attributes,
    )


def foresee_import(labels: Labels, prepared: PreparedImport) -> Report:
    """Return what the report of an import will say, and change nothing."""
    report = _copied(prepared.report)
    _new_edits(labels, prepared.annotations, report)
    return report


def finish_import(labels: Labels, prepared: PreparedImport) -> Report:
    """Make the change that an import was prepared for; of a dry run, none.

    The labels must be as they were when it was prepared.
    """
    if prepared.order.dry_run:
        return foresee_import(labels, prepared)
    order, report = prepared.order, _copied(prepared.report)
    is_untouched = not (labels.unsaved or labels.store)
    labels.use_ontology(prepared.ontology)
    edits = _new_edits(labels, prepared.annotations, report)
    scene_attributes = _scene_attributes(labels, prepared.scene_attributes, report)
    title = f"import {order.path.name}" if prepared.tiles else f"import {len(edits)} from {order.path.name}"
    change = Change(title=title, edits=edits, tiles=tuple(prepared.tiles), scene_attributes=scene_attributes)
    labels.store.apply(change)
    if is_untouched:  # all that is here now stands in that file
        labels.count_as_saved()
    return report


def _copied(report: Report) -> Report:
    """Return a report that may be written on, since an import may be foreseen before it is made."""
    return Report(imported=report.imported, skipped=list(report.skipped), notes=list(report.notes))


def _new_edits(labels: Labels, annotations: Sequence[Annotation], report: Report) -> tuple[Edit, ...]:
    """Return the edits that add annotations; those that the labels have already stay as they are."""
    new = [annotation for annotation in annotations if annotation.id not in labels]
    report.imported = len(new)
    if len(new) < len(annotations):
        report.notes.append(f"{len(annotations) - len(new)} annotations were here already and stay as they are")
    return tuple(Edit(after=annotation) for annotation in new)


def _scene_attributes(labels: Labels, answers: Mapping[str, Any], report: Report) -> tuple[Any, Any] | None:
    """Return the attributes of the whole scene before and after the import, None where they stay."""
    before = dict(labels.store.scene_attributes)
    try:
        asked = labels.ontology.scene_attributes
        after = check_scene(asked, typed_values(answers, asked) | before)
    except AttributeValueError as error:
        report.notes.append(f"the attributes of the whole scene were not taken over: {error}")
        return None
    return None if after == before else (before, after)


def _prepared_mask(labels: Labels, order: ImportOrder, watch: Watch) -> PreparedImport:
    from napari_geolabel.labels.mask_import import prepare_mask

    if order.crs is not None:
        raise FormatError(f"{order.path.name} is a mask, which says itself where it lies; import it without crs")
    return prepare_mask(labels, order, watch)


_READ, _MADE = 0.3, 0.9  # shares of the whole after which a file is read, and its annotations are made
