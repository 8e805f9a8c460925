"""Memory stays flat while somebody pans on and on: the cache of tiles ends at its budget."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SIDE, BUDGET_MIB = 4096, 16

PAN = """
import sys, os
from napari_geolabel.imagery import Picture, open_scene
from napari_geolabel.imagery import cache, safety

safety.GDAL_OPTIONS["GDAL_CACHEMAX"] = {budget}  # GDAL's own cache ends there as well
cache.shared_cache().budget_bytes = {budget}
page = os.sysconf("SC_PAGE_SIZE")

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * page

with open_scene({path!r}, bands=("red", "green", "blue", "nir")) as scene:
    picture = Picture(scene, "true_color")
    for number in range(5):
        picture.composite = ("true_color", "false_color")[number % 2]
        for row in range(0, {side} - 600, 300):
            for col in range(0, {side} - 800, 400):
                picture.levels[0][row : row + 600, col : col + 800]
        scene.source.store.prefetcher.wait()
        assert cache.shared_cache().size_bytes <= {budget}
        print(resident())
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells what a process has resident")
def test_memory_is_flat_once_the_cache_is_full(make_tiff, tmp_path):
    """Five passes over a scene of 128 MiB with room for 16: in a process of its own."""
    ramp = (np.add.outer(np.arange(SIDE), np.arange(SIDE)) % 3000 + 1).astype("uint16")
    path = make_tiff(np.stack([ramp] * 4), tiled=True, compress="deflate", zlevel=1)
    code = PAN.format(path=str(path), side=SIDE, budget=BUDGET_MIB * 2**20)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)
    first, *later = (int(word) / 2**20 for word in run.stdout.split())
    assert len(later) == 4
    # a pass decodes over 96 MiB; what is left of any of that would show four times
    assert max(later) - first < 2 * BUDGET_MIB, (first, later)
