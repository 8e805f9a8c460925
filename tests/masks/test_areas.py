"""Areas of pixels against brute force: each rule said once more, slowly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_geolabel.masks import areas

SPACINGS = [(1.0, 1.0), (10.0, 10.0), (7.0, 12.0)]
small = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))


def distances(area, spacing):
    """Distance of each pixel to each pixel of the area, shape (rows, cols, n)."""
    places = np.argwhere(area) * spacing
    grid = np.stack(np.indices(area.shape), axis=-1) * spacing
    return np.hypot(*np.moveaxis(grid[:, :, None] - places, -1, 0))


def discs(area, radius, spacing):
    """Yield each pixel with the values of the disc about it, what is outside taken from the border."""
    reach = [int(radius // step) for step in spacing]
    padded = np.pad(area, [(n, n) for n in reach], mode="edge")
    near = np.hypot(*(np.indices([2 * n + 1 for n in reach]).T - reach).T * np.array(spacing)[:, None, None]) <= radius
    for row, col in np.ndindex(area.shape):
        yield (row, col), padded[row : row + near.shape[0], col : col + near.shape[1]][near]


@settings(max_examples=60)
@given(area=small, radius=st.sampled_from([1.0, 1.5, 3.0]), spacing=st.sampled_from(SPACINGS))
def test_growing_takes_just_the_pixels_within_the_distance(area, radius, spacing):
    radius *= max(spacing)
    expected = (distances(area, spacing) <= radius + 1e-6).any(axis=2)
    assert np.array_equal(areas.grown(area, radius, spacing), expected)


@settings(max_examples=40)
@given(area=small, radius=st.sampled_from([1.0, 2.0, 2.5]))
def test_shrinking_is_growing_what_is_outside(area, radius):
    assert np.array_equal(areas.shrunk(area, radius), ~areas.grown(~area, radius))
    assert not (areas.shrunk(area, radius) & ~area).any()


@settings(max_examples=40)
@given(area=small, radius=st.sampled_from([1.0, 2.0, 3.0]), spacing=st.sampled_from([(1.0, 1.0), (1.0, 2.0)]))
def test_smoothing_goes_with_the_majority_of_the_disc(area, radius, spacing):
    found = areas.smoothed(area, radius, spacing)
    for place, disc in discs(area, radius, spacing):
        share = 2 * disc.sum() - disc.size
        assert found[place] == (area[place] if share == 0 else share > 0)


def test_a_large_disc_gives_what_a_small_filter_would():
    area = np.random.default_rng(1).random((40, 50)) > 0.5
    found = areas.smoothed(area, 6.0)
    assert all(found[place] == (2 * disc.sum() > disc.size) for place, disc in discs(area, 6.0, (1.0, 1.0)))


@pytest.mark.parametrize("rule", [areas.grown, areas.shrunk, areas.smoothed])
def test_blocks_leave_no_seam(rule, monkeypatch):
    area = np.random.default_rng(2).random((70, 90)) > 0.6
    whole = rule(area, 4.0)
    monkeypatch.setattr(areas, "BLOCK_PX", 16)
    assert np.array_equal(rule(area, 4.0), whole)


def picture(text):
    return np.array([[sign == "#" for sign in line] for line in text.split()])


def test_specks_are_what_hangs_together_by_sides_in_too_few_pixels():
    area = picture("##.#. #..#. ....# ##... .#...")
    assert np.array_equal(areas.specks(area, 3), picture("...#. ...#. ....# ..... ....."))
    assert not areas.specks(area, 1).any()
    assert np.array_equal(areas.specks(area, 99), area)
    assert not areas.specks(np.zeros((3, 3), bool), 5).any()


def test_holes_are_enclosed_and_small():
    area = picture("####### #..#..# #..#..# ####### #.#####")
    assert areas.holes(area, 5).sum() == 8
    assert not areas.holes(area, 4).any()
    assert not areas.holes(area, 99)[4, 1]  # it is open to the border


def test_nothing_has_no_holes_and_reaches_no_border():
    for nothing in (np.zeros((0, 0), bool), np.zeros((3, 3), bool)):
        assert not areas.reaching_border(nothing).any()
        assert not areas.holes(nothing, 5).any()


def test_what_is_connected_with_a_pixel():
    area = picture("##.# #..# .#..")
    assert np.array_equal(areas.connected(area, 0, 0), picture("##.. #... ...."))
    assert not areas.connected(area, 0, 2).any()


def test_similar_pixels_agree_in_every_band_and_nan_is_like_nothing():
    values = np.array([[[1.0, 2.0, 9.0, np.nan]], [[5.0, 5.5, 5.0, 5.0]]])
    assert areas.similar(values, 0, 0, np.array([1.0, 0.5])).tolist() == [[True, True, False, False]]
    assert areas.similar(values, 0, 0, np.array([1.0, 0.4])).tolist() == [[True, False, False, False]]
    assert not areas.similar(values, 0, 3, np.array([99.0, 99.0])).any()


def test_surroundings_grow_in_from_all_sides():
    values = np.array([[1, 1, 1, 1, 1], [1, 7, 7, 7, 2], [1, 7, 7, 7, 2], [3, 3, 3, 2, 2]], np.uint8)
    filled = values.copy()
    filled[values == 7] = areas.surroundings(values, values == 7)
    assert filled[1].tolist() == [1, 1, 1, 1, 2]
    assert filled[2].tolist() == [1, 3, 3, 2, 2]
    assert areas.surroundings(np.full((2, 2), 7), np.ones((2, 2), bool)).tolist() == [0] * 4


def test_own_pixels_are_taken_last():
    values = np.array([[9, 9, 9, 0], [9, 9, 9, 9], [9, 9, 9, 9]], np.uint8)
    wanted = picture(".##. .... .#..")
    assert areas.surroundings(values, wanted).tolist() == [9, 9, 9]
    assert areas.surroundings(values, wanted, own=values == 9).tolist() == [0, 0, 9], "the last one has no others near"


@settings(max_examples=40)
@given(area=small)
def test_surroundings_only_give_values_that_are_there(area):
    values = np.where(area, 9, np.arange(area.size).reshape(area.shape) % 4 + 1)
    found = areas.surroundings(values, area)
    assert found.shape == (area.sum(),)
    assert set(found.tolist()) <= (set(values[~area].tolist()) or {0})
