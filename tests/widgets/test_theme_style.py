"""Our own texts can be read in both of napari's themes, also after it was switched.

The measure is the contrast ratio of the Web Content Accessibility Guidelines
2.2, success criterion 1.4.3: 4.5 at least for text, with the relative
luminance that they define; 1.4.11 asks 3 of marks without letters.
"""

from __future__ import annotations

import re
from functools import partial

import pytest
from napari.settings import get_settings
from napari.utils.theme import get_theme
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QLineEdit, QListWidget, QPushButton, QVBoxLayout, QWidget

from napari_geolabel.widgets.attribute_form import AttributeForm
from napari_geolabel.widgets.labels_panel import WARNING_COLOR
from napari_geolabel.widgets.parts import mark_current
from napari_geolabel.widgets.theme_style import (
    current_style,
    follow_theme,
    follow_theme_by_icon,
    hint_style,
    refusal_color,
    refusal_style,
)
from napari_geolabel.widgets.tool_icons import tool_icon

TEXT, MARK = 4.5, 3.0
THEMES = ("dark", "light")


def luminance(rgb):
    """Return the relative luminance of an sRGB colour of three numbers to 255."""
    shares = [each / 255 for each in rgb]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def rgb(color):
    return QColor(color).getRgb()[:3]


def ground(theme, name):
    return getattr(get_theme(theme), name).as_rgb_tuple()[:3]


def blended(over, under, share):
    return tuple(share * a + (1 - share) * b for a, b in zip(over, under, strict=True))


@pytest.fixture
def theme():
    """Switches napari's theme, and back at the end."""
    appearance = get_settings().appearance
    before = appearance.theme

    def switch(name):
        appearance.theme = name

    yield switch
    appearance.theme = before


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [((0, 0, 0), (255, 255, 255), 21.0), ((255, 0, 0), (255, 255, 255), 4.0), ((118, 118, 118), (255,) * 3, 4.54)],
)
def test_the_measure_is_that_of_the_guidelines(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(one, other) == contrast(other, one)


@pytest.mark.parametrize("name", THEMES)
class TestContrast:
    @pytest.mark.parametrize("place", ["background", "foreground"])
    def test_a_refusal_can_be_read_where_it_stands(self, name, place):
        color = rgb(refusal_color(get_theme(name)))
        assert contrast(color, ground(name, place)) >= TEXT
        assert color[0] > 1.5 * max(color[1:])  # and still is a red

    @pytest.mark.parametrize("place", ["background", "foreground", "primary"])
    def test_words_in_the_colour_of_the_theme_can_be_read(self, name, place):
        assert contrast(ground(name, "text"), ground(name, place)) >= TEXT

    def test_the_current_row_of_a_list_can_be_read(self, name):
        style = current_style(get_theme(name))
        back, front = (rgb(re.search(rf" {what}: (#\w+);", style).group(1)) for what in ("background", "color"))
        assert contrast(front, back) >= TEXT

    def test_hints_in_empty_fields_can_be_read_and_are_fainter_than_answers(self, name):
        red, green, blue, alpha = map(int, re.search(r"rgba\((.+)\)", hint_style(get_theme(name))).group(1).split(","))
        field = ground(name, "primary")
        hint = blended((red, green, blue), field, alpha / 255)
        assert (red, green, blue) == ground(name, "text")
        assert TEXT <= contrast(hint, field) < 0.75 * contrast(ground(name, "text"), field)

    def test_pictures_of_tools_stand_out_from_their_buttons(self, name):
        assert contrast(ground(name, "text"), ground(name, "primary")) >= MARK
        assert contrast(ground(name, "text"), ground(name, "current")) >= MARK


def test_the_badge_of_conflicts_can_be_read():
    assert contrast(rgb("black"), rgb(WARNING_COLOR)) >= TEXT


def test_a_style_follows_the_theme_and_ends_with_its_widget(qtbot, theme):
    label, rows = QWidget(), QListWidget()
    for widget in (label, rows):
        qtbot.addWidget(widget)
    follow_theme(label, refusal_style)
    mark_current(rows)
    seen = set()
    for name in (*THEMES, "dark"):
        theme(name)
        assert label.styleSheet() == refusal_style(get_theme(name))
        assert rows.styleSheet() == current_style(get_theme(name))
        seen.add(label.styleSheet())
    assert len(seen) == 2
    rows.deleteLater()
    qtbot.wait(0)
    theme("light")  # nobody is there who would complain
    assert label.styleSheet() == refusal_style(get_theme("light"))


def test_pictures_of_tools_are_drawn_anew_when_the_theme_is_switched(qtbot, theme):
    theme("dark")
    button = QPushButton()
    qtbot.addWidget(button)
    follow_theme_by_icon(button, partial(tool_icon, "box"))
    for name in ("light", "dark"):
        theme(name)
        picture = button.icon().pixmap(48, 48).toImage()
        assert picture.pixelColor(picture.width() // 2, picture.height() // 4).getRgb()[:3] == ground(name, "text")


def test_fields_in_a_dock_take_the_hint_over(qtbot, theme):
    theme("dark")
    dock, line = QWidget(), QLineEdit()
    qtbot.addWidget(dock)
    QVBoxLayout(dock).addWidget(line)
    line.setPlaceholderText("1 to 500")
    follow_theme(dock, hint_style)
    line.ensurePolished()
    drawn = line.palette().placeholderText().color()
    assert drawn.getRgb()[:3] == ground("dark", "text")
    assert drawn.alpha() > 128


def test_a_refused_answer_is_shown_in_a_colour_that_can_be_read(qtbot, theme):
    theme("light")
    form = AttributeForm()
    qtbot.addWidget(form)
    form.refuse("length is at most 500 m")
    assert not form.refusal.isHidden()
    assert form.refusal.styleSheet() == refusal_style(get_theme("light"))
