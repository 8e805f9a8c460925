"""The past of a label file: who did what, how things were, and the way back.

A `Journal` only reads, by a connection of its own for each question, so any
thread may ask while the file is being written.  It knows what is on disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from napari_geolabel.annotations import Change
from napari_geolabel.errors import FormatError
from napari_geolabel.labelfile import log
from napari_geolabel.labelfile.connection import connect_readonly
from napari_geolabel.labelfile.log import LogEntry, Version
from napari_geolabel.labelfile.merge import Conflict
from napari_geolabel.labelfile.old_masks import OldMask, read_old_masks
from napari_geolabel.labelfile.trimming import first_change


class Journal:
    """What stands in the journal of the label file at a path.

    Every method raises `MissingFileError` where the file is gone, and
    `FormatError` where it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self, *, since: int = 0, annotation_id: str | None = None) -> list[LogEntry]:
        """Return the changes after number ``since``, oldest first; of one annotation if it is named."""
        with self._reading() as db:
            return list(log.read_log(db, since=since, annotation_id=annotation_id))

    def numbers_of(self, ids: Collection[str]) -> set[int]:
        """Return the numbers of the changes that touched one of these annotations."""
        with self._reading() as db:
            return {seq for annotation_id in ids for seq in log.read_numbers(db, annotation_id)}

    def old_masks(self) -> list[OldMask]:
        """Return the painted masks that did not fit the scene any more, oldest first."""
        with self._reading() as db:
            return read_old_masks(db)

    def change(self, seq: int, *, most: int | None = None) -> Change:
        """Return what change ``seq`` did, its first ``most`` edits; empty where there is none of that number."""
        with self._reading() as db:
            return log.read_change(db, seq, most)

    def versions(self, annotation_id: str) -> list[Version]:
        """Return all versions of an annotation, oldest first, also of one that was removed."""
        with self._reading() as db:
            return log.read_versions(db, annotation_id)

    def change_back_to(self, to: int | datetime, *, ids: Collection[str] | None = None) -> Change:
        """Return the change from the file as it is to an earlier state.

        Parameters
        ----------
        to
            Number of a change: the state right after it, 0 is the beginning.
            Or an aware time: the state right after the last change that was not later.
        ids
            Only these annotations; None takes everything back, mask and scene attributes too.

        Raises
        ------
        FormatError
            If there is no change of that number, or the history does not reach so far.
        """
        with self._reading() as db:
            seq = to if isinstance(to, int) else log.read_number_at(db, to)
            last = log.read_last_number(db)
            first = first_change(db)
            if 0 <= seq < first - 1:
                raise FormatError(
                    f"{self.path} has no history before change {first}; "
                    f"go back to change {first - 1}, with which it begins, or a later one"
                )
            if not 0 <= seq <= max(last, first - 1):
                raise FormatError(f"{self.path} has no change {seq}; its changes are numbered 1 to {last}")
            return log.change_back_to(db, seq, ids)

    def conflicts(self) -> list[Conflict]:
        """Return what sessions did not agree on and nobody has resolved, oldest first."""
        with self._reading() as db:
            return log.read_conflicts(db)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(connect_readonly(self.path)) as db:
                yield db
        except sqlite3.Error as error:
            raise FormatError(f"the journal of {self.path} cannot be read ({error}); try again") from error
