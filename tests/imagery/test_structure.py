"""A TIFF that ends before its data does is found out at once; odd ones are left to GDAL."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.structure import check_whole


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
