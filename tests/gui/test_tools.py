"""The drawing tools in a real window, by real mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from napari_geolabel.geo import is_rectangle, measure_box
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.scene_layer import SCENE_KEY
from napari_geolabel.viewer.tools import ToolBox

POLYGON = [(60, 60), (140, 70), (150, 150), (80, 160)]


@pytest.fixture
def desk(viewer: Any, wait: Any, grid: Any) -> Iterator[SimpleNamespace]:
    """A scene on one of the grids, three screen pixels to a scene pixel, with a tool box whose keys are bound."""
    frame = Frame.of(grid)
    world = {**frame.layer_transform, "metadata": {SCENE_KEY: SimpleNamespace(grid=grid)}}
    scene = viewer.add_image(np.add.outer(np.arange(512), np.arange(512)).astype(np.uint16), name="scene", **world)
    layer = viewer.add_shapes(name="labels", ndim=2, **world)
    preview = viewer.add_vectors(np.zeros((0, 2, 2)), vector_style="line", name="preview", **world)
    viewer.layers.selection.active = layer
    drawn: list[tuple[Kind, shapely.Geometry]] = []
    notes: list[str] = []
    tools = ToolBox(
        viewer,
        layer,
        commit=lambda kind, geometry: drawn.append((kind, geometry)),
        preview_layer=preview,
        grid=grid,
        notify=notes.append,
    )
    for key, action in (("Escape", tools.cancel), ("Enter", tools.finish), ("Backspace", tools.back)):
        layer.bind_key(key, lambda _layer, action=action: action() and None, overwrite=True)
    viewer.scene.camera.center = tuple(frame.to_world((150, 150)))
    viewer.scene.camera.zoom = 3 / frame.pixel_size[0]
    wait(0.2)
    yield SimpleNamespace(
        viewer=viewer, scene=scene, layer=layer, preview=preview, tools=tools, drawn=drawn, notes=notes, wait=wait
    )
    tools.close()


north_up = pytest.mark.parametrize("grid", ["north_up"], indirect=True)


def close_to(geometry: shapely.Geometry, points: Any) -> bool:
    """Whether the vertices are where the mouse was, within a screen pixel and a half."""
    return bool(np.abs(shapely.get_coordinates(geometry)[: len(points)] - np.array(points)).max() < 0.5)


def test_three_clicks_draw_a_rotated_box_that_is_right_on_the_ground(desk, mouse, grid):
    desk.tools.activate("rotated_box")
    for place in [(100, 100), (180, 150), (135, 140)]:
        mouse.click(place)
    ((kind, box),) = desk.drawn
    corners = shapely.get_coordinates(box)[:4]
    assert kind is Kind.ROTATED_BOX
    assert is_rectangle(corners, grid)
    assert corners[:2].mean(axis=0) == pytest.approx((100, 100), abs=0.5)
    assert corners[2:].mean(axis=0) == pytest.approx((180, 150), abs=0.5)
    assert measure_box(corners, grid).width_m > 0


@north_up
def test_a_box_is_drawn_by_dragging_while_the_map_stands_still(desk, mouse, viewer):
    centre = viewer.scene.camera.center
    desk.tools.activate("box")
    mouse.drag((60, 60), (140, 110))
    ((kind, box),) = desk.drawn
    assert kind is Kind.BOX
    assert box.bounds == pytest.approx((60, 60, 140, 110), abs=0.5)
    assert viewer.scene.camera.center == centre


@north_up
def test_a_box_is_drawn_by_two_clicks(desk, mouse):
    desk.tools.activate("box")
    mouse.click((60, 60))
    mouse.click((140, 110))
    assert desk.drawn[0][1].bounds == pytest.approx((60, 60, 140, 110), abs=0.5)


@north_up
def test_a_double_click_ends_a_polygon(desk, mouse):
    desk.tools.activate("polygon")
    for place in POLYGON[:-1]:
        mouse.click(place)
    mouse.double_click(POLYGON[-1])
    ((kind, polygon),) = desk.drawn
    assert kind is Kind.POLYGON
    assert shapely.get_num_coordinates(polygon) == 5
    assert close_to(polygon, POLYGON)


@north_up
def test_enter_ends_a_line_and_backspace_and_right_click_take_points_back(desk, mouse, press):
    desk.tools.activate("polyline")
    for place in [*POLYGON[:2], (200, 200), (220, 220)]:
        mouse.click(place)
    press("Backspace")
    mouse.click((240, 100), "Right")
    mouse.click(POLYGON[2])
    press("Return")
    ((kind, line),) = desk.drawn
    assert kind is Kind.POLYLINE
    assert shapely.get_num_coordinates(line) == 3
    assert close_to(line, POLYGON[:3])


@north_up
def test_escape_keeps_a_complete_polygon_and_drops_a_beginning(desk, mouse, press):
    desk.tools.activate("polygon")
    for place in POLYGON:
        mouse.click(place)
    press("Escape")
    assert len(desk.drawn) == 1
    assert "kept" in desk.notes[0]
    for place in POLYGON[:2]:
        mouse.click(place)
    press("Escape")
    assert len(desk.drawn) == 1
    assert not desk.tools.is_drawing


@north_up
def test_a_click_sets_a_keypoint(desk, mouse):
    desk.tools.activate("keypoint")
    mouse.click((100, 120))
    ((kind, point),) = desk.drawn
    assert kind is Kind.KEYPOINT
    assert (point.x, point.y) == pytest.approx((100, 120), abs=0.5)


@north_up
def test_the_map_is_dragged_and_zoomed_in_the_middle_of_a_polygon(desk, mouse, viewer):
    desk.tools.activate("polygon")
    for place in POLYGON[:2]:
        mouse.click(place)
    centre = viewer.scene.camera.center
    mouse.drag((200, 200), (170, 180))
    assert viewer.scene.camera.center != centre
    viewer.scene.camera.zoom *= 1.3
    desk.wait()
    for place in POLYGON[2:]:
        mouse.click(place)
    desk.tools.finish()
    ((_, polygon),) = desk.drawn
    assert shapely.get_num_coordinates(polygon) == 5
    assert close_to(polygon, POLYGON)


@north_up
def test_other_work_in_the_middle_of_a_polygon_loses_no_point(desk, mouse, viewer):
    desk.tools.activate("polygon")
    mouse.click(POLYGON[0])
    desk.layer.add([np.array([(1, 1), (1, 9), (9, 9)])], shape_type="polygon")
    mouse.click(POLYGON[1])
    desk.layer.data = []
    viewer.layers.selection.active = desk.scene
    mouse.click(POLYGON[2])
    desk.scene.data = desk.scene.data[::-1]
    viewer.layers.selection.active = desk.layer
    mouse.click(POLYGON[3])
    desk.tools.finish()
    ((_, polygon),) = desk.drawn
    assert close_to(polygon, POLYGON)


@north_up
def test_fast_clicks_set_every_point_once(desk, mouse, viewer, qapp):
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    from napari_geolabel.viewer.gl_guard import canvas_widget

    desk.tools.activate("polygon")
    canvas, none = canvas_widget(viewer), Qt.KeyboardModifier.NoModifier
    for place in POLYGON:
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, none, mouse.at(place))
    desk.wait()
    desk.tools.finish()
    ((_, polygon),) = desk.drawn
    assert shapely.get_num_coordinates(polygon) == 5
    assert close_to(polygon, POLYGON)


@north_up
def test_the_preview_is_on_screen_while_drawing_and_gone_after(desk, mouse, photograph):
    desk.tools.activate("rotated_box")
    mouse.click((100, 100))
    mouse.click((180, 150))
    mouse.move((135, 140))
    before = desk.viewer.screenshot(flash=False)
    photograph("rotated_box_preview")
    red = (before[..., 0] > 200) & (before[..., 1] < 80) & (before[..., 2] < 80)
    assert red.sum() > 300
    mouse.click((135, 140))
    after = desk.viewer.screenshot(flash=False)
    assert not ((after[..., 0] > 200) & (after[..., 1] < 80) & (after[..., 2] < 80)).any()


@north_up
def test_a_native_mode_puts_the_tool_away_and_draws(desk, mouse, press):
    desk.tools.activate("polygon")
    desk.layer.mode = "add_rectangle"
    mouse.drag((60, 60), (140, 110))
    assert desk.tools.active is None
    assert not desk.drawn
    assert len(desk.layer.data) == 1
