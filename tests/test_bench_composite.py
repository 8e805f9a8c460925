"""The benchmark of compositing compares two makers of the same picture."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from benchmarks import bench_composite


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
    monkeypatch.setattr(bench_composite, "RESULTS", tmp_path)
    monkeypatch.setattr(bench_composite, "SHAPE", (100, 150))
    monkeypatch.setattr(sys, "argv", ["bench_composite", "--rounds", "2"])
    bench_composite.main()
    assert "equalised" in capsys.readouterr().out
    (path,) = tmp_path.glob("composite-*.json")
    kept = json.loads(path.read_text("utf-8"))["results"]
    assert all(figures["ratio"] == figures["numpy_ms"] / figures["ours_ms"] for figures in kept.values())
