"""The raster reader: the file's own pixels, from any thread, or one sentence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.reader import DATASET_MASK, RasterReader, open_dataset

WHOLE = (0, 60, 0, 70)


@pytest.fixture
def read_back():
    """Open readers that are closed when the test is over."""
    opened = []

    def make(path, **more):
        opened.append(RasterReader(path, **more))
        return opened[-1]

    yield make
    for reader in opened:
        reader.close()


@pytest.fixture
def three_bands(make_tiff, random_pixels, read_back):
    """The pixels of three bands, and a reader of their file."""
    pixels = random_pixels(3, 60, 70)
    return pixels, read_back(make_tiff(pixels, tiled=True, blockxsize=16, blockysize=16, compress="deflate"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_window_of_any_bands_in_any_order_is_the_file_s(data, three_bands):
    pixels, reader = three_bands
    row, row_stop = sorted(data.draw(st.lists(st.integers(0, 60), min_size=2, max_size=2, unique=True)))
    col, col_stop = sorted(data.draw(st.lists(st.integers(0, 70), min_size=2, max_size=2, unique=True)))
    indexes = data.draw(st.lists(st.integers(0, 2), unique=True))
    found = reader.read(reader.levels[0], indexes, (row, row_stop, col, col_stop))
    assert set(found) == set(indexes)
    for index, part in found.items():
        np.testing.assert_array_equal(part, pixels[index, row:row_stop, col:col_stop], strict=True)


def test_an_overview_is_read_as_it_is_stored_and_not_made_anew(make_tiff, read_back):
    import rasterio

    path = make_tiff(np.zeros((1, 60, 70), "uint8"), overviews=(2,))
    with rasterio.open(path, "r+", OVERVIEW_LEVEL=0) as overview:
        overview.write(np.full((1, 30, 35), 7, "uint8"))
    reader = read_back(path)
    assert (reader.read(reader.levels[1], [0], (0, 30, 0, 35))[0] == 7).all()
    assert (reader.read(reader.levels[0], [0], WHOLE)[0] == 0).all()


def test_a_virtual_level_takes_the_nearest_pixels_and_mixes_none(make_tiff, read_back):
    pixels = np.arange(1500 * 3, dtype="uint16").reshape(1, 1500, 3)
    reader = read_back(make_tiff(pixels))
    level = reader.levels[-1]
    assert level.is_virtual
    found = reader.read(level, [0], (0, level.shape[0], 0, level.shape[1]))[0]
    assert np.isin(found, pixels).all()
    assert (np.diff(found[:, 0].astype(int)) > 0).all()


def test_masks_have_indexes_of_their_own(make_tiff, random_pixels, read_back):
    mask = np.zeros((60, 70), bool)
    mask[10:30, 5:50] = True
    reader = read_back(make_tiff(random_pixels(2, 60, 70, "uint8"), mask=mask))
    found = reader.read(reader.levels[0], [1, DATASET_MASK, -2 - 1], WHOLE)
    assert set(found) == {1, DATASET_MASK, -3}
    for index in (DATASET_MASK, -3):
        assert found[index].dtype == np.uint8
        assert ((found[index] > 0) == mask).all()


def test_complex_pixels_are_magnitudes_and_nan_where_nodata(make_tiff, read_back):
    pixels = np.array([[[3 + 4j, -1 + 0j], [0 - 2j, -9 + 0j]]], "complex64")
    reader = read_back(make_tiff(pixels, nodata=-9))
    np.testing.assert_array_equal(reader.read(reader.levels[0], [0], (0, 2, 0, 2))[0], [[5, 1], [2, np.nan]])


def test_a_reader_that_was_closed_says_so(make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 60, 70))
    reader = RasterReader(path)
    reader.close()
    reader.close()
    with pytest.raises(SceneError, match=r"scene\.tif has been closed; open it again"):
        reader.read(reader.levels[0], [0], WHOLE)


def test_threads_share_one_reader_and_one_may_close_it(make_tiff, random_pixels):
    pixels = random_pixels(1, 300, 300)
    reader = RasterReader(make_tiff(pixels, tiled=True, blockxsize=64, blockysize=64, compress="deflate"))

    def read(start):
        return start, reader.read(reader.levels[0], [0], (start, start + 50, 0, 300))[0]

    with ThreadPoolExecutor(8) as pool:
        for start, part in pool.map(read, list(range(0, 250, 5)) * 2):
            np.testing.assert_array_equal(part, pixels[0, start : start + 50])
        racing = [pool.submit(read, start) for start in range(0, 250, 2)]
        reader.close()
    for each in racing:  # each ends in its pixels or in a sentence
        if each.exception() is None:
            start, part = each.result()
            np.testing.assert_array_equal(part, pixels[0, start : start + 50])
        else:
            assert isinstance(each.exception(), SceneError)


def test_damage_is_told_with_the_place_and_the_rest_is_read(make_tiff, random_pixels, read_back):
    pixels = random_pixels(1, 256, 256)
    path = make_tiff(pixels, tiled=True, blockxsize=64, blockysize=64, compress="deflate")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 6000] = bytes(6000)
    path.write_bytes(data)
    reader = read_back(path)
    with pytest.raises(SceneError, match=r"at rows 0 to 256, columns 0 to 256 \(.*copy or download it again"):
        reader.read(reader.levels[0], [0], (0, 256, 0, 256))
    np.testing.assert_array_equal(reader.read(reader.levels[0], [0], (0, 64, 0, 64))[0], pixels[0, :64, :64])


def test_another_format_than_the_content_s_is_not_tried(make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 20, 20, "uint8"), driver="PNG", name="scene.png", photometric=None)
    with pytest.raises(SceneError, match=r"scene\.png cannot be opened as a GeoTIFF") as caught:
        open_dataset(path)
    assert "\n" not in str(caught.value)
