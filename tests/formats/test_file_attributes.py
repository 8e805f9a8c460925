"""Classes that are made from a file ask what its labels answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.formats.classes import classes_named
from napari_geolabel.formats.file_attributes import all_answers, attributes_in, own_answers, with_attributes
from napari_geolabel.formats.schema import attributes_from
from napari_geolabel.ontology.values import check_attributes

VALUES = st.one_of(
    st.booleans(), st.floats(-1e9, 1e9), st.text("abc ;é", min_size=1), st.lists(st.sampled_from("abc"), unique=True)
)


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ([True, None, False], "boolean"),
        ([1, 2.5, float("nan")], "number"),
        (["a", None, "2024-05-01"], "text"),
        ([["a", "b"], ("c",)], "checklist"),
    ],
)
def test_the_values_tell_the_type(values, type_):
    (made,) = attributes_in([{"x": value} for value in values])
    assert (made.id, made.type) == ("x", type_)
    assert [option.id for option in made.options] == (["a", "b", "c"] if type_ == "checklist" else [])


@pytest.mark.parametrize("values", [[1, "a"], [True, 1], [None], [{"a": 1}], [["Not an id"]], [[]], [[1], "a"]])
def test_values_of_no_one_type_make_no_attribute(values):
    assert attributes_in([{"x": value} for value in values]) == ()


def test_a_key_that_is_no_id_makes_no_attribute():
    assert [each.id for each in attributes_in([{"Über uns": 1, "ok_2": 1}])] == ["ok_2"]


@given(st.lists(st.dictionaries(st.sampled_from("pqr"), VALUES), max_size=6))
def test_answers_of_one_type_each_fit_what_is_asked(answers):
    made = attributes_in(answers)
    for each in answers:
        held = {key: value for key, value in each.items() if key in {attribute.id for attribute in made}}
        checked = check_attributes(made, held)
        for key, value in checked.items():
            expected = sorted(held[key]) if isinstance(held[key], list) else held[key]
            assert (sorted(value) if isinstance(value, tuple) else value) == expected


def test_our_rows_answer_by_their_mapping_and_its_columns():
    row = {"id": "1", "attributes": {"some": ["a", "b"]}, "attr_some": "a;b", "attr_word": "x", "note": "n"}
    assert own_answers(row) == {"some": ["a", "b"], "word": "x"}
    assert all_answers(row) == own_answers(row)
    assert own_answers(row | {"attributes": '{"some": ["c"]}'})["some"] == ["c"]


def test_rows_of_others_answer_by_all_but_ids_and_classes():
    row = {"fid": 3, "class": "hut", "label": "x", "storeys": 2, "score": 0.5, "image": "a.tif"}
    assert own_answers(row) == {}
    assert all_answers(row) == {"storeys": 2}


def test_each_new_class_asks_what_its_own_labels_answer():
    words, rows = ["Hut", "pier", "Hut", None], [{"storeys": 2}, {"length": 5.0}, {"roof": "flat"}, {"lost": 1}]
    made = classes_named(words)
    found = with_attributes(made, ["hut"], words, rows, all_answers)
    assert [each.id for each in found["hut"].attributes] == ["storeys", "roof"]
    assert found["pier"].attributes == ()
    assert attributes_from(rows[0], found["hut"]) == {"storeys": 2}


def test_a_map_leads_words_to_the_class_that_is_to_ask():
    made = classes_named(["Hut", None], {"Hut": "building", None: "building"})
    found = with_attributes(
        made, ["building"], ["Hut", None], [{"a": 1}, {"b": True}], all_answers, {"Hut": "building", None: "building"}
    )
    assert [(each.id, each.type) for each in found["building"].attributes] == [("a", "number"), ("b", "boolean")]
