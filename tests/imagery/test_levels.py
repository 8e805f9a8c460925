"""A pyramid goes down to a small level, by stored overviews where there are some."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.imagery.levels import COARSEST_PX, plan_levels, tile_shape


def plan(shape, overviews=(), block=(512, 512), *, tiled=True):
    return plan_levels(shape, overviews, [block] * (len(overviews) + 1), tiled=tiled)


sides = st.integers(1, 40_000)


@given(sides, sides)
def test_virtual_levels_shrink_by_halves_to_a_small_one(rows, cols):
    levels = plan((rows, cols))
    assert levels[0].shape == (rows, cols)
    assert levels[0].factor == 1
    assert max(levels[-1].shape) <= COARSEST_PX
    for finer, coarser in pairwise(levels):
        assert all(-(-a // 2) <= b <= a for a, b in zip(finer.shape, coarser.shape, strict=True))
        assert coarser.is_virtual
        assert coarser.overview is None
    assert [level.index for level in levels] == list(range(len(levels)))


def test_stored_overviews_are_levels_of_their_own():
    levels = plan((1000, 2000), [(500, 1000), (250, 500)])
    assert [level.shape for level in levels] == [(1000, 2000), (500, 1000), (250, 500)]
    assert [level.overview for level in levels] == [None, 0, 1]
    assert not any(level.is_virtual for level in levels)
    assert [level.factor for level in levels] == pytest.approx([1, 2, 4])


def test_below_the_last_overview_virtual_levels_are_read_from_it():
    levels = plan((8000, 8000), [(4000, 4000)])
    assert [level.shape[0] for level in levels] == [8000, 4000, 2000, 1000, 500]
    assert {level.overview for level in levels[1:]} == {0}


def test_a_wide_gap_between_overviews_is_filled():
    levels = plan((8000, 8000), [(500, 500)])
    assert [(level.shape[0], level.overview) for level in levels] == [
        (8000, None),
        (4000, None),
        (2000, None),
        (1000, None),
        (500, 0),
    ]


def test_overviews_out_of_order_or_no_smaller_than_the_scene_are_sorted_out():
    levels = plan((1000, 1000), [(250, 250), (500, 500), (1000, 1000)])
    assert [(level.shape[0], level.overview) for level in levels] == [(1000, None), (500, 1), (250, 0)]


@pytest.mark.parametrize(
    ("block", "tiled", "expected"),
    [
        ((256, 256), True, (256, 256)),
        ((512, 512), True, (512, 512)),
        ((64, 64), True, (256, 256)),
        ((1024, 1024), True, (512, 512)),
        ((16, 128), True, (256, 256)),
        ((1, 25788), False, (128, 512)),
        ((50, 25788), False, (150, 512)),
        ((256, 25788), False, (256, 512)),
        ((9000, 10980), False, (512, 512)),
    ],
)
def test_tiles_are_whole_blocks_of_a_handy_size(block, tiled, expected):
    assert tile_shape(block, tiled=tiled) == expected
