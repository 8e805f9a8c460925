"""The options of ``geolabel export`` that say which labels are wanted."""

from __future__ import annotations

import json

import pytest
import shapely

from napari_geolabel import open_labels, open_scene


@pytest.fixture
def label_file(scene_path):
    path = scene_path.with_name("scene.labels.gpkg")
    with open_scene(scene_path) as scene:
        labels = open_labels(path, scene=scene, ontology="maritime")
        box = shapely.box
        labels.add(box(0, 0, 9, 5), "ship", kind="box", attributes={"category": "merchant"}, status="accepted")
        labels.add(box(0, 20, 30, 25), "ship", kind="box", attributes={"category": "fishing", "name": "Maru"})
        labels.add(box(100, 100, 140, 130), "dock")
        labels.close()
    return path


@pytest.mark.parametrize(
    ("options", "number"),
    [
        ([], 3),
        (["--class", "ship"], 2),
        (["--class", "ship", "--class", "dock", "--status", "accepted"], 1),
        (["--where", "category=fishing", "--where", "name~mar"], 1),
        (["--class", "ship", "--where", "name="], 1),
        (["--min-length", "0", "--max-area", "1e12", "--text", "dock"], 1),
    ],
)
def test_only_what_is_wanted_is_exported(run, label_file, scene_path, tmp_path, options, number):
    out = tmp_path / "out.geojson"
    told = run("export", label_file, "--scene", scene_path, "--out", out, *options, "--json")
    assert json.loads(told.stdout)["labels"] == number
    assert len(json.loads(out.read_text())["features"]) == number


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--where", "tonnage=3"], "no class has an attribute 'tonnage'"),
        (["--where", "category"], "is no condition; write"),
        (["--class", "boat"], "boat"),
        (["--status", "done"], "'done' is no status"),
    ],
)
def test_what_cannot_be_asked_writes_nothing(run, label_file, scene_path, tmp_path, options, sentence):
    out = tmp_path / "out.geojson"
    result = run("export", label_file, "--scene", scene_path, "--out", out, *options)
    assert result.exit_code == 1
    assert sentence in " ".join(result.output.split())
    assert not out.exists()
