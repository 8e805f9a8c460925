"""What a label file knows of the past, and what becomes of it: history, restoring, conflicts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, overload

from napari_geolabel.annotations.change import Change
from napari_geolabel.errors import FormatError, GeoLabelError, WriteError
from napari_geolabel.labelfile.journal import Journal
from napari_geolabel.labelfile.merge import Conflict
from napari_geolabel.labels.durable import Durable
from napari_geolabel.labels.resolving import Side, change_that_takes_all

if TYPE_CHECKING:
    from napari_geolabel.labelfile.label_file import LabelFile
    from napari_geolabel.labelfile.log import LogEntry, Version


class Past(Durable):
    """The part of `Labels` that looks back.

    Labels in memory have no past beyond undo.
    """

    @property
    def journal(self) -> Journal | None:
        """The journal of the label file, which any thread may ask; None in memory."""
        return None if self._file is None else self._file.journal

    @property
    def refusal(self) -> str:
        """Why nothing can be changed at this time, empty where it can."""
        return "" if self.store.refusal is None else str(self.store.refusal)

    @overload
    def history(self) -> list[LogEntry]: ...
    @overload
    def history(self, annotation_id: str) -> list[Version]: ...
    def history(self, annotation_id: str | None = None) -> list[LogEntry] | list[Version]:
        """Return who changed what and when, oldest first; only what is on disk.

        Parameters
        ----------
        annotation_id
            The versions of this annotation, also of one that was removed;
            None gives the changes of the whole label file.

        Returns
        -------
        list of LogEntry or Version
            Empty for labels in memory.
        """
        if self._file is None:
            return []
        if annotation_id is None:
            return self._file.journal.entries()
        return self._file.journal.versions(annotation_id)

    def restore(self, to: int | str | datetime, *, ids: Collection[str] | None = None) -> Change | None:
        """Bring an earlier state back, as a change that can be undone.

        Parameters
        ----------
        to
            Number of a change (`history`): the state right after it, 0 is the
            beginning.  Or a time, also as ISO text; without a zone it is this
            computer's.
        ids
            Only these annotations; None takes everything back, mask and scene
            attributes too.

        Returns
        -------
        Change or None
            What was done; None if everything is as it was then.

        Raises
        ------
        FormatError
            If there is no such change, or the text is no time.
        GeoLabelError
            If the ontology refuses what was there, or the labels were opened for reading.
        WriteError
            If the labels are kept in memory, or are not durable and cannot be made so.
        """
        self.pull()
        return self.store.apply(self.change_back_to(to, ids=ids)) or None

    def change_back_to(self, to: int | str | datetime, *, ids: Collection[str] | None = None) -> Change:
        """Return the change that `restore` would make; any thread may ask."""
        return self._require_file().change_back_to(to if isinstance(to, int) else as_time(to), ids=ids)

    def conflicts(self) -> list[Conflict]:
        """Return what two sessions changed in different ways and nobody has resolved, oldest first."""
        return [] if self._file is None else self._file.conflicts()

    def resolve(self, conflict: Conflict | int, take: Side = "current") -> Change | None:
        """Settle a conflict.

        Parameters
        ----------
        conflict
            One of `conflicts`, or its number.
        take
            ``"mine"``, ``"theirs"`` or ``"base"`` makes it so, as a change
            that can be undone; ``"current"`` leaves it as it is now.

        Returns
        -------
        Change or None
            What was done; None where it was so already.

        Raises
        ------
        GeoLabelError
            If there is no such conflict, or the ontology refuses that side.
        """
        found = conflict if isinstance(conflict, Conflict) else self._conflict(conflict)
        change = self.take_sides([(found, take)])
        self.call_resolved([found])
        return change

    def take_sides(self, choices: Sequence[tuple[Conflict, Side]]) -> Change | None:
        """Make the chosen side of each conflict so, as one change, and leave them open; return what was done."""
        return self.store.apply(change_that_takes_all(self, choices)) or None

    def call_resolved(self, conflicts: Iterable[Conflict]) -> None:
        """Note that somebody has looked at conflicts; waits for the disk, so a window asks on another thread."""
        file = self._require_file()
        for conflict in conflicts:
            file.resolve(conflict)
        self.status_changed.emit()

    def _conflict(self, number: int) -> Conflict:
        for conflict in self.conflicts():
            if conflict.number == number:
                return conflict
        raise GeoLabelError(f"there is no open conflict {number}; conflicts() lists them")

    def _require_file(self) -> LabelFile:
        if self._file is None:
            raise WriteError("these labels are kept in memory and have no journal; open them with a label file")
        return self._file


def as_time(time: datetime | str) -> datetime:
    """Return an aware time; one without a zone is this computer's.

    Raises
    ------
    FormatError
        If a text is no ISO time, or lies at an end of the calendar.
    """
    try:
        parsed = datetime.fromisoformat(time) if isinstance(time, str) else time
    except ValueError as error:
        raise FormatError(f"{time!r} is no time; write one as 2026-03-01T12:30") from error
    try:
        parsed.astimezone(UTC)  # as label files have it
        return parsed.astimezone()
    except (ValueError, OverflowError) as error:
        raise FormatError(f"{time!r} is at an end of the calendar; give a time such as 2026-03-01T12:30") from error
