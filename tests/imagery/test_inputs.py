"""Inputs know what is valid and make physical values of stored ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_geolabel.imagery.bands import Band, storable
from napari_geolabel.imagery.inputs import Inputs, invalid_pixels, physical


def band(index=0, **fields):
    return Band(index=index, name=f"b{index}", dtype="uint16", **fields)


def test_each_index_is_read_once_bands_first():
    inputs = Inputs((band(2), band(0), band(1)), (-1, -1, None))
    assert inputs.indexes == [2, 0, 1, -1]


def test_masks_nodata_and_nan_add_up():
    pixels = np.array([1, 2, np.nan, 4, 5], "float32")
    mask = np.array([255, 255, 255, 0, 1], "uint8")
    assert invalid_pixels(pixels, 1, mask).tolist() == [True, False, True, True, False]
    assert invalid_pixels(np.array([1, 2], "uint8"), None, None) is None
    assert invalid_pixels(np.array([1, 2], "uint8"), 7.5, None) is None


@pytest.mark.parametrize(
    ("nodata", "dtype", "expected"),
    [
        (0, "uint8", 0),
        (255.0, "uint8", 255),
        (256, "uint8", None),
        (-1, "uint16", None),
        (0.5, "int16", None),
        (float("nan"), "float32", None),
        (None, "float32", None),
        (float("inf"), "int32", None),
        (-3.4028234663852886e38, "float32", np.float32(-3.4028235e38)),
        (-1e300, "float32", -np.inf),
    ],
)
def test_a_nodata_value_counts_if_the_type_can_hold_it(nodata, dtype, expected):
    assert storable(nodata, np.dtype(dtype)) == expected


@given(arrays(np.uint16, 10), st.floats(1e-5, 10), st.floats(-10, 10))
def test_scale_and_offset_make_physical_values_without_touching_the_stored(pixels, scale, offset):
    before = pixels.copy()
    values = physical(pixels, band(scale=scale, offset=offset))
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, pixels.astype(float) * scale + offset, rtol=1e-5, atol=1e-5)
    values[:] = -1
    np.testing.assert_array_equal(pixels, before)


def test_physical_values_are_nan_where_invalid():
    inputs = Inputs((band(0, nodata=0, scale=0.5), band(1)), (None, -3))
    arrays_ = {0: np.array([[0, 4]], "uint16"), 1: np.array([[7, 8]], "uint16"), -3: np.array([[255, 0]], "uint8")}
    values = inputs.physical(arrays_)
    np.testing.assert_array_equal(values[0], [[np.nan, 2]])
    np.testing.assert_array_equal(values[1], [[7, np.nan]])
