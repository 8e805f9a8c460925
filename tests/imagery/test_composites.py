"""Which composites there are, and which of them bands can show."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.errors import BandNotFoundError, CompositeError
from napari_geolabel.imagery import COLORMAPS, Composite, open_scene, render
from napari_geolabel.imagery.bands import COMMON_NAMES, Band, BandSet
from napari_geolabel.imagery.composite import AUTOMATIC, resolve, resolve_names
from napari_geolabel.imagery.composites import (
    composites,
    composites_of,
    default_composite_of,
    favourites,
    find_composite,
    index_composite,
    indices_of,
    unavailable_composites_of,
    unavailable_indices_of,
)
from napari_geolabel.imagery.indices import indices


def bands_of(*names, **keywords):
    return BandSet(
        Band(index=i, name=f"B{i}", common_name=name, **{"dtype": "uint16", **keywords}) for i, name in enumerate(names)
    )


FULL = bands_of("blue", "green", "red", "nir08")
EVERYTHING = BandSet(
    Band(index=i, name=name, common_name=name if name in COMMON_NAMES else None, dtype="float32")
    for i, name in enumerate(sorted(COMMON_NAMES | {"VV", "VH"}))
)

LITERATURE = {
    "true_color": ("red", "green", "blue"),
    "false_color": ("nir", "red", "green"),
    "swir": ("swir22", "nir", "red"),
    "agriculture": ("swir16", "nir", "blue"),
    "geology": ("swir22", "swir16", "blue"),
    "bathymetric": ("red", "green", "coastal"),
    "urban": ("swir22", "swir16", "red"),
    "natural_color_swir": ("swir16", "nir", "red"),
    "snow_cloud": ("swir22", "nir08", "red"),
    "cirrus": ("cirrus",),
    "cirrus_color": ("cirrus", "swir16", "red"),
    "vegetation_rededge": ("nir", "rededge071", "red"),
    "land_water": ("nir", "swir16", "red"),
    "atmospheric_penetration": ("swir22", "swir16", "nir08"),
    "fire": ("swir22", "nir", "blue"),
    "ship_nir": ("nir",),
    "ship_false": ("nir", "green", "blue"),
    "water_quality": ("red", "rededge071", "green"),
    "thermal": ("lwir11",),
    "wv_coastal": ("nir", "yellow", "coastal"),
    "wv_iron": ("nir09", "red", "coastal"),
    "vv_vh": ("VV", "VH", "VV / VH"),
    "sar_ship": ("VH", "VV", "VV"),
}


@pytest.mark.parametrize("id_", LITERATURE)
def test_a_composite_has_the_channels_that_the_literature_gives_it(id_):
    assert composites()[id_].channels == LITERATURE[id_]


def test_ids_are_stable_and_the_two_best_known_come_first():
    assert list(composites())[:2] == ["true_color", "false_color"]
    assert {"ndvi", "ndwi"} <= set(composites_of(EVERYTHING, indexed=False))


def test_every_composite_says_what_shows_how():
    for id_, composite in composites().items():
        assert composite.id == id_
        assert composite.title
        assert composite.description.endswith(".")
        assert composite.colormap is None or composite.colormap in COLORMAPS


def test_every_composite_can_be_shown_by_a_scene_with_all_bands():
    assert set(composites()) <= set(composites_of(EVERYTHING, indexed=False))
    assert not unavailable_composites_of(EVERYTHING)
    assert not unavailable_indices_of(EVERYTHING)


def test_favourites_are_composites_or_indices_but_for_those_of_one_sensor():
    assert set(favourites()) - {"vh_db"} <= {*composites(), *indices()}
    assert favourites()[:2] == ("true_color", "false_color")


def test_what_can_be_shown_is_offered_and_nothing_else():
    assert list(composites_of(FULL, indexed=False)) == [
        "true_color", "false_color", "ship_false", "ship_nir", "ndvi", "ndwi", "B0", "B1", "B2", "B3",
    ]  # fmt: skip
    assert list(composites_of(bands_of("red", "nir"), indexed=False)) == ["ship_nir", "ndvi", "B0", "B1"]
    assert list(composites_of(bands_of(None, None), indexed=False)) == ["B0", "B1"]


@pytest.mark.parametrize("bands", [FULL, bands_of("red", "nir"), bands_of(None), EVERYTHING], ids=len)
def test_every_composite_is_either_offered_or_refused_with_the_missing_band(bands):
    offered, refused = composites_of(bands, indexed=False), unavailable_composites_of(bands)
    assert set(offered).isdisjoint(refused)
    assert set(composites()) | {"ndvi", "ndwi"} <= set(offered) | set(refused)
    for id_, reason in refused.items():
        known = composites().get(id_) or index_composite(indices()[id_])
        named = [name for name in resolve_names(known) if name in reason]
        assert named
        assert reason.startswith("needs ")


def test_the_reason_names_all_bands_that_are_missing():
    assert unavailable_composites_of(FULL)["geology"] == "needs swir22 and swir16, which this scene does not have"
    assert unavailable_indices_of(FULL)["ndmi"] == "needs swir16, which this scene does not have"


def test_indices_are_offered_by_the_bands_too():
    assert {"ndvi", "evi", "savi", "ndwi"} <= set(indices_of(FULL))
    assert "nbr" not in indices_of(FULL)
    assert set(indices_of(FULL)) | set(unavailable_indices_of(FULL)) == set(indices())


def test_decibels_are_no_linear_power():
    decibels = BandSet(Band(index=i, name=name, dtype="float32", unit="dB") for i, name in enumerate(("VV", "VH")))
    assert "vhvvr" not in indices_of(decibels)
    assert unavailable_indices_of(decibels)["vhvvr"] == "needs linear power, and VV and VH hold decibels"


def test_a_sensor_has_composites_of_its_own_in_the_place_of_others():
    bands = BandSet(Band(index=i, name=name, dtype="float32") for i, name in enumerate(("VV", "VH")))
    own = Composite(id="vv_vh", title="In decibels", channels=("VV", "VH", "VV - VH"))
    assert composites_of(bands, indexed=False, special=[own])["vv_vh"] is own
    assert composites_of(bands, indexed=False)["vv_vh"].channels[2] == "VV / VH"


def test_limits_of_reflectance_hold_only_for_reflectance():
    stored = composites_of(FULL, indexed=False)
    scaled = composites_of(bands_of("blue", "green", "red", "nir08", scale=1e-4), indexed=False)
    assert stored["ship_nir"].stretch == AUTOMATIC
    assert scaled["ship_nir"].stretch == composites()["ship_nir"].stretch != AUTOMATIC
    assert stored["ndvi"].stretch == scaled["ndvi"].stretch != AUTOMATIC
    assert indices_of(FULL)["evi"].stretch == AUTOMATIC


def test_a_band_called_like_a_composite_keeps_a_name_of_its_own():
    bands = BandSet(
        [
            Band(index=0, name="ndvi", dtype="int16"),
            Band(index=1, name="a", common_name="nir", dtype="int16"),
            Band(index=2, name="b", common_name="red", dtype="int16"),
        ]
    )
    offered = composites_of(bands, indexed=False)
    assert list(offered) == ["ship_nir", "ndvi", "ndvi_band", "a", "b"]
    assert offered["ndvi_band"].channels == ("ndvi",)
    assert resolve(offered["ndvi"], bands).indexes == (1, 2)
    assert default_composite_of(offered, bands) == "ndvi_band"


def test_the_scene_starts_in_true_colour_or_with_its_first_band():
    assert default_composite_of(composites_of(FULL, indexed=False), FULL) == "true_color"
    few = bands_of("nir", "red")
    assert default_composite_of(composites_of(few, indexed=False), few) == "B0"


def test_composites_are_found_by_id_by_index_and_by_band():
    offered = composites_of(FULL, indexed=False)
    assert find_composite("swir", composites_of(EVERYTHING, indexed=False), EVERYTHING) == composites()["swir"]
    assert find_composite("savi", offered, FULL).channels == (indices()["savi"].expression,)
    assert find_composite("green", offered, FULL).channels == ("B1",)


@pytest.mark.parametrize(("id_", "band"), [("swir", "swir22"), ("ndmi", "swir16"), ("cirrus", "cirrus")])
def test_asking_for_what_cannot_be_shown_names_the_band(id_, band):
    with pytest.raises(BandNotFoundError, match=f"no band named '{band}'"):
        find_composite(id_, composites_of(FULL, indexed=False), FULL)


def test_an_unknown_id_is_refused():
    with pytest.raises(CompositeError, match="no composite named 'nonsense'; this scene has true_color, "):
        find_composite("nonsense", composites_of(FULL, indexed=False), FULL)


def test_radar_power_is_shown_in_decibels_between_the_usual_limits(make_tiff):
    power = np.float32([[[0.1, 0, 1.0]], [[0.01, 0, 10**-0.5]]])
    with open_scene(make_tiff(power, descriptions=("VV", "VH")), sensor="sentinel1_rtc") as scene:
        assert scene.default_composite() in {"vv_db", "vv_vh"}
        (first, second, third) = render(scene, "vv_vh", max_size=None)[0].tolist()
    # -10 dB of -20..0, -20 dB of -26..-5, and 10 dB of 1..15
    assert first == [round(255 * 10 / 20 + 0.01), round(255 * 6 / 21), round(255 * 9 / 14), 255]
    assert second == [0, 0, 0, 0]  # the logarithm of nothing is no data
    assert third == [255, 255, round(255 * 4 / 14), 255]
