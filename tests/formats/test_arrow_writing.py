"""Frames that go to GDAL as columns make the files that pyogrio makes of them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.errors import WriteError
from napari_geolabel.formats import arrow_writing, importer_for
from napari_geolabel.formats.arrow_writing import binaries_of, write_frame
from napari_geolabel.geo import LONLAT, transform_points

SQUARE = shapely.box(0, 0, 10, 10.5)
SHAPES = [
    SQUARE,
    shapely.Polygon([(0, 0), (1, 1 / 3), (0.1, 5)]),
    shapely.MultiPolygon([SQUARE, shapely.box(20, 0, 30, 9)]),
    SQUARE.difference(shapely.box(2, 2, 3, 3)),
    shapely.LineString([(0, 0), (1, 2.5)]),
    shapely.MultiLineString([[(0, 0), (1, 2.5)], [(5, 5), (6, 6)]]),
    shapely.Point(1, 2),
    shapely.Polygon([(0, 0, 1), (1, 1, 2), (0, 5, 3)]),
    shapely.Polygon(),
]
MULTI = {"Polygon": shapely.multipolygons, "LineString": shapely.multilinestrings}


@given(st.lists(st.sampled_from(SHAPES), max_size=7), st.booleans())
@settings(max_examples=40)
def test_binaries_are_those_that_geos_writes(shapes, is_multi):
    array = np.array([*shapes, None], object)[:-1]
    wanted = [MULTI[s.geom_type]([s]) if is_multi and s.geom_type in MULTI else s for s in shapes]
    assert binaries_of(array, is_multi=is_multi).to_pylist() == [shapely.to_wkb(s, flavor="iso") for s in wanted]
    assert list(array) == shapes  # what was given is left as it is


def test_columns_too_large_for_ordinary_binaries_are_large_ones(monkeypatch):
    monkeypatch.setattr(arrow_writing, "_LARGEST", 100)
    shapes = np.array(SHAPES[:4], object)
    found = binaries_of(shapes)
    assert found.type == pa.large_binary()
    assert found.to_pylist() == shapely.to_wkb(shapes, flavor="iso").tolist()


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "word": ["Ä", None, "2024-05-01"],
            "nothing": [None, None, None],
            "number": [0.1, np.nan, 1e300],
            "whole": pd.array([2**40, None, 3], "Int64"),
            "yes": pd.array([True, None, False], "boolean"),
            "at": pd.to_datetime(["2024-05-01T10:00:00.25Z", None, "1999-12-31T00:00:00Z"], format="ISO8601"),
        },
        geometry=SHAPES[:3],
        crs="EPSG:32633",
    )


def write_both(tmp_path, monkeypatch, frame, **options):
    """Return what pyogrio reads of a frame written as columns and by pyogrio itself."""
    written = []
    options = {"layer": "labels", "driver": "GPKG", "geometry_type": "MultiPolygon", "is_multi": True, **options}
    for name in ("columns", "pyogrio"):
        path = tmp_path / f"{name}.{'fgb' if options['driver'] == 'FlatGeobuf' else 'gpkg'}"
        write_frame(path, frame, **options)
        written.append((pyogrio.read_dataframe(path), pyogrio.read_info(path)))
        monkeypatch.setattr(arrow_writing, "_table", lambda *_: None)
    return written


@pytest.mark.parametrize("driver", ["GPKG", "FlatGeobuf"])
def test_a_file_is_the_one_that_pyogrio_writes(tmp_path, monkeypatch, frame, driver):
    kind = {} if driver == "GPKG" else {"geometry_type": "Unknown", "is_multi": False}
    (ours, told), (theirs, their_told) = write_both(tmp_path, monkeypatch, frame, driver=driver, **kind)
    pd.testing.assert_frame_equal(pd.DataFrame(ours), pd.DataFrame(theirs))
    assert shapely.equals_identical(ours.geometry.to_numpy(), theirs.geometry.to_numpy()).all()
    for name in ("fields", "dtypes", "ogr_types"):
        assert list(told[name]) == list(their_told[name])
    for name in ("crs", "geometry_type", "features"):
        assert told[name] == their_told[name]


TURNED_POLE = CRS("+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39.25 +lon_0=18 +R=6371229 +no_defs")


@pytest.mark.parametrize(("driver", "name"), [("GPKG", "a.gpkg"), ("FlatGeobuf", "a.fgb")])
def test_a_crs_that_the_old_sort_of_text_cannot_say_comes_back(tmp_path, frame, driver, name):
    turned = frame.set_crs(TURNED_POLE, allow_override=True)
    path, points = tmp_path / name, np.array([[12.0, 5.0]])
    write_frame(path, turned, layer="labels", driver=driver, geometry_type="Unknown")
    wanted = transform_points(points, TURNED_POLE, LONLAT)
    for crs in (pyogrio.read_dataframe(path).crs, importer_for(path).read(path).crs):
        assert transform_points(points, crs, LONLAT) == pytest.approx(wanted, abs=1e-12)


def test_cell_by_cell_such_a_crs_is_refused_in_a_sentence(tmp_path, monkeypatch, frame):
    turned = frame.set_crs(TURNED_POLE, allow_override=True)
    monkeypatch.setattr(arrow_writing, "has_arrow", lambda: False)
    with pytest.raises(WriteError, match=r"cannot stand in such a file; name another \(crs=, --crs\)"):
        write_frame(tmp_path / "a.gpkg", turned, layer="labels", driver="GPKG", geometry_type="Unknown")


@pytest.mark.parametrize(
    "values",
    [
        [1, "x", None],
        pd.to_datetime(["2024-05-01T10:00:00+02:00"] * 3).tz_convert("Europe/Berlin"),
        pd.Categorical(["a", "b", "a"]),
        [pd.Timestamp("2024-05-01T10:00:00+02:00").to_pydatetime(), None, None],
    ],
)
def test_columns_whose_type_says_too_little_are_left_to_pyogrio(tmp_path, frame, values):
    assert arrow_writing._table(frame, False) is not None
    frame = frame.assign(word=values)
    assert arrow_writing._table(frame, False) is None
    write_frame(tmp_path / "a.gpkg", frame, layer="labels", driver="GPKG", geometry_type="Unknown")
    assert len(pyogrio.read_dataframe(tmp_path / "a.gpkg")) == 3


def test_an_empty_frame_is_an_empty_layer_with_all_columns(tmp_path, monkeypatch, frame):
    (ours, told), (theirs, their_told) = write_both(tmp_path, monkeypatch, frame.iloc[:0])
    assert len(ours) == len(theirs) == 0
    assert list(told["fields"]) == list(their_told["fields"]) == list(frame.columns[:-1])
    assert list(told["ogr_types"]) == list(their_told["ogr_types"])
