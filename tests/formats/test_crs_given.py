"""Files of map coordinates whose CRS the user names: their numbers are taken as they are, in that CRS."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS

from napari_geolabel.errors import FormatError
from napari_geolabel.formats import FORMATS, importer_for
from napari_geolabel.geo import LONLAT

UNDEFINED = """LOCAL_CS["Undefined SRS",LOCAL_DATUM["none",32767],UNIT["none",0],AXIS["x",EAST],AXIS["y",NORTH]]"""
SOUTH = CRS.from_epsg(32733)
SHAPES = [shapely.box(500000.25, 5300000.5, 500100, 5300050), shapely.Point(500200, 5300010.125)]
WITH_CHOICE = {
    "geojson": ".geojson",
    "geojsonseq": ".geojsonl",
    "gpkg": ".gpkg",
    "flatgeobuf": ".fgb",
    "geoparquet": ".parquet",
    "shapefile": ".shp",
}


def without_crs(path, shapes):
    """Write features that say nothing of a CRS."""
    if path.suffix.startswith(".geojson"):
        features = [
            {"type": "Feature", "properties": {"class": "ship"}, "geometry": shapely.geometry.mapping(shape)}
            for shape in shapes
        ]
        lines = "\n".join(map(json.dumps, features))
        whole = json.dumps({"type": "FeatureCollection", "features": features})
        path.write_text(lines if path.suffix == ".geojsonl" else whole, "utf-8")
        return path
    frame = gpd.GeoDataFrame({"class": ["ship"] * len(shapes)}, geometry=shapes)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    return path


def test_every_format_that_leaves_a_choice_is_tried_here():
    assert {each.id for each in FORMATS.values() if each.crs_reader is not None} == set(WITH_CHOICE)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize(("form_id", "suffix"), WITH_CHOICE.items(), ids=WITH_CHOICE)
def test_numbers_are_taken_in_the_crs_that_is_named(tmp_path, form_id, suffix):
    shapes = SHAPES[:1] if form_id == "shapefile" else SHAPES
    found = FORMATS[form_id].read_in(without_crs(tmp_path / f"a{suffix}", shapes), SOUTH)
    assert found.crs == SOUTH
    assert (found.class_ids, found.skipped, found.notes) == (["ship"] * len(shapes), [], [])
    expected = shapely.union_all(shapes)
    assert shapely.equals(shapely.union_all(found.geometries), expected)  # in the order of GDAL's index, some


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_degrees_south_of_the_equator_are_no_rows_of_pixels_once_they_are_named(tmp_path):
    path = without_crs(tmp_path / "a.gpkg", [shapely.box(20, -34, 21, -33)])
    unnamed = FORMATS["gpkg"].read(path)
    assert (unnamed.crs, unnamed.geometries[0].bounds[1]) == (None, 33)
    named = FORMATS["gpkg"].read_in(path, CRS.from_epsg(4326))
    assert named.crs is LONLAT
    assert named.geometries[0].bounds == (20, -34, 21, -33)


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".shp", ".parquet"])
def test_a_crs_that_is_undefined_is_none_and_the_numbers_are_pixels(tmp_path, suffix, utm, everything):
    path = tmp_path / f"a{suffix}"  # GDAL 3.9 and later write such a CRS into each GeoPackage that gets none
    frame = gpd.GeoDataFrame({"class": ["ship"]}, geometry=[shapely.box(10, 20, 40, 30)], crs=UNDEFINED)
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_file(path)
    columns = FORMATS[importer_for(path).id].read(path)
    (ship,), report = columns.to_annotations(utm, everything)
    assert (columns.crs, ship.geometry.bounds, report.skipped) == (None, (10, 20, 40, 30), [])
    assert any("no CRS" in note for note in report.notes)


def test_a_wrong_crs_in_the_file_does_not_count(tmp_path):
    path = tmp_path / "a.fgb"
    gpd.GeoDataFrame({"class": ["ship"]}, geometry=SHAPES[:1], crs="EPSG:32633").to_file(path)
    assert FORMATS["flatgeobuf"].read(path).crs == CRS.from_epsg(32633)
    assert FORMATS["flatgeobuf"].read_in(path, SOUTH).crs == SOUTH


@pytest.mark.parametrize("form_id", ["coco", "kml", "xview", "stac"])
def test_formats_of_pixels_or_of_degrees_leave_no_choice(tmp_path, form_id):
    with pytest.raises(FormatError, match="leaves no choice of a CRS; import it without crs"):
        FORMATS[form_id].read_in(tmp_path / "a", SOUTH)
