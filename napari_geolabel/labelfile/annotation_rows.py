"""The rows of the annotations that a change touches, read together and written together.

Each annotation has an exact row, a feature for GIS programs and one row of
the journal for every change.  One edit takes a handful of statements; an
import of 100,000 takes not many more, each with many rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from napari_geolabel.annotations import Annotation, Edit
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.features import (
    FeatureForm,
    add_features,
    drop_feature,
    keep_geometry,
    shown_seals,
    update_feature,
)
from napari_geolabel.labelfile.rows import encode_many, seal
from napari_geolabel.labelfile.schema import layer_for

T = TypeVar("T")

_PLACES_PER_CHANGE = 2**24
_IDS_AT_ONCE = 500  # every SQLite takes that many parameters


@dataclass(kw_only=True, slots=True)
class AnnotationRow:
    """A row of the table ``annotation``, and what shall become of it."""

    id: str
    entry: int | None = None
    """None where the file has no such annotation."""
    layer: str = ""
    fid: int | None = None
    place: int | None = None
    version: int = 0
    exact: bytes | None = None
    was: Annotation | None = None
    """What ``exact`` stands for, once that is known."""
    wanted: Annotation | None = None
    wanted_exact: bytes | None = None


def read_rows(db: sqlite3.Connection, ids: Iterable[str]) -> dict[str, AnnotationRow]:
    """Return the rows of annotations by id, also of those that the file does not have."""
    rows = {annotation_id: AnnotationRow(id=annotation_id) for annotation_id in ids}
    for some in _in_portions(rows):
        for found in db.execute(sql.current_of_many(len(some)), some):
            row = rows[found[0]]
            _, row.entry, row.layer, row.fid, row.place, row.version, row.exact = found
    for some in _in_portions(row.id for row in rows.values() if row.entry is None):
        # one that comes back has its old place in the draw order, and never an old version
        for annotation_id, place, version, _ in db.execute(sql.latest_of_many(len(some)), some):
            rows[annotation_id].place, rows[annotation_id].version = place, version
    return rows


class Written:
    """Annotations as the file has them: exact bytes and values of features.

    What many changes that are written together will need is made in one go.

    Parameters
    ----------
    form
        How features are written.
    edits
        What will be asked for.
    """

    def __init__(self, form: FeatureForm, edits: Sequence[Edit] = ()) -> None:
        self.form = form
        afters = [edit.after for edit in edits if edit.after is not None]
        moved = [e.after for e in edits if e.after is not None and not _has_geometry_of(e.after, e.before)]
        # an annotation is kept as long as its number stands for it
        self._exact = _by_identity(afters, encode_many(afters))
        self._values = _by_identity(moved, form.values(moved) if moved else [])

    def exact(self, annotations: Sequence[Annotation]) -> list[bytes]:
        """Return the bytes of annotations."""
        return _made(annotations, self._exact, encode_many)

    def values(self, annotations: Sequence[Annotation]) -> list[tuple[Any, ...]]:
        """Return the features of annotations; see `FeatureForm.values`."""
        return _made(annotations, self._values, self.form.values)


def put_rows(db: sqlite3.Connection, rows: Sequence[AnnotationRow], written: Written, seq: int) -> None:
    """Write what is wanted of annotations, and the journal of it, as part of change ``seq``."""
    if not rows:
        return
    for index, row in enumerate(rows):
        row.version += 1
        row.place = row.place if row.place is not None else seq * _PLACES_PER_CHANGE + index
    _put_journal(db, rows, seq)
    _put_features(db, written, rows)
    _put_annotations(db, written.form, rows)
    _put_reviews(db, rows, seq)


def _put_journal(db: sqlite3.Connection, rows: Sequence[AnnotationRow], seq: int) -> None:
    (first,) = db.execute(sql.NEXT_JOURNAL_ENTRY).fetchone()

    def values() -> Iterator[tuple[Any, ...]]:
        for entry, row in enumerate(rows, start=first):
            op = "add" if row.exact is None else "remove" if row.wanted is None else "update"
            found = (entry, seq, op, row.id, row.place, row.version, row.exact, row.wanted_exact)
            yield (*found, seal("journal", *found))

    db.executemany(sql.insert("journal"), values())


def _put_features(db: sqlite3.Connection, written: Written, rows: Sequence[AnnotationRow]) -> None:
    """Write the features and note where they stand."""
    form, new = written.form, dict[str, list[tuple[AnnotationRow, tuple[Any, ...]]]]()
    drawn = [(row, row.wanted) for row in rows if row.wanted is not None and not _is_kept(db, form, row, row.wanted)]
    for (row, wanted), values in zip(drawn, written.values([wanted for _, wanted in drawn]), strict=True):
        layer = layer_for(wanted.geometry.geom_type).name
        if row.fid is not None and row.layer != layer:
            drop_feature(db, row.layer, row.fid)
            row.fid = None
        row.layer = layer
        if row.fid is None or not update_feature(db, form, layer, values, row.fid):
            new.setdefault(layer, []).append((row, values))
    for layer, added in new.items():
        fids = add_features(db, form, layer, [values for _, values in added])
        for (row, _), fid in zip(added, fids, strict=True):
            row.fid = fid
    for row in rows:
        if row.wanted is None and row.fid is not None:
            drop_feature(db, row.layer, row.fid)


def _is_kept(db: sqlite3.Connection, form: FeatureForm, row: AnnotationRow, wanted: Annotation) -> bool:
    """Write a feature over where its geometry stays, which the index then need not hear of; return whether it does."""
    return (
        row.fid is not None
        and _has_geometry_of(wanted, row.was)
        and keep_geometry(db, form, row.layer, wanted, row.fid)
    )


def _has_geometry_of(annotation: Annotation, other: Annotation | None) -> bool:
    """Return whether one annotation has the place and the measures of another."""
    return (
        other is not None
        and annotation.kind is other.kind
        and (annotation.geometry is other.geometry or annotation.geometry == other.geometry)
    )


def _by_identity(annotations: Sequence[Annotation], made: Iterable[T]) -> dict[int, tuple[Annotation, T]]:
    return {id(annotation): (annotation, one) for annotation, one in zip(annotations, made, strict=True)}


def _made(
    annotations: Sequence[Annotation],
    ready: Mapping[int, tuple[Annotation, T]],
    make: Callable[[list[Annotation]], list[T]],
) -> list[T]:
    """Return what is made of annotations, those that are not ready in one go."""
    found = [ready.get(id(annotation)) for annotation in annotations]
    missing = [annotation for annotation, one in zip(annotations, found, strict=True) if one is None]
    rest = iter(make(missing) if missing else ())
    return [next(rest) if one is None else one[1] for one in found]


def _put_annotations(db: sqlite3.Connection, form: FeatureForm, rows: Sequence[AnnotationRow]) -> None:
    """Write the exact rows."""
    shown = _shown(db, form, rows)
    new = []
    for row in rows:
        if row.wanted is None:
            db.execute(sql.DELETE_ANNOTATION, (row.entry, row.version - 1))
            continue
        values = (row.id, row.layer, row.fid, row.place, row.version, row.wanted_exact, shown[row.layer, row.fid])
        if row.entry is None:
            new.append(values)
        else:
            sealed = seal("annotation", row.entry, *values)
            db.execute(sql.UPDATE_ANNOTATION, (*values[1:], sealed, row.entry, row.version - 1))
    if new:
        (first,) = db.execute(sql.NEXT_ENTRY).fetchone()
        numbered = enumerate(new, start=first)
        db.executemany(
            sql.insert("annotation"),
            ((entry, *values, seal("annotation", entry, *values)) for entry, values in numbered),
        )


def _shown(
    db: sqlite3.Connection, form: FeatureForm, rows: Sequence[AnnotationRow]
) -> dict[tuple[str, int | None], int]:
    """Return the checksums of the features of annotations as they stand in the file, by layer and fid."""
    by_layer: dict[str, list[int]] = {}
    for row in rows:
        if row.wanted is not None and row.fid is not None:
            by_layer.setdefault(row.layer, []).append(row.fid)
    return {
        (layer, fid): checksum
        for layer, fids in by_layer.items()
        for run in _runs(sorted(fids))
        for fid, checksum in shown_seals(db, form, layer, run).items()
    }


def _runs(numbers: Sequence[int]) -> Iterator[range]:
    """Yield the runs of consecutive numbers in sorted ones."""
    start = 0
    for index in range(1, len(numbers) + 1):
        if index == len(numbers) or numbers[index] != numbers[index - 1] + 1:
            yield range(numbers[start], numbers[index - 1] + 1)
            start = index


def _put_reviews(db: sqlite3.Connection, rows: Sequence[AnnotationRow], seq: int) -> None:
    """Keep the steps of review: statuses that changed."""
    steps = [
        (row.id, str(row.was.status), str(row.wanted.status))
        for row in rows
        if row.was is not None and row.wanted is not None and row.was.status != row.wanted.status
    ]
    if steps:
        (first,) = db.execute(sql.NEXT_REVIEW).fetchone()
        values = ((entry, seq, *step, None) for entry, step in enumerate(steps, start=first))
        db.executemany(sql.insert("review"), values)


def _in_portions(ids: Iterable[str]) -> Iterator[list[str]]:
    every = iter(ids)
    while some := list(islice(every, _IDS_AT_ONCE)):
        yield some
