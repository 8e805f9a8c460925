"""Running commands in this process, and files for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shapely import LineString, Polygon, box, transform
from shapely.geometry import mapping
from typer.testing import CliRunner

from napari_geolabel.cli import app
from napari_geolabel.imagery.opening import open_scene

SHAPES = {
    "ship": Polygon([(100, 100), (140, 100), (150, 110), (140, 120), (100, 120)]),
    "dock": box(200, 300, 260, 420),
    "wake": LineString([(90, 110), (20, 112)]),
}


@pytest.fixture
def run() -> Callable[..., Any]:
    """Run ``geolabel`` with arguments; an exception that is not the command line's own fails the test."""

    def call(*arguments: object) -> Any:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture
def scene_path(write_scene: Callable[..., Path]) -> Path:
    """A north-up scene with red, green and blue."""
    return write_scene()


@pytest.fixture
def labels_path(scene_path: Path, tmp_path: Path) -> Path:
    """A plain GeoJSON of a ship, a dock and a wake on the scene."""
    return write_labels(scene_path, tmp_path / "labels.geojson", {name: {"class_id": name} for name in SHAPES})


def write_labels(scene_path: Path, path: Path, properties: dict[str, dict[str, Any]]) -> Path:
    """Write the shapes in longitude and latitude with properties of each."""
    with open_scene(scene_path) as scene:
        features = [
            {
                "type": "Feature",
                "properties": properties[name],
                "geometry": mapping(transform(SHAPES[name], scene.grid.pixel_to_lonlat)),
            }
            for name in properties
        ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.fixture
def make_labels(scene_path: Path, tmp_path: Path) -> Callable[..., Path]:
    """Write the ship, dock and wake with properties of one's own."""

    def make(**properties: dict[str, Any]) -> Path:
        return write_labels(scene_path, tmp_path / "own.geojson", properties)

    return make
