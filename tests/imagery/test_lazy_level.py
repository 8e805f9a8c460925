"""Lazy levels against numpy: the same pixels for every key, and no more read than the key needs."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from napari_geolabel.imagery.lazy_level import LazyLevel

ROWS, COLS = 9, 7


class Recorded(LazyLevel):
    """A level over an array, which writes down what was read and looked at."""

    def __init__(self, pixels: NDArray[Any]) -> None:
        self.pixels, self.shape, self.dtype, self.chunks = pixels, pixels.shape, pixels.dtype, (4, 4, *pixels.shape[2:])
        self.reads: list[tuple[int, ...]] = []
        self.looks: list[tuple[int, ...]] = []

    def read(self, bounds):
        row, row_stop, col, col_stop = bounds
        assert 0 <= row <= row_stop <= self.shape[0]
        assert 0 <= col <= col_stop <= self.shape[1]
        self.reads.append(bounds)
        return self.pixels[row:row_stop, col:col_stop]

    def looked_at(self, bounds):
        self.looks.append(bounds)


def level(*more: int) -> Recorded:
    shape = (ROWS, COLS, *more)
    return Recorded(np.arange(np.prod(shape), dtype=np.int32).reshape(shape))


def axis_keys(length: int) -> st.SearchStrategy[Any]:
    """Whatever may stand for one axis: some of it, none of it, backwards, by list, by mask."""
    place = st.integers(-length, length - 1)
    bound = st.none() | st.integers(-2 * length, 2 * length)
    step = st.none() | st.integers(-length, length).filter(bool)
    return st.one_of(
        place,
        place.map(np.int64),
        st.builds(slice, bound, bound, step),
        st.lists(place, max_size=5),
        st.lists(place, max_size=5).map(lambda places: np.array(places, np.intp)),
        st.lists(st.booleans(), min_size=length, max_size=length).map(np.array),
    )


def keys(*shape: int) -> st.SearchStrategy[Any]:
    """Whatever may index an array: axes from the first, with an ellipsis anywhere or nowhere."""
    axes = st.integers(0, len(shape)).flatmap(lambda n: st.tuples(*[axis_keys(length) for length in shape[:n]]))
    tail = st.integers(0, len(shape)).flatmap(lambda n: st.tuples(*[axis_keys(length) for length in shape[n:]]))
    return st.one_of(
        axes,
        axis_keys(shape[0]),
        st.just(...),
        axes.map(lambda key: (*key, ...)),
        tail.map(lambda key: (..., *key)),
    )


def outcome(array: Any, key: Any) -> Any:
    """Return what an array gives for a key, or the error that it raises."""
    try:
        return array[key]
    except IndexError:
        return IndexError


@given(keys(ROWS, COLS))
def test_two_dimensions_are_indexed_as_numpy_does(key):
    lazy = level()
    np.testing.assert_array_equal(outcome(lazy, key), outcome(lazy.pixels, key), strict=True)


@given(keys(ROWS, COLS, 4))
def test_channels_are_indexed_as_numpy_does(key):
    lazy = level(4)
    np.testing.assert_array_equal(outcome(lazy, key), outcome(lazy.pixels, key), strict=True)


@given(axis_keys(ROWS), axis_keys(COLS))
def test_no_row_or_column_is_read_before_the_first_or_after_the_last_that_is_wanted(rows, cols):
    lazy = level()
    if outcome(lazy, (rows, cols)) is IndexError:
        return
    (bounds,) = lazy.reads
    for start, stop, length, key in zip(bounds[::2], bounds[1::2], (ROWS, COLS), (rows, cols), strict=True):
        wanted = np.atleast_1d(np.arange(length)[key])
        assert (start, stop) == ((wanted.min(), wanted.max() + 1) if wanted.size else (0, 0))
    assert lazy.looks == lazy.reads


@pytest.mark.parametrize("key", [ROWS, -ROWS - 1, (0, COLS), ([0, ROWS], 0), (0, 0, 0), (..., 0, 0, 0)])
def test_a_key_outside_is_refused_before_anything_is_read(key):
    lazy = level()
    with pytest.raises(IndexError):
        lazy[key]
    assert lazy.reads == []


@pytest.mark.parametrize("key", [np.eye(ROWS, COLS, dtype=bool), [True] * (ROWS - 1), (0, [True] * (COLS + 1))])
def test_a_boolean_index_that_does_not_fit_its_axis_is_refused_and_not_guessed_at(key):
    with pytest.raises(IndexError, match="boolean index of shape"):
        level()[key]


@pytest.mark.parametrize(
    "key", [1.5, 1.0, np.float64(2), (0, 1.0), [1.0, 2.5], np.array([1.0]), np.array(1.0), np.array([]), "1"]
)
def test_a_number_that_is_no_integer_is_refused_as_numpy_does_and_not_cut_off(key):
    lazy = level()
    assert outcome(lazy.pixels, key) is IndexError
    with pytest.raises(IndexError, match="no integer"):
        lazy[key]
    assert lazy.reads == []


def test_newaxis_is_refused_since_a_level_has_the_dimensions_it_has():
    with pytest.raises(IndexError, match="no integer"):
        level()[None]


def test_a_list_without_places_takes_nothing():
    np.testing.assert_array_equal(level()[[]], level().pixels[[]], strict=True)


def test_the_whole_becomes_an_array_in_one_read_of_the_type_asked_for():
    lazy = level(4)
    np.testing.assert_array_equal(np.asarray(lazy), lazy.pixels, strict=True)
    assert lazy.reads == [(0, ROWS, 0, COLS)]
    assert np.asarray(lazy, np.float64).dtype == np.float64


def test_its_size_is_known_without_reading():
    lazy = level(4)
    assert (lazy.ndim, lazy.size, lazy.nbytes, len(lazy)) == (3, ROWS * COLS * 4, ROWS * COLS * 16, ROWS)
    assert lazy.reads == []


def test_turning_it_into_an_array_is_not_looking_at_it():
    lazy = level()
    np.asarray(lazy)
    assert lazy.looks == []


def test_a_layer_that_is_duplicated_shares_the_level_since_open_files_cannot_be_copied():
    lazy = level()
    assert copy.deepcopy({"data": [lazy]})["data"][0] is lazy
