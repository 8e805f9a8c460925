"""Fields of an ontology, and the words for what does not fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from napari_geolabel.ontology import HOTKEYS, LabelClass, make_id
from napari_geolabel.ontology.fields import first_repeated, number, path_text, quoted


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Thick cloud (Ci)", "thick_cloud_ci"),
        ("Bâteau-mouche", "bateau_mouche"),
        ("  A  ", "a"),
        ("货船", "class"),
        ("AUX", "aux_"),
        ("../../etc/passwd", "etc_passwd"),
        ("x" * 80, "x" * 50),
        ("Straße 7", "strae_7"),
    ],
)
def test_ids_are_made_of_names(name, made):
    assert make_id(name) == made


@given(st.text())
def test_every_made_id_is_an_id(name):
    made = make_id(name)
    assert LabelClass(id=made, name="X", color="#000000", kinds=()).id == made
    assert make_id(made) == made


def test_hotkeys_are_digits_and_letters_once_each():
    assert len(set(HOTKEYS)) == len(HOTKEYS)
    assert set("123456789") < set(HOTKEYS)
    # Keys that napari 0.9 binds on Shapes, Points, Labels, images or the viewer.
    assert not set(HOTKEYS) & set("relptdszfbaixvmcoy")


@pytest.mark.parametrize(
    ("given_value", "read"),
    [("5", 5), ("-2.50", -2.5), (".5", 0.5), ("1e3", 1000), (3.0, 3), (7, 7), ("1e-3", 0.001), (2.0**60, 2.0**60)],
)
def test_numbers_are_read_and_whole_ones_are_whole(given_value, read):
    found = number(given_value)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize("bad", ["", "1_000", "0x10", "nan", "inf", "12:30", "1,5", True, None, [], 10**400, 1e305])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(PydanticCustomError, match="is not a"):
        number(bad)


def test_paths_read_like_python():
    assert path_text(["classes", 2, "attributes", 0, "type"]) == "classes[2].attributes[0].type"
    assert path_text([]) == ""


def test_the_first_repetition_is_found_and_none_never_counts():
    assert first_repeated(["a", None, "b", None, "b", "a"]) == 4
    assert first_repeated(["a", None, None]) is None


def test_long_values_are_cut_in_sentences():
    assert quoted("x") == '"x"'
    assert quoted(5) == "5"
    assert len(quoted("x" * 1000)) <= 80
