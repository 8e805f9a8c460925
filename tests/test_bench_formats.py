"""The benchmark of formats writes the same polygons with us and with others."""

from __future__ import annotations

import json
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
        bench, "measured", lambda name, count, folder, limit: (1.0, 4.0 if name.startswith("their") else 2.0, 3.0)
    )
    monkeypatch.setattr(sys, "argv", ["bench_formats", "--count", "5", "--keep"])
    bench.main()
    text = page.read_text()
    assert "| GeoPackage, written | 2.00 | 4.00 | 2.0 | 3 | 3 |" in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text


def test_what_does_not_end_in_time_is_told_and_rows_can_be_chosen(monkeypatch, tmp_path, capsys):
    def measured(name, count, folder, limit):
        return None if name.startswith("theirs") else (1.0, 2.0, 3.0)

    monkeypatch.setattr(bench, "measured", measured)
    monkeypatch.setattr(sys, "argv", ["bench_formats", "--count", "5", "--limit", "300", "--only", "FlatGeobuf"])
    bench.main()
    rows = capsys.readouterr().out.splitlines()
    assert rows[0] == "| FlatGeobuf, written | 2.00 | over 300 |  | 3 |  |"
    assert len(rows) == 4


def test_a_piece_of_work_is_given_up_after_its_limit(tmp_path):
    assert bench.measured("rows_gpkg", COUNT, tmp_path, limit=0.01) is None


def test_a_piece_of_work_is_rehearsed_before_the_clock_starts(monkeypatch, tmp_path, capsys):
    counts = []
    work_of = bench.work_of

    def counted(name, count, folder):
        counts.append((name, count))
        return work_of(name, count, folder)

    monkeypatch.setattr(bench, "work_of", counted)
    bench.child("rows_gpkg", COUNT, tmp_path)
    assert counts[0] == ("rows_gpkg", COUNT)
    assert {name for name, count in counts[1:] if count < COUNT} == {"theirs_gpkg", "labels_gpkg", "rows_gpkg"}
    clock, processor, memory = json.loads(capsys.readouterr().out)
    assert clock > 0
    assert processor > 0
    assert memory >= 0
