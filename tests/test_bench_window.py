"""What the heartbeat travels over, and by which way."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio

from benchmarks.bench_window import PlainLevel
from benchmarks.imagery_rivals import TRUE_COLOR, stretched
from benchmarks.quick_scenes import BANDS, SIDE, write_strips, write_tiled
from benchmarks.window import Gap, journey
from napari_geolabel.imagery import open_scene

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")


@pytest.mark.parametrize("write", [write_tiled, write_strips])
def test_a_quick_scene_has_many_blocks_of_few_that_differ_and_every_one_decodes(write, tmp_path):
    with rasterio.open(write(tmp_path / "scene.tif", 2000)) as dataset:
        assert dataset.shape == (2000, 2000)
        assert dataset.count == len(BANDS)
        pixels = dataset.read()
        height, width = dataset.block_shapes[0]
    assert 500 < pixels.mean() < 1200
    assert pixels.std() > 50
    assert (pixels[:, :height, :width] != pixels[:, height : 2 * height, :width]).any()


def test_a_quick_scene_of_strips_has_no_overviews_and_a_tiled_one_has(tmp_path):
    with open_scene(write_tiled(tmp_path / "tiled.tif", 3000), bands=BANDS) as tiled:
        assert [level.shape[0] for level in tiled.levels] == [3000, 1500, 750, 375]
        assert not any(level.is_virtual for level in tiled.levels)
    with open_scene(write_strips(tmp_path / "strips.tif", 3000), bands=BANDS) as strips:
        assert all(level.is_virtual for level in strips.levels[1:])


def test_the_journey_stays_in_the_scene_and_leads_through_all_zooms():
    looks = list(journey(SIDE, 1200))
    assert len(looks) == 200
    assert all(0 <= look.x <= SIDE and 0 <= look.y <= SIDE for look in looks)
    zooms = [look.zoom for look in looks]
    assert min(zooms) == 1200 / SIDE
    assert max(zooms) == 1.5
    assert len({(round(look.x), round(look.y), look.zoom) for look in looks}) > 150


def test_of_a_gap_no_more_is_this_process_s_own_than_it_worked_or_than_passed():
    assert Gap(300, 100).own_ms == 100  # the machine was busy with others
    assert Gap(100, 190).own_ms == 100  # two cores worked at once


def test_the_rival_layer_shows_the_file_stretched_request_by_request(tmp_path):
    path = write_tiled(tmp_path / "scene.tif", 1500)
    level = PlainLevel(path, None, [TRUE_COLOR], 1)
    assert level.shape == (1500, 1500, 4)
    with rasterio.open(path) as dataset:
        expected = stretched(dataset.read(TRUE_COLOR)[:, 100:300, 50:250])
    np.testing.assert_array_equal(level[100:300, 50:250], expected)
