"""What each format does not hold of the maritime template, word for word."""

from __future__ import annotations

import pytest

from napari_geolabel.ontology import Attribute, LabelClass, Ontology, load_ontology
from napari_geolabel.ontology.exchange import ONTOLOGY_FORMATS
from napari_geolabel.ontology.exchange.losses import PARTS, attributes_of, losses

LOST = {
    "encord": [
        "6 of the classes have several kinds and become an object for each",
        "3 yes-or-no attributes become a choice of Yes and No",
        "2 ids of classes that their names do not give left out",
        "4 mask values left out",
        "8 keys left out",
        "2 parents of classes left out",
        "8 guidelines of classes left out",
        "1 list of keypoints left out",
        "1 limit of sizes left out",
        "4 relations left out",
        "7 ids of attributes that their names do not give left out",
        "13 pieces of advice on attributes left out",
        "3 limits of numbers left out",
        "3 units left out",
        "2 patterns of texts left out",
        "1 description of the ontology left out",
    ],
    "labelbox": [
        "6 of the classes have several kinds and become a tool for each",
        "2 of the classes have rotated boxes, which are drawn as polygons there",
        "3 yes-or-no attributes become a choice of Yes and No",
        "3 numbers and dates become text",
        "2 ids of classes that their names do not give left out",
        "4 mask values left out",
        "8 keys left out",
        "2 parents of classes left out",
        "8 guidelines of classes left out",
        "1 list of keypoints left out",
        "1 limit of sizes left out",
        "4 relations left out",
        "7 ids of attributes that their names do not give left out",
        "13 pieces of advice on attributes left out",
        "3 limits of numbers left out",
        "3 units left out",
        "2 patterns of texts left out",
        "1 description of the ontology left out",
    ],
    "cvat": [
        "6 of the classes have several kinds and may be drawn in any way there",
        "what is asked under 6 options is asked always",
        "2 ids of classes that their names do not give left out",
        "4 mask values left out",
        "8 keys left out",
        "2 parents of classes left out",
        "8 guidelines of classes left out",
        "1 list of keypoints left out",
        "1 limit of sizes left out",
        "4 relations left out",
        "7 ids of attributes that their names do not give left out",
        "23 ids of options that their names do not give left out",
        "13 pieces of advice on attributes left out",
        "2 marks of required attributes left out",
        "3 units left out",
        "2 patterns of texts left out",
        "1 description of the ontology left out",
    ],
    "coco": [
        "kinds are told only as far as things, stuff and keypoints go",
        "8 names of classes that their ids do not give left out",
        "4 mask values left out",
        "8 keys left out",
        "8 guidelines of classes left out",
        "1 limit of sizes left out",
        "4 relations left out",
        "17 attributes of classes left out",
        "5 attributes of the whole scene left out",
        "1 description of the ontology left out",
    ],
    "label-studio": [
        "4 of the classes have boxes, which may be turned there or not",
        "3 yes-or-no attributes become a choice of Yes and No",
        "4 mask values left out",
        "2 parents of classes left out",
        "8 guidelines of classes left out",
        "1 list of keypoints left out",
        "1 limit of sizes left out",
        "4 relations left out",
        "13 pieces of advice on attributes left out",
        "3 units left out",
        "2 patterns of texts left out",
        "1 description of the ontology left out",
    ],
    "qml": [
        "2 of the classes are lines or points; an export as GeoPackage has styles for them too",
        "4 mask values left out",
        "8 keys left out",
        "2 parents of classes left out",
        "8 guidelines of classes left out",
        "1 list of keypoints left out",
        "1 limit of sizes left out",
        "4 relations left out",
        "17 attributes of classes left out",
        "5 attributes of the whole scene left out",
        "1 description of the ontology left out",
    ],
    "qml-raster": [
        "4 of the classes left out, which have no mask value",
        "2 ids of classes that their names do not give left out",
        "8 keys left out",
        "2 parents of classes left out",
        "8 guidelines of classes left out",
        "1 list of keypoints left out",
        "1 limit of sizes left out",
        "4 relations left out",
        "17 attributes of classes left out",
        "5 attributes of the whole scene left out",
        "1 description of the ontology left out",
    ],
    "colormap": [
        "4 of the classes left out, which have no mask value",
        "2 ids of classes that their names do not give left out",
        "8 keys left out",
        "2 parents of classes left out",
        "8 guidelines of classes left out",
        "1 list of keypoints left out",
        "1 limit of sizes left out",
        "4 relations left out",
        "17 attributes of classes left out",
        "5 attributes of the whole scene left out",
        "1 description of the ontology left out",
    ],
}
"""By format."""

MARITIME = load_ontology("maritime")


@pytest.mark.parametrize("format_id", list(LOST))
def test_what_is_lost_is_told_word_for_word(format_id):
    assert ONTOLOGY_FORMATS[format_id].lost(MARITIME) == LOST[format_id]


def test_both_files_of_cvat_lose_the_same():
    assert ONTOLOGY_FORMATS["cvat-xml"].lost(MARITIME) == LOST["cvat"]


def test_every_format_is_told_of():
    assert set(LOST) | {"cvat-xml"} == set(ONTOLOGY_FORMATS)


def test_who_holds_everything_loses_nothing():
    assert list(losses(MARITIME, set(PARTS))) == []


def test_every_part_that_a_format_claims_is_one_that_is_counted():
    for form in ONTOLOGY_FORMATS.values():
        assert form.holds <= set(PARTS), form.id


def test_parts_of_attributes_are_passed_over_where_attributes_are_left_out():
    told = " ".join(losses(MARITIME, set()))
    assert "17 attributes of classes" in told
    assert "required" not in told


def test_one_is_told_in_the_singular():
    asked = (Attribute(id="a", name="B", type="number", unit="m", minimum=1, description="d", required=True),)
    one = LabelClass(id="x", name="Y", color="#000000", kinds=("box",), hotkey="1", attributes=asked)
    ontology = Ontology(id="o", name="O", version="1", classes=(one,))
    told = list(losses(ontology, {"attributes", "colors"}))
    assert told == [
        "1 id of a class that its name does not give left out",
        "1 name of a class that its id does not give left out",
        "1 key left out",
        "1 id of an attribute that its name does not give left out",
        "1 piece of advice on an attribute left out",
        "1 mark of a required attribute left out",
        "1 limit of a number left out",
        "1 unit left out",
    ]


def test_attributes_of_scene_and_options_count_too():
    ids = [attribute.id for attribute in attributes_of(MARITIME)]
    assert ids.count("type") == 8
    assert "sun_glint" in ids
