"""``geolabel chips``: a training set from label files."""

from __future__ import annotations

import json

import pytest
import shapely

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.opening import open_labels


@pytest.fixture
def label_file(scene_path):
    path = scene_path.with_name("scene.labels.gpkg")
    with open_scene(scene_path) as scene:
        labels = open_labels(path, scene=scene, ontology="maritime")
        labels.add_many([shapely.box(64 * n + 5, 20, 64 * n + 45, 40) for n in range(8)], "ship", kind="box")
        labels.close()
    return path


def test_a_training_set_is_made_of_a_label_file_and_the_scene_beside_it(run, label_file, tmp_path):
    done = run("chips", label_file, "-o", tmp_path / "set", "--size", "64", "--block", "1", "--labels", "yolo",
               "--images", "png", "--split", "0.5,0.25,0.25", "--json")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["labels"] == {"ship": 8}
    assert sum(told["chips"].values()) == 10
    assert (tmp_path / "set" / "statistics.png").is_file()
    done = run("chips", label_file, "-o", tmp_path / "other", "--size", "64", "--by", "scene")
    assert "8 ship" in done.stdout
    assert "chips without labels left out" in done.stdout


def test_what_is_wrong_is_one_sentence(run, label_file, scene_path, tmp_path):
    out = ("-o", tmp_path / "set")
    for order, reason in (
        (("--split", "half"), "is not three numbers; write 0.8,0.1,0.1"),
        (("--size", "4"), "cannot be; take 512 and 64"),
        (("-s", scene_path, "-s", scene_path), "1 label files need as many scenes, and 2 are named"),
        (("--labels", "word"), "'word' is no format of a training set"),
    ):
        done = run("chips", label_file, *out, *order)
        assert done.exit_code == 1
        assert reason in done.stderr
    lonely = label_file.rename(tmp_path / "lonely.labels.gpkg")
    scene_path.unlink()
    assert "does not lie beside it; name it with --scene" in run("chips", lonely, *out).stderr
