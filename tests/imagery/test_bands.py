"""Bands are found by name, common name or what may stand in for it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import BandNotFoundError, SceneError
from napari_geolabel.imagery.bands import (
    COMMON_NAMES,
    COMMON_WAVELENGTHS_UM,
    FUNCTION_NAMES,
    SUBSTITUTES,
    Band,
    BandSet,
    identifier,
    unique_names,
)


def bands_of(*pairs: tuple[str, str | None]) -> BandSet:
    return BandSet(
        Band(index=i, name=name, common_name=common, dtype="uint16") for i, (name, common) in enumerate(pairs)
    )


SENTINEL = bands_of(("B04", "red"), ("B08", "nir"), ("B8A", "nir08"), ("B05", "rededge071"))


def test_a_name_comes_before_a_common_name():
    bands = bands_of(("red", "nir"), ("x", "red"))
    assert bands.find("red").index == 0
    assert bands.find("nir").index == 0


def test_a_common_name_finds_its_band():
    assert SENTINEL.find("nir").name == "B08"
    assert SENTINEL.find("nir08").name == "B8A"


@pytest.mark.parametrize(
    ("there", "asked"),
    [("nir08", "nir"), ("nir", "nir08"), ("rededge071", "rededge"), ("rededge", "rededge075"), ("lwir11", "lwir")],
)
def test_a_near_relative_stands_in_for_a_missing_common_name(there, asked):
    assert bands_of(("a", "red"), ("b", there)).find(asked).name == "b"


def test_an_exact_common_name_is_preferred_to_its_relative():
    assert bands_of(("a", "nir08"), ("b", "nir")).find("nir").name == "b"


def test_capitals_do_not_matter_where_no_other_band_is_meant():
    assert SENTINEL.find("b04").name == "B04"
    assert SENTINEL.find("NIR").name == "B08"
    assert bands_of(("a", None), ("A", None)).find("A").index == 1


def test_a_missing_band_is_told_with_those_there_are():
    with pytest.raises(BandNotFoundError, match="no band named 'swir16'; this scene has B04 \\(red\\), B08 \\(nir\\)"):
        SENTINEL.find("swir16")


def test_a_long_list_of_bands_is_cut_short_in_the_message():
    many = bands_of(*((f"band_{i}", None) for i in range(200)))
    with pytest.raises(BandNotFoundError, match="and 176 more"):
        many.find("red")


def test_a_set_is_named_as_soon_as_one_band_has_a_common_name():
    assert SENTINEL.is_named
    assert not bands_of(("band_1", None), ("red", None)).is_named


def test_a_set_is_a_sequence_of_its_bands():
    assert len(SENTINEL) == 4
    assert SENTINEL[0].name == "B04"
    assert [band.name for band in SENTINEL[1:3]] == ["B08", "B8A"]
    assert SENTINEL.names == ("B04", "B08", "B8A", "B05")
    assert BandSet(SENTINEL) == SENTINEL
    assert hash(SENTINEL) == hash(BandSet(SENTINEL))
    assert "B08 (nir)" in repr(SENTINEL)


def test_two_bands_may_not_share_a_name():
    with pytest.raises(SceneError, match="two bands share a name"):
        bands_of(("a", None), ("a", None))


def test_names_by_a_person_become_common_names_where_they_are_some():
    named = bands_of(("band_1", None), ("band_2", None), ("band_3", None)).renamed(["Red", "haze", "N2=nir08"])
    assert [(band.name, band.common_name) for band in named] == [("red", "red"), ("haze", None), ("N2", "nir08")]
    assert [band.index for band in named] == [0, 1, 2]


def test_a_wrong_count_of_names_is_told_with_both_numbers():
    with pytest.raises(SceneError, match="2 band names were given \\(red, nir\\) and the file has 4 bands"):
        SENTINEL.renamed(["red", "nir"])


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["a", "a", "b", "c"], "two bands share a name"),
        (["a", "b=pink", "c", "d"], "'pink' in 'b=pink' is not a common name"),
        (["a", "%", "c", "d"], "'%' cannot name band 2"),
        (["a", "", "c", "d"], "'' cannot name band 2"),
    ],
)
def test_names_that_cannot_be_are_refused(names, words):
    with pytest.raises(SceneError, match=re.escape(words)):
        SENTINEL.renamed(names)


@given(st.text())
def test_an_identifier_can_always_stand_in_an_expression(text):
    name = identifier(text)
    assert name == "" or re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name)
    assert name not in FUNCTION_NAMES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("B04", "B04"),
        ("8A", "band_8A"),
        ("near infrared", "near_infrared"),
        ("max", "max_"),
        ("not", "not_"),
        ("--", ""),
    ],
)
def test_identifiers_stay_as_near_to_the_text_as_they_can(text, expected):
    assert identifier(text) == expected


@given(st.lists(st.sampled_from(["red", "red_2", "nir", "band"]), max_size=12))
def test_unique_names_are_unique_and_keep_the_first(names):
    made = unique_names(names)
    assert len(set(made)) == len(names)
    assert all(new.startswith(old) for old, new in zip(names, made, strict=True))
    assert made[:1] == names[:1]


def test_wavelength_ranges_hold_their_typical_value_and_only_nest_where_meant():
    for name, (low, typical, high) in COMMON_WAVELENGTHS_UM.items():
        assert low < typical < high, name
    assert set(COMMON_WAVELENGTHS_UM) <= COMMON_NAMES
    assert all(name in COMMON_NAMES and set(others) <= COMMON_NAMES for name, others in SUBSTITUTES.items())


def test_a_title_says_the_common_name_only_where_it_adds_something():
    assert SENTINEL[0].title == "B04 (red)"
    assert bands_of(("Red", "red"))[0].title == "Red"
    assert bands_of(("x", None))[0].title == "x"


@pytest.mark.parametrize(
    ("dtype", "nodata"),
    [("uint16", -9999), ("uint16", 70_000), ("uint8", 0.5), ("int16", float("nan")), ("int32", float("inf"))],
)
def test_a_nodata_value_that_the_type_cannot_hold_is_refused(dtype, nodata):
    bands = BandSet([Band(index=0, name="a", dtype=dtype)])
    with pytest.raises(SceneError, match=f"no pixel of band a can be {nodata}, since it holds {dtype}"):
        bands.edited({0: {"nodata": nodata}})


@pytest.mark.parametrize(
    ("dtype", "nodata"),
    [("uint16", 65_535), ("int16", -9999.0), ("uint8", None), ("float32", float("nan")), ("complex64", -1)],
)
def test_a_nodata_value_that_a_pixel_can_be_is_taken(dtype, nodata):
    (band,) = BandSet([Band(index=0, name="a", dtype=dtype)]).edited({0: {"nodata": nodata}})
    assert band.nodata is nodata


def test_a_common_name_that_a_person_gives_is_taken_from_the_band_that_had_it():
    edited = SENTINEL.edited({1: {"common_name": "red"}})
    assert edited.find("red").name == "B08"
    assert [band.common_name for band in edited] == [None, "red", "nir08", "rededge071"]
    assert SENTINEL.edited({0: {"common_name": "nir"}, 1: {"common_name": "red"}}).find("nir").name == "B04"
    assert SENTINEL.edited({0: {"scale": 0.5}, 1: {"common_name": "red"}})[0].common_name is None


def test_two_bands_that_a_person_calls_the_same_are_refused():
    with pytest.raises(SceneError, match="two bands are said to be 'red'; give one of them another common name"):
        SENTINEL.edited({1: {"common_name": "red"}, 2: {"common_name": "red"}})
    unnamed = SENTINEL.edited({1: {"common_name": None}, 2: {"common_name": ""}})
    assert [band.common_name for band in unnamed] == ["red", None, None, "rededge071"]


def test_what_a_person_says_of_one_band_leaves_the_others_as_the_file_has_them():
    odd = BandSet([Band(index=0, name="a", dtype="uint8", scale=0.0), Band(index=1, name="b", dtype="uint8")])
    assert odd.edited({1: {"offset": 1.0}})[0] == odd[0]
