"""Grips, and moving, turning and resizing by drags and keys, by napari's own dispatchers and without a window."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from napari.utils.interactions import mouse_move_callbacks, mouse_press_callbacks, mouse_release_callbacks
from wrapt import ObjectProxy

from napari_geolabel.geo import box_from_axis, is_rectangle, measure_box, pixel_to_display
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.grips import degrees_between, grip_at, grips_of, lines_of

PX = np.array([1.0, 1.0])


@pytest.fixture
def event(session):
    """Mouse events at scene pixels, with the tool in hand."""
    layer = session.shapes_layer
    session.viewer.scene.camera.zoom = 1 / layer.scale[0]

    def made(kind, xy, *modifiers):
        world = layer.data_to_world(pixel_to_display(np.array(xy, float)))
        place, dragging = np.array(xy, float), kind == "mouse_move"
        told = {"type": kind, "position": tuple(world), "pos": place, "button": 1, "is_dragging": dragging}
        return ObjectProxy(SimpleNamespace(**told, handled=False, modifiers=modifiers))

    session.tool = "adjust"
    return made


@pytest.fixture
def hand(session, event):
    """Drags and clicks at scene pixels."""

    def drag(start, *stops, shift=False):
        pressed = event("mouse_press", start, *(["Shift"] if shift else []))
        mouse_press_callbacks(session.viewer, pressed)
        handled = pressed.handled  # napari puts later events into this one
        for stop in stops:
            mouse_move_callbacks(session.viewer, event("mouse_move", stop))
        mouse_release_callbacks(session.viewer, event("mouse_release", stops[-1] if stops else start))
        return handled

    return drag


@pytest.fixture
def ship(session):
    """A rotated box with the bow at (300, 200) and the stern at (200, 250)."""
    corners = box_from_axis((300, 200), (200, 250), (260, 240), session.scene.grid)
    return session.labels.add(shapely.Polygon(corners), "ship", kind="rotated_box").id


def corners_of(session, name):
    return shapely.get_coordinates(session.labels[name].geometry)[:4]


def test_a_press_inside_selects_and_a_drag_moves_to_the_bit(session, ship, hand):
    before = corners_of(session, ship)
    assert hand((250, 225), (270, 230), (281, 218))
    assert session.selected_ids == [ship]
    np.testing.assert_allclose(corners_of(session, ship), before + np.array([31, -7]), atol=1e-9)
    assert session.labels.store.undo_titles[0] == "move ship"
    session.undo()
    assert np.array_equal(corners_of(session, ship), before)


def test_a_corner_resizes_and_the_box_stays_right_on_the_ground(session, ship, hand):
    session.selection.select([ship])
    before = corners_of(session, ship)
    hand(before[1], before[1] + (10, 4), before[1] + (40, 30))
    after = corners_of(session, ship)
    np.testing.assert_allclose(after[3], before[3], atol=1e-9)
    np.testing.assert_allclose(after[1], before[1] + (40, 30), atol=1e-9)
    assert is_rectangle(after, session.scene.grid, 1e-9)
    assert session.labels.store.undo_titles[0] == "resize ship"


def test_the_grip_ahead_turns_about_the_middle(session, ship, hand):
    session.selection.select([ship])
    grip = grips_of(session.labels[ship], PX)[-1]
    middle, before = corners_of(session, ship).mean(axis=0), measure_box(corners_of(session, ship), session.scene.grid)
    quarter = middle + (grip.point - middle)[::-1] * (-1, 1)  # clockwise on the ground, which has its y up
    assert grip.does == "turn"
    hand(grip.point, grip.point + np.array([5, 5]), quarter)
    after = measure_box(corners_of(session, ship), session.scene.grid)
    assert (after.heading_deg - before.heading_deg) % 360 == pytest.approx(90, abs=0.01)
    assert (after.length_m, after.width_m) == pytest.approx((before.length_m, before.width_m), rel=1e-3)
    np.testing.assert_allclose(corners_of(session, ship).mean(axis=0), middle, atol=1e-6)


def test_a_click_beside_lets_go_and_a_drag_beside_moves_the_map(session, ship, hand):
    session.selection.select([ship])
    assert not hand((40, 40), (60, 60))
    assert session.selected_ids == [ship]
    assert not hand((40, 40))
    assert session.selected_ids == []
    assert len(session.labels.store.undo_titles) == 1


def test_shift_adds_and_all_that_is_selected_moves_as_one_change(session, ship, hand):
    cloud = session.labels.add(shapely.box(50, 50, 90, 90), "cloud", kind="polygon").id
    point = session.labels.add(shapely.Point(400, 400), "bow").id
    hand((250, 225))
    hand((70, 70), shift=True)
    hand((402, 401), shift=True)
    assert set(session.selected_ids) == {ship, cloud, point}
    hand((70, 70), (80, 60), (90, 50))
    assert session.labels.store.undo_titles[0] == "move 3 annotations"
    assert session.labels[cloud].geometry.bounds == pytest.approx((70, 30, 110, 70))
    assert session.labels[point].geometry.x == pytest.approx(420)


def test_outline_grips_and_size_show_while_something_is_selected(session, ship, hand):
    overlay = session.viewer.canvas.overlays.text
    assert len(session.preview_layer.data) == 0
    session.selection.select([ship])
    assert len(session.preview_layer.data) == 4 + 5 * 4 + 1
    assert "heading 62.5°" in overlay.text
    session.labels.remove(ship)
    assert len(session.preview_layer.data) == 0
    assert not overlay.visible


def test_the_tool_is_put_away_by_another_tool_by_a_mode_of_napari_and_by_the_end(session, ship, hand):
    session.selection.select([ship])
    session.tool = "rotated_box"
    assert not session.adjuster.is_on
    assert len(session.preview_layer.data) == 0
    session.tool = "adjust"
    session.shapes_layer.mode = "direct"
    assert session.tool is None
    assert not hand((250, 225), (270, 230))
    session.tool = "adjust"
    session.close()
    assert not session.adjuster.is_on


def test_a_tool_that_is_put_away_in_a_drag_leaves_no_outline(session, ship, event):
    before = corners_of(session, ship)
    mouse_press_callbacks(session.viewer, event("mouse_press", (250, 225)))
    mouse_move_callbacks(session.viewer, event("mouse_move", (270, 230)))
    session.tool = None
    mouse_move_callbacks(session.viewer, event("mouse_move", (280, 240)))
    mouse_release_callbacks(session.viewer, event("mouse_release", (280, 240)))
    assert len(session.preview_layer.data) == 0
    assert not session.viewer.canvas.overlays.text.visible
    assert np.array_equal(corners_of(session, ship), before)


def test_keys_move_and_turn_and_say_what_is_missing(session, ship, told):
    session.adjuster.nudge(1, 0)
    assert told == ["select what to move or turn first"]
    session.selection.select([ship])
    before = corners_of(session, ship)
    session.adjuster.nudge(1, -2)
    np.testing.assert_allclose(corners_of(session, ship), before + np.array([1, -2]))
    session.adjuster.turn(3)
    heading = [measure_box(corners, session.scene.grid).heading_deg for corners in (before, corners_of(session, ship))]
    assert heading[1] - heading[0] == pytest.approx(3, abs=0.01)


def test_a_class_may_be_chosen_for_what_is_selected(session, ship, hand):
    session.labels.update(ship, geometry=shapely.box(10, 10, 20, 20), kind=Kind.BOX)
    session.selection.select([ship])
    assert session.hand.is_selecting


def test_a_box_of_the_axes_has_corners_and_a_grip_above_and_a_point_has_none(session, ship):
    box = session.labels.add(shapely.box(10, 50, 30, 80), "ship", kind="box")
    grips = grips_of(box, PX)
    assert [grip.does for grip in grips] == ["resize"] * 4 + ["turn"]
    assert grips[-1].point.tolist() == [20, 22]
    assert grip_at(box, np.array([31.0, 81.0]), PX).corner in range(4)
    assert grip_at(box, np.array([20.0, 65.0]), PX) is None
    point = session.labels.add(shapely.Point(400, 400), "bow")
    assert grips_of(point, PX) == []
    assert len(lines_of([box, point], PX)) == 2
    assert degrees_between(box, np.array([20.0, 22.0]), np.array([63.0, 65.0]), session.scene.grid) == pytest.approx(90)
