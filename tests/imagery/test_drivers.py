"""The content of a file picks the one driver that may open it."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.drivers import DRIVER_TITLES, data_of_header, driver_of, envi_header


@pytest.mark.parametrize(
    ("start", "driver"),
    [
        (b"II*\0", "GTiff"),
        (b"MM\0*", "GTiff"),
        (b"II+\0", "GTiff"),
        (b"MM\0+", "GTiff"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JP2OpenJPEG"),
        (b"\xff\x4f\xff\x51", "JP2OpenJPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"<VRTDataset>", "VRT"),
        (b"\xef\xbb\xbf \n<VRTDataset>", "VRT"),
        (b"<?xml version='1.0'?><!-- a --><VRTDataset>", "VRT"),
    ],
)
@pytest.mark.parametrize("name", ["a.tif", "a.vrt", "a.png", "a"])
def test_first_bytes_tell_whatever_the_name_says(start, driver, name, tmp_path):
    (tmp_path / name).write_bytes(start + b"rest")
    assert driver_of(tmp_path / name) == driver
    assert driver in DRIVER_TITLES


@pytest.mark.parametrize("header", ["scene.hdr", "scene.img.hdr"])
def test_envi_data_is_known_by_the_header_beside_it(header, tmp_path):
    data = tmp_path / "scene.img"
    data.write_bytes(os.urandom(20).replace(b"<", b" "))
    with pytest.raises(SceneError, match="needs its header"):
        driver_of(data)
    (tmp_path / header).write_text("ENVI\n")
    assert driver_of(data) == "ENVI"
    assert envi_header(data) == tmp_path / header
    assert data_of_header(tmp_path / header) == data


def test_a_header_of_something_else_is_nobody_s(tmp_path):
    (tmp_path / "scene.hdr").write_text("BYTEORDER I\n")
    (tmp_path / "scene.img").write_text("x")
    assert envi_header(tmp_path / "scene.img") is None
    assert data_of_header(tmp_path / "scene.hdr") is None
    assert data_of_header(tmp_path / "scene.img") is None


@pytest.mark.parametrize("word", [b"<VRTDataset", b"<GDAL_WMS", b"<wms_tile", b"<WMTS", b"GDALG"])
@pytest.mark.parametrize("start", [b"\xff\xd8\xff", b"II*\0", b"\x89PNG\r\n\x1a\n"])
def test_a_file_with_two_faces_is_not_trusted(start, word, tmp_path):
    (tmp_path / "a.tif").write_bytes(start + b"\0" * 400 + word)
    with pytest.raises(SceneError, match="do not trust it"):
        driver_of(tmp_path / "a.tif")


@given(st.binary(max_size=200))
def test_any_bytes_have_a_driver_or_a_sentence(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(data)
    try:
        assert driver_of(path) in DRIVER_TITLES
    except SceneError as error:
        assert "any.bin" in str(error)  # noqa: PT017  (most bytes are no raster, some are)
