"""Who holds a label file, who held it and crashed, and the lock file of network drives."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sqlite3
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from napari_geolabel.errors import WriteError
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.transaction import Author, now, transaction

STALE_SECONDS = 300.0
"""After how long without a sign of life a lock on a network drive counts as left behind."""
LIFE_SECONDS = 20.0
"""How often a session shows that it lives: a drive that hangs for minutes must not make it look gone."""

_STARTED = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
_PROCESS_QUERY_LIMITED_INFORMATION = 0x1000


def begin_session(db: sqlite3.Connection, annotator: str | None) -> tuple[Author, list[str]]:
    """Write down that a session begins, and return its author and a notice of each session that crashed."""
    author = Author(session=str(uuid4()), annotator=annotator)
    notes = []
    with transaction(db):
        for session, who, pid, host, started in db.execute(sql.OPEN_SESSIONS, (author.session,)).fetchall():
            if _is_running(pid, host, started):
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


@dataclass
class LockFile:
    """A file beside a label file on a network drive that keeps a second writer out.

    SQLite's own locks cannot be relied on there.
    """

    path: Path
    shown: float = field(default_factory=time.monotonic)
    """When the last sign of life was given, on the monotonic clock."""

    @classmethod
    def acquire(cls, label_path: Path) -> LockFile:
        """Take the lock.

        Raises
        ------
        WriteError
            If another session has it.
        """
        lock = cls(label_path.with_name(label_path.name + ".lock"))
        try:
            lock._create()
        except FileExistsError:
            holder = lock._holder()
            if holder is not None:
                raise WriteError(
                    f"{label_path} is open in another session ({holder}); read it with mode='r', "
                    f"or remove {lock.path.name} if that session is gone"
                ) from None
            lock.path.unlink(missing_ok=True)
            lock._create()
        return lock

    def show_life(self) -> None:
        """Tell others that the session goes on; may be called as often as one likes.

        A lock that somebody has removed by hand is put back, unless another session has it by now.
        """
        if time.monotonic() - self.shown < LIFE_SECONDS:
            return
        self.shown = time.monotonic()
        try:
            os.utime(self.path)
        except FileNotFoundError:
            with suppress(OSError):
                self._create()
        except OSError:
            return  # a drive that is away for a moment; the next sign comes

    def release(self) -> None:
        """Give the lock back."""
        self.path.unlink(missing_ok=True)

    def _create(self) -> None:
        handle = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        with os.fdopen(handle, "w") as file:
            json.dump({"pid": os.getpid(), "host": socket.gethostname(), "started": now()}, file)

    def _holder(self) -> str | None:
        """Return who has the lock, None if whoever it was is gone."""
        try:
            held = json.loads(self.path.read_text())
            pid, host, started = int(held["pid"]), str(held["host"]), str(held["started"])
            age = time.time() - self.path.stat().st_mtime
        except (OSError, ValueError, KeyError, TypeError):
            return None
        alive = _is_running(pid, host, started) if host == socket.gethostname() else age < STALE_SECONDS
        return f"process {pid} on {host} since {started}" if alive else None


def _is_running(pid: int, host: str, started: str) -> bool:
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
