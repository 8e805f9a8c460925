"""Which pixels of a scene are valid: nodata, NaN, masks and alpha."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import rasterio
import tifffile

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery import open_scene
from napari_geolabel.imagery.bands import BandSet


def test_nodata_is_masked_in_each_band_for_itself(make_tiff):
    pixels = np.array([[[0, 1, 2]], [[3, 0, 4]]], "uint16")
    with open_scene(make_tiff(pixels, nodata=0)) as scene:
        assert scene.nodata == 0
        assert scene.read().mask.tolist() == [[[True, False, False]], [[False, True, False]]]
        assert scene.sample(0, 0) == {"band_1": None, "band_2": 3}


@pytest.mark.parametrize("nodata", [-9999, 0.5, 300, float("nan")])
def test_a_nodata_value_that_bytes_cannot_hold_masks_nothing(nodata, tmp_path):
    # GDAL would not write such a tag into a file of bytes, so it is put there as other programs do
    pixels = np.array([[[0, 255, 44]]], "uint8")
    path = tmp_path / "odd.tif"
    tifffile.imwrite(path, pixels[0], extratags=[(42113, "s", 0, str(nodata), True)])
    with open_scene(path) as scene:
        np.testing.assert_array_equal(scene.read().data, pixels)
        assert not scene.read().mask.any()


def test_nan_is_never_valid(make_tiff):
    pixels = np.array([[[np.nan, 1, -9999, np.inf]]], "float32")
    with open_scene(make_tiff(pixels, nodata=-9999)) as scene:
        assert scene.read().mask.tolist() == [[[True, False, True, False]]]
    with open_scene(make_tiff(pixels, "b.tif", nodata=np.nan)) as scene:
        assert scene.read().mask.tolist() == [[[True, False, False, False]]]
        assert scene.sample(0.5, 0.5) == {"band_1": None}


def test_an_internal_mask_masks_every_band_at_every_level(make_tiff, random_pixels):
    mask = np.full((1600, 1600), 255, "uint8")
    mask[:800] = 0
    path = make_tiff(random_pixels(2, 1600, 1600, "uint8"), mask=mask, overviews=(2,), tiled=True, compress="deflate")
    with open_scene(path) as scene:
        assert scene.metadata["mask"] == "dataset"
        for level in scene.levels:
            masked = scene.read(level=level.index).mask
            half = level.shape[0] // 2
            assert masked[:, :half].all()
            assert not masked[:, half + 1 :].any()
        assert scene.sample(5, 5) == {"band_1": None, "band_2": None}
        assert None not in scene.sample(5, 1599).values()


def test_alpha_is_validity_and_not_a_band(make_tiff, random_pixels):
    pixels = random_pixels(4, 50, 60, "uint8")
    pixels[3] = 255
    pixels[3, :10] = 0
    with open_scene(make_tiff(pixels, colors=["red", "green", "blue", "alpha"])) as scene:
        assert scene.bands.names == ("red", "green", "blue")
        assert scene.metadata["mask"] == "alpha"
        read = scene.read()
        assert read.mask[:, :10].all()
        assert not read.mask[:, 10:].any()
        assert set(scene.sample(0, 0).values()) == {None}
        assert scene.sample(0, 20) == {name: float(pixels[i, 20, 0]) for i, name in enumerate(scene.bands.names)}


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_near_infrared_never_becomes_alpha(dtype, make_tiff, random_pixels):
    pixels = np.abs(random_pixels(4, 80, 90, dtype))
    path = make_tiff(pixels, photometric="RGB", ALPHA="YES")
    with rasterio.open(path) as dataset:
        assert dataset.colorinterp[3].name == "alpha"
    with open_scene(path) as scene:
        assert len(scene.bands) == 4
        assert not scene.read().mask.any()
        np.testing.assert_array_equal(scene.read().data, pixels)
        if dtype != "float32":
            assert any("tagged as alpha" in note for note in scene.metadata["notes"])


def test_four_bytes_written_without_a_word_are_four_bands(tmp_path, random_pixels):
    pixels = random_pixels(4, 40, 40, "uint8")
    path = tmp_path / "four.tif"
    with rasterio.open(path, "w", driver="GTiff", count=4, height=40, width=40, dtype="uint8") as target:
        target.write(pixels)
    with rasterio.open(path) as dataset:
        assert dataset.colorinterp[3].name == "alpha"  # GDAL's guess
    with open_scene(path) as scene:
        assert scene.bands.names == ("red", "green", "blue", "band_4")
        with scene.with_bands(["red", "green", "blue", "nir"]) as named:
            assert "false_color" in named.composites()


def test_a_person_may_name_the_alpha_band_or_leave_it_out(make_tiff, random_pixels):
    pixels = random_pixels(4, 20, 20, "uint8")
    pixels[3] = 255
    path = make_tiff(pixels, colors=["red", "green", "blue", "alpha"])
    with open_scene(path, bands=["blue", "green", "red"]) as scene:
        assert scene.bands.names == ("blue", "green", "red")
    with open_scene(path, bands=["blue", "green", "red", "alpha"]) as scene:
        assert scene.bands.names == ("blue", "green", "red")
    with open_scene(path, bands=["blue", "green", "red", "nir"]) as scene:
        assert scene.bands.find("nir").index == 3
        assert not scene.read().mask.any()
    with pytest.raises(SceneError, match=r"scene.tif: 2 band names were given .* the file has 3 bands"):
        open_scene(path, bands=["red", "green"])


def test_a_nodata_value_that_no_pixel_can_be_means_nothing(make_tiff):
    with open_scene(make_tiff(np.full((1, 4, 4), 7, "uint16"))) as scene:
        scene.bands = BandSet([replace(scene.bands[0], nodata=-9999.0)])
        pixels = scene.read()
        assert not pixels.mask.any()
        assert scene.read(reflectance=True).mean() == 7
