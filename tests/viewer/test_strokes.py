"""Dashes, digits and arrows as line pieces."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.viewer.strokes import MOST_RINGS, arrow, casing, dashes, digits, joined, star

sizes = st.floats(0.5, 500)


def lengths(pieces):
    return np.hypot(*(pieces[:, 1] - pieces[:, 0]).T)


@settings(max_examples=40)
@given(sizes, sizes, st.floats(0.3, 30))
def test_dashes_lie_on_the_outline_and_cover_their_share_of_it(width, height, on):
    box = shapely.box(10, 20, 10 + width, 20 + height)
    pieces = dashes(box, on, on / 2)
    assert shapely.distance(box.exterior, shapely.points(pieces.reshape(-1, 2))).max() < 1e-9
    assert len(pieces) == max(1, round(box.length / (1.5 * on)))
    assert lengths(pieces).max() <= box.length / len(pieces) * (2 / 3) + 1e-9


def test_holes_parts_and_lines_are_dashed_too():
    donut = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    assert len(dashes(donut, 2, 2)) == 30 + 10
    assert len(dashes(shapely.MultiPolygon([donut, shapely.box(50, 0, 60, 10)]), 2, 2)) == 30 + 10 + 10
    assert len(dashes(shapely.LineString([(0, 0), (40, 0)]), 2, 2)) == 10
    assert len(dashes(shapely.Point(1, 1), 2, 2)) == 0


def test_a_casing_lies_at_its_distance_around_an_outline_within_a_quarter_of_it():
    coast = shapely.Point(500, 500).buffer(300, quad_segs=500)
    for geometry in (coast, shapely.box(3, 3, 4, 4), shapely.LineString([(0, 0), (40, 7), (80, 0)])):
        for distance in (0.5, 2, 8):
            middles = casing(geometry, distance).mean(axis=1)  # since mitres reach out
            away = shapely.distance(geometry, shapely.points(middles))
            assert away.min() >= 0.75 * distance
            assert away.max() <= 1.25 * distance


def test_what_is_smaller_than_its_casing_has_one_all_the_same():
    assert len(casing(shapely.box(3, 3, 3.01, 3.01), 20)) == 4


def test_many_loose_parts_have_one_casing_around_them_all():
    boxes = [shapely.box(3 * i, 0, 3 * i + 2, 2) for i in range(MOST_RINGS + 1)]
    few, many = shapely.MultiPolygon(boxes[:-1]), shapely.MultiPolygon(boxes)
    assert len(casing(few, 0.25)) == 4 * MOST_RINGS
    around = casing(many, 0.25)
    assert len(around) == 4
    assert around.min() == pytest.approx(-0.25)
    assert around.max() == pytest.approx(3 * MOST_RINGS + 2.25)


@pytest.mark.parametrize(("number", "strokes"), [(1, 2), (8, 7), (87, 10), (100, 14), (0, 6)])
def test_numbers_have_the_strokes_of_a_pocket_calculator(number, strokes):
    pieces = digits(number, (5, 50), 10)
    assert len(pieces) == strokes
    assert lengths(pieces) == pytest.approx(5)
    x, y = pieces.reshape(-1, 2).T
    assert (y.min(), y.max()) == (40, 50)
    assert x.min() >= 5
    assert x.max() <= 5 + 8 * len(str(number))


def test_no_two_digits_look_alike():
    assert len({digits(n, (0, 0), 2).tobytes() for n in range(10)}) == 10


def test_an_arrow_points_at_its_end():
    pieces = arrow(np.array([0, 0]), np.array([10, 0]), 2)
    assert pieces.tolist() == [[[0, 0], [10, 0]], [[10, 0], [8, 1]], [[10, 0], [8, -1]]]
    assert len(arrow(np.array([0, 0]), np.array([1, 0]), 2)) == 1


def test_a_star_joins_points_to_their_middle():
    pieces = star(np.array([[0, 0], [10, 0], [5, 9]]))
    assert (pieces[:, 1] == (5, 3)).all()
    assert joined([pieces, digits(1, (0, 0), 1)]).shape == (5, 2, 2)
    assert joined([]).shape == (0, 2, 2)
