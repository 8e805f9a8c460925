"""The import dialog: which classes of a file become which of ours, what becomes of what is there already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.formats.registry import all_formats, importer_for
from napari_geolabel.labels.file_classes import FileClass, classes_in
from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.parts import plain_label, set_tooltip, swatch

AskImport = Callable[[Session, str, QWidget | None], Mapping[str, Any] | None]
"""Asks how a file is to be imported: the keywords of `Labels.import_from`; None when the user gave up."""

NEW, LEAVE_OUT = object(), object()
MAY_TRY = 20_000
"""Files of so many labels are tried at once; the button tries larger ones."""
_DUPLICATES = {"keep": "take them in", "skip": "leave them out", "flag": "take them as suggestions"}


class ImportDialog(QDialog):  # type: ignore[misc]  # qtpy has no types
    """Shows what a file holds and says how it is to be imported (`order`)."""

    def __init__(self, labels: Labels, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import labels")
        self._labels, self._path = labels, path
        self.classes: list[FileClass] = []
        self.choices: list[QComboBox] = []
        self.format, self.status, self.duplicates = QComboBox(), QComboBox(), QComboBox()
        self.remember = QCheckBox("remember these classes in the ontology")
        self.resample = QCheckBox("lay it on the scene's pixels by nearest neighbour")
        self.table, self.told = QTableWidget(0, 3), plain_label()
        self.try_ = QPushButton("What would come in?")
        self.buttons = QDialogButtonBox()
        self.ok = self.buttons.addButton("Import", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self._fill_choices()
        self._lay_out()
        self._connect()
        self._read()

    @property
    def order(self) -> dict[str, Any]:
        """The keywords of `Labels.import_from`."""
        class_map: dict[str | None, str | None] = {}
        makes = False
        for file_class, box in zip(self.classes, self.choices, strict=True):
            chosen = box.currentData()
            if chosen is NEW:
                makes = True
            elif chosen is LEAVE_OUT:
                class_map[file_class.word] = None
            elif chosen != file_class.class_id:
                class_map[file_class.word] = chosen
        return {
            "format": self.format.currentData(),
            "class_map": class_map or None,
            "make_classes": makes,
            "remember": self.remember.isChecked() and bool(class_map),
            "status": self.status.currentData(),
            "duplicates": self.duplicates.currentData(),
            **({"resample": True} if self.resample.isChecked() else {}),
        }

    def _fill_choices(self) -> None:
        self.format.addItem("as the file says", None)
        for form in all_formats().values():
            if form.reads:
                self.format.addItem(form.title, form.id)
        self.status.addItem("as the file says", None)
        for status in Status:
            self.status.addItem(str(status), status)
        for key, title in _DUPLICATES.items():
            self.duplicates.addItem(title, key)
        set_tooltip(self.duplicates, "same class, and an intersection over union of 0.9 or more")
        set_tooltip(self.resample, "a mask of other pixels than the scene's is refused without")
        set_tooltip(self.status, "suggested for predictions: they are reviewed before they count")

    def _lay_out(self) -> None:
        self.table.setHorizontalHeaderLabels(["in the file", "labels", "becomes"])
        self.table.verticalHeader().hide()
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        form = QFormLayout()
        form.addRow("File", plain_label(self._path))
        form.addRow("Format", self.format)
        form.addRow("Status", self.status)
        form.addRow("What is there already", self.duplicates)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.table, stretch=1)
        column.addWidget(self.remember)
        column.addWidget(self.resample)
        column.addWidget(self.told)
        column.addWidget(self.try_)
        column.addWidget(self.buttons)
        self.resize(560, 520)

    def _connect(self) -> None:
        self.format.activated.connect(self._read)
        self.status.activated.connect(self._foresee)
        self.duplicates.activated.connect(self._foresee)
        self.resample.toggled.connect(self._foresee)
        self.try_.clicked.connect(self._try)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _read(self) -> None:
        """Fill the table with the file's classes, or say why it cannot be read."""
        self.choices, self.classes = [], []
        self.resample.setVisible(self._is_mask())
        self.table.setRowCount(0)
        try:
            self.classes = classes_in(self._labels, self._path, self.format.currentData())
        except GeoLabelError as error:
            self._tell(str(error), is_fit=False)
            return
        self.table.setRowCount(len(self.classes))
        for row, each in enumerate(self.classes):
            word = QTableWidgetItem("(without a class)" if each.word is None else each.word)
            count = QTableWidgetItem(f"{each.count:,}")
            count.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, item in enumerate((word, count)):
                item.setFlags(Qt.ItemFlag.ItemIsEnabled)
                self.table.setItem(row, column, item)
            box = self._choice(each)
            self.choices.append(box)
            self.table.setCellWidget(row, 2, box)
        self._foresee()

    def _is_mask(self) -> bool:
        try:
            return importer_for(self._path, self.format.currentData()).content == "mask"
        except GeoLabelError:  # which the table's place tells
            return False

    def _choice(self, file_class: FileClass) -> QComboBox:
        """Return the choice of what becomes of a class; one that is not known becomes a new one."""
        box = QComboBox()
        for each in self._labels.ontology.classes:
            if each.kinds and not each.archived:
                box.addItem(swatch(each.color), each.name, each.id)
        if file_class.word is not None:
            box.addItem("a new class", NEW)
        box.addItem("leave out", LEAVE_OUT)
        wanted = file_class.class_id or (NEW if file_class.word is not None else LEAVE_OUT)
        datas = [box.itemData(i) for i in range(box.count())]
        box.setCurrentIndex(datas.index(wanted) if wanted in datas else datas.index(LEAVE_OUT))
        box.activated.connect(self._foresee)
        return box

    def _foresee(self) -> None:
        """Tell what would come in, of a file that is quickly tried."""
        if sum(each.count for each in self.classes) <= MAY_TRY:
            self._try()
        else:
            self._tell("", is_fit=True)

    def _try(self) -> None:
        try:
            report = self._labels.import_from(self._path, dry_run=True, **self.order)
        except GeoLabelError as error:
            self._tell(str(error), is_fit=False)
            return
        lines = [f"{report.imported} annotations would come in"]
        if report.skipped:
            where, why = report.skipped[0]
            lines.append(f"{len(report.skipped)} left out, first {where}: {why}")
        lines += report.notes
        self._tell("\n".join(lines[:6]), is_fit=True)

    def _tell(self, text: str, *, is_fit: bool) -> None:
        self.told.setText(text)
        self.ok.setEnabled(is_fit)


def ask_import(session: Session, path: str, parent: QWidget | None = None) -> Mapping[str, Any] | None:
    """Ask how a file is to be imported."""
    dialog = ImportDialog(session.labels, path, parent)
    return dialog.order if dialog.exec() else None
