"""``geolabel info`` and ``geolabel render``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import tifffile
from affine import Affine
from pyproj import CRS

from napari_geolabel.geo import GeoGrid


def test_info_tells_size_place_and_bands(run: Callable[..., Any], scene_path: Path) -> None:
    text = run("info", scene_path).stdout
    assert "512 x 512 pixels, 3 bands, uint8" in text
    assert "EPSG:32633, WGS 84 / UTM zone 33N" in text
    assert "10 x 10 m on the ground" in text
    assert "399960, 5300040" in text
    assert "true_color" in text
    lines = text.splitlines()
    assert any(line.split()[:3] == ["1", "red", "red"] for line in lines)


def test_info_as_json_is_what_the_library_says(run: Callable[..., Any], scene_path: Path) -> None:
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.imagery.summary import summary

    told = json.loads(run("info", scene_path, "--json").stdout)
    with open_scene(scene_path) as scene:
        assert told == json.loads(json.dumps(summary(scene), default=str))


def test_info_says_how_a_grid_lies(run: Callable[..., Any], write_scene: Callable[..., Path], grid: GeoGrid) -> None:
    text = run("info", write_scene(grid)).stdout
    assert ("rotated" in text) == bool(grid.transform.b)
    assert ("south up" in text) == (grid.transform.b == 0 and grid.transform.e > 0)


def test_info_on_a_scene_without_a_place_says_so(run: Callable[..., Any], write_scene: Callable[..., Path]) -> None:
    text = run("info", write_scene(GeoGrid(shape=(20, 30), transform=Affine.identity()))).stdout
    assert "georeference  none" in text
    assert "CRS" not in text


def test_bands_without_a_meaning_are_shown_alone_until_they_are_named(
    run: Callable[..., Any], write_scene: Callable[..., Path]
) -> None:
    path = write_scene(bands=("", "", "", ""))
    plain = run("info", path).stdout
    assert "true_color" not in plain
    assert "--bands blue,green,red,nir" in plain
    assert "make demo" not in plain
    named = run("info", path, "--bands", "blue,green,red,nir").stdout
    assert "true_color" in named
    assert "ndvi" in named


@pytest.fixture
def band_files(write_scene: Callable[..., Path]) -> list[Path]:
    """Red, green and blue in a file each."""
    return [write_scene(name=f"{name}.tif", bands=(name,)) for name in ("red", "green", "blue")]


def test_several_files_are_told_of_as_the_one_scene_that_they_make(
    run: Callable[..., Any], band_files: list[Path]
) -> None:
    text = run("info", *band_files).stdout
    assert "512 x 512 pixels, 3 bands, uint8" in text
    assert "true_color" in text
    assert all(str(path) in text for path in band_files)


def test_a_folder_of_bands_is_told_of_and_rendered(
    run: Callable[..., Any], band_files: list[Path], tmp_path: Path
) -> None:
    told = json.loads(run("info", tmp_path, "--json").stdout)
    assert {band["name"] for band in told["bands"]} == {"red", "green", "blue"}
    result = run("render", tmp_path, "-o", tmp_path / "a.png", "--max-size", 100)
    assert "True colour, 100 x 100 pixels" in result.stdout


def test_files_that_are_no_one_scene_end_in_a_sentence(
    run: Callable[..., Any], write_scene: Callable[..., Path]
) -> None:
    far = GeoGrid(shape=(9, 9), transform=Affine(10, 0, 399_960, 0, -10, 5_300_040), crs=CRS.from_epsg(32634))
    result = run("info", write_scene(name="a.tif"), write_scene(far, "b.tif"))
    assert result.exit_code == 1
    assert "a.tif" in result.stderr
    assert "different CRSs" in result.stderr


def test_a_page_is_chosen_by_its_number(run: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    with tifffile.TiffWriter(path) as writer:
        for side in (30, 50):
            writer.write(np.ones((side, side), "uint8"), metadata=None)
    assert "50 x 50 pixels" in run("info", path).stdout
    assert "2 pages" in run("info", path).stdout
    assert "30 x 30 pixels" in run("info", path, "--page", 1).stdout
    refused = run("info", path, "--page", "third")
    assert refused.exit_code == 1
    assert "no page 'third'" in refused.stderr


def test_a_file_that_claims_thousands_of_bands_is_listed_in_part(run: Callable[..., Any], tmp_path: Path) -> None:
    with rasterio.open(tmp_path / "many.tif", "w", driver="GTiff", width=1, height=1, count=300, dtype="uint8") as many:
        many.write(np.ones((300, 1, 1), "uint8"))
    text = run("info", tmp_path / "many.tif").stdout
    assert "and 236 bands more" in text
    assert len(text.splitlines()) < 90


def picture(path: Path) -> np.ndarray:
    with rasterio.open(path) as png:
        return np.moveaxis(png.read(), 0, -1)


def test_a_picture_is_what_the_library_renders(run: Callable[..., Any], scene_path: Path, tmp_path: Path) -> None:
    from napari_geolabel import open_scene, render

    result = run("render", scene_path, "-o", tmp_path / "a.png", "--max-size", 200)
    assert "True colour, 200 x 200 pixels" in result.stdout
    with open_scene(scene_path) as scene:
        assert np.array_equal(picture(tmp_path / "a.png"), render(scene, "true_color", max_size=200))


def test_size_zero_is_full_resolution(run: Callable[..., Any], scene_path: Path, tmp_path: Path) -> None:
    run("render", scene_path, "-o", tmp_path / "a.png", "--max-size", 0, "-c", "green")
    assert picture(tmp_path / "a.png").shape == (512, 512, 4)


def test_an_expression_is_a_composite(run: Callable[..., Any], scene_path: Path, tmp_path: Path) -> None:
    expression = "(red - green) / (red + green)"
    result = run("render", scene_path, "-o", tmp_path / "a.png", "-c", expression)
    assert expression in result.stdout
    pixels = picture(tmp_path / "a.png")
    assert np.array_equal(pixels[..., 0], pixels[..., 1])
    assert len(np.unique(pixels[..., 0])) > 5


def test_a_fixed_stretch_sets_black_and_white(run: Callable[..., Any], scene_path: Path, tmp_path: Path) -> None:
    run("render", scene_path, "-o", tmp_path / "a.png", "-c", "red", "--stretch", "fixed 100,110", "--max-size", 0)
    grey = picture(tmp_path / "a.png")[..., 0]
    with rasterio.open(scene_path) as scene:
        red = scene.read(1)
    assert (grey[red <= 100] == 0).all()
    assert (grey[red >= 110] == 255).all()


@pytest.mark.parametrize("stretch", ["98,2", "2,200"])
def test_a_stretch_that_makes_no_sense_is_refused(
    run: Callable[..., Any], scene_path: Path, tmp_path: Path, stretch: str
) -> None:
    result = run("render", scene_path, "-o", tmp_path / "a.png", "--stretch", stretch)
    assert result.exit_code == 1
    assert not (tmp_path / "a.png").exists()


def test_a_real_scene_is_neither_too_dark_nor_too_bright(
    run: Callable[..., Any], shared_data: Path, tmp_path: Path
) -> None:
    scene = shared_data / "s2cloudless" / "S2_L1C_betsiboka_13band_uint16.tif"
    run("render", scene, "-o", tmp_path / "a.png", "-c", "false_color", "--max-size", 400)
    pixels = picture(tmp_path / "a.png")
    assert pixels.shape[2] == 4
    assert 40 < pixels[..., :3].mean() < 215
