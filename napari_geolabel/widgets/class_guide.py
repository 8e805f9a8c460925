"""The class in hand, how it may be drawn, what the guideline says of it, and pictures of it: always in sight."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QIcon, QImage, QPixmap
from qtpy.QtWidgets import QDialog, QFrame, QHBoxLayout, QPlainTextEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.example_pictures import load_example
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.fold_arrow import FoldArrow
from napari_geolabel.widgets.parts import heading, plain_label, set_tooltip, swatch

GUIDELINE_LINES = 4
"""Room for the guideline, so that what is below does not jump from class to class; more of it is scrolled to."""
THUMBNAIL_PX = 48
LARGE_PX = 800


class ClassGuide(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Tells of the class that new annotations get."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.icon, self.name, self.ways = plain_label(), heading(""), plain_label()
        self.guideline = _guideline()
        self.pictures, self.body = QWidget(), QWidget()
        self.fold = FoldArrow("the guideline", self.body, is_open=True)
        self.thumbnails: list[QToolButton] = []
        self._shown: tuple[Path, ...] = ()
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        session.class_changed.connect(self._show)
        session.classes.changed.connect(self._show)
        session.labels.ontology_changed.connect(self._show)
        session.closed.connect(self._retire)
        self._show()

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        self.icon.setWordWrap(False)
        self.name.setWordWrap(False)
        title.addWidget(self.icon)
        title.addWidget(self.name)
        title.addWidget(self.ways, stretch=1)
        title.addWidget(self.fold)
        row = QHBoxLayout(self.pictures)
        row.setContentsMargins(0, 0, 0, 0)
        row.setAlignment(Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 2)
        column.setSpacing(2)
        column.addLayout(title)
        column.addWidget(self.body)
        below = QVBoxLayout(self.body)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(2)
        below.addWidget(self.guideline)
        below.addWidget(self.pictures)

    def _show(self, _what: object = None) -> None:
        classes = self._session.classes
        label_class = classes[classes.current]
        self.icon.setPixmap(swatch(label_class.color).pixmap(14, 14))
        self.name.setText(label_class.name)
        states = [
            word for word, ids in (("hidden", classes.hidden), ("locked", classes.locked)) if label_class.id in ids
        ]
        key = [] if label_class.hotkey is None else [f"key {label_class.hotkey.upper()}"]
        self.ways.setText(" · ".join([classes.ways(label_class.id), *key, *states]))
        self.guideline.setPlainText(label_class.description or "no guideline")
        set_tooltip(self.guideline, label_class.description)
        self._show_pictures(classes.examples(label_class.id))

    def _show_pictures(self, paths: Sequence[Path]) -> None:
        """Show thumbnails; a picture that cannot be read is a word that says why."""
        self.pictures.setVisible(bool(paths))
        if tuple(paths) == self._shown:
            return
        for old in self.thumbnails:
            old.deleteLater()
        self._shown = tuple(paths)
        self.thumbnails = [_thumbnail(path) for path in paths]
        for path, button in zip(paths, self.thumbnails, strict=True):
            button.clicked.connect(partial(show_large, self, path))
            self.pictures.layout().addWidget(button)

    def _retire(self) -> None:
        """Let go of the labels, which may outlive this panel."""
        self._session.labels.ontology_changed.disconnect(self._show, missing_ok=True)


def show_large(parent: QWidget, path: Path, *_: object) -> QDialog | None:
    """Show an example picture in a window of its own; one that cannot be read is told."""
    try:
        pixmap = _pixmap(path, LARGE_PX)
    except GeoLabelError as error:
        warn(str(error))
        return None
    dialog, label = QDialog(parent), plain_label()
    dialog.setWindowTitle(path.name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    label.setPixmap(pixmap)
    QVBoxLayout(dialog).addWidget(label)
    dialog.show()
    return dialog


def _thumbnail(path: Path) -> QToolButton:
    button = QToolButton()
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setIconSize(QSize(THUMBNAIL_PX, THUMBNAIL_PX))
    try:
        button.setIcon(QIcon(_pixmap(path, 2 * THUMBNAIL_PX)))
        set_tooltip(button, f"{path.name}: click to see it large")
    except GeoLabelError as error:
        button.setText(path.name)
        button.setEnabled(False)
        set_tooltip(button, str(error))
    return button


def _pixmap(path: Path, most_px: int) -> QPixmap:
    rgba = load_example(path, most_px)
    rows, cols, _ = rgba.shape
    image = QImage(rgba.tobytes(), cols, rows, 4 * cols, QImage.Format.Format_RGBA8888)
    return QPixmap.fromImage(image.copy())  # the bytes are gone when this returns


def _guideline() -> QPlainTextEdit:
    """Return a text without a frame that is read, and scrolled with the wheel where it is long."""
    text = QPlainTextEdit()
    text.setReadOnly(True)
    text.setFrameShape(QFrame.Shape.NoFrame)
    text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    text.setStyleSheet("QPlainTextEdit { background: transparent; padding: 0; }")
    text.document().setDocumentMargin(0)
    text.setFixedHeight(GUIDELINE_LINES * text.fontMetrics().lineSpacing() + 2)
    return text
