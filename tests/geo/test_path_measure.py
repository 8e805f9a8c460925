"""Paths on the ground: lengths, bearings and areas on the ellipsoid, and how they read."""

from __future__ import annotations

import pytest
from affine import Affine
from pyproj import CRS, Geod

from napari_geolabel.geo import GeoGrid
from napari_geolabel.geo.path_measure import measure_path

UTM = GeoGrid(shape=(1000, 1000), transform=Affine(10, 0, 495_000, 0, -10, 6_025_000), crs=CRS.from_epsg(32632))
PIXELS = GeoGrid(shape=(300, 400), transform=Affine.identity())


def test_a_path_measures_what_the_ellipsoid_says():
    path = [(500, 500), (500, 400), (600, 400)]
    found = measure_path(UTM, path)
    lon, lat = UTM.pixel_to_lonlat(path).T
    bearing, _, length = Geod(ellps="WGS84").inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    assert found.steps == pytest.approx(length, abs=1e-6)
    assert found.bearings == pytest.approx(bearing % 360, abs=1e-9)
    assert found.bearings[0] == pytest.approx(0, abs=0.01)  # the central meridian runs up
    assert found.bearings[1] == pytest.approx(90, abs=0.02)
    assert found.length == pytest.approx(sum(length))
    assert found.area == pytest.approx(500_000, rel=1e-3)
    assert found.text == "1000.4 m · bearing 90.0° · in all 2000.8 m · closed 50.04 ha"


def test_one_segment_and_none():
    assert measure_path(UTM, [(0, 0)]).text == ""
    assert measure_path(UTM, []).length == 0
    assert measure_path(UTM, [(500, 500), (500, 490)]).text.startswith("100.0 m · bearing 0.0°")
    assert measure_path(UTM, [(0, 0), (0, 1000)]).text.startswith("10.004 km")


def test_without_a_georeference_pixels_are_counted():
    found = measure_path(PIXELS, [(0, 0), (30, 40), (0, 40)])
    assert (found.steps, found.bearings, found.area) == ((50, 30), (), 600)
    assert found.text == "30.0 px · in all 80.0 px · closed 600 px"
    assert not found.is_metric
