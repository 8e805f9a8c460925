"""``geolabel open``: the napari window from the command line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from napari_geolabel.cli.screen import screen


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
