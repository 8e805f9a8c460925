"""``geolabel overviews`` builds levels in the cache folder, or beside the file when asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from typer.testing import CliRunner

from napari_geolabel.cli import app
from napari_geolabel.imagery import open_scene


@pytest.fixture
def cache_home(tmp_path, monkeypatch) -> Path:
    """A cache folder that is not the user's own."""
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "cache")
    return tmp_path / "cache" / "overviews"


@pytest.fixture
def scene(tmp_path) -> Path:
    """A scene without overviews."""
    path = tmp_path / "scene" / "wide.tif"
    path.parent.mkdir()
    pixels = np.random.default_rng(3).integers(0, 999, (1, 900, 1500)).astype("uint16")
    profile = {"count": 1, "height": 900, "width": 1500, "dtype": "uint16", "crs": "EPSG:32633"}
    with rasterio.open(
        path, "w", driver="GTiff", transform=rasterio.Affine(10, 0, 5e5, 0, -10, 5e6), **profile
    ) as target:
        target.write(pixels)
    return path


def test_levels_go_to_the_cache_folder_once(scene, cache_home):
    first = CliRunner().invoke(app, ["overviews", str(scene)])
    assert first.exit_code == 0
    [built] = cache_home.iterdir()
    assert str(built) in first.output
    assert list(scene.parent.iterdir()) == [scene]
    second = CliRunner().invoke(app, ["overviews", str(scene)])
    assert second.exit_code == 0
    assert "its levels are built already" in second.output
    with open_scene(scene) as opened:
        assert opened.source.store.reduced is not None


def test_beside_the_data_only_when_asked(scene, cache_home):
    before = scene.read_bytes()
    result = CliRunner().invoke(app, ["overviews", str(scene), "--beside"])
    assert result.exit_code == 0
    assert scene.read_bytes() == before
    assert not cache_home.exists()
    with rasterio.open(scene) as dataset:
        assert dataset.overviews(1)


def test_a_scene_that_needs_none_is_told_in_a_sentence(scene, cache_home):
    CliRunner().invoke(app, ["overviews", str(scene), "--beside"])
    result = CliRunner().invoke(app, ["overviews", str(scene)])
    assert result.exit_code == 1
    assert "needs no overviews" in result.output


def test_the_sensor_can_be_chosen_and_is_told(scene):
    plain = CliRunner().invoke(app, ["info", str(scene), "--sensor", "none"])
    assert "  sensor " not in plain.output
    chosen = CliRunner().invoke(app, ["info", str(scene), "--sensor", "sentinel1_grd", "--bands", "VV"])
    assert "Sentinel-1 GRD (amplitude) [sentinel1_grd], by your choice" in chosen.output
    unknown = CliRunner().invoke(app, ["info", str(scene), "--sensor", "hubble"])
    assert unknown.exit_code == 1
    assert "no sensor named 'hubble'" in unknown.output


def test_a_folder_of_bands_gets_the_levels_of_each_file(scene, cache_home):
    scene.rename(scene.with_name("red.tif"))
    (scene.parent / "nir.tif").write_bytes(scene.with_name("red.tif").read_bytes())
    done = CliRunner().invoke(app, ["overviews", str(scene.parent)])
    assert done.exit_code == 0, done.output
    assert len(list(cache_home.iterdir())) == 2
    again = CliRunner().invoke(app, ["overviews", str(scene.parent)])
    assert "its levels are built already" in again.output
