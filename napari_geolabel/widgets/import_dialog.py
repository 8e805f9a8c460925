"""The import dialog: which classes of a file become which of ours, what becomes of what is there already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QProgressBar,
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
from napari_geolabel.labels.file_classes import FileClass, classes_in
from napari_geolabel.labels.importing import import_order, prepare_import
from napari_geolabel.labels.labels import Labels
from napari_geolabel.masks import Watch
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.background import Background, told
from napari_geolabel.widgets.parts import plain_label, set_tooltip, swatch

AskImport = Callable[[Session, str, QWidget | None], Mapping[str, Any] | None]
"""Asks how a file is to be imported: the keywords of `Labels.import_from`; None when the user gave up."""

NEW, LEAVE_OUT = object(), object()
MAY_TRY = 20_000
"""Files of so many labels are tried at once; the button tries larger ones."""
_SHOWN_AFTER_MS = 300  # a shorter look shows no progress, which would only flash
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
        self.outside = QCheckBox("take what lies outside the scene too")
        self.try_ = QPushButton("What would come in?")
        self.progress = QProgressBar()
        self.is_busy = False
        """Whether the file is being looked at."""
        self._background, self._watch = Background("import"), _Look()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._show_progress)
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
            **({"outside": "keep"} if self.outside.isChecked() else {}),
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
        self.status.activated.connect(self._foresee)
        self.duplicates.activated.connect(self._foresee)
        self.resample.toggled.connect(self._foresee)
        self.outside.toggled.connect(self._foresee)
        self.finished.connect(self._end)
        self.try_.clicked.connect(self._try)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _read(self) -> None:
        """Have the classes of the file looked for, and then shown."""
        self.choices, self.classes = [], []
        self.resample.setVisible(self._is_mask())
        self.outside.setVisible(not self._is_mask())
        self.table.setRowCount(0)
        chosen = self.format.currentData()
        self._look("reading the file…", lambda watch: classes_in(self._labels, self._path, chosen, watch), self._fill)

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
        """Have the import tried, which can take long; what was being tried before is given up."""
        order = import_order(self._path, dry_run=True, **self.order)
        self._look(
            "looking what would come in…",
            lambda watch: prepare_import(self._labels, order, watch).report,
            lambda report: self._tell("\n".join(foreseen(report)), is_fit=True),
        )

    def _look(self, doing: str, work: Callable[[Watch], Any], take: Callable[[Any], object]) -> None:
        """Do some work beside Qt's thread and hand on what comes of it, unless something newer is asked by then."""
        self._watch.is_given_up = True
        look = self._watch = _Look()
        watch = Watch(progress=look.tell, cancelled=lambda: look.is_given_up)
        self._set_busy(is_busy=True)
        self._tell(doing, is_fit=False)

        def taken(result: object) -> None:
            if look.is_given_up:
                return
            self._set_busy(is_busy=False)
            if isinstance(result, GeoLabelError):
                self._tell(str(result), is_fit=False)
            else:
                take(result)

        self._background.ask(told(lambda: work(watch)), taken)

    def _set_busy(self, *, is_busy: bool) -> None:
        self.is_busy = is_busy
        self.progress.setVisible(False)
        if is_busy:
            self._timer.start(_SHOWN_AFTER_MS)
        else:
            self._timer.stop()

    def _show_progress(self) -> None:
        """Show how far the work is; a range of nothing is a bar that runs to and fro."""
        share = self._watch.share
        self.progress.setRange(0, 1000 if share else 0)
        self.progress.setValue(round(1000 * share))
        self.progress.setVisible(True)

    def _end(self) -> None:
        """Give up what is being looked at."""
        self._watch.is_given_up = True
        self._timer.stop()
        self._background.abandon()

    def _tell(self, text: str, *, is_fit: bool) -> None:
        self.told.setText(text)
        self.ok.setEnabled(is_fit)


class _Look:
    """How far a look at the file is, and whether anybody still waits for it."""

    def __init__(self) -> None:
        self.share, self.is_given_up = 0.0, False

    def tell(self, share: float) -> None:
        """Note how far the work is; on its own thread."""
        self.share = share


def foreseen(report: Report) -> list[str]:
    """Return what a report of a dry run tells, a line each."""
    lines = [f"{report.imported:,} annotations would come in"]
    if report.skipped:
        where, why = report.skipped[0]
        lines.append(f"{len(report.skipped):,} left out, first {where}: {why}")
    return [*lines, *report.notes][:6]


def ask_import(session: Session, path: str, parent: QWidget | None = None) -> Mapping[str, Any] | None:
    """Ask how a file is to be imported."""
    dialog = ImportDialog(session.labels, path, parent)
    return dialog.order if dialog.exec() else None
