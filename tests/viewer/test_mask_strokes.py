"""What napari says that it painted, as boxes of the canvas, from near and from afar."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.viewer.mask_strokes import Stamp, painted_values
from napari_geolabel.viewer.mask_window import MaskWindow

SHAPE = (300, 520)
NEAR = MaskWindow(SHAPE, (0, 300), (0, 520))
AFAR = MaskWindow(SHAPE, (0, 300), (0, 520), 4)
ASIDE = MaskWindow(SHAPE, (256, 300), (256, 520))
WINDOWS = (NEAR, AFAR, ASIDE)


def painted(layer, box, mask, value):
    """Paint a box of a layer as napari does, and return its record of that."""
    part = layer[box]
    old = part[mask].copy()
    whole = mask.all()
    old_values = part.copy() if whole else old
    part[mask] = value
    return SimpleNamespace(slice_key=box, mask=None if whole else mask, old_values=old_values, new_value=value)


@st.composite
def strokes(draw):
    """A window, and boxes of its layer with masks and values."""
    shown = draw(st.sampled_from(WINDOWS))
    shape = shown.of(np.zeros(SHAPE, np.uint8)).shape
    made = []
    for _ in range(draw(st.integers(1, 4))):
        start = [draw(st.integers(0, n - 1)) for n in shape]
        size = [draw(st.integers(1, min(9, n - a))) for n, a in zip(shape, start, strict=True)]
        mask = draw(st.sampled_from([np.ones(size, bool), np.indices(size).sum(axis=0) % 2 == 0]))
        made.append((tuple(slice(a, a + n) for a, n in zip(start, size, strict=True)), mask, draw(st.integers(0, 3))))
    return shown, made


@settings(max_examples=80)
@given(drawn=strokes(), seed=st.integers(0, 9))
def test_stamps_taken_backwards_give_what_was_there_before(drawn, seed):
    shown, boxes = drawn
    array = np.random.default_rng(seed).integers(0, 4, SHAPE).astype(np.uint8)
    before, layer = array.copy(), shown.of(array)
    stamps = [Stamp.of(painted(layer, *box), shown) for box in boxes]
    tiles = {(row, col): None for row in range(2) for col in range(3)}
    for key in tiles:
        rows, cols = (slice(256 * n, min(256 * (n + 1), length)) for n, length in zip(key, SHAPE, strict=True))
        tiles[key] = array[rows, cols].copy()
        for stamp in reversed(stamps):
            touches = all(
                part.start < own.stop and own.start < part.stop
                for part, own in zip(stamp.window, (rows, cols), strict=True)
            )
            if touches:
                stamp.undo_in(tiles[key], key)
        assert np.array_equal(tiles[key], before[rows, cols])


@settings(max_examples=80)
@given(drawn=strokes())
def test_what_stamps_write_is_what_the_layer_shows_and_the_squares_beside(drawn):
    shown, boxes = drawn
    array = np.zeros(SHAPE, np.uint8)
    layer = shown.of(array)
    stamps = [Stamp.of(painted(layer, *box), shown) for box in boxes]
    seen = layer.copy()
    for stamp in stamps:
        stamp.write_to(array)
    assert np.array_equal(layer, seen)
    assert painted_values(stamps) == {value for _, _, value in boxes}
    squares = array[shown.rows[0] : shown.rows[1], shown.cols[0] : shown.cols[1]]
    step = shown.step
    assert np.array_equal(
        squares, seen.repeat(step, axis=0).repeat(step, axis=1)[: squares.shape[0], : squares.shape[1]]
    )


@pytest.mark.parametrize("shown", WINDOWS)
def test_points_that_a_script_sets_are_a_stamp_too(shown):
    array = np.zeros(SHAPE, np.uint8)
    layer = shown.of(array)
    indices = (np.array([3, -1]), np.array([5, -1]))  # from the end, as numpy counts
    stamp = Stamp.of((indices, layer[indices], 2), shown)
    stamp.write_to(array)
    assert layer[3, 5] == layer[-1, -1] == 2
    assert (array == 2).sum() == 2 * shown.step**2
    assert stamp.values == [2]


def test_taking_back_leaves_what_others_painted_since():
    array = np.zeros(SHAPE, np.uint8)
    stamp = Stamp.of(painted(array, (slice(0, 4), slice(0, 4)), np.ones((4, 4), bool), 1), NEAR)
    array[1, 1] = 3
    stamp.take_from(array)
    assert array[1, 1] == 3
    assert array.sum() == 3
