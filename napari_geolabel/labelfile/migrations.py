"""Label files of earlier versions, brought to this one on a copy.

Each step is a function from version n to n + 1 that works inside a
transaction.  The file that the user has is replaced only when the copy is
whole, and stays beside it as ``<name>.v<n>``.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from napari_geolabel.errors import FormatError, WriteError
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.backups import copy_live
from napari_geolabel.labelfile.connection import companions, connect, is_network, trust
from napari_geolabel.labelfile.schema import SCHEMA_VERSION
from napari_geolabel.labelfile.transaction import transaction

Step = Callable[[sqlite3.Connection], None]

STEPS: Mapping[int, Step] = {}
"""Version to the step that leads on from it; empty as long as version 1 is the only one."""


def version_of(db: sqlite3.Connection) -> int:
    """Return the version of a label file's tables."""
    row = db.execute(sql.SETTING, ("schema_version",)).fetchone()
    if row is None or not str(row[0]).isdigit():
        raise sqlite3.DatabaseError("the version of the tables is not written down")
    return int(row[0])


def require_known_version(db: sqlite3.Connection, path: Path, target: int = SCHEMA_VERSION) -> int:
    """Return the version of a label file's tables, unless this program does not know it.

    Raises
    ------
    FormatError
        If the file is of a newer version.
    """
    version = version_of(db)
    if version > target:
        raise FormatError(f"{path} was written by a newer napari-geolabel (tables {version}); update the program")
    return version


def migrate(
    db: sqlite3.Connection, path: Path, steps: Mapping[int, Step] = STEPS, target: int = SCHEMA_VERSION
) -> sqlite3.Connection:
    """Return a connection to the file in the version of this program.

    Parameters
    ----------
    db
        Open connection; closed if another one is returned.
    path
        The file.
    steps, target
        The steps there are, and the version to reach.

    Raises
    ------
    FormatError
        If the file is of a newer version.
    WriteError
        If another program holds it, so that it cannot be replaced now.
    """
    version = require_known_version(db, path, target)
    if version == target:
        return db
    old, copy = path.with_name(f"{path.name}.v{version}"), path.with_name(f".{path.name}.v{target}")
    copy_live(db, copy)
    try:
        _run_steps(copy, range(version, target), steps)
        _let_go(db, path)
        old.unlink(missing_ok=True)
        os.link(path, old)
        copy.replace(path)
    finally:
        copy.unlink(missing_ok=True)
    return connect(path, network=is_network(path))


def _let_go(db: sqlite3.Connection, path: Path) -> None:
    """Close a file that is about to be replaced, if no one else has it open."""
    try:
        db.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        message = f"{path} is of an earlier version and open elsewhere; close it there, then open it again"
        raise WriteError(message) from error
    db.close()
    if any(companion.exists() for companion in companions(path)):
        raise WriteError(f"{path} is of an earlier version and was opened elsewhere just now; open it again")


def _run_steps(copy: Path, versions: range, steps: Mapping[int, Step]) -> None:
    db = connect(copy, network=True)  # no write-ahead log: the copy must be one file
    try:
        trust(db, copy)
        for version in versions:
            with transaction(db):
                steps[version](db)
                db.execute(sql.PUT_SETTING, ("schema_version", str(version + 1)))
    finally:
        db.close()
