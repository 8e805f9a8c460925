"""The thread that writes: one change after the other, acknowledged when it is on disk.

Whoever edits never waits for the disk.  What cannot be written stays in the
queue, in order, and the status says why.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from napari_geolabel.annotations import Change
from napari_geolabel.errors import GeoLabelError, WriteError
from napari_geolabel.labelfile.drafts import Draft
from napari_geolabel.labelfile.ledger import Arrivals, Ledger, LostFileError
from napari_geolabel.labelfile.set_aside import SetAside, concerns_the_change
from napari_geolabel.labelfile.status import Failed, Pending, Saved, Status

_logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How often an idle writer looks whether the file is still there and whether others wrote."""
RETRY_SECONDS = 2.0
"""How long the writer waits before it tries again what failed."""
_CHANGES_AT_ONCE, _EDITS_AT_ONCE = 500, 5000


class Writer:
    """A queue of changes and the one thread that writes them.

    Parameters
    ----------
    ledger
        The open file; from now on it is used by the writer's thread alone.
    on_status
        Called with each new status, on the writer's thread.
    on_arrivals
        Called with what others brought into the file, on the writer's thread.
    """

    def __init__(
        self,
        ledger: Ledger,
        on_status: Callable[[Status], None],
        on_arrivals: Callable[[Arrivals], None],
    ) -> None:
        self.ledger = ledger
        self._on_status, self._on_arrivals = on_status, on_arrivals
        self._queue: deque[Change] = deque()
        self._aside = SetAside()
        self._orders: deque[_Order] = deque()
        self._draft: _Sketch | None = None
        self._changed = threading.Condition()
        self._recorded, self._failures = 0, 0
        self._reason: str | None = None
        self._next_try = 0.0
        self._stopping = False
        self._announced: Status = Saved()
        self._thread = threading.Thread(target=self._run, name="geolabel-writer", daemon=True)
        self._thread.start()

    @property
    def status(self) -> Status:
        """What is on disk and what is not."""
        with self._changed:
            return self._status()

    @property
    def recorded(self) -> int:
        """How many changes were taken on."""
        with self._changed:
            return self._recorded

    def put(self, change: Change) -> int:
        """Take a change on and return its number; never waits for the disk."""
        with self._changed:
            if self._stopping:
                raise WriteError(f"{self.ledger.path} is closed; open it again to go on")
            self._queue.append(change)
            self._recorded += 1
            self._changed.notify_all()
            return self._recorded

    def keep_draft(self, draft: Draft | None) -> None:
        """Take on what is being drawn, in the place of what was to be kept before; never waits for the disk.

        It is written when no change waits, so that what is finished comes
        first, and given up where it cannot be: the next point comes soon.
        """
        with self._changed:
            self._draft = _Sketch(draft)
            self._changed.notify_all()

    def waiting(self) -> list[Change]:
        """Return the changes that are not on disk, oldest first."""
        with self._changed:
            return [*self._aside.changes, *self._queue]

    def flush(self, timeout_s: float | None = None) -> None:
        """Return when everything is durable; a draft that cannot be written is not waited for.

        Raises
        ------
        WriteError
            If writing fails now, a change cannot be stored at all, or not all is written in time.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        with self._changed:
            failures = self._failures
            self._next_try = 0.0
            self._changed.notify_all()
            while self._queue or (self._draft is not None and self._thread.is_alive()):
                if self._queue and (self._failures > failures or not self._thread.is_alive()):
                    raise WriteError(self._reason or "the writer has stopped")
                remaining = None if deadline is None else deadline - time.monotonic()
                if remaining is not None and remaining <= 0:
                    raise WriteError(
                        f"{len(self._queue)} changes are not yet in {self.ledger.path} after {timeout_s:g} s; wait on"
                    )
                self._changed.wait(remaining)
            if self._aside:
                raise WriteError(self._aside.reason(self.ledger.path))

    def retry(self) -> None:
        """Try again at once what failed, and what was set aside."""
        with self._changed:
            self._queue.extendleft(reversed(self._aside.empty()))
            self._next_try = 0.0
            self._changed.notify_all()

    def call(self, action: Callable[[], Any], *, path: Path | None = None) -> Any:  # noqa: ANN401  (what it returns)
        """Run something on the writer's thread, between two changes, and return what it returns.

        Raises
        ------
        WriteError
            If SQLite or the disk refuses; it speaks of ``path``, or of the ledger's own.
        """
        order = _Order(action)
        with self._changed:
            if self._stopping or not self._thread.is_alive():
                raise WriteError(f"the writer of {self.ledger.path} has stopped; export the labels to keep them")
            self._orders.append(order)
            self._changed.notify_all()
        order.done.wait()
        if isinstance(order.error, sqlite3.Error | OSError) and not isinstance(order.error, GeoLabelError):
            raise WriteError(why(order.error, path or self.ledger.path)) from order.error
        if order.error is not None:
            raise order.error
        return order.result

    def forget_failure(self) -> None:
        """Let a failure be over, because the file is another one now."""
        with self._changed:
            self._reason, self._next_try = None, 0.0

    def stop(self) -> None:
        """End the thread; what is in the queue is not written any more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        try:
            while self._step():
                self._announce()
        finally:
            with self._changed:  # whatever ended the thread, no one may wait for it in vain
                self._stopping = True
                if self._queue and self._reason is None:
                    self._reason = f"the writer of {self.ledger.path} has stopped; export the labels to keep them"
                for order in self._orders:
                    order.finish(error=WriteError(f"the writer of {self.ledger.path} has stopped"))
                self._changed.notify_all()
            self._announce()

    def _step(self) -> bool:
        """Do the next thing that is to be done; return whether to go on."""
        order, sketch = None, None
        changes: tuple[Change, ...] = ()
        self.ledger.show_life()
        with self._changed:
            if not (self._orders or self._is_due() or self._has_draft_to_write() or self._stopping):
                self._changed.wait(LOOK_SECONDS)
            if self._orders:
                order = self._orders.popleft()
            elif self._stopping:
                return False
            elif self._is_due():
                changes = self._portion()
            elif self._has_draft_to_write():
                sketch = self._draft
        if order is not None:
            order.run()
        elif changes:
            self._announce()
            self._attempt(lambda: self.ledger.write(*changes), changes)
        elif sketch is not None:
            self._write_draft(sketch)
        else:
            self._attempt(self.ledger.poll, ())
        return True

    def _portion(self) -> tuple[Change, ...]:
        """Return the changes to write next: what waits together shares one sync of the disk."""
        if self._aside:
            self._queue[0] = self._aside.joined(self._queue[0])
            return (self._queue[0],)
        portion: list[Change] = []
        size = 0
        for change in islice(self._queue, _CHANGES_AT_ONCE):
            size += len(change.edits) + len(change.tiles)
            if portion and size > _EDITS_AT_ONCE:
                break
            portion.append(change)
        return tuple(portion)

    def _is_due(self) -> bool:
        return bool(self._queue) and time.monotonic() >= self._next_try

    def _has_draft_to_write(self) -> bool:
        return self._draft is not None and not self._queue

    def _write_draft(self, sketch: _Sketch) -> None:
        try:
            self.ledger.keep_draft(sketch.draft)
        except (sqlite3.Error, OSError):
            pass  # a disk that refuses shows itself with the next change
        except Exception:  # what cannot be kept as a draft may still be a label when it is finished
            _logger.exception("the draft in %s was not kept", self.ledger.path)
        with self._changed:
            if self._draft is sketch:
                self._draft = None
            self._changed.notify_all()

    def _attempt(self, action: Callable[[], Arrivals], changes: tuple[Change, ...]) -> None:
        """Write or look, and keep account of how it went."""
        try:
            arrivals = self._act(action)
        except Exception as error:  # noqa: BLE001  (an end of the thread would be the end of all saving)
            if len(changes) > 1 and not _concerns_the_file(error):
                half = changes[: len(changes) // 2]  # what is sound goes ahead
                self._attempt(lambda: self.ledger.write(*half), half)
            elif changes and concerns_the_change(error):
                self._set_aside(changes[0], error)
            else:
                self._fail(error, changes)
            return
        self._on_arrivals(arrivals)
        with self._changed:
            for _ in changes:
                self._queue.popleft()
            if changes or not self._queue:
                self._reason = None
            self._changed.notify_all()

    def _act(self, action: Callable[[], Arrivals]) -> Arrivals:
        """Write or look; on a full disk give back the room of the write-ahead log and try once more."""
        try:
            return action()
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorname", "") != "SQLITE_FULL" or not self.ledger.make_room():
                raise
        return action()

    def _set_aside(self, change: Change, error: Exception) -> None:
        """Let what comes after a change go ahead, which can land nowhere."""
        with self._changed:
            self._queue.popleft()
            self._aside.take(change, error)
            self._changed.notify_all()

    def _fail(self, error: Exception, changes: tuple[Change, ...]) -> None:
        reason = why(error, self.ledger.path)
        with self._changed:
            if not changes and not isinstance(error, LostFileError):
                # an idle look that found the file locked, or could make nothing of it: nothing waits to be written
                _logger.debug("a look at %s failed", self.ledger.path, exc_info=error)
                return
            self._reason = reason
            self._failures += 1
            self._next_try = time.monotonic() + RETRY_SECONDS
            self._changed.notify_all()

    def _status(self) -> Status:
        if self._reason is not None:
            return Failed(self._reason, len(self._queue) + len(self._aside))
        if self._aside:
            return Failed(self._aside.reason(self.ledger.path), len(self._queue) + len(self._aside))
        return Pending(len(self._queue)) if self._queue else Saved()

    def _announce(self) -> None:
        status = self.status
        if status != self._announced:
            self._announced = status
            self._on_status(status)


def why(error: Exception, path: Path) -> str:
    """Return one sentence on why a file was not written, and the way out."""
    name = getattr(error, "sqlite_errorname", "")
    if isinstance(error, LostFileError):
        return f"{error}; save to another place, all your work is still in memory"
    if name.startswith("SQLITE_FULL"):
        return f"the disk of {path} is full; make room, or save to another place"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path} is locked by another program; close it there, or save to another place"
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_CANTOPEN", "SQLITE_AUTH")):
        return f"{path} cannot be written ({error}); allow it, or save to another place"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return f"{path} is damaged ({error}); save to another place, all your work is still in memory"
    return f"{path} was not written ({error}); save to another place"


@dataclass(frozen=True, eq=False)
class _Sketch:
    """What is to be kept as draft; told apart by identity, since a later one may say the same."""

    draft: Draft | None


def _concerns_the_file(error: Exception) -> bool:
    """Return whether no change at all could be written, whichever it is."""
    name = getattr(error, "sqlite_errorname", "")
    return isinstance(error, LostFileError) or name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


class _Order:
    """Something to be done on the writer's thread, and how it went."""

    def __init__(self, action: Callable[[], Any]) -> None:
        self._action = action
        self.done = threading.Event()
        self.result: Any = None
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.finish(result=self._action())
        except Exception as error:  # noqa: BLE001  (it is raised again where somebody waits for it)
            self.finish(error=error)
        finally:
            if not self.done.is_set():  # what is no fault of a file ends the thread, and somebody waits
                self.finish(error=WriteError("the writer has stopped, by a fault of its own"))

    def finish(self, result: Any = None, error: Exception | None = None) -> None:  # noqa: ANN401
        self.result, self.error = result, error
        self.done.set()
