"""What an export cannot hold stands beside it, and goes when it can."""

from __future__ import annotations

import json

import pytest
import shapely

from napari_geolabel.formats import FORMATS
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.conversion import convert
from napari_geolabel.labels.loss_notes import is_note, losses_noted, note_path, told, write_note
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.ontology import load_ontology

MARITIME = load_ontology("maritime")
BOX = shapely.box(10, 10, 40, 30)


@pytest.fixture
def labels(write_scene):
    with open_scene(write_scene()) as scene:
        held = open_labels(scene=scene, ontology=MARITIME)
        held.add(BOX, "ship", kind="box")
        held.add(shapely.LineString([(0, 0), (50, 50)]), "wake")
        yield held


def test_an_export_says_beside_it_what_it_said_before(labels, tmp_path):
    path = tmp_path / "ships.coco.json"
    foreseen = labels.export(path, dry_run=True)
    assert not note_path(path).exists(), "a dry run leaves nothing"
    assert labels.export(path) == foreseen != []
    assert note_path(path).name == "ships.coco.json.losses.json"
    assert losses_noted(path) == foreseen
    about = json.loads(note_path(path).read_text("utf-8"))
    assert (about["file"], about["format"]) == ("ships.coco.json", "coco")
    assert about["ontology"] == MARITIME.stamp


def test_an_export_of_everything_says_nothing_and_takes_back_what_was_said(labels, tmp_path):
    path = tmp_path / "ships.coco.json"
    labels.export(tmp_path / "all.geojson")
    assert not note_path(tmp_path / "all.geojson").exists()
    labels.export(path)
    assert note_path(path).exists()
    labels.remove(next(a.id for a in labels.store.values() if a.class_id == "wake"))
    assert labels.export(path) == []
    assert not note_path(path).exists()


def test_the_note_of_a_data_set_stands_beside_the_file_of_the_image(labels, tmp_path):
    (tmp_path / "set").mkdir()
    labels.export(tmp_path / "set" / "data.yaml", format="yolo")
    found = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.losses.json")]
    assert found == ["set/labels/scene.txt.losses.json"]


def test_a_mask_says_that_it_has_no_attributes(labels, tmp_path):
    labels.export(tmp_path / "m.tif")
    assert any("attributes" in sentence for sentence in losses_noted(tmp_path / "m.tif"))


def test_what_is_converted_says_it_too(labels, tmp_path):
    labels.export(tmp_path / "all.geojson")
    report = convert(tmp_path / "all.geojson", tmp_path / "few.coco.json")
    assert losses_noted(tmp_path / "few.coco.json") == report.notes[:-1] != []
    assert report.notes[-1] == told(["x"])[-1]


def test_a_file_that_is_no_note_is_left_alone(tmp_path):
    path = tmp_path / "a.geojson"
    for content in ("{}", "no JSON", "[" * 5000, '{"not_held": 5}', ""):
        note_path(path).write_text(content, "utf-8")
        assert not is_note(note_path(path))
        assert write_note(path, FORMATS["geojson"], MARITIME, []) is None
        assert note_path(path).read_text("utf-8") == content
        assert losses_noted(path) == []


def test_nothing_lost_is_nothing_told():
    assert told([]) == []
    assert told(["a", "b"])[:2] == ["a", "b"]
    assert ".losses.json" in told(["a"])[-1]
