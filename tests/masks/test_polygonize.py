"""Pixels to polygons: the exact inverse of burning."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from napari_geolabel.errors import CancelledError, MaskValueError
from napari_geolabel.masks import Watch, burn, trace, tracer_gdal
from napari_geolabel.masks.polygonize import fastest_tracer

SIDES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24)
FEW = hnp.arrays(np.uint8, SIDES, elements=st.sampled_from([0, 0, 1, 2]))
NEIGHBOURS = st.sampled_from([4, 8])
ANY_TYPE = st.sampled_from([np.uint8, np.uint16, np.uint32]).flatmap(
    lambda dtype: hnp.arrays(dtype, SIDES, elements=st.sampled_from([0, 1, 3, int(np.iinfo(dtype).max)]))
)


@pytest.fixture(scope="module", params=["gdal", "edges"])
def tracer(request):
    """GDAL's tracer, and ours where numba is installed."""
    if request.param == "gdal":
        return tracer_gdal.trace_block
    pytest.importorskip("numba")
    from napari_geolabel.masks import tracer_edges

    return tracer_edges.trace_block


def told(traced) -> list[tuple[int, bytes]]:
    """Values and polygons to the last vertex and in their order."""
    geometries, values = traced
    return list(zip(values.tolist(), shapely.to_wkb(geometries).tolist(), strict=True))


@settings(max_examples=100)
@given(ANY_TYPE, NEIGHBOURS)
def test_burning_what_was_traced_gives_the_mask_again(tracer, array, connectivity):
    geometries, values = trace(array, connectivity=connectivity, tracer=tracer)
    assert np.array_equal(burn(geometries, values, array.shape, dtype=array.dtype), array)


@settings(max_examples=100)
@given(FEW, NEIGHBOURS)
def test_polygons_are_valid_along_pixel_edges_and_as_large_as_their_pixels(tracer, array, connectivity):
    geometries, values = trace(array, connectivity=connectivity, tracer=tracer)
    assert shapely.is_valid(geometries).all()
    coordinates = shapely.get_coordinates(geometries)
    assert np.array_equal(coordinates, np.round(coordinates))
    for value in (1, 2):
        assert shapely.area(geometries[values == value]).sum() == (array == value).sum()


@settings(max_examples=100)
@given(FEW, NEIGHBOURS)
def test_there_is_one_polygon_for_each_connected_area(array, connectivity):
    neighbours = ndimage.generate_binary_structure(2, 1 if connectivity == 4 else 2)
    expected = {value: ndimage.label(array == value, neighbours)[1] for value in (1, 2)}
    _, values = trace(array, connectivity=connectivity)
    assert {value: int((values == value).sum()) for value in (1, 2)} == expected


@settings(max_examples=100)
@given(FEW, NEIGHBOURS)
def test_tracing_what_was_burnt_gives_the_polygons_again(array, connectivity):
    geometries, values = trace(array, connectivity=connectivity)
    burnt = burn(geometries, values, array.shape)
    assert told(trace(burnt, connectivity=connectivity)) == told((geometries, values))


@settings(max_examples=100)
@given(FEW | ANY_TYPE, NEIGHBOURS, st.integers(2, 20))
def test_blocks_give_the_polygons_of_the_whole_whoever_traces_them(tracer, array, connectivity, side):
    whole = trace(array, connectivity=connectivity, tracer=tracer_gdal.trace_block)
    assert told(trace(array, connectivity=connectivity, tracer=tracer)) == told(whole)
    assert told(trace(array, connectivity=connectivity, tracer=tracer, block_px=side)) == told(whole)


@settings(max_examples=60)
@given(FEW)
def test_outlines_begin_at_their_topmost_pixel_and_run_clockwise(array):
    geometries, _ = trace(array)
    for polygon in geometries:
        first, *_ = polygon.exterior.coords
        assert first[::-1] == min(point[::-1] for point in polygon.exterior.coords)
        assert polygon.exterior.is_ccw  # with y down, what shapely calls counterclockwise runs clockwise
        assert not any(hole.is_ccw for hole in polygon.interiors)


def test_holes_are_kept():
    array = np.ones((5, 5), np.uint8)
    array[2, 2] = 0
    (polygon,), (value,) = trace(array)
    assert value == 1
    assert [shapely.Polygon(ring).bounds for ring in polygon.interiors] == [(2, 2, 3, 3)]


def test_holes_inside_holes_and_holes_that_touch_have_their_own_polygon(tracer):
    array = np.zeros((9, 12), np.uint8)
    array[:9, :9], array[1:8, 1:8], array[2:7, 2:7], array[3:6, 3:6], array[4, 4] = 1, 0, 1, 2, 0
    array[0, 0] = array[2, 2] = array[3, 3] = 0  # holes and outlines that touch in corners
    array[2:5, 9:12] = 1
    array[3, 10] = 0
    geometries, values = trace(array, tracer=tracer)
    assert shapely.is_valid(geometries).all()
    assert [(v, g.area, len(g.interiors)) for g, v in zip(geometries, values, strict=True)] == [
        (1, 31 + 8, 2),
        (1, 15, 1),
        (2, 7, 1),
    ]
    assert np.array_equal(burn(geometries, values, array.shape), array)


def test_what_is_small_is_left_out_as_a_whole():
    array = np.zeros((6, 9), np.uint8)
    array[0, 0], array[1, 1], array[3:5, 3:6] = 1, 1, 2
    assert [g.area for g in trace(array, min_area_px=2)[0]] == [6]
    assert [g.area for g in trace(array, min_area_px=2, connectivity=8)[0]] == [2, 6]
    assert len(trace(array, min_area_px=7)[0]) == 0


def test_progress_is_told_and_tracing_can_be_cancelled():
    array, shares = np.eye(40, dtype=np.uint8), []
    trace(array, block_px=8, watch=Watch(progress=shares.append))
    assert shares == sorted(shares)
    assert len(shares) >= 25
    assert 0 <= min(shares) < max(shares) <= 1
    with pytest.raises(CancelledError, match="nothing was changed"):
        trace(array, block_px=8, watch=Watch(progress=shares.append, cancelled=lambda: len(shares) > 30))


def test_compiled_code_traces_large_masks_and_gdal_all_others_and_where_numba_is_not_installed(monkeypatch):
    assert fastest_tracer((2000, 2000)) is tracer_gdal.trace_block
    monkeypatch.setitem(sys.modules, "napari_geolabel.masks.tracer_edges", SimpleNamespace(trace_block="compiled"))
    assert fastest_tracer((5000, 5000)) == "compiled"
    monkeypatch.setitem(sys.modules, "napari_geolabel.masks.tracer_edges", None)
    assert fastest_tracer((5000, 5000)) is tracer_gdal.trace_block


def test_a_mask_mapped_from_a_file_is_traced_without_being_read_whole(tmp_path):
    stored = np.lib.format.open_memmap(tmp_path / "mask.npy", mode="w+", dtype=np.uint8, shape=(30, 30))
    stored[5:20, 7:9] = 3
    (polygon,), _ = trace(stored, block_px=10)
    assert polygon.equals(shapely.box(7, 5, 9, 20))


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
