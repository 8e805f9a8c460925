"""Rendered pictures have the size, the pixels and the colours that were asked for."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from napari_geolabel.errors import BandNotFoundError, CompositeError, SceneError, WriteError
from napari_geolabel.imagery import Picture, contact_sheet, open_scene, render, write_png
from napari_geolabel.imagery.contact_sheet import MAX_TILES

RGB = ("red", "green", "blue")


@pytest.fixture
def scene(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(3, 900, 1500, "uint8"), descriptions=RGB, overviews=(2,))) as opened:
        yield opened


@pytest.mark.parametrize(
    ("max_size", "shape"),
    [(None, (900, 1500)), (1500, (900, 1500)), (4000, (900, 1500)), (750, (450, 750)), (100, (60, 100)), (1, (1, 1))],
)
def test_the_longest_side_is_what_was_asked(max_size, shape, scene):
    picture = render(scene, max_size=max_size)
    assert picture.shape == (*shape, 4)
    assert picture.dtype == np.uint8


def test_full_resolution_is_the_picture_s_first_level(scene):
    full = Picture(scene, "true_color").levels[0]
    np.testing.assert_array_equal(render(scene, max_size=None), full[:, :])


def test_a_reduced_picture_takes_pixels_of_a_level_that_is_fine_enough(scene):
    picture = Picture(scene, "true_color")
    assert [level.level.factor for level in picture.levels] == pytest.approx([1, 2, 4], rel=0.01)
    np.testing.assert_array_equal(render(scene, max_size=750), picture.levels[1][:, :])
    third = ((np.arange(500) + 0.5) * 1.5).astype(int)
    np.testing.assert_array_equal(render(scene, max_size=500), picture.levels[1][:, :][third[:300, None], third])


def test_a_window_is_cut_out(scene):
    whole = render(scene, max_size=None)
    window = (slice(100, 340), slice(1200, None))
    np.testing.assert_array_equal(render(scene, window=window), whole[window])
    assert render(scene, window=window, max_size=60).shape == (48, 60, 4)


@pytest.mark.parametrize("window", [(slice(0, 0), slice(0, 5)), (slice(2000, 3000), slice(0, 5))])
def test_an_empty_window_is_refused(window, scene):
    with pytest.raises(SceneError, match="holds no pixels"):
        render(scene, window=window)


def test_a_size_without_pixels_is_refused(scene):
    with pytest.raises(SceneError, match="max_size 0"):
        render(scene, max_size=0)


def test_a_composite_that_the_scene_lacks_is_told_by_band(scene):
    with pytest.raises(BandNotFoundError, match="no band named 'nir'; this scene has red, green, blue"):
        render(scene, "false_color")


def test_png_files_hold_the_picture_and_replace_the_old_one_whole(scene, tmp_path):
    picture = render(scene, max_size=64)
    path = tmp_path / "picture.png"
    path.write_text("old")
    write_png(path, picture)
    with Image.open(path) as image:
        np.testing.assert_array_equal(np.asarray(image), picture)
    write_png(path, picture[..., :3])
    with Image.open(path) as image:
        assert image.mode == "RGB"
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".png"] == ["picture.png"]
    with pytest.raises(WriteError, match="is not a folder"):
        write_png(tmp_path / "nowhere" / "a.png", picture)


def test_a_contact_sheet_shows_every_composite_with_a_caption(scene):
    sheet = contact_sheet(scene, tile_px=300)
    assert sheet.shape[2] == 4
    assert (sheet[..., 3] == 255).all()
    tile = render(scene, max_size=300)[..., :3]
    rows, cols = tile.shape[:2]
    found = [
        (y, x)
        for y in range(sheet.shape[0] - rows)
        for x in range(30)
        if (sheet[y, x, :3] == tile[0, 0]).all() and (sheet[y : y + rows, x : x + cols, :3] == tile).all()
    ]
    assert len(found) == 1
    top, left = found[0]
    caption = sheet[top - 20 : top - 2, left : left + cols, :3]
    assert caption.max() > 200  # there is light text on the dark ground
    assert caption[0].max() < 200


def test_a_contact_sheet_of_chosen_composites_is_as_large_as_they_need(scene):
    one = contact_sheet(scene, ["red"], tile_px=100)
    two = contact_sheet(scene, ["red", "true_color"], tile_px=100)
    assert one.shape[0] * one.shape[1] < two.shape[0] * two.shape[1]
    with pytest.raises(CompositeError, match="at least one"):
        contact_sheet(scene, [])


def test_invalid_pixels_are_grey_on_a_contact_sheet_and_not_black(make_tiff):
    pixels = np.full((1, 50, 50), 9, "uint8")
    pixels[0, :25] = 0
    with open_scene(make_tiff(pixels, nodata=0)) as scene:
        sheet = contact_sheet(scene, tile_px=50)
        assert (sheet[40, 20, :3] > 40).all()


def test_a_scene_of_very_many_bands_gives_a_sheet_of_bearable_size(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(60, 20, 20, "uint8"))) as scene:
        assert len(scene.composites()) == 60
        sheet = contact_sheet(scene, tile_px=40)
        assert sheet.shape[0] * sheet.shape[1] < MAX_TILES * 100 * 100 * 2


def mean_color(picture, rows, cols):
    part = picture[rows, cols]
    return part[part[..., 3] > 0][:, :3].mean(axis=0)


def test_the_sentinel_2_delta_has_believable_colours(shared_data):
    with open_scene(shared_data / "s2cloudless/S2_L1C_betsiboka_13band_uint16.tif") as scene:
        picture = render(scene)
        cloud = mean_color(picture, slice(20, 60), slice(400, 470))
        bay = mean_color(picture, slice(240, 260), slice(150, 180))
        river = mean_color(picture, slice(600, 606), slice(460, 470))
        assert cloud.min() > 190
        assert np.ptp(cloud) < 25  # white
        assert bay.max() < 130
        assert bay[0] < bay[2]  # water is not red
        assert river[0] > river[2] + 25  # the Betsiboka is
        land = picture[640:700, 150:300][..., :3]
        assert 40 < np.median(land) < 150  # and land is neither black nor blown out


def test_the_unnamed_dutch_scene_has_green_lawns_once_its_bands_are_named(shared_data):
    path = shared_data / "solaris_spacenet/ms1.tif"
    with open_scene(path) as scene:
        assert list(scene.composites()) == ["band_1", "band_2", "band_3", "band_4"]
    with open_scene(path, bands=["blue", "green", "red", "nir"]) as scene:
        lawn = mean_color(render(scene), slice(140, 160), slice(228, 240))
        assert lawn[1] > lawn[0] + 10
        assert lawn[1] > lawn[2] + 10
        infrared = mean_color(render(scene, "false_color"), slice(140, 160), slice(228, 240))
        assert infrared[0] > 2 * infrared[1:].max()


def test_the_ship_scene_is_bright_ships_on_darker_water(shared_data):
    with open_scene(next((shared_data / "planet_ships").glob("*.tif"))) as scene:
        picture = render(scene, max_size=None)
        ships, _ = ndimage.label((picture[..., :3] > 240).all(axis=-1))
        sizes = np.bincount(ships.ravel())[1:]
        assert (sizes > 200).sum() == 4
        water = mean_color(picture, slice(150, 250), slice(40, 100))
        assert 60 < water.mean() < 160
        assert water[0] < water[1]
        assert 0 < (picture[..., 3] == 0).mean() < 0.05


@pytest.mark.parametrize("max_size", [256])
def test_a_huge_scene_without_overviews_is_rendered_without_loading_it(max_size, shared_data):
    with open_scene(next((shared_data / "xarray_sentinel_s1").glob("*.tiff"))) as scene:
        picture = render(scene, scene.default_composite(), max_size=max_size)
        assert picture.shape == (166, 256, 4)


def test_a_picture_that_was_rendered_is_not_kept_in_the_scene_s_memory(scene):
    render(scene, "true_color", max_size=20)
    before = scene.source.store.cache.size_bytes
    for _ in range(3):
        render(scene, "true_color", max_size=20)
    assert scene.source.store.cache.size_bytes == before
