"""Opening is safe, and whatever cannot be opened is told in one sentence."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import rasterio
import tifffile

from napari_geolabel.errors import GeoLabelError, MissingFileError, SceneError, UnsafeFileError
from napari_geolabel.imagery import open_scene


def refused(path: str | Path, kind: type[GeoLabelError], *words: str) -> str:
    """Open a file that must be refused, check the sentence and return it."""
    with pytest.raises(kind) as caught:
        open_scene(path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    for word in words:
        assert word in sentence
    return sentence


VRT = '<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>\
<SourceFilename relativeToVRT="0">{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>\
</VRTRasterBand></VRTDataset>'


def test_a_missing_file_is_told(tmp_path):
    refused(tmp_path / "nothing.tif", MissingFileError, "nothing.tif", "check the path")


def test_a_folder_without_rasters_is_told(tmp_path):
    refused(tmp_path, SceneError, str(tmp_path), "holds no GeoTIFF")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello, I am a text\n", "a text file"),
        (b"", "is empty"),
        (b"{}", "a JSON file"),
        (b"PK\x03\x04zip", "a zip archive"),
        (b"\x89HDF\r\n", "an HDF5"),
        (b"\x00\x01\x02\x03", "an unknown format"),
        (b"<?xml version='1.0'?><x/>", "an XML file"),
    ],
)
def test_what_is_no_scene_is_called_by_its_name(content, words, tmp_path):
    path = tmp_path / "picture.tif"
    path.write_bytes(content)
    sentence = refused(path, SceneError, str(path), words)
    assert any(way_out in sentence for way_out in ("again", "gdal_translate", "unpack it", "raster that it belongs to"))


def test_a_tiff_that_is_only_a_header_is_told(tmp_path):
    path = tmp_path / "torn.tif"
    for content in (b"II*\0", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08\xff\xff", b"II+\0" + b"\0" * 12):
        path.write_bytes(content)
        refused(path, SceneError, "torn.tif", "cut off or damaged")


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.98])
@pytest.mark.parametrize("layout", [{}, {"tiled": True, "compress": "deflate"}, {"interleave": "band"}], ids=str)
def test_a_truncated_file_is_told_when_it_is_opened(share, layout, make_tiff, random_pixels):
    path = make_tiff(random_pixels(3, 700, 700), **layout)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    refused(path, SceneError, "scene.tif", "copy or download it again")


def test_a_truncated_file_of_others_is_told(shared_data):
    refused(shared_data / "node_gdal_async/truncated.tiff", SceneError, "again")


def test_damage_in_the_middle_is_told_where_it_is(make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 2000, 100), compress="deflate", blockysize=100)
    with tifffile.TiffFile(path) as tiff:
        start = tiff.pages[0].dataoffsets[10]
    data = bytearray(path.read_bytes())
    data[start : start + 60] = os.urandom(60)
    path.write_bytes(data)
    with open_scene(path) as scene:
        assert scene.read(window=(slice(0, 500), slice(None))).shape == (1, 500, 100)
        with pytest.raises(SceneError, match=r"cannot be read at rows .* copy or download it again"):
            scene.read(window=(slice(1000, 1100), slice(None)))


@pytest.mark.parametrize(
    "path", ["http://example.org/a.tif", "/vsicurl/http://example.org/a.tif", "<VRTDataset/>", "a\0b"]
)
def test_what_is_no_local_path_is_refused(path):
    refused(path, UnsafeFileError, "not a local file")


def test_a_pipe_is_refused_and_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.tif")
    refused(tmp_path / "pipe.tif", UnsafeFileError, "not an ordinary file")


@pytest.mark.parametrize(
    "name", ["scene.tif.ovr", "scene.tif.msk", "scene.tif.OVR", "scene.tif.msk.ovr", "scene.tif.ovr.ovr"]
)
def test_a_companion_that_is_no_tiff_never_reaches_the_network(name, make_tiff, random_pixels, listener):
    address, hits = listener
    path = make_tiff(random_pixels(1, 600, 600))
    (path.parent / name).write_text(VRT.format(source=f"/vsicurl/{address}/a.tif"))
    refused(path, UnsafeFileError, name, "move it away")
    assert hits == []


@pytest.mark.parametrize(
    "target",
    ["/vsicurl/{address}/a.tif", "{address}/a.tif", ":::BASE:::evil.vrt", "/etc/hostname", "../evil.tif", "evil.vrt"],
)
def test_an_overview_file_in_the_xml_companion_leads_nowhere(target, make_tiff, random_pixels, listener):
    address, hits = listener
    path = make_tiff(random_pixels(1, 600, 600))
    (path.parent / "evil.vrt").write_text(VRT.format(source=f"{address}/a.tif"))
    (path.parent / "scene.tif.aux.xml").write_text(
        '<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">'
        f"{target.format(address=address)}</MDI></Metadata></PAMDataset>"
    )
    refused(path, UnsafeFileError, "remove" if "vsi" not in target else "scene.tif")
    assert hits == []


@pytest.mark.parametrize("target", ["/vsicurl/{address}/a.tif", "{address}/a.tif", "evil.vrt"])
def test_an_overview_file_in_the_tiff_s_own_tags_leads_nowhere(target, make_tiff, random_pixels, listener):
    address, hits = listener
    path = make_tiff(random_pixels(1, 600, 600))
    (path.parent / "evil.vrt").write_text(VRT.format(source=f"{address}/a.tif"))
    with rasterio.open(path, "r+") as target_file:
        target_file.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=target.format(address=address))
    for companion in path.parent.glob("*.aux.xml"):
        companion.unlink()
    with rasterio.open(path) as dataset:
        assert dataset.tags(ns="OVERVIEWS")
    refused(path, UnsafeFileError, "OVERVIEW_FILE")
    assert hits == []


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]><PAMDataset>&a;</PAMDataset>',
        "<PAMDataset>",
        "\0\0",
        "<PAMDataset><SRS>/VSIcurl/http://a</SRS></PAMDataset>",
        "<PAMDataset><SRS>HTTP://example.org/crs</SRS></PAMDataset>",
        '<PAMDataset><x source="https://example.org"/></PAMDataset>',
    ],
)
def test_an_xml_companion_that_is_unsound_or_points_away_is_refused(content, make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 9, 9))
    (path.parent / "scene.tif.aux.xml").write_text(content)
    refused(path, UnsafeFileError, "scene.tif.aux.xml", "move it away")


def test_honest_companions_are_read(make_tiff, random_pixels):
    from rasterio.enums import Resampling

    path = make_tiff(random_pixels(1, 1000, 1000))
    with rasterio.Env(TIFF_USE_OVR=True), rasterio.open(path, "r+") as dataset:
        dataset.build_overviews([2], Resampling.nearest)
    (path.parent / "scene.tif.aux.xml").write_text(
        '<PAMDataset><Metadata><MDI key="LICENCE">https://example.org/licence</MDI></Metadata></PAMDataset>'
    )
    assert (path.parent / "scene.tif.ovr").exists()
    with open_scene(path) as scene:
        assert not scene.levels[1].is_virtual
        assert scene.metadata["tags"]["LICENCE"].startswith("https")


def test_a_neighbour_with_a_similar_name_is_nobody_s_companion(make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 9, 9))
    (path.parent / "other.tif.ovr").write_text("text")
    (path.parent / "scene.txt").write_text("text")
    with open_scene(path) as scene:
        assert scene.grid.shape == (9, 9)


def test_python_in_a_virtual_raster_is_never_run_whatever_the_environment_says(tmp_path):
    marker = tmp_path / "ran"
    evil = tmp_path / "evil.tif"
    evil.write_text(
        '<VRTDataset rasterXSize="4" rasterYSize="4">'
        '<VRTRasterBand dataType="Byte" band="1" subClass="VRTDerivedRasterBand">'
        "<PixelFunctionLanguage>Python</PixelFunctionLanguage><PixelFunctionType>f</PixelFunctionType>"
        f"<PixelFunctionCode>open({str(marker)!r}, 'w')</PixelFunctionCode></VRTRasterBand></VRTDataset>"
    )
    code = f"from napari_geolabel.imagery import open_scene\nopen_scene({str(evil)!r})"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "GDAL_VRT_ENABLE_PYTHON": "YES"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "UnsafeFileError" in run.stderr
    assert "runs code of its own" in run.stderr
    assert not marker.exists()


def test_a_file_that_claims_65535_bands_is_refused_fast(tmp_path):
    path = tmp_path / "many.tif"
    tags = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)]
    tags += [(277, 3, 1, 65535), (278, 3, 1, 1), (279, 4, 1, 65535), (284, 3, 1, 1)]
    body = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHIHH", t, k, n, v, 0) for t, k, n, v in tags)
    path.write_bytes(b"II*\0\x08\0\0\0" + body + b"\0" * 66000)
    refused(path, SceneError, "65535 bands", "at most 4096")


def test_gigantic_blocks_are_refused(shared_data):
    refused(shared_data / "gdal_autotest/tiff_dos_strip_chop.tif", SceneError, "512 MiB", "TILED=YES")


def test_a_gigantic_scene_without_overviews_is_refused(tmp_path):
    path = tmp_path / "huge.tif"
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "tiled": True, "blockxsize": 4096, "blockysize": 4096}
    with rasterio.open(path, "w", height=300_000, width=300_000, SPARSE_OK="TRUE", BIGTIFF="YES", **profile):
        pass
    refused(path, SceneError, "gdaladdo")


def test_a_refused_file_is_let_go(make_tiff, random_pixels):
    handles = Path("/proc/self/fd")
    if not handles.is_dir():
        pytest.skip("open files cannot be counted on this system")
    path = make_tiff(random_pixels(2, 9, 9))
    before = len(list(handles.iterdir()))
    for _ in range(5):
        with pytest.raises(SceneError):
            open_scene(path, bands=["red"])
    assert len(list(handles.iterdir())) == before


def test_whatever_rasterio_can_read_whole_is_not_called_cut_off(shared_data):
    for path in sorted(shared_data.glob("*/*.[tT][iI][fF]")):
        if path.stat().st_size > 3_000_000:
            continue
        try:
            open_scene(path).close()
        except SceneError as error:
            if "cut off" not in str(error):
                continue
            with pytest.raises(rasterio.errors.RasterioError):
                rasterio.open(path).read()


def test_many_threads_may_open_the_same_file(make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 300, 300), tiled=True, compress="deflate")
    found: list[np.ndarray] = []

    def job() -> None:
        with open_scene(path) as scene:
            found.append(scene.read().data)

    threads = [threading.Thread(target=job) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all((each == found[0]).all() for each in found)


def test_gdal_s_cache_is_given_in_bytes():
    from napari_geolabel.imagery.safety import GDAL_OPTIONS

    assert GDAL_OPTIONS["GDAL_CACHEMAX"] >= 64 * 2**20  # rasterio.Env(GDAL_CACHEMAX=512) means 512 bytes


def test_the_room_is_light_to_import():
    code = (
        "import sys, napari_geolabel.imagery\n"
        "assert not {'rasterio', 'scipy', 'PIL', 'tifffile', 'napari', 'qtpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_tilde_that_is_nobodys_home_is_a_letter_like_others(make_tiff, random_pixels, monkeypatch):
    path = make_tiff(random_pixels(1, 9, 9), "~scene.tif")
    monkeypatch.chdir(path.parent)
    with open_scene("~scene.tif") as scene:
        assert scene.name == "~scene"
    with pytest.raises(MissingFileError, match="~nobody"):
        open_scene("~nobody-of-that-name/scene.tif")
