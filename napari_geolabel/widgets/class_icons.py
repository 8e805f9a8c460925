"""The eye and the padlock of the list of classes, drawn here so that they look the same on every system."""

from __future__ import annotations

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

ICON_PX = 32
"""Twice what is shown, for screens with small pixels."""
FADED = 0.6
"""Opacity of what is as it usually is."""


def eye_icon(color: str, *, is_open: bool) -> QIcon:
    """Return an eye in a colour; one that is shut is struck through."""
    pixmap, painter = _begin(color, 0.9 if is_open else 1.0)
    lid = QPainterPath(QPointF(3, 16))
    lid.quadTo(QPointF(16, 2), QPointF(29, 16))
    lid.quadTo(QPointF(16, 30), QPointF(3, 16))
    painter.drawPath(lid)
    if is_open:
        painter.setBrush(painter.pen().color())
        painter.drawEllipse(QPointF(16, 16), 4, 4)
    else:
        painter.drawLine(QPointF(5, 28), QPointF(27, 4))
    return _end(pixmap, painter)


def lock_icon(color: str, *, is_locked: bool) -> QIcon:
    """Return a padlock in a colour; an open one is faint."""
    pixmap, painter = _begin(color, 1.0 if is_locked else FADED)
    shackle = QPainterPath(QPointF(10, 15))
    shackle.lineTo(10, 11)
    shackle.arcTo(QRectF(10, 4, 12, 13), 180, -180)
    if is_locked:
        shackle.lineTo(22, 15)
    painter.drawPath(shackle)
    if is_locked:
        painter.setBrush(painter.pen().color())
    painter.drawRoundedRect(QRectF(7, 15, 18, 13), 2, 2)
    return _end(pixmap, painter)


def _begin(color: str, opacity: float) -> tuple[QPixmap, QPainter]:
    pixmap = QPixmap(ICON_PX, ICON_PX)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(opacity)
    painter.setPen(QPen(QColor(color), 2.5))
    return pixmap, painter


def _end(pixmap: QPixmap, painter: QPainter) -> QIcon:
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # else Qt tints it in the current row
    return icon
