"""Panning and zooming over a scene of 10980 x 10980 pixels: the window keeps moving.

A timer on the window's thread beats every few milliseconds; nothing moves
between two beats that lie far apart.  The scenes are written on the spot; ``python -m
benchmarks.bench_window`` does the same over the files of the benchmark.
"""

from __future__ import annotations

import os
import threading
import time
import zlib
from collections import Counter

import numpy as np
import pytest

from benchmarks.quick_scenes import BANDS, SIDE, write_strips, write_tiled
from benchmarks.window import STEPS, Heartbeat, Look, journey, look_at, travel, watch_decoding
from napari_geolabel.imagery import open_scene
from napari_geolabel.viewer.scene_layer import PICTURE_KEY, add_scene_layer

LONGEST_GAP_MS = 500
UNPACKING_MS = 300
"""What `unpacking_ms` tells of the machine that the longest gap is meant for."""

CANVAS_PX = 1200
FEW = STEPS if os.environ.get("THOROUGH") else 70
"""Steps of a journey that leads through all levels, where the longest gap is not judged."""


@pytest.fixture(autouse=True)
def cache_home(tmp_path, monkeypatch):
    """The folder of built levels, empty at first and never the user's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def show(viewer, qapp, tmp_path):
    """Write a scene, show it and return it with its layer; it closes with the test."""
    opened = []

    def write_and_show(write):
        scene = open_scene(write(tmp_path / "scene.tif"), bands=BANDS)
        opened.append(scene)
        layer = add_scene_layer(viewer, scene)
        viewer.reset_view()
        qapp.processEvents()
        return scene, layer

    yield write_and_show
    viewer.layers.clear()
    for scene in opened:
        scene.close()


@pytest.fixture
def asynchronous(napari_config):
    """napari's own setting that has layers read on another thread; off again afterwards."""
    from napari.settings import get_settings

    experimental = get_settings().experimental
    experimental.async_ = True
    yield
    experimental.async_ = False


def unpacking_ms():
    """Return how many milliseconds a processor takes to unpack 64 MiB: slower machines may take longer steps."""
    packed = zlib.compress(np.random.default_rng(0).integers(0, 48, 4 * 2**20, dtype=np.uint8).tobytes(), 1)
    begin = time.process_time()
    for _ in range(16):
        zlib.decompress(packed)
    return 1000 * (time.process_time() - begin)


def shows_its_pixels(viewer, scene, layer, x, y):
    """Return whether the middle of the canvas shows the scene's pixel (x, y), and not another one's colours."""
    look_at(viewer, scene, Look(x + 0.5, y + 0.5, 16.0))
    travel(viewer, scene, [], 0)
    shot = viewer.screenshot(canvas_only=True, flash=False)
    middle = shot[shot.shape[0] // 2, shot.shape[1] // 2, :3]
    expected = np.asarray(layer.metadata[PICTURE_KEY].levels[0][y - 1 : y + 2, x - 1 : x + 2])[..., :3]
    return (np.abs(expected.astype(int) - middle).max(axis=-1) <= 1).any()


def test_two_hundred_steps_over_a_tiled_scene_never_stop_the_window_for_half_a_second(show, viewer):
    scene, layer = show(write_tiled)
    decoded = []
    watch_decoding(scene, decoded)
    with Heartbeat() as heart:
        travel(viewer, scene, journey(SIDE, CANVAS_PX), 5)
    print(f"longest gap {heart.longest_ms:.0f} ms, of which our own {heart.longest_own_ms:.0f} ms")
    assert len(heart.gaps) > STEPS // 2
    assert heart.longest_own_ms < LONGEST_GAP_MS * max(1, unpacking_ms() / UNPACKING_MS)
    assert {level for _, level, _ in decoded} >= {0, 1, 2}  # the journey led through the levels, and read on its way
    assert shows_its_pixels(viewer, scene, layer, 7000, 3000)


def test_with_napari_s_asynchronous_reading_no_tile_is_decoded_on_the_window_s_thread(
    show, viewer, qtbot, asynchronous
):
    scene, layer = show(write_strips)
    decoded = []
    watch_decoding(scene, decoded)
    with Heartbeat() as heart:
        travel(viewer, scene, journey(SIDE, CANVAS_PX, FEW), 5)
    print(f"longest gap {heart.longest_ms:.0f} ms, of which our own {heart.longest_own_ms:.0f} ms")
    threads = Counter(name for name, _, _ in decoded)
    assert threads
    assert threading.main_thread().name not in threads
    look_at(viewer, scene, Look(4000.5, 6000.5, 16.0))
    qtbot.waitUntil(lambda: layer.loaded and shows_its_pixels(viewer, scene, layer, 4000, 6000), timeout=60_000)


def test_a_journey_over_strips_without_overviews_decode_no_tile_twice(show, viewer):
    scene, layer = show(write_strips)
    tiles = Counter()
    store = scene.source.store
    original = store.cache.put

    def counting(key, tile):
        tiles[key] += 1
        original(key, tile)

    store.cache.put = counting
    with Heartbeat() as heart:
        travel(viewer, scene, journey(SIDE, CANVAS_PX, FEW), 5)
    print(f"longest gap {heart.longest_ms:.0f} ms, of which our own {heart.longest_own_ms:.0f} ms")
    assert len(heart.gaps) > FEW // 2
    assert tiles
    assert max(tiles.values()) == 1
    assert shows_its_pixels(viewer, scene, layer, 7000, 3000)
