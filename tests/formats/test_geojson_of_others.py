"""GeoJSON as the world writes it: ragged, nested, old, and with texts that look like something else."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.errors import FormatError
from napari_geolabel.formats import importer_for, read_geojson
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Attribute, LabelClass, Ontology

UTM = GeoGrid(shape=(500, 500), transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633))
KINDS = ("box", "rotated_box", "polygon", "polyline", "keypoint")
WORD = Attribute(id="word", name="Word", type="text")
SHIPS = Ontology(
    id="o",
    name="O",
    version="1",
    classes=(LabelClass(id="ship", name="Ship", color="#ff0000", kinds=KINDS, attributes=(WORD,)),),
)
POINT = {"type": "Point", "coordinates": [15.01, 48.74]}


def feature(properties: Any = None, geometry: Any = None, **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": POINT if geometry is None else geometry, **more}


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    path = tmp_path_factory.mktemp("geojson") / "a.geojson"

    def write_and_read(document: Any):
        path.write_text(json.dumps(document), "utf-8")
        assert importer_for(path).id == "geojson"
        return read_geojson(path)

    return write_and_read


def collection(*features: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


LOOKALIKES = [
    "2020-01-01",
    "12:30",
    "2020-01-01T00:00:00Z",
    "007",
    "1e5",
    "true",
    "null",
    "NaN",
    '{"a": 1}',
    "[1]",
    "",
    " ",
]


@pytest.mark.parametrize("text", LOOKALIKES)
def test_texts_stay_texts_whatever_they_look_like(read, text):
    columns = read(collection(feature({"class": "ship", "word": text})))
    assert columns.properties[0]["word"] == text
    (found,), _ = columns.to_annotations(UTM, SHIPS)
    assert found.attributes.get("word", "") == text


def test_features_may_have_other_properties_or_none(read):
    rows = [{"class": "ship"}, None, {}, {"class": None, "other": 1}, {"label": "x", "deep": {"a": [1, {"b": None}]}}]
    columns = read(collection(*map(feature, rows)))
    assert columns.class_ids == ["ship", None, None, None, None]
    assert columns.properties[4]["deep"] == {"a": [1, {"b": None}]}
    assert columns.skipped == []


def test_properties_that_are_no_object_are_none(read):
    columns = read(collection(*(feature(rubbish) for rubbish in (7, "text", [1], True))))
    assert columns.properties == [{}] * 4


@pytest.mark.parametrize(
    ("given", "expected"), [("a", "a"), (7, "7"), (7.5, "7.5"), (None, None), (True, None), ([], None)]
)
def test_an_id_may_be_text_or_a_number(read, given, expected):
    assert read(collection(feature(id=given))).ids == [expected]


def test_an_id_among_the_properties_serves_where_the_feature_has_none(read):
    assert read(collection(feature({"id": 5}), feature({"id": 5}, id="mine"))).ids == ["5", "mine"]


def test_ids_that_stand_twice_are_told_of(read):
    own = {"class_id": "ship", "kind": "keypoint"}
    columns = read(collection(feature(own, id="a"), feature(own, id="a")))
    back, report = columns.to_annotations(UTM, SHIPS)
    assert len({a.id for a in back}) == 2
    assert "1 ids stood more than once and were replaced" in report.notes


def test_foreign_members_anywhere_are_passed_over(read):
    strange = feature({"class": "ship"}, {**POINT, "crs": 7, "extra": [1]}, title="a", geolabel=7, bbox="no")
    columns = read(collection(strange, name="layer", xy_coordinate_resolution=1e-9, geolabel=[], bbox=[]))
    assert (len(columns), columns.skipped, columns.pixels) == (1, [], None)


@pytest.mark.parametrize(
    "name",
    [
        "urn:ogc:def:crs:EPSG::32633",
        "urn:ogc:def:crs:EPSG:6.18:32633",
        "urn:x-ogc:def:crs:EPSG:32633".replace("EPSG:", "EPSG::"),
        "EPSG:32633",
        "epsg:32633",
        "http://www.opengis.net/def/crs/EPSG/0/32633",
    ],
)
def test_a_crs_member_of_before_rfc_7946_is_followed_by_name(read, name):
    crs = {"type": "name", "properties": {"name": name}}
    columns = read(collection(feature(geometry={"type": "Point", "coordinates": [500080, 5399900]}), crs=crs))
    assert columns.crs == CRS.from_epsg(32633)
    (found,), _ = columns.to_annotations(UTM, SHIPS, class_map={None: "ship"})
    assert found.geometry.coords[0] == (10, 10)


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "link", "properties": {"href": "http://127.0.0.1:1/crs", "type": "proj4"}},
        {"type": "name", "properties": {"name": "EPSG:999999"}},
        {"type": "name", "properties": {"name": "/etc/passwd"}},
        {"type": "name"},
        "EPSG:32633",
        7,
    ],
)
def test_a_crs_that_cannot_be_followed_safely_is_one_sentence(read, crs):
    with pytest.raises(FormatError, match=r"crs=\.\.\."):
        read(collection(feature(), crs=crs))


@pytest.mark.parametrize(
    "document", [feature({"class": "ship"}), POINT, {"type": "GeometryCollection", "geometries": [POINT]}]
)
def test_a_bare_feature_or_geometry_is_a_collection_of_one(tmp_path, document):
    (tmp_path / "a.geojson").write_text(json.dumps(document))
    assert len(read_geojson(tmp_path / "a.geojson")) == 1


def test_rings_that_are_not_closed_or_run_the_wrong_way_are_taken(read):
    open_ring = [[15, 48.6], [15.1, 48.6], [15.1, 48.7]]
    columns = read(
        collection(*(feature(geometry={"type": "Polygon", "coordinates": [r]}) for r in (open_ring, open_ring[::-1])))
    )
    assert [shapely.get_num_coordinates(each) for each in columns.geometries] == [4, 4]
    assert shapely.equals(*columns.geometries)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(rows=st.lists(st.dictionaries(st.text(max_size=8), JSON, max_size=4), max_size=4))
@settings(max_examples=40)
def test_any_properties_are_kept_as_they_are(read, rows):
    assert read(collection(*map(feature, rows))).properties == rows


def test_all_unknown_classes_are_told_at_once_with_those_that_there_are(read):
    features = [feature({"class": word}) for word in ("tug", "ship", "barge", "tug", "ferry")]
    columns = read({"type": "FeatureCollection", "features": features})
    with pytest.raises(FormatError) as caught:
        columns.to_annotations(UTM, SHIPS)
    told = str(caught.value)
    assert 'feature 1 is of the class "tug", which the ontology' in told
    assert 'like "barge", "ferry"; map to ' in told
    assert "--class-map tug=..." in told
    assert "--make-classes" in told
