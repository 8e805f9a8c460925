"""Outlines that follow a drawn line."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.annotations.rerouting import along
from napari_geolabel.errors import GeometryError

SQUARE = shapely.box(0, 0, 100, 100)
DONUT = shapely.Polygon(SQUARE.exterior, [shapely.box(40, 40, 60, 60).exterior])
TWO = shapely.MultiPolygon([SQUARE, shapely.box(200, 0, 300, 100)])


def line(*points):
    return shapely.LineString(points)


def test_a_line_outside_adds_a_bay():
    result = along(SQUARE, line((90, 20), (120, 20), (120, 60), (90, 60)))
    assert result.equals(SQUARE.union(shapely.box(100, 20, 120, 60)))


def test_a_line_inside_cuts_one():
    result = along(SQUARE, line((110, 20), (80, 20), (80, 60), (110, 60)))
    assert result.equals(SQUARE.difference(shapely.box(80, 20, 100, 60)))


def test_the_larger_area_stays_whichever_way_the_line_is_drawn():
    points = [(110, 20), (30, 20), (30, 90), (110, 90)]
    assert along(SQUARE, line(*points)).equals(along(SQUARE, line(*points[::-1])))
    assert along(SQUARE, line((-5, 40), (105, 40))).equals(shapely.box(0, 40, 100, 100))


def test_a_wavy_line_is_followed_in_and_out():
    wave = line((90, 10), (120, 20), (80, 40), (120, 60), (80, 80), (105, 95))
    result = along(SQUARE, wave)
    assert result.is_valid
    inner = shapely.get_coordinates(wave)[1:-1]
    assert (shapely.distance(shapely.boundary(result), shapely.points(inner)) == 0).all()


def test_the_seam_of_a_ring_is_no_border():
    """The first vertex lies in the stretch that is replaced, or on its end."""
    for corner in shapely.get_coordinates(SQUARE)[:4]:
        start = shapely.Polygon(np.roll(shapely.get_coordinates(SQUARE)[:4], -1, axis=0))
        towards = corner + (50 - corner) * 0.4
        across = np.array([1, -1]) * (50 - corner) * 0.6
        knife = line(towards + across * 1.5, towards - across * 1.5)
        result = along(start, knife)
        assert result.is_valid
        assert result.area == pytest.approx(
            max(piece.area for piece in shapely.get_parts(shapely.ops.split(start, knife)))
        )


def test_the_outline_of_a_hole_is_changed_too():
    grown = along(DONUT, line((50, 50), (50, 70), (55, 70), (55, 50)))
    assert grown.area == DONUT.area - 5 * 10
    assert len(grown.interiors) == 1


def test_a_hole_that_a_bay_reaches_is_no_longer_a_hole():
    result = along(DONUT, line((110, 30), (50, 30), (50, 70), (110, 70)))
    assert result.is_valid
    assert result.equals(SQUARE.difference(shapely.box(50, 30, 100, 70)).difference(shapely.box(40, 40, 60, 60)))


def test_only_the_part_that_is_crossed_changes():
    result = along(TWO, line((290, 20), (320, 20), (320, 60), (290, 60)))
    assert result.equals(
        shapely.MultiPolygon([SQUARE, shapely.box(200, 0, 300, 100)]).union(shapely.box(300, 20, 320, 60))
    )


def test_a_line_follows_between_first_and_last_crossing():
    path = line((0, 0), (50, 0), (100, 0))
    result = along(path, line((20, -10), (20, 30), (80, 30), (80, -10)))
    assert shapely.get_coordinates(result).tolist() == [[0, 0], [20, 0], [20, 30], [80, 30], [80, 0], [100, 0]]
    back = along(path, line((80, -10), (80, 30), (20, 30), (20, -10)))
    assert back.equals(result)


def test_lines_that_are_not_crossed_stay():
    apart = shapely.LineString([(0, 500), (9, 500)])
    both = shapely.MultiLineString([line((0, 0), (100, 0)), apart])
    result = along(both, line((20, -10), (20, 30), (80, 30), (80, -10)))
    assert result.geoms[1].equals(apart)


@pytest.mark.parametrize(
    "points",
    [
        [(10, 10), (90, 90)],
        [(50, 50), (150, 50)],
        [(200, 0), (300, 0)],
        [(-10, 50), (0, 50), (-10, 60)],
    ],
)
def test_a_line_that_does_not_come_back_is_refused(points):
    with pytest.raises(GeometryError, match="cross the outline twice"):
        along(SQUARE, line(*points))


def test_loops_points_and_areas_that_cross_themselves_are_refused():
    with pytest.raises(GeometryError, match="without loops"):
        along(SQUARE, line((-5, 20), (50, 20), (20, 60), (20, -5)))
    with pytest.raises(GeometryError, match="draw one line without loops"):
        along(SQUARE, DONUT)
    with pytest.raises(GeometryError, match="keypoint"):
        along(shapely.Point(1, 1), line((0, 0), (2, 2)))
    with pytest.raises(GeometryError, match="mend that first"):
        along(shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]), line((-5, 5), (15, 5)))
    with pytest.raises(GeometryError, match="cross the outline twice"):
        along(line((0, 0), (100, 0)), line((50, -5), (50, 5)))


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=6), st.floats(1, 40), st.floats(60, 99))
def test_any_line_along_a_side_gives_a_valid_area_with_that_line_as_its_border(offsets, low, high):
    ys = np.linspace(low, high, len(offsets))
    drawn = line((90, low), *[(100 + offset, y) for offset, y in zip(offsets, ys, strict=True)], (90, high))
    try:
        result = along(SQUARE, drawn)
    except GeometryError:
        assert max(offsets) <= 1e-6 or not drawn.is_simple
        return
    assert result.is_valid
    assert result.geom_type == "Polygon"
    added = result.difference(SQUARE)
    assert added.difference(shapely.box(99, low - 1, 131, high + 1)).area < 1e-6
