"""An open label file as its writer sees it: one connection, one author, one state known to be on disk.

A ledger belongs to one thread.  It knows the file's state as a mirror, so
that all of it can be written to another place if the file is lost.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from napari_geolabel.annotations import Annotation, Change
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.annotation_rows import Written
from napari_geolabel.labelfile.birth import Content
from napari_geolabel.labelfile.connection import trust, wal_of
from napari_geolabel.labelfile.drafts import Draft, put_draft
from napari_geolabel.labelfile.features import FeatureForm
from napari_geolabel.labelfile.load import read_ontology
from napari_geolabel.labelfile.lock_file import LockFile
from napari_geolabel.labelfile.merge import Conflict
from napari_geolabel.labelfile.rows import decode, encode, from_json
from napari_geolabel.labelfile.sessions import end_session
from napari_geolabel.labelfile.takeover import take_over
from napari_geolabel.labelfile.tiles import pack_tile, unpack_tile
from napari_geolabel.labelfile.transaction import Author, Outcome, transaction, write_change
from napari_geolabel.labelfile.undo_trail import UndoTrail
from napari_geolabel.ontology import Ontology

_NEVER = -1  # no data version


class LostFileError(OSError):
    """The label file was deleted or replaced while it was open."""


@dataclass(kw_only=True)
class Arrivals:
    """What others brought into the file, or what a merge made of an edit of ours."""

    annotations: dict[str, Annotation | None] = field(default_factory=dict)
    tiles: dict[tuple[int, int], bytes | None] = field(default_factory=dict)
    """Tile to pixels; None where all are zero."""
    scene_attributes: Mapping[str, Any] | None = None
    conflicts: list[Conflict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.annotations or self.tiles or self.conflicts or self.notes or self.scene_attributes is not None)


class Ledger:
    """One label file, held open for writing.

    Parameters
    ----------
    db
        Connection to a file whose schema was checked.
    path
        The file.
    form
        How features are written.
    author
        Who writes.
    mirror
        What the file holds.
    history
        What can be undone, as numbers in the journal and changes, newest last.
    lock
        What keeps others out, where SQLite's locks cannot.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        path: Path,
        form: FeatureForm,
        author: Author,
        mirror: Content,
        history: list[tuple[int, Change]],
        lock: LockFile | None = None,
    ) -> None:
        self.lock = lock
        self.db, self.path, self.form, self.author, self.mirror = db, path, form, author, mirror
        self._steps = UndoTrail(history)
        self._identity = _identity(path)
        self._schema_version = trust(db, path)
        self._data_version = self._ask("PRAGMA data_version")
        self._seen_seq = self._ask(sql.LAST_SEQ)

    @property
    def is_lost(self) -> bool:
        """Whether the file was deleted or replaced."""
        try:
            return _identity(self.path) != self._identity
        except OSError:
            return True

    @property
    def is_gone(self) -> bool:
        """Whether nothing stands at the file's path, so that our connection still holds all."""
        return not self.path.exists()

    def write(self, *changes: Change) -> Arrivals:
        """Make changes durable, all in one transaction, and tell what else is new in the file.

        Raises
        ------
        LostFileError
            If the file was deleted or replaced; nothing was written.
        sqlite3.Error
            If the disk or another program prevents it; nothing was written.
        """
        self._require_file()
        arrivals, outcomes = Arrivals(), []
        # one change alone is noted when it is written; many must know of each other before that
        steps = self._steps if len(changes) == 1 else self._steps.copy()
        edits = () if len(changes) == 1 else [edit for change in changes for edit in change.edits]
        form = Written(self.form, edits)
        with self._transaction(arrivals):
            if form.form is not self.form:  # another session gave the file an ontology just now
                form = Written(self.form, edits)
            for change in changes:
                undoes = steps.undone_by(change)
                outcome = write_change(self.db, change, form, self.author, undoes)
                outcomes.append(outcome)
                if outcome.seq is not None and steps is not self._steps:
                    steps.note(outcome.seq, change)
        if steps is self._steps and outcomes[0].seq is not None:
            steps.note(outcomes[0].seq, changes[0])
        self._steps = steps
        for change, outcome in zip(changes, outcomes, strict=True):
            self._mirror_change(change, outcome)
            self._merge_outcome(arrivals, outcome)
            self._seen_seq = outcome.seq or self._seen_seq
        self._mirror_arrivals(arrivals)
        return arrivals

    def poll(self) -> Arrivals:
        """Return what others have written since the last look.

        Raises
        ------
        LostFileError
            If the file was deleted or replaced.
        """
        self._require_file()
        arrivals = Arrivals()
        if self._ask("PRAGMA data_version") == self._data_version:
            return arrivals
        with self._transaction(arrivals):
            pass
        self._mirror_arrivals(arrivals)
        return arrivals

    def keep_draft(self, draft: Draft | None) -> None:
        """Let the session have a draft, or none.

        Raises
        ------
        LostFileError, sqlite3.Error
            If it cannot be written.
        """
        self._require_file()
        put_draft(self.db, self.author.session, draft)

    def make_room(self) -> bool:
        """Give back the disk space of the write-ahead log, and return whether there was some to give."""
        log = wal_of(self.path)
        before = log.stat().st_size if log.exists() else 0
        with suppress(sqlite3.Error):  # a checkpoint may itself need room; the log stays then and loses nothing
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return before > 0 and (not log.exists() or log.stat().st_size < before)

    def settle(self) -> Arrivals:
        """Take over what other programs did while the file was closed."""
        arrivals = Arrivals()
        if self._ask(sql.ANY_TOUCHED):
            self._data_version = _NEVER
            with self._transaction(arrivals):
                pass
            self._mirror_arrivals(arrivals)
            for annotation_id, annotation in arrivals.annotations.items():
                if annotation is None:
                    self.mirror.exact.pop(annotation_id, None)
                else:
                    self.mirror.exact[annotation_id] = encode(annotation)
        return arrivals

    def show_life(self) -> None:
        """Tell others that the session goes on, where a lock file keeps them out."""
        if self.lock is not None:
            self.lock.show_life()

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()
        if self.lock is not None:
            self.lock.release()

    def finish(self) -> None:
        """End the session and leave a single file, unless others have it open.

        Raises
        ------
        sqlite3.Error
            If the write-ahead log has to stay.
        """
        end_session(self.db, self.author)
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.db.execute("PRAGMA journal_mode = DELETE")

    def follow(self, history: list[tuple[int, Change]]) -> None:
        """Know what can be undone."""
        self._steps = UndoTrail(history)

    def use(self, ontology: Ontology) -> None:
        """Write features with another ontology from now on."""
        self.form = replace(self.form, ontology=ontology)
        self._data_version = _NEVER  # a feature of another program may have waited for a class
        self._schema_version = trust(self.db, self.path)

    @contextmanager
    def _transaction(self, arrivals: Arrivals) -> Iterator[None]:
        """Begin a transaction with what others wrote; where it fails, that was not seen."""
        seen = self._data_version, self._seen_seq
        try:
            with transaction(self.db, self._look_at_schema):
                if self._ask("PRAGMA data_version") != self._data_version:
                    self._collect(arrivals)
                yield
        except BaseException:
            self._data_version, self._seen_seq = seen
            raise

    def _collect(self, arrivals: Arrivals) -> None:
        """Gather the changes of other sessions and of other programs, inside a transaction."""
        self._data_version = self._ask("PRAGMA data_version")
        for seq, edits, tiles, scene in self.db.execute(sql.CHANGES_OF_OTHERS, (self._seen_seq, self.author.session)):
            self._seen_seq = seq
            ids = self.db.execute(sql.IDS_OF, (seq,)).fetchall() if edits else []
            arrivals.annotations |= {annotation_id: self._current(annotation_id) for (annotation_id,) in ids}
            keys = self.db.execute(sql.TILE_KEYS_OF, (seq,)).fetchall() if tiles else []
            arrivals.tiles |= {key: self._tile(key) for key in keys}
            if scene is not None:
                arrivals.scene_attributes = from_json(self.db.execute(sql.SCENE).fetchone()[8])
        taken = take_over(self.db, self.form, self.author)
        arrivals.annotations |= taken.annotations
        arrivals.notes += taken.notes

    def _current(self, annotation_id: str) -> Annotation | None:
        found = self.db.execute(sql.CURRENT, (annotation_id,)).fetchone()
        return None if found is None else decode(found[5])

    def _tile(self, key: tuple[int, int]) -> bytes | None:
        found = self.db.execute(sql.TILE, key).fetchone()
        return None if found is None or found[2] is None else unpack_tile(found[2])

    def _mirror_change(self, change: Change, outcome: Outcome) -> None:
        for edit in change.edits:
            if edit.after is None:
                self.mirror.remove(edit.id)
            else:
                self.mirror.put(edit.after)
        for tile in change.tiles:
            key = tile.row, tile.col
            packed = outcome.packed[key] if key in outcome.packed else pack_tile(tile.after)
            self.mirror.put_packed_tile(key, packed)
        if change.scene_attributes is not None:
            self.mirror.scene_attributes = change.scene_attributes[1]

    def _mirror_arrivals(self, arrivals: Arrivals) -> None:
        scene = () if arrivals.scene_attributes is None else (None,)
        self._steps.give_way([*arrivals.annotations, *arrivals.tiles, *scene])
        for annotation_id, annotation in arrivals.annotations.items():
            if annotation is None:
                self.mirror.remove(annotation_id)
            else:
                self.mirror.put(annotation)
        for key, pixels in arrivals.tiles.items():
            self.mirror.put_tile(key, pixels or b"")
        if arrivals.scene_attributes is not None:
            self.mirror.scene_attributes = arrivals.scene_attributes

    @staticmethod
    def _merge_outcome(arrivals: Arrivals, outcome: Outcome) -> None:
        arrivals.annotations |= outcome.annotations
        arrivals.tiles |= outcome.tiles
        arrivals.conflicts += outcome.conflicts
        if outcome.scene_attributes is not None:
            arrivals.scene_attributes = outcome.scene_attributes

    def _look_at_schema(self) -> None:
        """Look at the triggers where another program has changed the schema; then the transaction begins anew."""
        while (
            self._ask("PRAGMA data_version") != self._data_version
            and self._ask("PRAGMA schema_version") != self._schema_version
        ):
            self.db.execute("ROLLBACK")
            self._schema_version = trust(self.db, self.path)
            self._follow_ontology()
            self.db.execute("BEGIN IMMEDIATE")

    def _follow_ontology(self) -> None:
        """Write features with the columns that another session's ontology brought, so that they are whole."""
        with suppress(GeoLabelError):  # one that a later program understands; features are made anew by that
            known = read_ontology(self.db)
            if known.sha256 != self.form.ontology.sha256:
                self.form = replace(self.form, ontology=known)

    def _require_file(self) -> None:
        try:
            identity = _identity(self.path)
        except FileNotFoundError as error:
            raise LostFileError(f"{self.path} was deleted while it was open") from error
        if identity != self._identity:
            raise LostFileError(f"{self.path} was replaced by another file while it was open")
        other = None if self.lock is None else self.lock.taken_by()
        if other is not None:
            raise LostFileError(f"{self.path} was taken over by {other} while this session was silent")

    def _ask(self, query: str) -> int:
        return int(self.db.execute(query).fetchone()[0])


def _identity(path: Path) -> tuple[int, int]:
    """Return what tells a file from another one under the same name."""
    found = os.stat(path)  # noqa: PTH116  (before every write: half the time of Path.stat)
    return found.st_dev, found.st_ino
