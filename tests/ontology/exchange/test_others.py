"""Labelbox, CVAT, COCO, Label Studio, QGIS styles and colour maps: what each says in its own way."""

from __future__ import annotations

import json

import pytest
from defusedxml import ElementTree

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology import Attribute, Kind, LabelClass, Ontology, Option, load_ontology, make_id
from napari_geolabel.ontology.exchange import ONTOLOGY_FORMATS, export_ontology, read_ontology

AREAS = (Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON)


def one_class(*attributes, **fields) -> Ontology:
    made = LabelClass(**({"id": "ship", "name": "Ship", "color": "#e69f00", "kinds": ("polygon",), "mask_value": 4,
                          "attributes": attributes} | fields))  # fmt: skip
    return Ontology(id="o", name="O", version="1", classes=(made,))


def there_and_back(ontology, format_id, tmp_path):
    path = tmp_path / f"x{ONTOLOGY_FORMATS[format_id].suffix}"
    export_ontology(ontology, path, format=format_id)
    return read_ontology(path, format=format_id).ontology


def choice(name, *options, **fields):
    made = [Option(id=make_id(o), name=o) for o in options]
    return Attribute(**({"id": name.lower(), "name": name, "type": "radio", "options": made} | fields))


# Real files


@pytest.mark.parametrize(
    ("path", "format_id", "classes"),
    [
        ("labels_datumaro/coco_dataset/coco_instances/annotations/instances_val.json", "coco", ["a", "b", "c"]),
        ("labels_datumaro/roboflow_dataset/coco/val/_annotations.coco.json", "coco", ["label_0", "label_1"]),
        ("labels_datumaro/cvat_dataset/for_images/export_task/train.xml", "cvat-xml", ["label1", "label2"]),
        ("labels_labelstudio/test_export_yolo/label_config.xml", "label-studio", ["parasites", "white"]),
        ("labels_labelstudio/test_export_yolo/label_config_obb.xml", "label-studio", ["butterfly"]),
        ("labels_labelstudio/test_export_json_min/label_config.xml", "label-studio", ["airplane", "car"]),
    ],
)
def test_real_files_give_their_classes(shared_data, path, format_id, classes):
    read = read_ontology(shared_data / path)
    assert read.format.id == format_id
    assert [c.id for c in read.ontology.classes] == classes


def test_the_categories_of_a_real_panoptic_file_have_their_numbers_and_parents(shared_data):
    raw = json.loads((shared_data / "labels_labelbox/coco/panoptic.json").read_text("utf-8"))["categories"]
    found = load_ontology(shared_data / "labels_labelbox/coco/panoptic.json")
    for each in raw:
        made = found.by_mask_value[each["id"]]
        assert made.name == each["name"]
        assert (Kind.MASK in made.kinds) == (not each["isthing"])
        assert made.parent is None or found[made.parent].name == each["supercategory"]


def test_a_real_style_of_a_scene_classification_gives_its_values(shared_data):
    read = read_ontology(shared_data / "sen2r/SCL.qml")
    assert [(v, c.color) for v, c in read.ontology.by_mask_value.items()][:3] == [
        (1, "#ff0000"), (2, "#424142"), (3, "#633400")
    ]  # fmt: skip
    assert read.ontology.by_mask_value[9].name == "CLOUD_HIGH_PROBA"
    assert read.notes == ["the value 0 is left out: mask values are from 1 to 65535"]


def test_real_styles_without_classes_say_so(shared_data):
    for name in ("NDVI_1.qml", "SR_RGB.qml"):
        with pytest.raises(OntologyError, match=rf"^{name}: it is a style without a palette"):
            load_ontology(shared_data / "sen2r" / name)


def test_real_files_of_labels_alone_are_told_from_ontologies(shared_data):
    for path in ("labels_datumaro/voc_dataset/voc_dataset1/Annotations/2007_000001.xml",
                 "labels_datumaro/dota_dataset/val/labelTxt/val_001.txt",
                 "labels_labelbox/ndjson/image_import.json"):  # fmt: skip
        with pytest.raises(OntologyError, match="holds no classes in a way that is known"):
            load_ontology(shared_data / path)


# Labelbox


def test_labelbox_keeps_what_stands_under_options(tmp_path):
    nested = Attribute(id="cargo", name="Cargo", type="checklist", options=(Option(id="bulk", name="Bulk"),))
    tree = Attribute(id="category", name="Category", type="radio", required=True,
                     options=(Option(id="merchant", name="Merchant", attributes=(nested,)),))  # fmt: skip
    back = there_and_back(one_class(tree), "labelbox", tmp_path)
    assert back["ship"].attributes == (tree,)


def test_labelbox_as_its_servers_send_it_is_read(tmp_path):
    tools = [{"tool": "rectangle", "name": "Ship", "color": "#ff0000", "featureSchemaId": "ck1", "classifications": []},
             {"tool": "named-entity", "name": "Word"}]  # fmt: skip
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"name": "Harbour", "normalized": {"tools": tools, "classifications": []}}), "utf-8")
    read = read_ontology(path)
    assert (read.ontology.name, read.ontology["ship"].external_id) == ("Harbour", "ck1")
    assert read.notes == ["the tool 'Word' is left out: there is no named-entity here"]


# CVAT


def test_cvat_flattens_what_stands_under_options_and_says_so(tmp_path):
    nested = choice("Type", "Tug", "Ferry")
    options = (Option(id="service", name="Service", attributes=(nested,)), Option(id="b", name="B"))
    tree = Attribute(id="category", name="Category", type="radio", options=options)
    ontology = one_class(tree)
    back = there_and_back(ontology, "cvat", tmp_path)
    assert [a.name for a in back["ship"].attributes] == ["Category", "Category / Service / Type"]
    assert "what is asked under 1 options is asked always" in ONTOLOGY_FORMATS["cvat"].lost(ontology)


@pytest.mark.parametrize("format_id", ["cvat", "cvat-xml"])
def test_cvat_knows_types_limits_and_tags(format_id, tmp_path):
    asked = (
        choice("State", "Moored ship", "Under way"),
        Attribute(id="wake", name="Wake", type="boolean"),
        Attribute(id="length", name="Length", type="number", minimum=1, maximum=500),
        Attribute(id="name", name="Name", type="text"),
    )
    scene = (choice("Haze", "None", "Thick"),)
    drawn = one_class(*asked, kinds=("box", "rotated_box"))
    back = there_and_back(Ontology(**(dict(drawn) | {"scene_attributes": scene})), format_id, tmp_path)
    assert [(a.id, a.type) for a in back["ship"].attributes] == [(a.id, a.type) for a in asked]
    assert (back["ship"].attributes[2].minimum, back["ship"].attributes[2].maximum) == (1, 500)
    assert back["ship"].kinds == (Kind.BOX, Kind.ROTATED_BOX)
    assert [a.name for a in back.scene_attributes] == ["Haze"]


# COCO


def test_coco_numbers_become_mask_values_but_never_zero(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"categories": [{"id": 0, "name": "a"}, {"id": 7, "name": "b", "keypoints": ["bow"]}]}))
    read = read_ontology(path)
    assert [(c.id, c.mask_value, c.kinds) for c in read.ontology.classes] == [
        ("a", 1, AREAS), ("b", 7, (*AREAS, Kind.KEYPOINT))
    ]  # fmt: skip
    assert read.ontology["b"].keypoints == ("bow",)
    assert read.notes == ["the category of id 0 gets another mask value, since 0 is no label"]


def test_coco_categories_are_read_by_pycocotools(tmp_path):
    coco = pytest.importorskip("pycocotools.coco")
    export_ontology(load_ontology("maritime"), tmp_path / "x.json", format="coco")
    found = coco.COCO(str(tmp_path / "x.json"))
    assert found.loadCats(found.getCatIds(catNms=["ship"]))[0]["keypoints"] == ["bow", "stern"]


def test_coco_keeps_the_lines_between_keypoints_and_leaves_archived_classes_out(tmp_path):
    ship = LabelClass(
        id="ship", name="Ship", color="#ff0000", kinds=("keypoint",), mask_value=1, keypoints=("bow", "mast", "stern"),
        skeleton=(("bow", "mast"), ("mast", "stern")),
    )  # fmt: skip
    old = LabelClass(id="old", name="Old", color="#00ff00", kinds=("box",), archived=True)
    ontology = Ontology(id="o", name="O", version="1", classes=(ship, old))
    told = export_ontology(ontology, tmp_path / "x.json", format="coco")
    assert "1 archived class left out" in told
    assert not any("skeleton" in sentence for sentence in told)
    (category,) = json.loads((tmp_path / "x.json").read_text("utf-8"))["categories"]
    assert category["skeleton"] == [[1, 2], [2, 3]]
    assert read_ontology(tmp_path / "x.json").ontology["ship"].skeleton == ship.skeleton


@pytest.mark.parametrize("skeleton", [None, "x", [[1]], [[0, 1]], [[1, 3]], [[1, True]], [["a", "b"]], [[2, 2]]])
def test_coco_lines_that_join_no_keypoints_are_passed_over(tmp_path, skeleton):
    category = {"id": 1, "name": "ship", "keypoints": ["bow", "stern"], "skeleton": skeleton}
    (tmp_path / "x.json").write_text(json.dumps({"categories": [category]}), "utf-8")
    assert read_ontology(tmp_path / "x.json").ontology["ship"].skeleton == ()


# Label Studio


def test_label_studio_names_with_commas_keep_what_is_asked_under_them(tmp_path):
    path = tmp_path / "x.xml"
    control = '<Choices name="{}" toName="i" perRegion="true" {}><Choice value="{}"/><Choice value="B"/></Choices>'
    asked = control.format("why", "", "Other, unknown") + control.format(
        "more", 'whenTagName="why" whenChoiceValue="Other, unknown"', "A"
    )
    path.write_text(f'<View><Labels name="l" toName="i"><Label value="Car"/></Labels>{asked}</View>', "utf-8")
    (why,) = read_ontology(path).ontology["car"].attributes
    assert [a.id for a in why.options[0].attributes] == ["more"]


def test_label_studio_keeps_conditions_ids_and_limits(tmp_path):
    maritime = load_ontology("maritime")
    back = there_and_back(maritime, "label-studio", tmp_path)
    ship, was = back["ship"], maritime["ship"]
    assert [(a.id, a.name, a.required) for a in ship.attributes] == [(a.id, a.name, a.required) for a in was.attributes]
    category = ship.attributes[0]
    assert [a.id for o in category.options for a in o.attributes] == ["type"] * 6
    assert ship.attributes[3].maximum == 500
    assert (ship.hotkey, ship.kinds) == ("1", (Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON))
    assert back["buoy"].attributes == ()
    assert [a.id for a in back.scene_attributes] == [a.id for a in maritime.scene_attributes]


def test_label_studio_conditions_of_the_view_around_count(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text(
        '<View><Labels name="l" toName="i"><Label value="Car"/><Label value="Bus"/></Labels>'
        '<View visibleWhen="region-selected" whenTagName="l" whenLabelValue="Car">'
        '<Header value="Make of the car"/><Choices name="make" toName="i" perRegion="true">'
        '<Choice value="A"/><Choice value="B"/></Choices></View>'
        '<Taxonomy name="place" toName="i"><Choice value="EU"><Choice value="FR"/></Choice></Taxonomy>'
        '<MagicLabels name="m" toName="i"/></View>',
        "utf-8",
    )
    read = read_ontology(path)
    assert [(a.id, a.name) for a in read.ontology["car"].attributes] == [("make", "Make of the car")]
    assert read.ontology["bus"].attributes == ()
    (place,) = read.ontology.scene_attributes
    assert place.options[0].attributes[0].options[0].name == "FR"
    assert read.notes == ["the control MagicLabels is left out: there is no such kind here"]


def test_label_studio_conditions_in_a_circle_are_refused(tmp_path):
    control = '<Choices name="{0}" toName="i" perRegion="true" {2}><Choice value="A"/><Choice value="C"/></Choices>'
    text = "".join(control.format(n, o, c) for n, o, c in (
        ("top", "", ""), ("b", "a", 'whenTagName="top" whenChoiceValue="A"'),
        ("b", "a", 'whenTagName="b" whenChoiceValue="A"')))  # fmt: skip
    path = tmp_path / "x.xml"
    path.write_text(f'<View><Labels name="l" toName="i"><Label value="Car"/></Labels>{text}</View>', "utf-8")
    with pytest.raises(OntologyError, match=r"^x\.xml: its conditions lead round in a circle"):
        read_ontology(path)


# QGIS


def test_qgis_styles_hold_ids_and_kinds(tmp_path):
    back = there_and_back(one_class(), "qml", tmp_path)
    assert [(c.id, c.name, c.color, c.kinds) for c in back.classes] == [("ship", "Ship", "#e69f00", AREAS)]


def test_a_style_by_numbers_gives_mask_values(tmp_path):
    path = tmp_path / "x.qml"
    path.write_text(
        '<qgis><renderer-v2 type="categorizedSymbol" attr="v"><categories>'
        '<category type="long" value="3" label="Cloud" symbol="0"/>'
        '<category value="" label="" symbol="1"/></categories>'
        '<symbols><symbol type="line" name="0"><layer><prop k="line_color" v="1,2,3,255"/></layer></symbol></symbols>'
        "</renderer-v2></qgis>",
        "utf-8",
    )
    (cloud,) = load_ontology(path).classes
    assert (cloud.id, cloud.mask_value, cloud.color, cloud.kinds) == ("cloud", 3, "#010203", (Kind.POLYLINE,))


def test_a_style_of_one_symbol_has_no_classes(tmp_path):
    path = tmp_path / "x.qml"
    path.write_text('<qgis><renderer-v2 type="singleSymbol"/></qgis>', "utf-8")
    with pytest.raises(OntologyError, match="it is a style of type singleSymbol, which has no classes"):
        load_ontology(path)


# Colour maps


@pytest.mark.parametrize(
    "text",
    [
        "# QGIS\nINTERPOLATION:EXACT\n1,255,0,0,255,Ship, large\n4,0,0,255,255,Cloud\n",
        "1 255 0 0 255 Ship, large\n4 0 0 255 255 Cloud\nnv 0 0 0\n",
        "1: 255 0 0 Ship, large\n\n4: 0 0 255 Cloud\n",
        "1\t255\t0\t0\tShip, large\n4\t0\t0\t255\tCloud\n",
    ],
)
def test_colour_maps_are_read_in_all_their_spellings(text, tmp_path):
    path = tmp_path / "x.clr"
    path.write_text(text, "utf-8")
    found = load_ontology(path).by_mask_value
    assert {value: (c.name, c.color) for value, c in found.items()} == {
        1: ("Ship, large", "#ff0000"), 4: ("Cloud", "#0000ff")
    }  # fmt: skip


def test_a_colour_map_says_which_entry_is_wrong(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("1 255 0 0\n2 300 0 0\n", "utf-8")
    with pytest.raises(OntologyError, match=r"^x\.txt: entry 2 \('2 300 0 0'\) is no value with red, green and blue$"):
        load_ontology(path)


def test_written_xml_is_sound(tmp_path):
    odd = one_class(name='Öl & "Gas" <1>')
    for format_id, form in ONTOLOGY_FORMATS.items():
        if form.syntax == "xml":
            export_ontology(odd, tmp_path / "x.xml", format=format_id)
            assert ElementTree.parse(tmp_path / "x.xml").getroot() is not None
