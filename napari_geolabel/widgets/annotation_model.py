"""Annotations as a table that asks only for the rows that are seen and follows changes row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change
from napari_geolabel.annotations.filters import AnnotationFilter, choose
from napari_geolabel.annotations.problems import Problem
from napari_geolabel.annotations.sizes import SizeBook
from napari_geolabel.labels.labels import Labels
from napari_geolabel.widgets.annotation_columns import (
    AttributeColumn,
    AttributesColumn,
    Column,
    ConfidenceColumn,
    FieldColumn,
    ProblemColumn,
    SizeColumn,
    attribute_names,
)
from napari_geolabel.widgets.parts import swatch, tooltip_text

COLUMNS = ("class", "size", "attributes", "status", "confidence", "problem")
CLASS, SIZE, ATTRIBUTES, STATUS, CONFIDENCE, PROBLEM = range(6)
MOST_SINGLE_ROWS = 20
"""Changes of more rows than this show the whole table anew."""

_CHECKS = {True: Qt.CheckState.Checked, False: Qt.CheckState.Unchecked, None: Qt.CheckState.PartiallyChecked}
_NEXT_CHECK = {None: True, True: False, False: None}
"""What a click makes of an answer; the third takes it back."""


class AnnotationModel(QAbstractTableModel):  # type: ignore[misc]  # qtpy has no types
    """The annotations of labels, in draw order until a column is clicked.

    Parameters
    ----------
    labels
        Whose annotations are shown; `take` follows their changes.
    edit
        Called with an id, the column and its new value when a person edits a cell.
    """

    def __init__(self, labels: Labels, edit: Callable[[str, Column, Any], object]) -> None:
        super().__init__()
        self._labels, self._edit = labels, edit
        self._sizes = SizeBook(labels.scene.grid)
        self._filter = AnnotationFilter()
        self._order: tuple[int, Qt.SortOrder] | None = None
        self._problem = ProblemColumn("problem")
        self.columns: list[Column] = [
            FieldColumn("class", labels, "class_id"),
            SizeColumn("size", labels, self._sizes),
            AttributesColumn("attributes"),
            FieldColumn("status", labels, "status"),
            ConfidenceColumn("confidence"),
            self._problem,
        ]
        """What is shown: the columns of `COLUMNS`, then one for each attribute that was asked for."""
        self.ids: list[str] = []
        """Ids of the annotations that are seen, in the order of the table."""
        self._rows: dict[str, int] = {}
        self.refresh()

    @property
    def attributes(self) -> list[str]:
        """Ids of the attributes that have a column."""
        return [column.name for column in self.columns[len(COLUMNS) :]]

    def show_attributes(self, attribute_ids: Iterable[str]) -> None:
        """Give attributes a column of their own each, those that the ontology has, and take others out."""
        known = attribute_names(self._labels.ontology)
        wanted = [AttributeColumn(each, self._labels) for each in dict.fromkeys(attribute_ids) if each in known]
        for place in range(len(self.columns) - 1, len(COLUMNS) - 1, -1):
            if self._order is not None and self._order[0] == place:
                self._order = None
            self.beginRemoveColumns(QModelIndex(), place, place)
            del self.columns[place]
            self.endRemoveColumns()
        if wanted:  # not the whole table anew: a header forgets then what was hidden and how wide it was
            self.beginInsertColumns(QModelIndex(), len(COLUMNS), len(COLUMNS) + len(wanted) - 1)
            self.columns += wanted
            self.endInsertColumns()

    def refresh(self) -> None:
        """Show everything anew."""
        ids = self._found()
        self.beginResetModel()
        self._set_ids(ids)
        self.endResetModel()

    def take(self, change: Change) -> None:
        """Follow a change: rows come, go or show other values, without sorting anew."""
        if len(change.edits) > MOST_SINGLE_ROWS:
            self.refresh()
            return
        for edit in change.edits:
            row, now = self._rows.get(edit.id), self._labels.store.get(edit.id)
            is_seen = now is not None and bool(self._chosen([now]))
            if row is None and is_seen:
                self._insert(edit.id)
            elif row is not None and is_seen:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.columns) - 1))
            elif row is not None:
                self._remove(row)

    def filter(self, wanted: AnnotationFilter) -> None:
        """Show only some of the annotations.

        Raises
        ------
        AttributeValueError
            If an attribute cannot have the value that is looked for; then all stays as it was.
        """
        before, self._filter = self._filter, wanted
        try:
            self.refresh()
        except Exception:
            self._filter = before
            raise

    def show_problems(self, problems: Mapping[str, Sequence[Problem]]) -> None:
        """Show what is wrong with annotations, by their ids."""
        self._problem.problems = problems
        if self._filter.only_problems or (self._order and self._order[0] == PROBLEM):
            self.refresh()
        elif self.ids:
            self.dataChanged.emit(self.index(0, PROBLEM), self.index(len(self.ids) - 1, PROBLEM))

    def row_of(self, annotation_id: str) -> int | None:
        """Return where an annotation stands, None if it is not seen."""
        return self._rows.get(annotation_id)

    def annotation_at(self, index: QModelIndex) -> Annotation | None:
        """Return the annotation of a cell, None where it has just gone."""
        return self._labels.store.get(self.ids[index.row()]) if index.isValid() else None

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802  (Qt's name)
        """Return how many annotations are seen; Qt calls this."""
        return 0 if parent is not None and parent.isValid() else len(self.ids)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802
        """Return the number of columns; Qt calls this."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Return the heading of a column or the number of a row; Qt calls this."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return tooltip_text(self.columns[section].tooltip)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self.columns[section].heading
        if section >= len(self.ids):  # Qt may still ask for rows that have just gone
            return None
        return str(self._labels.store.draw_place(self.ids[section]) + 1)  # the number by which undo names it

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return what a cell shows; Qt calls this."""
        annotation = self.annotation_at(index)
        if annotation is None:
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(annotation)
        if role == Qt.ItemDataRole.EditRole:
            return column.value(annotation)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == CLASS:
            return swatch(self._labels.ontology[annotation.class_id].color)
        if role == Qt.ItemDataRole.CheckStateRole and column.is_check(annotation):
            return _CHECKS[column.value(annotation)]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip_text(self._refusal(column, annotation) or f"{column.text(annotation)} (double click edits)")
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Return what can be done with a cell; Qt calls this."""
        allowed, annotation = super().flags(index), self.annotation_at(index)
        if annotation is None or self._refusal(self.columns[index.column()], annotation):
            return allowed
        editable = allowed | Qt.ItemFlag.ItemIsEditable
        is_check = self.columns[index.column()].is_check(annotation)
        return editable | Qt.ItemFlag.ItemIsUserCheckable if is_check else editable

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401, N802
        """Hand over what a person put into a cell; Qt calls this."""
        is_open = bool(self.flags(index) & Qt.ItemFlag.ItemIsEditable)
        before = self.data(index, Qt.ItemDataRole.EditRole)
        if role == Qt.ItemDataRole.CheckStateRole:  # a click on the box, whatever Qt makes of it
            role, value = Qt.ItemDataRole.EditRole, _NEXT_CHECK[before]
        if role != Qt.ItemDataRole.EditRole or not is_open or (type(value), value) == (type(before), before):
            return False
        self._edit(self.ids[index.row()], self.columns[index.column()], value)
        return True

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Bring the rows into the order of a column, of none into draw order; Qt calls this."""
        self._order = (column, order) if column >= 0 else None
        self.refresh()

    def _refusal(self, column: Column, annotation: Annotation) -> str:
        return column.why_not(annotation) or self._labels.refusal

    def _chosen(self, annotations: Sequence[Annotation]) -> list[Annotation]:
        problems = self._problem.problems
        return choose(annotations, self._filter, self._labels.ontology, self._sizes, problems.keys())

    def _found(self) -> list[str]:
        """Return the ids of what the filter leaves, in the order that was clicked."""
        seen = self._chosen(list(self._labels.store.values()))
        if self._order is not None and seen:
            column, order = self._order
            keys = self.columns[column].keys(seen)
            places = sorted(range(len(seen)), key=keys.__getitem__, reverse=order == Qt.SortOrder.DescendingOrder)
            seen = [seen[place] for place in places]
        return [annotation.id for annotation in seen]

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
