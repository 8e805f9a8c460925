"""A TIFF that ends before its data does is found out at once; odd ones are left to GDAL."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery import open_scene
from napari_geolabel.imagery.structure import check_whole, orientation_note


@pytest.mark.parametrize(
    "layout",
    [{}, {"tiled": True, "compress": "lzw"}, {"BIGTIFF": "YES"}, {"interleave": "band"}, {"ENDIANNESS": "BIG"}],
    ids=str,
)
def test_a_whole_file_passes_and_a_cut_one_does_not(layout, make_tiff, random_pixels):
    path = make_tiff(random_pixels(2, 600, 600), **layout)
    check_whole(path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 4])
    with pytest.raises(SceneError, match=r"scene.tif is cut off: it has [\d,]+ bytes of at least [\d,]+"):
        check_whole(path)


def test_a_sparse_file_is_whole(tmp_path):
    path = tmp_path / "sparse.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=4096, width=4096, dtype="uint8", tiled=True, SPARSE_OK="TRUE"
    ):
        pass
    check_whole(path)


@pytest.mark.parametrize("content", [b"II*\0", b"II*\0\x08\0\0\0\xff\xff", b"MM\0*\0\0\0\x08\0\x01" + b"\xff" * 12])
def test_what_cannot_be_understood_is_left_to_gdal(content, tmp_path):
    path = tmp_path / "odd.tif"
    path.write_bytes(content)
    check_whole(path)


def test_a_directory_that_points_at_itself_ends(tmp_path, make_tiff):
    path = make_tiff(np.ones((1, 4, 4), "uint8"))
    data = bytearray(path.read_bytes())
    start = int.from_bytes(data[4:8], "little")
    end = start + 2 + 12 * int.from_bytes(data[start : start + 2], "little")
    data[end : end + 4] = start.to_bytes(4, "little")
    path.write_bytes(data)
    check_whole(path)


@pytest.mark.parametrize("value", range(1, 9))
def test_a_picture_that_asks_to_be_turned_is_shown_as_it_is_stored_and_said_to_be(value, tmp_path):
    import tifffile

    path = tmp_path / "turned.tif"
    pixels = np.arange(12, dtype="uint8").reshape(3, 4)
    tifffile.imwrite(path, pixels, extratags=[(274, "H", 1, value, True)])
    with open_scene(path) as scene, rasterio.open(path) as dataset:
        np.testing.assert_array_equal(scene.read().data[0], pixels)
        np.testing.assert_array_equal(scene.read().data, dataset.read())
        told = [note for note in scene.metadata.notes if "Orientation" in note]
    assert len(told) == (value != 1)
    assert all(f"({value})" in note for note in told)


def test_real_files_that_ask_to_be_turned(shared_data):
    notes = {
        number: orientation_note(shared_data / "large_image" / f"test_orient{number}.tif") for number in (0, 1, 2, 4)
    }
    assert notes[0] is None, "no orientation has that number"
    assert notes[1] is None
    assert "left to right" in notes[2]
    assert "top to bottom" in notes[4]


def test_a_file_that_is_no_tiff_asks_for_nothing(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"no tiff")
    assert orientation_note(tmp_path / "a.tif") is None
