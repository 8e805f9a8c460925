"""How many labels a file holds, told without reading it as labels.

That is what an export asks of the file that it would replace, and of itself
when it is written.  Nothing here parses, allocates by what a file claims, or
runs what a file contains.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from napari_geolabel.errors import GeoLabelError, WriteError
from napari_geolabel.formats.registry import Format
from napari_geolabel.formats.sqlite_files import connect_to_read

_BLOCK_BYTES = 2**20
_OVERLAP_BYTES = 64  # as long as a member "type" with a few spaces in it may be
_FEATURE = re.compile(rb'"type"\s{0,16}:\s{0,16}"Feature"')
_OWN_FEATURE = b'\n{"type":"Feature",'
_STRIP_ROWS = 512


def count_labels(path: Path, form: Format) -> int | None:
    """Return how many features a file has, or labelled pixels if it is a mask; None where that cannot be told.

    Parameters
    ----------
    path
        A file that exists, whatever is in it.
    form
        The format that its name speaks of.
    """
    try:
        return form.count(path)
    except (OSError, sqlite3.Error, GeoLabelError):
        return None


def count_features(path: Path) -> int:
    """Return how many features a GeoJSON file of any program has, as far as its text tells, in little memory."""
    return count_matches(path, _FEATURE)


def count_matches(path: Path, pattern: re.Pattern[bytes]) -> int:
    """Return how often a pattern of at most 64 bytes stands in a file, in little memory."""
    found, before = 0, b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            text = before + block
            ends = [match.end() for match in pattern.finditer(text)]
            found += len(ends)
            # a match that lies across two blocks is found with the second, and none that was counted is kept
            last = ends[-1] if ends else 0
            before = text[max(last, len(text) - _OVERLAP_BYTES) :]
    return found


def count_lines(path: Path) -> int:
    """Return how many features a GeoJSON file of ours has, which begin a line each."""
    found, before = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            text = before + block
            found += text.count(_OWN_FEATURE)
            before = text[-(len(_OWN_FEATURE) - 1) :]  # too short to hold one that was counted
    return found


def count_rows(path: Path) -> int:
    """Return how many features the tables of a GeoPackage have.

    Raises
    ------
    sqlite3.Error
        If it is none, or damaged.
    """
    with closing(connect_to_read(path)) as db:
        tables = db.execute(
            "SELECT c.table_name FROM gpkg_contents c JOIN sqlite_master m ON m.name = c.table_name "
            "WHERE c.data_type = 'features' AND m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'"
        ).fetchall()
        counts = [db.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0] for (name,) in tables]  # noqa: S608
    return int(sum(counts))


def count_pixels(path: Path) -> int:
    """Return how many pixels of a mask are neither zero nor nodata.

    Raises
    ------
    GeoLabelError
        If it cannot be opened as a scene, or has several bands.
    """
    from napari_geolabel.imagery import open_scene

    with open_scene(path) as scene:
        if len(scene.bands) != 1:
            raise GeoLabelError(f"{path.name} has {len(scene.bands)} bands and is no mask")
        rows, cols = scene.grid.shape
        strips = range(0, rows, _STRIP_ROWS)
        windows = [(slice(top, top + _STRIP_ROWS), slice(0, cols)) for top in strips]
        return sum(int(np.count_nonzero(scene.read([0], window=window).filled(0))) for window in windows)


def require_count(found: int, wanted: int, name: str) -> None:
    """Check that a file that was just written holds as many labels as were given to be written.

    Raises
    ------
    WriteError
        If not.
    """
    if found != wanted:
        raise WriteError(f"{name} holds {found} of {wanted} labels after writing; the old file is untouched")


def quoted(name: str) -> str:
    """Return a name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'
