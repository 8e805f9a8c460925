"""One answer to one attribute."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import AttributeValueError, OntologyError
from napari_geolabel.ontology import Attribute, Option, check_value
from napari_geolabel.ontology.answers import compile_pattern, is_unanswered

OPTIONS = tuple(Option(id=name, name=name) for name in ("a", "b", "c"))


def attribute(kind: str, **fields) -> Attribute:
    options = OPTIONS if kind in {"radio", "checklist"} else ()
    return Attribute(id="x", name="X", type=kind, options=options, **fields)


@pytest.mark.parametrize(
    ("kind", "given_value", "stored"),
    [
        ("radio", "b", "b"),
        ("radio", np.str_("b"), "b"),
        ("checklist", ["c", "a", "c"], ("a", "c")),
        ("checklist", np.array(["b"]), ("b",)),
        ("checklist", {"b", "a"}, ("a", "b")),
        ("text", " as typed ", " as typed "),
        ("number", 3, 3),
        ("number", np.float32(2.5), 2.5),
        ("number", np.int64(7), 7),
        ("boolean", False, False),
        ("boolean", np.True_, True),
        ("date", "2024-05-31", "2024-05-31"),
        ("date", "20240531", "2024-05-31"),
        ("date", date(2024, 5, 31), "2024-05-31"),
        ("date", datetime(2024, 5, 31, tzinfo=UTC), "2024-05-31"),
        ("date", np.datetime64("2024-05-31"), "2024-05-31"),
        ("date", np.datetime64("2024-05-31", "ns"), "2024-05-31"),
    ],
)
def test_values_are_stored_in_one_plain_form(kind, given_value, stored):
    value = check_value(attribute(kind), given_value)
    assert value == stored
    assert type(value) is type(stored)


@pytest.mark.parametrize("kind", ["radio", "checklist", "text", "number", "boolean", "date"])
@pytest.mark.parametrize(
    "nothing",
    [None, "", float("nan"), (), [], np.float64("nan"), pd.NaT, np.datetime64("NaT"), set(), np.array([], object)],
)
def test_nothing_is_no_answer_to_any_question(kind, nothing):
    assert check_value(attribute(kind), nothing) is None


def test_no_and_zero_are_answers():
    assert not is_unanswered(False)
    assert not is_unanswered(0)
    assert not is_unanswered(0.0)


@pytest.mark.parametrize(
    ("kind", "bad", "reason"),
    [
        ("radio", "d", '"d" is not an option; use a, b, c'),
        ("radio", ["a"], "['a'] is not an option"),
        ("radio", 1, "1 is not an option"),
        ("checklist", "a", '"a" is not a list of options'),
        ("checklist", ["a", "z"], '"z" is not an option'),
        ("text", 5, "5 is not text"),
        ("text", "nul\0", "'nul\\x00' holds a character"),
        ("text", "half\ud800", "'half\\ud800' holds a character"),
        ("number", "5", '"5" is not a finite number'),
        ("number", True, "True is not a finite number"),
        ("number", float("inf"), "inf is not a finite number"),
        ("number", 10**400, "1000"),
        ("boolean", 1, "1 is not true or false"),
        ("boolean", "true", '"true" is not true or false'),
        ("date", "31.05.2024", '"31.05.2024" is not a day; write it as 2024-05-31'),
        ("date", 20240531, "20240531 is not a day"),
        ("date", datetime(2024, 5, 31, 12, tzinfo=UTC), "datetime.datetime(2024"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_value(kind, bad, reason):
    with pytest.raises(AttributeValueError) as caught:
        check_value(attribute(kind), bad)
    assert str(caught.value).startswith(reason)


def test_limits_are_allowed_values_and_named_with_their_unit():
    length = attribute("number", minimum=1, maximum=500, unit="m")
    assert check_value(length, 1) == 1
    assert check_value(length, 500) == 500
    with pytest.raises(AttributeValueError, match=r"^0.5 m is less than 1 m, the smallest allowed$"):
        check_value(length, 0.5)
    with pytest.raises(AttributeValueError, match=r"^501 m is more than 500 m, the largest allowed$"):
        check_value(length, 501)


@pytest.mark.parametrize("bad", ["123456", "12345678", "x1234567", "1234567\n", "123456\uff17"])
def test_a_pattern_must_match_from_end_to_end(bad):
    imo = attribute("text", pattern="[0-9]{7}")
    assert check_value(imo, "1234567") == "1234567"
    with pytest.raises(AttributeValueError, match=r"does not match \[0-9\]\{7\}$"):
        check_value(imo, bad)


def test_alternatives_in_a_pattern_are_bound_together():
    either = attribute("text", pattern="a|b")
    assert check_value(either, "b") == "b"
    with pytest.raises(AttributeValueError):
        check_value(either, "ab")


def test_a_pattern_from_a_stranger_cannot_hang_the_program():
    started = time.process_time()
    with pytest.raises(AttributeValueError):
        check_value(attribute("text", pattern="(a+)+b"), "a" * 100_000)
    assert time.process_time() - started < 5


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(OntologyError, match="is not a regular expression"):
        compile_pattern("(")


@given(st.floats(-1e300, 1e300) | st.integers(-(2**53), 2**53))
def test_every_finite_number_is_kept_as_it_is(value):
    assert check_value(attribute("number"), value) == value


@given(st.lists(st.sampled_from(["a", "b", "c"])))
def test_checking_twice_is_checking_once(chosen):
    once = check_value(attribute("checklist"), chosen)
    assert check_value(attribute("checklist"), once) == once


@given(st.dates())
def test_days_survive_as_text(day):
    assert date.fromisoformat(check_value(attribute("date"), day)) == day
