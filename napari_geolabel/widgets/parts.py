"""Small parts that all panels are built of.

Qt's labels guess whether a text is HTML, and HTML loads local images.  Every
label here is plain text, and tooltips, which cannot be, are escaped.
"""

from __future__ import annotations

import html
from collections.abc import Mapping

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QTableView,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_geolabel.widgets.theme_style import current_style, follow_theme

SWATCH_PX = 16
TABLE_ROW_PX = 20
BUTTON_PADDING_PX = 5
"""Between the sides of a button and its text: napari's four, and one for the rounding."""
DOCK_PX = 360
"""Width of our docks."""


def plain_label(text: str = "") -> QLabel:
    """Return a label that shows its text as it is and breaks lines."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setText(text)
    return label


def breakable(text: str) -> str:
    """Return a text that may go on in the next line behind each underscore: names of scenes are wider than docks."""
    return text.replace("_", "_\N{ZERO WIDTH SPACE}")


def word(text: str) -> QLabel:
    """Return a label of few words in a row with other widgets, which never breaks."""
    label = plain_label(text)
    label.setWordWrap(False)
    return label


def heading(text: str) -> QLabel:
    """Return the heading of a panel."""
    label = plain_label(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def tooltip_text(text: str) -> str:
    """Return a text in the form in which a tooltip shows it as it is: Qt takes what has a ``<`` for HTML."""
    if "<" not in text and "&" not in text:
        return text
    return f"<qt>{html.escape(text)}</qt>".replace("\n", "<br>")


def set_tooltip(widget: QWidget, text: str) -> None:
    """Set a tooltip that shows its text as it is."""
    widget.setToolTip(tooltip_text(text))


def set_width(widget: QWidget, width_px: int) -> None:
    """Give a widget a width, also where napari's style has another for its kind."""
    widget.setStyleSheet(f"min-width: {width_px}px; max-width: {width_px}px;")


def set_cell_tooltip(item: QTreeWidgetItem, column: int, text: str) -> None:
    """Set a tooltip of one column of a row, which shows its text as it is."""
    item.setToolTip(column, tooltip_text(text))


def swatch(color: str) -> QIcon:
    """Return a filled square in a colour, with a rim that shows on any background."""
    pixmap = QPixmap(SWATCH_PX, SWATCH_PX)
    pixmap.fill(QColor(color))
    painter = QPainter(pixmap)
    painter.setPen(QColor(128, 128, 128))
    painter.drawRect(0, 0, SWATCH_PX - 1, SWATCH_PX - 1)
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # else Qt tints the colour in the current row
    return icon


def mark_current(view: QAbstractItemView) -> None:
    """Make the current row of a list stand out as napari's own pressed buttons do."""
    follow_theme(view, current_style)


def prepare_table(table: QTableView, widths: Mapping[int, int], stretched: int) -> None:
    """Give a table of whole rows the look of ours: columns of some widths in pixels, one that takes what is left."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.verticalHeader().setDefaultSectionSize(TABLE_ROW_PX)
    table.setShowGrid(False)
    table.setWordWrap(False)
    mark_current(table)
    header = table.horizontalHeader()
    header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
    header.setHighlightSections(False)
    for column, width in widths.items():
        table.setColumnWidth(column, width)


class ElidedButton(QPushButton):  # type: ignore[misc]  # qtpy has no types
    """A button that takes the room it is given: the end of a longer text is left out where it is drawn."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def drawn_text(self) -> str:
        """What is seen of the text."""
        room_px = self.width() - 2 * BUTTON_PADDING_PX
        return str(self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room_px))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        """Draw the button with as much of its text as there is room for; Qt calls this."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = self.drawn_text
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)


class Panel(QWidget):  # type: ignore[misc]  # qtpy has no types
    """A heading with widgets below, as high as they need; without a title what is below speaks for itself."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(4, 4, 4, 4)
        self.column.setSpacing(4)
        self.title, self.head = heading(title), QHBoxLayout()
        if title:
            self.head.addWidget(self.title)
            self.column.addLayout(self.head)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
