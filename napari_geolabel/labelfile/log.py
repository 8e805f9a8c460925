"""Who changed what and when, read from the journal of a label file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from napari_geolabel.annotations import Annotation, Change, Edit, TileEdit
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.merge import changed_fields
from napari_geolabel.labelfile.rows import decode, from_json
from napari_geolabel.labelfile.tiles import unpack_tile


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEntry:
    """One change of a label file."""

    seq: int
    """Its number, from 1; the order of numbers is the order of changes, whatever the clocks said."""
    at: datetime
    """When it was written, UTC."""
    actor: str | None
    """Annotator of the session."""
    session: str
    title: str
    """What was done, such as ``draw ship``."""
    added: int
    changed: int
    removed: int
    """How many annotations."""
    tiles: int
    """How many mask tiles were painted."""
    undoes: int | None = None
    """Number of the change that this one takes back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One state of one annotation."""

    seq: int
    at: datetime
    actor: str | None
    title: str
    annotation: Annotation | None
    """None where it was removed."""
    fields: tuple[str, ...]
    """What differs from the version before, as ``Conflict.field`` names it."""


def read_log(db: sqlite3.Connection) -> Iterator[LogEntry]:
    """Yield the changes of a label file, oldest first."""
    counts: dict[int, dict[str, int]] = {}
    for seq, op, number in db.execute(sql.COUNTS_BY_OP):
        counts.setdefault(seq, {})[op] = number
    for seq, session, actor, at, title, undoes, _, tiles, *_ in db.execute(sql.CHANGES_FORWARDS):
        by_op = counts.get(seq, {})
        yield LogEntry(
            seq=seq,
            at=datetime.fromisoformat(at),
            actor=actor,
            session=session,
            title=title,
            added=by_op.get("add", 0),
            changed=by_op.get("update", 0),
            removed=by_op.get("remove", 0),
            tiles=tiles,
            undoes=undoes,
        )


def read_versions(db: sqlite3.Connection, annotation_id: str) -> list[Version]:
    """Return all versions of an annotation, oldest first."""
    versions = []
    for seq, at, actor, _, title, _, _, before, after in db.execute(sql.HISTORY_OF, (annotation_id,)):
        was, is_now = (None if blob is None else decode(blob) for blob in (before, after))
        versions.append(
            Version(
                seq=seq,
                at=datetime.fromisoformat(at),
                actor=actor,
                title=title,
                annotation=is_now,
                fields=tuple(changed_fields(was, is_now)),
            )
        )
    return versions


def change_back_to(db: sqlite3.Connection, seq: int) -> Change:
    """Return the change that brings a label file to its state right after change ``seq``; 0 is the beginning."""
    edits = []
    for annotation_id, before in db.execute(sql.FIRST_BEFORE_SINCE, (seq,)).fetchall():
        row = db.execute(sql.CURRENT, (annotation_id,)).fetchone()
        current = None if row is None else row[5]
        if current != before:
            edits.append(Edit(before=_annotation(current), after=_annotation(before)))
    return Change(
        title=f"go back to change {seq}",
        edits=tuple(edits),
        tiles=tuple(_tiles_back(db, seq)),
        scene_attributes=_scene_back(db, seq),
    )


def _tiles_back(db: sqlite3.Connection, seq: int) -> Iterator[TileEdit]:
    for row, col, before in db.execute(sql.FIRST_TILES_SINCE, (seq,)).fetchall():
        found = db.execute(sql.TILE, (row, col)).fetchone()
        current = None if found is None else found[2]
        if current != before:
            size = len(unpack_tile(current or before))
            yield TileEdit(row=row, col=col, before=unpack_tile(current, size), after=unpack_tile(before, size))


def _scene_back(db: sqlite3.Connection, seq: int) -> tuple[dict[str, object], dict[str, object]] | None:
    found = db.execute(sql.FIRST_SCENE_SINCE, (seq,)).fetchone()
    if found is None:
        return None
    current = from_json(db.execute(sql.SCENE).fetchone()[8])
    wanted = from_json(found[0])
    return None if current == wanted else (current, wanted)


def _annotation(blob: bytes | None) -> Annotation | None:
    return None if blob is None else decode(blob)
