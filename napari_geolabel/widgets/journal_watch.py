"""What the journal of a session's label file says, kept up to date without the window waiting for the disk."""

from __future__ import annotations

from pathlib import Path

from psygnal import Signal

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labelfile.journal import Journal
from napari_geolabel.labelfile.log import LogEntry
from napari_geolabel.labelfile.merge import Conflict
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.background import Background
from napari_geolabel.widgets.relay import Relay

News = tuple[Path, list[LogEntry], list[Conflict]]


class JournalWatch:
    """The changes and the open conflicts of a session's label file; nothing for labels in memory.

    The changes are read while somebody wants them: set `wants_entries`.
    """

    entries_changed = Signal()
    """Emitted when there are more changes, or those of another file."""
    conflicts_changed = Signal()
    """Emitted when other conflicts are open."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.background = Background()
        self.entries: list[LogEntry] = []
        """Oldest first."""
        self.conflicts: list[Conflict] = []
        self._path: Path | None = None
        self._wants_entries = self._is_reading = self._is_stale = False
        self._relay = Relay(self.refresh)
        session.labels.status_changed.connect(self._relay.ask)
        session.labels.arrived.connect(self._relay.ask)
        session.closed.connect(self.close)
        self.refresh()

    @property
    def wants_entries(self) -> bool:
        """Whether the changes are read, not only the conflicts."""
        return self._wants_entries

    @wants_entries.setter
    def wants_entries(self, wants: bool) -> None:
        self._wants_entries = wants
        if wants:
            self.refresh()

    def refresh(self) -> None:
        """Read what is new; several wishes in a row are one."""
        journal = self._session.labels.journal
        if journal is None or self._session.is_closed:
            return
        if self._is_reading:
            self._is_stale = True
            return
        self._is_reading, self._is_stale = True, False
        since = self._since(journal)
        self.background.ask(lambda: _read(journal, since), self._take)

    def close(self) -> None:
        """Stop watching."""
        for signal in (self._session.labels.status_changed, self._session.labels.arrived):
            signal.disconnect(self._relay.ask, missing_ok=True)
        self.background.close()

    def _since(self, journal: Journal) -> int | None:
        """Return the number after which changes are new, None where none are wanted."""
        if not self._wants_entries:
            return None
        return self.entries[-1].seq if self.entries and self._path == journal.path else 0

    def _take(self, news: News | None) -> None:
        self._is_reading = False
        if news is not None:
            self._keep(*news)
        if self._is_stale:
            self.refresh()

    def _keep(self, path: Path, entries: list[LogEntry], conflicts: list[Conflict]) -> None:
        is_other = self._path is not None and path != self._path
        self._path = path
        if is_other:
            self.entries = []
            self._is_stale = True
        if entries:
            self.entries = [*self.entries, *entries]
        if entries or is_other:
            self.entries_changed.emit()
        if conflicts != self.conflicts:
            self.conflicts = conflicts
            self.conflicts_changed.emit()


def _read(journal: Journal, since: int | None) -> News | None:
    """Read changes and conflicts; None where they cannot be read, which the file's writer tells of."""
    try:
        entries = [] if since is None else journal.entries(since=since)
        return journal.path, entries, journal.conflicts()
    except GeoLabelError:
        return None
