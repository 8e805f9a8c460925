"""Label files as sources: their features for an import, their log, and whose they are, without opening a scene."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import shapely
from affine import Affine

from napari_geolabel.annotations.change import Change
from napari_geolabel.files import require_file
from napari_geolabel.formats.columns import LabelColumns, PixelCopy
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import Conflict, LabelFile, LogEntry
from napari_geolabel.labelfile.connection import connect_readonly
from napari_geolabel.labelfile.fingerprint import SUFFIX
from napari_geolabel.labelfile.load import StoredScene, read_scene
from napari_geolabel.labelfile.opening import read_stored_scene
from napari_geolabel.labels.durable import canvas_of
from napari_geolabel.masks import Mask, semantic_table
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


@dataclass(frozen=True, kw_only=True)
class LogFilter:
    """Which changes of a log to tell of; None leaves a question open."""

    annotation_id: str | None = None
    annotator: str | None = None
    """Name of who made them, whatever its case."""
    since: datetime | None = None
    """Aware time from which on they were made."""


def read_log(path: str | Path, wanted: LogFilter | None = None) -> list[LogEntry]:
    """Return who changed what and when in a label file, oldest first."""
    asked = wanted or LogFilter()
    with _reading(path) as (file, _):
        entries = file.journal.entries(annotation_id=asked.annotation_id)
    return [
        entry
        for entry in entries
        if (asked.annotator is None or (entry.actor or "").casefold() == asked.annotator.casefold())
        and (asked.since is None or entry.at >= asked.since)
    ]


def read_conflicts(path: str | Path) -> list[Conflict]:
    """Return what sessions did not agree on in a label file and nobody has resolved, oldest first."""
    with _reading(path) as (file, _):
        return file.conflicts()


def restore_label_file(
    path: str | Path, to: int | datetime, *, ids: Collection[str] | None = None, annotator: str | None = None
) -> Change:
    """Bring an earlier state of a label file back as a change, which is in its log and can be undone.

    Parameters
    ----------
    path
        The label file; other sessions may have it open.
    to, ids
        See `Labels.restore`.
    annotator
        Who does it, for the log.

    Returns
    -------
    Change
        What was done; empty if everything is as it was then.
    """
    with _reading(path) as (_, grid):
        pass
    with LabelFile.open(path, grid=grid, annotator=annotator) as file:
        change = file.change_back_to(to, ids=ids)
        if change:
            file.record(change)
            file.flush()
        return change


def stored_scene(path: str | Path) -> StoredScene:
    """Return what a label file knows of its scene.

    Raises
    ------
    MissingFileError, FormatError, UnsafeFileError
        If it is missing, no label file, or not safe.
    """
    return read_stored_scene(require_file(path))


def read_painted_mask(path: str | Path) -> Mask | None:
    """Return the painted mask of a label file on its own grid, None where nothing is painted."""
    with _reading(path) as (file, grid):
        ontology = file.ontology
    with LabelFile.open(path, grid=grid, mode="r") as file:
        canvas = canvas_of(grid.shape, ontology, file.load())
    if canvas.is_empty:
        return None
    table = semantic_table(ontology)
    return Mask(array=canvas.array, grid=grid, table=table, ontology_stamp=ontology.stamp, rule="painted")


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
