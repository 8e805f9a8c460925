"""Composites are intent; resolving ties them to bands or names the band that is missing."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.errors import BandNotFoundError, CompositeError, ExpressionError
from napari_geolabel.imagery import COLORMAPS, Composite, colormap, resolve
from napari_geolabel.imagery.bands import Band, BandSet
from napari_geolabel.imagery.composite import missing_bands, resolve_channel, resolve_names
from napari_geolabel.imagery.composites import composites, index_composite
from napari_geolabel.imagery.expression import MAX_LENGTH
from napari_geolabel.imagery.indices import indices


def bands_of(*names):
    return BandSet(Band(index=i, name=f"B{i}", common_name=name, dtype="uint16") for i, name in enumerate(names))


FULL = bands_of("blue", "green", "red", "nir08")


def test_resolving_ties_channels_to_bands():
    resolved = resolve(composites()["false_color"], FULL)
    assert [next(iter(channel.bands.values())).name for channel in resolved.channels] == ["B3", "B2", "B1"]
    assert resolved.indexes == (3, 2, 1)


def test_an_expression_needs_each_band_once():
    resolved = resolve(Composite(id="x", title="x", channels=("(nir - red) / (nir + red)",)), FULL)
    assert resolved.indexes == (3, 2)
    assert resolved.channels[0].expression is not None


def test_the_missing_band_is_named():
    with pytest.raises(BandNotFoundError, match="no band named 'nir'"):
        resolve(index_composite(indices()["ndvi"]), bands_of("red", "green"))


@pytest.mark.parametrize("channels", [(), ("red", "green"), ("red",) * 4])
def test_a_composite_has_one_channel_or_three(channels):
    with pytest.raises(CompositeError, match=f"has {len(channels)} channels"):
        Composite(id="x", title="x", channels=channels)


def test_a_channel_that_is_no_expression_is_refused():
    with pytest.raises(ExpressionError):
        resolve(Composite(id="x", title="x", channels=("red;",)), FULL)


def composite(*channels, **keywords):
    return Composite(id="x", title="x", channels=channels, **keywords)


def test_an_index_may_be_a_channel_of_a_composite():
    resolved = resolve(composite("ndvi", "ndwi", "red"), FULL)
    assert [channel.expression is not None for channel in resolved.channels] == [True, True, False]
    assert resolved.indexes == (3, 2, 1)


def test_an_index_may_be_a_part_of_an_expression():
    channel = resolve_channel("max(ndvi, 0) - ndwi", FULL)
    values = {i: np.array([v], np.float32) for i, v in enumerate((0.05, 0.08, 0.1, 0.4))}
    assert channel.compute(values)[0] == pytest.approx(
        (0.4 - 0.1) / (0.4 + 0.1) - (0.08 - 0.4) / (0.08 + 0.4), abs=1e-6
    )
    assert set(channel.bands) == {"nir", "red", "green"}


def test_a_band_wins_over_an_index_of_its_name():
    bands = BandSet([Band(index=0, name="ndvi", dtype="int16")])
    assert resolve_channel("ndvi", bands).expression is None
    assert set(resolve_channel("ndvi / 10000", bands).bands) == {"ndvi"}


def test_wavelengths_are_those_of_the_bands_and_else_the_usual_ones():
    known = BandSet([Band(index=0, name="a", common_name="red", wavelength_um=0.6, dtype="uint16")])
    values = {0: np.ones(1, np.float32)}
    assert resolve_channel("red * wavelength_red", known).compute(values)[0] == pytest.approx(0.6)
    assert resolve_channel("red * wavelength_red", bands_of("red")).compute(values)[0] == pytest.approx(0.665)
    with pytest.raises(BandNotFoundError, match="wavelength of 'nonsense' is not known"):
        resolve_channel("red * wavelength_nonsense", known)


@pytest.mark.parametrize("text", ["wavelength_nir - wavelength_red", "wavelength_nir08 * 2"])
def test_wavelengths_alone_are_refused(text):
    with pytest.raises(ExpressionError, match="reads no band, only wavelengths; name a band too"):
        resolve_channel(text, FULL)


def test_many_indices_in_one_expression_are_shown_and_warned_of_though_written_out_they_are_long():
    text = " + ".join(["evi", "savi", "ndvi", "ndwi"] * 4)
    resolved = resolve(composite(text), FULL)
    assert len(resolved.channels[0].expression.text) > MAX_LENGTH
    assert any("without a scale" in note for note in resolved.notes)


def test_every_missing_band_is_named_once():
    wanted = composite("swir22 / red", "nir", "mndwi + swir22")
    assert missing_bands(wanted, bands_of("red", "green")) == ("swir22", "nir", "swir16")
    assert missing_bands(composite("nir"), FULL) == ()
    assert resolve_names(wanted) == ("swir22", "red", "nir", "green", "swir16")


def test_a_band_that_stands_in_is_shown():
    resolved = resolve(composite("nir", "red", "green"), FULL)
    assert {name: band.name for name, band in resolved.stand_ins.items()} == {"nir": "B3"}
    assert resolved.notes == ("B3 (nir08) stands in for nir",)
    described = resolve(composite("nir", "red", "green", description="Ships."), FULL).description
    assert described == "Ships. B3 (nir08) stands in for nir."
    assert resolve(composite("red", "green", "blue"), FULL).notes == ()


@pytest.mark.parametrize(
    ("text", "warns"),
    [("nir - red", True), ("evi", True), ("red + 1", True), ("ndvi", False), ("nir / red", False), ("nir", False)],
)
def test_stored_numbers_without_a_scale_are_warned_of_where_a_scale_would_change_the_value(text, warns):
    notes = [
        note for note in resolve(composite(text), bands_of("blue", "red", "nir")).notes if "without a scale" in note
    ]
    assert len(notes) == warns
    assert all("choose the sensor" in note for note in notes)


@pytest.mark.parametrize("change", [{"scale": 1e-4}, {"dtype": "float32"}])
def test_reflectance_is_not_warned_of(change):
    bands = BandSet(Band(index=i, name=name, **{"dtype": "uint16", **change}) for i, name in enumerate(("nir", "red")))
    assert resolve(composite("nir - red"), bands).notes == ()


def test_a_ratio_of_a_scaled_and_an_unscaled_band_is_warned_of():
    bands = BandSet([Band(index=0, name="nir", scale=1e-4, dtype="uint16"), Band(index=1, name="red", dtype="uint16")])
    (note,) = resolve(composite("nir / red"), bands).notes
    assert note.startswith("red holds stored numbers")


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
