"""The import dialog: which classes of a file become which of ours, what becomes of what is there already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.formats.columns import Report
from napari_geolabel.formats.registry import all_formats, importer_for
from napari_geolabel.geo.crs import short_name
from napari_geolabel.labels.file_classes import FileClass, classes_in
from napari_geolabel.labels.importing import PreparedImport, foresee_import, import_order, prepare_import
from napari_geolabel.labels.labels import Labels
from napari_geolabel.masks import Watch
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.background import why
from napari_geolabel.widgets.looking import Looks
from napari_geolabel.widgets.parts import plain_label, set_tooltip, swatch


@dataclass(frozen=True, kw_only=True)
class ImportChoice:
    """How a file is to be imported."""

    order: Mapping[str, Any] = field(default_factory=dict)
    """Keywords of `Labels.import_from`."""
    prepared: PreparedImport | None = None
    """What the dialog has made of the file already, where it still holds."""


AskImport = Callable[[Session, str, QWidget | None], ImportChoice | None]
"""Asks how a file is to be imported; None when the user gave up."""

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
        self._crs_seen: str | None = None
        self.classes: list[FileClass] = []
        self.choices: list[QComboBox] = []
        self.format, self.status, self.duplicates = QComboBox(), QComboBox(), QComboBox()
        self.crs = QComboBox()
        self.remember = QCheckBox("remember these classes in the ontology")
        self.resample = QCheckBox("lay it on the scene's pixels by nearest neighbour")
        self.table, self.told = QTableWidget(0, 3), plain_label()
        self.outside = QCheckBox("take what lies outside the scene too")
        self.try_ = QPushButton("What would come in?")
        self.prepared: PreparedImport | None = None
        """What the import would bring, as long as nothing has changed since; None where that was not tried."""
        self._looks = Looks("import", self)
        self.progress = self._looks.progress
        self.buttons = QDialogButtonBox()
        self.ok = self.buttons.addButton("Import", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self._fill_choices()
        self._lay_out()
        self._connect()
        self._read()

    @property
    def is_busy(self) -> bool:
        """Whether the file is being looked at."""
        return self._looks.is_busy

    @property
    def choice(self) -> ImportChoice:
        """How the file is to be imported."""
        is_so = self.prepared is not None and self.prepared.order == import_order(self._path, **self.order)
        return ImportChoice(order=self.order, prepared=self.prepared if is_so else None)

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
            **({"outside": "keep"} if self.outside.isChecked() else {}),
            **({"crs": crs} if (crs := self._crs()) is not None else {}),
        }

    def _fill_choices(self) -> None:
        self.format.addItem("as the file says", None)
        for form in all_formats().values():
            if form.reads:
                self.format.addItem(form.title, form.id)
        self.crs.setEditable(True)
        self.crs.addItem("as the file says", None)
        grid = self._labels.scene.grid
        if grid.crs is not None:
            self.crs.addItem(f"{short_name(grid.crs)}, as the scene", "scene")
        set_tooltip(
            self.crs, "of map coordinates that name no CRS or a wrong one; a code such as EPSG:32631 may be typed"
        )
        self.status.addItem("as the file says", None)
        for status in Status:
            self.status.addItem(str(status), status)
        for key, title in _DUPLICATES.items():
            self.duplicates.addItem(title, key)
        set_tooltip(self.duplicates, "same class, and an intersection over union of 0.9 or more")
        set_tooltip(self.outside, "of a map that reaches beyond the scene only what touches it comes in otherwise")
        set_tooltip(self.try_, "tries the import and changes nothing")
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
        form.addRow("Coordinates", self.crs)
        form.addRow("Status", self.status)
        form.addRow("What is there already", self.duplicates)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.table, stretch=1)
        column.addWidget(self.remember)
        column.addWidget(self.resample)
        column.addWidget(self.outside)
        column.addWidget(self.told)
        column.addWidget(self.progress)
        column.addWidget(self.try_)
        column.addWidget(self.buttons)
        self.resize(560, 520)

    def _connect(self) -> None:
        self.format.activated.connect(self._read)
        self.crs.activated.connect(self._read)
        self._typed().editingFinished.connect(self._on_typed)
        self.status.activated.connect(self._foresee)
        self.duplicates.activated.connect(self._foresee)
        self.resample.toggled.connect(self._foresee)
        self.outside.toggled.connect(self._foresee)
        self._labels.changed.connect(self._on_labels)
        self._labels.ontology_changed.connect(self._on_labels)
        self.finished.connect(self._retire)
        self.try_.clicked.connect(self._try)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _read(self) -> None:
        """Have the classes of the file looked for, and then shown."""
        self.choices, self.classes = [], []
        self._crs_seen = self._crs()
        self.crs.setEnabled(not self._is_mask())
        self.resample.setVisible(self._is_mask())
        self.outside.setVisible(not self._is_mask())
        self.table.setRowCount(0)
        chosen = self.format.currentData()
        reading = partial(classes_in, self._labels, self._path, chosen, crs=self._crs_seen)
        self._look("reading the file…", lambda watch: reading(watch=watch), self._fill)

    def _fill(self, classes: list[FileClass]) -> None:
        """Fill the table with the file's classes."""
        self.classes = classes
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

    def _typed(self) -> QLineEdit:
        return self.crs.lineEdit()

    def _on_typed(self) -> None:
        """Look again where another CRS was typed than was looked with."""
        if self._crs() != self._crs_seen:
            self._read()

    def _crs(self) -> str | None:
        """Return the chosen or typed CRS, None for what the file says."""
        text = self.crs.currentText().strip()
        index = self.crs.findText(text)
        return text or None if index < 0 else self.crs.itemData(index)

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
        if file_class.word is not None and file_class.class_id is None:  # what we know does not become new
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
            self._looks.stop()
            self.prepared = None
            self._tell("", is_fit=True)

    def _try(self) -> None:
        """Have the import prepared, which can take long; what was being tried before is given up."""
        order = import_order(self._path, **self.order)
        self._look(
            "looking what would come in…", lambda watch: prepare_import(self._labels, order, watch), self._take_prepared
        )

    def _take_prepared(self, prepared: PreparedImport) -> None:
        self.prepared = prepared
        self._tell("\n".join(foreseen(foresee_import(self._labels, prepared))), is_fit=True)

    def _on_labels(self, _change: object) -> None:
        """Try again, since what was prepared is for labels that have changed."""
        if self.prepared is not None or self.is_busy:
            self._read() if not self.choices else self._foresee()

    def _look(self, doing: str, work: Callable[[Watch], Any], take: Callable[[Any], object]) -> None:
        """Do some work beside Qt's thread and hand on what comes of it, or tell why nothing does."""
        self.prepared = None
        self._tell(doing, is_fit=False)
        self._looks.ask(
            work,
            lambda result: self._tell(why(result), is_fit=False) if isinstance(result, Exception) else take(result),
        )

    def _retire(self) -> None:
        """Let go of the labels, which outlive this dialog."""
        self._labels.changed.disconnect(self._on_labels, missing_ok=True)
        self._labels.ontology_changed.disconnect(self._on_labels, missing_ok=True)

    def _tell(self, text: str, *, is_fit: bool) -> None:
        self.told.setText(text)
        self.ok.setEnabled(is_fit)


def foreseen(report: Report) -> list[str]:
    """Return what a report of a dry run tells, a line each."""
    lines = [f"{report.imported:,} annotations would come in"]
    if report.skipped:
        where, why = report.skipped[0]
        lines.append(f"{len(report.skipped):,} left out, first {where}: {why}")
    return [*lines, *report.notes][:6]


def ask_import(session: Session, path: str, parent: QWidget | None = None) -> ImportChoice | None:
    """Ask how a file is to be imported."""
    dialog = ImportDialog(session.labels, path, parent)
    return dialog.choice if dialog.exec() else None
