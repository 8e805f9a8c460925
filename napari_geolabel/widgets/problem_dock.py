"""What should be mended, by kind: go to it, mend it, or note why it may stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from qtpy.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QInputDialog,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from napari_geolabel.annotations.change import Change
from napari_geolabel.annotations.fixes import FIXES
from napari_geolabel.annotations.problems import RULES, Problem
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.notices import tell, warn
from napari_geolabel.viewer.outlines import bounds_of, look_at
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.parts import mark_current, plain_label, prepare_table, set_tooltip, swatch
from napari_geolabel.widgets.problem_watch import ProblemWatch

COLUMNS = ("kind", "class", "problem", "what mends it")
KIND, CLASS, MESSAGE, FIX = range(4)
COLORS = {"error": "#d55e00", "warning": "#f0e442"}
"""Colours of the severities, told apart by everybody."""
_WIDTHS = {KIND: 200, CLASS: 110, FIX: 140}
_KINDS_PX = 230


class ProblemModel(QAbstractTableModel):  # type: ignore[misc]  # qtpy has no types
    """Problems as rows; asks only for those that are seen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.problems: list[Problem] = []
        """Those that are seen, in the order of the rows."""

    def show(self, problems: list[Problem]) -> None:
        """Show other problems."""
        self.beginResetModel()
        self.problems = problems
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802  (Qt's name)
        """Return the number of problems; Qt calls this."""
        return 0 if parent is not None and parent.isValid() else len(self.problems)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: ARG002, N802
        """Return the number of columns; Qt calls this."""
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401, N802
        """Return a heading; Qt calls this."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return COLUMNS[section] if orientation == Qt.Orientation.Horizontal else section + 1

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return what a cell shows; Qt calls this."""
        if not index.isValid():
            return None
        problem = self.problems[index.row()]
        if role == Qt.ItemDataRole.DecorationRole and index.column() == KIND:
            return swatch(COLORS[problem.severity])
        return self._text(problem, index.column()) if role == Qt.ItemDataRole.DisplayRole else None

    def _text(self, problem: Problem, column: int) -> str:
        if column == KIND:
            return problem.title
        if column == MESSAGE:
            return problem.message
        if column == FIX:
            return FIXES.get(problem.rule, "")
        annotation = self._session.labels.store.get(problem.annotation_id or "")
        return "whole scene" if annotation is None else self._session.labels.ontology[annotation.class_id].name


class ProblemDock(QWidget):  # type: ignore[misc]  # qtpy has no types
    """The problems of a session: kinds with their numbers on the left, one row for each on the right."""

    def __init__(self, session: Session, watch: ProblemWatch) -> None:
        super().__init__()
        self._session, self.watch = session, watch
        self.model = ProblemModel(session)
        self.kinds, self.table = QListWidget(), QTableView()
        self.previous, self.next = QPushButton("Previous"), QPushButton("Next")
        self.fix, self.waive, self.unwaive = (
            QPushButton("Mend"),
            QPushButton("May stay…"),
            QPushButton("Tell all again"),
        )
        self.count = plain_label()
        self._current: Problem | None = None
        self._is_following = False
        self._lay_out()
        self.kinds.currentItemChanged.connect(lambda *_: self._fill())
        self.table.selectionModel().currentRowChanged.connect(self._on_row)
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.fix.clicked.connect(self._on_fix)
        self.waive.clicked.connect(self._on_waive)
        self.unwaive.clicked.connect(lambda: self._do(session.labels.forget_waivers))
        watch.changed.connect(self._on_problems)
        self._on_problems()

    def step(self, by: int) -> None:
        """Go to the next or, for -1, the previous problem, around the ends."""
        rows, row = self.model.rowCount(), self.table.currentIndex().row()
        if rows:
            self.go_to((row + by) % rows if row >= 0 else 0 if by > 0 else rows - 1)

    def go_to(self, row: int) -> None:
        """Select the annotation of a problem and bring it into view."""
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().setCurrentIndex(self.model.index(row, 0), flags)
        self.table.scrollTo(self.model.index(row, 0))

    def showEvent(self, event: object) -> None:  # noqa: N802  (Qt's name)
        """Look for problems while the dock is seen; Qt calls this."""
        super().showEvent(event)
        self.watch.start(self)

    def hideEvent(self, event: object) -> None:  # noqa: N802
        """Look no more; Qt calls this."""
        super().hideEvent(event)
        self.watch.stop(self)

    def _lay_out(self) -> None:
        self.kinds.setFixedWidth(_KINDS_PX)
        mark_current(self.kinds)
        self.table.setModel(self.model)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        prepare_table(self.table, _WIDTHS, MESSAGE)
        refusal = self._session.labels.refusal
        told = {
            self.fix: "mends what can be mended safely of the selected rows, or of all where one or none is selected",
            self.waive: "notes why the selected problems may stay; they are told no more",
            self.unwaive: "forgets all reasons why problems may stay",
        }
        for button, text in told.items():
            button.setEnabled(not refusal)
            set_tooltip(button, refusal or f"{text}, as one change")
        hint(self.next, self._session.keys, "next problem ({next_problem})")
        hint(self.previous, self._session.keys, "previous problem ({previous_problem})")
        upper, lower, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        upper.addWidget(self.kinds)
        upper.addWidget(self.table, stretch=1)
        lower.addWidget(self.count, stretch=1)
        for button in (self.previous, self.next, self.fix, self.waive, self.unwaive):
            lower.addWidget(button)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(4)
        column.addLayout(upper)
        column.addLayout(lower)

    def _on_problems(self) -> None:
        """Show the problems as they are now; kind and row stay, as far as there are such."""
        counts = Counter(problem.rule for problem in self.watch.problems)
        wanted = self._rule
        self.kinds.blockSignals(True)
        self.kinds.clear()
        self._add_kind("all problems", None, sum(counts.values()))
        for rule, (severity, title) in RULES.items():
            if counts[rule]:
                self._add_kind(title, rule, counts[rule], severity)
        rows = [row for row in range(self.kinds.count()) if self._rule_of(row) == wanted]
        self.kinds.setCurrentRow(rows[0] if rows else 0)
        self.kinds.blockSignals(False)
        self._fill()
        errors = sum(problem.severity == "error" for problem in self.watch.problems)
        waived = len(self._session.labels.waived)
        warnings = len(self.watch.problems) - errors
        self.count.setText(f"{_number(errors, 'error')}, {_number(warnings, 'warning')}, {waived} may stay")
        self.unwaive.setVisible(bool(waived))

    def _add_kind(self, title: str, rule: str | None, count: int, severity: str | None = None) -> None:
        item = QListWidgetItem(f"{title}  {count}")
        item.setData(Qt.ItemDataRole.UserRole, rule)
        if severity is not None:
            item.setIcon(swatch(COLORS[severity]))
        self.kinds.addItem(item)

    @property
    def _rule(self) -> str | None:
        """The rule that is chosen on the left, None for all."""
        return self._rule_of(self.kinds.currentRow())

    def _rule_of(self, row: int) -> str | None:
        item = self.kinds.item(row)
        rule: str | None = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        return rule

    def _fill(self) -> None:
        before, rule = self._current, self._rule
        self._is_following = True
        self.model.show([p for p in self.watch.problems if rule is None or p.rule == rule])
        if before in self.model.problems:
            self.go_to(self.model.problems.index(before))
        self._is_following = False

    def _on_row(self, index: QModelIndex, _before: QModelIndex) -> None:
        """Select on the map what a person goes to in the list."""
        if not index.isValid() or self._is_following:
            return
        problem = self._current = self.model.problems[index.row()]
        labels = self._session.labels
        ids = [i for i in (problem.annotation_id, problem.other_id) if i is not None and i in labels]
        if not ids:
            self._session.asked.emit("attributes")  # a question about the scene is answered there
            return
        self._session.selection.select(ids)
        bounds = bounds_of([labels[i].geometry for i in ids])
        if bounds is not None:
            look_at(self._session.viewer, labels.scene.grid, bounds)

    def _chosen(self) -> list[Problem]:
        return [self.model.problems[index.row()] for index in self.table.selectionModel().selectedRows()]

    def _on_fix(self) -> None:
        chosen = self._chosen()
        self._do(lambda: self._session.labels.fix_problems(chosen if len(chosen) > 1 else self.model.problems))

    def _on_waive(self) -> None:
        chosen = [problem for problem in self._chosen() if problem.annotation_id is not None]
        if not chosen:
            warn("choose the problems that may stay in the list; questions about the scene must be answered")
            return
        these = "this problem" if len(chosen) == 1 else f"these {len(chosen)} problems"
        reason, is_given = QInputDialog.getText(self, "Problems that may stay", f"Why may {these} stay?")
        if is_given and reason.strip():
            self._do(lambda: self._session.labels.waive_problems(chosen, reason))

    def _do(self, action: Callable[[], Change]) -> None:
        """Change the labels, and tell what was done or why not."""
        try:
            change = action()
        except GeoLabelError as error:
            warn(str(error))
            return
        tell(f"{change.title}; undo takes it back" if change else "nothing here can be mended safely; see the list")


def _number(count: int, word: str) -> str:
    """Return ``1 error`` or ``7 errors``."""
    return f"{count} {word}{'' if count == 1 else 's'}"
