"""Classes of xView and xView3 by their numbers and flags."""

from __future__ import annotations

import pytest

from napari_geolabel.formats.xview_classes import XVIEW, vessel_word, xview_number, xview_word


@pytest.mark.parametrize(("number", "word"), XVIEW.items())
def test_every_number_has_a_name_that_leads_back(number, word):
    assert xview_word(number) == xview_word(float(number)) == word
    assert xview_number("any", word.upper()) == number


def test_a_class_is_found_by_its_id_too():
    assert xview_number("oil_tanker", "Tanker") == 52
    assert xview_number("submarine", "Submarine") is None


@pytest.mark.parametrize("number", [None, True, "52", float("nan"), float("inf"), [], 1e300])
def test_what_is_no_number_names_no_class(number):
    assert xview_word(number) is None


def test_a_number_without_a_name_stays_a_number():
    assert xview_word(99) == "99"


@pytest.mark.parametrize(
    ("is_vessel", "is_fishing", "word"),
    [
        (None, None, "object"),
        (None, True, "object"),
        (False, None, "fixed_structure"),
        (True, None, "vessel"),
        (True, False, "vessel"),
        (True, True, "fishing_vessel"),
    ],
)
def test_flags_make_words(is_vessel, is_fishing, word):
    assert vessel_word(is_vessel, is_fishing) == word
