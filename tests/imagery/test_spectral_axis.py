"""Where bands stand along a plot, and what its axes are called."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.imagery.bands import Band, BandSet
from napari_geolabel.imagery.spectral_axis import SpectralAxis
from napari_geolabel.imagery.spectrum import Spectrum


def bands(*wavelengths, **fields):
    return BandSet(
        Band(index=i, name=f"b{i}", dtype="uint16", wavelength_um=um, **fields) for i, um in enumerate(wavelengths)
    )


def spectrum(of, mean, std=None):
    return Spectrum(
        title="", bands=tuple(of), mean=tuple(mean), std=tuple(std or [0.0] * len(mean)), count=(1,) * len(mean)
    )


def test_bands_stand_at_their_wavelengths():
    axis = SpectralAxis.of(bands(0.49, 0.83, 0.66))
    assert axis.by_wavelength
    assert axis.places == {0: 0.49, 1: 0.83, 2: 0.66}
    assert axis.title == "Wavelength in µm"
    assert not axis.note


@pytest.mark.parametrize("wavelengths", [(None, None, None), (None, 0.6, None)])
def test_without_wavelengths_they_stand_in_the_order_of_the_file(wavelengths):
    axis = SpectralAxis.of(bands(*wavelengths))
    assert not axis.by_wavelength
    assert axis.places == {0: 1, 1: 2, 2: 3}
    assert axis.names == {0: "b0", 1: "b1", 2: "b2"}
    assert axis.title == "Band, in the order of the file"


def test_a_band_of_no_known_wavelength_is_left_out_and_named():
    axis = SpectralAxis.of(bands(0.49, None, 0.66))
    assert set(axis.places) == {0, 2}
    assert axis.note == "not plotted: b1: wavelength not known"


def test_thermal_bands_are_left_out_beside_others_and_shown_among_themselves():
    axis = SpectralAxis.of(bands(0.49, 0.66, 10.9, 12.0))
    assert set(axis.places) == {0, 1}
    assert axis.note == "not plotted: b2, b3: thermal"
    assert set(SpectralAxis.of(bands(10.9, 12.0)).places) == {0, 1}


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({}, "Stored value"),
        ({"scale": 1e-4}, "Reflectance"),
        ({"unit": "reflectance", "scale": 1e-4}, "Reflectance"),
        ({"unit": "dB"}, "Value in dB"),
    ],
)
def test_the_values_are_named_by_unit_and_scale(fields, value):
    assert SpectralAxis.of(bands(0.49, 0.66, **fields)).value == value


def test_scaled_bands_of_no_known_wavelength_are_not_called_reflectance():
    assert SpectralAxis.of(bands(None, None, scale=0.1)).value == "Scaled value"


def test_bands_of_several_units_are_said_to_differ():
    mixed = BandSet(
        [
            Band(index=0, name="a", dtype="float32", wavelength_um=0.5, unit="K"),
            Band(index=1, name="b", dtype="uint16", wavelength_um=0.6, scale=1e-4),
        ]
    )
    assert "differ" in SpectralAxis.of(mixed).value


def test_points_come_by_place_without_what_holds_no_data():
    of = bands(0.83, 0.49, 0.66)
    axis = SpectralAxis.of(of)
    found = axis.points(spectrum(of, [0.3, math.nan, 0.1], [0.01, math.nan, 0.02]))
    assert found == [(0.66, 0.1, 0.02), (0.83, 0.3, 0.01)]


@given(st.lists(st.one_of(st.none(), st.floats(0.3, 14)), min_size=1, max_size=12))
def test_every_band_has_a_place_or_is_named_in_the_note(wavelengths):
    of = bands(*wavelengths)
    axis = SpectralAxis.of(of)
    assert axis.places
    for band in of:
        assert (band.index in axis.places) != (f"{band.name}," in axis.note or f"{band.name}:" in axis.note)
    found = axis.points(spectrum(of, [0.5] * len(of)))
    assert [place for place, _, _ in found] == sorted(axis.places.values())
