"""The whole scene in small: what has been looked at, the cells, and the view, which a click moves."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from qtpy.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from qtpy.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.render import render
from napari_geolabel.viewer.cell_grid import CELL_COLORS
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.background import Background, expected, told
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.parts import plain_label, set_tooltip

PICTURE_PX = 320
"""Longer side of the picture, in pixels."""
UNSEEN = QColor(0, 0, 0, 130)
"""Veil over what has not been looked at."""
VIEW_COLOR = QColor("#ffffff")


class Minimap(QWidget):  # type: ignore[misc]  # qtpy has no types
    """The picture: unseen parts are veiled, a white frame is the view; a click or a drag brings its place into view."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._picture: QImage | None = None
        self._work = Background("minimap")
        self.setMinimumSize(160, 120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        ways = session.ways
        ways.seen.moved.connect(self._on_change)  # psygnal holds bound methods weakly
        ways.seen.changed.connect(self._on_change)
        session.labels.store.changed.connect(self._on_change)
        session.composite_changed.connect(self._on_composite)
        session.closed.connect(self._work.abandon)
        self._on_composite()

    @property
    def has_picture(self) -> bool:
        """Whether the picture of the scene has been made."""
        return self._picture is not None

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's)
        """Return the size that it would like to have."""
        return QSize(PICTURE_PX, PICTURE_PX * 3 // 4)

    def place_at(self, point: QPointF) -> tuple[float, float]:
        """Return the scene's pixel point ``(x, y)`` under a point of the widget, the nearest one beside the scene."""
        frame, (rows, cols) = self.frame, self._session.scene.grid.shape
        x = (point.x() - frame.x()) / frame.width() * cols
        y = (point.y() - frame.y()) / frame.height() * rows
        return float(np.clip(x, 0, cols)), float(np.clip(y, 0, rows))

    @property
    def frame(self) -> QRectF:
        """Where the scene lies in the widget."""
        rows, cols = self._session.scene.grid.shape
        scale = min(self.width() / cols, self.height() / rows)
        width, height = cols * scale, rows * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's)
        """Bring what is clicked into the middle of the view."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._session.ways.center_on(self.place_at(event.position()))

    mouseMoveEvent = mousePressEvent  # noqa: N815  (Qt's; without a button held Qt tells of no moves)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  (Qt's)
        """Draw everything."""
        painter, frame = QPainter(self), self.frame
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._picture is not None:
            painter.drawImage(frame, self._picture)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(frame, _veil(self._session.ways.seen.raster))
        self._draw_cells(painter)
        painter.setPen(QPen(VIEW_COLOR, 2))
        x0, y0, x1, y1 = self._session.ways.view
        painter.setClipRect(frame.adjusted(-1, -1, 1, 1))
        painter.drawRect(self._on_screen(x0, y0, x1, y1))
        painter.end()

    def _draw_cells(self, painter: QPainter) -> None:
        """Frame the cells that somebody has labelled or checked."""
        if not self._session.ways.cells.is_on:
            return
        coverage = self._session.labels.coverage
        states = coverage.states()
        for cell in coverage:
            painter.setPen(QPen(QColor(CELL_COLORS[states[cell]]), 1))
            painter.drawRect(self._on_screen(*coverage.bounds(cell)).adjusted(1, 1, -1, -1))

    def _on_screen(self, x0: float, y0: float, x1: float, y1: float) -> QRectF:
        frame, (rows, cols) = self.frame, self._session.scene.grid.shape
        across, down = frame.width() / cols, frame.height() / rows
        return QRectF(frame.x() + x0 * across, frame.y() + y0 * down, (x1 - x0) * across, (y1 - y0) * down)

    def _on_change(self, *_: object) -> None:
        self.update()

    def _on_composite(self, *_: object) -> None:
        scene, composite = self._session.scene, self._session.composites[self._session.composites.current]
        self._work.ask(told(partial(render, scene, composite, max_size=PICTURE_PX)), self._take)

    def _take(self, outcome: NDArray[np.uint8] | Exception) -> None:
        found = expected(outcome)
        if not isinstance(found, GeoLabelError):  # the scene's own layer tells what cannot be read
            self._picture = _image(found)
            self.update()


class MapDock(QWidget):  # type: ignore[misc]  # qtpy has no types
    """The minimap with what one does on it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.map, self.note = Minimap(session), plain_label()
        self.cells, self.next, self.nothing = QCheckBox("Cells"), QPushButton("Next open"), QPushButton("Nothing here")
        self.forget = QPushButton("Forget")
        self._lay_out()
        ways = session.ways
        self.cells.setChecked(ways.cells.is_on)
        self.cells.toggled.connect(partial(setattr, ways.cells, "is_on"))
        self.next.clicked.connect(lambda: ways.next_cell())
        self.nothing.clicked.connect(lambda: ways.nothing_here())
        self.forget.clicked.connect(lambda: ways.seen.forget())
        ways.cells.changed.connect(self._on_cells)
        ways.seen.changed.connect(self._show)
        session.labels.store.changed.connect(self._on_change)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        keys = self._session.keys
        hint(self.cells, keys, "Frame the cells on the map: blue labelled, yellow checked, orange open ({cells})")
        hint(self.next, keys, "Go to the next cell that is neither labelled nor checked ({next_cell})")
        hint(self.nothing, keys, "Note that there is nothing in this cell, and go to the next ({nothing_here})")
        set_tooltip(self.forget, "Veil all again, as if nothing had been looked at. Marks of cells stay.")
        beside = QVBoxLayout()
        for widget in (self.note, self.cells, self.next, self.nothing, self.forget):
            beside.addWidget(widget)
        beside.addStretch(1)
        row = QHBoxLayout(self)  # the docks below the map are low and wide
        row.addWidget(self.map, 3)
        row.addLayout(beside, 1)

    def _on_cells(self, is_on: bool) -> None:
        self.cells.setChecked(is_on)
        self.map.update()

    def _on_change(self, *_: object) -> None:
        self._timer.start(100)

    def _show(self) -> None:
        states = self._session.labels.coverage.states().ravel().tolist()
        counts = ", ".join(f"{states.count(state)} {state}" for state in CELL_COLORS)
        self.note.setText(f"{self._session.ways.seen.share:.0%} seen near enough to tell pixels. Cells: {counts}.")


def _veil(seen: NDArray[np.bool_]) -> QImage:
    """Return the veil over what is not seen."""
    rgba = np.zeros((*seen.shape, 4), np.uint8)
    rgba[~seen] = UNSEEN.getRgb()
    return _image(rgba)


def _image(rgba: NDArray[np.uint8]) -> QImage:
    """Return pixels, uint8 of shape (rows, cols, 4), as an image of their own."""
    rows, cols = rgba.shape[:2]
    data = np.ascontiguousarray(rgba)
    return QImage(data.data, cols, rows, 4 * cols, QImage.Format.Format_RGBA8888).copy()
