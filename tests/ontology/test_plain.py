"""The narrow YAML and JSON: text stays text, and no file can harm."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology.plain import MAX_BYTES, read_json, read_yaml, write_json, write_yaml


@pytest.mark.parametrize("word", ["no", "yes", "on", "010", "0x1F", "12:30", "1_000", "2024-05-31", "1e3", "true", "."])
def test_yaml_scalars_stay_as_they_are_written(word):
    assert read_yaml(f"name: {word}\n{word}: [{word}]") == {"name": word, word: [word]}


@pytest.mark.parametrize("nothing", ["", "~", "null"])
def test_an_unquoted_null_is_none_and_a_quoted_one_text(nothing):
    assert read_yaml(f"name: {nothing}") == {"name": None}
    assert read_yaml(f"name: '{nothing}'") == {"name": nothing}


def test_comments_and_blocks_are_yaml_as_people_know_it():
    text = "# ours\na:  # why\n  - |\n    two\n    lines\n  - >-\n    one\n    line\nb: {c: d}\n"
    assert read_yaml(text) == {"a": ["two\nlines\n", "one line"], "b": {"c": "d"}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\nb: 2\na: 3", r"line 1, column 1: the field 'a' stands twice; take one out"),
        ("a: &x 1\nb: 2", r"line 1, column 4: &anchors are not allowed; take it out"),
        ("a: 1\nb: *x", r"line 2, column 4: \*aliases are not allowed; write the value out"),
        ("a: !!python/object/apply:os.system [echo]", r"line 1, column 4: the tag .*os.system is not allowed"),
        ("a: !!int 3", r"line 1, column 4: the tag tag:yaml.org,2002:int is not allowed"),
        ("a: !x y", r"the tag !x is not allowed"),
        ("? [a, b]\n: c", r"line 1, column 3: a field's name must be text"),
        ("a: [1, 2", r"line 1, column 9: expected ',' or '\]'"),
        ("a: b: c", r"line 1, column 5: mapping values are not allowed here"),
        ("\tx", r"line 1, column 1: found character"),
        ("a: 1\n--- \nb: 2", r"line 2, column 1: but found another document"),
        ("a: \x07", r"it is not YAML \(unacceptable character"),
        ('a: "\\UFFFFFFFF"', r"it is not YAML"),
    ],
)
def test_what_is_not_narrow_yaml_is_refused_with_its_place(text, reason):
    with pytest.raises(OntologyError, match=reason):
        read_yaml(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1, "a": 2}', "the field 'a' stands twice"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": -Infinity}', "-Infinity is not a number"),
        ('{"a": 1', "line 1, column 8: expecting ',' delimiter"),
        ("", "line 1, column 1: expecting value"),
        ('{"a": ' + "9" * 5000 + "}", "it is not JSON"),
    ],
)
def test_what_is_not_narrow_json_is_refused(text, reason):
    with pytest.raises(OntologyError, match=reason):
        read_json(text)


@pytest.mark.parametrize("depth", [65, 1_000, 100_000])
def test_deep_nesting_is_refused_in_no_time(depth):
    started = time.process_time()
    with pytest.raises(OntologyError, match="nests more than 64 levels"):
        read_yaml("[" * depth)
    with pytest.raises(OntologyError, match="nests more than 64 levels"):
        read_json("[" * depth + "]" * depth)
    assert time.process_time() - started < 5


def test_sixty_levels_are_fine():
    assert read_json("[" * 60 + "]" * 60) == read_yaml("[" * 60 + "]" * 60)


@pytest.mark.parametrize("read", [read_yaml, read_json])
def test_large_files_are_refused_before_they_are_read(read):
    started = time.process_time()
    with pytest.raises(OntologyError, match=r"more than 1,000,000 bytes"):
        read("x" * (MAX_BYTES + 1))
    assert time.process_time() - started < 5


def test_an_alias_bomb_is_refused():
    levels = "\n".join(f"{chr(97 + n)}: &{chr(97 + n)} [{', '.join(['*' + chr(96 + n)] * 9)}]" for n in range(1, 9))
    with pytest.raises(OntologyError, match="not allowed"):
        read_yaml(f"a: &a [x, x]\n{levels}")


def test_yaml_is_written_for_people():
    value = {
        "name": "Ships",
        "kinds": ["box", "polygon"],
        "classes": [{"id": "no", "name": "No"}, {"id": "x", "name": "X", "mask_value": 10, "required": True}],
        "description": "One line.\nAnother.",
    }
    assert write_yaml(value) == (
        "name: Ships\n"
        "kinds: [box, polygon]\n"
        "classes:\n"
        "  - {id: 'no', name: 'No'}\n"
        "  - id: x\n"
        "    name: X\n"
        "    mask_value: 10\n"
        "    required: true\n"
        "description: |-\n"
        "  One line.\n"
        "  Another.\n"
    )


plain_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
prose = st.text("ab \n:#-'\"|>&*!%@`{}[],?~\t\u2028\u00a0é", max_size=60)
plain_values = st.recursive(
    plain_text | prose,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain_text | prose, inner, max_size=4),
    max_leaves=12,
)


@given(plain_values)
def test_text_lists_and_mappings_survive_yaml(value):
    assert read_yaml(write_yaml(value)) == value


@given(plain_values)
def test_other_yaml_readers_read_the_same(value):
    assert yaml.safe_load(write_yaml(value)) == value


@given(plain_values | st.integers(-(2**60), 2**60) | st.booleans() | st.none())
def test_plain_values_survive_json(value):
    assert read_json(write_json(value)) == value
    assert json.loads(write_json(value)) == value


def refusal_of(read, text: str) -> str | None:
    """Return the sentence of a refusal, None where the text is read."""
    try:
        read(text)
    except OntologyError as error:
        return str(error)
    return None


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.text("ab:-[]{}&*!#|>'\"%@?,\n \t\\", max_size=30))
def test_any_text_is_read_or_refused_in_one_sentence(text):
    for sentence in (refusal_of(read_yaml, text), refusal_of(read_json, text)):
        assert sentence is None or (sentence and "\n" not in sentence)
