"""Holes, cuts, parts, splits, unions, buffers: their arithmetic, on areas that hypothesis draws."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import assume, given
from hypothesis import strategies as st

from napari_geolabel.annotations.reshaping import (
    buffered,
    divided,
    merged,
    metres_of,
    moved,
    rotated,
    simplified,
    with_hole,
    with_part,
    without_area,
)
from napari_geolabel.errors import GeometryError, NotGeoreferencedError
from napari_geolabel.geo import GeoGrid, area_m2, heading_deg, is_rectangle, length_m

SQUARE = shapely.box(0, 0, 100, 100)
DONUT = shapely.Polygon(SQUARE.exterior, [shapely.box(40, 40, 60, 60).exterior])
TWO = shapely.MultiPolygon([SQUARE, shapely.box(200, 0, 210, 10)])
BOW_TIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
POINT = shapely.Point(5, 5)


@st.composite
def stars(draw, x=50.0, y=50.0, largest=40.0):
    """A polygon that one sees whole from its centre, at coordinates of no round number."""
    count = draw(st.integers(3, 9))
    radii = draw(st.lists(st.floats(largest / 4, largest), min_size=count, max_size=count))
    angles = 2 * np.pi * (np.arange(count) + draw(st.floats(0, 1))) / count
    points = np.array([x, y]) + np.array(radii)[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    return shapely.Polygon(points)


@st.composite
def donuts(draw):
    """A star with a hole around its centre."""
    star = draw(stars())
    return shapely.Polygon(star.exterior, [shapely.transform(star, lambda xy: (xy - 50) * 0.25 + 50).exterior])


@st.composite
def throughlines(draw):
    """A line of several corners right through the centre of stars."""
    left, right = (draw(st.lists(st.floats(20, 80), min_size=1, max_size=3)) for _ in "ab")
    before, after = np.linspace(5, 45, len(left)), np.linspace(55, 95, len(right))
    inner = [*zip(before, left, strict=True), (50, 50), *zip(after, right, strict=True)]
    return shapely.LineString([(-20, 50), *inner, (120, 50)])


areas = st.one_of(stars(), donuts())


def same(one, other, tolerance=1e-6):
    """Whether two areas are the same set, but for slivers."""
    return one.symmetric_difference(other).area <= tolerance


class TestSplitting:
    @given(areas, throughlines())
    def test_the_pieces_have_the_area_of_the_whole(self, area, line):
        pieces = divided(area, line)
        assert sum(piece.area for piece in pieces) == pytest.approx(area.area, rel=1e-9)
        assert all(piece.is_valid and piece.area > 0 for piece in pieces)
        assert [piece.area for piece in pieces] == sorted((piece.area for piece in pieces), reverse=True)

    @given(areas, throughlines())
    def test_merging_the_pieces_gives_the_whole_again(self, area, line):
        whole = merged(divided(area, line))
        assert whole.is_valid
        assert same(whole, area)
        assert len(shapely.get_parts(whole)) == 1

    @given(areas, throughlines())
    def test_pieces_do_not_overlap(self, area, line):
        pieces = divided(area, line)
        assert all(a.intersection(b).area < 1e-9 for i, a in enumerate(pieces) for b in pieces[:i])

    def test_a_hole_stays_with_the_piece_around_it_and_is_opened_by_a_line_through_it(self):
        around, beside = divided(DONUT, shapely.LineString([(20, -5), (20, 105)]))
        assert len(around.interiors) == 1
        assert beside.bounds == (0, 0, 20, 100)
        assert [len(piece.interiors) for piece in divided(DONUT, shapely.LineString([(-5, 50), (105, 50)]))] == [0, 0]

    def test_parts_that_are_not_divided_stay_with_the_largest_piece(self):
        large, small = divided(TWO, shapely.LineString([(30, -5), (30, 105)]))
        assert large.geom_type == "MultiPolygon"
        assert large.area == 70 * 100 + 100
        assert small.bounds == (0, 0, 30, 100)

    def test_a_line_that_crosses_itself_divides_too(self):
        line = shapely.LineString([(-5, 50), (80, 50), (80, 70), (50, 70), (50, 20), (105, 20)])
        pieces = divided(SQUARE, line)
        assert len(pieces) == 3
        assert sum(piece.area for piece in pieces) == pytest.approx(10_000)

    @pytest.mark.parametrize(
        "line", [[(-5, 50), (50, 50)], [(20, 20), (80, 80)], [(200, 200), (300, 300)], [(0, 0), (0, 100)]]
    )
    def test_a_line_that_does_not_go_through_is_refused(self, line):
        with pytest.raises(GeometryError, match="does not go right through"):
            divided(SQUARE, shapely.LineString(line))

    def test_lines_are_divided_where_they_are_crossed_and_keep_their_vertices(self):
        line = shapely.LineString([(0, 0), (10, 0), (20, 5), (30, 0), (50, 0)])
        pieces = divided(line, shapely.LineString([(12, -10), (12, 10)]))
        assert sum(piece.length for piece in pieces) == pytest.approx(line.length)
        assert shapely.get_coordinates(pieces[0])[1:].tolist() == [[20, 5], [30, 0], [50, 0]]
        assert same(merged(pieces).buffer(1), line.buffer(1))

    def test_points_areas_and_what_crosses_itself_are_refused(self):
        with pytest.raises(GeometryError, match="it is a keypoint"):
            divided(POINT, shapely.LineString([(0, 0), (10, 10)]))
        with pytest.raises(GeometryError, match="only a line divides"):
            divided(SQUARE, DONUT)
        with pytest.raises(GeometryError, match="crosses itself; mend that first"):
            divided(BOW_TIE, shapely.LineString([(-5, 5), (15, 5)]))


class TestHolesAndCuts:
    @given(stars(), stars(largest=9))
    def test_a_hole_takes_away_its_own_area(self, area, hole):
        assume(shapely.contains_properly(area, hole))
        result = with_hole(area, hole)
        assert result.is_valid
        assert result.area == pytest.approx(area.area - hole.area)
        assert len(result.interiors) == 1
        assert same(merged([result, hole]), area)

    @given(areas, stars(x=75.0))
    def test_what_is_cut_away_and_what_is_left_make_the_whole(self, area, knife):
        common = area.intersection(knife).area
        assume(0.01 < common < area.area - 0.01)
        result = without_area(area, knife)
        assert result.is_valid
        assert result.area + common == pytest.approx(area.area)

    def test_a_hole_may_join_another_and_lie_in_a_part(self):
        result = with_hole(DONUT, shapely.box(50, 50, 70, 70))
        assert len(result.interiors) == 1
        assert result.area == 10_000 - 400 - 400 + 100
        assert with_hole(TWO, shapely.box(202, 2, 204, 4)).area == TWO.area - 4

    @pytest.mark.parametrize(
        "hole", [shapely.box(-5, 10, 20, 20), shapely.box(0, 10, 20, 20), shapely.box(300, 0, 301, 1)]
    )
    def test_a_hole_that_reaches_the_outline_is_refused(self, hole):
        with pytest.raises(GeometryError, match="does not lie inside the outline"):
            with_hole(SQUARE, hole)

    def test_a_hole_in_a_hole_is_refused(self):
        with pytest.raises(GeometryError, match="there is a hole already"):
            with_hole(DONUT, shapely.box(45, 45, 50, 50))

    def test_lines_have_no_inside(self):
        with pytest.raises(GeometryError, match="no inside"):
            with_hole(shapely.LineString([(0, 0), (9, 9)]), shapely.box(1, 1, 2, 2))

    def test_a_drawn_area_that_crosses_itself_is_refused(self):
        for operation in (with_hole, without_area):
            with pytest.raises(GeometryError, match="that was drawn crosses itself"):
                operation(SQUARE, BOW_TIE)

    def test_cutting_takes_the_middle_out_of_lines(self):
        left = without_area(shapely.LineString([(0, 0), (100, 0)]), shapely.box(40, -5, 50, 5))
        assert left.geom_type == "MultiLineString"
        assert left.length == 90

    def test_cutting_through_leaves_parts(self):
        assert without_area(SQUARE, shapely.box(40, -5, 60, 105)).geom_type == "MultiPolygon"

    def test_cutting_nothing_or_all_is_refused(self):
        with pytest.raises(GeometryError, match="does not overlap it"):
            without_area(SQUARE, shapely.box(100, 0, 120, 100))
        with pytest.raises(GeometryError, match="nothing of it would be left; delete it"):
            without_area(SQUARE, shapely.box(-1, -1, 101, 101))


class TestPartsAndUnions:
    def test_a_part_apart_makes_two_and_one_that_touches_grows_together(self):
        assert with_part(SQUARE, shapely.box(200, 0, 210, 10)).equals(TWO)
        assert with_part(SQUARE, shapely.box(100, 0, 120, 100)).equals(shapely.box(0, 0, 120, 100))

    @given(st.lists(st.one_of(areas, stars(x=90.0), stars(x=300.0)), min_size=2, max_size=5))
    def test_a_union_is_valid_and_holds_them_all(self, several):
        union = merged(several)
        assert union.is_valid
        assert all(one.difference(union).area < 1e-6 for one in several)
        assert union.area <= sum(one.area for one in several) + 1e-6

    def test_holes_between_are_kept(self):
        frame = [
            shapely.box(0, 0, 30, 10),
            shapely.box(0, 20, 30, 30),
            shapely.box(0, 0, 10, 30),
            shapely.box(20, 0, 30, 30),
        ]
        union = merged(frame)
        assert shapely.Polygon(union.interiors[0]).bounds == (10, 10, 20, 20)

    def test_lines_are_joined_where_they_meet_and_else_parts(self):
        joined = merged([shapely.LineString([(0, 0), (5, 0)]), shapely.LineString([(9, 3), (5, 0)])])
        assert joined.geom_type == "LineString"
        assert merged([joined, shapely.LineString([(50, 0), (60, 0)])]).geom_type == "MultiLineString"

    @pytest.mark.parametrize("other", [shapely.LineString([(0, 0), (5, 5)]), POINT])
    def test_unlike_ones_are_refused(self, other):
        with pytest.raises(GeometryError, match="choose alike ones"):
            merged([SQUARE, other])
        with pytest.raises(GeometryError, match="choose alike ones"):
            with_part(SQUARE, other)

    def test_what_crosses_itself_is_refused(self):
        with pytest.raises(GeometryError, match="mend that first"):
            merged([SQUARE, BOW_TIE])


class TestSimplifyingAndBuffering:
    @given(areas, st.floats(0.1, 30))
    def test_a_simpler_area_is_valid_and_near(self, area, tolerance):
        simple = simplified(area, tolerance)
        assert simple.is_valid
        assert simple.area > 0
        assert shapely.get_num_coordinates(simple) <= shapely.get_num_coordinates(area)
        assert simple.hausdorff_distance(area) <= 2 * tolerance + 1e-6

    def test_a_buffer_is_in_metres_on_every_grid(self, grid):
        line = shapely.LineString([(200, 200), (300, 280)])
        area = buffered(line, 25.0, metres_of(grid))
        expected = length_m(grid, line) * 50 + np.pi * 25**2
        assert area_m2(grid, area) == pytest.approx(expected, rel=0.03)

    def test_a_shrunk_area_lies_inside_and_one_that_vanishes_is_refused(self):
        unit = np.eye(2)
        assert buffered(SQUARE, -10, unit).equals(shapely.box(10, 10, 90, 90))
        with pytest.raises(GeometryError, match="nothing of it would be left 60 inside"):
            buffered(SQUARE, -60, unit)
        with pytest.raises(GeometryError, match="mend that first"):
            buffered(BOW_TIE, 1, unit)

    def test_without_a_georeference_there_are_no_metres(self):
        with pytest.raises(NotGeoreferencedError, match="give pixels instead"):
            metres_of(GeoGrid(shape=(9, 9), transform=Affine.identity()))


class TestMovingAndTurning:
    @given(areas, st.integers(-400, 400), st.integers(-400, 400))
    def test_a_move_keeps_size_and_shape(self, area, x, y):
        there = moved(area, np.array([x, y], np.float64))
        assert there.area == pytest.approx(area.area)
        assert there.bounds == pytest.approx(np.add(area.bounds, (x, y, x, y)))

    @given(areas, st.floats(-360, 360))
    def test_turning_there_and_back_is_nothing(self, area, degrees):
        matrix = np.array([[10.0, 1.0], [0.5, -12.0]])
        back = rotated(rotated(area, degrees, matrix), -degrees, matrix)
        assert np.abs(shapely.get_coordinates(back) - shapely.get_coordinates(area)).max() < 1e-9

    def test_headings_grow_by_the_angle_and_rectangles_stay_so_on_every_grid(self, grid):
        matrix = metres_of(grid)
        east = np.linalg.solve(matrix, [400.0, 0.0])
        north = np.linalg.solve(matrix, [0.0, 150.0])
        centre = np.array([256.0, 256.0])
        box = shapely.Polygon(
            [centre - east - north, centre + east - north, centre + east + north, centre - east + north]
        )
        turned = shapely.get_coordinates(rotated(box, 30, matrix))
        before = shapely.get_coordinates(box)
        assert is_rectangle(turned[:4], grid)
        gained = heading_deg(grid, turned[0], turned[1]) - heading_deg(grid, before[0], before[1])
        assert gained % 360 == pytest.approx(30, abs=0.3)
