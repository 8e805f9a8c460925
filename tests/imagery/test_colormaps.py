"""Colormaps: which colour a value is shown in."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.errors import CompositeError
from napari_geolabel.imagery.colormaps import COLORMAPS, colormap


def lightness(colors: np.ndarray) -> np.ndarray:
    """Return the luminance (IEC 61966-2-1) of colours, shape (n, 3)."""
    share = colors / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("name", COLORMAPS)
def test_a_colormap_begins_and_ends_with_its_first_and_last_anchor(name):
    colors = colormap(name)
    assert (colors.shape, colors.dtype) == ((256, 3), np.uint8)
    (first, dark), *_, (last, bright) = COLORMAPS[name]
    assert (first, last) == (0, 1)
    assert colors[0].tobytes().hex() == dark[1:]
    assert colors[-1].tobytes().hex() == bright[1:]


@pytest.mark.parametrize("name", COLORMAPS)
def test_every_anchor_is_met_at_its_place(name):
    steps = np.abs(np.diff(colormap(name).astype(int), axis=0)).max()
    for place, color in COLORMAPS[name]:
        nearest = colormap(name)[round(place * 255)].astype(int)
        assert np.abs(nearest - list(bytes.fromhex(color[1:]))).max() <= steps


@pytest.mark.parametrize("name", COLORMAPS)
def test_anchors_rise_so_that_no_part_of_a_colormap_is_lost(name):
    places = [place for place, _ in COLORMAPS[name]]
    assert places == sorted(set(places))


@pytest.mark.parametrize("name", COLORMAPS)
def test_neighbouring_values_differ_little_so_that_no_edge_is_invented(name):
    assert np.abs(np.diff(colormap(name).astype(int), axis=0)).max() <= 8


def test_gray_shows_each_brightness_as_it_is():
    assert (colormap("gray") == np.arange(256)[:, None]).all()


@pytest.mark.parametrize("name", ["gray", "heat"])
def test_more_is_lighter_in_a_map_of_one_direction(name):
    assert (np.diff(lightness(colormap(name))) > 0).all()


@pytest.mark.parametrize(("name", "middle"), [("difference", 0.5), ("water", 0.48)])
def test_a_map_of_two_directions_is_lightest_where_they_meet(name, middle):
    light = lightness(colormap(name))
    top = round(middle * 255)
    assert abs(int(light.argmax()) - top) <= 1
    assert (np.diff(light[: top - 1]) > 0).all()
    assert (np.diff(light[top + 1 :]) < 0).all()


def test_nobody_can_change_the_colours_of_everybody_else():
    with pytest.raises(ValueError, match="read-only"):
        colormap("heat")[0] = 0
    assert colormap("heat") is colormap("heat")


def test_an_unknown_colormap_is_refused_with_those_there_are():
    with pytest.raises(
        CompositeError, match="no colormap named 'viridis'; there are gray, gray_inverted, vegetation, water"
    ):
        colormap("viridis")
