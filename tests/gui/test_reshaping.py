"""Holes, splits, cuts, parts, new outlines, merges and buffers in a real window, by real mouse and keys.

Every test looks at the store, at what the layer shows, and at the undo stack.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.geometry_display import drawings

SQUARE = shapely.box(200, 200, 300, 300)
AT = (250, 250)


@pytest.fixture
def dock(session, mouse):
    """A dock of 100 x 100 pixels, a polygon, in the middle of the view."""
    found = session.labels.add(SQUARE, "dock", kind="polygon")
    mouse.look_at(AT, 4.0)
    return found.id


@pytest.fixture
def bench(session, mouse, press, until):
    """What the tests do and look at."""

    def select(*places):
        """Click annotations in select mode."""
        press("S")
        mouse.click(places[0])
        for place in places[1:]:
            shift_click(session, mouse, place)

    def draw(key, points):
        """Take a tool by its key, click some points, end with Enter."""
        press(key)
        for point in points:
            mouse.click(point)
        press("Return")

    def stands():
        """Look whether the layer shows what the store has."""
        expected = [d.vertices for a in session.labels.store.values() for d in drawings(a)]
        shown = session.shapes_layer.data
        return len(shown) == len(expected) and all(
            len(a) == len(b) and np.allclose(a, b, atol=1e-3) for a, b in zip(shown, expected, strict=True)
        )

    def check(title, *areas):
        """Look at layer, store and undo stack; then undo and redo."""
        until(stands)
        assert session.labels.store.undo_titles[0] == title
        found = sorted(a.geometry.area for a in session.labels.store.values())
        assert found == pytest.approx(sorted(areas), rel=0.02)
        assert all(a.geometry.is_valid for a in session.labels.store.values())
        after = dict(session.labels.store)
        press("Ctrl+Z")
        until(stands)
        assert session.labels.store.redo_titles == [title]
        press("Ctrl+Shift+Z")
        until(stands)
        assert dict(session.labels.store) == after

    return SimpleNamespace(select=select, draw=draw, check=check, stands=stands)


def shift_click(session, mouse, place):
    """Click with Shift held, which adds to napari's selection."""
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    from napari_geolabel.viewer.gl_guard import canvas_widget

    mouse.move(place)
    canvas = canvas_widget(session.viewer)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, mouse.at(place))
    mouse.move(place)


def test_a_hole_is_drawn_inside_what_is_selected(session, dock, bench, photograph):
    bench.select(AT)
    assert session.selected_ids == [dock]
    bench.draw("Shift+H", [(230, 230), (270, 230), (270, 270), (230, 270)])
    assert session.tool == "hole"
    bench.check("make a hole in dock", 10_000 - 1_600)
    assert len(session.labels[dock].geometry.interiors) == 1
    photograph("reshaping-hole")


def test_with_nothing_selected_the_first_click_says_which(session, dock, bench):
    session.labels.add(shapely.box(320, 200, 360, 260), "dock", kind="polygon")
    bench.draw("Shift+H", [(230, 230), (270, 230), (270, 270), (230, 270)])
    bench.check("make a hole in dock", 10_000 - 1_600, 2_400)


def test_a_line_splits_and_both_pieces_are_docks(session, dock, bench, photograph):
    before = session.labels[dock]
    bench.draw("Shift+S", [(270, 190), (280, 250), (270, 310)])
    assert len(session.labels) == 2
    pieces = [a.geometry.area for a in session.labels.store.values()]
    assert sum(pieces) == pytest.approx(10_000)
    assert session.labels[dock].geometry.area == max(pieces)
    assert {a.class_id for a in session.labels.store.values()} == {before.class_id}
    bench.check("split dock", *pieces)
    photograph("reshaping-split")


def test_an_area_is_cut_away_by_double_click(session, dock, bench, mouse, press):
    press("Shift+C")
    for place in [(280, 180), (320, 180), (320, 320)]:
        mouse.click(place)
    mouse.double_click((280, 320))
    bench.check("cut dock", 8_000)


def test_split_pieces_are_merged_again(session, dock, bench, press):
    bench.draw("Shift+S", [(250, 190), (250, 310)])
    bench.select((220, 250), (280, 250))
    assert len(session.selected_ids) == 2
    press("Shift+M")
    bench.check("merge 2 annotations", 10_000)
    (merged,) = session.labels.store.values()
    assert merged.id == dock
    assert merged.geometry.equals(SQUARE)


def test_a_part_is_added_apart_from_the_dock(session, dock, bench):
    bench.select(AT)
    bench.draw("Shift+N", [(320, 220), (340, 220), (340, 240), (320, 240)])
    bench.check("add a part to dock", 10_400)
    assert session.labels[dock].geometry.geom_type == "MultiPolygon"
    assert list(session.labels) == [dock]


def test_an_outline_follows_a_line_out_and_in(session, dock, bench, photograph):
    bench.draw("Shift+R", [(290, 220), (320, 220), (320, 250), (280, 250), (280, 280), (310, 280)])
    assert list(session.labels) == [dock]
    bench.check("reshape dock", 10_000 + 20 * 30 - 20 * 30)
    photograph("reshaping-along")


def test_a_dock_is_buffered_simplified_and_duplicated_by_keys(session, dock, bench, press):
    bench.select(AT)
    session.reshaper.distance = 20  # metres, two pixels
    press("Shift+B")
    bench.check("buffer dock by 20 m", 10_000 + 4 * 200 + np.pi * 4)
    press("Shift+F")
    assert session.labels.store.undo_titles[0] == "simplify dock"
    press("Shift+D")
    assert session.selected_ids == [name for name in session.labels if name != dock]
    bench.check("duplicate dock", *[session.labels[dock].geometry.area] * 2)


def test_a_box_with_a_hole_becomes_a_polygon_and_undo_makes_it_a_box_again(session, bench, mouse, press):
    box = session.labels.add(SQUARE, "ship", kind="box")
    mouse.look_at(AT, 4.0)
    bench.draw("Shift+H", [(230, 230), (270, 230), (270, 270), (230, 270)])
    assert session.labels[box.id].kind is Kind.POLYGON
    bench.check("make a hole in ship", 10_000 - 1_600)
    press("Ctrl+Z")
    assert session.labels[box.id] is box


def test_what_the_class_is_not_drawn_as_is_told(session, bench, mouse, told):
    buoy = session.labels.add(SQUARE, "buoy", kind="box")
    mouse.look_at(AT, 4.0)
    bench.draw("Shift+H", [(230, 230), (270, 230), (270, 270), (230, 270)])
    assert "Buoy is only drawn as keypoint or box" in told[-1]
    assert session.labels[buoy.id] is buoy
    assert bench.stands()


def test_buttons_do_what_keys_do_and_are_grey_where_nothing_fits(session, dock, bench, viewer, qapp, photograph, mouse):
    from napari_geolabel.widgets.tool_panel import ToolPanel

    (panel,) = (each for each in qapp.allWidgets() if isinstance(each, ToolPanel) and each.isVisible())
    assert panel.buttons["hole"].isEnabled()
    assert not panel.commands["buffer"].isEnabled()
    bench.select(AT)
    assert panel.commands["buffer"].isEnabled()
    assert not panel.commands["merge"].isEnabled()
    panel.amounts.menu().popup(panel.amounts.mapToGlobal(panel.amounts.rect().bottomLeft()))
    assert panel.distance.isVisible()
    panel.distance.setValue(30)
    photograph("reshaping-panel")
    panel.amounts.menu().hide()
    panel.commands["buffer"].click()
    bench.check("buffer dock by 30 m", 10_000 + 4 * 300 + np.pi * 9)
    panel.buttons["split"].click()
    mouse.click((250, 190))
    mouse.double_click((250, 310))
    assert len(session.labels) == 2


def test_escape_gives_up_and_backspace_and_right_click_take_points_back(session, dock, bench, mouse, press):
    titles = session.labels.store.undo_titles
    press("Shift+C")
    for place in [(280, 180), (320, 180), (320, 320), (290, 330)]:
        mouse.click(place)
    press("Backspace")
    mouse.click((250, 250), "Right")
    assert len(session.toolbox.points) == 2
    mouse.click((320, 320))
    press("Escape")
    assert not session.toolbox.is_drawing
    assert session.labels.store.undo_titles == titles
    assert session.labels[dock].geometry.equals(SQUARE)
    assert bench.stands()


def test_a_line_that_does_not_go_through_is_told_and_changes_nothing(session, dock, bench, told):
    titles = session.labels.store.undo_titles
    bench.draw("Shift+S", [(250, 190), (250, 250)])
    assert "does not go right through" in told[-1]
    assert session.labels.store.undo_titles == titles
    assert bench.stands()


def test_the_composite_is_switched_and_the_map_dragged_in_the_middle_of_a_split(session, dock, bench, mouse, press):
    press("Shift+S")
    mouse.click((270, 190))
    press("Alt+Right")
    mouse.drag((330, 330), (320, 320))
    mouse.click((270, 310))
    press("Return")
    bench.check("split dock", 7_000, 3_000)
