"""Members of our own beside what another program's format holds."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.own_members import (
    OWN_COLUMNS,
    attributes_of_member,
    dumps,
    grid_of_member,
    image_member,
    own_member,
    row_from,
)
from napari_geolabel.formats.schema import rows_of, typed_values
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Attribute, Option

SHAPE = (300, 400)
UTM = GeoGrid(shape=SHAPE, transform=Affine(10, 1, 499980, 2, -10, 5400000), crs=CRS.from_epsg(32633))
NOWHERE = GeoGrid(shape=SHAPE, transform=Affine.identity())


@pytest.mark.parametrize("grid", [UTM, NOWHERE])
def test_the_grid_of_an_image_comes_back(everything, grid):
    labels = LabelSet(annotations=[], grid=grid, ontology=everything, scene_attributes={"haze": True})
    member = json.loads(dumps(image_member(labels)))
    back = grid_of_member(member, SHAPE)
    assert (back.shape, back.transform, back.crs) == (grid.shape, grid.transform, grid.crs)
    assert attributes_of_member(member) == {"haze": True}
    assert member["ontology"] == dict(everything.stamp)


BROKEN = [
    None,
    7,
    [],
    {},
    {"crs": "EPSG:32633"},
    {"crs": "EPSG:0", "transform": [1, 0, 0, 0, 1, 0]},
    {"crs": "EPSG:32633", "transform": [1, 0, 0]},
    {"crs": "EPSG:32633", "transform": ["a"] * 6},
    {"crs": {}, "transform": [1, 0, 0, 0, 1, 0]},
    {"crs": "EPSG:32633", "transform": None, "attributes": 7},
]


@pytest.mark.parametrize("member", BROKEN)
def test_a_member_that_says_nothing_of_use_is_a_place_nowhere(member):
    back = grid_of_member(member, SHAPE)
    assert (back.shape, back.is_georeferenced) == (SHAPE, False)
    assert attributes_of_member(member) == {}


def test_what_is_none_does_not_stand_in_a_member(everything):
    drawn = Annotation(class_id="ship", kind="box", geometry=shapely.box(0, 0, 3, 4), confidence=0.5)
    (row,) = rows_of([drawn], everything, NOWHERE)
    member = own_member(row)
    assert member == {
        "id": drawn.id,
        "kind": "box",
        "status": "draft",
        "confidence": 0.5,
        "source": "manual",
    }
    assert own_member(row, 3) == member | {"pieces": 3}
    assert set(member) <= set(OWN_COLUMNS)


def test_links_and_the_group_stand_in_a_member_where_there_are_any(everything):
    drawn = Annotation(class_id="ship", kind="box", geometry=shapely.box(0, 0, 3, 4), group="a", links=(("at", "b"),))
    (row,) = rows_of([drawn], everything, NOWHERE)
    member = own_member(row)
    assert (member["group_id"], member["relations"]) == ("a", "at=b")
    assert row_from("ship", member, {}) == {"class_id": "ship", **member, "attributes": {}}


def test_a_row_of_ours_is_told_from_one_of_others():
    own = {"id": "x", "kind": "box", "status": "accepted", "pieces": 2, "strange": 1}
    assert row_from("ship", own, {"a": 1}) == {
        "class_id": "ship",
        "id": "x",
        "kind": "box",
        "status": "accepted",
        "pieces": 2,
        "attributes": {"a": 1},
    }
    for other in (None, {}, {"id": "x"}, [], "box"):
        assert row_from("ship", other, {"a": 1}) == {"class": "ship", "attr_a": 1}


def test_arrays_are_json_and_what_cannot_be_is_one_sentence():
    assert json.loads(dumps({"points": np.array([[1.5, 2.0]])})) == {"points": [[1.5, 2.0]]}
    with pytest.raises(FormatError, match="cannot stand in JSON"):
        dumps({"a": object()})


OPTIONS = (Option(id="a", name="A"), Option(id="b", name="B"))
ASKED = (
    Attribute(id="number", name="N", type="number"),
    Attribute(id="yes", name="Y", type="boolean"),
    Attribute(id="word", name="W", type="text"),
    Attribute(id="some", name="S", type="checklist", options=OPTIONS),
    Attribute(id="one", name="O", type="radio", options=OPTIONS),
)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("number", "12.5", 12.5),
        ("number", " 7 ", 7.0),
        ("number", "many", "many"),  # which the ontology's check refuses by name
        ("yes", "true", True),
        ("yes", "False ", False),
        ("yes", 1, True),
        ("yes", "perhaps", "perhaps"),
        ("word", "true", "true"),
        ("word", 2020, "2020"),
        ("some", "a; b", ["a", "b"]),
        ("one", "a", "a"),
        ("unknown", "12", "12"),
        ("word", "", None),
    ],
)
def test_texts_become_what_the_attribute_wants(key, text, value):
    assert typed_values({key: text}, ASKED) == {key: value}
