"""The item of a scene: its bands in the words of STAC, its time, and where its file lies."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from napari_geolabel.formats.stac_scene import scene_item, scene_time
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.bands import BandSet
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.samples import sample_path


@pytest.fixture
def scene(write_scene):
    with open_scene(write_scene()) as opened:
        yield opened


def test_the_sample_scene_is_an_item_that_pystac_takes(tmp_path, valid_stac):
    with open_scene(sample_path("coast.tif")) as coast:
        item = scene_item(coast, tmp_path)
        names = [band.name for band in coast.bands]
        known = {band.name: band.common_name for band in coast.bands}
    assert len(valid_stac(item)) == 4
    bands = item["assets"]["image"]["bands"]
    assert [band["name"] for band in bands] == names
    assert {band["name"]: band.get("eo:common_name") for band in bands} == known
    assert "swir16" in {band.get("eo:common_name") for band in bands}
    assert all(0.3 < band["eo:center_wavelength"] < 13 for band in bands if "eo:center_wavelength" in band)


def test_scaled_bands_say_how_and_others_do_not(scene, tmp_path, valid_stac):
    scaled = scene.with_band("red", scale=0.0001, offset=-0.1, nodata=0.0)
    item = scene_item(scaled, tmp_path)
    valid_stac(item)
    red, green, _ = item["assets"]["image"]["bands"]
    assert (red["raster:scale"], red["raster:offset"], red["nodata"]) == (0.0001, -0.1, 0.0)
    assert not {"raster:scale", "raster:offset", "nodata"} & set(green)


def test_a_nodata_of_nan_is_the_word_that_stac_has_for_it(scene, tmp_path, valid_stac):
    scene.bands = BandSet([replace(scene.bands[0], nodata=float("nan"))])
    item = scene_item(scene, tmp_path)
    valid_stac(item)
    assert item["assets"]["image"]["bands"][0]["nodata"] == "nan"


def test_a_common_name_of_somebody_else_is_left_out(scene, tmp_path, valid_stac):
    item = scene_item(scene, tmp_path)
    valid_stac(item)
    assert {band.get("eo:common_name") for band in item["assets"]["image"]["bands"]} <= {"red", "green", "blue", None}


def test_a_scene_of_which_nobody_knows_the_time_has_that_of_its_file(scene):
    then = datetime(2021, 6, 7, 8, 9, 10, tzinfo=UTC)
    os.utime(scene.path, (then.timestamp(), then.timestamp()))
    assert scene.metadata.acquired is None
    assert scene_time(scene) == "2021-06-07T08:09:10Z"


def test_a_scene_without_a_place_has_neither_geometry_nor_projection(write_scene, nowhere, tmp_path, valid_stac):
    small = GeoGrid(shape=(32, 32), transform=nowhere.transform)
    with open_scene(write_scene(small, name="plain.tif")) as plain:
        item = scene_item(plain, tmp_path)
    valid_stac(item)
    assert item["geometry"] is None
    assert "bbox" not in item
    assert not any(key.startswith("proj:") for key in item["properties"])
    assert not any("projection" in each for each in item["stac_extensions"])
