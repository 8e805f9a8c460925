"""Pixels to polygons: the exact inverse of burning."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from napari_geolabel.errors import MaskValueError
from napari_geolabel.masks import burn, trace

SIDES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24)
FEW = hnp.arrays(np.uint8, SIDES, elements=st.sampled_from([0, 0, 1, 2]))
ANY_TYPE = st.sampled_from([np.uint8, np.uint16, np.uint32]).flatmap(
    lambda dtype: hnp.arrays(dtype, SIDES, elements=st.sampled_from([0, 1, 3, int(np.iinfo(dtype).max)]))
)


@settings(max_examples=300, deadline=None)
@given(ANY_TYPE, st.sampled_from([4, 8]))
def test_burning_what_was_traced_gives_the_mask_again(array, connectivity):
    geometries, values = trace(array, connectivity=connectivity)
    assert np.array_equal(burn(geometries, values, array.shape, dtype=array.dtype), array)


@settings(max_examples=300, deadline=None)
@given(FEW, st.sampled_from([4, 8]))
def test_polygons_are_valid_along_pixel_edges_and_as_large_as_their_pixels(array, connectivity):
    geometries, values = trace(array, connectivity=connectivity)
    assert shapely.is_valid(geometries).all()
    coordinates = shapely.get_coordinates(geometries)
    assert np.array_equal(coordinates, np.round(coordinates))
    for value in (1, 2):
        assert shapely.area(geometries[values == value]).sum() == (array == value).sum()


@settings(max_examples=200, deadline=None)
@given(FEW, st.sampled_from([4, 8]))
def test_there_is_one_polygon_for_each_connected_area(array, connectivity):
    neighbours = ndimage.generate_binary_structure(2, 1 if connectivity == 4 else 2)
    expected = {value: ndimage.label(array == value, neighbours)[1] for value in (1, 2)}
    _, values = trace(array, connectivity=connectivity)
    assert {value: int((values == value).sum()) for value in (1, 2)} == expected


@settings(max_examples=200, deadline=None)
@given(FEW)
def test_tracing_what_was_burnt_gives_the_polygons_again(array):
    geometries, values = trace(array)
    again, values_again = trace(burn(geometries, values, array.shape))
    before = sorted(zip(values, (g.normalize().wkb for g in geometries), strict=True))
    after = sorted(zip(values_again, (g.normalize().wkb for g in again), strict=True))
    assert before == after


def test_holes_are_kept():
    array = np.ones((5, 5), np.uint8)
    array[2, 2] = 0
    (polygon,), (value,) = trace(array)
    assert value == 1
    assert [shapely.Polygon(ring).bounds for ring in polygon.interiors] == [(2, 2, 3, 3)]


def test_corner_neighbours_are_two_polygons_or_one_multipolygon():
    array = np.eye(2, dtype=np.uint8)
    assert [g.geom_type for g in trace(array)[0]] == ["Polygon", "Polygon"]
    assert [g.geom_type for g in trace(array, connectivity=8)[0]] == ["MultiPolygon"]


def test_instance_numbers_beyond_31_bits_come_back_exact():
    array = np.array([[2**32 - 1, 2**31, 7], [2**32 - 1, 0, 7]], np.uint32)
    assert sorted(trace(array)[1].tolist()) == [7, 2**31, 2**32 - 1]
    assert sorted(trace(array[:1, :2])[1].tolist()) == [2**31, 2**32 - 1]


def test_a_boolean_mask_is_a_mask_of_ones():
    geometries, values = trace(np.array([[True, False, True]]))
    assert values.tolist() == [1, 1]
    assert [g.bounds for g in geometries] == [(0, 0, 1, 1), (2, 0, 3, 1)]


def test_an_empty_mask_has_no_polygons():
    geometries, values = trace(np.zeros((4, 4), np.uint16))
    assert geometries.shape == values.shape == (0,)


@pytest.mark.parametrize("array", [np.zeros((2, 2)), np.zeros((2, 2), np.int16), np.zeros((2, 2, 2), np.uint8)])
def test_what_is_no_mask_is_refused(array):
    with pytest.raises(MaskValueError, match="only unsigned masks"):
        trace(array)


def test_other_connectivities_are_refused():
    with pytest.raises(MaskValueError, match="4 or 8, not 6"):
        trace(np.zeros((2, 2), np.uint8), connectivity=6)
