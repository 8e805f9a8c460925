"""``geolabel open``: the napari window from the command line."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.cli.screen import screen
from napari_geolabel.geo import GeoGrid


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--labels", "nowhere.geojson"], "nowhere.geojson"),
        (["--ontology", "martime"], "martime"),
        (["--bands", "red,green"], "2"),
    ],
)
def test_what_cannot_be_opened_is_told_before_napari_starts(
    run: Callable[..., Any], scene_path: Path, options: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "napari", None)  # importing it would fail
    result = run("open", scene_path, *options)
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.gui
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
def test_a_picture_of_the_window_shows_the_scene_and_its_labels(
    scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    pictures = []
    with screen() as environment:
        for name, options in (("bare", []), ("labelled", ["--labels", labels_path])):
            command = [sys.executable, "-m", "napari_geolabel.cli", "open", scene_path, "--screenshot", tmp_path / name]
            done = subprocess.run(
                [*map(str, command + options)], env=environment, capture_output=True, text=True, timeout=180
            )
            assert done.returncode == 0, done.stderr
            assert "picture of the window" in done.stdout
            with rasterio.open(tmp_path / name) as png:
                pictures.append(png.read())
    bare, labelled = pictures
    middle = (slice(None), slice(150, 700), slice(450, 1000))
    assert (bare[middle] != labelled[middle]).any(axis=0).sum() > 500, "the labels cannot be seen"
    assert len(np.unique(bare[middle])) > 50, "the scene cannot be seen"


def test_without_a_screen_the_way_out_is_told(
    run: Callable[..., Any], scene_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_geolabel.cli.window.has_screen", lambda: False)
    result = run("open", scene_path)
    assert result.exit_code == 1
    assert "--screenshot" in result.stderr
    assert result.stderr.count("\n") == 1


class _Window:
    """Stands in for the napari window: notes what it was given, and lets the test work in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[tuple[int, Path | None]] = []
        monkeypatch.setattr("napari_geolabel.cli.window.has_screen", lambda: True)
        monkeypatch.setattr("napari_geolabel.cli.window._label", self._label)

    def _label(self, labels: Any, screenshot: Path | None = None, others: Any = ()) -> None:
        self.others = [other.name for other in others]
        self.seen.append((len(labels), labels.path))
        if labels.path is not None and screenshot is None:
            labels.add(shapely.box(10, 10, 20, 20), "ship", kind="box")


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> _Window:
    return _Window(monkeypatch)


def test_labels_are_kept_beside_the_scene_and_gone_on_with(
    run: Callable[..., Any], scene_path: Path, window: _Window
) -> None:
    kept = scene_path.with_name("scene.labels.gpkg")
    assert f"labels are kept in {kept}" in run("open", scene_path).stdout
    assert "own ontology" in run("open", scene_path, "--ontology", "clouds").stdout
    assert window.seen == [(0, kept), (1, kept)]


def test_a_label_file_may_lie_elsewhere(
    run: Callable[..., Any], scene_path: Path, window: _Window, tmp_path: Path
) -> None:
    run("open", scene_path, "--label-file", tmp_path / "mine.labels.gpkg")
    assert window.seen == [(0, tmp_path / "mine.labels.gpkg")]
    assert not scene_path.with_name("scene.labels.gpkg").exists()


def test_or_there_is_none(run: Callable[..., Any], scene_path: Path, window: _Window) -> None:
    run("open", scene_path, "--in-memory")
    assert window.seen == [(0, None)]
    assert not scene_path.with_name("scene.labels.gpkg").exists()


def test_other_scenes_may_be_laid_over_the_one_that_is_labelled(
    run: Callable[..., Any], scene_path: Path, write_scene: Callable[..., Path], window: _Window
) -> None:
    one, two = write_scene(name="one.tif"), write_scene(name="two.tif")
    assert run("open", scene_path, "--in-memory", "--add", one, "--add", two).exit_code == 0
    assert window.others == ["one", "two"]


def test_one_that_cannot_be_shown_together_with_it_is_told_before_labels_are_made(
    run: Callable[..., Any], scene_path: Path, write_scene: Callable[..., Path], window: _Window
) -> None:
    far = GeoGrid(shape=(9000, 4000), transform=Affine(1e-3, 0, -80, 0, -1e-3, -30), crs=CRS.from_epsg(4326))
    result = run("open", scene_path, "--add", write_scene(far, "far.tif", bands=("red",)))
    assert result.exit_code == 1
    assert "far cannot be shown together with the first scene" in result.stderr
    assert run("open", scene_path, "--add", "missing.tif").exit_code == 1
    assert not window.seen
    assert not scene_path.with_name("scene.labels.gpkg").exists()


def test_both_at_once_are_refused(run: Callable[..., Any], scene_path: Path, tmp_path: Path) -> None:
    result = run("open", scene_path, "--in-memory", "--label-file", tmp_path / "x.labels.gpkg")
    assert result.exit_code == 1
    assert "exclude each other" in result.stderr


def test_labels_to_start_from_are_imported_once(
    run: Callable[..., Any], scene_path: Path, labels_path: Path, window: _Window
) -> None:
    run("open", scene_path, "--labels", labels_path)
    again = run("open", scene_path, "--labels", labels_path)
    assert "was not imported again" in again.stdout
    assert [count for count, _ in window.seen] == [3, 4]


def test_a_picture_shows_the_label_file_and_makes_none(
    run: Callable[..., Any], scene_path: Path, window: _Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_geolabel.cli.window.screen", lambda: contextlib.nullcontext({}))
    run("open", scene_path, "--screenshot", tmp_path / "p.png")
    assert not scene_path.with_name("scene.labels.gpkg").exists()
    run("open", scene_path)
    run("open", scene_path, "--screenshot", tmp_path / "p.png")
    assert [count for count, _ in window.seen] == [0, 0, 1]


def test_read_only_needs_a_label_file_and_nothing_to_change(run, scene_path, labels_path):
    result = run("open", scene_path, "--read-only")
    assert result.exit_code == 1
    assert "scene.labels.gpkg" in result.stderr
    assert not scene_path.with_name("scene.labels.gpkg").exists()
    for option in (["--in-memory"], ["--labels", labels_path]):
        result = run("open", scene_path, "--read-only", *option)
        assert result.exit_code == 1
        assert "--read-only changes nothing" in result.stderr
