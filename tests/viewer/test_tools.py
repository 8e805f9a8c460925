"""The tools without a window: napari's own dispatchers run the callbacks, on events made here."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from affine import Affine
from napari.layers import Image, Shapes, Vectors
from napari.utils.interactions import (
    mouse_double_click_callbacks,
    mouse_move_callbacks,
    mouse_press_callbacks,
    mouse_release_callbacks,
)
from wrapt import ObjectProxy

from napari_geolabel.errors import ForbiddenKindError, GeoLabelError
from napari_geolabel.geo import GeoGrid, is_rectangle, measure_box
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.sketches import DRAWING_TOOLS, EDITING_TOOLS, kind_drawn_by
from napari_geolabel.viewer.tools import ToolBox

SCALE = 10.0
"""World units per scene pixel, so that world, display and screen all differ."""
PIXELS = GeoGrid(shape=(512, 512), transform=Affine.identity())
LEFT, RIGHT = 1, 2


class Mouse:
    """Drives a viewer model as its canvas would; places are pixel coordinates, two screen pixels each."""

    def __init__(self, viewer):
        self.viewer = viewer
        self.handled = False

    def _event(self, kind, place, button=None, *, is_dragging=False):
        x, y = place
        return SimpleNamespace(
            type=kind,
            pos=np.array([x, y]) * 2,
            position=(y * SCALE, x * SCALE),
            button=button,
            is_dragging=is_dragging,
            handled=False,
            modifiers=(),
        )

    def press(self, x, y, button=LEFT):
        event = ObjectProxy(self._event("mouse_press", (x, y), button))  # napari puts later events into this one
        mouse_press_callbacks(self.viewer, event)
        self.handled = event.handled

    def drag_to(self, x, y):
        mouse_move_callbacks(self.viewer, self._event("mouse_move", (x, y), is_dragging=True))

    def release(self, x, y, button=LEFT):
        mouse_release_callbacks(self.viewer, self._event("mouse_release", (x, y), button))

    def move(self, x, y):
        mouse_move_callbacks(self.viewer, self._event("mouse_move", (x, y)))

    def click(self, x, y, button=LEFT):
        self.move(x, y)
        self.press(x, y, button)
        self.release(x, y, button)

    def double_click(self, x, y):
        self.click(x, y)
        mouse_double_click_callbacks(self.viewer, self._event("mouse_double_click", (x, y), LEFT))
        self.release(x, y)

    def drag(self, start, *stops):
        self.press(*start)
        for stop in stops:
            self.drag_to(*stop)
        self.release(*stops[-1])


@pytest.fixture
def easel(new_bench):
    """A tool box, its mouse, and what was drawn."""

    def make(grid=PIXELS):
        viewer = new_bench().viewer
        world = {"scale": (SCALE, SCALE), "translate": (SCALE / 2, SCALE / 2)}
        scene = viewer.add_layer(Image(np.zeros((512, 512), np.uint8), name="scene", **world))
        preview = viewer.add_layer(Vectors(np.zeros((0, 2, 2)), vector_style="line", name="preview", **world))
        layer = viewer.add_layer(Shapes(ndim=2, name="labels", **world))
        viewer.layers.selection.active = layer
        drawn, notes, changes = [], [], []
        tools = ToolBox(
            viewer,
            layer,
            commit=lambda kind, geometry: drawn.append((kind, geometry)),
            preview_layer=preview,
            grid=grid,
            notify=notes.append,
        )
        tools.changed.connect(changes.append)
        return SimpleNamespace(
            viewer=viewer,
            scene=scene,
            layer=layer,
            preview=preview,
            tools=tools,
            mouse=Mouse(viewer),
            drawn=drawn,
            notes=notes,
            changes=changes,
        )

    return make


@pytest.fixture
def desk(easel):
    return easel()


def coordinates(geometry):
    return np.round(shapely.get_coordinates(geometry), 9).tolist()


class TestTheBox:
    def test_tools_are_named_like_what_they_make(self, desk):
        assert desk.tools.names == (*DRAWING_TOOLS, *EDITING_TOOLS)
        assert {kind_drawn_by(name) for name in DRAWING_TOOLS} == set(Kind) - {Kind.MASK}
        assert all(kind_drawn_by(kind) is kind for kind in set(Kind) - {Kind.MASK})
        assert desk.tools.active is None

    def test_a_tool_is_taken_and_put_away(self, desk):
        desk.layer.mode = "select"
        desk.tools.activate("polygon")
        desk.tools.activate("polygon")
        assert desk.layer.mode == "pan_zoom"
        desk.tools.activate(None)
        desk.tools.activate(None)
        assert desk.changes == ["polygon", ""]

    def test_an_unknown_tool_is_refused(self, desk):
        with pytest.raises(GeoLabelError, match=r"no tool 'spline'; use one of box, rotated_box"):
            desk.tools.activate("spline")

    def test_one_of_naparis_modes_puts_the_tool_away(self, desk):
        desk.tools.activate("box")
        desk.layer.mode = "direct"
        assert desk.tools.active is None
        assert desk.layer.mode == "direct"
        assert desk.changes == ["box", ""]

    def test_without_a_tool_the_mouse_draws_nothing(self, desk):
        desk.mouse.click(10, 10)
        desk.mouse.double_click(20, 20)
        assert not desk.tools.is_drawing
        assert not desk.drawn
        assert (desk.tools.finish(), desk.tools.back(), desk.tools.cancel()) == (False, False, False)

    def test_a_refusal_is_told_and_the_tool_is_ready_again(self, desk, easel):
        def refuse(kind, geometry):
            raise ForbiddenKindError("no keypoints here; draw a box")

        desk.tools._commit = refuse
        desk.tools.activate("keypoint")
        desk.mouse.click(10, 10)
        assert desk.notes == ["no keypoints here; draw a box"]
        assert desk.tools.active == "keypoint"
        assert not desk.tools.is_drawing

    def test_closing_leaves_no_callback_behind(self, desk):
        desk.tools.activate("polygon")
        desk.tools.close()
        desk.mouse.click(10, 10)
        assert desk.changes == ["polygon", ""]
        assert not any("ToolBox" in getattr(c, "__qualname__", "") for c in desk.viewer.mouse_drag_callbacks)
        assert not any("ToolBox" in getattr(c, "__qualname__", "") for c in desk.viewer.mouse_move_callbacks)


class TestBoxes:
    def test_dragging_draws_a_box_and_keeps_the_map_still(self, desk):
        desk.tools.activate("box")
        desk.mouse.drag((30, 40), (25, 35), (10.5, 20.25))
        ((kind, box),) = desk.drawn
        assert kind is Kind.BOX
        assert box.bounds == (10.5, 20.25, 30, 40)
        assert desk.mouse.handled
        assert len(desk.preview.data) == 0

    def test_two_clicks_draw_a_box_too(self, desk):
        desk.tools.activate("box")
        desk.mouse.click(10, 20)
        desk.mouse.move(15, 25)
        assert len(desk.preview.data) == 4 + 2  # outline, and the two strokes of a cross
        desk.mouse.click(30, 40)
        assert [geometry.bounds for _, geometry in desk.drawn] == [(10, 20, 30, 40)]

    def test_a_first_click_and_then_a_drag_set_the_second_corner_where_the_drag_ends(self, desk):
        desk.tools.activate("box")
        desk.mouse.click(10, 20)
        desk.mouse.drag((25, 35), (28, 38), (30, 40))
        assert [geometry.bounds for _, geometry in desk.drawn] == [(10, 20, 30, 40)]

    def test_a_box_without_area_is_told_and_goes_on(self, desk):
        desk.tools.activate("box")
        desk.mouse.click(10, 20)
        desk.mouse.click(10, 40)
        assert "no area" in desk.notes[0]
        desk.mouse.click(30, 40)
        assert len(desk.drawn) == 1

    def test_a_right_click_takes_the_corner_back(self, desk):
        desk.tools.activate("box")
        desk.mouse.click(10, 20)
        desk.mouse.click(50, 50, RIGHT)
        assert not desk.tools.is_drawing
        assert len(desk.preview.data) == 0

    def test_enter_on_half_a_box_says_what_is_missing(self, desk):
        desk.tools.activate("box")
        desk.mouse.click(10, 20)
        assert not desk.tools.finish()
        assert desk.notes == ["the box needs its second corner; click it, or drag from corner to corner"]

    def test_three_clicks_draw_a_rotated_box(self, desk):
        desk.tools.activate("rotated_box")
        for place in [(100, 100), (140, 130), (117, 124)]:
            desk.mouse.click(*place)
        ((kind, box),) = desk.drawn
        corners = shapely.get_coordinates(box)[:4]
        assert kind is Kind.ROTATED_BOX
        assert is_rectangle(corners, PIXELS, tolerance=1e-9)
        assert corners[:2].mean(axis=0) == pytest.approx((100, 100))
        assert corners[2:].mean(axis=0) == pytest.approx((140, 130))

    def test_a_rotated_box_is_right_on_the_ground_of_every_grid(self, easel, grid):
        desk = easel(grid)
        desk.tools.activate("rotated_box")
        for place in [(200, 300), (260, 340), (240, 300)]:
            desk.mouse.click(*place)
        corners = shapely.get_coordinates(desk.drawn[0][1])[:4]
        assert is_rectangle(corners, grid)
        assert measure_box(corners, grid).centre == pytest.approx((230, 320))

    def test_the_preview_of_a_rotated_box_is_what_the_click_will_make(self, desk):
        desk.tools.activate("rotated_box")
        desk.mouse.click(100, 100)
        desk.mouse.click(140, 130)
        desk.mouse.move(117, 124)
        outline = desk.preview.data[:4].copy()
        desk.mouse.click(117, 124)
        corners = shapely.get_coordinates(desk.drawn[0][1])
        assert outline[:, 0][:, ::-1] + 0.5 == pytest.approx(corners[:4], abs=1e-3)
        assert (outline[:, 0] + outline[:, 1])[:, ::-1] + 0.5 == pytest.approx(corners[1:], abs=1e-3)

    def test_a_beam_on_the_axis_is_told_and_the_axis_stays(self, desk):
        desk.tools.activate("rotated_box")
        desk.mouse.click(100, 100)
        desk.mouse.click(140, 100)
        desk.mouse.click(120, 100)
        assert "no width" in desk.notes[0]
        desk.mouse.click(120, 105)
        assert desk.drawn[0][1].area == pytest.approx(40 * 10)

    @pytest.mark.parametrize(
        ("clicks", "missing"), [(1, "the stern and a point beside"), (2, "a point beside the axis")]
    )
    def test_enter_on_half_a_rotated_box_says_what_is_missing(self, desk, clicks, missing):
        desk.tools.activate("rotated_box")
        for place in [(100, 100), (140, 130)][:clicks]:
            desk.mouse.click(*place)
        assert not desk.tools.finish()
        assert missing in desk.notes[0]
        desk.tools.cancel()
        assert not desk.drawn


class TestPolygonsAndLines:
    def test_clicks_and_a_double_click_draw_a_polygon(self, desk):
        desk.tools.activate("polygon")
        desk.mouse.click(10, 10)
        desk.mouse.click(50, 10)
        desk.mouse.double_click(30, 40)
        ((kind, polygon),) = desk.drawn
        assert kind is Kind.POLYGON
        assert coordinates(polygon) == [[10, 10], [50, 10], [30, 40], [10, 10]]
        assert not desk.mouse.handled
        assert desk.tools.active == "polygon"

    def test_a_double_click_on_the_second_point_goes_on(self, desk):
        desk.tools.activate("polygon")
        desk.mouse.click(10, 10)
        desk.mouse.double_click(50, 10)
        assert not desk.drawn
        desk.mouse.click(30, 40)
        assert desk.tools.finish()
        assert len(desk.drawn) == 1

    def test_enter_draws_a_line_without_a_point_more(self, desk):
        desk.tools.activate("polyline")
        desk.mouse.click(10, 10)
        desk.mouse.click(50, 10)
        desk.mouse.move(90, 90)
        desk.tools.finish()
        assert [(kind, coordinates(line)) for kind, line in desk.drawn] == [(Kind.POLYLINE, [[10, 10], [50, 10]])]

    def test_backspace_and_right_click_take_points_back_one_by_one(self, desk):
        desk.tools.activate("polygon")
        for place in [(10, 10), (50, 10), (99, 99), (98, 98)]:
            desk.mouse.click(*place)
        assert desk.tools.back()
        desk.mouse.click(70, 70, RIGHT)
        desk.mouse.double_click(30, 40)
        assert coordinates(desk.drawn[0][1])[:3] == [[10, 10], [50, 10], [30, 40]]

    def test_escape_keeps_a_polygon_that_is_complete_and_says_so(self, desk):
        desk.tools.activate("polygon")
        for place in [(10, 10), (50, 10), (30, 40)]:
            desk.mouse.click(*place)
        assert desk.tools.cancel()
        assert len(desk.drawn) == 1
        assert desk.notes == ["the polygon was kept as far as it was drawn; undo takes it back"]
        assert desk.tools.active == "polygon"

    def test_escape_drops_a_polygon_of_two_points(self, desk):
        desk.tools.activate("polygon")
        desk.mouse.click(10, 10)
        desk.mouse.click(50, 10)
        assert desk.tools.cancel()
        assert not desk.drawn
        assert not desk.tools.is_drawing
        assert len(desk.preview.data) == 0

    def test_taking_another_tool_keeps_a_polygon_that_is_complete(self, desk):
        desk.tools.activate("polygon")
        for place in [(10, 10), (50, 10), (30, 40)]:
            desk.mouse.click(*place)
        desk.tools.activate("box")
        assert [kind for kind, _ in desk.drawn] == [Kind.POLYGON]

    def test_enter_on_two_points_says_that_three_are_needed(self, desk):
        desk.tools.activate("polygon")
        desk.mouse.click(10, 10)
        desk.mouse.click(50, 10)
        assert not desk.tools.finish()
        assert desk.notes == ["the polygon needs three points and has 2; click to set more"]
        assert desk.tools.is_drawing

    def test_dragging_moves_the_map_and_loses_no_point(self, desk):
        desk.tools.activate("polygon")
        desk.mouse.click(10, 10)
        desk.mouse.click(50, 10)
        desk.mouse.drag((100, 100), (120, 130), (150, 160))
        assert not desk.mouse.handled
        desk.mouse.double_click(30, 40)
        assert coordinates(desk.drawn[0][1])[:3] == [[10, 10], [50, 10], [30, 40]]

    def test_a_click_counts_where_the_button_went_down(self, desk):
        desk.tools.activate("keypoint")
        desk.mouse.press(10, 10)
        desk.mouse.drag_to(11.5, 10)  # three screen pixels: a trembling hand
        desk.mouse.release(11.5, 10)
        assert desk.drawn == [(Kind.KEYPOINT, shapely.Point(10, 10))]

    def test_drawing_goes_on_while_other_layers_are_visited(self, desk):
        desk.tools.activate("polygon")
        desk.mouse.click(10, 10)
        desk.viewer.layers.selection.active = desk.scene
        desk.mouse.click(50, 10)
        desk.viewer.layers.selection.active = None
        desk.mouse.click(30, 40)
        desk.tools.finish()
        assert coordinates(desk.drawn[0][1])[:3] == [[10, 10], [50, 10], [30, 40]]

    def test_a_layer_with_a_mode_of_its_own_has_the_mouse_to_itself(self, desk):
        other = desk.viewer.add_layer(Shapes(ndim=2))
        desk.viewer.layers.selection.active = other
        desk.tools.activate("keypoint")
        other.mode = "direct"
        desk.mouse.click(10, 10)
        assert not desk.drawn

    def test_a_tool_put_away_in_the_middle_of_a_drag_draws_nothing(self, desk):
        desk.tools.activate("box")
        desk.mouse.press(10, 10)
        desk.mouse.drag_to(30, 30)
        desk.tools.activate(None)
        desk.mouse.drag_to(40, 40)
        desk.mouse.release(40, 40)
        assert not desk.drawn
        assert len(desk.preview.data) == 0


class TestPreview:
    def test_lines_follow_the_mouse_and_crosses_mark_the_points(self, desk):
        desk.tools.activate("polygon")
        desk.mouse.click(10, 10)
        desk.mouse.click(50, 10)
        desk.mouse.move(30, 40)
        starts, steps = desk.preview.data[:3, 0], desk.preview.data[:3, 1]
        assert starts[:, ::-1] + 0.5 == pytest.approx(np.array([(10, 10), (50, 10), (30, 40)]))
        assert steps[:, ::-1] == pytest.approx(np.array([(40, 0), (-20, 30), (-20, -30)]))
        assert len(desk.preview.data) == 3 + 2 * 2

    def test_its_lines_are_as_wide_on_screen_at_every_zoom(self, desk):
        desk.tools.activate("polyline")
        widths = []
        for zoom in (0.1, 1.0):
            desk.viewer.scene.camera.zoom = zoom
            desk.mouse.click(10 + zoom, 10)
            widths.append(desk.preview.edge_width * zoom * SCALE)
        assert widths == pytest.approx([2, 2])
