"""The imagery benchmark measures what it says, on scenes small enough for a test."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
import rasterio

from benchmarks import bench_imagery
from benchmarks.imagery_data import BANDS, make_scenes
from benchmarks.imagery_rivals import FALSE_COLOR, TRUE_COLOR, Ours, PerRequest, WholeArray, stretched
from benchmarks.page import marks

SIDE = 1700


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """The two files, small."""
    return make_scenes(tmp_path_factory.mktemp("bench"), SIDE)


@pytest.fixture
def small_views(monkeypatch):
    """Views and pans that a test has time for."""
    monkeypatch.setattr(bench_imagery, "VIEW", (150, 200))
    monkeypatch.setattr(bench_imagery, "PANS", 5)


@pytest.fixture(autouse=True)
def cache_home(tmp_path, monkeypatch):
    """A cache folder that is not the user's own."""
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "cache")


def test_both_files_hold_the_same_pixels_and_only_one_has_overviews(scenes):
    cog, strips = scenes
    with rasterio.open(cog) as one, rasterio.open(strips) as other:
        assert one.descriptions == other.descriptions == BANDS
        assert one.overviews(1)
        assert not other.overviews(1)
        assert one.block_shapes[0] == (512, 512)
        assert other.block_shapes[0][1] == SIDE
        pixels = one.read()
        np.testing.assert_array_equal(pixels, other.read())
    assert (pixels[:, 0, 0] == 0).all()
    assert 1 < np.std(pixels[3]) / np.std(pixels[0]) < 10


def test_files_that_are_there_are_not_made_again(scenes):
    before = [path.stat().st_mtime_ns for path in scenes]
    assert make_scenes(scenes[0].parent, SIDE) == scenes
    assert [path.stat().st_mtime_ns for path in scenes] == before


def test_a_pan_has_60_windows_of_one_size_inside_the_scene():
    windows = bench_imagery.pans((300, 9_000), 10_980)
    assert len(windows) == 60
    assert {(stop - row, col_stop - col) for row, stop, col, col_stop in windows} == {bench_imagery.VIEW}
    assert all(row >= 0 and stop <= 10_980 and col >= 0 and col_stop <= 10_980 for row, stop, col, col_stop in windows)
    steps = np.abs(np.diff(np.array(windows)[:, [0, 2]], axis=0)).sum(axis=1)
    assert set(steps.tolist()) <= set(range(bench_imagery.STEP_PX + 1))


@pytest.mark.parametrize("make", [lambda: Ours("ours"), PerRequest, WholeArray])
def test_every_rival_goes_through_a_round(make, scenes, small_views):
    rival = make()
    took, counted = bench_imagery.one_round(rival, scenes[0], (500, 100), SIDE)
    assert set(took) == set(bench_imagery.MEASURES)
    assert all(value > 0 for value in took.values())
    assert took["pan_worst"] <= took["pan"]
    if rival.reads >= 0:
        assert counted["reads"] > 0
        assert counted["bytes"] > 1000


def test_ours_and_numpy_s_stretch_show_the_same_picture_within_a_step(scenes):
    ours = Ours("ours")
    ours.first(scenes[0])
    with rasterio.open(scenes[0]) as dataset:
        pixels = dataset.read(TRUE_COLOR)
    theirs = stretched(pixels)
    shown = ours._picture.levels[0][:, :]
    ours.close()
    np.testing.assert_array_equal(shown[..., 3], theirs[..., 3])
    close = np.abs(shown[..., :3].astype(int) - theirs[..., :3]) <= 6  # limits from a level, theirs from all pixels
    assert close.mean() > 0.99
    assert TRUE_COLOR != FALSE_COLOR


def test_the_command_writes_figures_and_renews_only_its_table(scenes, small_views, tmp_path, monkeypatch, capsys):
    page, (begin, end) = tmp_path / "performance.md", marks("imagery")
    page.write_text(f"# Before\n{begin}\nan earlier table\n{end}\nafter\n")
    monkeypatch.setattr(bench_imagery, "rivals", lambda: [Ours("napari-geolabel"), PerRequest()])
    words = ["--side", str(SIDE), "--rounds", "1", "--data", str(scenes[0].parent), "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", ["bench_imagery", *words, "--report", str(page)])
    bench_imagery.main()
    text = page.read_text()
    assert text.startswith("# Before\n")
    assert text.endswith("\nafter\n")
    assert "an earlier table" not in text
    assert "| open to first picture |" in text
    assert "napari-geolabel, levels built" in text
    [figures] = (tmp_path / "out").iterdir()
    found = json.loads(figures.read_text())
    assert set(found["files"]) == {"COG", "strips, no overviews"}
    assert found["files"]["strips, no overviews"]["build_s"] > 0
    assert len(found["memory_mib"]) == 5
    assert "| budget of 128 MiB |" in text
    assert "kept in" in capsys.readouterr().out
