"""The strip ahead is decoded while nobody waits, stale wishes are dropped, and nothing depends on it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery import Picture, open_scene
from napari_geolabel.imagery.levels import Level
from napari_geolabel.imagery.prefetch import next_tiles

LEVEL = Level(index=0, shape=(4000, 5000), factor=1.0, chunks=(256, 256), source_shape=(4000, 5000))


def test_the_strip_ahead_is_what_the_next_step_needs():
    before, now = (512, 1024, 512, 1024), (512, 1024, 768, 1280)
    assert next_tiles(LEVEL, before, now) == ((2, 5), (3, 5))
    assert next_tiles(LEVEL, now, before) == ((2, 1), (3, 1))
    assert next_tiles(LEVEL, (0, 512, 0, 512), (256, 768, 0, 512)) == ((3, 0), (3, 1))


def test_a_diagonal_needs_two_strips_and_their_corner():
    tiles = next_tiles(LEVEL, (512, 1024, 512, 1024), (768, 1280, 768, 1280))
    assert set(tiles) == {(5, 3), (5, 4), (5, 5), (3, 5), (4, 5)}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ((0, 512, 0, 512), (0, 512, 0, 512)),  # stood still
        ((0, 512, 0, 512), (0, 1024, 0, 1024)),  # zoomed out
        ((0, 512, 0, 512), (3000, 3512, 0, 512)),  # jumped
        ((3488, 4000, 0, 512), (3744, 4000, 0, 512)),  # nothing lies beyond the edge
    ],
)
def test_what_is_no_pan_needs_nothing(before, now):
    assert next_tiles(LEVEL, before, now) == ()


BOUNDS = st.tuples(st.integers(0, 3999), st.integers(1, 2000), st.integers(0, 4999), st.integers(1, 2000)).map(
    lambda b: (b[0], min(4000, b[0] + b[1]), b[2], min(5000, b[2] + b[3]))
)


@given(BOUNDS, BOUNDS)
def test_what_is_fetched_lies_in_the_scene_and_outside_the_window(before, now):
    for row, col in next_tiles(LEVEL, before, now):
        assert 0 <= row * 256 < 4000
        assert 0 <= col * 256 < 5000
        inside = now[0] // 256 <= row < -(-now[1] // 256) and now[2] // 256 <= col < -(-now[3] // 256)
        assert not inside


@pytest.fixture
def panned(make_tiff, random_pixels, own_cache) -> Iterator[tuple]:
    """A picture, its pixels, and the windows that are decoded of it."""
    pixels = random_pixels(3, 1500, 3000)
    path = make_tiff(pixels, tiled=True, blockxsize=256, blockysize=256, descriptions=["red", "green", "blue"])
    with open_scene(path) as scene:
        picture = Picture(scene, "true_color")
        decoded: list[tuple] = []
        original = scene.source.store.reader.read

        def noting(level, indexes, bounds):
            decoded.append((level.index, bounds, threading.current_thread().name))
            return original(level, indexes, bounds)

        scene.source.store.reader.read = noting
        yield picture, decoded, scene.source.store.prefetcher


def test_a_pan_finds_its_strip_decoded(panned):
    picture, decoded, prefetcher = panned
    level = picture.levels[0]
    level[0:512, 0:512]
    level[0:512, 256:768]
    assert prefetcher.wait(60)
    assert {name for _, _, name in decoded} >= {"geolabel-prefetch"}
    decoded.clear()
    level[0:512, 512:1024]
    assert not [bounds for _, bounds, name in decoded if name != "geolabel-prefetch"]


def test_reading_without_a_viewer_fetches_nothing(panned):
    picture, decoded, prefetcher = panned
    for start in range(0, 1024, 256):
        picture.levels[0].read((0, 512, start, start + 512))
    assert prefetcher.generation == 0
    assert "geolabel-prefetch" not in {name for _, _, name in decoded}


def test_what_is_stale_is_dropped(panned):
    picture, _, prefetcher = panned
    go_on, started = threading.Event(), threading.Event()
    store = picture.scene.source.store
    original, fetched = store.fetch, []

    def slow(level, indexes, tiles):
        started.set()
        assert go_on.wait(60)
        fetched.append(tuple(tiles))
        original(level, indexes, tiles)

    store.fetch = slow
    level = store.reader.levels[0]
    prefetcher.looked_at(level, [0], (0, 512, 0, 512))
    prefetcher.looked_at(level, [0], (0, 512, 256, 768))
    assert started.wait(60)  # under way, and held up
    for start in range(512, 2048, 256):
        prefetcher.looked_at(level, [0], (0, 512, start, start + 512))
    go_on.set()
    assert prefetcher.wait(60)
    assert fetched[0] == ((0, 3), (1, 3))
    assert fetched[1:] == [((0, 9), (1, 9))]  # of the six that followed the last alone


def test_what_would_fill_the_cache_is_not_fetched(panned, own_cache):
    picture, decoded, prefetcher = panned
    own_cache.budget_bytes = 1_000_000
    picture.levels[0][0:1024, 0:512]
    picture.levels[0][0:1024, 256:768]
    assert prefetcher.wait(60)
    assert "geolabel-prefetch" not in {name for _, _, name in decoded}


def test_damage_ahead_is_left_to_who_reads_there(panned):
    picture, _, prefetcher = panned
    store = picture.scene.source.store
    calls = []

    def damaged(level, indexes, tiles):
        calls.append(tiles)
        raise SceneError("damaged")

    store.fetch = damaged
    for start in (0, 256, 512):
        picture.levels[0][0:512, start : start + 512]
        assert prefetcher.wait(60)
    assert len(calls) == 2


def test_closing_ends_the_thread(panned):
    picture, _, prefetcher = panned
    picture.levels[0][0:512, 0:512]
    picture.levels[0][0:512, 256:768]
    thread = prefetcher._thread
    picture.scene.close()
    assert not thread.is_alive()
    prefetcher.looked_at(picture.levels[0].level, [0], (0, 512, 512, 1024))  # a late redraw is no error


def test_panning_on_many_threads_shows_what_is_there(panned, own_cache):
    picture, _, _ = panned
    whole = picture.levels[0].read((0, 1500, 0, 3000))
    own_cache.budget_bytes = 4_000_000  # tiles come and go

    def job(seed: int) -> bool:
        random = np.random.default_rng(seed)
        row, col = int(random.integers(0, 900)), 0
        for _ in range(12):
            col += int(random.integers(50, 250))
            part = picture.levels[0][row : row + 500, col : col + 500]
            if not np.array_equal(part, whole[row : row + 500, col : col + 500]):
                return False
        return own_cache.size_bytes <= 4_000_000

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(job, range(12)))
