"""Names come from what the metadata says, and never from a band's place."""

from __future__ import annotations

import pytest

from napari_geolabel.imagery.naming import BandFacts, detect_bands

S2 = ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12"]
S2_COMMON = [
    "coastal", "blue", "green", "red", "rededge071", "rededge075", "rededge078",
    "nir", "nir08", "nir09", "cirrus", "swir16", "swir22",
]  # fmt: skip


def described(*texts: str, color: str = "undefined"):
    return detect_bands([BandFacts(dtype="uint16", description=text, color=color) for text in texts])


def common(bands):
    return [band.common_name for band in bands]


@pytest.mark.parametrize("count", [1, 3, 4, 13])
def test_a_file_that_says_nothing_names_nothing(count):
    bands = described(*[""] * count)
    assert bands.names == tuple(f"band_{i + 1}" for i in range(count))
    assert not bands.is_named


def test_a_full_sentinel_2_set_is_known_by_its_descriptions():
    bands = described(*S2)
    assert bands.names == tuple(S2)
    assert common(bands) == S2_COMMON


def test_the_order_of_the_file_does_not_matter():
    assert common(described("B04", "B03", "B02", "B08")) == ["red", "green", "blue", "nir"]
    assert common(described("B12", "B4", "B8A")) == ["swir22", "red", "nir08"]


def test_gdal_s_sentinel_2_descriptions_give_name_and_wavelength():
    bands = described("B4, central wavelength 665 nm", "B8A, central wavelength 865 nm")
    assert bands.names == ("B4", "B8A")
    assert common(bands) == ["red", "nir08"]
    assert [band.wavelength_um for band in bands] == [0.665, 0.865]


def test_numbers_alone_do_not_tell_the_sensor():
    assert common(described("B1", "B2", "B3", "B4", "B5", "B7")) == [None] * 6
    assert described("B1", "B5").names == ("B1", "B5")


def test_with_leading_zeros_only_what_sentinel_2_and_harmonised_landsat_share_is_named():
    assert common(described("B02", "B03", "B04", "B05", "B06")) == ["blue", "green", "red", None, None]


def test_landsat_surface_reflectance_is_told_apart_by_generation():
    assert common(described("SR_B2", "SR_B4", "SR_B5", "SR_B6", "ST_B10")) == [
        "blue",
        "red",
        "nir08",
        "swir16",
        "lwir11",
    ]
    assert common(described("SR_B1", "SR_B4", "SR_B5", "ST_B6")) == ["blue", "nir", "swir16", "lwir"]
    assert common(described("SR_B2", "SR_B4", "SR_B5")) == [None, None, None]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("NIR", "nir", "nir"),
        ("Near-infrared", "near_infrared", "nir"),
        ("SWIR16", "swir16", "swir16"),
        ("SWIR 1", "swir_1", "swir16"),
        ("coastal_blue", "coastal_blue", "coastal"),
        ("Red Edge 2", "red_edge_2", "rededge075"),
        ("Panchromatic", "panchromatic", "pan"),
        ("green_i", "green_i", "green05"),
        ("Red (665nm)", "red", "red"),
        ("VV", "VV", None),
        ("elevation", "elevation", None),
        ("log", "log_", None),
    ],
)
def test_words_of_descriptions_are_understood(text, name, expected):
    (band,) = described(text)
    assert (band.name, band.common_name, band.description) == (name, expected, text)


def test_a_common_name_goes_to_the_first_of_two_bands_that_claim_it():
    bands = described("Red", "red")
    assert bands.names == ("red", "red_2")
    assert common(bands) == ["red", None]


def test_imagery_tags_beat_descriptions():
    facts = [
        BandFacts(dtype="uint16", description="a", tags={"central_wavelength_um": "0.8328", "fwhm_um": "0.106"}),
        BandFacts(dtype="uint16", description="blue", tags={"central_wavelength_um": "0.665"}),
    ]
    bands = detect_bands(facts)
    assert common(bands) == ["nir", "red"]
    assert (bands[0].wavelength_um, bands[0].fwhm_um) == (0.8328, 0.106)


@pytest.mark.parametrize(
    ("tags", "micrometres"),
    [
        ({"wavelength": "665", "wavelength_units": "Nanometers"}, 0.665),
        ({"wavelength": "0.665", "wavelength_units": "Micrometers"}, 0.665),
        ({"wavelength": "665"}, 0.665),
        ({"wavelength": "0.665"}, 0.665),
        ({"wavelength_nm": "442.7"}, 0.4427),
        ({"wavelength": "665 Nanometers", "wavelength_units": "Nanometers"}, 0.665),
        ({"wavelength": "unknown"}, None),
        ({"wavelength": "-9999"}, None),
        ({"wavelength": "nan"}, None),
    ],
)
def test_wavelengths_are_read_in_either_unit(tags, micrometres):
    (band,) = detect_bands([BandFacts(dtype="uint16", tags=tags)])
    assert band.wavelength_um == micrometres


def test_an_envi_list_gives_one_wavelength_per_band():
    facts = [BandFacts(dtype="uint16") for _ in range(3)]
    bands = detect_bands(facts, {"wavelength": "{490, 560, 665}", "fwhm": "{66,36,31}", "wavelength_units": "nm"})
    assert common(bands) == ["blue", "green", "red"]
    assert [band.fwhm_um for band in bands] == [0.066, 0.036, 0.031]


def test_an_envi_list_of_another_length_is_stale_and_says_nothing():
    bands = detect_bands([BandFacts(dtype="uint16")] * 2, {"wavelength": "{490, 560, 665}"})
    assert not bands.is_named


def test_of_a_spectrometer_s_bands_the_nearest_takes_each_name():
    centres = [0.400 + 0.01 * i for i in range(60)]
    bands = detect_bands([BandFacts(dtype="float32", tags={"wavelength": f"{c:.3f}"}) for c in centres])
    assert bands.find("red").wavelength_um == pytest.approx(0.66, abs=0.0051)
    assert bands.find("blue").wavelength_um == pytest.approx(0.49)
    named = [band.common_name for band in bands if band.common_name]
    assert len(named) == len(set(named))


def test_colour_interpretation_names_what_nothing_else_does():
    colors = ["red", "green", "blue", "undefined"]
    bands = detect_bands([BandFacts(dtype="uint8", color=color) for color in colors])
    assert bands.names == ("red", "green", "blue", "band_4")
    assert common(bands) == ["red", "green", "blue", None]


def test_a_description_beats_the_colours_that_gdal_gives_to_any_three_bytes():
    facts = [
        BandFacts(dtype="uint8", description=text, color=color)
        for text, color in (("B08", "red"), ("B04", "green"), ("B03", "blue"))
    ]
    assert common(detect_bands(facts)) == ["nir", "red", "green"]


def test_scale_offset_unit_and_nodata_are_taken_over():
    (band,) = detect_bands([BandFacts(dtype="uint16", scale=1e-4, offset=-0.1, nodata=0, unit="reflectance")])
    assert (band.scale, band.offset, band.nodata, band.unit, band.is_scaled) == (1e-4, -0.1, 0, "reflectance", True)


def test_a_real_sentinel_2_scene_is_named_by_its_own_words(shared_data):
    from napari_geolabel.imagery import open_scene

    with open_scene(shared_data / "s2cloudless/S2_L1C_betsiboka_13band_uint16.tif") as scene:
        assert scene.bands.names == tuple(S2)
        assert common(scene.bands) == S2_COMMON
        assert {band.scale for band in scene.bands} == {1e-4}
