"""Who changed what and when, read from the journal of a label file."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from napari_geolabel.annotations import Annotation, Change, Edit, TileEdit
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.merge import Conflict, changed_fields
from napari_geolabel.labelfile.old_masks import last_set_aside
from napari_geolabel.labelfile.rows import decode, decode_many, from_json
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


def read_log(db: sqlite3.Connection, *, since: int = 0, annotation_id: str | None = None) -> Iterator[LogEntry]:
    """Yield the changes of a label file after number ``since``, oldest first; of one annotation if it is named."""
    wanted = None if annotation_id is None else set(read_numbers(db, annotation_id))
    counts: dict[int, dict[str, int]] = {}
    for seq, op, number in db.execute(sql.COUNTS_BY_OP_SINCE, (since,)):
        counts.setdefault(seq, {})[op] = number
    for seq, session, actor, at, title, undoes, _, tiles, *_ in db.execute(sql.CHANGES_SINCE, (since,)):
        if wanted is not None and seq not in wanted:
            continue
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


def read_numbers(db: sqlite3.Connection, annotation_id: str) -> list[int]:
    """Return the numbers of the changes that touched an annotation."""
    return [seq for (seq,) in db.execute(sql.NUMBERS_OF, (annotation_id,))]


def read_last_number(db: sqlite3.Connection) -> int:
    """Return the number of the last change, 0 where there is none."""
    return int(db.execute(sql.LAST_SEQ).fetchone()[0])


def read_number_at(db: sqlite3.Connection, time: datetime) -> int:
    """Return the number of the last change that was not later than an aware time, 0 where there is none."""
    text = time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return int(db.execute(sql.LAST_SEQ_UNTIL, (text,)).fetchone()[0])


def read_change(db: sqlite3.Connection, seq: int, most: int | None = None) -> Change:
    """Return what change ``seq`` did, its first ``most`` edits; empty where there is none of that number."""
    header = db.execute(sql.CHANGE, (seq,)).fetchone()
    if header is None:
        return Change(title="")
    title, scene_before, scene_after = header
    rows = db.execute(sql.FIRST_OF_JOURNAL, (seq, -1 if most is None else most)).fetchall()
    tiles = []
    for _, _, row, col, _, before, after, _ in db.execute(sql.JOURNAL_TILES_OF, (seq,)):
        size = len(unpack_tile(before or after))
        tiles.append(TileEdit(row=row, col=col, before=unpack_tile(before, size), after=unpack_tile(after, size)))
    return Change(
        title=title,
        edits=_edits([(row[6], row[7]) for row in rows]),
        tiles=tuple(tiles),
        scene_attributes=None if scene_after is None else (from_json(scene_before or "{}"), from_json(scene_after)),
    )


def read_conflicts(db: sqlite3.Connection) -> list[Conflict]:
    """Return the conflicts that nobody has resolved, oldest first."""
    return [
        Conflict(
            number=number,
            annotation_id=annotation_id,
            field=field,
            **{name: None if text is None else from_json(text) for name, text in zip(_SIDES, texts, strict=True)},
            seq=seq,
            actor=actor,
            session=session,
            at=None if at is None else datetime.fromisoformat(at),
        )
        for number, seq, annotation_id, field, *texts, session, actor, at in db.execute(sql.OPEN_CONFLICTS)
    ]


_SIDES = ("base", "mine", "theirs")


def change_back_to(db: sqlite3.Connection, seq: int, ids: Collection[str] | None = None) -> Change:
    """Return the change that brings a label file to its state right after change ``seq``; 0 is the beginning.

    With ``ids`` only these annotations go back.
    """
    blobs, wanted = [], None if ids is None else {ids} if isinstance(ids, str) else frozenset(ids)
    for annotation_id, before in db.execute(sql.FIRST_BEFORE_SINCE, (seq,)).fetchall():
        if wanted is not None and annotation_id not in wanted:
            continue
        row = db.execute(sql.CURRENT, (annotation_id,)).fetchone()
        current = None if row is None else row[5]
        if current != before:
            blobs.append((current, before))
    edits = _edits(blobs)
    title = f"go back to change {seq}"
    if ids is not None:
        return Change(title=title, edits=edits)
    return Change(
        title=title,
        edits=edits,
        tiles=tuple(_tiles_back(db, seq)),
        scene_attributes=_scene_back(db, seq),
    )


def _tiles_back(db: sqlite3.Connection, seq: int) -> Iterator[TileEdit]:
    # behind the change of the scene's size there are only tiles that would not fit
    since = max(seq, last_set_aside(from_json(db.execute(sql.SCENE).fetchone()[9])))
    for row, col, before in db.execute(sql.FIRST_TILES_SINCE, (since,)).fetchall():
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


def _edits(blobs: Sequence[tuple[bytes | None, bytes | None]]) -> tuple[Edit, ...]:
    """Return edits from bytes before and after, decoded all at once, which is much faster than one by one."""
    decoded = iter(decode_many(blob for pair in blobs for blob in pair if blob is not None))
    return tuple(
        Edit(before=None if before is None else next(decoded), after=None if after is None else next(decoded))
        for before, after in blobs
    )
