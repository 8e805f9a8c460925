from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.labelfile.rows import DamagedRowError
from napari_geolabel.labelfile.tiles import merge_tile, pack_tile, unpack_tile


@given(st.binary(min_size=1, max_size=500))
def test_a_tile_comes_back_from_its_blob(pixels: bytes) -> None:
    assert unpack_tile(pack_tile(pixels), len(pixels)) == pixels


def test_a_tile_without_paint_needs_no_blob() -> None:
    assert pack_tile(bytes(65536)) is None
    assert unpack_tile(None, 65536) == bytes(65536)


def test_a_painted_tile_is_small() -> None:
    mask = np.zeros((256, 256), np.uint8)
    mask[40:200, 60:180] = 3

    assert len(pack_tile(mask.tobytes())) < 2000


@given(st.binary(min_size=1, max_size=300).filter(any), st.data())
def test_every_flipped_bit_is_noticed(pixels: bytes, data: st.DataObject) -> None:
    blob = bytearray(pack_tile(pixels))
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(DamagedRowError):
        unpack_tile(bytes(blob))


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x07abcdefgh"])
def test_what_is_no_blob_is_refused(blob: bytes) -> None:
    with pytest.raises(DamagedRowError):
        unpack_tile(blob)


def test_two_strokes_on_one_tile_both_stay() -> None:
    before, mine, theirs = bytes([0, 0, 0, 5]), bytes([1, 0, 0, 5]), bytes([0, 0, 2, 5])

    assert merge_tile(before, mine, theirs, 1) == bytes([1, 0, 2, 5])


def test_pixels_of_two_bytes_are_never_mixed() -> None:
    before, mine, theirs = (np.array([v], np.uint16).tobytes() for v in (0x0000, 0x0100, 0x0001))

    assert merge_tile(before, mine, theirs, 2) == mine


@given(st.binary(min_size=8, max_size=8), st.binary(min_size=8, max_size=8))
def test_merging_with_the_tile_that_one_started_from_gives_the_stroke(before: bytes, after: bytes) -> None:
    assert merge_tile(before, after, before, 1) == after
    assert merge_tile(before, before, after, 1) == after
