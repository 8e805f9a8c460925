"""The line of a swipe over the map: a widget that the mouse drags, so that tools and labels hear nothing of it."""

from __future__ import annotations

from qtpy.compat import isalive
from qtpy.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from qtpy.QtWidgets import QLabel, QWidget

from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.parts import word

GRIP_PX = 21
"""How wide the line is for the mouse; an odd number, so that it has a middle."""
_LINE_PX = 3
_KNOB_PX = 10
_NAME_GAP_PX, _NAME_TOP_PX = 8, 8
_RIM, _FILL = QColor(20, 20, 20), QColor(255, 255, 255)
_NAME_STYLE = "background: rgba(20, 20, 20, 170); color: white; padding: 2px 6px; border-radius: 3px;"


class SwipeLine(QWidget):  # type: ignore[misc]  # qtpy has no types
    """The line of a session's swipe, with the names of what is shown on either side; hidden while there is none."""

    def __init__(self, session: Session) -> None:
        canvas: QWidget = canvas_widget(session.viewer)
        super().__init__(canvas)
        self._swipe = session.views.swipe
        self.left, self.right = _name(canvas), _name(canvas)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys stay with the map
        text = "Drag the line; double click puts it into the middle. {swipe} or Escape ends the swipe."
        hint(self, session.keys, text)
        canvas.installEventFilter(self)
        self._swipe.changed.connect(self._show)
        self._swipe.moved.connect(self._place)
        session.closed.connect(self._retire)
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        """Follow the size of the map; Qt calls this."""
        if event.type() == QEvent.Type.Resize and self._swipe.is_on:
            self._swipe.draw()
        return bool(super().eventFilter(watched, event))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the line; Qt calls this."""
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move the line to the mouse; Qt calls this."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            column = self.mapToParent(event.position().toPoint()).x()
            self._swipe.position = column / max(self.parentWidget().width(), 1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let go of the line; Qt calls this."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: ARG002, N802
        """Put the line into the middle; Qt calls this."""
        self._swipe.position = 0.5

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Draw a line and a knob with two arrows; Qt calls this."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, half = GRIP_PX / 2, self.height() / 2
        painter.fillRect(QRectF(middle - _LINE_PX / 2, 0, _LINE_PX, self.height()), _RIM)
        painter.fillRect(QRectF(middle - 0.5, 0, 1, self.height()), _FILL)
        painter.setPen(_RIM)
        painter.setBrush(_FILL)
        painter.drawEllipse(QPointF(middle, half), _KNOB_PX - 0.5, _KNOB_PX - 0.5)
        painter.setBrush(_RIM)
        for way in (-1, 1):
            tip = [(7, 0), (2.5, -4), (2.5, 4)]
            painter.drawPolygon(QPolygonF([QPointF(middle + way * x, half + y) for x, y in tip]))
        painter.end()

    def _show(self) -> None:
        """Follow the swipe: whether it is on, and what its sides are called."""
        is_on = self._swipe.is_on
        names = self._swipe.titles if is_on else ("", "")
        marks = ("", "") if not is_on else ("", " ◂") if self._swipe.is_right_used else (" ◂", "")
        for label, text, mark in zip((self.left, self.right), names, marks, strict=True):
            label.setText(text + mark)
            label.adjustSize()
            label.setVisible(is_on)
        self.setVisible(is_on)
        self._place()

    def _place(self) -> None:
        """Put line and names where the swipe is."""
        if not self._swipe.is_on:
            return
        column = self._swipe.column_px
        self.setGeometry(column - GRIP_PX // 2, 0, GRIP_PX, self.parentWidget().height())
        self.left.move(column - _NAME_GAP_PX - self.left.width(), _NAME_TOP_PX)
        self.right.move(column + _NAME_GAP_PX, _NAME_TOP_PX)
        for each in (self.left, self.right, self):
            each.raise_()

    def _retire(self) -> None:
        """Go with the session."""
        self._swipe.changed.disconnect(self._show, missing_ok=True)
        self._swipe.moved.disconnect(self._place, missing_ok=True)
        for each in (self.left, self.right, self):
            if isalive(each):  # where the window closes, the canvas has taken its children along
                each.hide()
                each.deleteLater()


def _name(canvas: QWidget) -> QLabel:
    label = word("")
    label.setParent(canvas)
    label.setStyleSheet(_NAME_STYLE)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    label.hide()
    return label
