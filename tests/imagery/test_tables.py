"""Packed tables give byte for byte what plain arithmetic gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.imagery.bands import Band
from napari_geolabel.imagery.colormaps import colormap
from napari_geolabel.imagery.inputs import Inputs
from napari_geolabel.imagery.tables import TablePaint, channel_table, color_table, has_table, pack, palette_table


def band(index=0, **fields):
    return Band(index=index, name=f"b{index}", dtype="int16", **fields)


def rgba(words):
    return words.view(np.uint8).reshape(*words.shape, 4)


def painted(paint, arrays, collar=None):
    """The words of a picture, written into a part of a larger one."""
    rows, cols = next(iter(arrays.values())).shape
    around = np.full((rows + 2, cols + 2), 7, np.uint32)
    paint(arrays, collar, around[1:-1, 1:-1])
    assert (around[[0, -1]] == 7).all()
    assert (around[:, [0, -1]] == 7).all()
    return np.ascontiguousarray(around[1:-1, 1:-1])


@pytest.mark.parametrize(
    ("dtype", "fits"),
    [("uint8", True), ("int8", True), ("uint16", True), ("int16", True), ("int32", False), ("float32", False)],
)
def test_only_short_integers_have_tables(dtype, fits):
    assert has_table(np.dtype(dtype)) == fits


@given(
    st.sampled_from(["uint8", "int8", "uint16", "int16"]),
    st.floats(-500, 499),
    st.floats(1, 4000),
    st.floats(0.3, 3),
)
def test_every_value_of_a_type_is_stretched_as_arithmetic_says(dtype, low, span, gamma):
    kind = np.dtype(dtype)
    stored = np.arange(256**kind.itemsize, dtype=f"u{kind.itemsize}").view(kind)[None]
    table = channel_table(band(), kind, (low, low + span), gamma, 0)
    paint = TablePaint(Inputs((band(),), (None,)), (0,), (table,))
    shown = rgba(painted(paint, {0: stored}))[0, :, 0]
    expected = np.clip((stored[0].astype(float) - low) / span, 0, 1) ** (1 / gamma) * 255
    assert np.abs(shown - expected).max() <= 0.51


def test_channels_land_in_their_places_and_alpha_is_full():
    kind = np.dtype("uint8")
    tables = tuple(channel_table(band(i), kind, (0, 255), 1, i) for i in range(3))
    paint = TablePaint(Inputs(tuple(band(i) for i in range(3)), (None,) * 3), (0, 1, 2), tables)
    pixels = {i: np.full((2, 2), value, "uint8") for i, value in enumerate((10, 20, 30))}
    assert (rgba(painted(paint, pixels)) == [10, 20, 30, 255]).all()


def test_one_invalid_channel_empties_the_pixel():
    kind = np.dtype("int16")
    bands = (band(0, nodata=-5), band(1), band(2))
    tables = tuple(channel_table(each, kind, (-100, 100), 1, i) for i, each in enumerate(bands))
    paint = TablePaint(Inputs(bands, (None, None, -4)), (0, 1, 2), tables)
    pixels = {i: np.array([[-5, 50, 50]], "int16") for i in range(3)} | {-4: np.array([[255, 255, 0]], "uint8")}
    assert rgba(painted(paint, pixels))[0, :, 3].tolist() == [0, 255, 0]
    assert rgba(painted(paint, pixels))[0, 0].tolist() == [0, 0, 0, 0]


def test_a_collar_empties_only_zeros_inside_it():
    table = channel_table(band(), np.dtype("uint8"), (0, 255), 1, 0)
    paint = TablePaint(Inputs((band(),), (None,)), (0,), (table,))
    shown = painted(paint, {0: np.array([[0, 0, 9]], "uint8")}, np.array([[True, False, True]]))
    assert rgba(shown)[0, :, 3].tolist() == [0, 255, 255]


def test_pictures_taller_than_a_block_are_whole():
    table = channel_table(band(), np.dtype("uint16"), (0, 1000), 1, 0)
    paint = TablePaint(Inputs((band(),), (None,)), (0,), (table,))
    pixels = np.random.default_rng(0).integers(0, 1001, (333, 50)).astype("uint16")
    shown = rgba(painted(paint, {0: pixels[::-1]}))[::-1]  # strided input as well
    np.testing.assert_array_equal(shown[..., 0], (pixels / 1000 * 255 + 0.5).astype("uint8"))


def test_colormaps_and_palettes_become_words():
    colors = colormap("water")
    np.testing.assert_array_equal(rgba(pack(colors))[:, :3], colors)
    table = color_table(band(nodata=3), np.dtype("uint8"), (0, 255), 1, pack(colors))
    np.testing.assert_array_equal(rgba(table)[100, :3], colors[100])
    paint = TablePaint(Inputs((band(),), (None,)), (0,), (table,))
    assert rgba(painted(paint, {0: np.array([[3, 4]], "uint8")}))[0, :, 3].tolist() == [0, 255]
    palette = palette_table(band(), np.dtype("uint8"), {1: (1, 2, 3, 255), 2: (9, 9, 9, 0), 999: (1, 1, 1, 255)})
    shown = rgba(painted(TablePaint(Inputs((band(),), (None,)), (0,), (palette,)), {0: np.array([[0, 1, 2]], "uint8")}))
    assert shown[0].tolist() == [[0, 0, 0, 0], [1, 2, 3, 255], [0, 0, 0, 0]]
