"""Files that are read as columns give the same labels, reports and frames as row by row."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats import FORMATS, gdal_files, geopackage_columns
from napari_geolabel.formats.frame_rows import row_dicts
from napari_geolabel.formats.frames import frame_of_columns
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.table_rows import TableRows
from napari_geolabel.labels.conversion import convert

FORMS = ("gpkg", "flatgeobuf")


@pytest.fixture
def by_rows(monkeypatch):
    """Return a function after which no file is read as columns."""

    def forbid() -> None:
        monkeypatch.setattr(geopackage_columns, "has_driver", lambda: False)
        monkeypatch.setattr(gdal_files, "has_arrow", lambda: False)

    return forbid


@pytest.fixture
def labels(utm, ontology) -> LabelSet:
    """Labels of every kind, so that a GeoPackage has three tables of them."""
    attributes = {"category": "merchant", "flags": ("wake", "moored"), "draught_m": 3.5, "lit": True}
    drawn = [
        Annotation(class_id="ship", kind="box", geometry=shapely.box(3, 4, 9, 8), attributes=attributes),
        Annotation(class_id="ship", kind="keypoint", geometry=shapely.Point(7, 8), confidence=0.25),
        Annotation(class_id="cloud", kind="polygon", geometry=shapely.box(0, 0, 50, 60) - shapely.box(1, 1, 2, 2)),
        Annotation(
            class_id="wake", kind="polyline", geometry=shapely.LineString([(1, 2), (30, 40)]), status="accepted"
        ),
    ]
    return LabelSet(annotations=drawn, grid=utm, ontology=ontology, scene_name="scene")


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    """A table of another program, with what the columns of Arrow and SQLite may get wrong."""
    shapes = [shapely.box(5e5, 5e6, 500100, 5000100), shapely.MultiPolygon([shapely.box(5e5, 5e6, 500009, 5000007)])]
    columns = {
        "id": ["7", " a "],
        "label": ["ship", "buoy"],
        "when": ["2020-01-01", None],
        "number": [0.1, np.nan],
        "whole": pd.array([2**53 + 1, None], "Int64"),
        "yes": [True, False],
        "none": [None, None],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:32633")


@pytest.mark.parametrize("form_id", FORMS)
def test_our_own_labels_are_the_same(labels, tmp_path, by_rows, form_id):
    path = tmp_path / f"a{FORMATS[form_id].suffixes[0]}"
    FORMATS[form_id].write(path, labels)

    def read():
        columns = FORMATS[form_id].read(path, None)
        return columns, *columns.to_annotations(labels.grid, labels.ontology)

    columns, found, report = read()
    by_rows()
    rows, wanted, told = read()
    assert list(columns.properties) == list(rows.properties)
    assert [each.id for each in found] == [each.id for each in wanted] != []
    assert found == wanted
    assert report == told
    assert all(map(shapely.equals_identical, columns.geometries, rows.geometries))


@pytest.mark.parametrize("form_id", FORMS)
def test_a_table_of_another_program_is_the_same_as_columns_rows_and_frame(frame, tmp_path, by_rows, form_id):
    path = tmp_path / f"a{FORMATS[form_id].suffixes[0]}"
    frame.to_file(path)
    columns = FORMATS[form_id].read(path, None)
    assert isinstance(columns.properties, TableRows)
    as_frame = frame_of_columns(columns)
    by_rows()
    rows = FORMATS[form_id].read(path, None)
    assert isinstance(rows.properties, list)
    for each in (list(columns.properties), row_dicts(as_frame.drop(columns="geometry"))):
        assert [{**row, "whole": None} for row in each] == [{**row, "whole": None} for row in rows.properties]
        assert [row["whole"] for row in each] == [2**53 + 1, None]
    assert columns.ids == rows.ids == ["7", "a"] or form_id == "flatgeobuf"  # whose index turns them about
    assert (columns.class_ids, list(columns.where)) == (rows.class_ids, list(rows.where))
    assert list(as_frame.index) == list(rows.where)


@pytest.mark.parametrize("form_id", FORMS)
def test_a_conversion_is_the_same_to_the_last_byte(frame, tmp_path, by_rows, form_id):
    path = tmp_path / f"a{FORMATS[form_id].suffixes[0]}"
    frame.drop(columns="whole").to_file(path)
    assert convert(path, tmp_path / "columns.geojson").imported == 2
    by_rows()
    assert convert(path, tmp_path / "rows.geojson").imported == 2
    assert (tmp_path / "columns.geojson").read_bytes() == (tmp_path / "rows.geojson").read_bytes()


def test_a_computed_column_of_a_geopackage_is_the_same(frame, tmp_path, by_rows):
    path = tmp_path / "a.gpkg"
    frame.to_file(path, layer="real")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("ALTER TABLE real ADD COLUMN twice REAL AS (number * 2)")
        db.execute("ALTER TABLE real ADD COLUMN long TEXT AS (label || ' ' || id)")
    columns = FORMATS["gpkg"].read(path, None).properties
    assert isinstance(columns, TableRows)
    assert [(row["twice"], row["long"]) for row in columns] == [(0.2, "ship 7"), (None, "buoy  a ")]
    by_rows()
    assert list(columns) == FORMATS["gpkg"].read(path, None).properties
