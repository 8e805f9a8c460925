"""All annotations as a table: find, sort, filter, go to, edit in place, and mend what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qtpy.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import (
    QAbstractItemView,
    QDockWidget,
    QHBoxLayout,
    QMainWindow,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.annotations.change import Change
from napari_geolabel.annotations.fixes import FIXES
from napari_geolabel.errors import AttributeValueError, GeoLabelError
from napari_geolabel.ontology.model import Attribute
from napari_geolabel.viewer.notices import tell, warn
from napari_geolabel.viewer.outlines import bounds_of, look_at
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.annotation_columns import AttributeColumn, Column
from napari_geolabel.widgets.annotation_model import (
    ATTRIBUTES,
    CLASS,
    CONFIDENCE,
    PROBLEM,
    SIZE,
    STATUS,
    AnnotationModel,
)
from napari_geolabel.widgets.cell_editors import AttributeDelegate, ChoiceDelegate
from napari_geolabel.widgets.column_menu import ColumnMenu
from napari_geolabel.widgets.filter_bar import FilterBar
from napari_geolabel.widgets.labels_panel import ChoosePath, choose_export_path, export_to
from napari_geolabel.widgets.parts import plain_label, prepare_table, set_tooltip
from napari_geolabel.widgets.problem_watch import ProblemWatch

_WIDTHS = {CLASS: 140, SIZE: 120, ATTRIBUTES: 260, STATUS: 90, CONFIDENCE: 80}


class AnnotationDock(QWidget):  # type: ignore[misc]  # qtpy has no types
    """The annotations of a session; a click on a row selects the annotation and goes to it."""

    def __init__(
        self, session: Session, watch: ProblemWatch | None = None, *, choose_export: ChoosePath = choose_export_path
    ) -> None:
        super().__init__()
        self._session, self._choose_export = session, choose_export
        self.watch = watch or ProblemWatch(session, self)
        self.model = AnnotationModel(session.labels, self._on_edit)
        self.table = _Table()
        self.filters = FilterBar(session.labels)
        self.previous, self.next = QPushButton("Previous"), QPushButton("Next")
        self.fix, self.export, self.count = QPushButton("Mend"), QPushButton("Export…"), plain_label()
        self._is_following = False  # the rows change, nobody has chosen others
        self._chosen: list[str] = []
        self._place = 0  # the current row
        self._prepare_table()
        self.columns = ColumnMenu(session.labels, self.table, self.model)
        self._lay_out()
        self._connect()
        self._show_count()

    def go_to(self, row: int) -> None:
        """Select the annotation of a row and bring it into view."""
        index = self.model.index(row, 0)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(index, flags)
        self.table.scrollTo(index)

    def step(self, by: int) -> None:
        """Go to the next or, for -1, the previous row, around the ends."""
        rows, current = self.model.rowCount(), self.table.currentIndex()
        if not rows:
            return
        row = max(0, current.row())
        is_chosen = self.table.selectionModel().isRowSelected(row, QModelIndex())
        start = row - 1 if not is_chosen and by > 0 else row  # the chosen row is gone, another has its place
        self.go_to((start + by) % rows)

    def showEvent(self, event: object) -> None:  # noqa: N802  (Qt's name)
        """Look for problems while the dock is seen; Qt calls this."""
        super().showEvent(event)
        self.watch.start(self)

    def hideEvent(self, event: object) -> None:  # noqa: N802
        """Leave the labels unchecked while nobody looks; Qt calls this."""
        super().hideEvent(event)
        self.watch.stop(self)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.count, stretch=1)
        set_tooltip(self.export, "writes the annotations that are seen here, those that the filters leave")
        for button in (self.columns, self.previous, self.next, self.fix, self.export):
            buttons.addWidget(button)
        refusal = self._session.labels.refusal
        mended = "; ".join(f"{rule.replace('_', ' ')}: {fix}" for rule, fix in FIXES.items())
        told = f"mends what can be mended safely in the rows that are seen, as one change ({mended})"
        self.fix.setEnabled(not refusal)
        set_tooltip(self.fix, refusal or told)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(4)
        column.addWidget(self.filters)
        column.addWidget(self.table)
        column.addLayout(buttons)

    def _prepare_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setItemDelegate(AttributeDelegate(self._attribute_of, table))
        table.setItemDelegateForColumn(CLASS, ChoiceDelegate(self._class_choices, table))
        table.setItemDelegateForColumn(STATUS, ChoiceDelegate(_status_choices, table))
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setSortingEnabled(True)
        table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        prepare_table(table, _WIDTHS, PROBLEM)

    def _connect(self) -> None:
        self.filters.changed.connect(self._filter)
        self.filters.more.toggled.connect(self._make_room)
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.fix.clicked.connect(self._on_fix)
        self.export.clicked.connect(self._on_export)
        self.table.selectionModel().selectionChanged.connect(self._on_chosen)
        self.model.modelAboutToBeReset.connect(self._remember)
        self.model.modelReset.connect(self._choose_again)
        labels = self._session.labels
        labels.changed.connect(self._on_change)
        labels.ontology_changed.connect(self._on_ontology)
        self.watch.changed.connect(self._on_problems)
        self._session.closed.connect(self._retire)

    def _class_choices(self) -> list[tuple[str, str]]:
        classes = self._session.labels.ontology.classes
        return [(c.name, c.id) for c in classes if c.kinds and not c.archived]

    def _make_room(self, is_more: bool) -> None:
        """Let the dock be higher by the second row of filters while that is seen, so that no row of the table goes."""
        step = self.filters.details.sizeHint().height() + self.filters.layout().spacing()
        dock = self.parent()
        while dock is not None and not isinstance(dock, QDockWidget):
            dock = dock.parent()
        if dock is not None and isinstance(dock.parent(), QMainWindow) and not dock.isFloating():
            height = dock.height() + (step if is_more else -step)
            dock.parent().resizeDocks([dock], [height], Qt.Orientation.Vertical)

    def _attribute_of(self, index: QModelIndex) -> Attribute | None:
        """Return what a cell asks, None where it asks nothing."""
        column, annotation = self.model.columns[index.column()], self.model.annotation_at(index)
        return column.attribute(annotation) if isinstance(column, AttributeColumn) and annotation else None

    def _filter(self, *_: object) -> None:
        try:
            self.model.filter(self.filters.wanted)
        except AttributeValueError as error:  # while somebody types
            self.count.setText(str(error))
            return
        self._show_count()

    def _on_chosen(self, *_: QItemSelection) -> None:
        """Select on the map what a person selects in the table, and go to a single one."""
        ids = self._chosen_ids()
        if self._is_following or not ids:
            return
        self._session.selection.select(ids)
        if len(ids) == 1:
            labels = self._session.labels
            bounds = bounds_of([labels[ids[0]].geometry])
            if bounds is not None:
                look_at(self._session.viewer, labels.scene.grid, bounds)

    def _chosen_ids(self) -> list[str]:
        return [self.model.ids[index.row()] for index in self.table.selectionModel().selectedRows()]

    def _remember(self) -> None:
        """Note what is chosen before the table is shown anew, which forgets it."""
        self._chosen, self._place = self._chosen_ids(), self.table.currentIndex().row()

    def _choose_again(self) -> None:
        """Choose what was chosen, as far as it is still seen, and stay at the place where it was."""
        rows = [row for row in map(self.model.row_of, self._chosen) if row is not None]
        selection, model = QItemSelection(), self.table.selectionModel()
        for row in rows:
            selection.select(self.model.index(row, 0), self.model.index(row, 0))
        place = rows[0] if rows else min(self._place, self.model.rowCount() - 1)
        flags = QItemSelectionModel.SelectionFlag
        with self._following():
            model.setCurrentIndex(self.model.index(place, 0), flags.NoUpdate)
            model.select(selection, flags.ClearAndSelect | flags.Rows)

    @contextmanager
    def _following(self) -> Iterator[None]:
        """Let rows change without taking it for a person's choice."""
        before, self._is_following = self._is_following, True
        try:
            yield
        finally:
            self._is_following = before

    def _on_edit(self, annotation_id: str, column: Column, value: Any) -> None:  # noqa: ANN401
        """Change what a person edited, in all selected rows if its row is one of them."""
        chosen = self._chosen_ids()
        ids = chosen if annotation_id in chosen else [annotation_id]
        try:
            left = column.change(ids, value)
        except GeoLabelError as error:
            warn(str(error))
            return
        if left:
            tell(f"{left} of {len(ids)} are not asked {column.heading} and stay as they are")

    def _on_export(self) -> None:
        """Export what is seen, in the order of drawing."""
        path = self._choose_export(self)
        if path:
            seen = set(self.model.ids)
            export_to(self._session, path, parent=self, ids=[name for name in self._session.labels if name in seen])

    def _on_fix(self) -> None:
        seen = set(self.model.ids)
        problems = [p for p in self._session.labels.problems() if p.annotation_id in seen]
        try:
            change = self._session.labels.fix_problems(problems)
        except GeoLabelError as error:
            warn(str(error))
            return
        tell(f"{change.title}; undo takes it back" if change else "nothing here can be mended safely; see the table")

    def _on_change(self, change: Change) -> None:
        with self._following():
            self.model.take(change)
        self._show_count()

    def _on_ontology(self, _ontology: object) -> None:
        self.filters.offer()
        self.columns.load()
        self._filter()

    def _on_problems(self) -> None:
        self.model.show_problems(self.watch.by_annotation)
        self._show_count()

    def _show_count(self) -> None:
        shown, total = self.model.rowCount(), len(self._session.labels)
        faulty = len(self.watch.by_annotation)
        of_scene = [p.message for p in self.watch.problems if p.annotation_id is None]
        told = f"{shown} of {total} annotations, {faulty} with problems"
        self.count.setText("; ".join([told, *of_scene]))

    def _retire(self) -> None:
        """Let go of the labels, which may outlive this dock."""
        labels = self._session.labels
        labels.changed.disconnect(self._on_change, missing_ok=True)
        labels.ontology_changed.disconnect(self._on_ontology, missing_ok=True)


class _Table(QTableView):  # type: ignore[misc]  # qtpy has no types
    """Leaves several rows chosen when one of their cells is double-clicked, so that all of them are edited."""

    def __init__(self) -> None:
        super().__init__()
        self._chosen = QItemSelection()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        """Note what is chosen before a click chooses one row; Qt calls this."""
        chosen = self.selectionModel()
        is_among = chosen.isRowSelected(self.indexAt(event.pos()).row(), QModelIndex())
        self._chosen = QItemSelection(chosen.selection()) if is_among else QItemSelection()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose again what was chosen before the first click, then edit; Qt calls this."""
        if self._chosen.contains(self.indexAt(event.pos())):
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().select(self._chosen, flags.ClearAndSelect | flags.Rows)
        super().mouseDoubleClickEvent(event)


def _status_choices() -> list[tuple[str, str]]:
    return [(str(status), str(status)) for status in Status]
