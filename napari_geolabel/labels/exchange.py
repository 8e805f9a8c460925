"""Labels to files and files to labels: which format, what gets lost, and one change per import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pyproj import CRS

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.errors import FormatError, WriteError
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.label_set import Image, LabelSet, geometries_of
from napari_geolabel.formats.registry import FORMATS, Format, exporter_for, importer_for
from napari_geolabel.formats.style_files import check_styles, write_styles
from napari_geolabel.geo import GeoGrid, parse_crs
from napari_geolabel.labels.label_files import is_label_file, read_label_file
from napari_geolabel.labels.loss_notes import write_note
from napari_geolabel.labels.overwriting import Overwrite, make_way, require_not_scene
from napari_geolabel.masks import (
    CENTRES,
    UNWATCHED,
    BurnRule,
    Flavour,
    Mask,
    Watch,
    rasterize_annotations,
    semantic_table,
)

if TYPE_CHECKING:
    from napari_geolabel.geo import Window
    from napari_geolabel.imagery.scene import Scene
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


def export_file(labels: Labels, order: ExportOrder, losses: Sequence[str] = ()) -> None:
    """Write labels to a file, and beside it what it does not hold; see `Labels.export`."""
    form = exporter_for(order.path, order.format_id)
    order = replace(order, path=form.placed(order.path, labels.scene.name))
    require_not_scene(order.path, labels.scene)
    if order.path.exists() and (is_label_file(order.path) or _is_own_file(labels, order.path)):
        raise WriteError(f"{order.path.name} is a label file, which an export would destroy; choose another name")
    annotations = _chosen(labels, order)
    if form.content == "mask":
        mask = mask_of(labels, annotations, flavour=form.flavour or order.flavour, rule=order.rule)
        replace_mask(order.path, mask, order.overwrite, form)
    else:
        make_way(order.path, form, len(annotations), order.overwrite)
        held = _label_set(labels, annotations, asked_crs(order.crs, form, labels.scene.grid))
        form.write(order.path, held)
        write_styles(order.path, held.ontology, geometries_of(annotations), order.styles)
    write_note(order.path, form, labels.ontology, losses)


def replace_mask(
    path: Path,
    mask: Mask,
    overwrite: Overwrite,
    form: Format = FORMATS["mask"],
    write: Callable[[Path, Mask], None] | None = None,
) -> None:
    """Write a mask in a format, if that may replace what stands there; ``write`` stands in for the format's writer."""
    make_way(path, form, int(np.count_nonzero(mask.array)), overwrite)
    (write or form.write)(path, mask)


def export_losses(labels: Labels, order: ExportOrder) -> list[str]:
    """Return what a file will not hold, one sentence each.

    Raises
    ------
    NotGeoreferencedError
        If the format needs a place on Earth and the scene has none.
    WriteError
        If the file would replace the scene.
    """
    form = exporter_for(order.path, order.format_id)
    require_not_scene(form.placed(order.path, labels.scene.name), labels.scene)
    check_styles(form, order.styles)
    crs = asked_crs(order.crs, form, labels.scene.grid)
    annotations = _chosen(labels, order)
    if form.content == "vector":
        return list(_vector_losses(labels, form, _label_set(labels, annotations, crs)))
    return list(_mask_losses(labels, annotations, order))


def mask_of(
    labels: Labels,
    annotations: Iterable[Annotation],
    *,
    flavour: Flavour,
    rule: BurnRule = CENTRES,
    window: Window | None = None,
    watch: Watch = UNWATCHED,
) -> Mask:
    """Return the mask of annotations over the painted mask; rejected annotations are left out."""
    return rasterize_annotations(
        [annotation for annotation in annotations if annotation.status is not Status.REJECTED],
        labels.scene.grid,
        labels.ontology,
        flavour=flavour,
        rule=rule,
        base=labels.canvas.array if flavour != "instance" and labels.is_painted else None,
        window=window,
        watch=watch,
    )


def painted_mask(labels: Labels) -> Mask:
    """Return what is painted, without the annotations."""
    return Mask(
        array=labels.canvas.array,
        grid=labels.scene.grid,
        table=semantic_table(labels.ontology),
        ontology_stamp=labels.ontology.stamp,
        rule="painted",
    )


def read_columns(
    path: Path, format_id: str | None = None, image: Image | None = None, crs: CRS | None = None
) -> LabelColumns:
    """Return the features of a vector file.

    Parameters
    ----------
    path
        The file.
    format_id
        None takes the format from its suffix and text.
    image
        The image that labels are wanted of, where the file may have those of several.
    crs
        That of the file's coordinates, where it names none or a wrong one.

    Raises
    ------
    FormatError
        If the file is a mask, of no format that can be read, or of one without a choice of a CRS.
    """
    if is_label_file(path):
        if crs is not None:
            raise FormatError(f"{path.name} is a label file, which says itself where its labels lie; leave crs out")
        return read_label_file(path)
    form = importer_for(path, format_id)
    if form.content == "mask":
        raise FormatError(f"{path.name} is a {form.title} and holds no features; polygonize it first")
    placed = path if image is None else form.placed(path, Path(image.name).stem)
    if crs is not None:
        return form.read_in(placed, crs)
    columns: LabelColumns = form.read(placed, image)
    return columns


def image_of(scene: Scene) -> Image:
    """Return what files of labels must say of a scene to mean it."""
    suffix = scene.path.suffix if scene.path.stem == scene.name else ""
    return Image(name=f"{scene.name}{suffix}", shape=scene.grid.shape, folder=scene.path.parent.name or None)


def asked_crs(crs: str | int | CRS | None, form: Format, grid: GeoGrid) -> CRS | None:
    """Return the CRS that an export is asked for in, None where that is the format's own.

    Raises
    ------
    FormatError
        If the format has no choice, or the scene no CRS.
    """
    if crs is None:
        return None
    if not form.is_projectable:
        raise FormatError(f"{form.title} has no choice of a CRS; leave it out, or write GeoJSON")
    return named_crs(crs, grid)


def named_crs(crs: str | int | CRS, grid: GeoGrid) -> CRS:
    """Return a CRS by its name, ``"scene"`` for that of the scene.

    Raises
    ------
    FormatError
        If the scene has none.
    NotGeoreferencedError
        If PROJ does not know it.
    """
    if crs != "scene":
        return parse_crs(crs)
    if grid.crs is None:
        raise FormatError("the scene has no CRS for its labels; give it one first (scene.with_transform)")
    return grid.crs


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


def _is_own_file(labels: Labels, path: Path) -> bool:
    return labels.path is not None and labels.path.exists() and path.samefile(labels.path)


def _chosen(labels: Labels, order: ExportOrder) -> list[Annotation]:
    return [labels[annotation_id] for annotation_id in (labels if order.ids is None else order.ids)]


def _vector_losses(labels: Labels, form: Format, held: LabelSet) -> Iterable[str]:
    lost = form.lost(held)
    if labels.is_painted:
        yield f"the painted mask does not go into a {form.title}; export it as .tif too"
    yield from lost


def _mask_losses(labels: Labels, annotations: Sequence[Annotation], order: ExportOrder) -> Iterable[str]:
    drawn = [annotation for annotation in annotations if annotation.status is not Status.REJECTED]
    if drawn:
        yield "attributes and exact outlines do not go into a mask; export .geojson or .gpkg to keep them"
    if len(drawn) < len(annotations):
        yield f"{len(annotations) - len(drawn)} rejected annotations are left out"
    flavour = exporter_for(order.path, order.format_id).flavour or order.flavour
    if flavour == "instance":
        if labels.is_painted:
            yield "the painted mask has no instances and is left out; export flavour semantic for it"
        return
    counts = Counter(annotation.class_id for annotation in drawn)
    for class_id, count in counts.items():
        if labels.ontology[class_id].mask_value is None:
            yield f"{count} annotations of {class_id} are left out, which has no mask_value in the ontology"
