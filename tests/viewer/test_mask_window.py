"""Which part of a mask a layer shows, and where its pixels lie: laws over random windows, stories at the borders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.viewer import mask_window
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.mask_window import Look, MaskWindow

SHAPE = (2000, 3001)


@pytest.fixture(autouse=True)
def small_cards(monkeypatch):
    """A graphics card that takes 1,000 pixels, and windows of 1,024."""
    monkeypatch.setattr(mask_window, "WHOLE_PX", 1000)
    monkeypatch.setattr(mask_window, "WINDOW_PX", 1024)


@st.composite
def windows(draw):
    step = draw(st.sampled_from([1, 2, 4, 8]))
    spans = []
    for length in SHAPE:
        first = draw(st.integers(0, length - 1)) // 256 * 256
        spans.append((first, min(first + draw(st.integers(1, 600)), length)))
    return MaskWindow(SHAPE, *spans, step)


@settings(max_examples=80)
@given(shown=windows(), data=st.data())
def test_a_box_of_the_layer_is_where_its_pixels_are_on_the_canvas(shown, data):
    array = np.random.default_rng(0).integers(0, 250, SHAPE).astype(np.uint8)
    layer = shown.of(array)
    assert np.shares_memory(layer, array)
    box = tuple(
        slice(start, data.draw(st.integers(start + 1, length)))
        for length in layer.shape
        for start in [data.draw(st.integers(0, length - 1))]
    )
    window = shown.on_canvas(box)
    part = array[window]
    assert np.array_equal(part[:: shown.step, :: shown.step], layer[box])
    assert shown.sampled(layer[box], window).shape == part.shape
    spread = shown.spread(layer[box], window)
    assert np.array_equal(spread[:: shown.step, :: shown.step], layer[box])
    assert np.array_equal(spread[shown.step - 1 :: shown.step], spread[:: shown.step][: len(spread) // shown.step])
    assert tuple((p.start, p.stop) for p in shown.on_layer(window)) == tuple((p.start, p.stop) for p in box)


@given(shown=windows(), at=st.tuples(st.integers(0, SHAPE[0] - 1), st.integers(0, SHAPE[1] - 1)))
def test_a_canvas_pixel_is_shown_where_the_window_is_and_nowhere_else(shown, at):
    seen = shown.on_layer((slice(at[0], at[0] + 1), slice(at[1], at[1] + 1)))
    inside = shown.rows[0] <= at[0] < shown.rows[1] and shown.cols[0] <= at[1] < shown.cols[1]
    assert all(part.start < part.stop for part in seen) == inside
    if inside:
        back = shown.on_canvas(seen)
        assert all(part.start <= place < part.stop for part, place in zip(back, at, strict=True))


@given(
    screen_px=st.floats(0.01, 64),
    row=st.integers(0, SHAPE[0] - 1),
    col=st.integers(0, SHAPE[1] - 1),
    wide=st.booleans(),
)
def test_what_is_looked_at_is_shown_and_the_layer_stays_small(screen_px, row, col, wide):
    height, width = (round(n * screen_px) for n in ((300, 900) if wide else (200, 300)))
    bounds = row, min(row + height + 1, SHAPE[0]), col, min(col + width + 1, SHAPE[1])
    shown = MaskWindow.first(SHAPE).follow(Look(bounds, screen_px))
    assert shown.rows[0] <= bounds[0] < bounds[1] <= shown.rows[1]
    assert shown.cols[0] <= bounds[2] < bounds[3] <= shown.cols[1]
    assert max(shown.of(np.broadcast_to(np.uint8(0), SHAPE)).shape) <= 1024 + 256
    assert shown.step <= max(1, screen_px, (bounds[3] - bounds[2]) / 380, (bounds[1] - bounds[0]) / 380)
    assert shown.rows[0] % 256 == shown.cols[0] % 256 == 0
    assert shown.follow(Look(bounds, screen_px)) is shown


def test_a_mask_that_fits_is_shown_whole_wherever_one_looks():
    shown = MaskWindow.first((700, 1000))
    array = np.zeros((700, 1000), np.uint8)
    assert shown.is_whole
    assert shown.of(array) is array
    assert shown.follow(Look((0, 10, 0, 10), 0.01)) is shown
    assert shown.placed(Frame(pixel_size=(20.0, 10.0), unit="m")) == {"scale": (20.0, 10.0), "translate": (10.0, 5.0)}


def test_a_large_mask_begins_coarse_and_is_followed_between_tiles():
    shown = MaskWindow.first(SHAPE)
    assert (shown.step, shown.rows, shown.cols) == (4, (0, 2000), (0, 3001))
    assert shown.follow(None) is shown
    near = shown.follow(Look((900, 1100, 1500, 1800), 1.0))
    assert (near.step, near.rows, near.cols) == (1, (256, 1536), (1024, 2304))
    assert near.follow(Look((near.rows[0], near.rows[0] + 200, near.cols[0], near.cols[0] + 300), 1.0)) is near
    frame = Frame(pixel_size=(10.0, 10.0), unit="m")
    assert near.placed(frame)["translate"] == (near.rows[0] * 10 + 5, near.cols[0] * 10 + 5)
    assert shown.placed(frame) == {"scale": (40.0, 40.0), "translate": (20.0, 20.0)}
