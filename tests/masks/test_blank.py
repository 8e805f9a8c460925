"""Large empty rasters are arrays like any other."""

from __future__ import annotations

import mmap

import numpy as np
import pytest

from napari_geolabel.masks.blank import blank

LARGE = (1500, 1501)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "int32"])
@pytest.mark.parametrize("shape", [(3, 4), LARGE, (0, 5)])
def test_a_blank_is_what_numpy_s_zeros_are(shape, dtype):
    made, expected = blank(shape, dtype), np.zeros(shape, dtype)
    assert (made.dtype, made.shape, made.strides) == (expected.dtype, expected.shape, expected.strides)
    assert made.flags.c_contiguous
    assert made.flags.writeable
    assert not made.any()


def test_what_is_written_stays_and_is_seen_through_views_and_copies():
    made = blank(LARGE, "uint32")
    view = made[700:, 9:].view(np.int32)
    made[-1, -1] = 2**31 - 1
    assert view[-1, -1] == 2**31 - 1
    assert np.count_nonzero(made) == 1
    copy = made.copy()
    del made
    assert view[-1, -1] == copy[-1, -1], "the memory lives as long as a view of it"


def test_a_blank_goes_through_a_file_and_back(tmp_path):
    made = blank(LARGE, "uint16")
    made[3, 4] = 5
    np.save(tmp_path / "mask.npy", made)
    assert np.array_equal(np.load(tmp_path / "mask.npy"), made)


def test_two_blanks_share_nothing():
    one, other = blank(LARGE, "uint16"), blank(LARGE, "uint16")
    one[:] = 7
    assert not other.any()


def test_systems_without_private_maps_get_ordinary_zeros(monkeypatch):
    monkeypatch.delattr(mmap, "MAP_PRIVATE")
    assert blank(LARGE, "uint16").base is None
