"""The shapes view in a real window: every gesture of napari's that edits shapes, by real mouse and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations import Annotation, AnnotationStore, Change, Edit
from napari_geolabel.geo import is_rectangle, pixel_to_display
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.geometry_display import drawings
from napari_geolabel.viewer.scene_layer import SCENE_KEY
from napari_geolabel.viewer.shapes_view import ShapesView

ONTOLOGY = Ontology(
    id="test",
    name="Test",
    version="1.0",
    description="",
    classes=(
        {
            "id": "ship",
            "name": "Ship",
            "color": "#ff0000",
            "kinds": ("box", "rotated_box", "polygon", "polyline"),
        },
        {"id": "cloud", "name": "Cloud", "color": "#00ff00", "kinds": ("polygon",)},
        {"id": "dock", "name": "Dock", "color": "#00ffff", "kinds": ("box",)},
    ),
    scene_attributes=(),
)
POLYGON = [(60, 60), (140, 70), (150, 150), (80, 160)]
FURTHER = [(x + 100, y + 80) for x, y in POLYGON]


@dataclass
class Studio:
    """A window with a scene, a Shapes layer and its view."""

    viewer: Any
    layer: Any
    store: AnnotationStore
    wait: Callable[..., None]
    notes: list[str] = field(default_factory=list)
    class_id: str = "ship"
    view: Any = None

    def make(self, geometry: shapely.Geometry, kind: Kind) -> Annotation:
        return Annotation(class_id=self.class_id, kind=kind, geometry=geometry)

    def add(self, *annotations: Annotation) -> None:
        self.store.apply(Change(title="script", edits=tuple(Edit(after=a) for a in annotations)))

    @property
    def all(self) -> list[Annotation]:
        return list(self.store.values())

    def check(self, *titles: str) -> None:
        """The layer shows what the store has, without ghosts, and undo has these titles."""
        self.wait(0.02)
        layer, expected = self.layer, [(a, d) for a in self.all for d in drawings(a)]
        assert len(layer.data) == len(expected) == len(layer.features) == len(layer.edge_color)
        for i, (annotation, drawing) in enumerate(expected):
            assert np.array_equal(layer.data[i], drawing.vertices.astype(np.float32))
            assert layer.features["id"][i] == annotation.id
        shown = layer._data_view.displayed_vertices_to_shape_num
        for i, (_, drawing) in enumerate(expected):
            assert np.count_nonzero(shown == i) == len(drawing.vertices)
        assert not layer._is_creating
        assert not layer._is_moving
        assert self.store.undo_titles[::-1] == list(titles)

    def snapshot(self) -> dict[str, Any]:
        return {a.id: (a.class_id, a.kind, a.geometry.wkb) for a in self.all}

    def undo_and_redo_everything(self) -> None:
        end, steps = self.snapshot(), [self.snapshot()]
        while self.store.undo():
            steps.append(self.snapshot())
        assert steps[-1] == {}
        for expected in reversed(steps[:-1]):
            self.store.redo()
            assert self.snapshot() == expected
        assert self.snapshot() == end
        self.check(*self.store.undo_titles[::-1])


@pytest.fixture
def studio(viewer: Any, qapp: Any, wait: Any) -> Iterator[Studio]:
    """A scene of 300 x 300 metre-sized pixels, three screen pixels each."""
    from affine import Affine
    from pyproj import CRS
    from qtpy.QtCore import QTimer

    from napari_geolabel.geo import GeoGrid

    grid = GeoGrid(shape=(300, 300), transform=Affine(2, 0, 400_000, 0, -2, 5_300_000), crs=CRS.from_epsg(32633))
    world = {**Frame.of(grid).layer_transform, "metadata": {SCENE_KEY: SimpleNamespace(grid=grid)}}
    viewer.add_image(np.add.outer(np.arange(300), np.arange(300)).astype(np.uint16), name="scene", **world)
    layer = viewer.add_shapes(name="labels", ndim=2, **world)
    studio = Studio(viewer, layer, AnnotationStore(ONTOLOGY), wait)
    viewer.scene.camera.center = tuple(Frame.of(grid).to_world((150, 150)))
    viewer.scene.camera.zoom = 3 / 2
    studio.view = ShapesView(
        viewer,
        layer,
        studio.store,
        make=studio.make,
        defer=lambda call, ms: QTimer.singleShot(ms, call),
        notify=studio.notes.append,
        grid=grid,
    )
    viewer.layers.selection.active = layer
    wait(0.2)
    yield studio
    studio.view.close()


def near(geometry: shapely.Geometry, expected: shapely.Geometry, pixels: float = 0.5) -> bool:
    """Whether two geometries differ by less than a screen pixel and a half everywhere."""
    return shapely.hausdorff_distance(geometry, expected) <= pixels


def cloud(points: Any = POLYGON) -> Annotation:
    return Annotation(class_id="cloud", kind=Kind.POLYGON, geometry=shapely.Polygon(points))


def draw_polygon(studio: Studio, mouse: Any, points: Any = POLYGON) -> None:
    studio.layer.mode = "add_polygon"
    for point in points:
        mouse.click(point)


class TestDrawing:
    def test_a_dragged_rectangle_is_a_box(self, studio, mouse):
        studio.layer.mode = "add_rectangle"
        mouse.drag((50, 60), (120, 110))
        studio.check("draw ship")
        assert studio.all[0].kind is Kind.BOX
        assert near(studio.all[0].geometry, shapely.box(50, 60, 120, 110))
        assert studio.layer.mode == "add_rectangle"
        mouse.drag((150, 60), (180, 90))
        studio.check("draw ship", "draw ship")
        studio.undo_and_redo_everything()

    @pytest.mark.parametrize("mode", ["add_rectangle", "add_ellipse", "add_line"])
    def test_a_click_without_a_drag_draws_nothing_and_says_so(self, studio, mouse, mode):
        studio.layer.mode = mode
        mouse.click((100, 100))
        studio.check()
        assert studio.notes == ["the shape was left out: it is smaller than a click; drag to draw it"]

    @pytest.mark.parametrize("key", ["Escape", "Return"])
    def test_a_native_polygon_ended_by_a_key_is_a_polygon(self, studio, mouse, press, key):
        draw_polygon(studio, mouse)
        assert not studio.all
        press(key)
        studio.check("draw ship")
        assert studio.all[0].kind is Kind.POLYGON
        assert near(studio.all[0].geometry, shapely.Polygon(POLYGON))

    def test_a_native_polygon_ended_by_a_double_click_has_no_vertex_twice(self, studio, mouse):
        studio.layer.mode = "add_polygon"
        for point in POLYGON[:-1]:
            mouse.click(point)
        mouse.double_click(POLYGON[-1])
        studio.check("draw ship")
        assert near(studio.all[0].geometry, shapely.Polygon(POLYGON))
        assert shapely.get_num_coordinates(studio.all[0].geometry) == 5

    def test_polygons_drawn_after_each_other_leave_no_ghost_vertices(self, studio, mouse, press):
        for offset in (0, 20, 40):
            draw_polygon(studio, mouse, [(x + offset, y + offset) for x, y in POLYGON])
            press("Escape")
            studio.check(*["draw ship"] * (1 + offset // 20))
        studio.undo_and_redo_everything()

    @pytest.mark.parametrize("points", [1, 2])
    def test_a_polygon_given_up_leaves_nothing_behind(self, studio, mouse, press, points):
        studio.add(cloud())
        draw_polygon(studio, mouse, [(200, 200), (250, 210)][:points])
        press("Escape")
        studio.check("script")
        assert studio.notes == ["the shape was given up: it had too few points"]
        draw_polygon(studio, mouse, [(200, 200), (250, 210), (230, 250)])
        press("Escape")
        studio.check("script", "draw ship")

    @pytest.mark.parametrize("mode", ["add_path", "add_polyline"])
    def test_native_lines_are_polylines(self, studio, mouse, press, mode):
        studio.layer.mode = mode
        if mode == "add_path":
            mouse.drag((50, 50), (100, 60), (150, 120))
        else:
            for point in [(50, 50), (100, 60), (150, 120)]:
                mouse.click(point)
            press("Escape")
        studio.check("draw ship")
        assert studio.all[0].kind is Kind.POLYLINE
        assert near(studio.all[0].geometry, shapely.LineString([(50, 50), (100, 60), (150, 120)]), 5)

    def test_a_lasso_is_a_polygon(self, studio, mouse):
        studio.layer.mode = "add_polygon_lasso"
        mouse.drag((50, 50), (150, 50), (150, 150), (50, 150), (50, 60))
        studio.check("draw ship")
        assert studio.all[0].kind is Kind.POLYGON
        assert studio.all[0].geometry.area == pytest.approx(10_000, rel=0.05)

    def test_an_ellipse_is_a_polygon(self, studio, mouse):
        studio.layer.mode = "add_ellipse"
        mouse.drag((50, 50), (150, 100))
        studio.check("draw ship")
        assert studio.all[0].kind is Kind.POLYGON
        assert studio.all[0].geometry.area == pytest.approx(np.pi * 50 * 25, rel=0.03)

    def test_a_kind_that_the_class_forbids_is_not_added_and_told(self, studio, mouse, press):
        studio.class_id = "dock"
        draw_polygon(studio, mouse)
        press("Escape")
        studio.check()
        assert studio.notes == ["Dock is not drawn as polygon; draw box, or choose another class"]

    @pytest.mark.parametrize("points", [1, 2, 3, 4])
    def test_a_change_of_mode_in_mid_drawing_keeps_what_was_clicked_and_no_more(self, studio, mouse, points):
        studio.add(cloud())
        corners = [(200, 180), (260, 190), (250, 250), (210, 240)][:points]
        draw_polygon(studio, mouse, corners)
        mouse.move((280, 280))
        studio.layer.mode = "pan_zoom"
        if points < 3:
            studio.check("script")
            assert studio.notes == ["the polygon was left out: it needs three different points"]
        else:
            studio.check("script", "draw ship")
            assert near(studio.all[1].geometry, shapely.Polygon(corners))

    def test_hiding_the_layer_in_mid_drawing_keeps_the_store_true(self, studio, mouse):
        draw_polygon(studio, mouse)
        studio.layer.visible = False
        studio.wait()
        studio.layer.visible = True
        studio.layer.mode = "pan_zoom"
        studio.check("draw ship")


class TestEditing:
    def test_a_dragged_vertex_is_one_change_and_the_others_keep_every_bit(self, studio, mouse):
        exact = cloud(np.array(POLYGON) + 1 / 3)
        studio.add(exact, cloud(np.array(POLYGON) + 100))
        studio.layer.mode = "direct"
        studio.view.select([exact.id])
        mouse.drag(np.array(POLYGON[0]) + 1 / 3, (40, 40))
        studio.check("script", "edit cloud")
        after = shapely.get_coordinates(studio.store[exact.id].geometry)
        assert np.array_equal(after[1:4], shapely.get_coordinates(exact.geometry)[1:4])
        assert after[0] == pytest.approx((40, 40), abs=0.5)
        studio.undo_and_redo_everything()

    def test_a_box_keeps_its_right_angles_when_a_corner_is_dragged(self, studio, mouse):
        box = Annotation(class_id="ship", kind=Kind.BOX, geometry=shapely.box(50.25, 60.25, 120.25, 110.25))
        studio.add(box)
        studio.layer.mode = "direct"
        studio.view.select([box.id])
        mouse.drag((120.25, 110.25), (150, 150))
        studio.check("script", "edit ship")
        after = studio.store[box.id]
        assert after.kind is Kind.BOX
        assert after.geometry.bounds[:2] == (50.25, 60.25)
        assert near(after.geometry, shapely.box(50.25, 60.25, 150, 150))
        assert studio.layer.shape_type == ["rectangle"]

    def test_shapes_are_moved_together_in_one_change(self, studio, mouse):
        studio.add(cloud(), cloud(FURTHER))
        before = [a.geometry for a in studio.all]
        studio.layer.mode = "select"
        studio.view.select([a.id for a in studio.all])
        mouse.drag((110, 110), (125, 120))
        studio.check("script", "move 2 annotations")
        for old, new in zip(before, [a.geometry for a in studio.all], strict=True):
            shift = shapely.get_coordinates(new) - shapely.get_coordinates(old)
            assert np.ptp(shift, axis=0) == pytest.approx(0, abs=1e-9)
            assert shift[0] == pytest.approx((15, 10), abs=0.5)
        assert len(studio.view.selected_ids) == 2
        studio.undo_and_redo_everything()

    def test_a_box_turned_by_its_handle_is_a_rotated_box_and_stays_one(self, studio, mouse):
        box = Annotation(class_id="ship", kind=Kind.BOX, geometry=shapely.box(100, 120, 180, 160))
        studio.add(box)
        studio.layer.mode = "select"
        studio.view.select([box.id])
        studio.wait()
        from napari.layers.shapes._shapes_constants import Box

        row, col = studio.layer._selected_box[Box.HANDLE]
        mouse.drag((col + 0.5, row + 0.5), (180, 90))
        studio.check("script", "edit ship")
        turned = studio.store[box.id]
        assert turned.kind is Kind.ROTATED_BOX
        assert is_rectangle(shapely.get_coordinates(turned.geometry)[:4], studio.view._reader._grid)
        assert turned.geometry.area == pytest.approx(80 * 40, rel=1e-3)
        studio.layer.mode = "direct"
        corner = shapely.get_coordinates(turned.geometry)[1]
        mouse.drag(corner, corner + np.array([9, 3]))
        studio.check("script", "edit ship", "edit ship")
        assert studio.store[box.id].kind is Kind.ROTATED_BOX
        assert is_rectangle(shapely.get_coordinates(studio.store[box.id].geometry)[:4], studio.view._reader._grid)

    def test_vertices_are_inserted_and_removed(self, studio, mouse):
        studio.add(cloud())
        studio.view.select(list(studio.store))
        studio.layer.mode = "vertex_insert"
        mouse.click((100, 65))
        studio.check("script", "edit cloud")
        assert shapely.get_num_coordinates(studio.all[0].geometry) == 6
        studio.layer.mode = "vertex_remove"
        mouse.click(POLYGON[2])
        studio.check("script", "edit cloud", "edit cloud")
        assert shapely.get_num_coordinates(studio.all[0].geometry) == 5
        studio.undo_and_redo_everything()

    def test_a_triangle_that_loses_a_vertex_is_deleted_and_comes_back(self, studio, mouse):
        studio.add(cloud(POLYGON[:3]), cloud(FURTHER))
        triangle, other = studio.all
        studio.view.select([triangle.id])
        studio.layer.mode = "vertex_remove"
        mouse.click(POLYGON[1])
        studio.check("script", "delete cloud")
        assert list(studio.store) == [other.id]
        studio.store.undo()
        studio.check("script")
        assert studio.store[triangle.id] == triangle

    def test_copy_and_paste_by_keys_make_new_annotations_of_the_same_class(self, studio, mouse, press):
        studio.add(cloud(), cloud(FURTHER))
        studio.layer.mode = "select"
        studio.view.select(list(studio.store))
        press("Ctrl+C")
        press("Ctrl+V")
        studio.check("script", "paste 2 annotations")
        assert [a.class_id for a in studio.all] == ["cloud"] * 4
        assert studio.view.selected_ids == [a.id for a in studio.all[2:]]
        studio.undo_and_redo_everything()

    @pytest.mark.parametrize("key", ["Delete", "Backspace", "3"])
    def test_keys_that_delete_remove_annotations(self, studio, press, key):
        studio.add(cloud(), cloud(FURTHER))
        first, second = studio.all
        studio.layer.mode = "select"
        studio.view.select([first.id])
        press(key)
        studio.check("script", "delete cloud")
        assert list(studio.store) == [second.id]
        studio.undo_and_redo_everything()


class TestScripts:
    def test_several_shapes_added_from_the_console_are_one_change(self, studio):
        arrays = [pixel_to_display(np.array(POLYGON) + offset) for offset in (0, 50, 100)]
        studio.layer.add(arrays, shape_type="polygon")
        studio.check("draw 3 annotations")
        studio.undo_and_redo_everything()

    def test_all_data_assigned_are_one_change(self, studio):
        studio.add(cloud(), cloud(FURTHER))
        first = studio.all[0]
        studio.layer.data = [np.array(studio.layer.data[0]), np.array(studio.layer.data[1]) + 4]
        studio.check("script", "move cloud")
        assert studio.store[first.id] == first
        studio.layer.data = [np.array(studio.layer.data[0])]
        studio.check("script", "move cloud", "delete cloud")

    def test_a_store_change_while_a_polygon_is_drawn_does_not_end_it(self, studio, mouse, press):
        draw_polygon(studio, mouse, POLYGON[:2])
        studio.add(cloud([(200, 200), (250, 200), (220, 250)]))
        studio.wait()
        assert len(studio.layer.data) == 1  # the layer is left alone
        for point in POLYGON[2:]:
            mouse.click(point)
        press("Escape")
        studio.check("script", "draw ship")
        assert near(studio.all[1].geometry, shapely.Polygon(POLYGON))

    def test_shapes_added_to_the_layer_while_a_polygon_is_drawn_do_not_end_it(self, studio, mouse, press):
        draw_polygon(studio, mouse, POLYGON[:2])
        studio.layer.add([pixel_to_display(np.array([(200, 200), (250, 200), (220, 250)]))], shape_type="polygon")
        studio.wait()
        assert not studio.all
        for point in POLYGON[2:]:
            mouse.click(point)
        press("Escape")
        studio.check("draw 2 annotations")
        assert near(studio.all[0].geometry, shapely.Polygon(POLYGON))

    def test_undo_while_a_polygon_is_drawn_takes_the_other_work_back_and_leaves_the_drawing(self, studio, mouse, press):
        studio.add(cloud([(200, 200), (250, 200), (220, 250)]))
        draw_polygon(studio, mouse, POLYGON[:3])
        studio.store.undo()
        mouse.click(POLYGON[3])
        press("Escape")
        studio.check("draw ship")
        assert near(studio.all[0].geometry, shapely.Polygon(POLYGON))

    def test_a_store_change_in_the_middle_of_a_drag_loses_neither(self, studio, mouse, viewer, qapp, wait):
        studio.add(cloud())
        moved = studio.all[0]
        studio.layer.mode = "select"
        studio.view.select([moved.id])
        mouse.move((110, 110))
        mouse.press((110, 110))
        mouse.move((115, 115))
        studio.add(cloud([(200, 200), (250, 200), (220, 250)]))
        mouse.move((130, 130))
        mouse.release((130, 130))
        studio.check("script", "script", "move cloud")
        assert near(studio.store[moved.id].geometry, shapely.transform(moved.geometry, lambda xy: xy + 20))

    def test_another_layer_made_active_in_the_middle_of_a_drag_loses_nothing(self, studio, mouse, viewer):
        studio.add(cloud())
        studio.layer.mode = "select"
        studio.view.select(list(studio.store))
        mouse.move((110, 110))
        mouse.press((110, 110))
        mouse.move((120, 120))
        mouse.move((130, 130))
        viewer.layers.selection.active = viewer.layers["scene"]
        mouse.release((130, 130))
        studio.wait(0.1)
        assert studio.store.undo_titles[0] == "move cloud"
        assert [len(studio.layer.data), len(studio.all)] == [1, 1]

    def test_outlines_keep_their_width_when_the_wheel_zooms(self, studio, viewer, until):
        studio.add(cloud())
        width = studio.layer.edge_width[0]
        viewer.scene.camera.zoom *= 4
        until(lambda: studio.layer.edge_width == pytest.approx([width / 4]))
        studio.check("script")
