"""What two sessions changed in different ways: mine, theirs and base, field by field, to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labelfile.merge import Conflict
from napari_geolabel.labels.resolving import SIDES, OwnSide, Side, field_name, geometry_of, side_that_stands, words_for
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.outlines import Outlines, bounds_of, look_at
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.journal_watch import JournalWatch
from napari_geolabel.widgets.parts import plain_label, set_tooltip, swatch

SIDE_COLORS = {"mine": "#00e5ff", "theirs": "#ff3db8", "base": "#ffffff"}
_DRAWN_IN_ORDER: tuple[OwnSide, ...] = ("base", "theirs", "mine")
_ROW_PX = 24


class ConflictDock(QWidget):  # type: ignore[misc]  # qtpy has no types
    """The open conflicts of a session's label file, one annotation after the other."""

    def __init__(self, session: Session, watch: JournalWatch, outlines: Outlines) -> None:
        super().__init__()
        self._session, self._watch, self._outlines = session, watch, outlines
        self.cases: list[list[Conflict]] = []
        """Conflicts by annotation, the oldest first."""
        self.choices: list[Side] = []
        """What is chosen for each conflict of the case that is shown."""
        self._index = 0
        self.about, self.table = plain_label(), QTableWidget(0, len(SIDES))
        self.previous, self.next = QPushButton("Previous"), QPushButton("Next")
        self.all_mine, self.all_theirs = QPushButton("All mine"), QPushButton("All theirs")
        self.resolve = QPushButton("Resolve")
        self._lay_out()
        self._connect()
        self._show_conflicts()

    @property
    def case(self) -> list[Conflict]:
        """The conflicts of the annotation that is shown."""
        return self.cases[self._index] if self.cases else []

    def showEvent(self, event: object) -> None:  # noqa: N802  (Qt's name)
        """Outline the sides of the conflict while the dock is seen; Qt calls this."""
        super().showEvent(event)
        self._show_outlines()

    def hideEvent(self, event: object) -> None:  # noqa: N802
        """Take the outlines away; Qt calls this."""
        super().hideEvent(event)
        self._outlines.clear()

    def _lay_out(self) -> None:
        table = self.table
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.about, stretch=1)
        for button in (self.previous, self.next):
            top.addWidget(button)
        bottom.addWidget(plain_label("Click what shall hold, row by row, or take one side whole."), stretch=1)
        for button in (self.all_mine, self.all_theirs, self.resolve):
            bottom.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(table)
        column.addLayout(bottom)

    def _connect(self) -> None:
        self.previous.clicked.connect(partial(self._step, -1))
        self.next.clicked.connect(partial(self._step, 1))
        self.all_mine.clicked.connect(partial(self._choose_all, "mine"))
        self.all_theirs.clicked.connect(partial(self._choose_all, "theirs"))
        self.resolve.clicked.connect(self._on_resolve)
        self.table.cellClicked.connect(self._on_cell)
        self._watch.conflicts_changed.connect(self._show_conflicts)
        self._session.closed.connect(self._retire)

    def _show_conflicts(self) -> None:
        """Show what is open now; the annotation that was shown stays, if it is among them."""
        shown = self.case[0].annotation_id if self.case else None
        found: dict[str, list[Conflict]] = {}
        for conflict in self._watch.conflicts:
            found.setdefault(conflict.annotation_id, []).append(conflict)
        self.cases = list(found.values())
        names = list(found)
        self._index = names.index(shown) if shown in found else min(self._index, max(0, len(names) - 1))
        self._show_case()

    def _step(self, step: int, _checked: object = None) -> None:
        if self.cases:
            self._index = (self._index + step) % len(self.cases)
            self._show_case()

    def _show_case(self) -> None:
        """Fill the table with the conflicts of one annotation."""
        case, labels = self.case, self._session.labels
        self.choices = [side_that_stands(labels, conflict) for conflict in case]
        self.about.setText(self._about())
        self.table.setHorizontalHeaderLabels(self._headings())
        self.table.setRowCount(len(case))
        self.table.setVerticalHeaderLabels([field_name(conflict) for conflict in case])
        for row, conflict in enumerate(case):
            for column, side in enumerate(SIDES):
                self.table.setItem(row, column, _cell(conflict, side))
        refusal = labels.refusal
        for button in (self.all_mine, self.all_theirs, self.resolve):
            button.setEnabled(bool(case) and not refusal)
            set_tooltip(button, refusal)
        for button in (self.previous, self.next):
            button.setEnabled(len(self.cases) > 1)
        self._mark_choices()
        if self.isVisible():
            self._show_outlines()

    def _about(self) -> str:
        if not self.case:
            return "No conflicts: nothing was changed in two ways at the same time."
        first = self.case[0]
        held = self._session.labels.store.get(first.annotation_id)
        what = "the scene" if not first.annotation_id else "an annotation" if held is None else held.class_id
        who = f" by {first.actor}" if first.actor else ""
        when = "" if first.at is None else f", {first.at.astimezone():%Y-%m-%d %H:%M}"
        return f"{self._index + 1} of {len(self.cases)}: {what} was changed{who} while somebody else did so too{when}"

    def _headings(self) -> list[str]:
        """Return the names of the sides; mine is that of whoever came second, which may be another session."""
        who = self.case[0].actor if self.case else None
        return [f"mine ({who})" if who else "mine", "theirs", "base"]

    def _on_cell(self, row: int, column: int) -> None:
        if not self._session.labels.refusal:
            self.choices[row] = SIDES[column]
            self._mark_choices()

    def _choose_all(self, side: Side, _checked: object = None) -> None:
        self.choices = [side] * len(self.case)
        self._mark_choices()

    def _mark_choices(self) -> None:
        """Tick the chosen side of each row."""
        for row, chosen in enumerate(self.choices):
            for column, side in enumerate(SIDES):
                item = self.table.item(row, column)
                item.setCheckState(Qt.CheckState.Checked if side == chosen else Qt.CheckState.Unchecked)
                font = item.font()
                font.setBold(side == chosen)
                item.setFont(font)

    def _on_resolve(self) -> None:
        """Make the chosen sides so, as one change, and have the conflicts called resolved."""
        labels, case = self._session.labels, list(self.case)
        try:
            labels.pull()
            labels.take_sides(list(zip(case, self.choices, strict=True)))
        except GeoLabelError as error:
            warn(f"nothing was resolved: {error}")
            return
        self._watch.background.ask(partial(labels.call_resolved, case), lambda _: self._watch.refresh())

    def _show_outlines(self) -> None:
        """Outline all sides of the geometry, and look there; where only answers differ, at the annotation."""
        sides = {side: _geometries(self.case, side) for side in _DRAWN_IN_ORDER}
        self._outlines.show({SIDE_COLORS[side]: found for side, found in sides.items()})
        places = [geometry for found in sides.values() for geometry in found]
        held = self._session.labels.store.get(self.case[0].annotation_id) if self.case else None
        bounds = bounds_of(places or ([] if held is None else [held.geometry]))
        if bounds is not None:
            look_at(self._session.viewer, self._session.scene.grid, bounds)

    def _retire(self) -> None:
        self._watch.conflicts_changed.disconnect(self._show_conflicts, missing_ok=True)


def _geometries(case: Sequence[Conflict], side: OwnSide) -> list[BaseGeometry]:
    found = (geometry_of(conflict, side) for conflict in case)
    return [geometry for geometry in found if geometry is not None]


def _cell(conflict: Conflict, side: OwnSide) -> QTableWidgetItem:
    """Return the cell of one side, with the colour of its outline where it has one."""
    item = QTableWidgetItem(words_for(conflict, side))
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    if geometry_of(conflict, side) is not None:
        item.setIcon(swatch(SIDE_COLORS[side]))
    return item
