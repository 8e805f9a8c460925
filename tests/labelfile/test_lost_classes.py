"""A damaged label file whose ontology cannot be read loses no annotation with it."""

from __future__ import annotations

import json

import pytest
import shapely

from napari_geolabel.errors import FormatError, OntologyError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labelfile import recovery
from napari_geolabel.labelfile.lost_classes import with_lost_classes
from napari_geolabel.labels.opening import open_labels, open_scene_labels
from napari_geolabel.ontology import Kind, load_ontology


@pytest.fixture
def others(make_ship):
    """Annotations of two classes that the template of clouds lacks, and one that it has."""
    return [
        make_ship(5),
        make_ship(30, class_id="dry_dock", kind=Kind.POLYGON),
        make_ship(60, class_id="dry_dock"),
        make_ship(90, class_id="haze", kind=Kind.BOX),
    ]


def test_classes_that_are_missing_are_made_as_they_were_drawn(others):
    known = load_ontology("clouds")
    made, told = with_lost_classes(known, others)
    assert made["ship"].kinds == (others[0].kind,)
    assert set(made["dry_dock"].kinds) == {Kind.POLYGON, others[2].kind}
    assert made["dry_dock"].name == "Dry dock"
    assert "ship, dry_dock were made anew" in told
    values = [each.mask_value for each in made.classes if each.mask_value is not None]
    assert len(values) == len(set(values))
    assert len({each.color for each in made.classes}) == len(made.classes)


def test_classes_that_are_there_keep_what_they_have_and_allow_more(others):
    known = load_ontology("clouds")
    made, _ = with_lost_classes(known, others)
    assert made["haze"].kinds == (*known["haze"].kinds, Kind.BOX)
    assert made["haze"].color == known["haze"].color
    untouched = [each.id for each in known.classes if each.id != "haze"]
    assert all(made[class_id] == known[class_id] for class_id in untouched)


def test_where_nothing_is_missing_the_ontology_is_the_same(make_ship, ontology):
    made, told = with_lost_classes(ontology, [make_ship(5)])
    assert made is ontology
    assert "made anew" not in told


def test_a_long_list_of_lost_classes_is_cut_in_the_sentence(make_ship, ontology):
    _, told = with_lost_classes(ontology, [make_ship(n, class_id=f"lost_{n}") for n in range(12)])
    assert "lost_7 and 4 more were made anew" in told


class TestALabelFile:
    @pytest.fixture
    def scene(self, write_scene):
        with open_scene(write_scene(name="bay.tif")) as opened:
            yield opened

    @pytest.fixture
    def damaged(self, scene, monkeypatch):
        """A label file of clouds in whose ontology bytes are others and which has no backup, and what it held."""
        monkeypatch.setattr(recovery, "backups_of", lambda path: [])
        labels = open_scene_labels(scene, "clouds")
        labels.add_many([shapely.box(40 * n, 10, 40 * n + 20, 30) for n in range(5)], "smoke", kind="polygon")
        labels.flush()
        path, held = labels.path, {i: labels[i].geometry for i in labels}
        labels.close()
        data = path.read_bytes()
        word = json.dumps("Smoke").encode()
        assert word in data
        path.write_bytes(data.replace(word, b'"Sm\xffke"'))
        return path, held

    def test_it_opens_with_all_annotations_whatever_ontology_is_at_hand(self, scene, damaged):
        path, held = damaged
        labels = open_scene_labels(scene, "maritime")
        assert {i: labels[i].geometry for i in labels} == held
        assert "smoke" in labels.ontology
        assert {"ship", "wake"} <= {each.id for each in labels.ontology.classes}
        assert any("smoke was made anew" in note for note in labels.notes)
        assert len(list(path.parent.glob("*.corrupt-*"))) == 1
        labels.undo()
        labels.redo()
        assert len(labels) == 5
        labels.close()

    def test_afterwards_it_is_sound_and_takes_its_own_ontology_again(self, scene, damaged):
        path, held = damaged
        open_scene_labels(scene, "maritime").close()
        labels = open_labels(path, scene=scene)
        assert labels.notes == ()
        assert len(labels) == len(held)
        labels.use_ontology(load_ontology("clouds"))
        assert labels.ontology["smoke"].name == "Smoke"
        labels.close()

    def test_reading_only_says_how_to_have_it_put_right(self, scene, damaged):
        path, _ = damaged
        with pytest.raises((FormatError, OntologyError), match="geolabel open SCENE"):
            open_labels(path, scene=scene, mode="r")
