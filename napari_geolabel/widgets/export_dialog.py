"""The export dialog: format, file and options, and before anything is written what the format cannot hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.formats.registry import Format, all_formats
from napari_geolabel.geo.crs import short_name
from napari_geolabel.labels.exporting import PreparedExport, export_order, prepare_export
from napari_geolabel.labels.loss_notes import SUFFIX
from napari_geolabel.masks import Watch
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.amounts import amount_box
from napari_geolabel.widgets.background import why
from napari_geolabel.widgets.looking import Looks
from napari_geolabel.widgets.parts import plain_label, set_tooltip


@dataclass(frozen=True, kw_only=True)
class ExportChoice:
    """What is to be exported, and where to."""

    path: str
    order: Mapping[str, Any] = field(default_factory=dict)
    """Keywords of `Labels.export`."""


AskExport = Callable[[Session, QWidget | None], ExportChoice | None]
"""Asks for an export; None when the user gave up."""


_STYLES = {"qml": "QGIS (.qml)", "sld": "SLD (.sld)"}
_OVERLAPS = {"class": "the class that stands later in the ontology", "drawn": "what was drawn later"}
_MASK = "_mask"
_LOOKING = "looking what the file would not hold…"
_WHOLE = "The file holds everything."
_LOSSES = f"The file will not hold, as a file beside it ({SUFFIX}) will say:"


class ExportDialog(QDialog):  # type: ignore[misc]  # qtpy has no types
    """Says what is to be written (`choice`) and shows what would be lost."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export labels")
        self._session = session
        self.format, self.flavour = QComboBox(), QComboBox()
        self.path, self.browse = QLineEdit(), QPushButton("Browse…")
        self.all_touched = QCheckBox("every pixel that is touched, not only those whose centre is covered")
        self.overlaps, self.width = QComboBox(), amount_box(0.0, 0.0, "m wide")
        self.only_selected = QCheckBox("only the selected annotations")
        self.crs = QComboBox()
        self.styles = {style: QCheckBox(title) for style, title in _STYLES.items()}
        self.losses, self.told = QListWidget(), plain_label()
        self._looks = Looks("export", self)
        self.progress = self._looks.progress
        self.buttons = QDialogButtonBox()
        self.ok = self.buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        for form in all_formats().values():
            if form.writes:
                self.format.addItem(form.title, form)
        for flavour in ("semantic", "instance", "panoptic"):
            self.flavour.addItem(flavour, flavour)
        for order, words in _OVERLAPS.items():
            self.overlaps.addItem(words, order)
        self.width.setSpecialValueText("the pixels that they run through")
        grid = session.scene.grid
        self.crs.addItem("longitude and latitude (RFC 7946)", None)
        self.width.setEnabled(grid.is_georeferenced)
        if grid.crs is not None:
            self.crs.addItem(f"{short_name(grid.crs)}, as the scene", "scene")
        self.path.setText(str(session.scene.path.with_name(f"{session.scene.name}{self.form.suffixes[0]}")))
        self.selected = list(session.selection.ids)
        self.only_selected.setEnabled(bool(self.selected))
        self._lay_out()
        self._connect()
        self._show_losses()

    @property
    def is_busy(self) -> bool:
        """Whether it is being found out what the file would not hold."""
        return self._looks.is_busy

    @property
    def form(self) -> Format:
        """The chosen format."""
        found: Format = self.format.currentData()
        return found

    @property
    def choice(self) -> ExportChoice:
        """What is to be exported."""
        order: dict[str, Any] = {"format": self.form.id}
        if self.form.content == "mask":
            order |= {"all_touched": self.all_touched.isChecked(), "order": self.overlaps.currentData()}
            order |= {"width_m": self.width.value()} if self.width.value() else {}
            if self.form.flavour is None:
                order |= {"flavour": self.flavour.currentData()}
        if self.form.is_projectable and self.crs.currentData() is not None:
            order |= {"crs": self.crs.currentData()}
        styles = [style for style, box in self.styles.items() if box.isChecked() and self.form.is_styled]
        order |= {"styles": styles} if styles else {}
        if self.only_selected.isChecked():
            order |= {"ids": self.selected}
        return ExportChoice(path=self.path.text().strip(), order=order)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.path, stretch=1)
        row.addWidget(self.browse)
        self._style_row = QWidget()
        boxes = QHBoxLayout(self._style_row)
        boxes.setContentsMargins(0, 0, 0, 0)
        for box in self.styles.values():
            boxes.addWidget(box)
        boxes.addStretch()
        self._rows = QFormLayout()
        self._rows.addRow("Format", self.format)
        self._rows.addRow("File", row)
        self._rows.addRow("Coordinates", self.crs)
        self._rows.addRow("Style beside it", self._style_row)
        self._rows.addRow("Mask values", self.flavour)
        self._rows.addRow("Where they overlap", self.overlaps)
        self._rows.addRow("Lines and points", self.width)
        self._rows.addRow("Areas", self.all_touched)
        self._rows.addRow("", self.only_selected)
        set_tooltip(self.crs, "map coordinates that web maps do not understand, but QGIS, GDAL and geopandas do")
        set_tooltip(self._style_row, "the colours of the ontology; QGIS takes a .qml of the same name by itself")
        set_tooltip(self.flavour, "one for each class, one for each annotation, or both in one number")
        set_tooltip(self.overlaps, "suggestions never cover what a person has drawn or painted")
        set_tooltip(self.width, "their width on the ground in metres; 0 takes the pixels that they run through")
        self.losses.setWordWrap(True)
        column = QVBoxLayout(self)
        column.addLayout(self._rows)
        column.addWidget(self.told)
        column.addWidget(self.progress)
        column.addWidget(self.losses, stretch=1)
        column.addWidget(self.buttons)
        self.resize(620, 420)

    def _connect(self) -> None:
        self.format.activated.connect(self._on_format)
        self.browse.clicked.connect(self._on_browse)
        self.path.editingFinished.connect(self._show_losses)
        self.flavour.activated.connect(self._show_losses)
        self.crs.activated.connect(self._show_losses)
        self.only_selected.toggled.connect(self._show_losses)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _on_format(self) -> None:
        """Give the file the ending of the format."""
        path = self.path.text()
        endings = sorted({s for f in all_formats().values() for s in f.suffixes}, key=len, reverse=True)
        ending = next((each for each in endings if path.lower().endswith(each)), "")
        stem = path.removesuffix(path[len(path) - len(ending) :]) if ending else path
        suffix = self.form.suffixes[0]
        plain = str(self._session.scene.path.with_name(self._session.scene.name))
        if stem in (plain, plain + _MASK):  # a mask beside a scene of the same ending needs another name
            stem = plain + (_MASK if self.form.content == "mask" else "")
        self.path.setText(f"{stem}{suffix}" if suffix.startswith(".") else f"{stem}/{suffix}")
        self._show_losses()

    def _on_browse(self) -> None:
        title = f"{self.form.title} (*{self.form.suffixes[0]})"
        path, _ = QFileDialog.getSaveFileName(self, "Export labels", self.path.text(), title)
        if path:
            self.path.setText(str(path))
            self._show_losses()

    def _show_losses(self) -> None:
        """Have it found out what the file would not hold, and then listed."""
        is_mask = self.form.content == "mask"
        self._rows.setRowVisible(self.flavour, is_mask and self.form.flavour is None)
        for widget in (self.overlaps, self.width, self.all_touched):
            self._rows.setRowVisible(widget, is_mask)
        self._rows.setRowVisible(self.crs, self.form.is_projectable)
        self._rows.setRowVisible(self._style_row, self.form.is_styled)
        self.losses.clear()
        chosen = self.choice
        self.ok.setEnabled(bool(chosen.path))  # also while it is looked: who clicks it has just left the file's name
        try:
            prepared = prepare_export(self._session.labels, export_order(chosen.path, **chosen.order))
        except GeoLabelError as error:
            self._looks.stop()
            self._list(error)
            return
        self.told.setText(_LOOKING)
        self._looks.ask(lambda watch: self._losses(prepared, watch), self._list)

    @staticmethod
    def _losses(prepared: PreparedExport, watch: Watch) -> list[str]:
        """Return what the file would not hold; on another thread."""
        watch.tell(0.0)
        return prepared.losses()

    def _list(self, lost: list[str] | Exception) -> None:
        """List what the file would not hold, or say why it cannot be written."""
        if isinstance(lost, Exception):
            self.told.setText(why(lost))
            self.ok.setEnabled(False)
            return
        self.losses.addItems(lost)
        self.told.setText(_LOSSES if lost else _WHOLE)


def ask_export(session: Session, parent: QWidget | None = None) -> ExportChoice | None:
    """Ask for an export."""
    dialog = ExportDialog(session, parent)
    return dialog.choice if dialog.exec() else None
