"""Colours: what other programs write, and new ones that lie apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.ontology.colors import hex_color, read_color, rgb_of, spread_color


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("#E69F00", "#e69f00"),
        ("#abc", "#aabbcc"),
        ("#e69f00ff", "#e69f00"),
        ("red", "#ff0000"),
        ("RebeccaPurple", "#663399"),
        ("rgba(218, 1, 238, 0.5)", "#da01ee"),
        ("rgb(0,255,0)", "#00ff00"),
        ("255,0,0,77", "#ff0000"),
        ("227,26,28,255,rgb:0.8901961,0.1019608,0.1098039,1", "#e31a1c"),
        ([1, 2, 3], "#010203"),
        ((255, 300, -4), "#ffff00"),
    ],
)
def test_colors_of_other_programs_are_read(written, read):
    assert read_color(written) == read


@pytest.mark.parametrize("written", ["", "no colour", "1,2", "a,b,c", "rgba(nan,1,2)", [1, 2], None, 7, "1e999,0,0"])
def test_what_is_no_color_is_none(written):
    assert read_color(written) is None


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_channels_come_back(channels):
    assert rgb_of(hex_color(*channels)) == channels
    assert read_color(hex_color(*channels)) == hex_color(*channels)


def test_the_first_hundred_colors_differ():
    assert len({spread_color(number) for number in range(100)}) == 100
