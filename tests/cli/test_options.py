"""Texts of options that become values."""

from __future__ import annotations

import pytest

from napari_geolabel.cli.options import parse_bands, parse_class_map, parse_stretch
from napari_geolabel.errors import GeoLabelError


def test_bands_are_names_with_commas_between() -> None:
    assert parse_bands("blue, green,red ,nir") == ["blue", "green", "red", "nir"]
    assert parse_bands(None) is None


@pytest.mark.parametrize("text", ["", "red,,blue", "red,"])
def test_an_empty_band_name_is_refused(text: str) -> None:
    with pytest.raises(GeoLabelError, match="empty name"):
        parse_bands(text)


def test_a_class_map_reads_theirs_equals_ours() -> None:
    assert parse_class_map(["vessel=ship", "=dock", "a=b=c"]) == {"vessel": "ship", None: "dock", "a": "b=c"}
    assert parse_class_map(None) is None
    assert parse_class_map([]) is None


@pytest.mark.parametrize("text", ["vessel", "vessel="])
def test_a_class_map_without_our_class_is_refused(text: str) -> None:
    with pytest.raises(GeoLabelError, match=r"vessel.*THEIRS=OURS"):
        parse_class_map([text])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2,98", ("percentile", 2, 98)),
        ("percentile 1,99.5", ("percentile", 1, 99.5)),
        ("fixed 0,3000", ("fixed", 0, 3000)),
        ("fixed:-0.2,0.8", ("fixed", -0.2, 0.8)),
    ],
)
def test_a_stretch_is_percentiles_or_fixed_values(text: str, expected: tuple[str, float, float]) -> None:
    assert parse_stretch(text) == expected


@pytest.mark.parametrize("text", ["", "2", "2,98,99", "a,b", "gamma 1,2", "fixed 0 3000", "fixed"])
def test_a_stretch_that_is_neither_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(GeoLabelError, match="fixed 0,3000"):
        parse_stretch(text)
