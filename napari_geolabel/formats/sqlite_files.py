"""SQLite files that other programs may have open: read with what these wrote last, never replaced under them."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from napari_geolabel.errors import FormatError, WriteError
from napari_geolabel.files import expanded

_PATIENCE_S = 2.0
"""How long to wait for who is writing just now."""


def address_to_read(path: Path) -> str:
    """Return the address by which SQLite opens a file for reading.

    A file without a log is opened as one that nobody changes, so that nothing
    is made beside it and no folder need be writable.  While a program such as
    QGIS has a GeoPackage open, its last changes are in the log, which SQLite
    reads through a file of shared memory.
    """
    return f"file:{quote(str(path.absolute()))}?mode=ro" + ("" if _is_changing(path) else "&immutable=1")


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that can only read, and runs nothing that the schema holds.

    Raises
    ------
    FormatError
        If another program has the file open and what that has written cannot be read.
    sqlite3.Error
        If it is no SQLite file.
    """
    db = sqlite3.connect(address_to_read(path), uri=True, timeout=_PATIENCE_S)
    try:
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA query_only = ON")
        db.execute("PRAGMA schema_version")  # the first that opens the file
    except sqlite3.Error as error:
        db.close()
        if isinstance(error, sqlite3.OperationalError) and _is_changing(path):
            raise FormatError(
                f"{path.name} is open in another program, whose last changes cannot be read here; close it there first"
            ) from error
        raise
    return db


def require_closed(path: Path) -> None:
    """Make sure that a file can be replaced: a log left beside the new file would be written into it.

    See section 1.4 of https://www.sqlite.org/howtocorrupt.html.  A log that
    nobody uses any more is taken into the file that it belongs to.

    Raises
    ------
    WriteError
        If another program has the file open, or the log cannot be taken in.
    """
    path = expanded(path)
    if not any(log.exists() for log in _logs_of(path)):
        return
    if path.is_file():
        with suppress(sqlite3.Error):  # told below: the log is still there
            _take_log_in(path)
    left = [log.name for log in _logs_of(path) if log.exists()]
    if left:
        raise WriteError(
            f"{path.name} was not written: {left[0]} beside it says that another program, such as QGIS, has it open; "
            "close it there, or choose another name"
        )


def _take_log_in(path: Path) -> None:
    """Write what a log holds into its file, and remove the log, if nobody else has the file open."""
    with closing(sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)) as db:
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("BEGIN EXCLUSIVE")
        db.execute("COMMIT")


def _is_changing(path: Path) -> bool:
    """Return whether something stands in a log beside a file."""
    return any(log.is_file() and log.stat().st_size > 0 for log in _logs_of(path))


def _logs_of(path: Path) -> list[Path]:
    """Return the paths of what SQLite keeps beside a file, of a link beside what it leads to, until all is written."""
    real = path.resolve()
    return [real.with_name(real.name + ending) for ending in ("-wal", "-journal")]
