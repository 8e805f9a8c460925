"""``geolabel demo``: everything once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from napari_geolabel.geo import GeoGrid

ENDINGS = {"_composites.png", "_labels.geojson", "_labels.gpkg", "_semantic.tif", "_instance.tif"}


def written(out: Path, stem: str) -> set[str]:
    """Return the endings of what the demo wrote, sidecar files left out."""
    files = {path.name.removeprefix(stem) for path in out.iterdir()}
    return {name for name in files if not name.endswith((".aux.xml", ".qml", ".losses.json"))}


def test_the_sample_coast_gives_pictures_label_files_and_masks(
    run: Callable[..., Any], tmp_path: Path, sample_data: Path
) -> None:
    result = run("demo", "--out", tmp_path / "demo", "--no-window")
    assert result.exit_code == 0
    assert written(tmp_path / "demo", "coast") == ENDINGS
    assert "EPSG:32633" in result.stdout
    assert "swir16" in result.stdout
    assert "ship" in result.stdout
    last = result.stdout.strip().splitlines()[-1]
    assert "QGIS" in last
    assert "coast_labels.gpkg" in last
    features = json.loads((tmp_path / "demo" / "coast_labels.geojson").read_text())["features"]
    assert len(features) == len(json.loads((sample_data / "coast_truth.geojson").read_text())["features"])
    files = tmp_path / "demo" / "coast_semantic.tif", sample_data / "coast_truth_mask.tif"
    with rasterio.open(files[0]) as mask, rasterio.open(files[1]) as truth:
        assert np.array_equal(mask.read(1), truth.read(1))
        assert mask.transform == truth.transform


def test_a_scene_without_labels_gets_no_label_files_and_says_why(
    run: Callable[..., Any], scene_path: Path, tmp_path: Path
) -> None:
    result = run("demo", scene_path, "--out", tmp_path / "demo", "--no-window")
    assert result.exit_code == 0
    assert written(tmp_path / "demo", "scene") == {"_composites.png"}
    assert "No labels came with this scene" in result.stdout


def test_labels_of_ones_own_are_imported(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    result = run("demo", scene_path, "--labels", labels_path, "--out", tmp_path / "demo", "--no-window")
    assert result.exit_code == 0
    assert written(tmp_path / "demo", "scene") == ENDINGS
    assert "1 ship" in result.stdout


def test_a_scene_without_georeference_gets_masks_but_no_geojson_and_says_why(
    run: Callable[..., Any], write_scene: Callable[..., Path], tmp_path: Path
) -> None:
    path = write_scene(GeoGrid(shape=(100, 120), transform=Affine.identity()), "pixels.tif")
    result = run("demo", path, "--out", tmp_path / "demo", "--no-window")
    assert result.exit_code == 0
    assert "not georeferenced" in result.stdout
    assert "GeoJSON" in result.stdout
    assert not list((tmp_path / "demo").glob("*.geojson"))


def test_a_mask_can_be_the_labels_of_a_scene_without_georeference(
    run: Callable[..., Any], shared_data: Path, tmp_path: Path
) -> None:
    """The mask's 0 is cloud shadow, 1 to 3 are clear and 4 is cloud; 0 is no label here."""
    folder = shared_data / "ukis_csmask"
    mask = folder / "sentinel2_mask_reference.tif"
    classes = ["1=clear", "2=clear", "3=clear", "4=thick_cloud"]
    options = [word for pair in classes for word in ("--class-map", pair)]
    scene = folder / "sentinel2_6band_uint16_nocrs.tif"
    command = ("demo", scene, "--labels", mask, "--ontology", "clouds", *options, "--out", tmp_path, "--no-window")
    result = run(*command)
    assert result.exit_code == 0
    assert "not written: GeoJSON needs longitude and latitude" in result.stdout
    with rasterio.open(tmp_path / "sentinel2_6band_uint16_nocrs_semantic.tif") as ours, rasterio.open(mask) as theirs:
        assert np.array_equal(ours.read(1), np.array([0, 1, 1, 1, 2])[theirs.read(1)])


def test_an_out_folder_that_cannot_be_made_is_named(run: Callable[..., Any], scene_path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = run("demo", scene_path, "--out", tmp_path / "file" / "demo", "--no-window")
    assert result.exit_code == 1
    assert "file/demo" in result.stderr
    assert "--out" in result.stderr


def test_a_bad_scene_makes_no_out_folder(run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_text("no")
    assert run("demo", tmp_path / "a.tif", "--out", tmp_path / "demo").exit_code == 1
    assert not (tmp_path / "demo").exists()


@pytest.mark.gui
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
def test_the_whole_demo_ends_with_a_picture_of_the_window(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "napari_geolabel.cli", "demo", "--out", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    with rasterio.open(tmp_path / "demo" / "coast_window.png") as png:
        pixels = png.read()
    assert pixels.shape[1] > 600
    assert pixels.shape[2] > 900
    assert len(np.unique(pixels[:3].reshape(3, -1), axis=1).T) > 1000, "the window shows no scene"
