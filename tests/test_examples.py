"""The examples run as they stand, on the sample scene, and leave what they promise."""

from __future__ import annotations

import csv
import json
import runpy
import shutil
import sys
from concurrent.futures import Executor, Future
from pathlib import Path

import pytest
from PIL import Image

from napari_geolabel.imagery import open_scene
from napari_geolabel.labels import open_labels

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@pytest.fixture
def scenes(tmp_path, sample_data):
    """A folder with one scene."""
    folder = tmp_path / "scenes"
    folder.mkdir()
    shutil.copy(sample_data / "coast.tif", folder)
    return folder


@pytest.fixture
def run(monkeypatch, capsys):
    """Return a function that runs an example as ``python examples/NAME ARGUMENTS`` does, and returns what it prints."""

    def script(name, *arguments):
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return script


class AtOnce(Executor):
    """The simplest executor: it does each job when it is submitted, as Dask's does elsewhere."""

    def __init__(self):
        self.jobs = 0

    def submit(self, function, /, *args, **kwargs):
        self.jobs += 1
        future: Future = Future()
        future.set_result(function(*args, **kwargs))
        return future


def test_there_are_examples_and_each_says_how_it_is_run():
    found = sorted(EXAMPLES.glob("*.py"))
    assert len(found) >= 5
    for path in found:
        assert f"``python {path.name} " in path.read_text("utf-8"), path.name
        assert path.name in (EXAMPLES / "README.md").read_text("utf-8")


def test_label_layers_are_made_for_a_folder_on_threads_and_on_any_executor(run, scenes, tmp_path, sample_data):
    printed = run("batch_label_layers.py", scenes, tmp_path / "out")
    assert printed == "coast.tif: 3 areas of water\n"
    features = json.loads((tmp_path / "out" / "coast.labels.geojson").read_text("utf-8"))["features"]
    assert {each["properties"]["class_id"] for each in features} == {"permanent_water"}
    with open_scene(scenes / "coast.tif") as scene, open_scene(tmp_path / "out" / "coast.mask.tif") as mask:
        labelled = mask.read()[0] > 0
        ndwi = scene.read(["green", "nir"], reflectance=True)
        assert (ndwi[0] > ndwi[1])[labelled.filled(False)].mean() > 0.9, "what is labelled is wet"
        assert 0.3 < labelled.filled(False).mean() < 0.8
    executor = AtOnce()
    module = runpy.run_path(str(EXAMPLES / "batch_label_layers.py"))
    assert module["run"]([scenes / "coast.tif"], tmp_path / "again", executor) == {"coast.tif": 3}
    assert executor.jobs == 1


def test_predictions_that_pass_are_accepted_and_the_rest_waits(run, scenes, tmp_path, sample_data):
    told = json.loads((sample_data / "coast_truth.geojson").read_text("utf-8"))
    ships = [each for each in told["features"] if each["properties"]["class_id"] == "ship"]
    for name in ("attr_category", "attributes"):
        ships[0]["properties"].pop(name)  # a required answer is missing
    (tmp_path / "predicted.geojson").write_text(json.dumps({**told, "features": ships}), "utf-8")
    printed = run("correct_predictions.py", scenes / "coast.tif", tmp_path / "predicted.geojson", tmp_path / "out")
    assert printed == f"{len(ships)} predictions: {len(ships) - 1} accepted, 1 to be looked at\n"
    assert len(json.loads((tmp_path / "out" / "accepted.json").read_text("utf-8"))["annotations"]) == len(ships) - 1
    with open_scene(scenes / "coast.tif") as scene:
        labels = open_labels(tmp_path / "out" / "corrected.labels.gpkg", scene=scene, mode="r")
        assert sorted(str(labels[id_].status) for id_ in labels).count("suggested") == 1
        labels.close()


def test_classes_have_their_spectra_and_their_nearest_curves(run, scenes, tmp_path, sample_data):
    printed = run("class_spectra.py", scenes / "coast.tif", sample_data / "coast_truth.geojson", tmp_path / "s.csv")
    assert "thick_cloud: thick water cloud" in printed
    with (tmp_path / "s.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 13 * len(printed.splitlines())


def test_each_scene_gets_its_sheet(run, scenes, tmp_path):
    assert run("contact_sheets.py", scenes, tmp_path / "out").startswith(
        "coast.tif: 22 composites; the bands lack thermal"
    )
    with Image.open(tmp_path / "out" / "coast.png") as sheet:
        assert min(sheet.size) > 500


def test_two_annotators_share_a_file_and_undo_only_their_own(run, scenes, tmp_path):
    lines = run("two_annotators.py", scenes / "coast.tif", tmp_path / "out").splitlines()
    assert lines[0] == "anna: add ship"
    assert [line.split(":")[0] for line in lines[1:-1]] == ["bert", "bert"]
    assert lines[-1] == "left: True"
