"""``geolabel relink``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from napari_geolabel import open_labels, open_scene


@pytest.fixture
def label_path(scene_path: Path) -> Path:
    """A label file with a ship, beside its scene."""
    path = scene_path.with_name("scene.labels.gpkg")
    with open_scene(scene_path) as scene:
        labels = open_labels(path, scene=scene, ontology="maritime")
        labels.add(shapely.box(10, 10, 30, 20), "ship")
        labels.close()
    return path


def test_a_scene_that_moved_is_looked_for_and_named(
    run: Callable[..., Any], scene_path: Path, label_path: Path, tmp_path: Path
) -> None:
    away = tmp_path / "deep" / "er" / "x.tif"
    away.parent.mkdir(parents=True)
    scene_path.rename(away)

    assert "was not found; name it, or a folder to look in" in run("relink", label_path).stderr

    result = run("relink", label_path, "--in", tmp_path / "deep")
    assert result.exit_code == 0
    assert f"the scene is {away}; it has moved, and is known again by its content" in result.stdout
    assert "it is where it was" in run("relink", label_path).stdout


def test_another_scene_needs_force(run: Callable[..., Any], label_path: Path, write_scene: Callable[..., Path]) -> None:
    other = write_scene(name="other.tif", bands=("red", "nir"))

    refused = run("relink", label_path, "--scene", other)
    assert refused.exit_code == 1
    assert "--force" in refused.stderr

    told = json.loads(run("relink", label_path, "--scene", other, "--force", "--json").stdout)
    assert (told["scene"], told["state"]) == (str(other), "changed")
    assert any("is not as it was when it was labelled" in note for note in told["notes"])
