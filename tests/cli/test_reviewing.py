"""``geolabel review`` decides on the suggestions of a label file, and its log tells so."""

from __future__ import annotations

import json

import pytest
import shapely

from napari_geolabel import open_labels, open_scene


@pytest.fixture
def label_file(scene_path):
    """A label file of three suggested ships and a draft."""
    path = scene_path.with_name("scene.labels.gpkg")
    with open_scene(scene_path) as scene:
        labels = open_labels(path, scene=scene, ontology="maritime", annotator="Ann")
        for i, sure in enumerate((0.9, 0.5, 0.1)):
            box = shapely.box(100 + 50 * i, 100, 140 + 50 * i, 120)
            labels.add(box, "ship", kind="box", status="suggested", confidence=sure)
        labels.add(shapely.box(10, 10, 40, 20), "ship", kind="box")
        labels.close()
    return path


def statuses(path, scene_path):
    with open_scene(scene_path) as scene:
        labels = open_labels(path, scene=scene, mode="r")
        found = [str(annotation.status) for annotation in labels.store.values()]
        labels.close()
    return found


def test_suggestions_are_accepted_and_rejected_by_their_confidence(run, label_file, scene_path):
    told = run("review", label_file, "--accept-above", "0.8", "--reject-below", "0.2").stdout
    assert "1 suggestions accepted, 1 rejected" in told
    assert statuses(label_file, scene_path) == ["accepted", "suggested", "rejected", "draft"]
    assert "review 2 suggestions" in run("log", label_file).stdout


def test_a_dry_run_only_counts(run, label_file, scene_path):
    told = json.loads(run("review", label_file, "--accept-above", "0.3", "--dry-run", "--json").stdout)
    assert (told["accepted"], told["rejected"], told["dry_run"]) == (2, 0, True)
    assert statuses(label_file, scene_path) == ["suggested"] * 3 + ["draft"]


def test_bad_limits_and_classes_are_one_sentence(run, label_file):
    assert "from which confidence" in run("review", label_file).stderr
    assert "not between 0 and 1" in run("review", label_file, "--accept-above", "80").stderr
    assert "is not a class" in run("review", label_file, "--accept-above", "0.8", "--class", "tug").stderr
