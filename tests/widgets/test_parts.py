"""What all panels are built of: texts that stay what they are."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QTextDocument
from qtpy.QtWidgets import QWidget

from napari_geolabel.widgets.parts import plain_label, set_tooltip, tooltip_text


def as_qt_shows(tooltip: str) -> str:
    """What Qt makes of a tooltip, which it takes for HTML where it looks like it."""
    if not Qt.mightBeRichText(tooltip):
        return tooltip
    document = QTextDocument()
    document.setHtml(tooltip)
    return document.toPlainText()


@pytest.mark.parametrize(
    "text",
    [
        "the ship's name",
        'a "quoted" word',
        "Rafted & moored",
        "1 < 2 and 3 > 2",
        "<img src='file:///etc/passwd'>",
        "first line\nsecond & line",
        "&lt; is written so",
        "plain",
        "",
    ],
)
def test_a_tooltip_shows_its_text_as_it_is(text, qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    set_tooltip(widget, text)
    assert as_qt_shows(widget.toolTip()) == text
    assert as_qt_shows(tooltip_text(text)) == text


def test_a_label_takes_nothing_for_html(qtbot):
    label = plain_label("<b>bold</b>")
    qtbot.addWidget(label)
    assert label.text() == "<b>bold</b>"
    assert label.textFormat() == Qt.TextFormat.PlainText
