"""Label files from one format to another, with a scene or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from affine import Affine

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.errors import FormatError
from napari_geolabel.formats.columns import LabelColumns, Report
from napari_geolabel.formats.frames import from_geodataframe
from napari_geolabel.formats.label_set import LabelSet, geometries_of
from napari_geolabel.formats.registry import exporter_for, importer_for
from napari_geolabel.formats.style_files import check_styles, write_styles
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labels.bulk_conversion import convert_rows
from napari_geolabel.labels.exchange import asked_crs, image_of, read_columns, replace_mask
from napari_geolabel.labels.label_files import is_label_file, ontology_of, read_painted_mask
from napari_geolabel.labels.loss_notes import left_out_of_mask, told, write_note
from napari_geolabel.labels.mask_import import EXACT, Tracing, why_not_aligned
from napari_geolabel.labels.overwriting import Overwrite, make_way, require_not_scene
from napari_geolabel.labels.rasters import polygons_of, why_paint_does_not_fit
from napari_geolabel.masks import Mask, rasterize_annotations
from napari_geolabel.ontology.files import load_ontology
from napari_geolabel.ontology.model import Ontology

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pyproj import CRS

    from napari_geolabel.annotations.annotation import Annotation
    from napari_geolabel.formats.classes import ClassMap
    from napari_geolabel.formats.format import Format
    from napari_geolabel.imagery.scene import Scene

_STAND_IN_DEG = 1e-5
"""Pixel of the grid that stands in for a scene in a CRS of degrees, about a metre."""


def convert(
    source: str | Path | GeoDataFrame,
    target: str | Path,
    *,
    scene: Scene | None = None,
    ontology: Ontology | str | None = None,
    class_map: ClassMap | None = None,
    format: str | None = None,  # noqa: A002  (the word of the public interface)
    crs: str | int | CRS | None = None,
    styles: Sequence[str] = (),
    overwrite: Overwrite = "careful",
) -> Report:
    """Write the labels of a file or frame in another format.

    Parameters
    ----------
    source
        A label file, a mask or a GeoDataFrame.
    target
        Its suffix picks the format unless ``format`` names it.
    scene
        Whose pixels the labels lie on; needed for a mask.
    ontology
        The classes; None takes those that the source names.
    class_map
        The source's class ids to the ontology's; None stands for features without a class.
    crs
        Of GeoJSON: a code such as ``"EPSG:32631"`` instead of longitude and latitude, or ``"scene"``, which without a
        scene is the CRS that the source's labels were drawn in.
    styles
        Styles beside it in the colours of the ontology: ``"qml"`` for QGIS, ``"sld"`` for GeoServer.
    overwrite
        What to do with a file that stands there; see `Labels.export`.

    Returns
    -------
    Report
        How many labels there are now, and what was left out.

    Raises
    ------
    FormatError
        If a format cannot be read or written, a class is unknown, or a mask has no scene or other pixels than it.
    FewerLabelsError
        If the target would lose far more labels than an edit does.
    """
    path = Path(target)
    form = exporter_for(path, format)
    check_styles(form, styles)
    if form.content == "mask" and scene is None:
        raise FormatError(f"{path.name} is a mask and needs pixels to lie on; name the scene")
    if scene is not None:
        require_not_scene(form.placed(path, scene.name), scene)
    table = _table_of(source, scene)
    if table is not None and scene is None and ontology is None and crs is None:
        bulk = convert_rows(table, path, form, class_map, overwrite, styles)
        if bulk is not None:
            return bulk
    read = _labels_of(source if table is None else table, scene, ontology, class_map)
    painted = read_painted_mask(source) if isinstance(source, str | Path) and is_label_file(source) else None
    if form.content == "mask":
        asked_crs(crs, form, read.grid)
        _burn(form, path, read, painted, overwrite)
    else:
        if painted is not None:
            read.report.notes.append(f"the painted mask does not go into a {form.title}; convert it to .tif too")
        image = None if scene is None else image_of(scene)
        labels = LabelSet(
            annotations=read.annotations,
            grid=read.grid,
            ontology=read.ontology,
            scene_name=path.stem if scene is None else scene.name,
            image_name=None if image is None else image.name,
            scene_attributes=read.scene_attributes,
            scene=scene,
            crs=asked_crs(crs, form, read.grid),
        )
        read.report.notes += _write(path, form, labels, overwrite, styles)
    return read.report


def convert_mask(
    mask: str | Path,
    target: str | Path,
    *,
    ontology: Ontology | str | None = None,
    tracing: Tracing = EXACT,
    overwrite: Overwrite = "careful",
) -> Report:
    """Write the areas of a mask as polygons; see `napari_geolabel.polygonize`."""
    form = exporter_for(target)
    if form.content == "mask":
        raise FormatError(f"{Path(target).name} would be a mask again; choose .geojson or .gpkg")
    annotations, grid, known = polygons_of(mask, ontology=ontology, tracing=tracing)
    labels = LabelSet(annotations=annotations, grid=grid, ontology=known, scene_name=Path(mask).stem)
    return Report(imported=len(annotations), notes=_write(Path(target), form, labels, overwrite))


def _write(target: Path, form: Format, labels: LabelSet, overwrite: Overwrite, styles: Sequence[str] = ()) -> list[str]:
    """Write labels with their styles and the note on what the file does not hold, and return what to tell of that."""
    path, drawn = form.placed(target, labels.stem), list(labels.annotations)
    lost = form.lost(labels)
    make_way(path, form, len(drawn), overwrite)
    form.write(path, labels)
    write_styles(path, labels.ontology, geometries_of(drawn), styles)
    write_note(path, form, labels.ontology, lost)
    return told(lost)


def check_file(
    path: str | Path, *, scene: Scene | None, ontology: Ontology | str, class_map: ClassMap | None = None
) -> tuple[AnnotationStore, Report]:
    """Return the labels of a file as they meet an ontology, and what it refuses."""
    table = _table_of(path, scene)
    read = _labels_of(path if table is None else table, scene, ontology, class_map)
    return AnnotationStore(read.ontology, read.annotations, read.scene_attributes), read.report


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What was read from a source."""

    annotations: list[Annotation]
    grid: GeoGrid
    ontology: Ontology
    report: Report
    scene_attributes: Mapping[str, Any] = field(default_factory=dict)


def _table_of(source: str | Path | GeoDataFrame, scene: Scene | None) -> LabelColumns | GeoDataFrame | None:
    """Return the features of a source: a frame as it is, the columns of a file; None where it is a mask."""
    if not isinstance(source, str | Path):
        return source
    if not is_label_file(source) and importer_for(source).content == "mask":
        return None
    columns = read_columns(Path(source), image=None if scene is None else image_of(scene))
    if is_label_file(source):
        columns.ontology = ontology_of(source)
    return columns


def _labels_of(
    source: str | Path | LabelColumns | GeoDataFrame,
    scene: Scene | None,
    ontology: Ontology | str | None,
    class_map: ClassMap | None,
) -> _Read:
    """Return the annotations of a mask, frame or columns, their grid and ontology, and what happened on the way."""
    if isinstance(source, str | Path):
        annotations, grid, known = polygons_of(source, ontology=ontology, class_map=class_map)
        if scene is not None:
            differs = why_not_aligned(grid, scene.grid)
            if differs is not None:
                raise FormatError(
                    f"{Path(source).name} {differs}; polygonize it without a scene, and convert the polygons"
                )
            grid = scene.grid
        report = Report(imported=len(annotations))
        return _Read(annotations=annotations, grid=grid, ontology=known, report=report)
    columns = source if isinstance(source, LabelColumns) else _columns_of(source, scene)
    grid = stand_in_grid(columns) if scene is None else scene.grid
    known = load_ontology(ontology) if isinstance(ontology, str) else ontology or columns.classes(class_map)
    annotations, report = columns.to_annotations(grid, known, class_map=class_map)
    asked = columns.scene_attributes if known.scene_attributes else {}
    return _Read(annotations=annotations, grid=grid, ontology=known, report=report, scene_attributes=asked)


def _burn(form: Format, target: Path, read: _Read, painted: Mask | None, overwrite: Overwrite) -> None:
    """Write what was read as a mask over what is painted; the report says what is left out."""
    instances = form.flavour == "instance"
    drawn = [annotation for annotation in read.annotations if annotation.status is not Status.REJECTED]
    read.report.imported -= len(read.annotations) - len(drawn)
    read.report.notes += left_out_of_mask(read.annotations, read.ontology, instances=instances)
    reason = None if painted is None else why_paint_does_not_fit(painted, read.grid, read.ontology)
    if reason is not None:
        read.report.notes.append(f"the painted mask is left out, since {reason}")
    base = None if painted is None or reason is not None or instances else painted.array
    flavour = form.flavour or "semantic"
    mask = rasterize_annotations(drawn, read.grid, read.ontology, flavour=flavour, base=base)
    replace_mask(form.placed(target, target.stem), mask, overwrite, form)


def _columns_of(frame: GeoDataFrame, scene: Scene | None) -> LabelColumns:
    columns = from_geodataframe(frame, GeoGrid(shape=(1, 1), transform=Affine.identity()))
    if columns.crs is None and scene is None:
        raise FormatError("the frame has no CRS, so it is in pixels; name their scene, or set the frame's crs")
    return columns


def stand_in_grid(columns: LabelColumns) -> GeoGrid:
    """Return a grid for labels whose scene nobody has named.

    It is the grid that the file was drawn on where it says so, else one of
    about a metre in the CRS of the file.
    """
    if columns.pixels is not None:
        return columns.pixels.grid
    x0, y0, x1, y1 = shapely.total_bounds(columns.geometries) if len(columns) else (0.0, 0.0, 1.0, 1.0)
    size = _STAND_IN_DEG if columns.crs is not None and columns.crs.is_geographic else 1.0
    left, top = np.floor(x0), np.ceil(y1)
    shape = (int(np.ceil((top - y0) / size)) + 1, int(np.ceil((x1 - left) / size)) + 1)
    if columns.crs is None:
        return GeoGrid(shape=(max(1, int(np.ceil(y1))), max(1, int(np.ceil(x1)))), transform=Affine.identity())
    return GeoGrid(shape=shape, transform=Affine(size, 0, left, 0, -size, top), crs=columns.crs)
