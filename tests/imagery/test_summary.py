"""A summary says in plain values what a scene is."""

from __future__ import annotations

import json

import numpy as np
import pytest

from napari_geolabel.imagery import open_scene, summary


def test_a_summary_can_be_written_as_json_and_says_what_matters(grid, make_tiff, random_pixels):
    place = {"crs": grid.crs.to_wkt(), "transform": grid.transform}
    path = make_tiff(
        random_pixels(2, 512, 512), descriptions=["B04", "B8A"], scales=[1e-4] * 2, nodata=0, overviews=(2,), **place
    )
    with open_scene(path) as scene:
        told = json.loads(json.dumps(summary(scene), allow_nan=False))
    assert (told["rows"], told["cols"], told["dtype"], told["nodata"]) == (512, 512, "uint16", 0)
    assert told["grid"]["crs"] == f"EPSG:{grid.crs.to_epsg()}"
    assert told["grid"]["georeferenced"]
    assert told["grid"]["transform"] == pytest.approx(list(grid.transform)[:6])
    assert told["grid"]["pixel_size_m"]["width"] > 0
    assert [band["common_name"] for band in told["bands"]] == ["red", "nir08"]
    assert told["composites"] == ["ship_nir", "ndvi", "B04", "B8A"]
    assert told["default_composite"] == "B04"
    assert [level["stored"] for level in told["levels"]] == [True, True]
    assert told["file"]["georeference"] == "transform"
    assert told["sensor"]["id"] == "sentinel2"
    assert [note.split(";")[0] for note in told["notes"]] == ["taken for Sentinel-2 by the names of its bands"]


def test_without_a_place_on_earth_the_summary_says_so(make_tiff):
    with open_scene(make_tiff(np.ones((1, 5, 6), "float32"), nodata=np.nan)) as scene:
        told = json.loads(json.dumps(summary(scene), allow_nan=False))
    assert told["grid"] == {
        "georeferenced": False,
        "transform": [1, 0, 0, 0, 1, 0],
        "crs": None,
        "pixel_size_m": None,
    }
    assert told["nodata"] == "nan"
    assert "no georeference" in told["notes"][0]


def test_every_real_scene_can_be_summarised(shared_data):
    for name in (
        "planet_ships/1056417_2017-03-08_RE3_3A_Visual_clip.tif",
        "solaris_spacenet/sar_hh.tif",
        "gdal_autotest/byte_gcp.tif",
        "ukis_csmask/sentinel2_6band_uint16_nocrs.tif",
        "gdal_autotest/stats_nodata_posinf.tif",
        "gdal_autotest/oddsize1bit.tif",
    ):
        with open_scene(shared_data / name) as scene:
            assert json.loads(json.dumps(summary(scene), allow_nan=False))["name"] == scene.name
