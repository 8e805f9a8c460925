"""Rotating copies of label files, kept apart from them, and copies to hand on.

SQLite's backup API copies a file that is being written to, whole and as of
one moment.  Copying the file itself would miss what is still in its
write-ahead log.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path

from napari_geolabel.errors import WriteError
from napari_geolabel.files import atomic_write
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.connection import companions, connect_readonly
from napari_geolabel.labelfile.fingerprint import state_folder
from napari_geolabel.labelfile.sessions import leave_sessions
from napari_geolabel.labelfile.trimming import forget_before

KEPT = 5
"""How many copies of a label file are kept."""
MIN_AGE_SECONDS = 3600.0
"""A copy younger than that is written over: five quick restarts must not push out yesterday's."""


def backup_folder(path: Path) -> Path:
    """Return where the copies of a label file lie."""
    digest = hashlib.blake2b(str(path.absolute()).encode(), digest_size=6).hexdigest()
    return state_folder() / "backups" / f"{path.name}-{digest}"


def backups_of(path: Path) -> list[Path]:
    """Return the copies of a label file, newest first."""
    return sorted(backup_folder(path).glob("*.gpkg"), reverse=True)


def rotate(db: sqlite3.Connection, path: Path, clock: Callable[[], float] = time.time) -> Path | None:
    """Keep a copy of an open label file unless the newest one has all its changes.

    Parameters
    ----------
    db
        A connection to the file.
    path
        The file.
    clock
        Gives seconds since 1970; copies are ordered by their number, not by time.

    Returns
    -------
    Path or None
        The copy, None if none was made.

    Raises
    ------
    WriteError
        If the copy could not be written.
    """
    found = backups_of(path)
    if found and _stamp_of(found[0]) == _stamp(db):
        return None
    number = max((int(copy.stem) for copy in found if copy.stem.isdigit()), default=0)
    # with a clock that was set back, an age is below zero and says nothing
    if not found or not 0 <= clock() - found[0].stat().st_mtime < MIN_AGE_SECONDS:
        number += 1
    folder = backup_folder(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{folder} cannot be made ({error.strerror}); no backup of {path.name} was kept") from error
    copy = folder / f"{number:06d}.gpkg"
    copy_live(db, copy)
    for old in backups_of(path)[KEPT:]:
        old.unlink(missing_ok=True)
    return copy


def pack(path: str | Path, target: str | Path, *, history_from: datetime | None = None) -> None:
    """Copy a label file, which others may be writing to, to a single file that is whole.

    Parameters
    ----------
    path
        The label file.
    target
        The copy; a file that stands there is replaced.
    history_from
        The copy leaves out what the journal has from before that time; None keeps all.

    Raises
    ------
    MissingFileError
        If there is no such label file.
    WriteError
        If the copy cannot be written.
    """
    if Path(path).exists() and Path(target).exists() and Path(target).samefile(path):
        raise WriteError(f"{target} is the label file itself; name another file for the copy")
    with closing(connect_readonly(Path(path))) as db:
        copy_live(db, Path(target), partial(_hand_on, history_from=history_from))


def _hand_on(copy: sqlite3.Connection, history_from: datetime | None) -> None:
    leave_sessions(copy)
    if history_from is not None:
        forget_before(copy, history_from)


def _stamp_of(copy: Path) -> tuple[str, int] | None:
    """Return which file a copy is of and how many changes it has, None if it cannot be read."""
    try:
        with closing(connect_readonly(copy)) as db:
            return _stamp(db)
    except sqlite3.Error:
        return None


def _stamp(db: sqlite3.Connection) -> tuple[str, int]:
    return str(db.execute(sql.SCENE).fetchone()[0]), int(db.execute(sql.LAST_SEQ).fetchone()[0])


def copy_live(
    db: sqlite3.Connection, target: Path, adapt: Callable[[sqlite3.Connection], object] | None = None
) -> None:
    """Copy what a connection sees to a file, which is published whole and not in WAL mode.

    Parameters
    ----------
    db
        A connection to the label file.
    target
        The copy.
    adapt
        Changes the copy before it is published.

    Raises
    ------
    WriteError
        If the copy cannot be written.
    """
    if any(companion.exists() for companion in companions(target)):
        # whoever opens the copy next would lay the old file's log over it
        raise WriteError(f"{target} is in use; close it there, or choose another name")
    with atomic_write(target) as temporary:
        copy = sqlite3.connect(temporary)
        try:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            if adapt is not None:
                adapt(copy)
        except sqlite3.Error as error:
            raise WriteError(f"{target} was not written ({error}); choose another place") from error
        finally:
            copy.close()
