"""The list of composites: searched, folded, starred."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_geolabel.widgets.composite_list import CompositeList
from napari_geolabel.widgets.composite_rows import CompositeRow, Group
from napari_geolabel.widgets.thumbnails import icon


def row(id_: str, group: Group, **fields) -> CompositeRow:
    return CompositeRow(id=id_, title=id_.title(), group=group, **{"detail": "red, green", "tooltip": "", **fields})


ROWS = [
    row("first", Group.FAVOURITES, number=1, tooltip="As the <b>eye</b> sees it."),
    row("tenth", Group.FAVOURITES, number=10),
    row("ice", Group.COMPOSITES, tooltip="Snow cyan."),
    row("ndvi", Group.INDICES),
    row("heat", Group.MISSING, detail="needs lwir11"),
]


@pytest.fixture
def listed(qtbot) -> CompositeList:
    made = CompositeList()
    qtbot.addWidget(made)
    made.resize(340, 600)
    made.show()
    made.show_rows(ROWS)
    return made


def headings(listed) -> list[str]:
    tree = listed.tree
    items = [tree.topLevelItem(i) for i in range(tree.topLevelItemCount())]
    return [item.text(0) for item in items if not item.isHidden()]


def seen(listed) -> list[str]:
    return [id_ for id_, item in listed.rows.items() if not item.isHidden() and item.parent().isExpanded()]


def test_each_group_has_a_heading_and_what_cannot_be_is_folded(listed):
    assert headings(listed) == [
        "▾  Favourites  (2)",
        "▾  Composites  (1)",
        "▾  Indices  (1)",
        "▸  Not in this scene  (1)",
    ]
    assert seen(listed) == ["first", "tenth", "ice", "ndvi"]


def test_title_and_channels_stand_in_two_lines_and_markup_is_escaped(listed):
    item = listed.rows["first"]
    assert item.text(0) == "First\nred, green"
    assert "&lt;b&gt;eye" in item.toolTip(0)
    assert "<b>" not in item.toolTip(0)


def test_stars_carry_the_number_of_the_key(listed):
    assert listed.rows["first"].text(1) == "★ 1"
    assert "Alt+1" in listed.rows["first"].toolTip(1)
    assert "Alt" not in listed.rows["tenth"].toolTip(1)
    assert listed.rows["ice"].text(1) == "☆"
    assert listed.rows["heat"].text(1) == ""


def test_a_click_chooses_and_a_click_on_the_star_stars(listed, qtbot):
    chosen, starred = [], []
    listed.chosen.connect(chosen.append)
    listed.starred.connect(starred.append)

    def click(id_: str, column: int) -> None:
        index = listed.tree.indexFromItem(listed.rows[id_], column)
        viewport = listed.tree.viewport()
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=listed.tree.visualRect(index).center())

    click("ice", 0)
    click("ndvi", 1)
    listed.tree.expandAll()
    click("heat", 0)
    click("heat", 1)
    assert (chosen, starred) == (["ice"], ["ndvi"])


def test_a_click_on_a_heading_folds_and_stays_so_when_rows_are_shown_anew(listed):
    heading = listed.rows["ice"].parent()
    listed.tree.itemClicked.emit(heading, 0)
    assert "ice" not in seen(listed)
    assert headings(listed)[1].startswith("▸")
    listed.show_rows(ROWS)
    assert seen(listed) == ["first", "tenth", "ndvi"]
    listed.tree.itemClicked.emit(listed.rows["ice"].parent(), 0)
    assert "ice" in seen(listed)


def test_unfolding_everything_leaves_the_rows_as_they_are(listed):
    before = {id_: item.text(0) for id_, item in listed.rows.items()}
    listed.tree.expandAll()
    assert {id_: item.text(0) for id_, item in listed.rows.items()} == before
    assert seen(listed) == list(before)


def test_a_double_click_folds_and_unfolds(listed, qtbot):
    heading = listed.rows["ice"].parent()
    at = listed.tree.visualItemRect(heading).center()
    qtbot.mouseClick(listed.tree.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert not heading.isExpanded()
    qtbot.mouseDClick(listed.tree.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert heading.text(0).startswith("▾" if heading.isExpanded() else "▸")


def test_a_search_leaves_what_it_finds_and_opens_its_groups_for_the_while(listed, qtbot):
    qtbot.keyClicks(listed.search, "LWIR")
    assert seen(listed) == ["heat"]
    assert headings(listed) == ["▾  Not in this scene  (1)"]
    listed.search.clear()
    assert seen(listed) == ["first", "tenth", "ice", "ndvi"]
    qtbot.keyClicks(listed.search, "no such thing")
    assert seen(listed) == []


def test_enter_shows_the_first_that_can_be_shown(listed, qtbot):
    chosen = []
    listed.chosen.connect(chosen.append)
    qtbot.keyClicks(listed.search, "needs")
    qtbot.keyClick(listed.search, Qt.Key.Key_Return)
    assert chosen == []
    listed.search.clear()
    qtbot.keyClicks(listed.search, "snow")
    qtbot.keyClick(listed.search, Qt.Key.Key_Return)
    assert chosen == ["ice"]


def test_the_shown_composite_is_marked_and_none_where_it_is_not_listed(listed):
    listed.mark("ice")
    assert listed.tree.currentItem() is listed.rows["ice"]
    listed.mark("unknown")
    assert listed.tree.currentItem() is None


def test_rows_in_sight_are_those_that_need_pictures(listed):
    assert listed.in_sight == ["first", "tenth", "ice", "ndvi"]
    listed.tree.expandAll()
    assert "heat" not in listed.in_sight
    many = [row(f"c{i}", Group.COMPOSITES) for i in range(60)]
    listed.show_rows(many)
    listed.tree.verticalScrollBar().setValue(0)
    assert listed.in_sight[0] == "c0"
    assert 5 < len(listed.in_sight) < 30
    listed.tree.scrollToBottom()
    assert listed.in_sight[-1] == "c59"
    assert "c0" not in listed.in_sight


def test_pictures_stay_when_rows_are_shown_anew(listed):
    red = np.zeros((40, 64, 4), np.uint8)
    red[..., (0, 3)] = 255
    listed.set_icon("ice", icon(red))
    listed.set_icon("unknown", icon(red))
    listed.show_rows(ROWS[::-1])
    assert listed.rows["ice"].icon(0).pixmap(64, 40).toImage().pixelColor(30, 20).name() == "#ff0000"


def test_scrolling_folding_and_searching_are_told(listed, qtbot):
    for action in (
        lambda: listed.search.setText("ice"),
        lambda: listed.search.clear(),
        lambda: listed.tree.itemClicked.emit(listed.rows["ice"].parent(), 0),
    ):
        with qtbot.waitSignal(listed.moved):
            action()
