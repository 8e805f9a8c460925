"""Geometries to pixels: the pixels are GDAL's, whatever the shape."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import CancelledError, GeometryError, MaskValueError
from napari_geolabel.masks import Watch, burn
from tests.masks.shapes_at_random import GEOMETRIES, POINTS, SHAPE, away_from_edges, boxes, gdal, polygons, windows


@pytest.fixture(scope="module", params=["rusterize", "compiled"], autouse=True)
def engine(request) -> Iterator[None]:
    """What burns without numba, and our compiled code, which otherwise is kept for large rasters."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "compiled":
            pytest.importorskip("numba")
            patch.setattr("napari_geolabel.masks.rasterize._WORTH_COMPILING_PX", 0)
        yield


@settings(max_examples=150, deadline=None)
@given(st.lists(GEOMETRIES, max_size=6), windows())
def test_burns_the_pixels_of_gdal_in_every_window(geometries: list[BaseGeometry], window):
    values = np.arange(1, len(geometries) + 1)
    assert np.array_equal(burn(geometries, values, SHAPE), gdal(geometries, values))
    assert np.array_equal(burn(geometries, values, SHAPE, window=window), gdal(geometries, values, window))


@settings(max_examples=100, deadline=None)
@given(st.lists(boxes() | POINTS, max_size=6))
def test_boxes_and_points_on_pixel_edges_and_centres_burn_as_gdal_burns_them(geometries: list[BaseGeometry]):
    values = np.arange(1, len(geometries) + 1)
    assert np.array_equal(burn(geometries, values, SHAPE), gdal(geometries, values))


@settings(max_examples=50, deadline=None)
@given(st.lists(GEOMETRIES, max_size=6), windows())
def test_all_touched_is_that_of_gdal(geometries: list[BaseGeometry], window):
    values = np.arange(1, len(geometries) + 1)
    burnt = burn(geometries, values, SHAPE, window=window, all_touched=True)
    assert np.array_equal(burnt, gdal(geometries, values, window, all_touched=True))


@settings(max_examples=100, deadline=None)
@given(st.lists(polygons() | boxes() | POINTS, max_size=6), windows())
def test_a_window_is_a_crop_of_the_whole_but_where_an_edge_meets_a_centre(geometries, window):
    values = np.arange(1, len(geometries) + 1)
    part = burn(geometries, values, SHAPE, window=window)
    whole = burn(geometries, values, SHAPE)
    assert part.shape == whole[window].shape
    assert not ((part != whole[window]) & away_from_edges(geometries, window)).any()


def test_a_thousand_random_polygons_differ_from_gdal_in_no_pixel():
    rng = np.random.default_rng(7)
    centres, angles = rng.uniform(-10, 522, (1000, 1, 2)), np.sort(rng.uniform(0, 2 * np.pi, (1000, 9)))
    radii = rng.uniform(1, 40, (1000, 9))
    corners = centres + np.stack([np.cos(angles), np.sin(angles)], -1) * radii[..., None]
    geometries, values = shapely.polygons(corners), np.arange(1, 1001)
    whole = burn(geometries, values, (512, 512), dtype="uint16")
    expected = gdal(geometries, values, (slice(0, 512), slice(0, 512)), dtype="uint16")
    assert np.array_equal(whole, expected)
    for row in range(0, 512, 100):
        window = slice(row, row + 100), slice(37, 201)
        assert np.array_equal(burn(geometries, values, (512, 512), window=window, dtype="uint16"), whole[window])


def test_progress_is_told_by_bands_and_burning_can_be_cancelled():
    shares: list[float] = []
    drawn, shape = [shapely.Point(20, 3000).buffer(2900)], (6000, 40)
    assert np.array_equal(burn(drawn, 1, shape, watch=Watch(progress=shares.append)), burn(drawn, 1, shape))
    assert len(shares) >= 2
    assert shares == sorted(shares)
    assert 0 == shares[0] < shares[-1] <= 1
    with pytest.raises(CancelledError):
        burn(drawn, 1, shape, watch=Watch(cancelled=lambda: True))


def test_later_geometries_win_whatever_their_type():
    drawn = [
        shapely.box(0, 0, 9, 9),
        shapely.LineString([(0, 4.5), (9, 4.5)]),
        shapely.Point(2, 4),
        shapely.box(5, 0, 6, 9),
    ]
    burnt = burn(drawn, [1, 2, 3, 4], SHAPE)
    assert burnt[4, :9].tolist() == [2, 2, 3, 2, 2, 4, 2, 2, 2]


def test_the_order_of_a_multipolygon_among_others_is_kept():
    multi = shapely.MultiPolygon([shapely.box(0, 0, 4, 4), shapely.box(6, 0, 8, 4)])
    assert burn([multi, shapely.box(2, 0, 7, 1)], [1, 2], SHAPE)[0, :8].tolist() == [1, 1, 2, 2, 2, 2, 2, 1]
    assert burn([shapely.box(2, 0, 7, 1), multi], [1, 2], SHAPE)[0, :8].tolist() == [2, 2, 2, 2, 1, 1, 2, 2]


def test_overlapping_parts_of_a_multipolygon_burn_as_gdal_burns_them():
    rng = np.random.default_rng(3)
    drawn = [shapely.MultiPolygon(list(shapely.polygons(rng.uniform(-5, 35, (3, 5, 2))))) for _ in range(200)]
    for multi in drawn:
        assert np.array_equal(burn([multi], 1, SHAPE), gdal([multi], [1]))


@pytest.mark.parametrize("outward", [1, -1])
def test_a_hole_with_edges_on_rows_of_centres_burns_as_gdal_burns_it(outward):
    square, hole = [(0, 0), (5, 0), (5, 5), (0, 5)], [(1, 0.5), (3, 0.5), (3, 1.5), (1, 1.5)]
    drawn = [shapely.Polygon(square, [hole[::outward]]), shapely.Polygon([(6, 4), (9, 3.5), (7, 3.5), (8, 6)])]
    assert np.array_equal(burn(drawn, [1, 2], SHAPE), gdal(drawn, [1, 2]))


def test_one_value_serves_all_geometries():
    assert burn([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)], 5, (1, 3)).tolist() == [[5, 0, 5]]


def test_a_centre_on_the_left_edge_is_out_and_on_the_right_edge_in():
    assert burn([shapely.box(0.5, 0, 2.5, 1)], 1, (1, 4)).tolist() == [[0, 1, 1, 0]]


def test_instance_numbers_above_24_bits_are_exact():
    values = [2**24 + 1, 2**32 - 1]
    burnt = burn([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], values, (1, 2), dtype="uint32")
    assert burnt.tolist() == [values]


@pytest.mark.parametrize(("value", "dtype"), [(300, "uint8"), (-1, "uint8"), (65536, "uint16"), (2**32, "uint32")])
def test_values_that_do_not_fit_are_refused_by_name(value, dtype):
    with pytest.raises(MaskValueError, match=rf"{value} does not fit in {dtype}"):
        burn([shapely.box(0, 0, 1, 1)], [value], SHAPE, dtype=dtype)


@pytest.mark.parametrize("value", [1.5, np.nan, np.inf])
def test_values_that_are_not_whole_are_refused(value):
    with pytest.raises(MaskValueError, match="whole numbers"):
        burn([shapely.box(0, 0, 1, 1)], [value], SHAPE)


def test_a_missing_geometry_is_refused_with_its_number():
    with pytest.raises(GeometryError, match="geometry 1 is missing"):
        burn([shapely.Point(1, 1), None], [1, 2], SHAPE)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_coordinate_that_is_not_finite_is_refused_with_its_number(bad):
    with pytest.raises(GeometryError, match="geometry 2 has a coordinate"):
        burn([shapely.Point(1, 1), shapely.Point(), shapely.LineString([(0, 0), (bad, 1)])], 1, SHAPE)


def test_nothing_burns_to_zeros_and_windows_may_be_empty():
    assert burn([], [], SHAPE).shape == SHAPE
    assert burn([shapely.box(0, 0, 9, 9)], 1, SHAPE, window=(slice(5, 5), slice(0, 9))).shape == (0, 9)
    assert not burn([shapely.box(1e9, 1e9, 2e9, 2e9)], 1, SHAPE).any()
    assert burn([shapely.box(-1e9, -1e9, 1e9, 1e9)], 1, SHAPE).all()


def test_lines_and_polygons_without_extent_burn_as_gdal_burns_them():
    spot, level = shapely.LineString([(2, 2), (2, 2)]), shapely.Polygon([(1, 0.5), (3, 0.5), (5, 0.5)])
    aslant = shapely.Polygon([(1, 1.25), (3, 2.5), (5, 3.75)])
    assert np.argwhere(burn([spot, aslant], [1, 2], SHAPE)).tolist() == [[2, 2]]
    assert np.argwhere(burn([level], 1, SHAPE)).tolist() == np.argwhere(gdal([level], [1])).tolist() != []


def test_heights_of_vertices_are_ignored():
    flat = shapely.box(1, 1, 4, 4)
    assert np.array_equal(burn([shapely.force_3d(flat, 7.0)], 1, SHAPE), burn([flat], 1, SHAPE))
