"""Label files as sources: their features for an import, their log, and whose they are, without opening a scene."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import shapely
from affine import Affine

from napari_geolabel.files import require_file
from napari_geolabel.formats.columns import LabelColumns, PixelCopy
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import LabelFile, LogEntry
from napari_geolabel.labelfile.connection import connect_readonly
from napari_geolabel.labelfile.fingerprint import SUFFIX
from napari_geolabel.labelfile.load import read_scene
from napari_geolabel.ontology.model import Ontology


def is_label_file(path: str | Path) -> bool:
    """Return whether a path has the name of a label file: ``<scene>.labels.gpkg``."""
    return Path(path).name.lower().endswith(SUFFIX)


def read_label_file(path: str | Path) -> LabelColumns:
    """Return the annotations of a label file as columns, in its own CRS and with its exact pixels.

    Raises
    ------
    MissingFileError, FormatError, UnsafeFileError
        If it is missing, no label file, or not safe.
    """
    with _reading(path) as (file, grid):
        held = file.load()
        columns = LabelColumns.from_annotations(held.annotations, file.ontology, grid)
        columns = replace(columns, name=Path(path).name, scene_attributes=dict(held.scene_attributes))
    if not grid.is_georeferenced:
        return columns
    pixels = columns.geometries
    return replace(
        columns,
        geometries=shapely.transform(pixels, grid.pixel_to_map),
        crs=grid.crs,
        pixels=PixelCopy(grid=grid, geometries=pixels, precision=None),
    )


def ontology_of(path: str | Path) -> Ontology:
    """Return the ontology that a label file holds."""
    with _reading(path) as (file, _):
        return file.ontology


def read_log(path: str | Path) -> list[LogEntry]:
    """Return who changed what and when in a label file, oldest first."""
    with _reading(path) as (file, _):
        return list(file.log())


@contextmanager
def _reading(path: str | Path) -> Iterator[tuple[LabelFile, GeoGrid]]:
    """Open a label file for reading, on the grid that it remembers."""
    found = require_file(path)
    # the real grid is in the file, which nobody may read before it is known to be a label file
    stand_in = GeoGrid(shape=(1, 1), transform=Affine.identity())
    with LabelFile.open(found, grid=stand_in, mode="r") as file:
        db = connect_readonly(found)
        try:
            grid = read_scene(db).grid
        finally:
            db.close()
        yield file, grid
