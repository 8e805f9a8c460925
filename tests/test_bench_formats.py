"""The benchmark of formats writes the same polygons with us and with others."""

from __future__ import annotations

import sys

import geopandas as gpd
import pytest
import shapely

from benchmarks import bench_formats as bench
from benchmarks.page import marks

COUNT = 20


@pytest.mark.parametrize("name", ["geojson", "gpkg", "flatgeobuf"])
def test_ours_and_theirs_are_the_same_polygons(tmp_path, name):
    suffix = {"geojson": ".geojson", "gpkg": ".gpkg", "flatgeobuf": ".fgb"}[name]
    theirs = "theirs_geojson_degrees" if name == "geojson" else f"theirs_{name}"
    bench.work_of(theirs, COUNT, tmp_path)()
    others = gpd.read_file(tmp_path / f"theirs{suffix}")
    layer = {"layer": "labels_polygon"} if name == "gpkg" else {}
    for whose in ("rows", "labels"):
        bench.work_of(theirs.replace("theirs", whose), COUNT, tmp_path)()
        ours = gpd.read_file(tmp_path / f"{whose}{suffix}", **layer)
        assert len(ours) == len(others) == COUNT
        areas = [sorted(shapely.area(each.geometry.to_numpy())) for each in (ours, others)]
        assert areas[0] == pytest.approx(areas[1], rel=1e-6)
    for read in ("read", "theirs_read", "readlabels", "theirs_readlabels"):
        assert len(bench.work_of(f"{read}_{name}", COUNT, tmp_path)()) == COUNT


def test_every_piece_of_work_is_known(tmp_path):
    for ours, theirs in [*bench.TABLES.values(), *bench.LABELS.values()]:
        assert callable(bench.work_of(ours, 2, tmp_path))
        assert callable(bench.work_of(theirs, 2, tmp_path))


def test_tables_are_kept_between_their_marks(monkeypatch, tmp_path, capsys):
    page, (begin, end) = tmp_path / "performance.md", marks("formats")
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    monkeypatch.setattr(bench, "PAGE", page)
    monkeypatch.setattr(
        bench, "measured", lambda name, count, folder: (1.0, 4.0 if name.startswith("their") else 2.0, 3.0)
    )
    monkeypatch.setattr(sys, "argv", ["bench_formats", "--count", "5", "--keep"])
    bench.main()
    text = page.read_text()
    assert "| GeoPackage, written | 2.00 | 4.00 | 2.0 | 3 | 3 |" in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
