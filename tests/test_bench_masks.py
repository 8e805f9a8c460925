"""The mask benchmark measures what it says, on masks small enough for a test."""

from __future__ import annotations

import pytest

from benchmarks.bench_masks import best, make, table
from benchmarks.masks_rivals import measured


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A hundred polygons on a small mask."""
    return make(tmp_path_factory.mktemp("bench"), 300, 100)


@pytest.mark.parametrize("way", ["burn fast", "burn rasterio", "trace plain", "trace rasterio"])
def test_every_way_in_this_process_gives_the_pixels_of_gdal(work, way):
    told = measured(way, work)
    assert told["differing"] == 0
    assert told["found"] >= 100
    assert 0 < told["cpu"] < 600
    assert told["mb"] >= 0


def test_the_table_has_ratios_of_the_same_run_and_tells_what_did_not_run():
    fast = {"cpu": 1.0, "wall": 2.0, "mb": 10.0, "found": 5, "differing": 0}
    slow = {**fast, "cpu": 4.0, "wall": 4.0}
    rows = table(1000, {"burn fast": best([slow, fast, {}]), "burn rasterio": slow, "burn geocube": {}})
    assert rows[0].startswith("| 1,000 polygons | CPU s |")
    assert "| 1.00 | 0.25 | 2.00 | 0.50 | 10 | 0 |" in rows[2]
    assert "did not run" in rows[4]
