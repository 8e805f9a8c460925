"""A picture is the stretched scene, pixel for pixel, and transparent where a band shown is invalid."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_geolabel.errors import BandNotFoundError, CompositeError, ExpressionError
from napari_geolabel.imagery import Composite, Picture, Stretch, band_levels, colormap, evaluate, open_scene

RGB = ("red", "green", "blue")


def composite_of(*channels, stretch=None, colormap=None):
    return Composite(
        id="x", title="x", channels=channels, stretch=stretch or Stretch.percentile(2, 98), colormap=colormap
    )


def expected_rgba(values, limits, gamma):
    """The plain way: float64, one channel after the other; NaN is invalid."""
    shown = []
    for channel, (low, high) in zip(values, limits, strict=True):
        shown.append(np.clip((channel - low) / (high - low), 0, 1) ** (1 / gamma) * 255)
    valid = ~np.isnan(np.stack(values)).any(axis=0)
    rgba = np.zeros((*valid.shape, 4))
    rgba[valid, :3] = np.stack(shown, axis=-1)[valid]
    rgba[valid, 3] = 255
    return rgba, valid


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"])
@pytest.mark.parametrize("gamma", [1.0, 1.7])
def test_every_data_type_is_stretched_alike(dtype, gamma, make_tiff, random_pixels):
    pixels = random_pixels(4, 150, 333, dtype)
    path = make_tiff(pixels, nodata=7, descriptions=[*RGB, "nir"], scales=[0.5] * 4, offsets=[-3] * 4)
    with open_scene(path) as scene:
        picture = Picture(scene, composite_of("nir", "red", "green", stretch=Stretch.percentile(1, 97, gamma=gamma)))
        values = [np.where(pixels[i] == 7, np.nan, pixels[i] * 0.5 - 3.0) for i in (3, 0, 1)]
        rgba, valid = expected_rgba(values, picture.limits, gamma)
        shown = np.asarray(picture.levels[0][:, :, :])
        assert np.abs(shown.astype(float) - rgba).max() <= 1
        assert ((shown[..., 3] == 255) == valid).all()
        assert (shown[~valid] == 0).all()
        for (low, high), value in zip(picture.limits, values, strict=True):
            assert (low, high) == pytest.approx(tuple(np.nanpercentile(value.astype("float32"), (1, 97))), rel=1e-5)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_all_levels_and_windows_agree_with_the_whole(dtype, make_tiff, random_pixels):
    path = make_tiff(random_pixels(3, 1100, 1300, dtype), descriptions=RGB, overviews=(2,))
    with open_scene(path) as scene:
        picture = Picture(scene, "true_color")
        random = np.random.default_rng(4)
        for level in picture.levels:
            whole = np.asarray(level)
            assert whole.shape == level.shape == (*level.level.shape, 4)
            for _ in range(15):
                (r0, r1), (c0, c1) = (sorted(random.integers(0, side + 1, 2)) for side in level.shape[:2])
                np.testing.assert_array_equal(level[r0:r1, c0:c1], whole[r0:r1, c0:c1])


def test_a_pixel_is_transparent_where_any_band_shown_is_invalid(make_tiff):
    pixels = np.full((4, 3, 5), 100, "uint16")
    pixels[0, 0, 0] = pixels[1, 1, 1] = pixels[2, 2, 2] = pixels[3, 0, 4] = 0
    with open_scene(make_tiff(pixels, nodata=0, descriptions=[*RGB, "nir"])) as scene:
        alpha = np.asarray(Picture(scene, "true_color").levels[0])[..., 3]
        assert sorted(zip(*np.nonzero(alpha == 0), strict=True)) == [(0, 0), (1, 1), (2, 2)]


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_the_file_s_mask_makes_pixels_transparent(dtype, make_tiff, random_pixels):
    mask = np.full((50, 70), 255, "uint8")
    mask[10:20, 30:40] = 0
    with open_scene(make_tiff(random_pixels(3, 50, 70, dtype), mask=mask, descriptions=RGB)) as scene:
        for composite in ("true_color", "green", composite_of("red - green")):
            alpha = np.asarray(Picture(scene, composite).levels[0])[..., 3]
            np.testing.assert_array_equal(alpha, mask)


def test_a_switch_changes_every_level_and_the_array_that_viewers_keep(make_tiff, random_pixels):
    path = make_tiff(random_pixels(4, 800, 900), descriptions=[*RGB, "nir"])
    with open_scene(path) as scene:
        picture = Picture(scene, "true_color")
        kept = np.asarray(picture.levels[-1])
        assert np.asarray(picture.levels[-1]) is kept
        before = kept.copy()
        full = picture.levels[0][:50, :50].copy()
        picture.composite = "false_color"
        assert picture.composite.id == "false_color"
        assert np.asarray(picture.levels[-1]) is kept
        assert (kept != before).any()
        assert (picture.levels[0][:50, :50] != full).any()
        other = Picture(scene, "false_color")
        np.testing.assert_array_equal(kept, np.asarray(other.levels[-1]))
        picture.composite = "true_color"
        np.testing.assert_array_equal(kept, before)


def test_a_switch_that_cannot_be_made_leaves_the_picture_as_it_was(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(3, 80, 90), descriptions=RGB)) as scene:
        picture = Picture(scene, "true_color")
        before = np.asarray(picture.levels[-1]).copy()
        for wrong, error in (("false_color", BandNotFoundError), ("nonsense", CompositeError)):
            with pytest.raises(error):
                picture.composite = wrong
        assert picture.composite.id == "true_color"
        np.testing.assert_array_equal(np.asarray(picture.levels[-1]), before)


def test_reads_during_switches_never_mix_two_composites(make_tiff, random_pixels):
    path = make_tiff(random_pixels(4, 600, 700), descriptions=[*RGB, "nir"], tiled=True, compress="deflate")
    with open_scene(path) as scene:
        picture = Picture(scene, "true_color")
        truths = []
        for name in ("true_color", "false_color", "ndvi"):
            picture.composite = name
            truths.append(picture.levels[0][:, :].copy())

        def look(_: int) -> bool:
            shown = picture.levels[0][:, :]
            return any(np.array_equal(shown, truth) for truth in truths)

        with ThreadPoolExecutor(4) as pool:
            looks = [pool.submit(look, i) for i in range(60)]
            for i in range(90):
                picture.composite = ("true_color", "false_color", "ndvi")[i % 3]
            assert all(each.result() for each in looks)


def test_one_channel_is_gray_unless_a_colormap_is_named(make_tiff):
    pixels = np.linspace(0, 1000, 256).astype("uint16").reshape(1, 16, 16)
    with open_scene(make_tiff(pixels, descriptions=["nir"])) as scene:
        gray = np.asarray(Picture(scene, composite_of("nir", stretch=Stretch.fixed(0, 1000))).levels[0])
        assert (gray[..., 0] == gray[..., 1]).all()
        assert (gray[..., 0] == gray[..., 2]).all()
        assert (np.diff(gray[..., 0].astype(int).ravel()) >= 0).all()
        warm = composite_of("nir", stretch=Stretch.fixed(0, 1000), colormap="heat")
        shown = np.asarray(Picture(scene, warm).levels[0])[..., :3].reshape(-1, 3)
        np.testing.assert_array_equal(shown[0], colormap("heat")[0])
        np.testing.assert_array_equal(shown[-1], colormap("heat")[-1])
        with pytest.raises(CompositeError, match="no colormap named 'jet'"):
            Picture(scene, composite_of("nir", colormap="jet"))


def test_an_expression_is_shown_as_it_is_evaluated(make_tiff, random_pixels):
    pixels = np.abs(random_pixels(2, 60, 70, "int16"))
    with open_scene(make_tiff(pixels, descriptions=["red", "nir"], nodata=0)) as scene:
        composite = composite_of("(nir - red) / (nir + red)", stretch=Stretch.fixed(-1, 1), colormap="vegetation")
        shown = np.asarray(Picture(scene, composite).levels[0])
        ndvi = evaluate(scene, "(nir - red) / (nir + red)")
        index = ((ndvi.filled(0).astype("float64") + 1) / 2 * 255 + 0.5).astype(int)
        near = np.abs(shown[..., :3].astype(int) - colormap("vegetation")[index]).max(axis=-1)
        assert (near[~ndvi.mask] <= 6).all()  # at most one step of the colormap away
        np.testing.assert_array_equal(shown[..., 3] == 0, ndvi.mask)


def test_expressions_may_be_channels_of_three(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(2, 30, 30, "uint8"), descriptions=["red", "nir"])) as scene:
        picture = Picture(scene, composite_of("nir", "red", "nir - red"))
        assert len(picture.limits) == 3
        assert np.asarray(picture.levels[0])[..., 3].all()


def test_a_fixed_stretch_is_in_reflectance(make_tiff):
    pixels = np.array([[[1000, 2000, 4000]]], "uint16")
    with open_scene(make_tiff(pixels, scales=[1e-4], descriptions=["red"])) as scene:
        shown = np.asarray(Picture(scene, composite_of("red", stretch=Stretch.fixed(0.1, 0.3))).levels[0])
        assert shown[0, :, 0].tolist() == [0, 128, 255]


def test_a_palette_is_shown_in_its_own_colours(make_tiff):
    pixels = np.array([[[0, 1, 2, 3]]], "uint8")
    table = {0: (10, 20, 30, 255), 1: (255, 0, 0, 255), 2: (0, 255, 0, 255)}
    with open_scene(make_tiff(pixels, colormap=table, photometric="PALETTE", nodata=2)) as scene:
        assert scene.metadata["palette"]
        shown = np.asarray(Picture(scene, scene.default_composite()).levels[0])[0]
        assert shown[:2].tolist() == [[10, 20, 30, 255], [255, 0, 0, 255]]
        assert shown[2].tolist() == [0, 0, 0, 0]


def test_levels_look_like_arrays_to_viewers(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(3, 1000, 900), descriptions=RGB)) as scene:
        picture = Picture(scene, "true_color")
        level = picture.levels[0]
        assert (level.ndim, level.dtype, level.size, level.nbytes) == (3, np.uint8, 3_600_000, 3_600_000)
        assert level.chunks == (128, 512, 4)
        assert len(level) == 1000
        assert [each.shape[0] for each in picture.levels] == [1000, 500]


def test_zero_sized_windows_are_empty_arrays(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(3, 40, 50), descriptions=RGB)) as scene:
        level = Picture(scene, "true_color").levels[0]
        assert level[5:5, :].shape == (0, 50, 4)
        assert level[:, 60:70].shape == (40, 0, 4)
        assert band_levels(scene, "red")[0][3:3, 2:2].shape == (0, 0)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_levels_are_indexed_as_numpy_indexes(data, tmp_path):
    rows, cols = 23, 31
    path = tmp_path / "indexed.tif"
    if not path.exists():
        with rasterio.open(path, "w", driver="GTiff", count=1, height=rows, width=cols, dtype="uint8") as target:
            target.write(np.random.default_rng(0).integers(0, 255, (1, rows, cols)).astype("uint8"))

    def index(length):
        ints = st.integers(-length, length - 1)
        lists = st.lists(ints, min_size=0, max_size=4).map(lambda i: np.array(i, np.intp))
        return st.one_of(ints, st.slices(length), st.slices(length), lists)

    key = (data.draw(index(rows)), data.draw(index(cols).filter(lambda i: not isinstance(i, np.ndarray))))
    with open_scene(path) as scene:
        level = Picture(scene, "band_1").levels[0]
        whole = level.read((0, rows, 0, cols))
        np.testing.assert_array_equal(level[key], whole[key])
        np.testing.assert_array_equal(level[(*key, slice(0, 3))], whole[(*key, slice(0, 3))])
        np.testing.assert_array_equal(level[key[0]], whole[key[0]])
        np.testing.assert_array_equal(level[..., 1], whole[..., 1])
        flat = band_levels(scene, "band_1")[0]
        np.testing.assert_array_equal(flat[key], np.asarray(flat)[key])


@pytest.mark.parametrize("key", [(23, 0), (-24, 0), (0, 31), (0, 0, 0, 0)])
def test_an_index_out_of_range_is_an_index_error(key, make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(1, 23, 31))) as scene, pytest.raises(IndexError):
        Picture(scene, "band_1").levels[0][key]


def test_band_levels_are_reflectance_with_nan_for_nodata(make_tiff, random_pixels):
    pixels = np.abs(random_pixels(2, 900, 950, "int16"))
    path = make_tiff(pixels, descriptions=["red", "nir"], nodata=0, scales=[1e-4] * 2, offsets=[0.1] * 2)
    with open_scene(path) as scene:
        levels = band_levels(scene, "nir")
        expected = np.where(pixels[1] == 0, np.nan, pixels[1] * 1e-4 + 0.1).astype("float32")
        np.testing.assert_allclose(np.asarray(levels[0]), expected, rtol=1e-6)
        assert levels[0].dtype == np.float32
        assert levels[0].ndim == 2
        index = band_levels(scene, "nir - red")
        for level in index:
            masked = evaluate(scene, "nir - red", level=level.level.index)
            np.testing.assert_array_equal(np.asarray(level), masked.filled(np.nan))
        with pytest.raises(BandNotFoundError, match="swir16"):
            band_levels(scene, "nir - swir16")
        with pytest.raises(ExpressionError):
            band_levels(scene, "nir -")


def test_pictures_of_one_scene_share_their_tiles(make_tiff, random_pixels, monkeypatch):
    with open_scene(make_tiff(random_pixels(3, 512, 512), descriptions=RGB)) as scene:
        first = Picture(scene, "true_color")
        first.levels[0][:, :]
        monkeypatch.setattr(scene.source.store.reader, "read", None)  # nothing is decoded any more
        Picture(scene, "true_color").levels[0][:, :]
        Picture(scene, "red").levels[0][:, :]
        np.asarray(band_levels(scene, "red + blue")[0])


def test_composites_of_the_thirteen_band_scene_equal_plain_numpy(shared_data):
    path = shared_data / "s2cloudless/S2_L1C_betsiboka_13band_uint16.tif"
    random = np.random.default_rng(0)
    with open_scene(path) as scene, rasterio.open(path) as dataset:
        pixels = dataset.read().astype("float64")
        picture = Picture(scene, "true_color")
        for _ in range(12):
            chosen = random.permutation(13)[:3]
            stretch = Stretch.percentile(2, 98, gamma=float(random.uniform(0.7, 2)))
            names = [scene.bands[i].name for i in chosen]
            picture.composite = replace(picture.composite, channels=tuple(names), stretch=stretch)
            values = [np.where(pixels[i] == 0, np.nan, pixels[i] * 1e-4) for i in chosen]
            rgba, valid = expected_rgba(values, picture.limits, stretch.gamma)
            shown = picture.levels[0][:, :]
            assert np.abs(shown.astype(float) - rgba).max() <= 0.51 + 1e-6 * 255
            assert ((shown[..., 3] > 0) == valid).all()


def test_stepping_to_and_fro_makes_no_tables_again(make_tiff, random_pixels):
    with open_scene(make_tiff(random_pixels(12, 40, 50))) as scene:
        picture = Picture(scene, "band_1")
        first = picture._shown
        picture.composite = "band_2"
        picture.composite = "band_1"
        assert picture._shown is first
        for number in range(2, 12):  # more than are kept
            picture.composite = f"band_{number}"
        picture.composite = "band_1"
        assert picture._shown is not first
        np.testing.assert_array_equal(picture.levels[0][:, :], Picture(scene, "band_1").levels[0][:, :])


def test_the_bands_of_a_composite_are_decoded_together(make_tiff, random_pixels):
    names = ["red", "green", "blue"]
    with open_scene(make_tiff(random_pixels(3, 900, 1000), descriptions=names, nodata=0)) as scene:
        decoded = []
        original = scene.source.store.reader.read

        def noting(level, indexes, bounds):
            decoded.append((level.index, sorted(indexes)))
            return original(level, indexes, bounds)

        scene.source.store.reader.read = noting
        np.asarray(Picture(scene, "true_color").levels[-1])
        assert decoded == [(len(scene.levels) - 1, [0, 1, 2])]
