"""What is hidden and locked: told to whoever listens, and kept for the next time."""

from __future__ import annotations

import shapely

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.ontology import Kind
from napari_geolabel.viewer import user_state
from napari_geolabel.viewer.class_marks import ClassMarks

SHIP = Annotation(class_id="ship", kind=Kind.BOX, geometry=shapely.box(0, 0, 9, 9))


def test_what_is_hidden_is_not_seen_and_what_is_locked_is_not_touched():
    marks = ClassMarks()
    assert marks.shows(SHIP)
    assert marks.may_touch(SHIP)
    marks.locked = ["ship"]
    assert marks.shows(SHIP)
    assert not marks.may_touch(SHIP)
    marks.hidden = ["ship"]
    assert not marks.shows(SHIP)


def test_what_was_rejected_is_not_seen_until_it_is_wanted():
    marks = ClassMarks()
    rejected = SHIP.edited(status=Status.REJECTED)
    assert not marks.shows(rejected)
    marks.hidden_statuses = ()
    assert marks.shows(rejected)


def test_it_is_told_once_and_only_what_is_new():
    marks, told = ClassMarks(), []
    marks.changed.connect(lambda: told.append(marks.hidden))
    marks.hidden = {"ship"}
    marks.hidden = ("ship",)
    assert told == [frozenset({"ship"})]


def test_marks_are_kept_by_ontology_and_forgotten_when_there_are_none():
    marks, again = ClassMarks(), ClassMarks()
    marks.hidden, marks.locked = ["ship"], ["dock"]
    marks.save("harbour")
    again.load("harbour")
    assert (again.hidden, again.locked) == ({"ship"}, {"dock"})
    again.load("another")
    assert not again.hidden
    marks.hidden = marks.locked = ()
    marks.save("harbour")
    again.load("harbour")
    assert not again.locked


def test_a_damaged_file_hides_nothing():
    path = user_state.state_path("classes")
    path.parent.mkdir(parents=True)
    for text in ("[1, 2", "[]", '{"harbour": [1]}', '{"harbour": {"hidden": 3, "locked": [4]}}'):
        path.write_text(text)
        marks = ClassMarks()
        marks.load("harbour")
        assert not marks.hidden | marks.locked
