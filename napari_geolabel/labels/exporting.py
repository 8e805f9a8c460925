"""Labels to files, in two steps: what is to be written, as it stands at that moment, and the writing of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pyproj import CRS

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.formats.label_set import LabelSet, geometries_of
from napari_geolabel.formats.registry import Format, exporter_for
from napari_geolabel.formats.style_files import check_styles, write_styles
from napari_geolabel.labels.exchange import asked_crs, image_of, mask_of, replace_mask
from napari_geolabel.labels.loss_notes import left_out_of_mask, write_note
from napari_geolabel.labels.overwriting import Overwrite, make_way, require_no_label_file, require_not_scene
from napari_geolabel.masks import CENTRES, UNWATCHED, BurnRule, Flavour, Order, Watch

if TYPE_CHECKING:
    from napari_geolabel.labels.labels import Labels

Part = Literal["annotations", "mask"]
"""What a label set consists of."""


@dataclass(frozen=True, kw_only=True)
class ExportOrder:
    """What to export, and where to."""

    path: Path
    format_id: str | None = None
    flavour: Flavour = "semantic"
    rule: BurnRule = CENTRES
    ids: Sequence[str] | None = None
    overwrite: Overwrite = "careful"
    crs: str | int | CRS | None = None
    styles: Sequence[str] = ()

    @property
    def saves(self) -> set[Part]:
        """Which parts of the labels stand in the file whole."""
        if self.ids is not None:
            return set()
        form = exporter_for(self.path, self.format_id)
        if form.content == "vector":
            return {"annotations"} if form.whole else set()
        return {"mask"} if (form.flavour or self.flavour) == "semantic" else set()


@dataclass(frozen=True, kw_only=True)
class PreparedExport:
    """What an export is to write, whatever becomes of the labels meanwhile; nothing is written yet."""

    order: ExportOrder
    """Its path is that of the file which is meant."""
    form: Format
    held: LabelSet
    labels: Labels
    """Whose paint goes into a mask."""

    def losses(self) -> list[str]:
        """Return what the file will not hold, one sentence each; on any thread.

        Raises
        ------
        NotGeoreferencedError
            If the format needs a place on Earth and the scene has none.
        """
        found = self._mask_losses() if self.form.content == "mask" else self._vector_losses()
        return list(found)

    def write(self, losses: Sequence[str] = (), watch: Watch = UNWATCHED) -> None:
        """Write the file, and beside it what it does not hold; on any thread.

        Parameters
        ----------
        losses
            What was found by `losses`.
        watch
            May end a mask; of other files it can only prevent the beginning.

        Raises
        ------
        GeoLabelError
            As `Labels.export`.
        CancelledError
            If the watch ends it; nothing was written.
        """
        path, drawn = self.order.path, list(self.held.annotations)
        require_no_label_file(path, self.labels.path)
        watch.tell(0.0)
        if self.form.content == "mask":
            flavour = self.form.flavour or self.order.flavour
            mask = mask_of(self.labels, drawn, flavour=flavour, rule=self.order.rule, watch=watch)
            replace_mask(path, mask, self.order.overwrite, self.form)
        else:
            make_way(path, self.form, len(drawn), self.order.overwrite)
            self.form.write(path, self.held)
            write_styles(path, self.held.ontology, geometries_of(drawn), self.order.styles)
        write_note(path, self.form, self.held.ontology, losses)

    def _vector_losses(self) -> Iterator[str]:
        lost = self.form.lost(self.held)
        if self.labels.is_painted:
            yield f"the painted mask does not go into a {self.form.title}; export it as .tif too"
        yield from lost

    def _mask_losses(self) -> Iterator[str]:
        annotations = self.held.annotations
        if any(annotation.status is not Status.REJECTED for annotation in annotations):
            yield "attributes and exact outlines do not go into a mask; export .geojson or .gpkg to keep them"
        instances = (self.form.flavour or self.order.flavour) == "instance"
        yield from left_out_of_mask(annotations, self.held.ontology, instances=instances)
        if instances and self.labels.is_painted:
            yield "the painted mask has no instances and is left out; export flavour semantic for it"


def export_order(
    path: str | Path,
    *,
    format: str | None = None,  # noqa: A002  (the word users know)
    all_touched: bool = False,
    order: Order = "class",
    width_m: float | None = None,
    styles: Sequence[str] = (),
    **more: Any,  # noqa: ANN401  (the other fields)
) -> ExportOrder:
    """Return the order that the keywords of `Labels.export` make."""
    rule = BurnRule(all_touched=all_touched, order=order, width_m=width_m)
    return ExportOrder(path=Path(path), format_id=format, rule=rule, styles=tuple(styles), **more)


def prepare_export(labels: Labels, order: ExportOrder) -> PreparedExport:
    """Return what an export is to write; quick, and on the thread that changes the labels.

    Raises
    ------
    FormatError
        If there is no such format, style or CRS.
    WriteError
        If the file would replace the scene.
    """
    form = exporter_for(order.path, order.format_id)
    path = form.placed(order.path, labels.scene.name)
    require_not_scene(path, labels.scene)
    check_styles(form, order.styles)
    crs = asked_crs(order.crs, form, labels.scene.grid)
    held = _label_set(labels, _chosen(labels, order), crs)
    return PreparedExport(order=replace(order, path=path), form=form, held=held, labels=labels)


def export_labels(labels: Labels, order: ExportOrder, *, dry_run: bool = False) -> list[str]:
    """Write labels to a file, and return what it does not hold; see `Labels.export`."""
    prepared = prepare_export(labels, order)
    losses = prepared.losses()
    if not dry_run:
        prepared.write(losses)
        labels.count_as_saved(order.saves)
    return losses


def _label_set(labels: Labels, annotations: Sequence[Annotation], crs: CRS | None = None) -> LabelSet:
    """Return annotations of labels as a format takes them."""
    return LabelSet(
        annotations=annotations,
        grid=labels.scene.grid,
        ontology=labels.ontology,
        scene_name=labels.scene.name,
        image_name=image_of(labels.scene).name,
        scene_attributes=labels.store.scene_attributes,
        scene=labels.scene,
        crs=crs,
    )


def _chosen(labels: Labels, order: ExportOrder) -> list[Annotation]:
    return [labels[annotation_id] for annotation_id in (labels if order.ids is None else order.ids)]
