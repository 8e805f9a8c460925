"""Counts of what a file holds, told without reading it as labels."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import GeoLabelError, WriteError
from napari_geolabel.formats import counting
from napari_geolabel.formats.counting import (
    count_features,
    count_labels,
    count_lines,
    count_pixels,
    count_rows,
    require_count,
)
from napari_geolabel.formats.registry import FORMATS


def collection(number: int, **properties: object) -> dict[str, object]:
    """Return a feature collection of points."""
    point = {"type": "Point", "coordinates": [1, 2]}
    return {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": properties, "geometry": point} for _ in range(number)],
    }


@pytest.mark.parametrize("indent", [None, 0, 4])
@pytest.mark.parametrize("number", [0, 1, 37])
def test_features_are_counted_in_any_layout(tmp_path: Path, number: int, indent: int | None) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps(collection(number, name='a "type": "Feature" in a text'), indent=indent))

    assert count_features(path) == number
    assert count_labels(path, FORMATS["geojson"]) == number


@given(number=st.integers(0, 60), size=st.integers(65, 200), indent=st.sampled_from([None, 1, 3]))
def test_no_feature_is_lost_or_doubled_where_blocks_meet(tmp_path_factory, number: int, size: int, indent) -> None:
    path = tmp_path_factory.mktemp("blocks") / "a.geojson"
    path.write_text(json.dumps(collection(number), indent=indent))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_BLOCK_BYTES", size)
        assert count_features(path) == number


def test_only_lines_of_our_own_layout_count_as_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":[\n{"type":"Feature","id":"1"},\n{"type":"Feature","id":"2"}'
    )

    assert count_lines(path) == 2


def test_tables_of_features_are_counted_and_nothing_in_the_file_runs(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT)")
        db.execute('CREATE TABLE "odd ""name" (fid INTEGER)')
        db.executemany('INSERT INTO "odd ""name" VALUES (?)', [(n,) for n in range(12)])
        db.execute("CREATE TABLE styles (fid INTEGER)")
        db.execute("INSERT INTO styles VALUES (1)")
        db.execute(
            "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        )
        rows = [('odd "name', "features"), ("styles", "attributes"), ("endless", "features"), ("missing", "features")]
        db.executemany("INSERT INTO gpkg_contents VALUES (?, ?)", rows)

    assert count_rows(path) == 12
    assert count_labels(path, FORMATS["gpkg"]) == 12


def write_mask(path: Path, array: np.ndarray, **options: object) -> None:
    """Write a raster."""
    bands = array if array.ndim == 3 else array[None]
    profile = {
        "driver": "GTiff",
        "dtype": bands.dtype,
        "count": len(bands),
        "height": bands.shape[1],
        "width": bands.shape[2],
    }
    with rasterio.open(path, "w", **profile, **options) as target:
        target.write(bands)


def test_labelled_pixels_are_counted_strip_by_strip(tmp_path: Path) -> None:
    array = np.zeros((1100, 60), np.uint8)
    array[5, :7], array[600:603, 3], array[1099, 59] = 1, 2, 9
    write_mask(tmp_path / "a.tif", array, nodata=0)

    assert count_pixels(tmp_path / "a.tif") == 11
    assert count_labels(tmp_path / "a.tif", FORMATS["mask"]) == 11


def test_pixels_that_are_nodata_are_not_labelled(tmp_path: Path) -> None:
    write_mask(tmp_path / "a.tif", np.array([[1, 255, 0]], np.uint8), nodata=255)

    assert count_pixels(tmp_path / "a.tif") == 1


def test_a_picture_is_no_mask(tmp_path: Path) -> None:
    write_mask(tmp_path / "a.tif", np.ones((3, 8, 8), np.uint8))

    with pytest.raises(GeoLabelError, match="3 bands"):
        count_pixels(tmp_path / "a.tif")


@pytest.mark.parametrize("form", [form for form in FORMATS.values() if form.id in {"gpkg", "mask"}], ids=lambda f: f.id)
@pytest.mark.parametrize("content", [b"", b"nonsense", b"SQLite format 3\0" + b"x" * 200])
def test_of_what_cannot_be_read_nothing_is_said(tmp_path: Path, form, content: bytes) -> None:
    path = tmp_path / f"a{form.suffixes[0]}"
    path.write_bytes(content)

    assert count_labels(path, form) is None


def test_a_file_that_is_gone_cannot_be_counted(tmp_path: Path) -> None:
    assert count_labels(tmp_path / "none.geojson", FORMATS["geojson"]) is None


def test_a_count_that_differs_is_a_failed_write() -> None:
    require_count(7, 7, "a.geojson")
    with pytest.raises(WriteError, match=r"a\.geojson holds 6 of 7 labels after writing; the old file is untouched"):
        require_count(6, 7, "a.geojson")
