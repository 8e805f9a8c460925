"""Each format opens by its content, and has the pixels and the place that it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery import open_scene, render

PLACE = Affine(10, 0, 399_960, 0, -10, 5_300_040)

pytestmark = pytest.mark.filterwarnings(f"ignore::{NotGeoreferencedWarning.__module__}.NotGeoreferencedWarning")


@pytest.fixture
def write(tmp_path):
    """Write pixels in a format of GDAL and return the path."""

    def make(name: str, driver: str, pixels: np.ndarray, **options) -> Path:
        path = tmp_path / name
        count, rows, cols = pixels.shape
        profile = {"count": count, "height": rows, "width": cols, "dtype": pixels.dtype.name, **options}
        with rasterio.open(path, "w", driver=driver, **profile) as target:
            target.write(pixels)
        return path

    return make


@pytest.mark.parametrize("name", ["scene.jp2", "scene.tif", "scene"])
def test_a_jpeg_2000_file_opens_under_any_name(name, write, random_pixels):
    pixels = random_pixels(2, 1500, 1100)
    options = {"crs": "EPSG:32633", "transform": PLACE, "QUALITY": "100", "REVERSIBLE": "YES"}
    path = write("lossless.jp2", "JP2OpenJPEG", pixels, **options).rename(write.__closure__[0].cell_contents / name)
    with open_scene(path) as scene:
        assert scene.metadata["driver"] == "JP2OpenJPEG"
        assert scene.grid.transform == PLACE
        assert scene.grid.crs.to_epsg() == 32633
        np.testing.assert_array_equal(scene.read().data, pixels)
        assert not scene.levels[1].is_virtual
        assert render(scene, "band_1").shape[2] == 4


@pytest.mark.parametrize("interleave", ["bsq", "bil", "bip"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32", "float64", "complex64"])
def test_an_envi_raster_opens_by_its_data_and_by_its_header(interleave, dtype, write, random_pixels):
    pixels = random_pixels(3, 40, 50, "float32" if dtype == "complex64" else dtype).astype(dtype)
    path = write("scene.img", "ENVI", pixels, INTERLEAVE=interleave, crs="EPSG:32633", transform=PLACE)
    for each in (path, path.with_suffix(".hdr")):
        with open_scene(each) as scene:
            assert scene.metadata["driver"] == "ENVI"
            assert scene.path == path
            assert scene.grid.transform == PLACE
            np.testing.assert_array_equal(scene.read().data, np.abs(pixels) if dtype == "complex64" else pixels)


def test_the_header_of_an_envi_raster_names_bands_and_wavelengths(write, random_pixels):
    path = write("scene.dat", "ENVI", random_pixels(3, 9, 9))
    with path.with_suffix(".hdr").open("a") as header:
        header.write("wavelength units = Nanometers\nwavelength = {490, 560, 842}\n")
    (path.parent / "scene.dat.aux.xml").unlink(missing_ok=True)
    with open_scene(path) as scene:
        assert [band.common_name for band in scene.bands] == ["blue", "green", "nir"]


def test_an_envi_raster_that_is_cut_off_or_alone_is_told(write, random_pixels):
    path = write("scene.img", "ENVI", random_pixels(3, 40, 50))
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    with pytest.raises(SceneError, match=r"cut off: it has 11,900 bytes of at least 12,000"):
        open_scene(path)
    path.write_bytes(whole)
    path.with_suffix(".hdr").unlink()
    with pytest.raises(SceneError, match=r"needs its header"):
        open_scene(path)


def test_a_header_without_its_data_is_told(tmp_path):
    (tmp_path / "scene.hdr").write_text("ENVI\nsamples = 4\nlines = 4\nbands = 1\ndata type = 1\n")
    with pytest.raises(SceneError, match=r"scene\.hdr .* data is not beside it"):
        open_scene(tmp_path / "scene.hdr")


@pytest.mark.parametrize(("driver", "world"), [("PNG", "pgw"), ("JPEG", "jgw")])
def test_a_plain_picture_takes_its_place_from_a_world_file(driver, world, write):
    pixels = np.broadcast_to(np.add.outer(np.arange(30), np.arange(40)).astype("uint8") + 60, (3, 30, 40))
    path = write(f"scene.{driver.lower()}", driver, pixels)
    for leftover in path.parent.glob("*.aux.xml"):
        leftover.unlink()
    path.with_suffix(f".{world}").write_text("10\n0\n0\n-10\n399965\n5300035\n")
    with open_scene(path) as scene:
        assert scene.metadata["driver"] == driver
        assert scene.grid.transform == PLACE
        assert not scene.grid.is_georeferenced  # a world file has no CRS
        assert np.abs(scene.read().data.astype(int) - pixels).max() <= (0 if driver == "PNG" else 6)
        assert scene.default_composite() == "true_color"


def test_a_truncated_picture_is_told(write, random_pixels):
    for driver in ("PNG", "JPEG", "JP2OpenJPEG"):
        path = write("scene.pic", driver, random_pixels(3, 300, 300, "uint8"))
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
        with pytest.raises(SceneError, match=r"scene\.pic .*again"):
            open_scene(path)


def test_a_virtual_raster_keeps_place_no_data_scale_and_names(make_tiff, random_pixels, tmp_path):
    pixels = random_pixels(2, 40, 50)
    make_tiff(pixels, "a.tif", crs="EPSG:32633", transform=PLACE)
    (tmp_path / "scene.vrt").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- bands in another order -->\n'
        '<VRTDataset rasterXSize="50" rasterYSize="40"><SRS>EPSG:32633</SRS>'
        "<GeoTransform>399960, 10, 0, 5300040, 0, -10</GeoTransform>"
        + "".join(
            f'<VRTRasterBand dataType="UInt16" band="{i}"><Description>{name}</Description><NoDataValue>7</NoDataValue>'
            '<Scale>0.0001</Scale><ComplexSource><SourceFilename relativeToVRT="1">a.tif</SourceFilename>'
            f"<SourceBand>{3 - i}</SourceBand></ComplexSource></VRTRasterBand>"
            for i, name in enumerate(("nir", "red"), 1)
        )
        + "</VRTDataset>"
    )
    with open_scene(tmp_path / "scene.vrt") as scene:
        assert scene.bands.names == ("nir", "red")
        assert scene.bands[0].scale == 1e-4
        assert scene.nodata == 7
        assert scene.grid.transform == PLACE
        np.testing.assert_array_equal(scene.read().data, pixels[::-1])


def test_bands_of_a_virtual_raster_may_be_of_different_types(make_tiff, random_pixels, tmp_path):
    kinds = {"uint8": "Byte", "int16": "Int16", "float32": "Float32"}
    arrays = {dtype: random_pixels(1, 9, 9, dtype) for dtype in kinds}
    bands = []
    for i, (dtype, gdal) in enumerate(kinds.items(), 1):
        make_tiff(arrays[dtype], f"{dtype}.tif")
        bands.append(
            f'<VRTRasterBand dataType="{gdal}" band="{i}"><SimpleSource><SourceFilename relativeToVRT="1">{dtype}.tif'
            "</SourceFilename></SimpleSource></VRTRasterBand>"
        )
    (tmp_path / "mixed.vrt").write_text(f'<VRTDataset rasterXSize="9" rasterYSize="9">{"".join(bands)}</VRTDataset>')
    with open_scene(tmp_path / "mixed.vrt") as scene:
        assert scene.dtype == np.float32
        np.testing.assert_array_equal(scene.read().data, np.concatenate(list(arrays.values())).astype("float32"))


def test_a_virtual_raster_may_be_a_link_as_gdal_follows_it(make_tiff, random_pixels, tmp_path):
    pixels = random_pixels(1, 9, 9)
    make_tiff(pixels, "a.tif")
    (tmp_path / "scene.vrt").write_text(
        '<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="UInt16" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">a.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>'
    )
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.vrt"
    link.symlink_to(tmp_path / "scene.vrt")
    with open_scene(link) as scene:
        np.testing.assert_array_equal(scene.read().data, pixels)
    shutil.rmtree(tmp_path / "elsewhere")


@pytest.mark.parametrize("interleave", ["band", "pixel"])
@pytest.mark.parametrize(
    "layout", [{"blockysize": 1}, {"tiled": True, "blockxsize": 64, "blockysize": 32}, {}], ids=str
)
@pytest.mark.parametrize(
    "options", [{}, {"compress": "lzw", "predictor": 2}, {"BIGTIFF": "YES"}, {"NBITS": 12}], ids=str
)
def test_every_layout_of_a_tiff_has_the_same_pixels(interleave, layout, options, make_tiff, random_pixels):
    pixels = random_pixels(3, 130, 150) % 4096
    with open_scene(make_tiff(pixels, interleave=interleave, **layout, **options)) as scene:
        np.testing.assert_array_equal(scene.read().data, pixels)
        window = (slice(63, 101), slice(5, 149))
        np.testing.assert_array_equal(scene.read(window=window).data, pixels[:, *window])


def test_one_bit_is_zero_or_one(make_tiff):
    pixels = (np.indices((1, 20, 30)).sum(0) % 2).astype("uint8")
    with open_scene(make_tiff(pixels, NBITS=1)) as scene:
        np.testing.assert_array_equal(scene.read().data, pixels)


def test_what_was_never_written_is_no_data_or_zero(tmp_path):
    profile = {"driver": "GTiff", "count": 1, "dtype": "int16", "tiled": True, "SPARSE_OK": "TRUE", "nodata": -9}
    with rasterio.open(tmp_path / "sparse.tif", "w", height=5000, width=5000, **profile) as target:
        target.write(np.full((256, 256), 5, "int16"), 1, window=rasterio.windows.Window(512, 1024, 256, 256))
    with open_scene(tmp_path / "sparse.tif") as scene:
        found = scene.read(window=(slice(1000, 1300), slice(500, 800)))[0]
        assert (found.data[24:280, 12:268] == 5).all()
        assert found.mask.sum() == 300 * 300 - 256 * 256


def test_a_scene_larger_than_memory_shows_and_reads(tmp_path):
    profile = {"driver": "GTiff", "count": 4, "dtype": "uint16", "tiled": True, "SPARSE_OK": "TRUE", "BIGTIFF": "YES"}
    with rasterio.open(tmp_path / "huge.tif", "w", height=90_000, width=90_000, **profile) as target:
        target.write(np.ones((4, 256, 256), "uint16"), window=rasterio.windows.Window(81_920, 40_960, 256, 256))
    with open_scene(tmp_path / "huge.tif") as scene:
        assert scene.read(window=(slice(40_960, 41_000), slice(81_920, 82_000))).all()
        assert scene.read("band_1", window=(slice(0, 9), slice(0, 9))).sum() == 0


@pytest.mark.parametrize(
    ("dtype", "nodata"),
    [
        ("float32", -3.4028234663852886e38), ("float32", float("nan")), ("float64", -1.7976931348623157e308),
        ("float32", float("inf")), ("uint8", 255), ("int16", -32768), ("uint16", 65535), ("int32", -2147483648),
    ],
)  # fmt: skip
def test_extreme_values_for_no_data_are_masked_and_nothing_else(dtype, nodata, make_tiff, random_pixels):
    pixels = random_pixels(1, 40, 40, dtype) // 2
    pixels[0, 3, 4] = pixels[0, 20:22, 30] = np.dtype(dtype).type(nodata)
    with open_scene(make_tiff(pixels, nodata=nodata)) as scene:
        found = scene.read()
        assert found.mask.sum() == 3
        assert found.mask[0, 3, 4]
        assert scene.sample(4.5, 3.5) == {"band_1": None}
