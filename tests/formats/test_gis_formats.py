"""GeoPackage, FlatGeobuf, GeoParquet, Shapefile, KML and GeoJSON sequences, beside what geopandas makes of them."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from defusedxml import ElementTree as SafeET
from pyproj import CRS

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError, GeoLabelError, NotGeoreferencedError, WriteError
from napari_geolabel.formats import FORMATS, gdal_files, importer_for
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.table_rows import TableRows
from napari_geolabel.geo import GeoGrid

SHAPE = (512, 640)
UTM = GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633))
NOWHERE = GeoGrid(shape=SHAPE, transform=Affine.identity())
SCENE = Image(name="scene.tif", shape=SHAPE)
TABLES = ("gpkg", "flatgeobuf", "geoparquet", "shapefile", "kml", "geojsonseq")
BOX = shapely.box(10.25, 20.5, 40.75, 60.125)


@pytest.fixture
def labels(everything):
    drawn = [
        Annotation(class_id="ship", kind="box", geometry=BOX, attributes={"word": "2020-01-01", "yes": True}),
        Annotation(class_id="cloud", kind="polygon", geometry=shapely.Polygon([(90, 90), (99, 90), (95, 99)])),
    ]
    return LabelSet(annotations=drawn, grid=UTM, ontology=everything, scene_name="scene", image_name="scene.tif")


@pytest.fixture
def frame():
    """A frame of another program, with classes of its own and a text that looks like a date."""
    shapes = [shapely.box(500000, 5399000, 500100, 5399100), shapely.Point(500500, 5398000)]
    return gpd.GeoDataFrame(
        {"label": ["ship", "buoy"], "when": ["2020-01-01", None]}, geometry=shapes, crs="EPSG:32633"
    )


def written(labels, tmp_path, form_id: str):
    path = tmp_path / f"scene{FORMATS[form_id].suffixes[0]}"
    FORMATS[form_id].write(path, labels)
    return path


@pytest.mark.parametrize("form_id", ["gpkg", "flatgeobuf", "geoparquet", "shapefile"])
def test_geopandas_reads_what_we_write_where_it_lies(labels, tmp_path, form_id):
    path = written(labels, tmp_path, form_id)
    read = gpd.read_parquet if form_id == "geoparquet" else gpd.read_file
    found = read(path, layer="labels_polygon") if form_id == "gpkg" else read(path)
    assert found.crs == CRS.from_epsg(32633)
    assert found["class_id"].tolist() == ["ship", "cloud"]
    expected = shapely.transform(BOX, UTM.pixel_to_map)
    assert shapely.hausdorff_distance(found.geometry.iloc[0], expected) < 1e-6
    assert importer_for(path).id == form_id


@pytest.mark.parametrize("form_id", ["gpkg", "flatgeobuf", "geoparquet"])
def test_files_of_other_programs_are_read_with_their_texts_as_they_are(frame, tmp_path, form_id):
    path = tmp_path / f"other{FORMATS[form_id].suffixes[0]}"
    if form_id == "geoparquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    columns = FORMATS[form_id].read(path, SCENE)
    assert sorted(columns.class_ids) == ["buoy", "ship"]
    assert {row["when"] for row in columns.properties} == {"2020-01-01", None}
    assert columns.crs == CRS.from_epsg(32633)
    assert {geometry.geom_type for geometry in columns.geometries} == {"Polygon", "Point"}


@pytest.mark.parametrize("way", ["has_arrow", "is_plain"])
def test_flatgeobuf_read_as_columns_is_what_its_rows_are(frame, tmp_path, monkeypatch, way):
    days = {"day": pd.to_datetime(["2024-05-01", None]).date, "at": pd.to_datetime(["2024-05-01T10:00:00.5Z", None])}
    more = {"whole": pd.array([2**40, 7], "Int64"), "half": [np.nan, 0.5], "yes": [True, False]}
    frame = frame.assign(id=[" a ", ""], **more, **days)
    path = tmp_path / "other.fgb"
    frame.to_file(path)
    columns = FORMATS["flatgeobuf"].read(path, SCENE)
    assert isinstance(columns.properties, TableRows)
    monkeypatch.setattr(gdal_files, way, lambda *_: False)
    rows = FORMATS["flatgeobuf"].read(path, SCENE)
    assert isinstance(rows.properties, list)
    assert list(columns.properties) == rows.properties
    assert (columns.ids, columns.class_ids, columns.crs) == (rows.ids, rows.class_ids, rows.crs)
    assert list(columns.where) == list(rows.where) == ["feature 1", "feature 2"]
    assert all(map(shapely.equals_identical, columns.geometries, rows.geometries))


@pytest.mark.parametrize("form_id", [form_id for form_id in TABLES if form_id != "gpkg"])
def test_a_scene_without_a_place_on_earth_is_refused_before_anything_is_written(labels, tmp_path, form_id):
    nowhere = LabelSet(annotations=labels.annotations, grid=NOWHERE, ontology=labels.ontology)
    path = tmp_path / f"a{FORMATS[form_id].suffixes[0]}"
    for work in (FORMATS[form_id].lost, lambda each: FORMATS[form_id].write(path, each)):
        with pytest.raises(NotGeoreferencedError, match="not georeferenced"):
            work(nowhere)
    assert not list(tmp_path.iterdir())


def test_a_geopackage_in_pixels_comes_back_in_pixels(labels, tmp_path, everything):
    nowhere = LabelSet(annotations=labels.annotations, grid=NOWHERE, ontology=everything)
    columns = FORMATS["gpkg"].read(written(nowhere, tmp_path, "gpkg"), SCENE)
    assert columns.crs is None
    assert "-y was taken for the rows" in columns.notes[0]
    (first, _), _ = columns.to_annotations(NOWHERE, everything)
    assert first.geometry.bounds == BOX.bounds


def test_a_label_that_reaches_above_the_scene_does_not_turn_a_geopackage_in_pixels_over(labels, tmp_path, everything):
    above = Annotation(class_id="ship", kind="box", geometry=shapely.box(50, -2, 60, 8))
    nowhere = LabelSet(annotations=[*labels.annotations, above], grid=NOWHERE, ontology=everything)
    columns = FORMATS["gpkg"].read(written(nowhere, tmp_path, "gpkg"), SCENE)
    assert "is one of ours, so that -y was taken for the rows" in columns.notes[0]
    (first, *_, last), _ = columns.to_annotations(NOWHERE, everything)
    assert (first.geometry.bounds, last.geometry.bounds) == (BOX.bounds, (50, -2, 60, 8))


def test_a_geopackage_of_ours_says_which_grid_it_was_drawn_on(labels, tmp_path):
    columns = FORMATS["gpkg"].read(written(labels, tmp_path, "gpkg"), SCENE)
    assert (columns.pixels.grid.shape, columns.pixels.grid.transform) == (SHAPE, UTM.transform)


def altered(path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


def test_views_and_triggers_of_a_geopackage_are_not_run(frame, tmp_path):
    path = tmp_path / "a.gpkg"
    frame.to_file(path, layer="real")
    altered(
        path,
        "CREATE VIEW trap AS SELECT load_extension('/tmp/evil.so') AS fid, geom FROM real",
        "INSERT INTO gpkg_contents(table_name, data_type, srs_id) VALUES ('trap', 'features', 32633)",
        "INSERT INTO gpkg_geometry_columns VALUES ('trap', 'geom', 'GEOMETRY', 32633, 0, 0)",
        "CREATE TRIGGER gone AFTER UPDATE ON real BEGIN DELETE FROM real; END",
    )
    before = path.read_bytes()
    assert len(FORMATS["gpkg"].read(path, SCENE)) == 2
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["a.gpkg"]  # no journal beside it


ALTERED = {
    "no layers": ("DELETE FROM gpkg_contents", "no table of features"),
    "two CRSs": (
        "UPDATE gpkg_geometry_columns SET srs_id = 4326 WHERE table_name = 'second'",
        "several CRSs",
    ),
    "a CRS that is not listed": ("DELETE FROM gpkg_spatial_ref_sys WHERE srs_id = 32633", "does not say what its CRS"),
    "a CRS that nobody knows": (
        "UPDATE gpkg_spatial_ref_sys SET organization = 'X', definition = 'Y' WHERE srs_id = 32633",
        "PROJ does not know",
    ),
}


@pytest.mark.parametrize(("statement", "sentence"), ALTERED.values(), ids=ALTERED)
def test_a_geopackage_that_does_not_add_up_is_one_sentence(frame, tmp_path, statement, sentence):
    path = tmp_path / "a.gpkg"
    for layer in ("first", "second"):
        frame.to_file(path, layer=layer)
    altered(path, statement)
    with pytest.raises(FormatError, match=sentence):
        FORMATS["gpkg"].read(path, SCENE)


@pytest.mark.parametrize("blob", ["NULL", "x''", "x'00'", "x'47500001'", "'text'", "7", "x'4750000100000000ffff'"])
def test_a_bad_geometry_blob_is_left_out_with_its_reason(frame, tmp_path, blob):
    path = tmp_path / "a.gpkg"
    frame.to_file(path, layer="first")
    with closing(sqlite3.connect(path)) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        db.execute(f"UPDATE first SET geom = {blob} WHERE fid = 1")  # noqa: S608  (one of ours)
    columns = FORMATS["gpkg"].read(path, SCENE)
    assert (len(columns), columns.skipped) == (1, [("first 1", "it has no geometry that can be read")])


def test_the_geopackage_of_eolearn_is_read(shared_data):
    columns = FORMATS["gpkg"].read(shared_data / "eolearn" / "CLM_VECTOR.gpkg", None)
    assert (len(columns), columns.skipped, columns.crs) == (55, [], CRS.from_epsg(32633))
    assert columns.properties[0]["TIMESTAMP"] == "2015-07-31T10:00:09.000"  # a text still


def test_geoparquet_is_version_1_1_with_covering_boxes(labels, tmp_path):
    import pyarrow.parquet as pq

    path = written(labels, tmp_path, "geoparquet")
    about = json.loads(pq.read_schema(path).metadata[b"geo"])
    assert about["version"] == "1.1.0"
    assert about["columns"]["geometry"]["covering"]["bbox"]["xmin"] == ["bbox", "xmin"]
    assert about["columns"]["geometry"]["crs"]["id"] == {"authority": "EPSG", "code": 32633}


def test_a_shapefile_is_several_files_or_one_zip(labels, tmp_path):
    FORMATS["shapefile"].write(tmp_path / "a.shp", labels)
    assert {each.suffix for each in tmp_path.iterdir()} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    assert set(FORMATS["shapefile"].files_beside(tmp_path / "a.shp")) < set(tmp_path.iterdir())
    FORMATS["shapefile"].write(tmp_path / "b.shp.zip", labels)
    with zipfile.ZipFile(tmp_path / "b.shp.zip") as archive:
        assert {name.partition(".")[0] for name in archive.namelist()} == {"b"}
    found = [FORMATS["shapefile"].read(tmp_path / name, SCENE) for name in ("a.shp", "b.shp.zip")]
    assert [each.class_ids for each in found] == [["ship", "cloud"]] * 2


def test_a_shapefile_is_found_by_place_where_another_with_an_index_was(labels, tmp_path):
    path = tmp_path / "a.shp"
    places = np.random.default_rng(0).uniform((500000, 4500000), (501000, 4501000), (20, 2))
    gpd.GeoDataFrame(geometry=shapely.box(*places.T, *places.T + 5), crs=32633).to_file(path, SPATIAL_INDEX="YES")
    assert path.with_suffix(".qix").exists()
    FORMATS["shapefile"].write(path, labels)
    assert len(gpd.read_file(path, bbox=tuple(gpd.read_file(path).total_bounds))) == 2
    assert {each.suffix for each in tmp_path.iterdir()} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}


def test_an_old_index_that_cannot_go_leaves_the_old_shapefile(labels, tmp_path):
    FORMATS["shapefile"].write(tmp_path / "a.shp", labels)
    before = (tmp_path / "a.shp").read_bytes()
    (tmp_path / "a.qix").mkdir()
    with pytest.raises(WriteError, match=r"the index a\.qix of the old file cannot be removed"):
        FORMATS["shapefile"].write(tmp_path / "a.shp", replace(labels, annotations=labels.annotations[:1]))
    assert (tmp_path / "a.shp").read_bytes() == before


def test_a_zip_that_leads_outside_writes_nothing_there(labels, tmp_path):
    FORMATS["shapefile"].write(tmp_path / "a.shp.zip", labels)
    with zipfile.ZipFile(tmp_path / "a.shp.zip") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "b.shp.zip", "w") as archive:
        for name, content in parts.items():
            archive.writestr(f"../../outside/{name}", content)
    assert len(FORMATS["shapefile"].read(tmp_path / "b.shp.zip", SCENE)) == 2
    assert not (tmp_path.parent.parent / "outside").exists()
    with zipfile.ZipFile(tmp_path / "c.shp.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(FormatError, match="holds 0 Shapefiles"):
        FORMATS["shapefile"].read(tmp_path / "c.shp.zip", SCENE)


def test_what_a_shapefile_cannot_hold_is_said(labels, everything):
    wake = Annotation(class_id="ship", kind="polyline", geometry=shapely.LineString([(0, 0), (1, 1)]))
    told = FORMATS["shapefile"].lost(
        LabelSet(
            annotations=[*labels.annotations, wake], grid=UTM, ontology=everything, scene_attributes={"haze": True}
        )
    )
    assert [sentence[:20] for sentence in told] == [
        "the attributes of th",
        "1 line or point left",
        "texts longer than 25",
    ]


def test_kml_has_the_colours_of_the_ontology(labels, tmp_path):
    root = SafeET.parse(written(labels, tmp_path, "kml")).getroot()
    namespace = {"k": "http://www.opengis.net/kml/2.2"}
    assert root.find("k:Document/k:Style[@id='ship']/k:LineStyle/k:color", namespace).text == "ff0000ff"
    marks = root.findall("k:Document/k:Placemark", namespace)
    assert [mark.find("k:styleUrl", namespace).text for mark in marks] == ["#ship", "#cloud"]
    text = marks[0].find(".//k:coordinates", namespace).text.split()
    points = np.array([[float(number) for number in pair.split(",")] for pair in text])
    np.testing.assert_allclose(points[:, :2].min(axis=0), UTM.pixel_to_lonlat([[10.25, 60.125]])[0], atol=1e-4)


FOREIGN_KML = """<k:kml xmlns:k="http://earth.google.com/kml/2.1"><k:Folder><k:Placemark><k:name>harbour</k:name>
<k:ExtendedData><k:SchemaData><k:SimpleData name="size">12</k:SimpleData></k:SchemaData></k:ExtendedData>
<k:MultiGeometry><k:Point><k:coordinates> 15,48,120 </k:coordinates></k:Point>
<k:LineString><k:coordinates>15,48 15.1,48.2</k:coordinates></k:LineString></k:MultiGeometry></k:Placemark>
<k:Placemark><k:name>lost</k:name></k:Placemark></k:Folder><k:NetworkLink/></k:kml>"""


def test_kml_of_other_programs_is_read_from_all_its_folders(read_text_as):
    columns = read_text_as("kml", FOREIGN_KML)
    assert (columns.class_ids, columns.geometries[0].geom_type) == (["harbour"], "GeometryCollection")
    assert columns.properties[0]["size"] == "12"
    assert columns.skipped == [("placemark 2", "it has no geometry")]


@pytest.mark.parametrize("coordinates", ["", "a,b", "1", "500,0", "1,95", "nan,1", "1e400,0"])
def test_a_bad_placemark_is_left_out_with_its_reason(read_text_as, coordinates):
    text = f"<kml><Placemark><Point><coordinates>{coordinates}</coordinates></Point></Placemark></kml>"
    columns = read_text_as("kml", text)
    assert (len(columns), len(columns.skipped)) == (0, 1)


POINT = '{"type": "Point", "coordinates": [15, 48]}'
FEATURE = f'{{"type": "Feature", "id": "a", "properties": {{"label": "ship"}}, "geometry": {POINT}}}'


@pytest.mark.parametrize("text", [FEATURE, f"{FEATURE}\n\n{FEATURE}\n", f"\x1e{FEATURE}\n\x1e{FEATURE}\n", ""])
def test_sequences_are_read_with_and_without_separators(read_text_as, text):
    columns = read_text_as("geojsonseq", text)
    assert len(columns) == text.count("Feature")
    assert set(columns.class_ids) <= {"ship"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(f"{FEATURE}\n{{", "no JSON in line 2"), (f"{FEATURE}\n7", "no GeoJSON feature in line 2"), ("[]", "in line 1")],
)
def test_a_bad_line_of_a_sequence_is_one_sentence(read_text_as, text, sentence):
    with pytest.raises(FormatError, match=sentence):
        read_text_as("geojsonseq", text)


@pytest.mark.parametrize("form_id", TABLES)
def test_a_virtual_file_under_another_name_opens_nothing(tmp_path, form_id):
    path = tmp_path / f"a{FORMATS[form_id].suffixes[0]}"
    layer = "<OGRVRTLayer name='a'><SrcDataSource>CSV:/etc/passwd</SrcDataSource></OGRVRTLayer>"
    path.write_text(f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>")
    with pytest.raises(GeoLabelError):
        FORMATS[form_id].read(path, SCENE)
