"""What all panels are built of: texts that stay what they are."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QTextDocument
from qtpy.QtWidgets import QWidget

from napari_geolabel.widgets.parts import breakable, plain_label, set_tooltip, tooltip_text


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


def test_the_name_of_a_scene_does_not_widen_the_dock_it_is_told_in(qtbot):
    name = "S2A_MSIL2A_20170703T071631_N0500_R006_T38KQF_20230901T000000.labels.gpkg"
    narrow, wide = plain_label(breakable(f"saved in {name}")), plain_label(f"saved in {name}")
    for label in (narrow, wide):
        qtbot.addWidget(label)
    assert narrow.minimumSizeHint().width() < 0.6 * wide.minimumSizeHint().width()
    assert narrow.text().replace("\N{ZERO WIDTH SPACE}", "") == wide.text()
    assert breakable("no names here") == "no names here"
