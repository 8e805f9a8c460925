"""The changes of a label file as a table that asks only for the rows that are seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt

from napari_geolabel.labelfile.log import LogEntry

COLUMNS = ("when", "who", "what", "annotations")
WHEN, WHO, WHAT, HOW_MANY = range(4)

_ORDERS: dict[int, Callable[[LogEntry], Any]] = {
    WHEN: lambda entry: entry.seq,  # the order of numbers is that of changes, whatever clocks said
    WHO: lambda entry: (entry.actor or "").casefold(),
    WHAT: lambda entry: entry.title.casefold(),
    HOW_MANY: lambda entry: entry.added + entry.changed + entry.removed,
}


@dataclass(frozen=True, kw_only=True)
class HistoryFilter:
    """Which changes are seen."""

    text: str = ""
    """Stands in what was done or in who did it."""
    annotator: str | None = None
    """Who did it; None for everybody, empty for those without a name."""
    numbers: Collection[int] | None = None
    """Numbers of changes; None for all."""

    def __call__(self, entry: LogEntry) -> bool:
        """Return whether a change is seen."""
        actor = entry.actor or ""
        if self.annotator is not None and actor != self.annotator:
            return False
        if self.numbers is not None and entry.seq not in self.numbers:
            return False
        return self.text.casefold() in f"{entry.title}\n{actor}".casefold()


class HistoryModel(QAbstractTableModel):  # type: ignore[misc]  # qtpy has no types
    """Rows of changes, the newest first until another column is clicked."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[LogEntry] = ()
        self._filter = HistoryFilter()
        self._order = (WHEN, Qt.SortOrder.DescendingOrder)
        self.rows: list[LogEntry] = []
        """The changes that are seen, in the order of the table."""

    def show(self, entries: Sequence[LogEntry]) -> None:
        """Show the changes of a file, which are given oldest first."""
        self._entries = entries
        self._fill()

    def filter(self, wanted: HistoryFilter) -> None:
        """Show only some of the changes."""
        self._filter = wanted
        self._fill()

    def row_of(self, seq: int) -> int | None:
        """Return where a change stands, None if it is not seen."""
        return next((row for row, entry in enumerate(self.rows) if entry.seq == seq), None)

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802  (Qt's name)
        """Return how many changes are seen; Qt calls this."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802
        """Return the number of columns; Qt calls this."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Return the heading of a column; Qt calls this."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return the text of a cell; Qt calls this."""
        if role != Qt.ItemDataRole.DisplayRole or not index.isValid():
            return None
        return cell_text(self.rows[index.row()], index.column())

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Bring the rows into the order of a column; Qt calls this."""
        self._order = (column, order)
        self._fill()

    def _fill(self) -> None:
        column, order = self._order
        rows = [entry for entry in self._entries if self._filter(entry)]
        rows.sort(key=lambda entry: (_ORDERS[column](entry), entry.seq), reverse=order == Qt.SortOrder.DescendingOrder)
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()


def cell_text(entry: LogEntry, column: int) -> str:
    """Return what a cell says of a change."""
    if column == WHEN:
        return f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S}"
    if column == WHO:
        return entry.actor or "-"
    if column == WHAT:
        return entry.title if entry.undoes is None else f"undo: {entry.title}"
    return count_text(entry)


def count_text(entry: LogEntry) -> str:
    """Return how many annotations came, changed and went: ``1 added, 3 changed``; mask tiles as such."""
    named = (("added", entry.added), ("changed", entry.changed), ("removed", entry.removed))
    counts = [f"{number} {what}" for what, number in named if number]
    if entry.tiles:
        counts.append("1 mask tile" if entry.tiles == 1 else f"{entry.tiles} mask tiles")
    return ", ".join(counts)
