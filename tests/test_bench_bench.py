"""The benchmark of the bench: what it draws, and how its table reads."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from benchmarks import bench_bench
from benchmarks.bench_bench import ZOOMS, polygons, report


def test_polygons_lie_in_the_scene_have_twenty_corners_and_are_the_same_every_time():
    shapes = polygons(50, (1000, 2000))
    assert len(shapes) == 50
    assert shapely.get_num_coordinates(shapes).tolist() == [21] * 50
    x0, y0, x1, y1 = shapely.total_bounds(shapes)
    assert (x0 >= 0, y0 >= 0, x1 <= 2000, y1 <= 1000) == (True, True, True, True)
    assert all(a.equals(b) for a, b in zip(shapes, polygons(50, (1000, 2000)), strict=True))
    assert np.ptp(shapely.area(shapes)) > 50


def test_the_table_has_medians_over_all_turns_and_ratios_to_the_first_number(monkeypatch):
    turns = {100: iter([[10.0, 20.0], [30.0]]), 1_000: iter([[40.0], [40.0, 50.0]])}
    monkeypatch.setattr(bench_bench, "in_a_process", lambda count: {"pan": next(turns[count]), "zoom": [0.0]})
    table = report([100, 1_000], 2)
    assert "| | 100 | 1,000 |" in table
    assert "| pan | 20 | 40 (2x) |" in table
    assert "| zoom | 0 | 0 (0x) |" in table
    assert "how many times that with 100" in table


@pytest.mark.parametrize(("name", "is_close"), [("whole scene", False), ("close", True)])
def test_the_views_reach_from_the_whole_scene_to_its_pixels(name, is_close):
    assert (ZOOMS[name] >= 1) is is_close
    assert ZOOMS["whole scene"] * 10980 < 1000 or is_close
