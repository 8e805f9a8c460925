"""Training sets from the window: how to cut, where to, and how far it is; the work is done beside Qt's thread."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QPixmap
from qtpy.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_geolabel.errors import CancelledError, GeoLabelError
from napari_geolabel.labels.chip_labels import Held, plan_held
from napari_geolabel.labels.chip_plan import SPLITS, ChipPlan, Planned
from napari_geolabel.labels.training_set import LABEL_FORMATS, TrainingSet, prepare_chips
from napari_geolabel.masks import Watch
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.background import Background, expected, told, why
from napari_geolabel.widgets.parts import plain_label, set_tooltip, set_width
from napari_geolabel.widgets.relay import Relay

_FORMATS = {
    "coco": "COCO",
    "yolo": "YOLO, boxes",
    "yolo-seg": "YOLO, outlines",
    "yolo-obb": "YOLO, rotated boxes",
    "dota": "DOTA",
    "mask": "masks",
}
_PICTURE_PX = 600
_NUMBER_PX = 110


class ChipsDialog(QDialog):  # type: ignore[misc]  # qtpy has no types
    """Asks how a scene is cut into chips, tells what would come of it, makes them, and shows what there is.

    It stays open while one goes on labelling; the set has the labels of the
    moment in which it was begun.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Make a training set")
        self._session = session
        self._background = Background("chips")
        self._cancelled = threading.Event()
        self._asked, self._share, self._is_making = 0, 0.0, False
        self._fields()
        self._lay_out()
        self._connect()
        self._relay = Relay(self._show_share, self)
        session.closed.connect(self._on_closed)
        self._foresee()

    @property
    def plan(self) -> ChipPlan:
        """How to cut.

        Raises
        ------
        FormatError
            If the numbers make no sense together.
        """
        train, val, test = (box.value() / 100 for box in self.split.values())
        return ChipPlan(
            size_px=self.size_px.value(),
            overlap_px=self.overlap_px.value(),
            min_visible=self.min_visible.value() / 100,
            negatives=self.negatives.value() / 100,
            split=(train, val, test),
            block_chips=self.block_chips.value(),
            seed=self.seed.value(),
        )

    @property
    def is_making(self) -> bool:
        """Whether a set is being made."""
        return self._is_making

    def make(self) -> None:
        """Begin to make the set, or say why it cannot be."""
        images: Any = self.images.currentData()
        try:
            work = prepare_chips(
                self._session.labels,
                self.folder.text().strip(),
                plan=self.plan,
                images=images,
                labels_as=self.labels_as.currentData(),
                composite=self._session.composite,
            )
        except GeoLabelError as error:
            self.result_text.setText(str(error))
            return
        self._cancelled.clear()
        self._set_making(is_making=True)
        watch = Watch(progress=self._tell_share, cancelled=self._cancelled.is_set)
        self._background.ask(told(partial(work, watch)), self._done)

    def cancel(self) -> None:
        """End the work soon; what has been written stays."""
        self._cancelled.set()

    def _end(self) -> None:
        """End the work with the window, however that is closed."""
        self._cancelled.set()
        self._background.abandon()
        self._session.closed.disconnect(self._on_closed, missing_ok=True)

    def _fields(self) -> None:
        scene = self._session.scene
        self.folder, self.browse = QLineEdit(str(scene.path.with_name(f"{scene.name}_chips"))), QPushButton("Browse…")
        self.labels_as, self.images = QComboBox(), QComboBox()
        for form in LABEL_FORMATS:
            self.labels_as.addItem(_FORMATS.get(form, form), form)
        self.images.addItem("GeoTIFF, all bands as they are", "tif")
        self.images.addItem("PNG, the composite that is shown", "png")
        self.size_px, self.overlap_px = _number(16, 8192, 512, " px"), _number(0, 8191, 0, " px")
        self.min_visible, self.negatives = _share(1, 100, 25), _share(0, 1000, 25)
        self.split = {name: _number(0, 100, share, " %") for name, share in zip(SPLITS, (80, 10, 10), strict=True)}
        self.block_chips, self.seed = _number(1, 1000, 4), _number(0, 2**31 - 1, 0)
        self.foreseen, self.result_text, self.picture = plain_label(), plain_label(), plain_label()
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.hide()
        self.picture.hide()
        self.buttons = QDialogButtonBox()
        self.ok = self.buttons.addButton("Make", QDialogButtonBox.ButtonRole.ActionRole)
        self.end = self.buttons.addButton("Stop", QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self.end.setEnabled(False)
        self.ok.setEnabled(False)  # until it is known what would come

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow("Folder", _row(self.folder, self.browse))
        form.addRow("Labels as", self.labels_as)
        form.addRow("Pictures as", self.images)
        form.addRow("Size of a chip", _row(self.size_px, plain_label("overlap"), self.overlap_px, None))
        form.addRow("Least visible share of a label", _row(self.min_visible, None))
        form.addRow("Chips without labels", _row(self.negatives, plain_label("of those with labels"), None))
        splits = [each for name, box in self.split.items() for each in (plain_label(name), box)]
        form.addRow("Splits", _row(*splits, None))
        form.addRow(
            "Dealt out in blocks of", _row(self.block_chips, plain_label("chips a side, seed"), self.seed, None)
        )
        set_tooltip(self.min_visible, "a label that is cut at the edge of a chip counts from this share of it on")
        set_tooltip(self.negatives, "they teach what is nothing; keep them only where all was looked through")
        set_tooltip(self.block_chips, "chips side by side look alike: whole blocks go into one split")
        set_tooltip(self.seed, "the same seed gives the same set")
        set_tooltip(self.folder, "a new or empty folder")
        column = QVBoxLayout(self)
        column.addLayout(form)
        for part in (self.foreseen, self.progress, self.result_text, self.picture):
            column.addWidget(part)
        column.addStretch()
        column.addWidget(self.buttons)
        self.resize(640, 460)

    def _connect(self) -> None:
        for box in (self.size_px, self.overlap_px, self.min_visible, self.negatives, self.block_chips, self.seed):
            box.valueChanged.connect(self._foresee)
        for box in self.split.values():
            box.valueChanged.connect(self._foresee)
        self.labels_as.currentIndexChanged.connect(self._foresee)
        self.browse.clicked.connect(self._on_browse)
        self.ok.clicked.connect(self.make)
        self.end.clicked.connect(self.cancel)
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(self._end)

    def _on_closed(self) -> None:
        self.reject()

    def _on_browse(self) -> None:
        path = QFileDialog.getExistingDirectory(
            self, "Folder of the training set", str(Path(self.folder.text()).parent)
        )
        if path:
            self.folder.setText(str(path))

    def _foresee(self) -> None:
        """Have it worked out beside this thread what would come of the numbers as they are."""
        self._asked += 1
        if self._is_making:
            return
        try:
            plan = self.plan
        except GeoLabelError as error:
            self._show_foreseen(self._asked, error)
            return
        job = partial(plan_held, [Held.of(self._session.labels)], plan, self.labels_as.currentData())
        asked = self._asked
        self._background.ask(
            told(partial(_unless, lambda: asked != self._asked, job)), partial(self._show_foreseen, asked)
        )

    def _show_foreseen(self, asked: int, found: Planned | Exception | None) -> None:
        if asked != self._asked or found is None:
            return
        is_fit = isinstance(found, Planned) and any(chip.is_labelled for chip in found.chips)
        self.foreseen.setText(foreseen_text(found))
        self.ok.setEnabled(is_fit and not self._is_making)
        expected(found)

    def _tell_share(self, share: float) -> None:
        """Note how far the work is; on its own thread."""
        self._share = share
        self._relay.ask()

    def _show_share(self) -> None:
        self.progress.setValue(round(1000 * self._share))

    def _set_making(self, *, is_making: bool) -> None:
        self._is_making = is_making
        self.progress.setVisible(is_making)
        self.progress.setValue(0)
        self.ok.setEnabled(not is_making)
        self.end.setEnabled(is_making)
        if is_making:
            self.picture.hide()
            self.result_text.setText("making the set of the labels as they are now; you may go on labelling")

    def _done(self, found: TrainingSet | Exception) -> None:
        """Say what came of it, and show how many labels of each class there are and how large."""
        self._set_making(is_making=False)
        self._foresee()
        if isinstance(found, CancelledError):
            self.result_text.setText(f"stopped; what was written is left in {self.folder.text().strip()}")
        elif isinstance(found, Exception):
            self.result_text.setText(why(found))
            expected(found)
        else:
            self.result_text.setText(result_text(found))
            picture = QPixmap(str(found.folder / "statistics.png"))
            self.picture.setPixmap(picture.scaledToWidth(_PICTURE_PX, Qt.TransformationMode.SmoothTransformation))
            self.picture.show()


def foreseen_text(found: Planned | Exception) -> str:
    """Return what would come of a plan, in a sentence."""
    if isinstance(found, Exception):
        return why(found)
    labelled = sum(chip.is_labelled for chip in found.chips)
    if not labelled:
        return "no chip would have a label; label something, or lower the least visible share"
    splits = ", ".join(f"{sum(chip.split == split for chip in found.chips)} {split}" for split in SPLITS)
    shown = sum(len(chip.annotations) for chip in found.chips)
    paint = " and paint" if any(chip.is_painted for chip in found.chips) else ""
    return f"{len(found.chips)} chips ({splits}), {labelled} of them with {shown} labels{paint}"


def result_text(made: TrainingSet) -> str:
    """Return what was made and what was left out, a sentence to a line."""
    chips = ", ".join(f"{count} {split}" for split, count in made.chips.items())
    labels = ", ".join(f"{count} {name}" for name, count in made.labels.items())
    return "\n".join([f"{made.folder}: chips {chips}; labels {labels}", *made.notes[:4]])


def show_chips_dialog(session: Session, parent: QWidget | None = None) -> ChipsDialog:
    """Open the dialog beside the window, and return it."""
    dialog = ChipsDialog(session, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
    return dialog


def window_on_top() -> QWidget | None:
    """Return the window that a menu was opened in, which a dialog without a button of its own belongs to."""
    windows = (each for each in QApplication.topLevelWidgets() if isinstance(each, QMainWindow) and each.isVisible())
    return QApplication.activeWindow() or next(windows, None)


def _unless(is_stale: Any, job: Any) -> Any:  # noqa: ANN401  (whatever the job returns)
    """Return what a job gives, None where nobody wants it any more."""
    return None if is_stale() else job()


def _number(least: int, most: int, value: int, suffix: str = "") -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setValue(value)
    box.setSuffix(suffix)
    set_width(box, _NUMBER_PX)
    return box


def _share(least: int, most: int, value: int) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(least, most)
    box.setDecimals(0)
    box.setValue(value)
    box.setSuffix(" %")
    set_width(box, _NUMBER_PX)
    return box


def _row(*parts: QWidget | None) -> QHBoxLayout:
    """Return widgets in a row; None is a space that grows."""
    row = QHBoxLayout()
    for part in parts:
        if part is None:
            row.addStretch()
        else:
            row.addWidget(part)
    return row
