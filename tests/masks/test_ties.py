"""Which edges meet the centres of pixels."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.masks.ties import meets_centres

ROWS = (0, 40)


def met(*geometries) -> bool:
    return meets_centres(np.array(geometries, object), ROWS)


def test_a_diagonal_meets_centres_and_one_beside_them_does_not():
    assert met(shapely.Polygon([(0, 0), (5, 5), (0, 5)]))
    assert not met(shapely.Polygon([(0.25, 0), (5.25, 5), (0.25, 5)]))
    assert met(shapely.Polygon([(0.1, 0.1), (0.9, 0.9), (0.1, 0.9)])), "whatever numbers a user writes"


def test_upright_edges_and_level_ones_between_centres_are_exact_and_never_count():
    assert not met(shapely.box(0.5, 0, 7.5, 3))
    assert not met(shapely.box(0.5, 0.25, 7.5, 3.75))


def test_a_level_edge_on_a_row_of_centres_counts_there_alone():
    level = np.array([shapely.box(1, 0.5, 3, 7)], object)
    assert meets_centres(level, (0, 1))
    assert not meets_centres(level, (1, 20))


def test_lines_and_points_never_count():
    assert not met(shapely.LineString([(0, 0), (5, 5)]), shapely.Point(0.5, 0.5), shapely.Polygon())


def test_an_edge_counts_only_in_the_rows_that_are_burnt():
    diagonal = np.array([shapely.Polygon([(0, 0), (5, 5), (0, 5)])], object)
    assert not meets_centres(diagonal, (10, 20))
    assert meets_centres(diagonal, (4, 20))


def test_the_edges_of_holes_and_parts_count():
    hole = shapely.Polygon([(0, -1), (30, -1), (30, 30), (0, 30)], [[(3, 3), (9, 9), (3.2, 9)]])
    assert met(hole)
    assert met(shapely.MultiPolygon([shapely.box(20, 0, 21, 1), shapely.Polygon([(0, 0), (5, 5), (0, 5)])]))


@settings(max_examples=100)
@given(st.integers(1, 30), st.integers(0, 30), st.floats(0.01, 0.99), st.floats(0.001, 3))
def test_an_edge_through_a_centre_is_found_however_long_it_is(row, col, share, slope):
    x, y, length = col + 0.5, row + 0.5, 40.0
    step = np.array([slope, 1.0]) * length
    start, end = np.array([x, y]) - share * step, np.array([x, y]) + (1 - share) * step
    assert met(shapely.Polygon([start, end, (-500.25, end[1])]))
