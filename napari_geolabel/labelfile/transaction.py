"""One change, one transaction: feature rows, exact rows, journal and mask tiles commit together or not at all.

A change says how things were and how they shall be.  Where the file still has
what the change started from, it is written; where it has what the change
wants already, nothing is done; where it has something else, another session
was faster and the two are merged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from napari_geolabel.annotations import Annotation, Change, Edit, TileEdit
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.annotation_rows import AnnotationRow, Written, put_rows, read_rows
from napari_geolabel.labelfile.features import FeatureForm
from napari_geolabel.labelfile.merge import Conflict, merge_annotation, merge_values, readable
from napari_geolabel.labelfile.rows import decode, encode, from_json, seal, to_json
from napari_geolabel.labelfile.tiles import merge_tile, pack_tile, unpack_tile


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
    packed: dict[tuple[int, int], bytes | None] = field(default_factory=dict)
    """Mask tiles as they were written; None where all are zero."""
    scene_attributes: Mapping[str, Any] | None = None
    """Attributes of the scene, if the file has them otherwise than the change wanted."""
    conflicts: list[Conflict] = field(default_factory=list)


@contextmanager
def transaction(db: sqlite3.Connection, look: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Commit what the block writes, or nothing of it; ``look`` comes first, when nobody else can write any more."""
    db.execute("BEGIN IMMEDIATE")
    try:
        look()
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def write_change(
    db: sqlite3.Connection, change: Change, form: FeatureForm | Written, author: Author, undoes: int | None = None
) -> Outcome:
    """Write a change inside an open transaction.

    Parameters
    ----------
    db
        The label file, in a transaction.
    change
        What is to be written.
    form
        How features are written; with some of them made already where many changes are written together.
    author
        Who writes.
    undoes
        Number of the earlier change that this one takes back.
    """
    outcome = Outcome()
    written = Written(form) if isinstance(form, FeatureForm) else form
    form = written.form
    rows = _settle(db, change, written, outcome)
    tiles = [tile for edit in change.tiles if (tile := _settle_tile(db, edit, form, outcome)) is not None]
    scene = _settle_scene(db, change, outcome)
    if rows or tiles or scene or outcome.conflicts:
        outcome.seq = seq = _put_change(db, change.title, author, undoes, len(rows), len(tiles), scene)
        put_rows(db, rows, written, seq)
        _put_tiles(db, tiles, seq)
        outcome.packed = {(edit.row, edit.col): after for edit, _, _, _, after in tiles}
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


def _settle(db: sqlite3.Connection, change: Change, written: Written, outcome: Outcome) -> list[AnnotationRow]:
    """Return the rows to write for a change, without those that the file has already."""
    edits = _net(change.edits)
    rows = read_rows(db, (edit.id for edit in edits))
    encoded = _encoded([*(edit.before for edit in edits), *(edit.after for edit in edits)], written)
    befores, wanted = encoded[: len(edits)], encoded[len(edits) :]
    settled = (
        _settle_one(rows[edit.id], edit, before, after, written.form, outcome)
        for edit, before, after in zip(edits, befores, wanted, strict=True)
    )
    return [row for row in settled if row is not None]


def _settle_one(
    row: AnnotationRow, edit: Edit, before: bytes | None, wanted: bytes | None, form: FeatureForm, outcome: Outcome
) -> AnnotationRow | None:
    """Return the row to write for an edit, None if the file has it already."""
    if row.exact == wanted:
        return None
    row.was, row.wanted, row.wanted_exact = edit.before, edit.after, wanted
    if row.exact != before:
        row.was = None if row.exact is None else decode(row.exact)
        row.wanted, conflicts = merge_annotation(edit.before, edit.after, row.was, form.ontology)
        outcome.conflicts += conflicts
        outcome.annotations[edit.id] = row.wanted
        row.wanted_exact = None if row.wanted is None else encode(row.wanted)
    return None if row.exact == row.wanted_exact else row


def _net(edits: Sequence[Edit]) -> Sequence[Edit]:
    """Return one edit for each annotation: from before its first to after its last."""
    net: dict[str, Edit] = {}
    for edit in edits:
        first = net.get(edit.id)
        net[edit.id] = edit if first is None else Edit(before=first.before, after=edit.after)
    return edits if len(net) == len(edits) else list(net.values())


def _encoded(annotations: Sequence[Annotation | None], written: Written) -> list[bytes | None]:
    """Return the bytes of annotations, None for None."""
    blobs = iter(written.exact([annotation for annotation in annotations if annotation is not None]))
    return [None if annotation is None else next(blobs) for annotation in annotations]


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
