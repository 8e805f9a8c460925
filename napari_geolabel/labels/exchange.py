"""What exports and imports share: which format and CRS, what a scene is called in files, and masks of labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.errors import FormatError
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.label_set import Image
from napari_geolabel.formats.registry import FORMATS, Format, importer_for
from napari_geolabel.geo import GeoGrid, parse_crs
from napari_geolabel.labels.label_files import is_label_file, read_label_file
from napari_geolabel.labels.overwriting import Overwrite, make_way
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
