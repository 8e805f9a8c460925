"""Encord's ontologies, as its own SDK reads and writes them."""

from __future__ import annotations

import json
import sys

import pytest

from napari_geolabel.ontology import Kind, LabelClass, Ontology, load_ontology, loads
from napari_geolabel.ontology.exchange import export_ontology, read_ontology
from napari_geolabel.ontology.exchange.encord import SHAPES, object_hash, structure_of

MARITIME = load_ontology("maritime")


@pytest.fixture
def sdk():
    return pytest.importorskip("encord.objects", reason="the Encord SDK is not installed")


def made_by_the_sdk(sdk):
    """Return a structure that Encord's own code made."""
    structure = sdk.OntologyStructure()
    ship = structure.add_object("Ship", sdk.Shape.ROTATABLE_BOUNDING_BOX)
    category = ship.add_attribute(sdk.RadioAttribute, "Category", required=True)
    merchant = category.add_option("Merchant ship")
    cargo = merchant.add_nested_attribute(sdk.ChecklistAttribute, "Cargo")
    cargo.add_option("Bulk")
    cargo.add_option("Containers")
    category.add_option("Warship")
    ship.add_attribute(sys.modules["encord.objects.attributes"].NumericAttribute, "Length m")
    structure.add_object("Cloud", sdk.Shape.BITMASK)
    structure.add_object("Wake", sdk.Shape.POLYLINE)
    season = structure.add_classification()
    season.add_attribute(sdk.TextAttribute, "Notes", required=True)
    return structure


def test_what_the_sdk_writes_comes_in_whole_and_goes_back_bit_for_bit(sdk, tmp_path):
    raw = made_by_the_sdk(sdk).to_dict()
    path = tmp_path / "encord.json"
    path.write_text(json.dumps(raw), "utf-8")
    read = read_ontology(path)
    assert (read.format.id, read.notes) == ("encord", [])
    ship, cloud, wake = read.ontology.classes
    assert (ship.kinds, cloud.kinds, wake.kinds) == ((Kind.ROTATED_BOX,), (Kind.MASK,), (Kind.POLYLINE,))
    category, length = ship.attributes
    assert (category.type, category.required, length.type) == ("radio", True, "number")
    assert [o.id for o in category.options] == ["merchant_ship", "warship"]
    assert [o.name for o in category.options[0].attributes[0].options] == ["Bulk", "Containers"]
    assert read.ontology.scene_attributes[0].name == "Notes"
    assert ship.external_id == raw["objects"][0]["featureNodeHash"]
    back = structure_of(read.ontology)
    for one in (raw, back):
        for each in one["classifications"]:
            each.pop("featureNodeHash")  # ours has no place for that of the root
            each.pop("level", None)
    assert back["objects"] == raw["objects"]
    assert back["classifications"] == raw["classifications"]


def test_the_sdk_reads_what_is_written_of_each_template(sdk, tmp_path):
    for template in ("maritime", "clouds", "landcover"):
        ontology = load_ontology(template)
        export_ontology(ontology, tmp_path / "x.json", format="encord")
        raw = json.loads((tmp_path / "x.json").read_text("utf-8"))
        structure = sdk.OntologyStructure.from_dict(raw)
        drawn = [(c, kind) for c in ontology.classes for kind in c.kinds]
        assert [(o.name, str(o.shape.value), o.color.lower()) for o in structure.objects] == [
            (c.name, SHAPES[kind], c.color) for c, kind in drawn
        ]
        assert [c.attributes[0].name for c in structure.classifications] == [a.name for a in ontology.scene_attributes]
        nodes = json.dumps(raw).count('"featureNodeHash"')
        hashes = {part.split('"')[0] for part in json.dumps(raw).split('"featureNodeHash": "')[1:]}
        assert len(hashes) == nodes, "each node has a hash of its own"


def test_hashes_stay_when_the_version_rises_and_differ_by_kind():
    ship = MARITIME["ship"]
    raised = loads("geolabel_ontology: '1.0'\nid: maritime\nname: x\nversion: '9'\nclasses: []")
    assert object_hash(MARITIME, ship, Kind.BOX) == object_hash(raised, ship, Kind.BOX)
    assert len({object_hash(MARITIME, ship, kind) for kind in ship.kinds}) == 3


def test_a_class_of_several_kinds_comes_back_as_one(tmp_path):
    export_ontology(MARITIME, tmp_path / "x.json", format="encord")
    back = load_ontology(tmp_path / "x.json")
    assert back["ship"].kinds == MARITIME["ship"].kinds
    assert [a.id for a in back["ship"].attributes][:3] == ["category", "state", "wake_visible"]


def test_what_there_is_no_such_thing_of_is_told(tmp_path):
    objects = [
        {"id": "1", "name": n, "color": "#D33115", "shape": s, "featureNodeHash": n}
        for n, s in (("round", "circle"), ("sound", "audio"), ("body", "skeleton"))
    ]
    skeleton = {"0": {"name": "head"}, "1": {"name": "tail"}}
    templates = [{"template": {"skeleton": skeleton, "feature_node_hash": "body"}}]
    path = tmp_path / "x.json"
    content = {"objects": objects, "classifications": [], "skeleton_templates": templates}
    path.write_text(json.dumps(content), "utf-8")
    read = read_ontology(path)
    assert [(c.id, c.kinds, c.keypoints) for c in read.ontology.classes] == [
        ("round", (Kind.POLYGON,), ()), ("body", (Kind.KEYPOINT,), ("head", "tail"))
    ]  # fmt: skip
    assert [note.partition(":")[0] for note in read.notes] == [
        "the object 'round' is drawn as polygon, since there is no circle here",
        "the object 'sound' is left out",
        "the object 'body' is drawn as keypoint, since there is no skeleton here",
    ]


def test_archived_and_unfinished_parts_are_kept(tmp_path):
    attribute = {
        "id": "1.1",
        "name": "Later",
        "type": "radio",
        "featureNodeHash": "h",
        "required": False,
        "options": [],
    }
    thing = {"id": "1", "name": "x", "color": "#D33115", "shape": "polygon", "featureNodeHash": "g", "archived": True}
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"objects": [thing | {"attributes": [attribute]}], "classifications": []}), "utf-8")
    (found,) = load_ontology(path).classes
    assert (found.archived, found.attributes[0].type) == (True, "text")


def test_objects_of_one_name_and_other_attributes_stay_apart():
    one = LabelClass(id="a", name="Ship", color="#000000", kinds=("box",))
    two = LabelClass(id="b", name="Ship", color="#000000", kinds=("box",), archived=True)
    names = [o["name"] for o in structure_of(Ontology(id="o", name="O", version="1", classes=(one, two)))["objects"]]
    assert names == ["Ship", "Ship"]
