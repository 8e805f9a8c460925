from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.annotations import Annotation, check_geometry
from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import GeoGrid, box_from_axis, is_rectangle
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.geometry_display import Drawing, drawings
from napari_geolabel.viewer.reading_back import (
    edited_geometry,
    is_axis_aligned,
    kinds_for,
    moved_as_a_whole,
    new_geometry,
)

PIXELS = GeoGrid(shape=(512, 512), transform=Affine.identity())
EVERYTHING = tuple(Kind)


def shown_in_float32(annotation: Annotation) -> list[Drawing]:
    return [replace(d, vertices=d.vertices.astype(np.float32)) for d in drawings(annotation)]


def edit(annotation, change, *, grid=PIXELS, allowed=EVERYTHING, part=0):
    """Let ``change`` edit a copy of the vertices of one part, in float32, and read it back."""
    shown = shown_in_float32(annotation)
    now = dict(enumerate(shown))
    vertices = now[part].vertices.copy()
    result = change(vertices)
    now[part] = replace(now[part], vertices=vertices if result is None else result)
    return edited_geometry(annotation, shown, now, grid=grid, allowed=allowed)


def set_vertex(index, row, col):
    def change(vertices):
        vertices[index] = row, col

    return change


def rectangle(*corners):
    return Drawing(shape_type="rectangle", vertices=np.array(corners, np.float32))


class TestNewDrawings:
    def test_a_rectangle_along_the_axes_may_be_a_box_first(self):
        assert kinds_for(rectangle((0, 0), (0, 9), (5, 9), (5, 0)))[0] is Kind.BOX

    def test_a_turned_rectangle_is_a_rotated_box_or_a_polygon(self):
        assert kinds_for(rectangle((0, 3), (3, 0), (6, 3), (3, 6))) == (Kind.ROTATED_BOX, Kind.POLYGON)

    def test_float_noise_does_not_turn_a_box(self):
        assert is_axis_aligned(np.array([(0, 0), (1e-7, 300), (200, 300.00003), (200, 0)]))

    def test_a_box_turned_by_a_quarter_of_a_degree_is_turned(self):
        angle = np.deg2rad(0.25)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        assert not is_axis_aligned(np.array([(0, 0), (0, 20), (10, 20), (10, 0)]) @ turn)

    def test_an_ellipse_becomes_a_polygon_of_its_area(self):
        drawing = Drawing(shape_type="ellipse", vertices=np.array([(0, 0), (0, 20), (10, 20), (10, 0)], float))
        area = new_geometry(Kind.POLYGON, [drawing], PIXELS)
        assert area.area == pytest.approx(np.pi * 10 * 5, rel=0.01)
        assert area.bounds == pytest.approx((0.5, 0.5, 20.5, 10.5))

    def test_the_half_pixel_is_put_back(self):
        box = new_geometry(Kind.BOX, [rectangle((-0.5, -0.5), (-0.5, 9.5), (4.5, 9.5), (4.5, -0.5))], PIXELS)
        assert box.bounds == (0, 0, 10, 5)

    @pytest.mark.parametrize("corners", [[(0, 0), (0, 9), (5, 9), (5, 0)], [(5, 9), (0, 9), (0, 0), (5, 0)]])
    def test_a_box_is_one_for_the_store(self, corners):
        check_geometry(new_geometry(Kind.BOX, [rectangle(*corners)], PIXELS), Kind.BOX)

    def test_a_line_of_one_point_is_refused(self):
        with pytest.raises(GeometryError, match="two different points"):
            new_geometry(Kind.POLYLINE, [Drawing(shape_type="path", vertices=np.ones((3, 2)))], PIXELS)


class TestMoves:
    @given(st.floats(-500, 500, width=32), st.floats(-500, 500, width=32))
    def test_a_move_shifts_the_exact_geometry_and_keeps_its_form(self, down, right):
        corners = np.array([(100, 100), (110, 120), (90, 130), (80, 110)]) + 1 / 3
        box = Annotation(class_id="ship", kind=Kind.ROTATED_BOX, geometry=shapely.Polygon(corners))
        kind, moved = edit(box, lambda v: (v + np.float32([down, right])).astype(np.float32))
        shift = shapely.get_coordinates(moved) - shapely.get_coordinates(box.geometry)
        assert kind is Kind.ROTATED_BOX
        assert np.ptp(shift, axis=0) == pytest.approx(0, abs=1e-12)
        assert shift[0] == pytest.approx((right, down), abs=1e-3)

    def test_a_polygon_with_holes_moves_in_one_piece(self, archipelago):
        annotation = Annotation(class_id="cloud", kind=Kind.POLYGON, geometry=archipelago)
        _, moved = edit(annotation, lambda v: v + np.float32([8, 16]))
        assert moved.equals_exact(shapely.transform(archipelago, lambda xy: xy + np.array([16, 8])), 1e-4)

    def test_a_line_of_two_parts_of_which_one_is_moved_keeps_the_other_to_the_bit(self):
        line = shapely.MultiLineString([[(1 / 3, 2), (3, 4)], [(5.1, 6.1), (7, 8)]])
        annotation = Annotation(class_id="runway", kind=Kind.POLYLINE, geometry=line)
        _, moved = edit(annotation, lambda v: v + np.float32(4), part=1)
        assert shapely.equals_identical(moved.geoms[0], line.geoms[0])
        assert moved.geoms[1].equals_exact(shapely.LineString([(9.1, 10.1), (11, 12)]), 1e-5)

    def test_a_line_that_lost_a_part_has_the_other_left(self):
        line = shapely.MultiLineString([[(1 / 3, 2), (3, 4)], [(5.1, 6.1), (7, 8)]])
        annotation = Annotation(class_id="runway", kind=Kind.POLYLINE, geometry=line)
        shown = shown_in_float32(annotation)
        _, left = edited_geometry(annotation, shown, {1: shown[1]}, grid=PIXELS, allowed=EVERYTHING)
        assert shapely.equals_identical(left, line.geoms[1])

    def test_a_dragged_vertex_is_no_move(self):
        shown = [rectangle((0, 0), (0, 9), (5, 9), (5, 0))]
        now = rectangle((0, 0), (0, 9), (5, 9), (6, 0))
        assert not moved_as_a_whole(shown, {0: now})


class TestVertices:
    def test_all_but_the_dragged_vertex_keep_every_bit(self):
        polygon = shapely.Polygon([(200.1, 200.2), (260.3, 210.7), (230.9, 270.4)])
        _, after = edit(Annotation(class_id="cloud", kind=Kind.POLYGON, geometry=polygon), set_vertex(1, 9.5, 19.5))
        assert shapely.get_coordinates(after).tolist() == [[200.1, 200.2], [20, 10], [230.9, 270.4], [200.1, 200.2]]

    def test_an_added_vertex_leaves_the_others_exact(self):
        polygon = shapely.Polygon([(200.1, 200.2), (260.3, 210.7), (230.9, 270.4)])
        annotation = Annotation(class_id="cloud", kind=Kind.POLYGON, geometry=polygon)
        _, after = edit(annotation, lambda v: np.insert(v, 2, (219.5, 249.5), axis=0))
        assert shapely.get_coordinates(after)[:-1].tolist() == [
            [200.1, 200.2],
            [260.3, 210.7],
            [250, 220],
            [230.9, 270.4],
        ]

    @pytest.mark.parametrize("index", [0, 4, 5, 9, 10, 11, 14, 15])
    def test_a_vertex_that_closes_a_ring_takes_its_copies_along(self, donut, index):
        annotation = Annotation(class_id="cloud", kind=Kind.POLYGON, geometry=donut)
        old = shown_in_float32(annotation)[0].vertices[index]
        _, after = edit(annotation, set_vertex(index, old[0] + 1, old[1] + 2))
        changed = (shapely.get_coordinates(after) != shapely.get_coordinates(donut)).any(axis=1)
        assert after.is_valid
        assert len(after.interiors) == 2
        assert 1 <= changed.sum() <= 2  # one vertex, twice where it opens and closes its ring

    @pytest.mark.parametrize(
        ("index", "lost"), [(2, [(20, 10), None]), (6, [None, (20, 10)]), (10, [None, (20, 10)]), (11, [(0, 0), None])]
    )
    def test_only_the_part_whose_vertex_is_removed_loses_it(self, index, lost):
        # 2 and 6 are at the same place, 10 closes the second part, 11 is the anchor: the first vertex of all again
        parts = [[(0, 0), (10, 0), (20, 10), (10, 20), (0, 20)], [(20, 10), (40, 0), (50, 10), (40, 20)]]
        islands = shapely.MultiPolygon([shapely.Polygon(part) for part in parts])
        annotation = Annotation(class_id="cloud", kind=Kind.POLYGON, geometry=islands)
        _, after = edit(annotation, lambda v: np.delete(v, index, axis=0))
        left = [[vertex for vertex in part if vertex != gone] for part, gone in zip(parts, lost, strict=True)]
        assert after.equals(shapely.MultiPolygon([shapely.Polygon(part) for part in left]))

    @pytest.mark.parametrize("index", [0, 2, 6, 4, 9, 10])
    def test_a_vertex_can_be_removed_from_a_polygon_with_holes(self, donut, index):
        annotation = Annotation(class_id="cloud", kind=Kind.POLYGON, geometry=donut)
        _, after = edit(annotation, lambda v: np.delete(v, index, axis=0))
        assert shapely.get_num_coordinates(after) == shapely.get_num_coordinates(donut) - 1
        assert set(map(tuple, shapely.get_coordinates(after))) < set(map(tuple, shapely.get_coordinates(donut)))

    def test_a_hole_that_is_left_with_two_points_goes(self, donut):
        annotation = Annotation(class_id="cloud", kind=Kind.POLYGON, geometry=donut)
        _, after = edit(annotation, lambda v: np.delete(v, 12, axis=0))
        assert len(after.interiors) == 1


class TestBoxes:
    def box(self) -> Annotation:
        return Annotation(class_id="ship", kind=Kind.BOX, geometry=shapely.box(10.1, 20.1, 30.1, 40.1))

    def test_a_dragged_corner_keeps_the_box_along_the_axes_and_the_opposite_corner_exact(self):
        index = next(i for i, v in enumerate(shown_in_float32(self.box())[0].vertices) if v[0] > 30 and v[1] > 20)
        kind, after = edit(self.box(), set_vertex(index, 49.5, 59.5))
        assert kind is Kind.BOX
        assert after.bounds == pytest.approx((10.1, 20.1, 60, 50), abs=1e-12)
        assert after.bounds[:2] == (10.1, 20.1)
        check_geometry(after, Kind.BOX)

    @given(index=st.integers(0, 3), row=st.floats(-400, 400), col=st.floats(-400, 400))
    def test_a_rotated_box_stays_a_rectangle_on_the_ground_whichever_corner_is_dragged(self, index, row, col):
        grid = GeoGrid(shape=(512, 512), transform=Affine(0.0007, 0, 46.16, 0, -0.00066, -15.58), crs=None)
        corners = box_from_axis((100, 100), (140, 160), (120, 100), grid)
        box = Annotation(class_id="ship", kind=Kind.ROTATED_BOX, geometry=shapely.Polygon(corners))
        kind, after = edit(box, set_vertex(index, row, col), grid=grid)
        points = shapely.get_coordinates(after)[:4]
        assert kind is Kind.ROTATED_BOX
        sides = np.hypot(*(np.roll(points, -1, axis=0) - points).T)
        if sides.min() > 1:
            assert is_rectangle(points, grid, tolerance=1e-6)
            assert shapely.Polygon(points).exterior.is_ccw == shapely.Polygon(corners).exterior.is_ccw

    @pytest.mark.parametrize("degrees", [1, 37, 90, 200])
    def test_a_box_turned_by_its_handle_becomes_a_rotated_box(self, degrees):
        turn = Affine.rotation(degrees, pivot=(20, 30))
        kind, after = edit(self.box(), lambda v: np.float32([turn @ tuple(p) for p in v.tolist()]))
        assert kind is (Kind.BOX if degrees == 90 else Kind.ROTATED_BOX)
        assert after.area == pytest.approx(400, rel=1e-4)
        check_geometry(after, kind)

    def test_a_turned_box_of_a_class_of_boxes_and_polygons_becomes_a_polygon(self):
        turn = Affine.rotation(20)
        allowed = (Kind.BOX, Kind.POLYGON)
        kind, _ = edit(self.box(), lambda v: np.float32([turn @ tuple(p) for p in v.tolist()]), allowed=allowed)
        assert kind is Kind.POLYGON

    def test_a_turned_box_of_a_class_of_boxes_alone_is_refused(self):
        turn = Affine.rotation(20)
        with pytest.raises(GeometryError, match="'ship' allows no other shape"):
            edit(self.box(), lambda v: np.float32([turn @ tuple(p) for p in v.tolist()]), allowed=(Kind.BOX,))

    def test_a_box_that_gets_a_fifth_corner_becomes_a_polygon_where_the_class_allows_one(self):
        kind, after = edit(self.box(), lambda v: np.insert(v, 1, (5, 20), axis=0))
        assert kind is Kind.POLYGON
        assert shapely.get_num_coordinates(after) == 6

    def test_a_scaled_rotated_box_keeps_its_bow(self):
        corners = box_from_axis((100, 100), (140, 160), (120, 100), PIXELS)
        box = Annotation(class_id="ship", kind=Kind.ROTATED_BOX, geometry=shapely.Polygon(corners))
        _, after = edit(box, lambda v: (v * np.float32(1.25)).astype(np.float32))
        points = shapely.get_coordinates(after)[:4]
        assert points == pytest.approx((corners - 0.5) * 1.25 + 0.5, abs=1e-3)
        assert is_rectangle(points, PIXELS, tolerance=1e-9)


@pytest.mark.parametrize("shape_type", ["ellipse", "polygon", "path"])
def test_a_drawing_that_is_nowhere_is_refused(shape_type):
    nowhere = Drawing(shape_type=shape_type, vertices=np.full((4, 2), np.nan))
    with pytest.raises(GeometryError, match="has no size; drag further"):
        new_geometry(kinds_for(nowhere)[0], [nowhere], PIXELS)
