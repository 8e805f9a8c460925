"""The label file of one scene: open it, record changes, and know that they are on disk.

Read this module first; the others of this room stand below it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from psygnal import EmitLoopError, Signal

from napari_geolabel.annotations import Annotation, Change
from napari_geolabel.errors import WriteError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.backups import rotate
from napari_geolabel.labelfile.beginning import contents_of, moved_ledger, open_and_begin
from napari_geolabel.labelfile.connection import companions, connect_readonly
from napari_geolabel.labelfile.drafts import Draft
from napari_geolabel.labelfile.fingerprint import Fingerprint
from napari_geolabel.labelfile.inbox import Inbox
from napari_geolabel.labelfile.journal import Journal
from napari_geolabel.labelfile.ledger import Arrivals
from napari_geolabel.labelfile.load import Contents
from napari_geolabel.labelfile.log import LogEntry, Version
from napari_geolabel.labelfile.merge import Conflict
from napari_geolabel.labelfile.new_ontology import use_ontology
from napari_geolabel.labelfile.opening import OpenFile, open_for_reading
from napari_geolabel.labelfile.status import Saved, Status
from napari_geolabel.labelfile.transaction import now, transaction
from napari_geolabel.labelfile.writer import Writer
from napari_geolabel.ontology import Ontology

_logger = logging.getLogger(__name__)


class LabelFile:
    """The durable labels of one scene.

    Edits are recorded and written by a thread of their own: one transaction
    per change, acknowledged when it is synced.  Other sessions and programs
    may work on the same file at the same time; what they do is announced by
    :attr:`arrived` and fetched with :meth:`pull`.
    """

    status_changed: ClassVar[Signal] = Signal(object)
    """Emitted with the new status on the **writer's thread**; a GUI must hand it over to its own."""
    arrived: ClassVar[Signal] = Signal()
    """Emitted on the **writer's thread** when the file holds something that :meth:`pull` will give."""

    def __init__(self, opened: OpenFile, contents: Contents, writer: Writer | None) -> None:
        """Use :meth:`open`."""
        self._opened, self._contents, self._writer = opened, contents, writer
        self._notes = list(opened.notes)
        self.inbox = Inbox()
        self._guard = threading.Lock()
        self._backup: threading.Thread | None = None
        self._is_open = True

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        grid: GeoGrid,
        ontology: Ontology | None = None,
        fingerprint: Fingerprint | None = None,
        annotator: str | None = None,
        mode: Literal["rw", "r"] = "rw",
    ) -> LabelFile:
        """Open a label file, or make it.

        A damaged file is kept aside and a new one made of all that is sound;
        edits of other programs are taken over.  What happened stands in
        :attr:`notes`.

        Parameters
        ----------
        path
            The label file.
        grid
            Grid of the scene.
        ontology
            None takes the file's own.
        fingerprint
            The scene's (``fingerprint_of``); None where the scene is no single file.
        annotator
            Who works, for the log.
        mode
            ``"r"`` changes nothing, neither the file nor its folder.

        Raises
        ------
        MissingFileError
            If it is to be read and does not exist.
        FormatError
            If it is no label file, or of a newer version.
        UnsafeFileError
            If it has triggers or views that are not ours.
        OntologyError
            If no ontology is known, or it lacks classes that the labels have.
        WriteError
            If the disk or another session prevents it.
        """
        if mode == "r":
            opened = open_for_reading(Path(path), grid, ontology)
            return cls(opened, contents_of(opened.content, []), None)
        opened, ledger, contents = open_and_begin(Path(path), grid, ontology, fingerprint, annotator)
        try:
            made = cls(opened, contents, None)
            made._writer = Writer(ledger, made._say_status, made._take_arrivals)
            made._keep_backup()
        except BaseException:
            ledger.close()
            raise
        return made

    @property
    def path(self) -> Path:
        """Where the label file lies; not always the path that was asked for (see :attr:`notes`)."""
        return self._opened.path

    @property
    def ontology(self) -> Ontology:
        """The ontology that the file holds."""
        return self._opened.form.ontology

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user on what was recovered, found again, taken over or could not be."""
        with self._guard:
            return tuple(self._notes)

    @property
    def status(self) -> Status:
        """``Saved()``, ``Pending(count)`` or ``Failed(reason, count)``."""
        return Saved() if self._writer is None else self._writer.status

    def load(self) -> Contents:
        """Return what the file held when it was opened."""
        return self._contents

    def record(self, change: Change) -> int:
        """Take on a change to be written and return its number in this session, from 1.

        Never waits for the disk.  A change that came from :meth:`pull` is not
        written: the file has it, or something newer that the next pull will give.
        """
        writer = self._require_writer()
        return writer.recorded if change.origin == "elsewhere" else writer.put(change)

    def keep_draft(self, draft: Draft | None) -> None:
        """Keep what is being drawn, in the place of what was kept before; None when it is finished or given up.

        Never waits for the disk, and is no change: neither counted as pending nor undone.
        """
        self._require_writer().keep_draft(draft)

    def flush(self, timeout_s: float | None = None) -> None:
        """Return when every recorded change is durable.

        Raises
        ------
        WriteError
            If writing fails now, naming the cause, or takes longer than ``timeout_s``.
        """
        if self._writer is not None:
            self._writer.flush(timeout_s)

    def retry(self) -> None:
        """Try again at once to write what failed; the writer also does so by itself every two seconds."""
        self._require_writer().retry()

    def save_as(self, path: str | Path, *, overwrite: Literal["never", "always"] = "never") -> None:
        """Go on in another file, with all that this one holds and all that is still in memory.

        Raises
        ------
        WriteError
            If it cannot be written, is in use, or exists and is not to be replaced; the file stays the old one then.
        """
        writer, target = self._require_writer(), Path(path)
        if target.exists() and overwrite == "never":
            raise WriteError(f"{target} exists already; choose another name")
        if target.exists() and (any(c.exists() for c in companions(target)) or target.samefile(self.path)):
            raise WriteError(f"{target} is in use; close it there, or choose another name")
        writer.call(lambda: self._move_to(target), path=target)
        writer.flush()

    def use_ontology(self, ontology: Ontology) -> None:
        """Make an ontology the file's own, so that changes recorded after may use its new classes.

        Raises
        ------
        WriteError
            If it cannot be written.
        """
        self._require_writer().call(lambda: self._put_ontology(ontology))

    def pull(
        self,
        annotations: Mapping[str, Annotation],
        *,
        scene_attributes: Mapping[str, Any],
        tile: Callable[[int, int], bytes] | None = None,
    ) -> Change:
        """Return what others did since the last call, as a change to apply to a store.

        Parameters
        ----------
        annotations
            The store as it is.
        scene_attributes
            Attributes of the scene as the store has them.
        tile
            Returns the pixels of a mask tile (row, col) as the canvas has them; None where there is no canvas.

        Returns
        -------
        Change
            From the store as it is to the file as it is; empty if there is nothing.
            What still waits to be written is left out and comes once the two are merged.
        """
        waiting = [] if self._writer is None else self._writer.waiting()
        return self.inbox.pull(waiting, annotations, scene_attributes, tile)

    def conflicts(self) -> list[Conflict]:
        """Return fields that two sessions changed in different ways and nobody has looked at yet."""
        return self.journal.conflicts()

    def resolve(self, conflict: Conflict) -> None:
        """Call a conflict looked at; to choose mine, record a change that makes it so first.

        Raises
        ------
        WriteError
            If it cannot be written.
        """
        self._require_writer().call(lambda: self._resolve(conflict))

    @property
    def journal(self) -> Journal:
        """What the file knows of the past; any thread may ask it."""
        return Journal(self.path)

    def log(self) -> Iterator[LogEntry]:
        """Yield who changed what and when, oldest first; only what is on disk."""
        yield from self.journal.entries()

    def history(self, annotation_id: str) -> list[Version]:
        """Return all versions of an annotation, oldest first, also of one that was removed."""
        return self.journal.versions(annotation_id)

    def change_back_to(self, to: int | datetime, *, ids: Collection[str] | None = None) -> Change:
        """Return the change that brings an earlier state back, see :meth:`Journal.change_back_to`.

        Raises
        ------
        WriteError
            If what is recorded cannot be made durable first.
        """
        self.flush()
        return self.journal.change_back_to(to, ids=ids)

    def close(self) -> None:
        """Make everything durable and leave a single file; does nothing the second time.

        Raises
        ------
        WriteError
            If not everything can be written; the file stays open then, for :meth:`save_as` or :meth:`discard`.
        """
        if not self._is_open:
            return
        self.flush()
        if self._writer is not None:
            if self._backup is not None:
                self._backup.join()  # it reads, and so would keep the write-ahead log alive
            self._writer.call(self._finish)
        self.discard()

    def discard(self) -> None:
        """Close without writing what is still in memory."""
        if not self._is_open:
            return
        self._is_open = False
        if self._writer is not None:
            self._writer.stop()
            self._writer.ledger.close()
        else:
            self._opened.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<LabelFile {self.path.name}: {self.status}>"

    def _require_writer(self) -> Writer:
        if self._writer is None:
            raise WriteError(f"{self.path} was opened for reading; open it with mode='rw' to change it")
        if not self._is_open:
            raise WriteError(f"{self.path} is closed; open it again to go on")
        return self._writer

    def _keep_backup(self) -> None:
        """Make a backup in the background."""
        writer = self._require_writer()
        self._backup = threading.Thread(
            target=self._back_up, args=(writer.ledger.path,), name="geolabel-backup", daemon=True
        )
        self._backup.start()

    def _back_up(self, path: Path) -> None:
        """Keep a backup, from a connection of its own, so that no edit waits for it."""
        try:
            with closing(connect_readonly(path)) as db:
                rotate(db, path)
        except (WriteError, OSError, sqlite3.Error) as error:
            self._add_notes([f"no backup of {path.name} was kept: {error}"])

    def _say_status(self, status: Status) -> None:
        try:
            self.status_changed.emit(status)
        except EmitLoopError:  # a slot that fails must not stop the writing
            _logger.exception("a listener to the status of %s failed", self.path)

    def _take_arrivals(self, arrivals: Arrivals) -> None:
        """Keep what others did until it is pulled; on the writer's thread."""
        if not arrivals:
            return
        self.inbox.take(arrivals)
        self._add_notes([*arrivals.notes, *map(str, arrivals.conflicts)])
        try:
            self.arrived.emit()
        except EmitLoopError:
            _logger.exception("a listener to what others did in %s failed", self.path)

    def _add_notes(self, sentences: list[str]) -> None:
        with self._guard:
            self._notes += [sentence for sentence in sentences if sentence not in self._notes]

    def _move_to(self, target: Path) -> None:
        """Let the ledger be another file; on the writer's thread."""
        writer = self._require_writer()
        writer.ledger, notices = moved_ledger(writer.ledger, target)
        writer.forget_failure()
        self._opened.db, self._opened.path = writer.ledger.db, target
        self._add_notes([*notices, f"the labels are kept in {target} from now on"])

    def _put_ontology(self, ontology: Ontology) -> None:
        ledger = self._require_writer().ledger
        with transaction(ledger.db):
            use_ontology(ledger.db, replace(ledger.form, ontology=ontology))
        ledger.use(ontology)
        self._opened.form = ledger.form

    def _resolve(self, conflict: Conflict) -> None:
        db = self._require_writer().ledger.db
        with transaction(db):
            db.execute(sql.RESOLVE_CONFLICT, (now(), conflict.number))

    def _finish(self) -> None:
        """End the session and make a single file of it, as far as others let us; on the writer's thread."""
        ledger = self._require_writer().ledger
        try:
            self._take_arrivals(ledger.poll())
            ledger.finish()
        except sqlite3.Error as error:  # all edits are durable in the write-ahead log, which stays
            self._add_notes([f"{self.path.name} keeps its write-ahead log ({error}); keep the two together"])
