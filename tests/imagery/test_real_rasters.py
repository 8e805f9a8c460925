"""Every real raster opens or is refused, and what opens has the pixels and the place that rasterio gives it."""

from __future__ import annotations

import runpy
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from pyproj import CRS
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery import Scene, open_scene

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
SUFFIXES = {".tif", ".tiff", ".vrt", ".jp2"}
FILES = sorted(str(p.relative_to(DATA)) for p in DATA.rglob("*") if p.suffix.lower() in SUFFIXES)
SIDE_PX = 96
STRICTER = {"gdal_autotest/empty_gcplist.vrt"}  # a fuzzer's file, with words that no VRT has


@pytest.fixture(scope="session")
def opener(shared_data: Path) -> Iterator[Any]:
    """Opens files in a process of its own with limited memory, as the script for docs/compatibility.md does."""
    script = runpy.run_path(str(ROOT / "scripts" / "compatibility.py"), run_name="compatibility")
    opener = script["Opener"](shared_data)
    yield opener
    opener.close()


@pytest.fixture(scope="session")
def page() -> tuple[str, str]:
    """What docs/compatibility.md lists as refused and as opened."""
    _, refused, opened = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8").split("\n## ")
    return refused, opened


@pytest.mark.parametrize("name", FILES)
def test_a_raster_opens_or_is_refused_in_one_sentence_as_the_documentation_says(name, opener, page):
    outcome = opener.open(name)
    assert "bug" not in outcome
    assert "crash" not in outcome
    assert outcome["seconds"] < 20
    assert outcome["peak_bytes"] < 1_500_000_000
    assert f"\n| {name} |" in page[outcome["opens"]]
    if not outcome["opens"]:
        assert name.partition("/")[0] in outcome["sentence"]
        assert "\n" not in outcome["sentence"]
        assert len(outcome["sentence"]) > 30


@pytest.mark.parametrize("name", FILES)
def test_pixels_no_data_and_place_are_those_of_rasterio(name, shared_data):
    path = shared_data / name
    try:
        scene = open_scene(path)
    except GeoLabelError:
        assert name in STRICTER or not _rasterio_reads(path)
        return
    with scene, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path) as dataset:
            assert scene.grid.shape == dataset.shape
            assert scene.grid.transform == dataset.transform
            assert (scene.grid.crs is None) == (not dataset.crs or CRS.from_wkt(dataset.crs.to_wkt()).is_engineering)
            if scene.grid.crs is not None:
                assert scene.grid.crs.equals(CRS.from_wkt(dataset.crs.to_wkt()), ignore_axis_order=True)
            for window in _windows(*dataset.shape):
                _compare(scene, dataset, window)


def _rasterio_reads(path: Path) -> bool:
    """Return whether rasterio can read a raster, at any level of detail."""
    try:
        with rasterio.open(path) as dataset:
            dataset.read(out_shape=(dataset.count, min(dataset.height, 64), min(dataset.width, 64)))
    except RasterioError:
        return False
    return True


def _compare(scene: Scene, dataset: rasterio.DatasetReader, window: Window) -> None:
    """Compare values, no data and validity of every band in a window."""
    found = scene.read(window=window.toslices())
    for place, band in enumerate(scene.bands):
        number = band.index + 1
        expected = dataset.read(number, window=window)
        values = np.abs(expected) if expected.dtype.kind == "c" else expected
        stated = dataset.nodatavals[band.index]
        assert band.nodata == stated or (np.isnan(band.nodata) and np.isnan(stated))
        valid = ~found.mask[place]
        np.testing.assert_array_equal(found.data[place][valid], values[valid].astype(found.dtype))
        if expected.dtype.kind != "c":
            np.testing.assert_array_equal(found.data[place], values.astype(found.dtype))
        if scene.alpha is None and dataset.colorinterp[-1].name == "alpha":
            continue  # rasterio takes a band for alpha that holds no such thing
        invalid = dataset.read_masks(number, window=window) == 0
        if values.dtype.kind == "f":
            invalid |= np.isnan(values)
        np.testing.assert_array_equal(found.mask[place], invalid)


def _windows(rows: int, cols: int) -> Iterator[Window]:
    """Yield the whole of a small raster; corners and middle of a large one."""
    if rows * cols <= 4 * SIDE_PX**2:
        yield Window(0, 0, cols, rows)
        return
    height, width = min(rows, SIDE_PX), min(cols, SIDE_PX)
    for row, col in [(0, 0), (0, cols - width), (rows - height, 0), (rows - height, cols - width)]:
        yield Window(col, row, width, height)
    yield Window((cols - width) // 2, (rows - height) // 2, width, height)


@pytest.mark.parametrize(
    "name",
    [
        "byte.tif", "int16.tif", "uint32.tif", "float32.tif", "int12.tif", "byte_zstd.tif",
        "byte_bigtiff_strip5lines.tif", "byte.vrt", "uint16_3band.vrt", "mfloat32.vrt",
    ],
)  # fmt: skip
def test_pixels_have_the_checksum_that_gdal_publishes(name, shared_data, tmp_path):
    with open_scene(shared_data / "gdal_autotest" / name) as scene:
        pixels = scene.read().data
    with rasterio.open(
        tmp_path / "copy.tif", "w", driver="GTiff", count=1, height=20, width=20, dtype=pixels.dtype
    ) as copy:
        copy.write(pixels[0], 1)
    with rasterio.open(tmp_path / "copy.tif") as copy:
        assert copy.checksum(1) == 4672


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's own peak memory")
def test_the_first_picture_of_a_scene_of_430_million_pixels_takes_little_memory(shared_data):
    """25,788 x 16,685 pixels in strips of one row, without overviews, in a process of its own."""
    (path,) = (shared_data / "xarray_sentinel_s1").glob("*.tiff")
    code = f"""
from napari_geolabel.imagery import Picture, open_scene
with open_scene({str(path)!r}) as scene:
    assert scene.grid.shape == (16685, 25788)
    picture = Picture(scene, scene.default_composite())
    level = picture.levels[-1]
    assert max(level.shape) < 1000
    import numpy as np
    np.asarray(level)
    kept = scene.source.store.cache.size_bytes
# not ru_maxrss, which a child inherits from the process that forked it
(peak,) = (line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(peak, kept)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=180)
    peak_kilobytes, kept_bytes = (int(word) for word in run.stdout.split())
    assert peak_kilobytes < 1_000_000
    assert kept_bytes < 16_000_000  # the decimated level, and no tile of the full resolution
