"""Reading a label file whole: what it holds, whether each row is sound, and what can be undone."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation, Change, Edit, TileEdit
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.birth import Content
from napari_geolabel.labelfile.drafts import Draft
from napari_geolabel.labelfile.features import FeatureForm, shown_seals
from napari_geolabel.labelfile.fingerprint import Fingerprint
from napari_geolabel.labelfile.old_masks import last_set_aside
from napari_geolabel.labelfile.rows import DamagedRowError, decode, decode_many, from_json, seal
from napari_geolabel.labelfile.schema import LAYERS
from napari_geolabel.labelfile.takeover import ELSEWHERE
from napari_geolabel.labelfile.tiles import unpack_tile
from napari_geolabel.ontology import Ontology

HISTORY_CHANGES = 1000
"""How many changes of earlier sessions can be undone at most."""
HISTORY_EDITS = 50_000
"""How many edits these hold at most; the newest change comes whole whatever its size."""
_MOST_HEADERS = 10 * HISTORY_CHANGES


class DamagedFileError(GeoLabelError, ValueError):
    """A label file has rows that are not as they were written."""


@dataclass(kw_only=True)
class Contents:
    """What a label file held when it was opened."""

    annotations: list[Annotation]
    """In draw order."""
    scene_attributes: Mapping[str, Any] = field(default_factory=dict)
    """Attributes of the whole scene."""
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    """Mask tile (row, col), counted in tiles, to its row-major pixels; tiles that are all zero are missing."""
    history: list[Change] = field(default_factory=list)
    """What earlier sessions did and can be undone, newest last."""
    draft: Draft | None = None
    """What was being drawn when the last session crashed."""


@dataclass(frozen=True, kw_only=True)
class StoredScene:
    """What a label file says of its scene."""

    file_id: str
    fingerprint: Fingerprint | None
    uri_rel: str | None
    grid: GeoGrid


def read_content(db: sqlite3.Connection) -> Content:
    """Return the state of a label file, without journal.

    Raises
    ------
    DamagedFileError
        If a row is not as it was written.
    """
    scene = _sound("scene", db.execute(sql.SCENE).fetchone())
    content = Content(
        file_id=scene[0],
        fingerprint=None if scene[1] is None else Fingerprint.from_json(scene[1]),
        scene_attributes=from_json(scene[8]),
        meta=from_json(scene[9]),
    )
    rows = [_sound("annotation", row) for row in db.execute(sql.ALL_IN_DRAW_ORDER)]
    with _no_collection():
        annotations = decode_many(row[6] for row in rows)
        content.annotations = {row[1]: (row[4], row[5], a) for row, a in zip(rows, annotations, strict=True)}
        content.exact = {row[1]: row[6] for row in rows}
    for row in db.execute(sql.rows_of("mask_tile")):
        _, tile_row, tile_col, version, blob = _sound("mask_tile", row)
        content.tiles[tile_row, tile_col] = (version, blob)
    return content


def read_scene(db: sqlite3.Connection) -> StoredScene:
    """Return what a label file says of its scene."""
    row = _sound("scene", db.execute(sql.SCENE).fetchone())
    crs = None if row[4] is None else CRS.from_user_input(row[4])
    grid = GeoGrid(shape=(row[7], row[6]), transform=Affine(*from_json(row[5])), crs=crs)
    print_ = None if row[1] is None else Fingerprint.from_json(row[1])
    return StoredScene(file_id=row[0], fingerprint=print_, uri_rel=row[3], grid=grid)


def read_ontology(db: sqlite3.Connection) -> Ontology:
    """Return the newest ontology of a label file.

    Raises
    ------
    DamagedFileError
        If its row is not as it was written.
    """
    row = _sound("ontology", db.execute(sql.LATEST_ONTOLOGY).fetchone())
    return Ontology(**from_json(row[4]))


def faded_features(db: sqlite3.Connection, form: FeatureForm) -> list[tuple[str, int]]:
    """Return the features, as layer and fid, that are not as we wrote them; the marked ones left out."""
    marked = set(db.execute(sql.TOUCHED).fetchall())
    found: list[tuple[str, int]] = []
    for layer in LAYERS:
        expected = dict(db.execute(sql.SHOWN_OF_LAYER, (layer.name,)).fetchall())
        actual = shown_seals(db, form, layer.name)
        wrong = [fid for fid in expected.keys() | actual.keys() if expected.get(fid) != actual.get(fid)]
        found += [(layer.name, fid) for fid in sorted(wrong) if (layer.name, fid) not in marked]
    return found


def read_history(
    db: sqlite3.Connection, content: Content, notes: list[str], annotator: str | None = None
) -> list[tuple[int, Change]]:
    """Return what can be undone, as numbers and changes, newest last.

    A change can be undone if everything that it touched is still, or after
    undoing later changes again, as it left it.  Where the journal is damaged
    undo ends, and a note says so; it also ends where the scene got another
    size.  What other annotators did is left out, and so is whatever they have
    built on; what was taken over from another program belongs to everybody.

    Parameters
    ----------
    db, content
        The label file and what it holds.
    notes
        Takes sentences for the user.
    annotator
        Whose changes; None takes those of everybody.
    """
    taken_back: set[int] = set()
    theirs: set[Hashable] = set()
    state = _Overlay(db, content)
    found: list[tuple[int, Change]] = []
    edits = 0
    for looked_at, header in enumerate(db.execute(sql.CHANGES_BACKWARDS)):
        seq, undoes, size = header[0], header[5], header[6] + header[7]
        if undoes is not None:
            taken_back |= {seq, undoes}
        if seq <= last_set_aside(content.meta):
            break  # before it the mask had another size
        if seq in taken_back:
            continue
        is_full = len(found) >= HISTORY_CHANGES or looked_at >= _MOST_HEADERS
        if is_full or (found and edits + size > HISTORY_EDITS):
            break
        is_mine = annotator is None or header[2] in (None, annotator, ELSEWHERE)  # a GIS names no person
        if theirs or not is_mine:
            touched = _touched(db, header)
            if not is_mine or not theirs.isdisjoint(touched):
                theirs |= touched
                edits += size
                continue
        try:
            change = _read_change(db, _sound("change", header), state)
        except (DamagedFileError, DamagedRowError):
            notes.append(f"the journal of change {seq} ({header[4]}) is damaged; what lies before cannot be undone")
            break
        if change is None:
            break
        edits += size
        found.append((seq, change))
    return found[::-1]


def _touched(db: sqlite3.Connection, header: tuple[Any, ...]) -> set[Hashable]:
    """Return what a change of the journal touched, as `Change.touched` has it."""
    ids = (annotation_id for (annotation_id,) in db.execute(sql.IDS_OF, (header[0],)))
    return {*ids, *db.execute(sql.TILE_KEYS_OF, (header[0],)), *(() if header[9] is None else (None,))}


class _Overlay:
    """The file's state as it was before the changes that were looked at so far."""

    def __init__(self, db: sqlite3.Connection, content: Content) -> None:
        self._db = db
        self._content = content
        self._rows: dict[str, bytes | None] = dict(content.exact)
        self._tiles: dict[tuple[int, int], bytes | None] = {}
        self._scene: str = db.execute(sql.SCENE).fetchone()[8]

    def steps_back(self, rows: list[Any], tiles: list[Any], scene: tuple[str | None, str | None]) -> bool:
        """Take one change back, if it fits."""
        for annotation_id, _, _, before, after in reversed(rows):
            if self._rows.get(annotation_id) != after:
                return False
            self._rows[annotation_id] = before
        for row, col, _, before, after in reversed(tiles):
            if self._tile((row, col)) != after:
                return False
            self._tiles[row, col] = before
        if scene[1] is not None:
            if scene[1] != self._scene:
                return False
            self._scene = scene[0] or "{}"
        return True

    def annotation(self, annotation_id: str, blob: bytes | None) -> Annotation | None:
        """Return the annotation of a blob, the very one that is in use where it is still the same."""
        if blob is None:
            return None
        if self._content.exact.get(annotation_id) == blob:
            return self._content.annotations[annotation_id][2]
        return decode(blob)

    def _tile(self, key: tuple[int, int]) -> bytes | None:
        if key not in self._tiles:
            found = self._db.execute(sql.TILE, key).fetchone()
            self._tiles[key] = None if found is None else found[2]
        return self._tiles[key]


def _read_change(db: sqlite3.Connection, header: tuple[Any, ...], state: _Overlay) -> Change | None:
    """Return a change of the journal, None if it is incomplete or no longer fits."""
    seq, title, scene = header[0], header[4], (header[8], header[9])
    rows = [_sound("journal", row)[3:] for row in db.execute(sql.JOURNAL_OF, (seq,))]
    tiles = [_sound("journal_tile", row)[2:] for row in db.execute(sql.JOURNAL_TILES_OF, (seq,))]
    if (len(rows), len(tiles)) != (header[6], header[7]) or not state.steps_back(rows, tiles, scene):
        return None
    return Change(
        title=title,
        edits=tuple(
            Edit(before=state.annotation(annotation_id, before), after=state.annotation(annotation_id, after))
            for annotation_id, _, _, before, after in rows
        ),
        tiles=tuple(_tile_edit(row, col, before, after) for row, col, _, before, after in tiles),
        scene_attributes=None if scene[1] is None else (from_json(scene[0] or "{}"), from_json(scene[1])),
    )


def _tile_edit(row: int, col: int, before: bytes | None, after: bytes | None) -> TileEdit:
    # one of the two has pixels, and both are of one size
    size = len(unpack_tile(before or after))
    return TileEdit(row=row, col=col, before=unpack_tile(before, size), after=unpack_tile(after, size))


def _sound(table: str, row: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """Return a row without its seal."""
    if row is None:
        raise DamagedFileError(f"the table {table} is empty")
    if seal(table, *row[:-1]) != row[-1]:
        raise DamagedFileError(f"row {row[0]} of {table} is not as it was written")
    return row[:-1]


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from walking a growing heap of values that are all alive."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
