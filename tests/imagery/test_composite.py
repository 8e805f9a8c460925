"""Composites are intent; resolving ties them to bands or names the band that is missing."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.errors import BandNotFoundError, CompositeError, ExpressionError
from napari_geolabel.imagery import COLORMAPS, Composite, colormap, resolve
from napari_geolabel.imagery.bands import Band, BandSet
from napari_geolabel.imagery.composite import BUILT_IN, composites_of, default_composite_of


def bands_of(*names):
    return BandSet(Band(index=i, name=f"B{i}", common_name=name, dtype="uint16") for i, name in enumerate(names))


FULL = bands_of("blue", "green", "red", "nir08")


def test_resolving_ties_channels_to_bands():
    resolved = resolve(BUILT_IN[1], FULL)
    assert [next(iter(channel.bands.values())).name for channel in resolved.channels] == ["B3", "B2", "B1"]
    assert resolved.indexes == (3, 2, 1)


def test_an_expression_needs_each_band_once():
    resolved = resolve(Composite(id="x", title="x", channels=("(nir - red) / (nir + red)",)), FULL)
    assert resolved.indexes == (3, 2)
    assert resolved.channels[0].expression is not None


def test_the_missing_band_is_named():
    with pytest.raises(BandNotFoundError, match="no band named 'nir'"):
        resolve(BUILT_IN[2], bands_of("red", "green"))


@pytest.mark.parametrize("channels", [(), ("red", "green"), ("red",) * 4])
def test_a_composite_has_one_channel_or_three(channels):
    with pytest.raises(CompositeError, match=f"has {len(channels)} channels"):
        Composite(id="x", title="x", channels=channels)


def test_a_channel_that_is_no_expression_is_refused():
    with pytest.raises(ExpressionError):
        resolve(Composite(id="x", title="x", channels=("red;",)), FULL)


def test_what_can_be_shown_is_offered_and_nothing_else():
    assert list(composites_of(FULL, indexed=False)) == [
        "true_color", "false_color", "ndvi", "ndwi", "B0", "B1", "B2", "B3",
    ]  # fmt: skip
    assert list(composites_of(bands_of("red", "nir"), indexed=False)) == ["ndvi", "B0", "B1"]
    assert list(composites_of(bands_of(None, None), indexed=False)) == ["B0", "B1"]


def test_a_band_called_like_a_composite_keeps_a_name_of_its_own():
    bands = BandSet(
        [
            Band(index=0, name="ndvi", dtype="int16"),
            Band(index=1, name="a", common_name="nir", dtype="int16"),
            Band(index=2, name="b", common_name="red", dtype="int16"),
        ]
    )
    offered = composites_of(bands, indexed=False)
    assert list(offered) == ["ndvi", "ndvi_band", "a", "b"]
    assert offered["ndvi_band"].channels == ("ndvi",)
    assert default_composite_of(offered, bands) == "ndvi_band"


def test_the_scene_starts_in_true_colour_or_with_its_first_band():
    assert default_composite_of(composites_of(FULL, indexed=False), FULL) == "true_color"
    few = bands_of("nir", "red")
    assert default_composite_of(composites_of(few, indexed=False), few) == "B0"


def test_built_in_composites_have_stable_ids_titles_and_descriptions():
    assert [composite.id for composite in BUILT_IN] == ["true_color", "false_color", "ndvi", "ndwi"]
    assert all(composite.title and composite.description for composite in BUILT_IN)
    assert all(composite.colormap in COLORMAPS for composite in BUILT_IN if len(composite.channels) == 1)


@pytest.mark.parametrize("name", list(COLORMAPS))
def test_a_colormap_is_256_colours_from_its_first_anchor_to_its_last(name):
    colors = colormap(name)
    assert colors.shape == (256, 3)
    assert colors.dtype == np.uint8
    for end, index in ((0, 0), (-1, 255)):
        assert "#" + bytes(colors[index]).hex() == COLORMAPS[name][end][1]
    assert np.abs(np.diff(colors.astype(int), axis=0)).max() <= 12  # no jumps
    with pytest.raises(ValueError, match="read-only"):
        colors[0] = 0
