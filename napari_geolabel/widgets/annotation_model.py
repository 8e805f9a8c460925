"""Annotations as a table that asks only for the rows that are seen and follows changes row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.change import Change
from napari_geolabel.annotations.problems import Problem
from napari_geolabel.annotations.sizes import ground_sizes
from napari_geolabel.labels.labels import Labels
from napari_geolabel.widgets.parts import swatch

COLUMNS = ("class", "size", "attributes", "status", "confidence", "problem")
CLASS, SIZE, ATTRIBUTES, STATUS, CONFIDENCE, PROBLEM = range(6)
EDITABLE = frozenset({CLASS, STATUS})
MOST_SINGLE_ROWS = 20
"""Changes of more rows than this show the whole table anew."""

_HEADINGS = {SIZE: "length and width of areas, length of lines, on the ground", PROBLEM: "what should be mended"}


@dataclass(frozen=True, kw_only=True)
class AnnotationFilter:
    """Which annotations are seen."""

    text: str = ""
    """Stands in the name of the class, in an attribute, in the annotator's name or in the id."""
    class_id: str | None = None
    """Class; None for all."""
    status: Status | None = None
    """Status; None for all."""
    only_problems: bool = False
    """Whether only those are seen that have a problem."""


class AnnotationModel(QAbstractTableModel):  # type: ignore[misc]  # qtpy has no types
    """The annotations of labels, in draw order until a column is clicked.

    Parameters
    ----------
    labels
        Whose annotations are shown; `take` follows their changes.
    edit
        Called with an id, the name of a field and its new value when a person edits a cell.
    """

    def __init__(self, labels: Labels, edit: Callable[[str, str, Any], object]) -> None:
        super().__init__()
        self._labels, self._edit = labels, edit
        self._filter = AnnotationFilter()
        self._order: tuple[int, Qt.SortOrder] | None = None
        self._problems: Mapping[str, Sequence[Problem]] = {}
        self.ids: list[str] = []
        """Ids of the annotations that are seen, in the order of the table."""
        self._rows: dict[str, int] = {}
        self.refresh()

    def refresh(self) -> None:
        """Show everything anew."""
        seen = [a for a in self._labels.store.values() if self._is_seen(a)]
        if self._order is not None:
            column, order = self._order
            keys = self._sort_keys(seen, column)
            places = sorted(range(len(seen)), key=keys.__getitem__, reverse=order == Qt.SortOrder.DescendingOrder)
            seen = [seen[place] for place in places]
        self.beginResetModel()
        self._set_ids([annotation.id for annotation in seen])
        self.endResetModel()

    def take(self, change: Change) -> None:
        """Follow a change: rows come, go or show other values, without sorting anew."""
        if len(change.edits) > MOST_SINGLE_ROWS:
            self.refresh()
            return
        for edit in change.edits:
            row, now = self._rows.get(edit.id), self._labels.store.get(edit.id)
            is_seen = now is not None and self._is_seen(now)
            if row is None and is_seen:
                self._insert(edit.id)
            elif row is not None and is_seen:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))
            elif row is not None:
                self._remove(row)

    def filter(self, wanted: AnnotationFilter) -> None:
        """Show only some of the annotations."""
        self._filter = wanted
        self.refresh()

    def show_problems(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        """Show what is wrong with annotations, by their ids."""
        self._problems = problems
        if self._filter.only_problems or (self._order and self._order[0] == PROBLEM):
            self.refresh()
        elif self.ids:
            self.dataChanged.emit(self.index(0, PROBLEM), self.index(len(self.ids) - 1, PROBLEM))

    def row_of(self, annotation_id: str) -> int | None:
        """Return where an annotation stands, None if it is not seen."""
        return self._rows.get(annotation_id)

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802  (Qt's name)
        """Return how many annotations are seen; Qt calls this."""
        return 0 if parent is not None and parent.isValid() else len(self.ids)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802
        """Return the number of columns; Qt calls this."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Return the heading of a column or the number of a row; Qt calls this."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return _HEADINGS.get(section)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section]
        if section >= len(self.ids):  # Qt may still ask for rows that have just gone
            return None
        return str(self._labels.store.draw_place(self.ids[section]) + 1)  # the number by which undo names it

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return what a cell shows; Qt calls this."""
        annotation = self._labels.store.get(self.ids[index.row()]) if index.isValid() else None
        if annotation is None:  # gone since the last change was followed
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(annotation, index.column())
        if role == Qt.ItemDataRole.EditRole and index.column() in EDITABLE:
            return annotation.class_id if index.column() == CLASS else str(annotation.status)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == CLASS:
            return swatch(self._labels.ontology[annotation.class_id].color)
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Return what can be done with a cell; Qt calls this."""
        allowed = super().flags(index)
        is_open = index.column() in EDITABLE and not self._labels.refusal
        return allowed | Qt.ItemFlag.ItemIsEditable if is_open else allowed

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401, N802
        """Hand over what a person put into a cell; Qt calls this."""
        if role != Qt.ItemDataRole.EditRole or index.column() not in EDITABLE or value == self.data(index, role):
            return False
        self._edit(self.ids[index.row()], "class_id" if index.column() == CLASS else "status", value)
        return True

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Bring the rows into the order of a column, of none into draw order; Qt calls this."""
        self._order = (column, order) if column >= 0 else None
        self.refresh()

    def _set_ids(self, ids: list[str]) -> None:
        self.ids = ids
        self._rows = {annotation_id: row for row, annotation_id in enumerate(ids)}

    def _insert(self, annotation_id: str) -> None:
        end = len(self.ids)
        self.beginInsertRows(QModelIndex(), end, end)
        self.ids.append(annotation_id)
        self._rows[annotation_id] = end
        self.endInsertRows()

    def _remove(self, row: int) -> None:
        self.beginRemoveRows(QModelIndex(), row, row)
        self._set_ids(self.ids[:row] + self.ids[row + 1 :])
        self.endRemoveRows()

    def _is_seen(self, annotation: Annotation) -> bool:
        wanted = self._filter
        if wanted.class_id is not None and annotation.class_id != wanted.class_id:
            return False
        if wanted.status is not None and annotation.status is not wanted.status:
            return False
        if wanted.only_problems and annotation.id not in self._problems:
            return False
        return not wanted.text or wanted.text.casefold() in self._searched(annotation)

    def _searched(self, annotation: Annotation) -> str:
        """Return all text of an annotation that a search looks at."""
        name = self._labels.ontology[annotation.class_id].name
        who = annotation.provenance.annotator or ""
        return f"{name}\n{attributes_text(annotation)}\n{who}\n{annotation.id}".casefold()

    def _text(self, annotation: Annotation, column: int) -> str:
        if column == CLASS:
            return self._labels.ontology[annotation.class_id].name
        if column == SIZE:
            return self._size_text(annotation)
        if column == PROBLEM:
            return "; ".join(problem.message for problem in self._problems.get(annotation.id, ()))
        if column == CONFIDENCE:
            return "" if annotation.confidence is None else f"{annotation.confidence:.2f}"
        return attributes_text(annotation) if column == ATTRIBUTES else str(annotation.status)

    def _size_text(self, annotation: Annotation) -> str:
        grid = self._labels.scene.grid
        sizes = ground_sizes(np.array([annotation.geometry], object), grid)
        unit = "m" if grid.is_georeferenced else "px"
        return size_text(float(sizes["length_m"][0]), float(sizes["width_m"][0]), unit)

    def _sort_keys(self, annotations: Sequence[Annotation], column: int) -> Sequence[Any]:
        """Return what the rows are sorted by; numbers as numbers."""
        if column == SIZE:
            geometries = np.array([annotation.geometry for annotation in annotations], object)
            lengths = ground_sizes(geometries, self._labels.scene.grid)["length_m"]
            return [float(length) if np.isfinite(length) else -1.0 for length in lengths]
        if column == CONFIDENCE:
            return [-1.0 if a.confidence is None else a.confidence for a in annotations]
        return [self._text(annotation, column).casefold() for annotation in annotations]


def attributes_text(annotation: Annotation) -> str:
    """Return the attributes in a line: ``category merchant, length_m 120``."""
    return ", ".join(
        f"{name} {'+'.join(value) if isinstance(value, tuple) else value}"
        for name, value in annotation.attributes.items()
    )


def size_text(length: float, width: float, unit: str) -> str:
    """Return length and width as people say them, empty where there is none: ``120 x 19 m``."""
    if not np.isfinite(length):
        return ""
    sides = (length,) if not np.isfinite(width) else (length, width)
    return f"{' x '.join(f'{side:,.0f}' if side >= 100 else f'{side:.3g}' for side in sides)} {unit}"
