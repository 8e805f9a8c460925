"""Who holds a label file, and who held it and crashed."""

from __future__ import annotations

import ctypes
import os
import socket
import sqlite3
import sys
from datetime import UTC, datetime
from uuid import uuid4

from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.transaction import Author, now, transaction

_STARTED = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
_PROCESS_QUERY_LIMITED_INFORMATION = 0x1000


def begin_session(db: sqlite3.Connection, annotator: str | None) -> tuple[Author, list[str]]:
    """Write down that a session begins, and return its author and a notice of each session that crashed."""
    author = Author(session=str(uuid4()), annotator=annotator)
    notes = []
    with transaction(db):
        for session, who, pid, host, started in db.execute(sql.OPEN_SESSIONS, (author.session,)).fetchall():
            if is_running(pid, host, started):
                continue
            count, last = db.execute(sql.CHANGES_OF_SESSION, (session,)).fetchone()
            db.execute(sql.END_SESSION, (now(), "crashed", session))
            notes.append(_notice(who, started, count, last))
        row = (author.session, annotator, os.getpid(), socket.gethostname(), _software(), now(), None, None)
        db.execute(sql.insert("session"), row)
    return author, notes


def end_session(db: sqlite3.Connection, author: Author) -> None:
    """Write down that a session ended well."""
    with transaction(db):
        db.execute(sql.END_SESSION, (now(), "closed", author.session))
        db.execute(sql.TOUCH_CONTENTS, (now(),))


def leave_sessions(db: sqlite3.Connection) -> None:
    """Write down in a copy that its sessions go on elsewhere, or were told there to have crashed."""
    with transaction(db):
        db.execute(sql.LEAVE_SESSIONS, (now(),))


def is_running(pid: int, host: str, started: str) -> bool:
    """Return whether a session's process still runs; on another machine, whether it began within a day."""
    if host != socket.gethostname():
        age = datetime.now(UTC) - datetime.fromisoformat(started)
        return age.total_seconds() < 24 * 3600
    if pid == os.getpid():
        return started >= _STARTED  # a container gives every run the same number
    return _process_exists(pid)


def _process_exists(pid: int) -> bool:
    if sys.platform == "win32":  # os.kill(pid, 0) would send Ctrl+C there
        handle = ctypes.windll.kernel32.OpenProcess(_PROCESS_QUERY_LIMITED_INFORMATION, 0, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _notice(who: str | None, started: str, count: int, last: str | None) -> str:
    whose = f"the session of {who}" if who else "the session"
    if not count:
        return f"{whose} that began {started} ended without closing; it had finished no edit"
    edits = "its one finished edit is" if count == 1 else f"all its {count} finished edits are"
    return f"{whose} that began {started} ended without closing; {edits} here, the last of {last}"


def _software() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"napari-geolabel {version('napari-geolabel')}"
    except PackageNotFoundError:
        return "napari-geolabel"
