"""One change, one transaction: feature rows, exact rows, journal and mask tiles commit together or not at all.

A change says how things were and how they shall be.  Where the file still has
what the change started from, it is written; where it has what the change
wants already, nothing is done; where it has something else, another session
was faster and the two are merged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from napari_geolabel.annotations import Annotation, Change, Edit, TileEdit
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.features import FeatureForm, drop_feature, put_feature, shown_seal
from napari_geolabel.labelfile.merge import Conflict, merge_annotation, merge_values, readable
from napari_geolabel.labelfile.rows import decode, encode, from_json, seal, to_json
from napari_geolabel.labelfile.schema import layer_for
from napari_geolabel.labelfile.tiles import merge_tile, pack_tile, unpack_tile

_PLACES_PER_CHANGE = 2**24


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """Who writes."""

    session: str
    annotator: str | None = None


@dataclass(kw_only=True)
class Outcome:
    """What a transaction did, and where the file ended up different from what the change wanted."""

    seq: int | None = None
    """Number of the change in the journal; None if there was nothing left to write."""
    annotations: dict[str, Annotation | None] = field(default_factory=dict)
    """Annotations that the file has otherwise than the change wanted."""
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    """Mask tiles that the file has otherwise than the change wanted."""
    scene_attributes: Mapping[str, Any] | None = None
    """Attributes of the scene, if the file has them otherwise than the change wanted."""
    conflicts: list[Conflict] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class _Row:
    """A row of the table ``annotation`` and what shall become of it."""

    id: str
    entry: int | None = None
    layer: str | None = None
    fid: int | None = None
    place: int | None = None
    version: int = 0
    exact: bytes | None = None
    wanted: Annotation | None = None
    wanted_exact: bytes | None = None


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block writes, or nothing of it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def write_change(
    db: sqlite3.Connection, change: Change, form: FeatureForm, author: Author, undoes: int | None = None
) -> Outcome:
    """Write a change inside an open transaction.

    Parameters
    ----------
    db
        The label file, in a transaction.
    change
        What is to be written.
    form
        How features are written.
    author
        Who writes.
    undoes
        Number of the earlier change that this one takes back.
    """
    outcome = Outcome()
    rows = [row for edit in change.edits if (row := _settle(db, edit, form, outcome)) is not None]
    tiles = [tile for edit in change.tiles if (tile := _settle_tile(db, edit, form, outcome)) is not None]
    scene = _settle_scene(db, change, outcome)
    if rows or tiles or scene or outcome.conflicts:
        outcome.seq = seq = _put_change(db, change.title, author, undoes, len(rows), len(tiles), scene)
        _put_rows(db, rows, form, seq)
        _put_tiles(db, tiles, seq)
        if scene is not None:
            put_scene_attributes(db, scene[1])
        _put_conflicts(db, outcome.conflicts, author, seq)
    db.execute(sql.FORGET_TOUCHED)  # the marks that these writes left: other programs' were taken over before
    return outcome


def put_scene_attributes(db: sqlite3.Connection, attributes: Mapping[str, Any]) -> None:
    """Write the attributes of the whole scene."""
    scene = db.execute(sql.SCENE).fetchone()
    values = (*scene[:8], to_json(attributes), scene[9])
    db.execute(sql.UPDATE_SCENE, (*values[1:], seal("scene", *values), values[0]))


def now() -> str:
    """Return the time as it stands in the file; order never depends on it, as clocks are set back."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _settle(db: sqlite3.Connection, edit: Edit, form: FeatureForm, outcome: Outcome) -> _Row | None:
    """Return the row to write for an edit, None if the file has it already."""
    row = _current(db, edit.id)
    before = None if edit.before is None else encode(edit.before)
    wanted, wanted_exact = edit.after, None if edit.after is None else encode(edit.after)
    if row.exact == wanted_exact:
        return None
    if row.exact != before:
        theirs = None if row.exact is None else decode(row.exact)
        wanted, conflicts = merge_annotation(edit.before, edit.after, theirs, form.ontology)
        outcome.conflicts += conflicts
        outcome.annotations[edit.id] = wanted
        wanted_exact = None if wanted is None else encode(wanted)
        if row.exact == wanted_exact:
            return None
    row.wanted, row.wanted_exact = wanted, wanted_exact
    return row


def _current(db: sqlite3.Connection, annotation_id: str) -> _Row:
    found = db.execute(sql.CURRENT, (annotation_id,)).fetchone()
    if found is None:
        # one that comes back has its old place in the draw order, and never an old version
        place, version = db.execute(sql.LATEST_OF, (annotation_id,)).fetchone() or (None, 0)
        return _Row(id=annotation_id, place=place, version=version)
    entry, layer, fid, place, version, exact = found
    return _Row(id=annotation_id, entry=entry, layer=layer, fid=fid, place=place, version=version, exact=exact)


def _put_change(
    db: sqlite3.Connection,
    title: str,
    author: Author,
    undoes: int | None,
    edits: int,
    tiles: int,
    scene: tuple[Mapping[str, Any], Mapping[str, Any]] | None,
) -> int:
    (seq,) = db.execute(sql.NEXT_SEQ).fetchone()
    before, after = (None, None) if scene is None else map(to_json, scene)
    values = (seq, author.session, author.annotator, now(), title, undoes, edits, tiles, before, after)
    db.execute(sql.insert("change"), (*values, seal("change", *values)))
    return int(seq)


def _put_rows(db: sqlite3.Connection, rows: list[_Row], form: FeatureForm, seq: int) -> None:
    if not rows:
        return
    (entry,) = db.execute(sql.NEXT_JOURNAL_ENTRY).fetchone()
    (new_row,) = db.execute(sql.NEXT_ENTRY).fetchone()
    (review,) = db.execute(sql.NEXT_REVIEW).fetchone()
    flats = iter(form.rows([row.wanted for row in rows if row.wanted is not None]))
    for index, row in enumerate(rows):
        row.place = row.place if row.place is not None else seq * _PLACES_PER_CHANGE + index
        before, version = row.exact, row.version + 1
        op = "add" if before is None else "remove" if row.wanted is None else "update"
        values = (entry + index, seq, op, row.id, row.place, version, before, row.wanted_exact)
        db.execute(sql.insert("journal"), (*values, seal("journal", *values)))
        if row.wanted is None:
            _remove(db, row)
        else:
            new_row += _store(db, row, row.wanted, form, next(flats), new_row)
            review += _note_review(db, review, seq, before, row.wanted)


def _remove(db: sqlite3.Connection, row: _Row) -> None:
    db.execute(sql.DELETE_ANNOTATION, (row.entry, row.version))
    if row.layer is not None and row.fid is not None:
        drop_feature(db, row.layer, row.fid)


def _store(
    db: sqlite3.Connection, row: _Row, wanted: Annotation, form: FeatureForm, flat: tuple[Any, ...], new_row: int
) -> int:
    """Write the feature and the exact row of an annotation; return how many rows are new."""
    layer = layer_for(wanted.geometry.geom_type).name
    if row.layer is not None and row.layer != layer and row.fid is not None:
        drop_feature(db, row.layer, row.fid)
        row.fid = None
    fid = put_feature(db, form, layer, wanted.geometry, flat, row.fid)
    shown = shown_seal(db, form, layer, fid)
    values = (row.id, layer, fid, row.place, row.version + 1, row.wanted_exact, shown)
    if row.entry is None:
        sealed = seal("annotation", new_row, *values)
        db.execute(sql.insert("annotation"), (new_row, *values, sealed))
        return 1
    sealed = seal("annotation", row.entry, *values)
    db.execute(sql.UPDATE_ANNOTATION, (*values[1:], sealed, row.entry, row.version))
    return 0


def _note_review(db: sqlite3.Connection, entry: int, seq: int, before: bytes | None, wanted: Annotation) -> int:
    """Keep a step of review: a status that changed; return how many rows were written."""
    was = None if before is None else decode(before).status
    if was is None or was == wanted.status:
        return 0
    db.execute(sql.insert("review"), (entry, seq, wanted.id, str(was), str(wanted.status), None))
    return 1


def _settle_tile(
    db: sqlite3.Connection, edit: TileEdit, form: FeatureForm, outcome: Outcome
) -> tuple[TileEdit, int | None, int, bytes | None, bytes | None] | None:
    """Return edit, entry, version and the blobs before and after; None if the file has it already."""
    found = db.execute(sql.TILE, (edit.row, edit.col)).fetchone()
    entry, version, blob = found or (None, 0, None)
    theirs = unpack_tile(blob, len(edit.before))
    wanted = edit.after
    if theirs == wanted:
        return None
    if theirs != edit.before and len(theirs) == len(wanted):
        wanted = merge_tile(edit.before, edit.after, theirs, form.item_bytes(edit.row, edit.col, len(wanted)))
        if wanted != edit.after:
            outcome.tiles[edit.row, edit.col] = wanted
    return edit, entry, version + 1, blob, pack_tile(wanted)


def _put_tiles(
    db: sqlite3.Connection, tiles: list[tuple[TileEdit, int | None, int, bytes | None, bytes | None]], seq: int
) -> None:
    if not tiles:
        return
    (journal_entry,) = db.execute(sql.NEXT_JOURNAL_TILE_ENTRY).fetchone()
    (new_entry,) = db.execute(sql.NEXT_TILE_ENTRY).fetchone()
    for index, (edit, entry, version, before, after) in enumerate(tiles):
        values = (journal_entry + index, seq, edit.row, edit.col, version, before, after)
        db.execute(sql.insert("journal_tile"), (*values, seal("journal_tile", *values)))
        # an erased tile keeps its row, without pixels, so that its version goes on
        place = new_entry if entry is None else entry
        sealed = seal("mask_tile", place, edit.row, edit.col, version, after)
        if entry is None:
            db.execute(sql.insert("mask_tile"), (place, edit.row, edit.col, version, after, sealed))
            new_entry += 1
        else:
            db.execute(sql.UPDATE_TILE, (version, after, sealed, entry))


def _settle_scene(
    db: sqlite3.Connection, change: Change, outcome: Outcome
) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Return the scene attributes before and after, None if the file has them already."""
    if change.scene_attributes is None:
        return None
    base, mine = (from_json(to_json(values)) for values in change.scene_attributes)
    theirs = from_json(db.execute(sql.SCENE).fetchone()[8])
    if theirs == mine:
        return None
    merged, conflicts = merge_values(base, mine, theirs)
    outcome.conflicts += [
        Conflict(annotation_id="", field=f"attributes.{name}", base=values[0], mine=values[1], theirs=values[2])
        for name, values in conflicts.items()
    ]
    if merged != mine:
        outcome.scene_attributes = merged
    return None if merged == theirs else (theirs, merged)


def _put_conflicts(db: sqlite3.Connection, conflicts: list[Conflict], author: Author, seq: int) -> None:
    if not conflicts:
        return
    (entry,) = db.execute(sql.NEXT_CONFLICT).fetchone()
    for index, one in enumerate(conflicts):
        texts = (readable(one.base), readable(one.mine), readable(one.theirs))
        values = (entry + index, seq, one.annotation_id, one.field, *texts, author.session, None)
        db.execute(sql.insert("conflict"), values)
