"""One budget of memory for all scenes, never exceeded, and given back by those that close."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.imagery import open_scene
from napari_geolabel.imagery.cache import TileCache, default_budget_bytes, shared_cache


def tile(size: int) -> np.ndarray:
    return np.zeros(size, np.uint8)


def test_the_least_recently_used_tile_goes_first():
    cache = TileCache(30).share()
    for i in range(3):
        cache.put((0, 0, i, 0), tile(10))
    assert cache.get((0, 0, 0, 0)) is not None
    cache.put((0, 0, 3, 0), tile(10))
    assert cache.get((0, 0, 1, 0)) is None
    assert cache.get((0, 0, 0, 0)) is not None
    assert cache.size_bytes == 30


def test_a_tile_larger_than_the_budget_is_not_kept():
    cache = TileCache(5).share()
    cache.put((0, 0, 0, 0), tile(10))
    assert cache.size_bytes == 0


def test_a_tile_put_twice_counts_once():
    cache = TileCache(100).share()
    cache.put((0, 0, 0, 0), tile(10))
    cache.put((0, 0, 0, 0), tile(20))
    assert cache.size_bytes == 20
    cache.clear()
    assert cache.size_bytes == 0
    assert cache.get((0, 0, 0, 0)) is None


OWNERS, KEYS = 3, 6
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, OWNERS - 1), st.integers(0, KEYS - 1), st.integers(1, 40)),
        st.tuples(st.just("clear"), st.integers(0, OWNERS - 1), st.just(0), st.just(0)),
        st.tuples(st.just("close"), st.integers(0, OWNERS - 1), st.just(0), st.just(0)),
        st.tuples(st.just("budget"), st.just(0), st.just(0), st.integers(0, 150)),
    ),
    max_size=60,
)


@given(STEPS)
def test_the_budget_always_holds_and_every_byte_has_an_owner(steps):
    whole = TileCache(100)
    shares = [whole.share() for _ in range(OWNERS)]
    closed = set()
    for what, owner, key, size in steps:
        if what == "put":
            shares[owner].put((0, 0, key, 0), tile(size))
        elif what == "clear":
            shares[owner].clear()
        elif what == "close":
            shares[owner].close()
            closed.add(owner)
        else:
            whole.budget_bytes = size
        assert whole.size_bytes <= whole.budget_bytes
        for i, share in enumerate(shares):
            kept = [found for k in range(KEYS) if (found := share.get((0, 0, k, 0))) is not None]
            assert share.size_bytes == sum(each.nbytes for each in kept)
            assert not (i in closed and kept)
        assert whole.size_bytes == sum(share.size_bytes for share in shares)


def test_owners_do_not_see_each_other_s_tiles():
    whole = TileCache(100)
    one, other = whole.share(), whole.share()
    one.put((0, 0, 0, 0), tile(10))
    assert other.get((0, 0, 0, 0)) is None
    other.close()
    assert one.size_bytes == 10


def test_the_budget_holds_under_threads():
    whole = TileCache(5_000)
    shares = [whole.share() for _ in range(4)]

    def job(seed: int) -> int:
        random, worst = np.random.default_rng(seed), 0
        share = shares[seed % 4]
        for _ in range(300):
            share.put((0, 0, int(random.integers(40)), 0), tile(int(random.integers(1, 400))))
            share.get((0, 0, int(random.integers(40)), 0))
            worst = max(worst, whole.size_bytes - 400)  # one tile may be on its way
        return worst

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(job, range(16))) <= 5_000
    assert whole.size_bytes == sum(share.size_bytes for share in shares) <= 5_000
    for share in shares:
        share.close()
    assert whole.size_bytes == 0


@pytest.mark.parametrize(
    ("memory", "budget"),
    [(None, 2**29), (2**28, 2**26), (2**30, 2**28), (2**33, 2**31), (2**40, 2**31), (100, 2**26)],
)
def test_the_default_is_a_quarter_of_memory_within_bounds(memory, budget):
    assert default_budget_bytes(memory) == budget


def test_all_scenes_of_a_process_share_one_budget_and_closing_gives_back(make_tiff, random_pixels):
    assert shared_cache() is shared_cache()
    before = shared_cache().size_bytes
    one = open_scene(make_tiff(random_pixels(1, 300, 300), "one.tif"))
    other = open_scene(make_tiff(random_pixels(1, 300, 300), "other.tif"))
    one.read()
    other.read()
    assert one.source.store.cache.whole is other.source.store.cache.whole is shared_cache()
    assert shared_cache().size_bytes == before + 2 * 300 * 300 * 2
    one.close()
    assert shared_cache().size_bytes == before + 300 * 300 * 2
    other.close()
    assert shared_cache().size_bytes == before


def test_a_scene_may_push_out_what_another_used_longest_ago(make_tiff, random_pixels, own_cache):
    own_cache.budget_bytes = 500_000
    one_tile = {"tiled": True, "blockxsize": 512, "blockysize": 512}
    with (
        open_scene(make_tiff(random_pixels(1, 300, 300), "one.tif", **one_tile)) as one,
        open_scene(make_tiff(random_pixels(2, 300, 300), "other.tif", **one_tile)) as other,
    ):
        one.read()
        assert one.source.store.cache.size_bytes == 180_000
        other.read(window=(slice(0, 170), slice(None)))
        assert one.source.store.cache.size_bytes == 0
        assert own_cache.size_bytes == other.source.store.cache.size_bytes <= 500_000
