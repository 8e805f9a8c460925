"""Attribute values against a tree of attributes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import AttributeValueError
from napari_geolabel.ontology import (
    Attribute,
    Option,
    applicable_attributes,
    check_attributes,
    defaults,
    load_ontology,
    missing_required,
    with_answers,
)


def options(**nested: tuple[Attribute, ...]) -> tuple[Option, ...]:
    return tuple(Option(id=name, name=name.title(), attributes=attributes) for name, attributes in nested.items())


def attribute(attribute_id: str, kind: str, **fields) -> Attribute:
    return Attribute(id=attribute_id, name=attribute_id.title(), type=kind, **fields)


TANKER = attribute("type", "radio", options=options(tanker=(), container=()), required=True, default="tanker")
FRIGATE = attribute("type", "radio", options=options(frigate=(), destroyer=()))
SHIP = (
    attribute("category", "radio", options=options(merchant=(TANKER,), warship=(FRIGATE,), other=()), required=True),
    attribute("length_m", "number", minimum=1, unit="m"),
    attribute("flags", "checklist", options=options(wake=(), smoke=())),
    attribute("old", "text", archived=True, required=True, default="was"),
)


def test_values_come_back_in_the_order_in_which_they_are_asked():
    values = {"length_m": 120, "type": "tanker", "flags": ["smoke"], "category": "merchant"}
    checked = check_attributes(SHIP, values)
    assert list(checked.items()) == [
        ("category", "merchant"),
        ("type", "tanker"),
        ("length_m", 120),
        ("flags", ("smoke",)),
    ]


def test_what_is_not_answered_is_left_out():
    assert check_attributes(SHIP, {"category": None, "length_m": float("nan"), "flags": [], "unheard_of": ""}) == {}


def test_the_given_values_are_not_touched():
    values = {"flags": ["smoke", "wake"]}
    check_attributes(SHIP, values)
    assert values == {"flags": ["smoke", "wake"]}


def test_attributes_under_an_option_mean_what_that_option_says():
    assert check_attributes(SHIP, {"category": "warship", "type": "frigate"})["type"] == "frigate"
    with pytest.raises(
        AttributeValueError, match=r'^category\.warship\.type: "tanker" is not an option; use frigate, d'
    ):
        check_attributes(SHIP, {"category": "warship", "type": "tanker"})


def test_an_attribute_that_does_not_apply_is_refused_with_where_it_would():
    reason = r"^type: applies only where category is merchant or category is warship; leave it out or change that$"
    with pytest.raises(AttributeValueError, match=reason):
        check_attributes(SHIP, {"category": "other", "type": "tanker"})
    with pytest.raises(AttributeValueError, match=reason):
        check_attributes(SHIP, {"type": "tanker"})


def test_an_unknown_attribute_is_refused_with_those_that_there_are():
    with pytest.raises(
        AttributeValueError, match=r"^colour: there is no such attribute; there are category, length_m, f"
    ):
        check_attributes(SHIP, {"colour": "red"})
    with pytest.raises(AttributeValueError, match=r"there are none$"):
        check_attributes((), {"colour": "red"})


def test_a_bad_value_is_refused_with_its_path():
    with pytest.raises(AttributeValueError, match=r"^length_m: 0 m is less than 1 m"):
        check_attributes(SHIP, {"length_m": 0})


def test_values_of_archived_attributes_stay_allowed():
    assert check_attributes(SHIP, {"old": "kept"}) == {"old": "kept"}


def test_missing_required_names_paths_of_what_applies():
    assert missing_required(SHIP, {}) == ["category"]
    assert missing_required(SHIP, {"category": "merchant"}) == ["category.merchant.type"]
    assert missing_required(SHIP, {"category": "warship"}) == []
    assert missing_required(SHIP, {"category": "merchant", "type": "tanker"}) == []


def test_applicable_attributes_are_what_a_form_shows():
    assert [a.id for a in applicable_attributes(SHIP, {})] == ["category", "length_m", "flags"]
    shown = applicable_attributes(SHIP, {"category": "warship"})
    assert [a.id for a in shown] == ["category", "type", "length_m", "flags"]
    assert shown[1] is FRIGATE


def test_defaults_go_down_the_default_option_and_leave_archived_ones_out():
    category = attribute("category", "radio", options=options(merchant=(TANKER,), other=()), default="merchant")
    assert defaults((category,)) == {"category": "merchant", "type": "tanker"}
    assert defaults(SHIP) == {}


def test_defaults_are_allowed_values():
    category = attribute("category", "radio", options=options(merchant=(TANKER,), other=()), default="merchant")
    assert check_attributes((category,), defaults((category,))) == defaults((category,))


maritime_ship = load_ontology("maritime")["ship"].attributes
any_value = st.none() | st.text(max_size=8) | st.floats() | st.booleans() | st.lists(st.text(max_size=3), max_size=2)
words = st.sampled_from(["merchant", "tanker", "fishing", "trawler", "moored", "1234567", "unknown", "other"])
names = st.sampled_from(["category", "type", "state", "length_m", "wake", "name", "imo", "nothing"])


@given(st.dictionaries(names, any_value | words))
def test_values_are_refused_by_name_or_checking_them_again_changes_nothing(values):
    try:
        once = check_attributes(maritime_ship, values)
    except AttributeValueError as error:
        sentence = str(error)
    else:
        assert check_attributes(maritime_ship, once) == once
        assert None not in once.values()
        assert set(once) <= set(values)
        return
    assert any(sentence.startswith((f"{name}:", f"category.{values.get('category')}.{name}:")) for name in values)


BEFORE = {"category": "merchant", "type": "tanker", "length_m": 120}


class TestAnswers:
    def test_an_answer_joins_the_others(self):
        assert with_answers(SHIP, BEFORE, {"flags": ["wake"]}) == BEFORE | {"flags": ("wake",)}

    def test_another_option_takes_what_stood_under_the_old_one_along(self):
        assert with_answers(SHIP, BEFORE, {"category": "warship"}) == {"category": "warship", "length_m": 120}

    def test_the_same_option_again_keeps_what_stands_under_it(self):
        assert with_answers(SHIP, BEFORE, {"category": "merchant"}) == BEFORE

    def test_an_option_and_what_it_asks_may_be_answered_at_once(self):
        answers = {"category": "warship", "type": "frigate"}
        assert with_answers(SHIP, BEFORE, answers) == {**answers, "length_m": 120}

    def test_none_takes_an_answer_back_and_what_stood_under_it(self):
        assert with_answers(SHIP, BEFORE, {"category": None}) == {"length_m": 120}

    def test_an_answer_that_does_not_apply_is_refused(self):
        with pytest.raises(AttributeValueError, match="applies only where"):
            with_answers(SHIP, {"category": "other"}, {"type": "tanker"})

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["category", "type"]),
                st.sampled_from(["merchant", "warship", "other", "tanker", "container", "frigate", "destroyer", None]),
            )
        )
    )
    def test_whatever_is_answered_in_whatever_order_the_values_stay_allowed(self, answers):
        values = {}
        for name, value in answers:
            try:
                values = with_answers(SHIP, values, {name: value})
            except AttributeValueError:
                continue
            assert check_attributes(SHIP, values) == values
            assert values.get(name) == value
