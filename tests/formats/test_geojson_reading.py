"""GeoJSON of other writers, good and bad."""

from __future__ import annotations

import json

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.errors import FormatError, GeoLabelError, MissingFileError, NotGeoreferencedError, UnsafeFileError
from napari_geolabel.formats import read_geojson, texts
from napari_geolabel.geo import LONLAT, GeoGrid
from napari_geolabel.masks import rasterize_annotations
from napari_geolabel.ontology import LabelClass, Ontology

SQUARE = {"type": "Polygon", "coordinates": [[[15, 48], [15.1, 48], [15.1, 48.1], [15, 48]]]}


@pytest.fixture
def save(tmp_path):
    def save(content, name="a.geojson"):
        path = tmp_path / name
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        path.write_bytes(text)
        return path

    return save


def collection(*geometries, properties=None, **members):
    features = [{"type": "Feature", "properties": properties, "geometry": g} for g in geometries]
    return {"type": "FeatureCollection", "features": features, **members}


def named(crs):
    return {"type": "name", "properties": {"name": crs}}


def test_a_bare_feature_and_a_bare_geometry_are_collections_of_one(save):
    feature = {"type": "Feature", "properties": {"class": "cloud"}, "geometry": SQUARE}
    assert read_geojson(save(feature)).class_ids == ["cloud"]
    columns = read_geojson(save(SQUARE))
    assert columns.class_ids == [None]
    assert columns.crs == LONLAT
    assert len(columns) == 1


def test_rings_that_are_not_closed_are_closed_and_heights_dropped(save):
    ring = [[15, 48, 7], [15.1, 48], [15.1, 48.1]]
    (geometry,) = read_geojson(save({"type": "Polygon", "coordinates": [ring]})).geometries
    assert list(geometry.exterior.coords) == [(15, 48), (15.1, 48), (15.1, 48.1), (15, 48)]


def test_strings_that_look_like_something_else_stay_strings(save):
    properties = {"class": "2024-01-01", "time": "12:30", "json": '{"a": 1}', "number": "010", "nul": "x\u0000y"}
    columns = read_geojson(save(collection(SQUARE, properties=properties)))
    assert columns.properties == [properties]
    assert columns.class_ids == ["2024-01-01"]


def test_ids_are_text_and_our_own_are_kept(save):
    document = collection(SQUARE, SQUARE, SQUARE)
    for feature, key in zip(document["features"], [7, "a", None], strict=True):
        feature["id"] = key
    assert read_geojson(save(document)).ids == ["7", "a", None]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("urn:ogc:def:crs:EPSG::32633", CRS.from_epsg(32633)),
        ("urn:ogc:def:crs:EPSG:6.3:32633", CRS.from_epsg(32633)),
        ("EPSG:32633", CRS.from_epsg(32633)),
        ("epsg:32633", CRS.from_epsg(32633)),
        ("http://www.opengis.net/def/crs/EPSG/0/32633", CRS.from_epsg(32633)),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", LONLAT),
        ("urn:ogc:def:crs:EPSG::4326", LONLAT),
    ],
)
def test_a_legacy_crs_is_honoured_by_its_name(save, name, expected):
    point = {"type": "Point", "coordinates": [15, 48]}
    assert read_geojson(save(collection(point, crs=named(name)))).crs == expected


@pytest.mark.parametrize(
    "member",
    [
        {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs", "type": "proj4"}},
        {"type": "EPSG", "properties": {"code": 32633}},
        named("http://127.0.0.1:9/crs"),
        named("EPSG:99999999"),
        "EPSG:4326",
    ],
)
def test_a_crs_that_would_have_to_be_fetched_or_guessed_is_refused(save, member):
    with pytest.raises(FormatError, match=r"a\.geojson .*--crs EPSG:CODE"):
        read_geojson(save(collection(SQUARE, crs=member)))
    assert read_geojson(save(collection(SQUARE)), crs="EPSG:4326").crs == LONLAT


def test_metres_without_a_crs_are_refused_until_it_is_named(save):
    path = save(collection(SQUARE, {"type": "Point", "coordinates": [744420.5, 3742438]}))
    with pytest.raises(FormatError, match=r"feature 2 has a point \(744420, 3.74244e\+06\).*name its CRS"):
        read_geojson(path)
    assert read_geojson(path, crs=32616).crs == CRS.from_epsg(32616)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not JSON"),
        (b"not json", "is not JSON"),
        (b'{"type":"Point","coordinates":[NaN,1]}', "is not JSON"),
        (b'{"type":"Point","coordinates":[1e400,1]}', "infinity"),
        (b"[" * 100_000, "depth"),
        (b'{"type":"Point","a":"\xff"}', r"is not UTF-8 text \(byte 21\)"),
        (b"[1, 2]", "holds a JSON list"),
        (b"{}", "is no GeoJSON: its type is 'None'"),
        (b'{"type":"Topology"}', "'Topology'"),
        (b'{"type":["Point"]}', "is no GeoJSON"),
        (b'{"type":"FeatureCollection","features":{}}', "not a list of objects"),
        (b'{"type":"FeatureCollection","features":[1]}', "not a list of objects"),
        (b"<OGRVRTDataSource></OGRVRTDataSource>", "is not JSON"),
    ],
)
def test_what_is_no_geojson_is_refused_in_one_sentence(save, content, reason):
    with pytest.raises(FormatError, match=reason) as caught:
        read_geojson(save(content))
    assert str(caught.value).startswith("a.geojson ")
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_does_no_harm(save):
    assert len(read_geojson(save(b"\xef\xbb\xbf" + json.dumps(SQUARE).encode()))) == 1


def test_a_file_that_is_too_large_is_refused_unread(save, monkeypatch):
    monkeypatch.setattr(texts, "MAX_BYTES", 10)
    with pytest.raises(FormatError, match="split it"):
        read_geojson(save(SQUARE))


def test_paths_that_are_no_local_files_are_refused(tmp_path):
    with pytest.raises(MissingFileError):
        read_geojson(tmp_path / "none.geojson")
    with pytest.raises(UnsafeFileError):
        read_geojson("https://example.org/a.geojson")


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (None, "no geometry"),
        ({}, "no type of geometry"),
        (5, "no type of geometry"),
        ({"type": "Circle", "coordinates": [0, 0]}, "'Circle' is no type"),
        ({"type": "Point"}, "not a list"),
        ({"type": "Point", "coordinates": []}, "empty"),
        ({"type": "Point", "coordinates": [1]}, "pairs of numbers"),
        ({"type": "Point", "coordinates": ["1", "2"]}, "pairs of numbers"),
        ({"type": "Point", "coordinates": [None, 2]}, "pairs of numbers"),
        ({"type": "LineString", "coordinates": [[1, 2]]}, "1 points where 2"),
        ({"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [1, 2]]]}, "2 points where 3"),
        ({"type": "Polygon", "coordinates": [[1, 2], [3, 4]]}, "pairs of numbers"),
        ({"type": "MultiPolygon", "coordinates": [5]}, "nested"),
        ({"type": "GeometryCollection"}, "no list of geometries"),
        ({"type": "GeometryCollection", "geometries": []}, "empty"),
    ],
)
def test_one_bad_geometry_is_reported_and_the_others_read(save, geometry, reason):
    columns = read_geojson(save(collection(SQUARE, geometry, SQUARE)))
    assert columns.where == ["feature 1", "feature 3"]
    ((place, why),) = columns.skipped
    assert place == "feature 2"
    assert reason in why


def test_collections_become_one_annotation_per_part(save, utm, ontology):
    parts = [
        SQUARE,
        {"type": "GeometryCollection", "geometries": [{"type": "MultiPoint", "coordinates": [[15, 48], [15, 49]]}]},
    ]
    path = save(collection({"type": "GeometryCollection", "geometries": parts}, properties={"class": "ship"}))
    back, report = read_geojson(path).to_annotations(utm, ontology)
    assert [a.kind for a in back] == ["polygon", "keypoint", "keypoint"]
    assert len({a.id for a in back}) == 3
    assert "1 collections of geometries were split" in report.notes[0]


def test_map_coordinates_need_a_scene_with_a_place(save, nowhere, ontology):
    with pytest.raises(NotGeoreferencedError, match=r"a\.geojson has map coordinates and the scene has none"):
        read_geojson(save(SQUARE)).to_annotations(nowhere, ontology, class_map={None: "cloud"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 200) | st.floats(-1, 1) | st.sampled_from(
        ["Point", "Polygon", "FeatureCollection", "Feature", "GeometryCollection", "ship", "EPSG:4326"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["type", "coordinates", "features", "geometry", "geometries", "properties", "crs", "name", "id",
                         "geolabel", "pixel", "scene", "version", "shape", "attributes", "status", "kind", "class_id"]),
        inner, max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON)
def test_any_json_is_read_or_refused_in_one_sentence(save, utm, ontology, document):
    features = document if isinstance(document, list) else [document]
    for content in (document, collection(*features), {"type": "FeatureCollection", "features": features}):
        try:
            read_geojson(save(content)).to_annotations(utm, ontology, class_map={None: "ship"})
        except GeoLabelError as error:
            assert "\n" not in str(error)  # noqa: PT017  (most documents are refused, some are read)


def test_buildings_of_spacenet_burn_to_the_mask_that_came_with_them(shared_data):
    folder = shared_data / "solaris_spacenet"
    with rasterio.open(folder / "sample_geotiff.tif") as scene:
        grid = GeoGrid(shape=scene.shape, transform=scene.transform, crs=CRS.from_wkt(scene.crs.to_wkt()))
    with rasterio.open(folder / "sample_fp_mask_from_geojson.tif") as dataset:
        expected = dataset.read(1) > 0
    building = LabelClass(id="building", name="Building", color="#ff0000", mask_value=1, kinds=("polygon",))
    ontology = Ontology(id="buildings", name="Buildings", version="1", classes=(building,))
    columns = read_geojson(folder / "geotiff_labels.geojson")
    assert columns.crs == CRS.from_epsg(32616)
    drawn, report = columns.to_annotations(grid, ontology, class_map={None: "building"})
    assert report.imported == 43
    burnt = rasterize_annotations(drawn, grid, ontology).array > 0
    assert np.count_nonzero(expected) == 33_818
    assert np.count_nonzero(burnt != expected) == 0


def test_every_geojson_of_other_tools_is_read_or_refused_in_one_sentence(shared_data):
    read, refused = [], []
    for path in sorted(shared_data.rglob("*json")):
        if path.suffix not in {".geojson", ".json"} or not path.is_file():
            continue
        try:
            columns = read_geojson(path)
        except FormatError as error:
            assert "\n" not in str(error)  # noqa: PT017  (some files are refused, others read)
            refused.append(path.name)
        else:
            assert all(np.isfinite(shapely.get_coordinates(columns.geometries)).ravel())
            read.append(path.name)
    assert {
        "example_labels.geojson",
        "tiny-spacenet-labels.geojson",
        "0-gt-polygons.geojson",
        "gt.geojson",
        "dam.geojson",
        "bbox.geojson",
        "issue1446.geojson",
        "pred.geojson",
        "bboxes.geojson",
    } <= set(read)
    assert {"sample.geojson", "coco_sample_1.json", "instances_train.json"} <= set(refused)
