"""Who changed what and when: the journal of the label file as a table, with the way back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from qtpy.QtCore import QItemSelection, Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)
from shapely import box
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.change import TILE_PX, Change
from napari_geolabel.annotations.index import Bounds
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labelfile.log import LogEntry
from napari_geolabel.viewer.notices import tell, warn
from napari_geolabel.viewer.outlines import MOST_GEOMETRIES, Outlines, bounds_of, look_at
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.history_model import HOW_MANY, WHAT, WHEN, WHO, HistoryFilter, HistoryModel, count_text
from napari_geolabel.widgets.journal_watch import JournalWatch
from napari_geolabel.widgets.parts import plain_label, prepare_table, set_tooltip, swatch, word

BEFORE_COLOR = "#ff3db8"
AFTER_COLOR = "#00e5ff"
EVERYBODY = "everybody"
_WIDTHS = {WHEN: 150, WHO: 110, HOW_MANY: 170}


class HistoryDock(QWidget):  # type: ignore[misc]  # qtpy has no types
    """The changes of a session's label file.

    A click on a change shows where it was and how things were before and
    after it; *Restore this state* goes back to it, as a change of its own.
    """

    def __init__(self, session: Session, watch: JournalWatch, outlines: Outlines) -> None:
        super().__init__()
        self._session, self._watch, self._outlines = session, watch, outlines
        self.search, self.annotators = QLineEdit(), QComboBox()
        self.only_selected = QCheckBox("of the selected annotations")
        self.restore_all, self.restore_selected = (
            QPushButton("Restore this state"),
            QPushButton("Restore selected only"),
        )
        self.model, self.table = HistoryModel(), QTableView()
        self.hint = plain_label()
        self._numbers: set[int] | None = None
        self._lay_out()
        self._connect()
        self._show_entries()
        self._show_buttons()

    @property
    def entry(self) -> LogEntry | None:
        """The change that is chosen."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.rows[rows[0].row()] if rows else None

    def showEvent(self, event: object) -> None:  # noqa: N802  (Qt's name)
        """Read the journal while the dock is seen; Qt calls this."""
        super().showEvent(event)
        self._watch.wants_entries = True

    def hideEvent(self, event: object) -> None:  # noqa: N802
        """Leave the journal alone while nobody looks; Qt calls this."""
        super().hideEvent(event)
        self._watch.wants_entries = False
        self._outlines.clear()

    def _lay_out(self) -> None:
        self.search.setPlaceholderText("filter by what was done or who did it")
        self.search.setClearButtonEnabled(True)
        self.annotators.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._prepare_table()
        row, buttons = QHBoxLayout(), QHBoxLayout()
        row.addWidget(self.search, stretch=1)
        for widget in (self.annotators, self.only_selected):
            row.addWidget(widget)
        for color, text in ((BEFORE_COLOR, "before"), (AFTER_COLOR, "after")):
            square = word("")
            square.setPixmap(swatch(color).pixmap(12, 12))
            buttons.addWidget(square)
            buttons.addWidget(word(text))
        buttons.addWidget(self.hint, stretch=1)
        buttons.addWidget(self.restore_selected)
        buttons.addWidget(self.restore_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.table)
        column.addLayout(buttons)

    def _prepare_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setSortingEnabled(True)
        table.sortByColumn(WHEN, Qt.SortOrder.DescendingOrder)
        table.verticalHeader().hide()
        prepare_table(table, _WIDTHS, WHAT)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.annotators.currentIndexChanged.connect(self._filter)
        self.only_selected.toggled.connect(self._ask_numbers)
        self.table.selectionModel().selectionChanged.connect(self._on_chosen)
        self.restore_all.clicked.connect(self._on_restore_all)
        self.restore_selected.clicked.connect(self._on_restore_selected)
        self._watch.entries_changed.connect(self._show_entries)
        for layer in (self._session.shapes_layer, self._session.points_layer):
            layer.selected_data.events.items_changed.connect(self._on_selected)
        self._session.closed.connect(self._retire)

    def _show_entries(self) -> None:
        """Show what there is now; the chosen change stays chosen."""
        chosen = self.entry
        names = list(dict.fromkeys(entry.actor or "" for entry in self._watch.entries))
        if names != [self.annotators.itemData(i) for i in range(1, self.annotators.count())]:
            self._show_annotators(names)
        self.model.show(self._watch.entries)
        self._choose_again(chosen)
        if self.only_selected.isChecked():
            self._ask_numbers()
        self._show_hint()

    def _show_annotators(self, names: Sequence[str]) -> None:
        current = self.annotators.currentText()
        self.annotators.blockSignals(True)
        self.annotators.clear()
        self.annotators.addItem(EVERYBODY, None)
        for name in names:
            self.annotators.addItem(name or "without a name", name)
        self.annotators.setCurrentIndex(max(0, self.annotators.findText(current)))
        self.annotators.blockSignals(False)

    def _choose_again(self, entry: LogEntry | None) -> None:
        row = None if entry is None else self.model.row_of(entry.seq)
        if row is not None:
            selection = self.table.selectionModel()
            selection.blockSignals(True)  # it is shown already
            self.table.selectRow(row)
            selection.blockSignals(False)
        self._show_buttons()

    def _filter(self, _changed: object = None) -> None:
        chosen = self.entry
        self.model.filter(
            HistoryFilter(
                text=self.search.text().strip(), annotator=self.annotators.currentData(), numbers=self._numbers
            )
        )
        self._choose_again(chosen)
        self._show_hint()

    def _show_hint(self) -> None:
        shown, known = len(self.model.rows), len(self._watch.entries)
        if self._session.labels.journal is None:
            self.hint.setText("These labels are kept in memory, so there is no history.")
        elif shown < known:
            self.hint.setText(f"{shown} of {known} changes")
        else:
            self.hint.setText("no changes yet" if not known else "1 change" if known == 1 else f"{known} changes")

    def _on_selected(self, _event: object = None) -> None:
        self._show_buttons()
        if self.only_selected.isChecked():
            self._ask_numbers()

    def _ask_numbers(self, _checked: object = None) -> None:
        """Find out which changes touched what is selected."""
        journal, ids = self._session.labels.journal, self._session.selected_ids
        if journal is None or not self.only_selected.isChecked():
            self._take_numbers(None)
        else:
            self._watch.background.ask(partial(journal.numbers_of, ids), self._take_numbers)

    def _take_numbers(self, found: set[int] | None) -> None:
        numbers = found if self.only_selected.isChecked() else None  # it may have been cleared in the meantime
        if numbers != self._numbers:
            self._numbers = numbers
            self._filter()

    def _on_chosen(self, _now: QItemSelection, _before: QItemSelection) -> None:
        self._show_buttons()
        entry, journal = self.entry, self._session.labels.journal
        if entry is None or journal is None:
            self._outlines.clear()
        else:
            self._watch.background.ask(
                partial(journal.change, entry.seq, most=MOST_GEOMETRIES), partial(self._preview, entry)
            )

    def _preview(self, entry: LogEntry, change: Change) -> None:
        """Outline what a change found and what it left, and look there."""
        if entry != self.entry or not self.isVisible():
            return
        before = [edit.before.geometry for edit in change.edits if edit.before is not None]
        after = [edit.after.geometry for edit in change.edits if edit.after is not None]
        tiles = tile_boxes(change, self._session.scene.grid.shape)
        self._outlines.show({BEFORE_COLOR: before, AFTER_COLOR: [*after, *tiles]})
        bounds = around(before, after, tiles)
        if bounds is not None:
            look_at(self._session.viewer, self._session.scene.grid, bounds)
        is_cut = len(change.edits) < entry.added + entry.changed + entry.removed
        self.hint.setText(f"{count_text(entry)}, {len(change.edits)} outlined" if is_cut else count_text(entry))

    def _show_buttons(self) -> None:
        """Grey what cannot be done, and say why."""
        refusal = self._session.labels.refusal
        reason = refusal or ("" if self.entry is not None else "choose a change first")
        nothing = "" if self._session.selected_ids else "select annotations in the map first"
        for button, why, hint in (
            (
                self.restore_all,
                reason,
                "Bring all labels back to how they were right after this change; undo takes it back.",
            ),
            (self.restore_selected, reason or nothing, "Bring only the selected annotations back to that state."),
        ):
            button.setEnabled(not why)
            set_tooltip(button, why or hint)

    def _on_restore_all(self) -> None:
        self._restore(None)

    def _on_restore_selected(self) -> None:
        self._restore(self._session.selected_ids)

    def _restore(self, ids: Sequence[str] | None) -> None:
        """Find out on the other thread what differs from that state, and change it here."""
        entry = self.entry
        if entry is not None:
            labels = self._session.labels
            self._watch.background.ask(partial(labels.change_back_to, entry.seq, ids=ids), self._go_back)

    def _go_back(self, change: Change) -> None:
        labels = self._session.labels
        try:
            labels.pull()
            done = labels.store.apply(change)
        except GeoLabelError as error:
            warn(f"nothing was restored: {error}")
            return
        if not done:
            tell("nothing differs from that state")
            return
        self._outlines.clear()
        tell(f"{amount_text(done)} went back to how it was; undo takes that back")

    def _retire(self) -> None:
        """Let go of the session's layers, which stay."""
        for layer in (self._session.shapes_layer, self._session.points_layer):
            layer.selected_data.events.items_changed.disconnect(self._on_selected)
        self._watch.entries_changed.disconnect(self._show_entries, missing_ok=True)


def amount_text(change: Change) -> str:
    """Return how much a change changes: ``1 annotation and 3 mask tiles``."""
    counts = (("annotation", len(change.edits)), ("mask tile", len(change.tiles)))
    parts = [f"{number} {what}{'' if number == 1 else 's'}" for what, number in counts if number]
    return " and ".join(parts) or "the scene"


def tile_boxes(change: Change, shape: tuple[int, int]) -> list[BaseGeometry]:
    """Return the mask tiles that a change painted as boxes in pixel coordinates, cut to the scene's shape."""
    rows, cols = shape
    return [
        box(
            tile.col * TILE_PX,
            tile.row * TILE_PX,
            min((tile.col + 1) * TILE_PX, cols),
            min((tile.row + 1) * TILE_PX, rows),
        )
        for tile in change.tiles
    ]


def around(*groups: Sequence[BaseGeometry]) -> Bounds | None:
    """Return the bounds of all geometries together, None where there is none."""
    return bounds_of(geometry for group in groups for geometry in group)
