"""The ontology model: what may be said, what must agree, and what each refusal says."""

from __future__ import annotations

import hashlib
import json

import pytest

from napari_geolabel.errors import GeoLabelError, OntologyError, UnknownClassError
from napari_geolabel.ontology import Attribute, Kind, LabelClass, Ontology, Option, all_attributes


def label_class(**fields) -> LabelClass:
    return LabelClass(**({"id": "ship", "name": "Ship", "color": "#e69f00", "kinds": ("polygon",)} | fields))


def ontology(*classes: LabelClass, **fields) -> Ontology:
    return Ontology(**({"id": "test", "name": "Test", "version": "1", "classes": classes} | fields))


def radio(attribute_id: str, **nested: tuple[Attribute, ...]) -> Attribute:
    options = [Option(id=name, name=name.title(), attributes=attributes) for name, attributes in nested.items()]
    return Attribute(id=attribute_id, name=attribute_id.title(), type="radio", options=tuple(options))


def text(attribute_id: str) -> Attribute:
    return Attribute(id=attribute_id, name=attribute_id.title(), type="text")


# Look-up


def test_a_class_is_found_by_its_id():
    ship, cloud = label_class(), label_class(id="cloud", name="Cloud")
    assert ontology(ship, cloud)["cloud"] is cloud
    assert "ship" in ontology(ship)
    assert "cloud" not in ontology(ship)


def test_an_unknown_class_is_refused_with_the_classes_that_there_are():
    with pytest.raises(UnknownClassError, match=r'^"car" is not a class of the ontology test; it has ship, cloud$'):
        ontology(label_class(), label_class(id="cloud"))["car"]


def test_an_ontology_may_have_no_classes_yet():
    with pytest.raises(UnknownClassError, match="no classes at all"):
        ontology()["car"]


def test_classes_are_found_by_mask_value_even_when_archived():
    old = label_class(id="old", mask_value=7, archived=True)
    found = ontology(label_class(mask_value=1), label_class(id="bow"), old).by_mask_value
    assert {value: c.id for value, c in found.items()} == {1: "ship", 7: "old"}


def test_a_hotkey_of_an_archived_class_is_free_again():
    old, new = label_class(id="old", hotkey="1", archived=True), label_class(hotkey="1")
    assert ontology(old, new).by_hotkey == {"1": new}


def test_kinds_may_be_given_by_their_words():
    assert label_class(kinds=["box", Kind.POLYLINE]).kinds == (Kind.BOX, Kind.POLYLINE)


def test_a_heading_has_no_kinds():
    assert label_class(kinds=()).kinds == ()


def test_all_attributes_go_down_the_options_in_order():
    tree = (radio("category", merchant=(text("cargo"),), other=()), text("notes"))
    assert [attribute.id for attribute in all_attributes(tree)] == ["category", "cargo", "notes"]


# Values never change


def test_models_are_frozen_and_hashable():
    ship = label_class()
    with pytest.raises(ValueError, match="frozen"):
        ship.name = "Boat"
    assert len({ontology(ship), ontology(ship)}) == 1


def test_with_classes_adds_at_the_end_and_replaces_in_place():
    before = ontology(label_class(), label_class(id="cloud"))
    after = before.with_classes([label_class(id="car"), label_class(name="Vessel")])
    assert [(c.id, c.name) for c in after.classes] == [("ship", "Vessel"), ("cloud", "Ship"), ("car", "Ship")]
    assert [c.name for c in before.classes] == ["Ship", "Ship"]
    assert "car" in after
    assert "car" not in before


def test_with_classes_is_checked_like_any_ontology():
    with pytest.raises(OntologyError, match=r"^classes\[1\]\.mask_value: 1 is that of Ship already"):
        ontology(label_class(mask_value=1)).with_classes([label_class(id="car", mask_value=1)])


# Stamp


def test_the_hash_is_that_of_the_canonical_json():
    made = ontology(label_class(name="Bâteau"))
    canonical = (
        '{"classes":[{"color":"#e69f00","id":"ship","kinds":["polygon"],"name":"Bâteau"}],'
        '"id":"test","name":"Test","version":"1"}'
    )
    assert made.sha256 == hashlib.sha256(canonical.encode()).hexdigest()
    assert made.stamp == {"id": "test", "version": "1", "sha256": made.sha256}


def test_the_hash_does_not_depend_on_how_a_value_is_spelt():
    plain = ontology(
        label_class(color="#E69F00", attributes=(Attribute(id="a", name="A", type="number", minimum=1.0),))
    )
    other = ontology(label_class(color="#e69f00", attributes=(Attribute(id="a", name="A", type="number", minimum=1),)))
    assert plain == other
    assert plain.sha256 == other.sha256


def test_any_difference_changes_the_hash():
    base = label_class(mask_value=1)
    variants = [
        ontology(base),
        ontology(label_class(mask_value=2)),
        ontology(label_class(mask_value=1, description="All of them.")),
        ontology(label_class(mask_value=1, attributes=(text("notes"),))),
        ontology(base, version="2"),
        ontology(base, scene_attributes=(text("notes"),)),
    ]
    assert len({variant.sha256 for variant in variants}) == len(variants)


def test_the_hash_is_kept_across_processes():
    # Outputs of years hold it: a change of this value is a change of the format.
    made = ontology(label_class(mask_value=1, hotkey="1"))
    assert made.sha256 == "aa54ae905f867ca6203d3bb80736ecd61c96fd8dd9dcbb3cba1281de3a999655"


def test_to_dict_leaves_defaults_out_and_is_json():
    fields = ontology(label_class()).to_dict()
    assert fields["classes"] == [{"id": "ship", "name": "Ship", "color": "#e69f00", "kinds": ["polygon"]}]
    assert json.loads(json.dumps(fields)) == fields


# Refusals: one field


@pytest.mark.parametrize("bad", ["Ship", "thick cloud", "", "a" * 51, "schiff-1", "\u017fhip", "con", "lpt1"])
def test_an_id_is_a_slug_that_can_name_a_column_and_a_file(bad):
    with pytest.raises(OntologyError, match=r"^id: "):
        label_class(id=bad)


def test_a_bad_id_is_refused_with_one_that_would_do():
    with pytest.raises(OntologyError, match=r'^id: "Thick Cloud" is not an id; .* such as "thick_cloud"$'):
        label_class(id="Thick Cloud")


@pytest.mark.parametrize("bad", ["red", "#fff", "#e69f0g", "e69f00", "#e69f0000", ""])
def test_a_colour_is_six_hexadecimal_digits(bad):
    with pytest.raises(OntologyError, match=r'^color: ".*" is not a colour; write .*#rrggbb'):
        label_class(color=bad)


@pytest.mark.parametrize("bad", [0, -1, 65_536, 1.5, True, "x", float("nan")])
def test_a_mask_value_is_a_whole_number_above_zero(bad):
    with pytest.raises(OntologyError, match=r"^mask_value: .* is not a "):
        label_class(mask_value=bad)


@pytest.mark.parametrize("bad", ["r", "R", "0", "12", "", "é", "z"])
def test_a_hotkey_is_a_digit_or_a_letter_that_napari_leaves_free(bad):
    with pytest.raises(OntologyError, match=r"^hotkey: .* is not a free key; use one of 1 2 3"):
        label_class(hotkey=bad)


@pytest.mark.parametrize("bad", ["", "   ", "two\nlines", "x" * 121, "bell\x07", "evil\u202etxt.exe", "half\ud800"])
def test_a_name_is_one_readable_line(bad):
    with pytest.raises(OntologyError, match=r"^name: "):
        label_class(name=bad)


def test_names_in_any_script_are_kept_in_one_normal_form():
    assert label_class(name="Cafe\u0301").name == "Café"
    assert label_class(name=" 货船 ").name == "货船"


def test_an_unknown_kind_is_refused_with_the_kinds_that_there_are():
    with pytest.raises(OntologyError, match=r'^kinds\[1\]: "circle" is not a kind; use box, .* keypoint or mask$'):
        label_class(kinds=("box", "circle"))


def test_a_misspelt_field_is_refused_with_the_one_that_was_meant():
    with pytest.raises(OntologyError, match=r"^colour: there is no such field; did you mean color\?"):
        label_class(colour="#000000")


def test_a_missing_field_is_named():
    with pytest.raises(OntologyError, match=r"^color: is missing; add it$"):
        LabelClass(id="ship", name="Ship", kinds=())


def test_all_faults_are_counted_and_the_first_is_told():
    with pytest.raises(OntologyError, match=r"^id: .* \(and 2 more\)$"):
        label_class(id="A", color="red", mask_value=0)


def test_refusals_are_value_errors_of_this_package():
    with pytest.raises(ValueError, match="colour"):
        label_class(color="red")
    with pytest.raises(GeoLabelError):
        label_class(color="red")


# Refusals: fields that must agree


def test_a_path_goes_through_all_levels():
    nested = {
        "id": "x",
        "name": "X",
        "type": "radio",
        "options": [{"id": "o", "name": "O", "attributes": [{"id": "y"}]}],
    }
    fields = {"id": "ship", "name": "Ship", "color": "#000000", "kinds": [], "attributes": [nested]}
    with pytest.raises(
        OntologyError, match=r"^classes\[0\]\.attributes\[0\]\.options\[0\]\.attributes\[0\]\.name: is mis"
    ):
        Ontology(id="test", name="Test", version="1", classes=[fields])


@pytest.mark.parametrize(
    ("field", "value", "shown"), [("id", "ship", '"ship"'), ("mask_value", 1, "1"), ("hotkey", "q", '"q"')]
)
def test_two_classes_never_share_an_id_a_mask_value_or_a_hotkey(field, value, shown):
    other = label_class(**({"id": "other", "name": "Other"} | {field: value}))
    with pytest.raises(OntologyError, match=rf"^classes\[2\]\.{field}: {shown} is that of Ship already"):
        ontology(label_class(mask_value=1, hotkey="q"), label_class(id="third"), other)


def test_mask_values_are_never_reused_even_of_archived_classes():
    with pytest.raises(OntologyError, match=r"mask_value: 3 is that of Ship already"):
        ontology(label_class(mask_value=3, archived=True), label_class(id="new", mask_value=3))


def test_ids_that_differ_by_case_or_normal_form_cannot_arise():
    for twin in ("SHIP", "ship\u0301", "\uff53hip"):
        with pytest.raises(OntologyError, match="is not an id"):
            label_class(id=twin)


def test_a_parent_must_be_a_class():
    with pytest.raises(OntologyError, match=r'^classes\[1\]\.parent: "car" is not a class; use one of ship, bow$'):
        ontology(label_class(), label_class(id="bow", parent="car"))


def test_parents_must_not_go_round():
    one, two = label_class(id="a", parent="b"), label_class(id="b", parent="a")
    with pytest.raises(OntologyError, match=r"^classes\[0\]\.parent: goes round in a circle \(a under b under a\)"):
        ontology(one, two)
    with pytest.raises(OntologyError, match=r"a under a"):
        ontology(label_class(id="a", parent="a"))


def test_a_class_below_a_circle_is_refused_and_does_not_hang():
    classes = [label_class(id="c", parent="a"), label_class(id="a", parent="b"), label_class(id="b", parent="a")]
    with pytest.raises(OntologyError, match="goes round in a circle"):
        ontology(*classes)


def test_a_class_that_is_painted_needs_a_mask_value():
    with pytest.raises(OntologyError, match=r"^mask_value: is missing though"):
        label_class(kinds=("mask",))
    assert label_class(kinds=("mask",), mask_value=1).mask_value == 1


@pytest.mark.parametrize(("field", "values"), [("kinds", ("box", "box")), ("keypoints", ("bow", "bow"))])
def test_lists_of_a_class_hold_nothing_twice(field, values):
    with pytest.raises(OntologyError, match=rf'^{field}\[1\]: "{values[0]}" stands twice'):
        label_class(**{field: values})


# Attributes


@pytest.mark.parametrize("kind", ["radio", "checklist"])
def test_a_choice_needs_options(kind):
    with pytest.raises(OntologyError, match=r"^options: a .* needs at least one option$"):
        Attribute(id="a", name="A", type=kind)


def test_only_a_choice_has_options():
    with pytest.raises(OntologyError, match=r"^options: a number attribute has no options"):
        Attribute(id="a", name="A", type="number", options=(Option(id="o", name="O"),))


def test_option_ids_are_unique():
    options = (Option(id="o", name="One"), Option(id="p", name="Two"), Option(id="o", name="Three"))
    with pytest.raises(OntologyError, match=r'^options\[2\]\.id: "o" stands twice'):
        Attribute(id="a", name="A", type="checklist", options=options)


def test_options_of_a_checklist_ask_nothing_further():
    options = (Option(id="o", name="O", attributes=(text("x"),)),)
    with pytest.raises(OntologyError, match=r"^options\[0\]\.attributes: options of a checklist have no attributes"):
        Attribute(id="a", name="A", type="checklist", options=options)


def test_the_minimum_is_not_above_the_maximum():
    with pytest.raises(OntologyError, match=r"^minimum: 10 is more than the maximum, 5; swap them$"):
        Attribute(id="a", name="A", type="number", minimum=10, maximum=5)
    assert Attribute(id="a", name="A", type="number", minimum=5, maximum=5).minimum == 5


@pytest.mark.parametrize("field", ["minimum", "maximum", "unit"])
def test_only_numbers_have_limits_and_units(field):
    with pytest.raises(OntologyError, match=rf"^{field}: a text attribute has none"):
        Attribute(id="a", name="A", type="text", **{field: "1"})


def test_only_texts_have_patterns():
    with pytest.raises(OntologyError, match=r"^pattern: a date attribute has none"):
        Attribute(id="a", name="A", type="date", pattern="[0-9]+")


@pytest.mark.parametrize("bad", ["(", "[0-9", r"(a)\1", "(?=a)", ")|("])
def test_a_pattern_is_a_regular_expression_of_the_safe_sort(bad):
    with pytest.raises(OntologyError, match=r"^pattern: .* is not a regular expression"):
        Attribute(id="a", name="A", type="text", pattern=bad)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"type": "radio", "options": (Option(id="o", name="O"),), "default": "p"}, '"p" is not an option; use o'),
        ({"type": "checklist", "options": (Option(id="o", name="O"),), "default": ["p"]}, '"p" is not an option'),
        ({"type": "number", "maximum": 5, "unit": "m", "default": 6}, "6 m is more than 5 m"),
        ({"type": "number", "default": "six"}, '"six" is not a number'),
        ({"type": "boolean", "default": "maybe"}, '"maybe" is not true or false'),
        ({"type": "date", "default": "31.12.2024"}, '"31.12.2024" is not a day'),
        ({"type": "text", "pattern": "[0-9]+", "default": "x"}, '"x" does not match'),
    ],
)
def test_a_default_must_be_an_allowed_value(fields, reason):
    with pytest.raises(OntologyError) as caught:
        Attribute(id="a", name="A", **fields)
    assert str(caught.value).startswith(f"default: {reason}")


def test_defaults_are_kept_in_stored_form():
    options = (Option(id="o", name="O"), Option(id="p", name="P"))
    assert Attribute(id="a", name="A", type="checklist", options=options, default=["p", "o"]).default == ("o", "p")
    assert Attribute(id="a", name="A", type="number", default="2.50").default == 2.5
    assert Attribute(id="a", name="A", type="boolean", default="True").default is True


def test_attributes_of_different_options_may_share_an_id():
    tree = radio("category", merchant=(text("type"),), warship=(text("type"),))
    assert label_class(attributes=(tree,)).attributes == (tree,)


def test_but_not_with_different_types():
    count = Attribute(id="type", name="Type", type="number")
    tree = radio("category", merchant=(text("type"),), warship=(count,))
    reason = r'^attributes\[0\]\.options\[1\]\.attributes: "type" is a text under another option; rename one$'
    with pytest.raises(OntologyError, match=reason):
        label_class(attributes=(tree,))


@pytest.mark.parametrize(
    ("tree", "where"),
    [
        ((text("a"), text("a")), r"attributes\[1\]\.id"),
        ((text("a"), radio("b", o=(text("a"),))), r"attributes\[1\]\.id"),
        ((radio("b", o=(text("a"), text("a"))),), r"attributes\[0\]\.options\[0\]\.attributes\[1\]\.id"),
        ((radio("b", o=(text("b"),)),), r"attributes\[0\]\.options\[0\]\.attributes"),
    ],
)
def test_attributes_that_are_asked_together_have_different_ids(tree, where):
    with pytest.raises(OntologyError, match=rf'^{where}: "[ab]" stands (twice|again)'):
        label_class(attributes=tree)


def test_scene_attributes_have_different_ids_too():
    with pytest.raises(OntologyError, match=r'^scene_attributes\[1\]\.id: "a" stands twice'):
        ontology(scene_attributes=(text("a"), text("a")))


# Other words


def test_a_class_may_have_other_words_that_lead_to_it_alone():
    ship = label_class(aliases=("vessel", "Boat"))
    assert ontology(ship).classes[0].aliases == ("vessel", "Boat")
    with pytest.raises(OntologyError, match=r'^classes\[1\]\.aliases\[0\]: "boat" leads to ship already; take it out$'):
        ontology(ship, label_class(id="yacht", aliases=("boat",)))
    with pytest.raises(OntologyError, match=r'"ship" leads to ship already'):
        ontology(ship, label_class(id="yacht", aliases=("ship",)))


def test_identifiers_of_other_tools_stay_and_count_in_the_hash():
    named = label_class(external_id="75b542da")
    assert named.to_dict()["external_id"] == "75b542da"
    assert ontology(named).sha256 != ontology(label_class()).sha256


def test_a_number_has_one_default_however_it_is_written():
    whole, broken = (Attribute(id="a", name="A", type="number", default=default) for default in (0, 0.0))
    assert ontology(scene_attributes=(whole,)).sha256 == ontology(scene_attributes=(broken,)).sha256
