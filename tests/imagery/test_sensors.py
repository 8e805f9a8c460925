"""Sensor profiles are sound data, and hold what the agencies publish."""

from __future__ import annotations

import re

import pytest

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.bands import COMMON_NAMES, COMMON_WAVELENGTHS_UM, identifier
from napari_geolabel.imagery.expression import parse_expression
from napari_geolabel.imagery.sensors import find_sensor, normal_name, sensors


@pytest.fixture(params=list(sensors()))
def sensor(request):
    """Every profile in turn."""
    return find_sensor(request.param)


def test_every_sensor_that_was_promised_is_there():
    assert set(sensors()) == {
        "sentinel2", "sentinel2_l1c", "sentinel2_l2a", "landsat_oli_l1", "landsat_oli_l2", "landsat_etm_l1",
        "landsat_etm_l2", "landsat_tm_l1", "landsat_tm_l2", "planetscope_4", "planetscope_8", "rapideye",
        "worldview2", "worldview3", "pleiades", "spot67", "naip", "sentinel1_grd", "sentinel1_rtc", "sentinel1_db",
    }  # fmt: skip


def test_band_names_are_unique_and_usable_in_expressions(sensor):
    names = [band.name for band in sensor.bands]
    assert len({normal_name(name) for name in names}) == len(names)
    assert [identifier(name) for name in names] == names


def test_common_names_are_those_of_stac_and_each_is_used_once(sensor):
    common = [band.common_name for band in sensor.bands if band.common_name]
    assert set(common) <= COMMON_NAMES
    assert len(set(common)) == len(common)


def test_wavelengths_are_in_micrometres_and_near_what_the_common_name_means(sensor):
    for band in sensor.bands:
        if band.wavelength_um is None or band.common_name not in COMMON_WAVELENGTHS_UM:
            continue
        low, _, high = COMMON_WAVELENGTHS_UM[band.common_name]
        assert low - band.fwhm_um / 2 <= band.wavelength_um <= high + band.fwhm_um / 2, band.name


def test_layouts_name_no_band_twice(sensor):
    for layout in sensor.layouts:
        assert len(set(layout.bands)) == len(layout.bands)


def test_two_layouts_of_one_length_are_told_apart(sensor):
    open_lengths = [len(each.bands) for each in sensor.layouts if not (each.condition.file or each.condition.tag)]
    assert len(set(open_lengths)) == len(open_lengths)


def test_rules_name_bands_that_there_are(sensor):
    names = {band.name for band in sensor.bands}
    for rule in sensor.scales:
        assert (rule.bands or names) <= names
    for composite in sensor.composites:
        for channel in composite.channels:
            assert set(parse_expression(channel).names) <= names


def test_every_sensor_can_be_recognised_somehow(sensor):
    assert sensor.files or sensor.tags
    for pattern in sensor.files:
        assert set(pattern.groupindex) <= {"band"}
        assert pattern.flags & re.IGNORECASE


@pytest.mark.parametrize(
    ("name", "normal"), [("B04", "B4"), ("b8a", "B8A"), ("B08A", "B8A"), ("B10", "B10"), ("SR_B04", "SR_B4")]
)
def test_leading_zeros_and_capitals_of_band_names_do_not_matter(name, normal):
    assert normal_name(name) == normal


def test_a_band_of_landsat_s_level_2_is_found_without_its_prefix():
    sensor = find_sensor("landsat_oli_l2")
    assert sensor.band("B4").name == "SR_B4"
    assert sensor.band("B10").name == "ST_B10"
    assert sensor.band("B11") is None
    assert sensor.band("ST_B10").number == "10"


@pytest.mark.parametrize(
    ("id_", "band", "centre"),
    [
        ("sentinel2_l2a", "B8A", 0.8647),
        ("landsat_oli_l2", "SR_B5", 0.865),
        ("landsat_tm_l1", "B7", 2.215),
        ("planetscope_8", "green_i", 0.531),
        ("worldview3", "yellow", 0.605),
        ("rapideye", "rededge", 0.71),
    ],
)
def test_published_wavelengths_are_held(id_, band, centre):
    assert find_sensor(id_).band(band).wavelength_um == centre


def test_an_unknown_sensor_is_refused_with_the_list():
    with pytest.raises(SceneError, match=r"no sensor named 'hubble'; choose one of landsat_etm_l1, .*, or none"):
        find_sensor("hubble")
    assert find_sensor(" PlanetScope_4 ").id == "planetscope_4"
