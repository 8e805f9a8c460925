"""The benchmark of compositing compares two makers of the same picture."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import rasterio

from benchmarks import bench_composite
from benchmarks.page import Figures
from napari_geolabel.imagery import evaluate, open_scene


@pytest.mark.parametrize("name", list(bench_composite.STRETCHES))
def test_both_make_the_same_picture(name):
    bands = bench_composite.make_bands((200, 300))
    ours, plain = bench_composite.painters(bands, bench_composite.STRETCHES[name])
    first, second = ours().astype(int), plain().astype(int)
    assert np.abs(first - second).max() <= 1
    assert (first[:10] == 0).all()
    assert (first[10:, :, 3] == 255).all()
    assert len(np.unique(first[10:, :, 0])) > 50


def test_figures_are_printed_and_kept(monkeypatch, tmp_path, capsys):
    page = tmp_path / "performance.md"
    monkeypatch.setattr(bench_composite, "SHAPE", (100, 150))
    monkeypatch.setattr(sys, "argv", ["bench_composite", "--rounds", "2", "--report", str(page)])
    bench_composite.main()
    assert "equalised" in capsys.readouterr().out
    row = Figures(page).row("composite", "picture of three bands", "equalised")
    theirs, ours = row["numpy in float64, ms"], row["ours, ms"]
    digit = 0.06  # the table is rounded to a tenth, and this picture takes no longer than some
    assert (theirs - digit) / (ours + digit) <= row["times"] + 0.06
    assert row["times"] - 0.06 <= (theirs + digit) / max(ours - digit, 1e-9)


def test_an_index_of_ours_is_that_of_rasterio_and_numpy(tmp_path):
    path = bench_composite._write(bench_composite.make_bands((60, 80)), tmp_path)
    with open_scene(path) as scene, rasterio.open(path) as dataset:
        for words, rule in bench_composite.INDICES.items():
            ours, theirs = evaluate(scene, words).filled(np.nan), bench_composite.plain(dataset, rule)
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
