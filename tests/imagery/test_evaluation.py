"""Expressions over scenes use reflectance, mask what has no value and work in pieces."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import rasterio

from napari_geolabel.errors import BandNotFoundError, ExpressionError, UnscaledWarning
from napari_geolabel.imagery import evaluate, open_scene
from napari_geolabel.imagery import evaluation as module


@pytest.fixture
def scene(make_tiff):
    pixels = np.array([[[1000, 0, 2000, 500]], [[3000, 4000, 2000, 500]]], "uint16")
    path = make_tiff(pixels, descriptions=["B04", "B8A"], nodata=0, scales=[1e-4] * 2, offsets=[-0.05] * 2)
    with open_scene(path) as opened:
        yield opened


def test_inputs_are_reflectance(scene):
    result = evaluate(scene, "(nir - red) / (nir + red)")
    assert result.dtype == np.float32
    assert result.mask.tolist() == [[False, True, False, True]]  # nodata; and 0 divided by 0
    np.testing.assert_allclose(result.compressed(), [(0.25 - 0.05) / 0.3, 0], atol=1e-6)


def test_a_band_alone_is_an_expression(scene):
    np.testing.assert_allclose(evaluate(scene, "nir").data, [[0.25, 0.35, 0.15, 0]], atol=1e-7)
    np.testing.assert_allclose(evaluate(scene, "B8A").data, evaluate(scene, "nir08").data)


def test_windows_and_levels_are_taken(make_tiff, random_pixels):
    pixels = random_pixels(2, 900, 800, "float32")
    with open_scene(make_tiff(pixels, descriptions=["red", "nir"])) as scene:
        window = (slice(10, 20), slice(700, None))
        np.testing.assert_allclose(evaluate(scene, "red + nir", window=window), pixels.sum(axis=0)[window], rtol=1e-5)
        assert evaluate(scene, "red", level=1).shape == scene.levels[1].shape
        assert evaluate(scene, "red", window=(slice(0, 0), slice(None))).shape == (0, 800)


def test_a_large_scene_in_pieces_equals_the_whole(make_tiff, random_pixels, monkeypatch):
    pixels = random_pixels(2, 301, 207, "int16")
    with open_scene(make_tiff(pixels, descriptions=["red", "nir"])) as scene:
        whole = evaluate(scene, "max(red, nir) / 2")
        monkeypatch.setattr(module, "_BLOCK_PIXELS", 1000)
        np.testing.assert_array_equal(evaluate(scene, "max(red, nir) / 2").data, whole.data)
        np.testing.assert_array_equal(whole.data, pixels.max(axis=0) / 2)


def test_what_is_wrong_is_named(scene):
    with pytest.raises(BandNotFoundError, match="no band named 'swir16'"):
        evaluate(scene, "nir / swir16")
    with pytest.raises(ExpressionError, match="cannot be read"):
        evaluate(scene, "nir /")
    with pytest.raises(ExpressionError, match="reads no band, only wavelengths"):
        evaluate(scene, "wavelength_nir - wavelength_red")


def test_a_published_ndvi_is_reproduced(shared_data):
    names = ["B1", "blue", "green", "red", "B5", "B6", "B7", "nir", "B8A=nir08", "B11", "B12"]
    folder = shared_data / "sen2r"
    with open_scene(folder / "S2A2A_20170703_022_Barbellino_BOA_10.tif", bands=names) as scene:
        ndvi = evaluate(scene, "(nir - red) / (nir + red)")
    with rasterio.open(folder / "S2A2A_20170703_022_Barbellino_NDVI_10.tif") as dataset:
        published = dataset.read(1, masked=True)
    both = ~ndvi.mask & ~np.ma.getmaskarray(published)
    assert both.mean() > 0.5
    assert np.abs(ndvi.data[both] * 1e4 - published.data[both]).max() <= 0.51


def test_an_index_is_evaluated_by_its_id(scene):
    assert evaluate(scene, "savi").mask.tolist() == [[False, True, False, False]]
    np.testing.assert_allclose(evaluate(scene, "savi")[0, 0], 1.5 * (0.25 - 0.05) / (0.3 + 0.5), rtol=1e-5)


def test_stored_numbers_are_warned_of_once_where_a_scale_would_change_the_result(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(2, 9, 9), descriptions=["red", "nir"])) as unscaled:
        with pytest.warns(UnscaledWarning, match="red hold stored numbers without a scale") as told:
            evaluate(unscaled, "nir - red")
        assert len(told) == 1
        scaled = unscaled.with_band("red", scale=1e-4).with_band("nir", scale=1e-4)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UnscaledWarning)
            evaluate(unscaled, "ndvi")
            evaluate(unscaled, "nir")
            evaluate(scaled, "nir - red")
