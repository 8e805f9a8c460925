"""Styles: well-formed whatever the names, a category for every class."""

from __future__ import annotations

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.formats.qml import printable, raster_qml, vector_qml, vector_sld
from napari_geolabel.masks import MaskEntry

TYPES = ["Point", "LineString", "Polygon"]


@pytest.mark.parametrize(("geometry_type", "number"), list(zip(TYPES, "012", strict=True)))
def test_every_class_has_a_category_and_all_other_values_one_together(ontology, geometry_type, number):
    root = ElementTree.fromstring(vector_qml(ontology, geometry_type))
    categories = root.findall("./renderer-v2/categories/category")
    assert [c.get("value") for c in categories] == ["ship", "cloud", "wake", "buoy", ""]
    assert categories[0].get("label") == 'Ship "A" <&>'
    symbols = {s.get("name") for s in root.findall("./renderer-v2/symbols/symbol")}
    assert symbols == {c.get("symbol") for c in categories}
    assert root.findtext("layerGeometryType") == number


@pytest.mark.parametrize("geometry_type", TYPES)
def test_options_and_props_say_the_same(ontology, geometry_type):
    root = ElementTree.fromstring(vector_qml(ontology, geometry_type))
    for layer in root.iter("layer"):
        options = {o.get("name"): o.get("value") for o in layer.findall("./Option/Option")}
        assert options == {p.get("k"): p.get("v") for p in layer.findall("prop")}
        assert options


@pytest.mark.parametrize("geometry_type", TYPES)
def test_sld_has_a_rule_for_every_class_in_its_colour(ontology, geometry_type):
    text = vector_sld(ontology, geometry_type, name="labels")
    root = ElementTree.fromstring(text)
    se, ogc = "{http://www.opengis.net/se}", "{http://www.opengis.net/ogc}"
    rules = list(root.iter(f"{se}Rule"))
    assert [rule.find(f".//{ogc}Literal").text for rule in rules] == ["ship", "cloud", "wake", "buoy"]
    assert rules[0].find(f"{se}Description/{se}Title").text == 'Ship "A" <&>'
    assert [rule.find(f".//{se}SvgParameter").text for rule in rules] == ["#ff0000", "#cccccc", "#00ffff", "#ffff00"]


@given(st.lists(st.text(st.characters(), min_size=1), max_size=4))
def test_any_name_makes_a_style_that_can_be_parsed(names):
    entries = [MaskEntry(value=i, class_id=None, name=name, color="#010203") for i, name in enumerate(names, start=1)]
    root = ElementTree.fromstring(raster_qml(entries).encode("utf-8"))
    found = [e.get("value") for e in root.iter("paletteEntry")]
    assert found == [str(entry.value) for entry in entries]


def test_what_xml_cannot_hold_is_left_out():
    assert printable("a\0b\x1f\ud800c\uffff\n\U0001f6a2") == "abc\n\U0001f6a2"
