"""What happens when a label file is damaged: it is kept aside, and all that is sound goes into a new one.

Every row carries a seal and a version, so it does not matter where a row is
found: in the table, in the journal, in the write-ahead log or in a backup.
Sound rows are gathered from all of them and the newest version of each
annotation and mask tile wins.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sized
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError, OntologyError, WriteError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.backups import backups_of
from napari_geolabel.labelfile.birth import Content, fill
from napari_geolabel.labelfile.connection import companions, wal_of
from napari_geolabel.labelfile.fingerprint import Fingerprint
from napari_geolabel.labelfile.lost_classes import with_lost_classes
from napari_geolabel.labelfile.pages import leaf_rows
from napari_geolabel.labelfile.rows import DamagedRowError, decode, from_json, seal
from napari_geolabel.labelfile.schema import FIRST_SEQ, SEALED, column_names
from napari_geolabel.ontology import Ontology

_NAMED_CHANGES = 5


@dataclass(kw_only=True)
class Salvage:
    """All sound rows that were found, the newest of each."""

    annotations: dict[str, tuple[int, int, bytes | None]] = field(default_factory=dict)
    """Id to version, place and bytes; None where the last step was its removal."""
    tiles: dict[tuple[int, int], tuple[int, bytes | None]] = field(default_factory=dict)
    scene: tuple[Any, ...] | None = None
    ontologies: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    changes: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    journal: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    journal_tiles: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    last_seq: int = 0
    """The highest number of a change that anything in the file speaks of."""

    first_seq: int | None = None
    """Number of the first change, where earlier ones were left out of a copy on purpose."""

    @property
    def is_empty(self) -> bool:
        """Whether not one row of a label file was found."""
        return self.scene is None and not self.ontologies and not self.annotations and not self.changes

    def content(self) -> Content:
        """Return what was found as the content of a label file."""
        content = Content(
            first_seq=self.first_seq,
            changes=[self.changes[seq] for seq in sorted(self.changes)],
            journal=[self.journal[entry] for entry in sorted(self.journal)],
            journal_tiles=[self.journal_tiles[entry] for entry in sorted(self.journal_tiles)],
        )
        in_order = sorted(self.annotations.items(), key=lambda item: item[1][1])
        for annotation_id, (version, place, exact) in in_order:
            if exact is not None:
                content.annotations[annotation_id] = (place, version, decode(exact))
        content.tiles = dict(self.tiles)
        if self.scene is not None:
            content.file_id = self.scene[0]
            content.fingerprint = None if self.scene[1] is None else Fingerprint.from_json(self.scene[1])
            content.scene_attributes = from_json(self.scene[8])
            content.meta = from_json(self.scene[9])
        for seq in sorted(self.changes):
            if self.changes[seq][9] is not None:
                content.scene_attributes = from_json(self.changes[seq][9])
        return content

    def ontology(self) -> Ontology | None:
        """Return the newest ontology that was found."""
        return Ontology(**from_json(self.ontologies[max(self.ontologies)][4])) if self.ontologies else None

    def versions(self) -> Iterator[Annotation]:
        """Yield every version of every annotation that was found, those of the journal too."""
        kept = [exact for _, _, exact in self.annotations.values()]
        for exact in [*kept, *(row[7] for row in self.journal.values())]:
            if exact is not None:
                with suppress(DamagedRowError):  # a journal's row of which only the bytes are torn
                    yield decode(exact)

    def losses(self) -> list[str]:
        """Return one sentence on each sort of thing that could not be read."""
        found: dict[int, int] = {}
        for row in [*self.journal.values(), *self.journal_tiles.values()]:
            found[row[1]] = found.get(row[1], 0) + 1
        torn = [row for seq, row in self.changes.items() if found.get(seq, 0) < row[6] + row[7]]
        last = max([self.last_seq, *self.changes, *found])
        missing = [seq for seq in range(self.first_seq or 1, last + 1) if seq not in self.changes]
        sentences = []
        if torn:
            named = ", ".join(f"{row[0]} ({row[4]})" for row in torn[:_NAMED_CHANGES])
            sentences.append(f"{_changes(torn)} could not be read whole: {named}; look at what they touched")
        if missing:
            named = ", ".join(map(str, missing[:_NAMED_CHANGES]))
            sentences.append(f"{_changes(missing)} could not be read: {named}; look at what they may have touched")
        if self.scene is None:
            sentences.append("what the file knew of its scene could not be read")
        return sentences


def salvage(path: Path, others: Iterable[Path] = ()) -> Salvage:
    """Gather the sound rows of a damaged file and of other copies of it."""
    found = Salvage()
    for source in [*others, path]:  # of two rows that are equally new, the file's own comes last and stays
        for rowid, values in leaf_rows(source):
            _take(found, rowid, values)
    return found


def rebuild(path: Path, grid: GeoGrid, ontology: Ontology | None, reason: str) -> list[str]:
    """Put a new label file in the place of a damaged one, which is kept beside it.

    Parameters
    ----------
    path
        The damaged file.
    grid, ontology
        The scene's grid, and the ontology to use where the file's own cannot be read.
    reason
        What is wrong with it, for the user.

    Returns
    -------
    list of str
        What happened and what was lost, one sentence each.

    Raises
    ------
    FormatError
        If the file never was a label file.
    WriteError
        If the new file cannot be written; the damaged one stays where it is.
    """
    found = salvage(path, _own_backups(path))
    if found.is_empty:
        raise FormatError(f"{path} is not a label file ({reason}); import it instead, or move it away")
    content = found.content()
    known, told = found.ontology(), []
    if known is None:
        if ontology is None:
            raise OntologyError(f"the ontology in {path} is damaged; open it with the ontology that it was made with")
        known, sentence = with_lost_classes(ontology, found.versions())
        told.append(sentence)
    aside = _aside(path)
    with TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as folder:
        new = Path(folder) / path.name
        new.touch()
        fill(new, path, grid, known, content)
        _sync(new)
        untaken = _untaken(path, Path(folder))
        _swap(path, new, aside)
    losses = found.losses() or ([] if told or untaken else ["no loss was found"])
    return [
        f"{path.name} was damaged ({reason}); it is kept as {aside.name}, and a new one was made of its "
        f"{len(content.annotations)} annotations and {_changes(content.changes)}",
        *told,
        *losses,
        *_say_untaken(untaken, aside),
    ]


def _untaken(path: Path, folder: Path) -> int | None:
    """Return how many features another program has edited that nobody took over yet, None where that cannot be read.

    Only the features have what was done to them.  SQLite looks at a copy,
    since it may not change the damaged file.
    """
    copy = folder / "damaged"
    try:
        for original, twin in ((path, copy), (wal_of(path), wal_of(copy))):
            if original.exists():
                twin.write_bytes(original.read_bytes())
        with closing(sqlite3.connect(copy)) as db:
            return int(db.execute(sql.TOUCHED_COUNT).fetchone()[0])
    except (sqlite3.Error, OSError):
        return None


def _say_untaken(count: int | None, aside: Path) -> list[str]:
    if count is None:
        return [f"what another program may have done since the last session could not be read; it is in {aside.name}"]
    features = "1 feature" if count == 1 else f"{count} features"
    return [f"what another program did to {features} was not taken over; look for it in {aside.name}"] if count else []


def _changes(found: Sized) -> str:
    return f"{len(found)} change{'' if len(found) == 1 else 's'}"


def _own_backups(path: Path) -> list[Path]:
    """Return the backups that are of this very label file, oldest first.

    Another label file may have lain under the same name before.
    """
    own = salvage(path)
    copies = backups_of(path)
    if own.is_empty:
        return copies[:1]
    return [copy for copy in reversed(copies) if _is_same_file(own, salvage(copy))]


def _is_same_file(one: Salvage, other: Salvage) -> bool:
    if one.scene is not None and other.scene is not None:
        return bool(one.scene[0] == other.scene[0])
    shared = one.changes.keys() & other.changes.keys()
    return bool(shared) and all(one.changes[seq] == other.changes[seq] for seq in shared)


def _take(found: Salvage, rowid: int, values: tuple[Any, ...]) -> None:
    """Keep a row if its seal says that it is one of ours and sound."""
    if len(values) == 2 and values[0] == "change" and isinstance(values[1], int):
        found.last_seq = max(found.last_seq, values[1])  # SQLite's own count of changes (sqlite_sequence)
    if len(values) == 2 and values[0] == FIRST_SEQ and str(values[1]).isdigit():
        found.first_seq = int(values[1])
    for table in SEALED:
        names = column_names(table)
        if len(values) != len(names) + 1:
            continue
        row = (rowid, *values[1:-1]) if values[0] is None else values[:-1]
        if seal(table, *row) == values[-1]:
            _KEEP[table](found, row)
            return


def _keep_annotation(found: Salvage, row: tuple[Any, ...]) -> None:
    _keep_version(found, row[1], row[5], row[4], row[6])


def _keep_journal(found: Salvage, row: tuple[Any, ...]) -> None:
    found.journal[row[0]] = row
    _keep_version(found, row[3], row[5], row[4], row[7])


def _keep_version(found: Salvage, annotation_id: str, version: int, place: int, exact: bytes | None) -> None:
    if exact is not None:
        try:
            decode(exact)
        except DamagedRowError:
            return
    known = found.annotations.get(annotation_id)
    if known is None or version >= known[0]:
        found.annotations[annotation_id] = (version, place, exact)


def _keep_tile(found: Salvage, key: tuple[int, int], version: int, blob: bytes | None) -> None:
    known = found.tiles.get(key)
    if known is None or version >= known[0]:
        found.tiles[key] = (version, blob)


def _keep_mask_tile(found: Salvage, row: tuple[Any, ...]) -> None:
    _keep_tile(found, (row[1], row[2]), row[3], row[4])


def _keep_journal_tile(found: Salvage, row: tuple[Any, ...]) -> None:
    found.journal_tiles[row[0]] = row
    _keep_tile(found, (row[2], row[3]), row[4], row[6])


def _keep_scene(found: Salvage, row: tuple[Any, ...]) -> None:
    found.scene = row


def _keep_ontology(found: Salvage, row: tuple[Any, ...]) -> None:
    found.ontologies[row[0]] = row


def _keep_change(found: Salvage, row: tuple[Any, ...]) -> None:
    found.changes[row[0]] = row


_KEEP = {
    "scene": _keep_scene,
    "ontology": _keep_ontology,
    "annotation": _keep_annotation,
    "mask_tile": _keep_mask_tile,
    "change": _keep_change,
    "journal": _keep_journal,
    "journal_tile": _keep_journal_tile,
}


def _aside(path: Path) -> Path:
    """Return a free name for a damaged file."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    candidates = [f"{path.name}.corrupt-{stamp}", *(f"{path.name}.corrupt-{stamp}-{n}" for n in range(2, 1000))]
    return next(path.with_name(name) for name in candidates if not path.with_name(name).exists())


def _swap(path: Path, new: Path, aside: Path) -> None:
    """Let a new file take the place of a damaged one; at no moment is there none."""
    try:
        if path.exists():
            _keep(path, aside)
        # a log that stayed would be applied to the new file by whoever opens it next
        for old, kept in zip(companions(path), companions(aside), strict=True):
            if old.exists():
                old.replace(kept)
        new.replace(path)
    except OSError as error:
        raise WriteError(f"{path} could not be put right ({error.strerror}); make its folder writable") from error


def _keep(path: Path, aside: Path) -> None:
    try:
        os.link(path, aside)
    except OSError:  # a file system without hard links
        aside.write_bytes(path.read_bytes())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
