"""Files of unknown origin, and what stands in lists of JSON."""

from __future__ import annotations

import json

import pytest

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology import Attribute, LabelClass, Ontology, Option, load_ontology
from napari_geolabel.ontology.exchange import ONTOLOGY_FORMATS, export_ontology, read_ontology
from napari_geolabel.ontology.exchange.encord import structure_of
from napari_geolabel.ontology.exchange.members import members, texts_of
from napari_geolabel.ontology.exchange.source import parse_source


def written(path, value):
    path.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return path


def test_nothing_is_an_empty_list():
    assert members(None) == []
    assert members([{"a": 1}]) == [{"a": 1}]


@pytest.mark.parametrize("value", [{}, "text", 7, True])
def test_what_is_no_list_is_told(value):
    with pytest.raises(OntologyError, match="stands where a list is expected"):
        members(value)


@pytest.mark.parametrize("item", [[], "text", None, 7])
def test_what_is_no_object_in_a_list_is_told(item):
    with pytest.raises(OntologyError, match="stands where an object with fields is expected"):
        members([{}, item])


def test_only_texts_are_texts():
    assert texts_of([{"name": "bow"}, {"name": 7}, {}], "name") == ["bow"]


def test_a_byte_order_mark_is_passed_over(tmp_path):
    assert parse_source(written(tmp_path / "x.json", "\ufeff{}"), "json").content == {}
    assert parse_source(written(tmp_path / "x.txt", "\ufeff1 2 3 4"), "text").content == "1 2 3 4"
    assert parse_source(written(tmp_path / "x.xml", "\ufeff<View/>"), "xml").content.tag == "View"


def test_a_document_type_as_qgis_writes_it_is_let_pass(tmp_path):
    text = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis/>"
    assert parse_source(written(tmp_path / "x.qml", text), "xml").content.tag == "qgis"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("objects.json", {"objects": [{"featureNodeHash": "a", "shape": "polygon", "name": "x", "attributes": {}}],
                          "classifications": []}, "stands where a list is expected"),
        ("types.json", {"objects": [{"featureNodeHash": "a", "shape": "polygon", "name": "x",
                                     "attributes": [{"type": "colour", "name": "c"}]}], "classifications": []},
         "the attribute 'c' is of an unknown type"),
        ("box.json", {"tools": [{"tool": "line", "name": "x", "classifications": [{"type": "slider", "name": "s"}]}],
                      "classifications": []}, "the classification 's' is of an unknown type"),
        ("labels.json", [{"name": "x", "attributes": [7]}], "stands where an object with fields is expected"),
        ("coco.json", {"categories": [{"id": 1, "name": "x", "keypoints": [{}]}] * 20_001}, "more than an ontology"),
    ],
)  # fmt: skip
def test_one_wrong_member_is_one_sentence(name, content, reason, tmp_path):
    with pytest.raises(OntologyError) as caught:
        load_ontology(written(tmp_path / name, content))
    assert str(caught.value).startswith(f"{name}: ")
    assert reason in str(caught.value)


def test_archived_options_go_to_encord_and_come_back(tmp_path):
    options = (Option(id="new", name="New"), Option(id="old", name="Old", archived=True))
    asked = Attribute(id="state", name="State", type="radio", options=options)
    ship = LabelClass(id="ship", name="Ship", color="#e69f00", kinds=("box",), mask_value=1, attributes=(asked,))
    ontology = Ontology(id="o", name="O", version="1", classes=(ship,))
    (thing,) = structure_of(ontology)["objects"]
    assert [option["archived"] for option in thing["attributes"][0]["options"]] == [False, True]
    export_ontology(ontology, tmp_path / "x.json", format="encord")
    assert [o.archived for o in load_ontology(tmp_path / "x.json")["ship"].attributes[0].options] == [False, True]
    assert "1 archived option left out" in ONTOLOGY_FORMATS["labelbox"].lost(ontology)


def test_cvat_labels_of_shapes_that_are_not_here_say_so(tmp_path):
    labels = [{"name": n, "type": n, "attributes": []} for n in ("ellipse", "skeleton", "cuboid", "hologram", "tag")]
    labels[1]["sublabels"] = [{"name": "bow"}, {"name": "stern"}]
    read = read_ontology(written(tmp_path / "x.json", labels))
    assert read.ontology["skeleton"].keypoints == ("bow", "stern")
    assert len(read.ontology["hologram"].kinds) == 6
    assert [a.type for a in read.ontology.scene_attributes] == ["boolean"], "a tag is a yes or no of the scene"
    assert len(read.notes) == 4


@pytest.mark.parametrize("limits", [["a", "b", "1"], ["9", "1", "1"], ["1"], ["nan", "2", "1"], ["-inf", "inf", "1"]])
def test_cvat_numbers_with_odd_limits_have_none(limits, tmp_path):
    labels = [{"name": "x", "attributes": [{"name": "n", "input_type": "number", "values": limits}]}]
    (asked,) = load_ontology(written(tmp_path / "x.json", labels))["x"].attributes
    assert (asked.type, asked.minimum, asked.maximum) == ("number", None, None)


def test_label_studio_ratings_days_and_texts_have_their_types(tmp_path):
    text = (
        '<View><Labels name="l" toName="i"><Label value="Ship" hotkey="F5"/></Labels>'
        '<Rating name="r" toName="i" perRegion="true" maxRating="3"/><TextArea name="t" toName="i" perRegion="true"/>'
        '<DateTime name="d" toName="i" perRegion="true" only="date"/>'
        '<Number name="n" toName="i" min="5" max="1"/></View>'
    )
    found = load_ontology(written(tmp_path / "x.xml", text))
    assert [(a.id, a.type) for a in found["ship"].attributes] == [("r", "number"), ("t", "text"), ("d", "date")]
    assert (found["ship"].attributes[0].maximum, found["ship"].hotkey) == (3, None)
    assert [(a.id, a.minimum) for a in found.scene_attributes] == [("n", None)]
