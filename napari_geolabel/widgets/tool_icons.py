"""Small pictures of the tools, drawn here so that they follow the colours of napari's theme."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin
from typing import TYPE_CHECKING

from qtpy.QtCore import QPointF, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

if TYPE_CHECKING:
    from napari.utils.theme import Theme

SIDE = 16
"""Pictures are drawn on a square of this side."""
ICON_PX = 16
_SCALE = 3
"""How much larger than shown pictures are kept, so that they are sharp on any screen."""

Points = tuple[tuple[float, float], ...]


def _round(x: float, y: float, across: float, down: float) -> Points:
    """Return the outline of an ellipse around a point."""
    return tuple((x + across * cos(pi * i / 12), y + down * sin(pi * i / 12)) for i in range(25))


def _square(left: float, top: float, right: float, bottom: float) -> Points:
    return ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))


@dataclass(frozen=True, kw_only=True)
class Glyph:
    """What a picture is drawn of."""

    lines: tuple[Points, ...] = ()
    dashes: tuple[Points, ...] = ()
    dots: Points = ()


_LEANING: Points = ((2, 9), (10, 2.5), (14, 7), (6, 13.5), (2, 9))
_FIELD: Points = ((2, 6), (8, 2), (14, 6), (11.5, 13.5), (4, 13.5), (2, 6))

GLYPHS: dict[str, Glyph] = {
    "": Glyph(
        lines=(
            ((8, 1.5), (8, 14.5)),
            ((1.5, 8), (14.5, 8)),
            ((6, 3.5), (8, 1.5), (10, 3.5)),
            ((6, 12.5), (8, 14.5), (10, 12.5)),
            ((3.5, 6), (1.5, 8), (3.5, 10)),
            ((12.5, 6), (14.5, 8), (12.5, 10)),
        )
    ),
    "box": Glyph(lines=(_square(2, 4, 14, 12),)),
    "rotated_box": Glyph(lines=(_LEANING,), dots=((12, 4.75),)),
    "polygon": Glyph(lines=(_FIELD,), dots=_FIELD),
    "lasso": Glyph(lines=(_round(8.5, 6, 6, 4), ((4.5, 9), (5.5, 11), (3, 14.5)))),
    "ellipse": Glyph(lines=(_round(8, 8, 6.5, 4.5),)),
    "polyline": Glyph(lines=(((2, 13), (6, 5), (10, 10), (14, 3)),), dots=((2, 13), (6, 5), (10, 10), (14, 3))),
    "keypoint": Glyph(lines=(((8, 2), (8, 14)), ((2, 8), (14, 8))), dots=((8, 8),)),
    "skeleton": Glyph(
        lines=(((3, 13), (7, 8), (13, 12)), ((7, 8), (8, 2.5))), dots=((3, 13), (7, 8), (13, 12), (8, 2.5))
    ),
    "brush": Glyph(lines=(((14, 2), (7, 9)), ((7, 9), (3, 10), (2, 14), (6, 13), (7, 9), (3, 13)))),
    "area": Glyph(lines=(_round(8, 8, 6, 5), ((4, 11), (11, 4)), ((6, 12), (13, 5)), ((3, 8), (8, 3)))),
    "erase_area": Glyph(dashes=(_round(8, 8, 6, 5),), lines=(((5, 5), (11, 11)), ((11, 5), (5, 11)))),
    "wand": Glyph(lines=(((2, 14), (10, 6)), ((12, 1), (12, 7)), ((9, 4), (15, 4)))),
    "instance": Glyph(
        lines=(((5, 2), (11, 2), (11, 5), (14, 5), (14, 11), (8, 11), (8, 14), (2, 14), (2, 8), (5, 8), (5, 2)),)
    ),
    "adjust": Glyph(lines=(_square(3, 6, 11, 13), ((11, 6), (14.5, 2.5))), dots=((3, 6), (11, 13), (3, 13), (14, 3))),
    "hole": Glyph(lines=(_square(2, 2, 14, 14), _square(6, 6, 10, 10))),
    "split": Glyph(lines=(_square(3, 4, 13, 12),), dashes=(((10, 1), (6, 15)),)),
    "cut": Glyph(lines=(((9, 3), (2, 3), (2, 14), (14, 14), (14, 8)),), dashes=(_square(9, 1.5, 14.5, 8),)),
    "part": Glyph(lines=(_square(2, 2, 7, 7), _square(9, 9, 14, 14)), dashes=(((7, 7), (9, 9)),)),
    "reshape": Glyph(
        lines=(((2, 13), (2, 6), (5, 6), (8, 2), (11, 6), (14, 6), (14, 13), (2, 13)),), dashes=(((5, 6), (11, 6)),)
    ),
    "merge": Glyph(
        lines=(((2, 3), (9, 3), (9, 7), (14, 7), (14, 13), (6, 13), (6, 9), (2, 9), (2, 3)),),
        dashes=(((6, 9), (9, 9), (9, 7)),),
    ),
    "simplify": Glyph(
        lines=(((2, 12), (8, 4), (14, 12)),), dashes=(((2, 12), (4, 8), (5, 9), (8, 4), (11, 9), (12, 8), (14, 12)),)
    ),
    "buffer": Glyph(lines=(_square(5, 6, 11, 10),), dashes=(_round(8, 8, 7, 5.5),)),
    "amounts": Glyph(lines=(((2, 5), (14, 5)), ((2, 11), (14, 11))), dots=((10, 5), (5.5, 11))),
    "duplicate": Glyph(lines=(_square(2, 2, 10, 10), ((10, 6), (14, 6), (14, 14), (6, 14), (6, 10)))),
    "snap": Glyph(
        lines=(
            ((3, 2), (3, 8), (4.5, 12), (8, 13.5), (11.5, 12), (13, 8), (13, 2)),
            ((1.5, 5), (4.5, 5)),
            ((11.5, 5), (14.5, 5)),
        )
    ),
    "trace": Glyph(lines=(((2, 13), (5, 7), (10, 8), (14, 2)),), dashes=(((2, 9), (4, 4), (9, 5), (12, 1)),)),
}
"""The picture of each tool and command, moving the map under the empty name."""


def tool_icon(name: str, theme: Theme) -> QIcon:
    """Return the picture of a tool, in the colour of a theme's text; empty for a tool without one."""
    pixmap = QPixmap(ICON_PX * _SCALE, ICON_PX * _SCALE)
    pixmap.fill(Qt.GlobalColor.transparent)
    glyph = GLYPHS.get(name)
    if glyph is not None:
        _paint(pixmap, glyph, QColor(theme.text.as_hex()))
    return QIcon(pixmap)


def _paint(pixmap: QPixmap, glyph: Glyph, color: QColor) -> None:
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(pixmap.width() / SIDE, pixmap.height() / SIDE)
    pen = QPen(color, 1.2)
    painter.setPen(pen)
    for line in glyph.lines:
        painter.drawPolyline(_polygon(line))
    pen.setStyle(Qt.PenStyle.DotLine)
    painter.setPen(pen)
    for line in glyph.dashes:
        painter.drawPolyline(_polygon(line))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    for x, y in glyph.dots:
        painter.drawEllipse(QPointF(x, y), 1.5, 1.5)
    painter.end()


def _polygon(points: Points) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])
