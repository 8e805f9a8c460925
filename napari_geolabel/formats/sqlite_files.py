"""SQLite files of strangers: opened to be read alone, with what a program that has them open has written last."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from napari_geolabel.errors import FormatError

_LOGS = ("-wal", "-journal")
"""What SQLite keeps beside a file while somebody writes it, or after a crash."""
_PATIENCE_S = 2.0
"""How long to wait for who is writing just now."""


def address_to_read(path: Path) -> str:
    """Return the address by which SQLite opens a file for reading.

    A file without a log is opened as one that nobody changes, so that nothing
    is made beside it and no folder need be writable.  While a program such as
    QGIS has a GeoPackage open, its last changes are in the log, which SQLite
    reads through a file of shared memory.
    """
    logs = [path.with_name(path.name + ending) for ending in _LOGS]
    is_changing = any(log.is_file() and log.stat().st_size > 0 for log in logs)
    return f"file:{quote(str(path.absolute()))}?mode=ro" + ("" if is_changing else "&immutable=1")


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Return a connection that can only read, and runs nothing that the schema holds.

    Raises
    ------
    FormatError
        If another program has the file open and what that has written cannot be read.
    sqlite3.Error
        If it is no SQLite file.
    """
    address = address_to_read(path)
    db = sqlite3.connect(address, uri=True, timeout=_PATIENCE_S)
    try:
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA query_only = ON")
        db.execute("PRAGMA schema_version")  # the first that opens the file
    except sqlite3.OperationalError as error:
        db.close()
        if "immutable" in address:
            raise
        raise FormatError(
            f"{path.name} is open in another program, whose last changes cannot be read here; close it there first"
        ) from error
    except BaseException:
        db.close()
        raise
    return db
