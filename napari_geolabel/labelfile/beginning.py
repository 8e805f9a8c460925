"""The beginning of a session on a label file, and its going on in another file."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from napari_geolabel.annotations import Change
from napari_geolabel.errors import WriteError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile.backups import copy_live
from napari_geolabel.labelfile.birth import Content, create_file
from napari_geolabel.labelfile.connection import connect, is_network
from napari_geolabel.labelfile.drafts import adopt_draft, move_draft
from napari_geolabel.labelfile.fingerprint import Fingerprint
from napari_geolabel.labelfile.ledger import Ledger
from napari_geolabel.labelfile.load import Contents, read_content, read_history
from napari_geolabel.labelfile.lock_file import LockFile
from napari_geolabel.labelfile.opening import OpenFile, is_damage, open_for_writing, writable_place
from napari_geolabel.labelfile.recovery import rebuild
from napari_geolabel.labelfile.sessions import begin_session, leave_sessions
from napari_geolabel.labelfile.tiles import unpack_tile
from napari_geolabel.ontology import Ontology

Beginning = tuple[OpenFile, Ledger, Contents]


def open_and_begin(
    path: Path, grid: GeoGrid, ontology: Ontology | None, fingerprint: Fingerprint | None, annotator: str | None
) -> Beginning:
    """Open a label file for writing, with its lock where it needs one, and begin a session.

    Raises
    ------
    GeoLabelError
        See ``LabelFile.open``.
    """
    notes: list[str] = []
    place = writable_place(path, notes)  # where nothing can be written no lock can be either
    lock = lock_for(place)
    try:
        opened, ledger, contents = _sound_beginning(place, grid, ontology, fingerprint, annotator)
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    opened.notes[:0] = notes
    ledger.lock = lock
    return opened, ledger, contents


def contents_of(content: Content, history: list[tuple[int, Change]]) -> Contents:
    """Return what a file holds as a store and a canvas take it."""
    return Contents(
        annotations=[annotation for _, _, annotation in content.annotations.values()],
        scene_attributes=dict(content.scene_attributes),
        tiles={key: unpack_tile(blob) for key, (_, blob) in content.tiles.items() if blob is not None},
        history=[change for _, change in history],
    )


def moved_ledger(old: Ledger, target: Path) -> tuple[Ledger, list[str]]:
    """Return a ledger of another file with all that an old one knows, and notes; the old one is closed.

    The journal comes along where the old file can still be read.

    Raises
    ------
    WriteError
        If the other file cannot be written; the old ledger goes on then.
    """
    lock = lock_for(target)
    try:
        moved, notices = _moved(old, target, lock)
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    if not old.is_lost:
        with suppress(sqlite3.Error):  # a file that cannot be written is why labels are saved elsewhere
            old.db.execute("PRAGMA busy_timeout = 0")
            old.finish()
    old.close()
    return moved, notices


def lock_for(path: Path) -> LockFile | None:
    """Take the lock of a label file that lies on a network drive; None where it does not.

    Raises
    ------
    WriteError
        If another session has it, or it cannot be made.
    """
    if not is_network(path.parent):
        return None
    try:
        return LockFile.acquire(path)
    except WriteError:
        raise
    except OSError as error:
        raise WriteError(f"{path} cannot be locked ({error.strerror}); choose another folder") from error


def _sound_beginning(
    path: Path, grid: GeoGrid, ontology: Ontology | None, fingerprint: Fingerprint | None, annotator: str | None
) -> Beginning:
    """Open a label file and begin a session; a file that proves damaged on the way, twice, is rebuilt."""
    for attempt in range(2):
        try:
            return _begin(open_for_writing(path, grid, ontology, fingerprint), annotator)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if not is_damage(error) or not path.exists():
                raise WriteError(f"{path} cannot be opened ({error}); close it elsewhere, or make room") from error
            if attempt:  # what happens once may be another session's doing, which rebuilding would cut off
                notes = rebuild(path, grid, ontology, str(error).partition(" column")[0])
    opened, ledger, contents = _begin(open_for_writing(path, grid, ontology, fingerprint), annotator)
    opened.notes[:0] = notes
    return opened, ledger, contents


def _moved(old: Ledger, target: Path, lock: LockFile | None) -> tuple[Ledger, list[str]]:
    if old.is_lost and not old.is_gone:  # what stands at the path is not ours: memory has all but the journal
        create_file(target, old.form.grid, old.form.ontology, old.mirror)
    else:
        try:
            copy_live(old.db, target, leave_sessions)
        except (sqlite3.Error, WriteError):
            create_file(target, old.form.grid, old.form.ontology, old.mirror)
    db = connect(target, network=is_network(target))
    try:
        author, notices = begin_session(db, old.author.annotator)
        move_draft(db, old.author.session, author.session)
        history = read_history(db, read_content(db), notices, author.annotator)
        return Ledger(db, target, old.form, author, old.mirror, history, lock), notices
    except BaseException:
        db.close()
        raise


def _begin(opened: OpenFile, annotator: str | None) -> Beginning:
    """Take over what other programs did, and return file, ledger and contents."""
    try:
        author, notices = begin_session(opened.db, annotator)
        opened.notes += notices
        ledger = Ledger(opened.db, opened.path, opened.form, author, opened.content, [])
        opened.notes += [note for note in ledger.settle().notes if note not in opened.notes]
        history = read_history(opened.db, opened.content, opened.notes, annotator)
    except BaseException:
        opened.db.close()
        raise
    opened.content.exact.clear()
    ledger.follow(history)
    contents = contents_of(opened.content, history)
    contents.draft = adopt_draft(opened.db, author, contents.annotations)
    if contents.draft is not None:
        opened.notes.append(f"an unfinished {contents.draft} was kept; go on with it, or give it up with Esc")
    return opened, ledger, contents
