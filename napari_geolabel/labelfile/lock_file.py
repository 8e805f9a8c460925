"""The lock file of network drives, where SQLite's own locks cannot be relied on.

A lock that nobody shows life of is taken over, by one session at a time.  A
session that was silent for so long finds out before it writes again.
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from napari_geolabel.errors import WriteError
from napari_geolabel.labelfile.sessions import is_running
from napari_geolabel.labelfile.transaction import now

STALE_SECONDS = 300.0
"""After how long without a sign of life a lock of another machine counts as left behind."""
LIFE_SECONDS = 20.0
"""How often a session shows that it lives: a drive that hangs for minutes must not make it look gone."""
MAKING_SECONDS = 10.0
"""How long a lock without words counts as one that is just being made."""


@dataclass
class LockFile:
    """A file beside a label file that keeps a second writer out."""

    path: Path
    shown: float = field(default_factory=time.monotonic)
    """When the last sign of life was given, on the monotonic clock."""
    _text: str = field(init=False)

    def __post_init__(self) -> None:
        held = {"pid": os.getpid(), "host": socket.gethostname(), "started": now(), "id": str(uuid4())}
        self._text = json.dumps(held)

    @classmethod
    def acquire(cls, label_path: Path) -> LockFile:
        """Take the lock of a label file.

        Raises
        ------
        WriteError
            If another session has it, or is just taking it over.
        """
        lock = cls(label_path.with_name(label_path.name + ".lock"))
        try:
            lock._create()
        except FileExistsError:
            lock._require_nobody(label_path)
            lock._take_over(label_path)
        return lock

    def taken_by(self) -> str | None:
        """Return who has the lock in our place, None while it is ours or cannot be read.

        One that somebody has removed by hand is put back.
        """
        for _ in range(2):
            try:
                found = self.path.read_text()
            except FileNotFoundError:
                with suppress(OSError):
                    self._create()
                continue
            except OSError:
                return None  # a drive that is away; writing says so
            return None if found == self._text else self._holder() or "another session"
        return None

    def show_life(self) -> None:
        """Tell others that the session goes on; may be called as often as one likes."""
        if time.monotonic() - self.shown < LIFE_SECONDS:
            return
        self.shown = time.monotonic()
        if self.taken_by() is None:
            with suppress(OSError):  # a drive that is away for a moment; the next sign comes
                os.utime(self.path)

    def release(self) -> None:
        """Give the lock back, unless another session has it by now."""
        if self.taken_by() is None:
            self.path.unlink(missing_ok=True)

    def _create(self) -> None:
        handle = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        with os.fdopen(handle, "w") as file:
            file.write(self._text)

    def _require_nobody(self, label_path: Path) -> None:
        holder = self._holder()
        if holder is not None:
            raise WriteError(
                f"{label_path} is open in another session ({holder}); read it with mode='r', "
                f"or remove {self.path.name} if that session is gone"
            )

    def _take_over(self, label_path: Path) -> None:
        """Replace a lock that was left behind; of several that see it, only one at a time may try."""
        turn = self.path.with_name(self.path.name + ".turn")
        try:
            os.close(os.open(turn, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except FileExistsError:
            raise WriteError(
                f"{label_path} is just being taken over by another session; try again, "
                f"or remove {turn.name} if nobody does"
            ) from None
        try:
            self._require_nobody(label_path)  # whoever had the turn before may have it by now
            self.path.unlink(missing_ok=True)
            self._create()
        except FileExistsError:  # one that came by without looking for a lock that was left behind
            self._require_nobody(label_path)
            raise
        finally:
            turn.unlink(missing_ok=True)

    def _holder(self) -> str | None:
        """Return who has the lock, None if whoever it was is gone."""
        try:
            age = time.time() - self.path.stat().st_mtime
            text = self.path.read_text()
        except OSError:
            return None
        try:
            held = json.loads(text)
            pid, host, started = int(held["pid"]), str(held["host"]), str(held["started"])
            alive = is_running(pid, host, started) if host == socket.gethostname() else age < STALE_SECONDS
        except (ValueError, KeyError, TypeError):
            return "one that is just beginning" if age < MAKING_SECONDS else None
        return f"process {pid} on {host} since {started}" if alive else None
