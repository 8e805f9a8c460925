"""Label files as sources: their features for an import, their log, and whose they are, without opening a scene."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import shapely
from affine import Affine

from napari_geolabel.annotations.change import Change
from napari_geolabel.errors import FormatError
from napari_geolabel.files import expanded, require_file
from napari_geolabel.formats.columns import LabelColumns, PixelCopy
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import Conflict, LabelFile, LogEntry, pack
from napari_geolabel.labelfile.connection import connect_readonly
from napari_geolabel.labelfile.fingerprint import SUFFIX
from napari_geolabel.labelfile.load import StoredScene, read_scene
from napari_geolabel.labelfile.opening import read_stored_scene
from napari_geolabel.labels.durable import canvas_of
from napari_geolabel.labels.overwriting import Overwrite, make_way_for_label_file
from napari_geolabel.labels.past import as_time
from napari_geolabel.labels.reviewing import bulk_review
from napari_geolabel.masks import Mask, semantic_table
from napari_geolabel.ontology.model import Ontology

_MOST_DAYS = 100 * 366


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


def pack_label_file(
    path: str | Path,
    out: str | Path,
    *,
    history: str | datetime = "all",
    overwrite: Overwrite = "careful",
) -> None:
    """Copy a label file, which may be in use, to a single file that is whole.

    Parameters
    ----------
    path
        The label file.
    out
        The copy.
    history
        What of undo and log goes along: ``"all"``, ``"none"``, that of the last days as ``"90d"``, or from a time on.
    overwrite
        What to do with a label file that stands there; see `Labels.export`.

    Raises
    ------
    FewerLabelsError
        If the copy would replace a file that holds far more labels.
    FormatError
        If it is no label file, or ``history`` says nothing.
    WriteError
        If the copy cannot be written.
    """
    since = _history_from(history)
    target = expanded(out)
    with _reading(path) as (file, _):
        count = len(file.load().annotations)
    if not (target.exists() and target.samefile(expanded(path))):  # which `pack` refuses
        make_way_for_label_file(target, count, overwrite)
    pack(expanded(path), target, history_from=since)


def review_label_file(
    path: str | Path,
    *,
    accept_above: float | None = None,
    reject_below: float | None = None,
    class_ids: Collection[str] | None = None,
    annotator: str | None = None,
    dry_run: bool = False,
) -> Change:
    """Accept and reject the suggestions of a label file by their confidence, as a change that is in its log.

    Parameters
    ----------
    path
        The label file; other sessions may have it open.
    accept_above, reject_below, class_ids
        See `labels.reviewing.bulk_review`.
    annotator
        Who does it, for the log.
    dry_run
        Changes nothing.

    Returns
    -------
    Change
        What was done, or would be.

    Raises
    ------
    UnknownClassError
        If the ontology has no such class.
    """
    with _reading(path) as (file, grid):
        known = {file.ontology[class_id].id for class_id in class_ids or ()}
        limits: dict[str, Any] = {"accept_above": accept_above, "reject_below": reject_below}
        change = bulk_review(file.load().annotations, **limits, class_ids=known or None)
    if dry_run or not change:
        return change
    with LabelFile.open(path, grid=grid, annotator=annotator) as file:
        change = bulk_review(file.load().annotations, **limits, class_ids=known or None)
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


def _history_from(history: str | datetime) -> datetime | None:
    """Return from when on history is kept, None where all of it is."""
    if history == "all":
        return None
    if history == "none":
        return datetime.max.replace(tzinfo=UTC)
    if isinstance(history, str) and history[-1:] == "d" and history[:-1].isdecimal():
        return datetime.now(UTC) - timedelta(days=min(int(history[:-1]), _MOST_DAYS))
    try:
        return as_time(history)
    except FormatError as error:
        message = f"{history!r} says of no history from when it is; give all, none, a number of days as 90d, or a time"
        raise FormatError(message) from error


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
