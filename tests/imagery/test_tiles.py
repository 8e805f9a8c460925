"""Tiles are decoded once, kept within a budget, and shared between threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.imagery import open_scene
from napari_geolabel.imagery.tiles import _rectangles


def test_kept_tiles_cannot_be_changed_by_accident(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(1, 300, 300))) as scene:
        scene.read()
        kept = scene.source.store.cache.get((0, 0, 0, 0))
        assert kept is not None
        with pytest.raises(ValueError, match="read-only"):
            kept[0, 0] = 1
        mine = scene.read()
        mine.data[:] = 7  # what a caller gets is the caller's own
        assert (scene.read().data != 7).any()


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=30))
def test_rectangles_cover_the_missing_tiles_and_no_others(tiles):
    covered = [
        (row, col) for r0, r1, c0, c1 in _rectangles(sorted(tiles)) for row in range(r0, r1) for col in range(c0, c1)
    ]
    assert sorted(covered) == sorted(tiles)


def test_a_block_of_tiles_is_one_read():
    assert _rectangles([(r, c) for r in range(3) for c in range(4)]) == [(0, 3, 0, 4)]
    assert len(_rectangles([(0, 0), (0, 1), (0, 2), (1, 0), (2, 0)])) == 2


@pytest.fixture
def counted(make_tiff, random_pixels, own_cache) -> Iterator[tuple]:
    """A scene and the list of windows that were decoded."""
    path = make_tiff(random_pixels(3, 1200, 1500), tiled=True, blockxsize=256, blockysize=256)
    with open_scene(path) as scene:
        reads: list[tuple] = []
        reader = scene.source.store.reader
        original = reader.read

        def counting(level, indexes, bounds):
            reads.append((tuple(indexes), bounds))
            return original(level, indexes, bounds)

        reader.read = counting
        yield scene, reads


def test_a_window_is_decoded_in_one_read_for_all_bands(counted):
    scene, reads = counted
    scene.read(window=(slice(100, 700), slice(300, 900)))
    assert reads == [((0, 1, 2), (0, 768, 256, 1024))]


def test_what_is_cached_is_not_decoded_again(counted):
    scene, reads = counted
    scene.read(window=(slice(0, 512), slice(0, 512)))
    scene.read(["band_2"], window=(slice(100, 400), slice(3, 500)))
    assert len(reads) == 1
    scene.read(window=(slice(0, 512), slice(200, 768)))
    assert reads[1] == ((0, 1, 2), (0, 512, 512, 768))


def test_only_the_bands_that_are_missing_are_decoded(counted):
    scene, reads = counted
    scene.read("band_1", window=(slice(0, 10), slice(0, 10)))
    scene.read(window=(slice(0, 10), slice(0, 10)))
    assert [indexes for indexes, _ in reads] == [(0,), (1, 2)]


def test_a_window_beyond_the_budget_is_read_past_the_cache(counted):
    scene, reads = counted
    scene.source.store.cache.whole.budget_bytes = 1_000_000
    whole = scene.read()
    assert whole.shape == (3, 1200, 1500)
    assert len(reads) == 1
    assert scene.source.store.cache.size_bytes == 0


def test_two_threads_that_miss_the_same_tiles_decode_them_once(counted):
    scene, reads = counted
    barrier = threading.Barrier(6)

    def job() -> None:
        barrier.wait()
        scene.read(window=(slice(0, 256), slice(0, 256)))

    threads = [threading.Thread(target=job) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reads) == 1


def test_cached_pixels_are_served_while_another_thread_decodes(counted):
    scene, _ = counted
    scene.read(window=(slice(0, 256), slice(0, 256)))
    reader = scene.source.store.reader
    started, go_on = threading.Event(), threading.Event()
    original = reader.read

    def slow(level, indexes, bounds):
        started.set()
        assert go_on.wait(60)
        return original(level, indexes, bounds)

    reader.read = slow
    thread = threading.Thread(target=lambda: scene.read(window=(slice(600, 900), slice(600, 900))))
    thread.start()
    assert started.wait(60)
    assert scene.read(window=(slice(0, 100), slice(0, 100))).shape == (3, 100, 100)
    assert scene.sample(5, 5)
    go_on.set()
    thread.join()
