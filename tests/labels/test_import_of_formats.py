"""Labels of every format through `Labels`: one change that undoes, and a file that is refused changes nothing."""

from __future__ import annotations

from contextlib import closing

import pytest
import shapely

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.formats import FORMATS
from napari_geolabel.labels import open_labels

FORMS = [each for each in FORMATS.values() if each.reads and each.writes and each.content == "vector"]
BAD = {"empty": b"\0", "half": None, "rubbish": b"\xff\xfe\x00" * 50, "a page": b"<html></html>", "a list": b"[[[]]]"}


@pytest.fixture
def labels(scene, ontology):
    with closing(open_labels(None, scene=scene, ontology=ontology)) as opened:
        opened.add(shapely.box(10, 10, 30, 20), "ship", kind="box", attributes={"under_way": True, "length_m": 40})
        opened.add(shapely.Polygon([(100, 100), (140, 100), (120, 130)]), "cloud")
        yield opened


def state(labels) -> tuple:
    return [labels[key] for key in labels], dict(labels.scene_attributes), labels.ontology


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_an_import_is_one_change_that_undoes(scene, ontology, labels, tmp_path, form):
    path = tmp_path / f"{scene.name}{form.suffixes[-1]}"
    labels.export(path, format=form.id)
    with closing(open_labels(None, scene=scene, ontology=ontology)) as other:
        before = state(other)
        class_map = {"fixed_structure": "ship", "vessel": "ship", "object": "ship", "9": "ship", "1": "ship"}
        report = other.import_from(path, format=form.id, class_map=class_map)
        assert report.imported == len(other) == 2
        other.undo()
        assert state(other) == before
        other.redo()
        assert len(other) == 2


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_a_file_that_is_refused_changes_nothing(scene, labels, tmp_path, form):
    path = tmp_path / f"{scene.name}{form.suffixes[-1]}"
    labels.export(path, format=form.id)
    content, before = path.read_bytes(), state(labels)
    for name, bad in BAD.items():
        path.write_bytes(content[: len(content) // 2] if bad is None else bad)
        refused = None
        try:
            labels.import_from(path, format=form.id, make_classes=True)
        except GeoLabelError as error:
            refused = str(error)
        if refused is None:  # what is left of it makes sense, and comes as one change
            if state(labels)[:2] != before[:2]:
                labels.undo()
            assert state(labels)[:2] == before[:2], name
        else:
            assert "\n" not in refused
            assert state(labels) == before, name


def test_answers_about_the_scene_that_are_text_are_read_as_the_ontology_wants_them(scene, labels, tmp_path):
    path = tmp_path / "a.ndjson"
    path.write_text(f'{{"dataRow": {{"globalKey": "{scene.name}"}}, "name": "haze", "answer": "true"}}')
    report = labels.import_from(path)
    assert (report.notes, dict(labels.scene_attributes)) == ([], {"haze": True})
