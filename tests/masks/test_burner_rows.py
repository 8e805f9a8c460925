"""The compiled code: GDAL's pixels to the last bit, in whatever rows it is asked for."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from napari_geolabel.masks.outlines import Outlines
from napari_geolabel.masks.rasterize import fastest_row_burner
from tests.masks.reference_rule import crosses, filled
from tests.masks.shapes_at_random import GEOMETRIES, HALVES, SHAPE, gdal

burner_rows = pytest.importorskip("napari_geolabel.masks.burner_rows", exc_type=ImportError)
BOX = np.array([shapely.box(0, 0, 5, 5)])
LARGE = (5000, 5000)
SHARES = st.sampled_from([0.25, 0.5, 0.75])


def burnt(geometries, height: int = SHAPE[0], dtype=np.uint8) -> np.ndarray:
    """Numbers from 1, burnt some rows at a time, the last rows first."""
    drawn = np.array([g for g in geometries if not g.is_empty], object)
    outlines = Outlines.of(drawn)
    target = np.zeros(SHAPE, dtype)
    for top in reversed(range(0, SHAPE[0], height)):
        bottom = min(top + height, SHAPE[0])
        burner_rows.burn_rows(target, top, bottom, outlines, (outlines.owners + 1).astype(dtype), (0, 0))
    return target


@settings(max_examples=60, deadline=None)
@given(st.lists(GEOMETRIES, min_size=1, max_size=5), st.integers(1, SHAPE[0]))
def test_rows_burnt_some_at_a_time_are_those_burnt_at_once(geometries, height):
    assert np.array_equal(burnt(geometries, height), burnt(geometries))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(HALVES, HALVES), min_size=3, max_size=9))
def test_edges_along_rows_of_centres_are_gdal_s_whichever_way_the_ring_runs(corners):
    """Most of these run over themselves, which decides what OGR takes for clockwise."""
    for polygon in [shapely.Polygon(corners), shapely.Polygon(corners[::-1])]:
        assert np.array_equal(burnt([polygon]), gdal([polygon], [1]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(HALVES, HALVES), min_size=3, max_size=6, unique=True), st.booleans())
def test_lines_that_close_are_gdal_s_whether_they_are_rings_or_not(corners, is_ring):
    line = shapely.LinearRing(corners) if is_ring else shapely.LineString([*corners, corners[0]])
    assert np.array_equal(burnt([line]), gdal([line], [1]))


def test_a_comb_with_many_teeth_is_gdal_s():
    """More crossings in a row than are sorted by hand."""
    x = np.linspace(0.3, 29.7, 120)
    comb = shapely.Polygon([(0.1, 23.2), *zip(x, np.where(np.arange(120) % 2, 0.4, 22.9), strict=True), (29.9, 23.2)])
    assert np.array_equal(burnt([comb]), gdal([comb], [1]))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_the_largest_value_of_each_type_is_exact(dtype):
    target, largest = np.zeros((3, 3), dtype), np.iinfo(dtype).max
    outlines = Outlines.of(np.array([shapely.box(1, 1, 2, 2)]))
    burner_rows.burn_rows(target, 0, 3, outlines, np.array([largest], dtype), (0, 0))
    assert target.tolist() == [[0, 0, 0], [0, largest, 0], [0, 0, 0]]


def test_coordinates_count_from_the_corner_of_the_window():
    target, outlines = np.zeros((2, 3), np.uint8), Outlines.of(np.array([shapely.box(101, 51, 102, 52)]))
    burner_rows.burn_rows(target, 0, 2, outlines, np.ones(1, np.uint8), (50, 100))
    assert target.tolist() == [[0, 0, 0], [0, 1, 0]]


def test_compiled_code_burns_large_rasters_of_what_it_knows_and_nothing_else(monkeypatch):
    assert fastest_row_burner((2000, 2000), BOX) is None
    monkeypatch.setitem(sys.modules, "napari_geolabel.masks.burner_rows", SimpleNamespace(burn_rows="compiled"))
    assert fastest_row_burner(LARGE, BOX) == "compiled"
    assert fastest_row_burner(LARGE, np.array([shapely.GeometryCollection(list(BOX))])) is None
    assert fastest_row_burner(LARGE, np.array([shapely.box(0, 0, 2e9, 5)])) is None
    monkeypatch.setitem(sys.modules, "napari_geolabel.masks.burner_rows", None)
    assert fastest_row_burner(LARGE, BOX) is None


@st.composite
def simple_polygons(draw):
    """Polygons with a hole, neither of which crosses itself, often with corners on centres."""
    shell = shapely.MultiPoint(draw(st.lists(st.tuples(HALVES, HALVES), min_size=4, max_size=9))).convex_hull
    assume(isinstance(shell, shapely.Polygon))
    hole = shapely.affinity.scale(shell, *draw(st.tuples(SHARES, SHARES)))
    return shapely.Polygon(shell.exterior, [hole.exterior])


@settings(max_examples=60, deadline=None)
@given(simple_polygons())
def test_the_compiled_code_follows_the_rule_that_is_written_out_in_plain_python(polygon):
    assert np.array_equal(burnt([polygon]) > 0, filled(polygon, SHAPE))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 32, 33, 200])
def test_crossings_are_sorted_however_many_there_are(count):
    numbers = np.random.default_rng(count).integers(0, 50, count).astype(np.int32)
    expected = np.sort(numbers)
    burner_rows._sort(numbers)
    assert np.array_equal(numbers, expected)


@settings(max_examples=100, deadline=None)
@given(*[st.floats(-5, 30) | HALVES] * 2, st.integers(0, 12), st.integers(12, 24))
def test_rows_that_an_edge_crosses_are_those_whose_centres_lie_between_its_ends(y1, y2, top, bottom):
    begin, end = burner_rows._rows_between(y1, y2, top, bottom)
    expected = [row for row in range(top, bottom) if crosses((0, y1), (0, y2), row + 0.5)]
    assert list(range(begin, end)) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=3, max_size=8, unique=True))
def test_clockwise_is_what_shapely_calls_so_for_rings_that_do_not_cross_themselves(corners):
    ring = shapely.LinearRing(corners)
    assume(ring.is_simple and shapely.Polygon(corners).area > 0)
    assert burner_rows._is_clockwise(np.array(ring.coords)) is not ring.is_ccw


def test_two_nearly_equal_corners_at_the_bottom_do_not_hide_which_way_a_ring_runs():
    ring = np.array([(0, 0), (1e-7, 0), (5, 5), (0, 5), (0, 0)], float)
    assert not burner_rows._is_clockwise(ring)
    assert burner_rows._is_clockwise(np.ascontiguousarray(ring[::-1]))
    assert not burner_rows._is_clockwise(ring[:2]), "two points go nowhere around"
