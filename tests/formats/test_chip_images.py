"""Pictures of training sets say of each pixel what the scene says: its value, or that there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import rasterio

from napari_geolabel.errors import WriteError
from napari_geolabel.formats.chip_images import write_geotiff
from napari_geolabel.imagery.bands import Band, BandSet
from napari_geolabel.imagery.opening import open_scene

RAMP = np.arange(-60, 60).reshape(2, 6, 10)


@pytest.fixture
def written(tmp_path):
    """Write values and where they are valid as a scene, then the scene as a picture; return both as they are read."""

    def write(values, valid=None, *, scales=None, **profile):
        path, picture = tmp_path / "scene.tif", tmp_path / "chip.tif"
        count, height, width = values.shape
        profile |= {"driver": "GTiff", "count": count, "height": height, "width": width, "dtype": values.dtype}
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "w", **profile) as target:
            target.write(values)
            if valid is not None:
                target.write_mask(valid)
            if scales is not None:
                target.scales, target.offsets = scales, [0.5] * count
        with open_scene(path) as scene:
            pixels = scene.read()
            write_geotiff(picture, pixels, scene.grid, scene.bands)
        return pixels, picture

    return write


def check_same(pixels, picture):
    """A picture, read by us and by rasterio alone, has the same valid pixels and no others."""
    with open_scene(picture) as chip, rasterio.open(picture) as plain:
        for read in (chip.read(), plain.read(masked=True)):
            assert np.array_equal(np.ma.getmaskarray(read), np.ma.getmaskarray(pixels))
            assert np.array_equal(read.compressed(), pixels.compressed())
    assert [path.name for path in picture.parent.glob("chip*")] == ["chip.tif"]


@pytest.mark.parametrize(
    ("dtype", "nodata"), [("int16", -9999), ("int16", 0), ("uint8", 255), ("float32", -3.4e38), ("float32", np.nan)]
)
def test_a_scene_s_own_nodata_stays_and_zero_is_a_value_like_others(written, dtype, nodata):
    values = np.abs(RAMP).astype(dtype)
    values[:, 1:3, 4:6] = np.array(nodata, dtype)
    pixels, picture = written(values, nodata=nodata)
    check_same(pixels, picture)
    with rasterio.open(picture) as plain:
        assert plain.nodata == pytest.approx(np.array(nodata, dtype).item(), nan_ok=True)


def test_nodata_is_named_also_where_a_picture_has_none(written):
    _, picture = written(np.abs(RAMP).astype("uint8") + np.uint8(1), nodata=0)
    with rasterio.open(picture) as plain:
        assert plain.nodata == 0


@pytest.mark.parametrize("dtype", ["uint8", "int16"])
def test_a_mask_of_the_scene_is_a_mask_of_the_picture_where_every_value_may_occur(written, dtype):
    valid = np.ones((6, 10), bool)
    valid[2:4, :3] = False
    pixels, picture = written(np.abs(RAMP).astype(dtype), valid)
    assert np.ma.getmaskarray(pixels).sum() == 12
    assert (pixels.compressed() == 0).any()
    check_same(pixels, picture)


def test_floats_under_a_mask_are_not_a_number(written):
    valid = np.ones((6, 10), bool)
    valid[0] = False
    pixels, picture = written(RAMP.astype("float32"), valid)
    check_same(pixels, picture)


def test_a_nodata_value_that_the_type_cannot_hold_means_nothing(written):
    _, picture = written(np.abs(RAMP).astype("uint8"))
    again = picture.with_name("again.tif")
    with open_scene(picture) as scene:
        write_geotiff(again, scene.read(), scene.grid, BandSet([replace(scene.bands[0], nodata=-9999.0)]))
    with rasterio.open(again) as plain:
        assert plain.nodata is None
        assert plain.read().tolist() == np.abs(RAMP).tolist()


def test_scale_and_offset_come_along(written):
    _, picture = written(np.abs(RAMP).astype("uint16"), scales=[0.1, 0.2])
    with open_scene(picture) as chip:
        assert [band.scale for band in chip.bands] == [0.1, 0.2]
        assert [band.offset for band in chip.bands] == [0.5, 0.5]
        assert chip.read(reflectance=True)[1, 0, 0] == pytest.approx(0.2 * chip.read()[1, 0, 0] + 0.5)


def of_bands(path, values, invalid, nodata):
    """Write pixels of bands that each have their own nodata value; return them and the picture."""
    values = np.asarray(values)
    pixels = np.ma.masked_array(values, np.asarray(invalid, bool))
    bands = [Band(name=f"b{i}", index=i, dtype=str(values.dtype), nodata=value) for i, value in enumerate(nodata)]
    with open_scene(path.with_name("place.tif")) as scene:
        write_geotiff(path, pixels, scene.grid, BandSet(bands))
    return pixels, path


@pytest.fixture
def picture(tmp_path):
    profile = {"driver": "GTiff", "count": 1, "height": 2, "width": 2, "dtype": "uint8"}
    with rasterio.open(tmp_path / "place.tif", "w", **profile) as target:
        target.write(np.ones((1, 2, 2), "uint8"))
    return tmp_path / "chip.tif"


@pytest.mark.parametrize(
    ("nodata", "first", "second", "told"),
    [
        ((0, -9999), [0, 5, 5, 5], [7, 0, -9999, 8], -9999),  # zero is a value of the second band
        ((None, -9999), [3, 5, 5, 5], [4, 4, -9999, 4], -9999),
        ((0, 7), [0, 5, 7, 5], [0, 7, 7, 8], -(2**15)),
        ((0, 7), [0, 5, 7, -(2**15)], [0, 7, 7, 8], 2**15 - 1),
    ],
)
def test_bands_with_nodata_of_their_own_stay_invalid_where_each_is(picture, nodata, first, second, told):
    values = np.array([first, second], "int16").reshape(2, 2, 2)
    invalid = np.stack([band == value for band, value in zip(values, nodata, strict=True)])
    check_same(*of_bands(picture, values, invalid, nodata))
    with rasterio.open(picture) as plain:
        assert plain.nodata == told


def test_floats_whose_nodata_values_are_taken_by_other_bands_have_not_a_number(picture):
    values = np.array([[[0, 5], [7, 5]], [[7, 0], [6, 8]]], "float32")
    check_same(*of_bands(picture, values, [[[1, 0], [0, 0]], [[1, 0], [0, 0]]], (0, 7)))
    with rasterio.open(picture) as plain:
        assert np.isnan(plain.nodata)


def test_where_a_declared_value_is_valid_elsewhere_a_mask_tells_what_is_masked_in_all_bands(picture):
    values = np.array([[[0, 5], [7, 5]], [[7, 0], [6, 8]]], "uint8")
    check_same(*of_bands(picture, values, [[[1, 0], [0, 0]], [[1, 0], [0, 0]]], (0, 7)))


def test_bands_that_leave_no_value_free_are_not_written_as_if_all_were_valid(picture):
    values = np.array([[[0, 255], [1, 2]], [[0, 1], [0, 2]]], "uint8")
    with pytest.raises(WriteError, match=r"chip\.tif was not written: .* no value is free"):
        of_bands(picture, values, [[[1, 0], [0, 0]], [[0, 0], [0, 0]]], (0, None))
    assert not picture.exists()
