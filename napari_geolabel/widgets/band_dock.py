"""The bands of the labelled scene as a table: what they are taken for, to be mended, and what their values come to."""

from __future__ import annotations

from functools import partial
from typing import Any

from qtpy.QtCore import QModelIndex, Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStyledItemDelegate,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.statistics import BandStatistics, band_statistics
from napari_geolabel.viewer.notices import tell, warn
from napari_geolabel.viewer.rereading import read_scene_as
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.band_model import BandModel, Column, with_edits
from napari_geolabel.widgets.band_table import ORDERED_NAMES
from napari_geolabel.widgets.parts import mark_current, plain_label, set_tooltip
from napari_geolabel.widgets.scene_work import SceneWork

_ROW_PX = 22
_COMMON_NAME_PX = 118  # room for the list that edits it
_LEAST_PX = 40
_SHARED = (Column.MINIMUM, Column.MAXIMUM, Column.MEAN, Column.STD)  # the room that others leave
_TOPIC = "statistics"


class BandDock(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Bands and their statistics.

    What is typed is applied at once for all bands: the labelled scene is then
    read with them, composites and values follow, labels and view stay.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._work = SceneWork(session.scene)
        self._before: list[Scene] = []
        self._is_own_change = False
        self._is_looked_at = False
        self.model, self.table = BandModel(session.scene), _Table()
        self.apply, self.discard = QPushButton("Apply"), QPushButton("Discard")
        self.undo, self.exact = QPushButton("Undo"), QPushButton("Exact values")
        self.hint = plain_label()
        self._lay_out()
        self._connect()
        self._show_buttons()

    def showEvent(self, event: object) -> None:  # noqa: N802  (Qt's name)
        """Look at the values when the dock is first seen; Qt calls this."""
        super().showEvent(event)
        if not self._is_looked_at:
            self._estimate()

    def _lay_out(self) -> None:
        table, header = self.table, self.table.horizontalHeader()
        table.setModel(self.model)
        table.setItemDelegateForColumn(Column.COMMON_NAME, _CommonNames(table))
        table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        table.setWordWrap(False)
        mark_current(table)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(_LEAST_PX)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(Column.COMMON_NAME, QHeaderView.ResizeMode.Interactive)
        table.setColumnWidth(Column.COMMON_NAME, _COMMON_NAME_PX)
        table.share_room()
        set_tooltip(self.exact, "Look at every pixel of the full resolution for min, max, mean and std.")
        row, column = QHBoxLayout(), QVBoxLayout(self)
        row.addWidget(self.hint, 1)
        for button in (self.exact, self.undo, self.discard, self.apply):
            row.addWidget(button)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(4)
        column.addWidget(table)
        column.addLayout(row)

    def _connect(self) -> None:
        self.apply.clicked.connect(self._on_apply)
        self.discard.clicked.connect(self.model.discard)
        self.undo.clicked.connect(self._on_undo)
        self.exact.clicked.connect(self._on_exact)
        self.model.refused.connect(self._on_refused)
        self.model.edited.connect(self._show_buttons)
        self.model.dataChanged.connect(self.table.share_room)
        self.model.modelReset.connect(self.table.share_room)
        self._session.scene_changed.connect(self._on_scene)
        self._session.closed.connect(self._retire)

    def _show_buttons(self) -> None:
        """Grey what cannot be done, and say why."""
        edits = self.model.edits
        names = ", ".join(self._session.scene.bands[row].name for row in edits)
        for button, can, hint in (
            (self.apply, bool(edits), f"Read the scene with {names} as typed." if edits else "Nothing was edited."),
            (self.discard, bool(edits), "Take back what was typed and not applied."),
            (self.undo, bool(self._before), "Read the scene as before the last time that bands were applied."),
        ):
            button.setEnabled(can)
            set_tooltip(button, hint)

    def _on_apply(self) -> None:
        scene, edits = self._session.scene, self.model.edits
        try:
            self._go_on_with(with_edits(scene, edits))
        except GeoLabelError as error:
            warn(str(error))
            return
        self._before.append(scene)
        self._show_buttons()
        tell(f"{len(edits)} band{'' if len(edits) == 1 else 's'} of {scene.name} read as typed; Undo takes it back")

    def _on_undo(self) -> None:
        now = self._session.scene
        try:
            self._go_on_with(self._before[-1])
        except GeoLabelError as error:
            warn(str(error))
            return
        self._before.pop()
        now.close()
        self._show_buttons()

    def _go_on_with(self, scene: Scene) -> None:
        self._is_own_change = True
        try:
            read_scene_as(self._session, scene)
        finally:
            self._is_own_change = False

    def _on_scene(self) -> None:
        """Show the scene as it is read now; of what another panel has changed there is no undo here."""
        if not self._is_own_change:
            self._before.clear()
        self._work.follow(self._session.scene)
        self.model.show_scene(self._session.scene)
        self._is_looked_at = False
        if self.isVisible():
            self._estimate()

    def _on_refused(self, sentence: str) -> None:
        self.hint.setText(sentence)
        warn(sentence)

    def _estimate(self) -> None:
        self._is_looked_at = True
        self.exact.setEnabled(True)
        self.hint.setText("")
        self._work.ask(_TOPIC, band_statistics, self._take)

    def _on_exact(self) -> None:
        self.exact.setEnabled(False)
        self.hint.setText("looking at every pixel…")
        self._work.ask("exact", partial(band_statistics, level=0), self._take)

    def _take(self, statistics: tuple[BandStatistics, ...]) -> None:
        """Show statistics; an estimate never replaces what is exact."""
        self.model.show_statistics(statistics)
        is_exact = all(each.exact for each in statistics)
        self.exact.setEnabled(not is_exact)
        looked_at, (rows, cols) = statistics[0].total, self._session.scene.grid.shape
        of = f"of {rows * cols:,} pixels" if not is_exact else "pixels"
        start = (
            f"min to std from all {rows * cols:,} pixels"
            if is_exact
            else f"min to std estimated from {looked_at:,} {of}"
        )
        self.hint.setText(f"{start}, in the unit that scale and offset give")

    def _retire(self) -> None:
        """Let go of the scene, which may outlive this dock."""
        self._work.close()


class _Table(QTableView):  # type: ignore[misc]  # qtpy has no types
    """A table whose values share the room that is left, as far as they can still be read in their parts of it."""

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        """Share other room; Qt calls this."""
        super().resizeEvent(event)
        self.share_room()

    def share_room(self, *_changed: object) -> None:
        """Stretch the values where each part is wide enough; else each is as wide as it must be, and one scrolls."""
        header, modes = self.horizontalHeader(), QHeaderView.ResizeMode
        least = {column: max(self.sizeHintForColumn(column), header.sectionSizeHint(column)) for column in Column}
        least[Column.COMMON_NAME] = header.sectionSize(Column.COMMON_NAME)
        room = self.viewport().width() - sum(least[column] for column in Column if column not in _SHARED)
        is_enough = room >= len(_SHARED) * max(least[column] for column in _SHARED)
        for column in _SHARED:
            header.setSectionResizeMode(column, modes.Stretch if is_enough else modes.ResizeToContents)


class _CommonNames(QStyledItemDelegate):  # type: ignore[misc]  # qtpy has no types
    """Offers the common names there are; another can only be typed to be refused."""

    def createEditor(self, parent: QWidget, option: object, index: QModelIndex) -> QWidget:  # noqa: ARG002, N802
        """Return the list; Qt calls this."""
        box = QComboBox(parent)
        box.setEditable(True)
        box.addItems(["", *ORDERED_NAMES])
        box.activated.connect(lambda _index: self.commitData.emit(box))
        return box

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:  # noqa: N802
        """Show the cell's value in the list; Qt calls this."""
        editor.setCurrentText(index.data(Qt.ItemDataRole.EditRole))

    def setModelData(self, editor: QWidget, model: Any, index: QModelIndex) -> None:  # noqa: ANN401, N802
        """Take what was chosen; Qt calls this."""
        model.setData(index, editor.currentText(), Qt.ItemDataRole.EditRole)
