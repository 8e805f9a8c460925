"""Conversion of many features at once: the rows of a table stay rows, and every column goes along.

Where neither a scene nor an ontology is named there is nothing that a row
would have to be checked against or laid on, so no annotation is made of it:
columns and geometry arrays go from one file to the other as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_geolabel.formats.columns import LabelColumns, Report
from napari_geolabel.formats.frame_rows import fits_in_bulk, rows_with_classes
from napari_geolabel.formats.frames import frame_of_columns, require_geometries
from napari_geolabel.formats.style_files import write_styles
from napari_geolabel.labels.loss_notes import write_note
from napari_geolabel.labels.overwriting import Overwrite, make_way

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from napari_geolabel.formats.classes import ClassMap
    from napari_geolabel.formats.registry import Format


def convert_rows(
    source: GeoDataFrame | LabelColumns,
    path: Path,
    form: Format,
    class_map: ClassMap | None,
    overwrite: Overwrite,
    styles: Sequence[str] = (),
) -> Report | None:
    """Write the rows of a frame, or of a table that was read, in a format that takes them as they are.

    Returns
    -------
    Report or None
        None where the format does not take rows, or rows are not one feature each with a place on Earth, so that
        annotations must be made of them.

    Raises
    ------
    GeoLabelError
        If a row has no geometry or no class, or the file cannot be written; see `convert`.
    """
    if form.row_writer is None:
        return None
    if isinstance(source, LabelColumns):
        if source.pixels is not None or source.crs is None or source.scene_attributes:
            return None  # a file of ours that says which pixels it was drawn on: they go along only as annotations
        frame, name = frame_of_columns(source), source.name
        report = Report(skipped=list(source.skipped), notes=list(source.notes))
    else:
        require_geometries(source)
        frame, name, report = source, "the frame", Report()
    if not fits_in_bulk(frame):
        return None
    rows = rows_with_classes(frame, class_map, name)
    make_way(path, form, len(rows.frame), overwrite)
    report.notes += form.write_rows(path, rows)
    write_styles(path, rows.ontology, np.asarray(rows.frame.geometry.array, object), styles)
    write_note(path, form, rows.ontology, ())  # rows are written whole; what an earlier file did not hold is past
    report.imported = len(rows.frame)
    report.skipped += rows.skipped
    return report
