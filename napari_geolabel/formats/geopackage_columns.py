"""A table of a GeoPackage as columns, by the SQLite driver of Apache Arrow, which makes no object for each cell.

SQLite gives every cell its own type and Arrow every column one, so the driver
turns some cells into others: whole numbers into fractions, numbers into
texts.  A column is taken over only where the type that it was declared with
(https://www.sqlite.org/datatype3.html, section 3) leaves no room for that;
all others are left to be read row by row.
"""

from __future__ import annotations

import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.formats.counting import quoted
from napari_geolabel.formats.sqlite_files import address_to_read
from napari_geolabel.formats.table_rows import TableRows

if TYPE_CHECKING:
    import pyarrow as pa

ENVELOPE_BYTES = (0, 32, 48, 48, 64)
"""Length of the envelope of a geometry blob, by its code in the flags."""
_BATCH_ROWS = 2**16
"""Rows at once, by the first of which the driver tells the types of columns; many may be empty at first."""
_MULTI = (4, 6)  # types of several points, lines or polygons; those of one are three less
_PART_OFFSET = 9  # byte order, type and number of parts of a multi-part geometry
_NUMBER = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$|^\s*[-+]?(?i:inf|nan)"
"""What SQLite or the driver may have written for a number."""


def has_driver() -> bool:
    """Return whether there is the driver, which comes with ``napari-geolabel[fast]``."""
    return all(find_spec(name) is not None for name in ("pyarrow", "adbc_driver_sqlite"))


def read_columns(
    path: Path, db: sqlite3.Connection, table: str, geometry: str
) -> tuple[NDArray[np.object_], TableRows] | None:
    """Return the well-known binary of all features of a table, and their properties.

    Parameters
    ----------
    path
        The file.
    db
        A connection to it, for its schema.
    table
        The table's name.
    geometry
        The name of its column with geometries.

    Returns
    -------
    tuple or None
        Binaries of shape (n,), None where a blob is no geometry, and n rows; None where the driver is missing, fails,
        or might change a value.
    """
    if not has_driver():
        return None
    found = _fetched(path, f"SELECT * FROM {quoted(table)}")  # noqa: S608
    if found is None or geometry not in found.column_names:
        return None
    try:
        declared = {row[1]: str(row[2]) for row in db.execute(f"PRAGMA table_xinfo({quoted(table)})")}
    except sqlite3.Error:  # a damaged file may declare what is no text, and hold sound rows
        return None
    properties = found.drop_columns([geometry])
    kept = [_as_stored(column, declared.get(name, "")) for name, column in zip(*_items(properties), strict=True)]
    binaries = _binaries(found[geometry])
    if binaries is None or any(column is None for column in kept):
        return None
    import pyarrow as pa

    return binaries, TableRows(pa.table(kept, names=properties.column_names), len(found))


def _fetched(path: Path, query: str) -> pa.Table | None:
    """Return what a query gives, None where the driver cannot give it."""
    import adbc_driver_sqlite.dbapi as driver
    import pyarrow as pa
    from adbc_driver_manager import Error
    from adbc_driver_sqlite import StatementOptions

    try:
        with (
            driver.connect(address_to_read(path), autocommit=True) as db,
            db.cursor() as cursor,
        ):
            for setting in ("trusted_schema = OFF", "query_only = ON"):
                cursor.execute(f"PRAGMA {setting}")
            cursor.adbc_statement.set_options(**{StatementOptions.BATCH_ROWS.value: str(_BATCH_ROWS)})
            cursor.execute(query)
            table: pa.Table = cursor.fetch_arrow_table()
            table.validate(full=True)
    except (Error, pa.ArrowException, OSError):
        return None
    return table


def _items(table: pa.Table) -> tuple[list[str], list[Any]]:
    return table.column_names, table.columns


def _as_stored(column: pa.ChunkedArray, declared: str) -> pa.ChunkedArray | None:
    """Return a column of a declared type if every cell is what SQLite stores, None where that cannot be told."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.null_count == len(column):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    affinity = _affinity(declared)
    if pa.types.is_int64(column.type):
        return column if affinity in {"INTEGER", "NUMERIC"} else None
    if pa.types.is_float64(column.type):
        return column if affinity == "REAL" else None
    if not pa.types.is_string(column.type):
        return None
    if affinity != "TEXT" and pc.any(pc.match_substring_regex(column, _NUMBER)).as_py():
        return None
    return column


def _affinity(declared: str) -> str:
    """Return what SQLite makes of values that go into a column of a declared type."""
    name = declared.upper()
    parts = {"INTEGER": ("INT",), "TEXT": ("CHAR", "CLOB", "TEXT"), "BLOB": ("BLOB",), "REAL": ("REAL", "FLOA", "DOUB")}
    found = next((each for each, words in parts.items() if any(word in name for word in words)), "NUMERIC")
    return found if name else "BLOB"


def _binaries(blobs: pa.ChunkedArray) -> NDArray[np.object_] | None:
    """Return the well-known binary of geometry blobs, None where one is none; None for a column of other things."""
    import pyarrow as pa

    if blobs.null_count == len(blobs):
        return np.full(len(blobs), None, object)
    if not pa.types.is_binary(blobs.type):
        return None
    parts = [_without_heads(chunk) for chunk in blobs.chunks if len(chunk)]
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


def _without_heads(blobs: pa.BinaryArray) -> NDArray[np.object_]:
    """Return the well-known binary of geometry blobs: what follows a header of eight bytes and an envelope.

    Of a multi-part geometry of one part it is that part, as which we read it
    (``unwrapping.py``); to make both would cost as much as all the rest.
    """
    import pyarrow as pa

    _, offsets, content = blobs.buffers()
    if content is None or not content.size:
        return np.full(len(blobs), None, object)
    bounds = np.frombuffer(offsets, np.int32)[blobs.offset : blobs.offset + len(blobs) + 1]
    data = np.frombuffer(content, np.uint8)
    starts, ends = bounds[:-1].astype(np.int64), bounds[1:].astype(np.int64)
    first, second, _, flags = _bytes_at(data, starts, 4)
    envelope = np.minimum(flags >> 1 & 7, len(ENVELOPE_BYTES))
    begin = starts + 8 + np.take([*ENVELOPE_BYTES, 0], envelope)
    sound = (first == ord("G")) & (second == ord("P")) & (envelope < len(ENVELOPE_BYTES)) & (flags & 32 == 0)
    sound &= (ends - starts >= 8) & (begin <= ends)
    begin[_single_parts(data, begin, ends)] += _PART_OFFSET
    cuts = np.empty(2 * len(blobs) + 1, np.int32)  # each blob as two pieces, of which the second is wanted
    cuts[:-1:2], cuts[-1] = starts, ends[-1]
    cuts[1::2] = np.where(sound, begin, ends)
    pieces = pa.Array.from_buffers(pa.binary(), 2 * len(blobs), [None, pa.py_buffer(cuts), content])
    found: NDArray[np.object_] = pieces.to_numpy(zero_copy_only=False)[1::2]
    found[~sound] = None
    return found


def _bytes_at(data: NDArray[np.uint8], starts: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """Return some bytes from each start on, shape (count, n), whatever stands there beyond the end."""
    found: NDArray[np.uint8] = data[np.minimum(starts + np.arange(count)[:, None], len(data) - 1)]
    return found


def _single_parts(data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return which binaries are little-endian multi-part geometries of one plain part."""
    types = _bytes_at(data, starts + 1, 1)[0]
    several = np.flatnonzero((types >= _MULTI[0]) & (types <= _MULTI[1]) & (ends - starts > _PART_OFFSET))
    head = _bytes_at(data, starts[several], 14)
    zero = (head[[2, 3, 4, 6, 7, 8, 11, 12, 13]] == 0).all(axis=0)
    little = (head[0] == 1) & (head[9] == 1)
    single: NDArray[np.intp] = several[zero & little & (head[5] == 1) & (head[10] == head[1] - _MULTI[0] + 1)]
    return single
