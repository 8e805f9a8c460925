"""Whose attributes are answered, and the change that an answer makes."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.errors import AttributeValueError
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.ontology import Attribute, LabelClass, Option
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.attribute_editor import VARIOUS, AttributeEditor, shared_values


class Bench:
    """An editor with a selection and a current class that the test sets."""

    def __init__(self, labels):
        self.labels = labels
        self.selected, self.current = [], "ship"
        self.editor = AttributeEditor(
            labels, selected_ids=lambda: list(self.selected), current_class=lambda: self.current
        )
        self.shown = []
        self.editor.changed.connect(lambda: self.shown.append(self.editor.sheet))

    def ship(self, **attributes):
        return self.labels.add(shapely.box(10, 10, 40, 30), "ship", kind="box", attributes=attributes).id


@pytest.fixture
def bench(open_small_scene):
    return Bench(open_labels(scene=open_small_scene, ontology="maritime"))


@pytest.fixture
def open_small_scene(write_scene):
    from napari_geolabel.imagery.opening import open_scene

    with open_scene(write_scene(bands=("blue", "green", "red", "nir"))) as scene:
        yield scene


def test_with_nothing_selected_or_drawn_the_next_annotation_is_asked_for(bench):
    sheet = bench.editor.sheet
    assert sheet.title == "next Ship"
    assert sheet.values == {}
    assert sheet.missing == {"category"}
    bench.editor.answer("category", "fishing")
    assert bench.editor.sheet.values == {"category": "fishing"}
    assert len(bench.labels) == 0
    assert not bench.labels.store.can_undo
    assert bench.editor.starting_values("ship") == {"category": "fishing"}


def test_an_answer_changes_the_selected_annotation_in_one_undoable_change(bench):
    ship = bench.ship()
    bench.selected = [ship]
    bench.editor.answer("category", "merchant")
    bench.editor.answer("type", "tanker")
    assert bench.labels[ship].attributes == {"category": "merchant", "type": "tanker"}
    assert bench.labels.store.undo_titles[0] == "set type of ship"
    bench.labels.undo()
    assert bench.labels[ship].attributes == {"category": "merchant"}
    assert bench.shown[-1].values == {"category": "merchant"}


def test_another_option_drops_what_was_asked_under_the_old_one(bench):
    ship = bench.ship(category="merchant", type="other", length_m=100)
    bench.selected = [ship]
    bench.editor.answer("category", "warship")
    assert bench.labels[ship].attributes == {"category": "warship", "length_m": 100}


def test_several_are_answered_at_once_and_those_that_say_so_already_are_left_alone(bench):
    ships = [bench.ship(category="merchant"), bench.ship(category="fishing"), bench.ship()]
    bench.selected = ships
    assert bench.editor.sheet.title == "3 Ship, selected"
    assert bench.editor.sheet.values == {"category": VARIOUS}
    assert bench.editor.sheet.missing == {"category"}
    before = bench.labels[ships[1]]
    bench.editor.answer("category", "fishing")
    assert [bench.labels[i].attributes["category"] for i in ships] == ["fishing"] * 3
    assert bench.labels[ships[1]] is before
    assert bench.labels.store.undo_titles[0] == "set category of 2 annotations"
    bench.labels.undo()
    assert [bench.labels[i].attributes.get("category") for i in ships] == ["merchant", "fishing", None]


def test_a_refused_answer_changes_none_of_several(bench):
    bench.selected = [bench.ship(category="merchant"), bench.ship(category="unknown")]
    with pytest.raises(AttributeValueError, match="type: applies only where"):
        bench.editor.answer("type", "tanker")
    assert [bench.labels[i].attributes for i in bench.selected] == [{"category": "merchant"}, {"category": "unknown"}]


def test_annotations_of_several_classes_are_not_answered_together(bench):
    buoy = next(c for c in bench.labels.ontology.classes if c.id == "buoy")
    point = bench.labels.add(shapely.Point(5, 5), buoy.id)
    bench.selected = [bench.ship(), point.id]
    assert bench.editor.sheet.attributes == ()
    assert "2 classes" in bench.editor.sheet.title


def test_what_was_drawn_last_is_asked_for_until_another_class_is_taken(bench):
    ship = bench.ship()
    bench.editor.follow(ship)
    assert bench.editor.sheet.title == "Ship, just drawn"
    bench.editor.answer("category", "passenger")
    assert bench.labels[ship].attributes == {"category": "passenger"}
    bench.current = "wake"
    assert bench.editor.sheet.title == "next Wake"
    bench.current = "ship"
    bench.labels.remove(ship)
    assert bench.editor.sheet.title == "next Ship"


def test_the_next_one_starts_with_the_last_choices_but_not_with_names_and_measures(bench):
    bench.selected = [bench.ship(name="Ever Given", length_m=400)]
    bench.editor.answer("category", "merchant")
    bench.editor.answer("type", "container")
    bench.editor.answer("wake", True)
    assert bench.editor.starting_values("ship") == {"category": "merchant", "type": "container", "wake": True}
    bench.editor.remembers = False
    assert bench.editor.starting_values("ship") == {}
    bench.editor.answer("state", "moored")
    assert bench.editor.starting_values("ship") == {}


def test_values_that_a_new_ontology_may_not_know_are_forgotten(bench):
    bench.editor.answer("category", "fishing")
    extra = LabelClass(id="net", name="Net", color="#123456", kinds=(Kind.POLYGON,))
    bench.labels.use_ontology(bench.labels.ontology.with_classes([extra]))
    assert bench.editor.starting_values("ship") == {}


def test_defaults_come_back_for_measures_when_choices_are_repeated(open_small_scene):
    asked = (
        Attribute(id="state", name="State", type="radio", options=(Option(id="a", name="A"), Option(id="b", name="B"))),
        Attribute(id="sure", name="Sure", type="number", default=50),
    )
    thing = LabelClass(id="thing", name="Thing", color="#123456", kinds=(Kind.BOX,), attributes=asked)
    labels = open_labels(scene=open_small_scene, ontology="maritime")
    labels.use_ontology(labels.ontology.with_classes([thing]))
    bench = Bench(labels)
    made = labels.add(shapely.box(1, 1, 9, 9), "thing", kind="box", attributes={"sure": 90})
    bench.selected, bench.current = [made.id], "thing"
    bench.editor.answer("state", "b")
    assert bench.editor.starting_values("thing") == {"state": "b", "sure": 50}


def test_the_only_default_of_a_class_can_be_taken_back(open_small_scene):
    labels = open_labels(scene=open_small_scene, ontology="maritime")
    options = (Option(id="round", name="Round"), Option(id="square", name="Square"))
    shape = Attribute(id="shape", name="Shape", type="radio", default="round", options=options)
    labels.use_ontology(
        labels.ontology.with_classes(
            [LabelClass(id="tank", name="Tank", color="#123456", kinds=(Kind.BOX,), attributes=(shape,))]
        )
    )
    bench = Bench(labels)
    bench.current = "tank"
    assert bench.editor.sheet.values == {"shape": "round"}
    bench.editor.answer("shape", None)
    assert bench.editor.sheet.values == bench.editor.starting_values("tank") == {}


def test_a_closed_editor_hears_nothing_more(bench):
    bench.editor.close()
    bench.ship()
    assert bench.shown == []


def test_shared_values_tell_equal_from_various():
    assert shared_values([{"a": 1, "b": 2}, {"a": 1}]) == {"a": 1, "b": VARIOUS}
    assert shared_values([{"a": ("x",)}]) == {"a": ("x",)}
    assert shared_values([{}, {"c": True}]) == {"c": VARIOUS}
