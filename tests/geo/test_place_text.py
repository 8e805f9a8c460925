"""Places as people write them."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.geo.place_text import parse_place

UTM = GeoGrid(shape=(1000, 1000), transform=Affine(10, 0, 560_000, 0, -10, 6_025_000), crs=CRS.from_epsg(32632))
PIXELS = GeoGrid(shape=(300, 400), transform=Affine.identity())
KIEL = (10.14, 54.32)


@pytest.mark.parametrize(
    "text",
    [
        "54.32 10.14",
        "54.32, 10.14",
        "54.32N 10.14E",
        "N54.32 E10.14",
        "10.14 E, 54.32 N",
        "54.32° 10.14°",
        "54.32°N 10.14°E",
        "54°19'12\"N 10°08'24\"E",
        "54° 19\u2032 12\u2033 N, 10° 8\u2032 24\u2033 E",
        "54 19 12 N 10 8 24 E",
        "54:19:12N 10:08:24E",
        "54°19.2'N 10°8.4'E",
        "10°8.4'O 54°19.2'N",
        "EPSG:4326 10.14 54.32",
        "epsg:4326 10.14, 54.32",
    ],
)
def test_all_ways_to_write_a_place_on_earth_mean_the_same(text):
    assert parse_place(text, UTM) == pytest.approx(UTM.lonlat_to_pixel([KIEL])[0], abs=1e-3)


def test_the_south_and_the_west_are_negative():
    grid = GeoGrid(shape=(10, 10), transform=Affine(0.1, 0, -70.0, 0, -0.1, -33.0), crs=CRS.from_epsg(4326))
    for text in ("33.5S 69.5W", "-33.5 -69.5", "33°30'S 69°30'W", "-33°30' -69°30'"):
        assert parse_place(text, grid) == pytest.approx((5, 5))


def test_large_numbers_are_map_coordinates():
    assert parse_place("565000 6020000", UTM) == pytest.approx((500, 500))
    assert parse_place("EPSG:32632 565000.5 6020000", UTM) == pytest.approx((500.05, 500))


@pytest.mark.parametrize(
    "text", ["0.5 -175", "0.5 185", "0°30'N 175°W", "185E 0.5N", "EPSG:4326 -175 0.5", "185 0.5", "-175 0.5"]
)
def test_scenes_over_180_degrees_find_a_longitude_on_either_turn(text):
    fiji = GeoGrid(shape=(200, 2000), transform=Affine(0.01, 0, 170, 0, -0.01, 1), crs=CRS.from_epsg(4326))
    assert parse_place(text, fiji) == pytest.approx((1500, 50))
    pacific = GeoGrid(shape=(180, 360), transform=Affine(1, 0, 0, 0, -1, 90), crs=CRS.from_epsg(4326))
    assert parse_place(text, pacific) == pytest.approx((185, 89.5))


def test_rows_and_columns_are_the_middle_of_a_pixel():
    for text in ("row 120 col 340", "r120 c340", "Row 120, Column 340"):
        assert parse_place(text, UTM) == pytest.approx((340.5, 120.5))
    assert parse_place("12.5 7", PIXELS) == pytest.approx((12.5, 7))


@pytest.mark.parametrize(
    "text", ["", "Kiel", "54.32", "1 2 3", "54N 55N", "10E 11W", "54°70'N 10°E", "N54N 10E", "-54N 10E", "54,32 10,14"]
)
def test_what_is_no_place_gets_a_sentence_with_examples(text):
    with pytest.raises(GeoLabelError, match="names no place; write for example"):
        parse_place(text, UTM)


def test_what_cannot_be_is_said():
    with pytest.raises(GeoLabelError, match="latitude is at most 90"):
        parse_place("95°N 10°E", UTM)
    with pytest.raises(GeoLabelError, match="not georeferenced"):
        parse_place("54°N 10°E", PIXELS)


@settings(max_examples=40, deadline=None)
@given(st.floats(54, 54.5), st.floats(9.8, 10.5))
def test_what_the_status_bar_writes_is_read_back(lat, lon):
    found = parse_place(f"{lat:.6f}°N {lon:.6f}°E", UTM)
    assert np.allclose(found, UTM.lonlat_to_pixel([(lon, lat)])[0], atol=0.02)
