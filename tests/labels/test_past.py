"""History, restoring an earlier state, and conflicts of two sessions, as a script meets them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely

from napari_geolabel.errors import FormatError, GeoLabelError, UnknownAnnotationError, WriteError
from napari_geolabel.labels import Labels
from napari_geolabel.labels.past import as_time

BOX = shapely.box(10, 10, 30, 20)
FAR = shapely.box(200, 200, 230, 220)


@pytest.fixture
def worked(open_kept) -> tuple[Labels, str, str]:
    """Labels with four changes: two annotations, a new confidence of the first, and paint."""
    labels = open_kept(annotator="Ann")
    first, second = labels.add(BOX, "tug"), labels.add(FAR, "cloud")
    labels.update(first.id, confidence=0.5)
    labels.paint(shapely.box(50, 50, 60, 60), "cloud")
    labels.flush()
    return labels, first.id, second.id


def disagree(open_kept, **fields) -> tuple[Labels, Labels, str]:
    """Let Ann and Ben change the same fields of one tug at the same time, Ann first; return their labels."""
    ann, ben = open_kept(annotator="Ann"), open_kept(annotator="Ben")
    tug = ann.add(BOX, "tug")
    ann.flush()
    until(ben, lambda: tug.id in ben)
    hers, his = zip(*((name, pair) for name, pair in fields.items()), strict=True)
    ann.update(tug.id, **{name: pair[0] for name, pair in zip(hers, his, strict=True)})
    ann.flush()
    ben.update(tug.id, **{name: pair[1] for name, pair in zip(hers, his, strict=True)})
    ben.flush()
    for labels in (ann, ben):
        until(labels, lambda labels=labels: labels[tug.id] == final(ann, tug.id))
    return ann, ben, tug.id


def final(labels: Labels, annotation_id: str):
    """Return an annotation as the file has it."""
    return labels.history(annotation_id)[-1].annotation


def until(labels: Labels, holds) -> None:
    """Take over what others did until something holds."""
    arrived = threading.Event()
    labels.arrived.connect(arrived.set)
    for _ in range(100):
        labels.pull()
        if holds():
            return
        arrived.wait(0.1)
        arrived.clear()
    raise AssertionError("it never arrived")


class TestHistory:
    def test_it_tells_who_changed_what(self, worked) -> None:
        labels, first, _ = worked
        assert [(e.seq, e.actor, e.title) for e in labels.history()] == [
            (1, "Ann", "add tug"),
            (2, "Ann", "add cloud"),
            (3, "Ann", "change confidence of tug"),
            (4, "Ann", "paint cloud"),
        ]
        assert [(v.seq, v.fields) for v in labels.history(first)] == [(1, ("annotation",)), (3, ("confidence",))]
        assert labels.history("nobody") == []

    def test_labels_in_memory_have_none(self, labels) -> None:
        labels.add(BOX, "tug")
        assert labels.journal is None
        assert labels.history() == labels.history("any") == labels.conflicts() == []
        with pytest.raises(WriteError, match="kept in memory and have no journal"):
            labels.restore(0)

    def test_labels_opened_for_reading_have_one_and_say_why_they_cannot_change(self, worked, open_kept) -> None:
        worked[0].close()
        reading = open_kept(mode="r", ontology=None)
        assert len(reading.history()) == 4
        assert "was opened for reading" in reading.refusal
        with pytest.raises(WriteError, match="was opened for reading"):
            reading.restore(1)
        assert worked[0].refusal.startswith("the labels of scene are closed")


class TestRestoring:
    def test_everything_goes_back_and_undo_brings_it_forward_again(self, worked, open_kept) -> None:
        labels, first, second = worked
        painted = labels.canvas.array.copy()

        change = labels.restore(1)

        assert change.title == "go back to change 1"
        assert list(labels) == [first]
        assert labels[first].confidence is None
        assert not labels.is_painted
        labels.undo()
        assert list(labels) == [first, second]
        assert labels[first].confidence == 0.5
        assert np.array_equal(labels.canvas.array, painted)
        labels.redo()
        labels.close()
        assert list(open_kept()) == [first]

    def test_one_annotation_alone_goes_back(self, worked) -> None:
        labels, first, second = worked
        labels.restore(1, ids=[first])
        assert labels[first].confidence is None
        assert second in labels
        assert labels.is_painted

    def test_what_was_removed_comes_back_to_its_place(self, worked) -> None:
        labels, first, second = worked
        before = labels[first]
        labels.remove(first)
        labels.restore(4)
        assert labels[first] == before
        assert list(labels) == [first, second]

    def test_where_nothing_differs_nothing_is_done(self, worked) -> None:
        labels = worked[0]
        assert labels.restore(4) is None
        assert labels.restore(datetime.now(UTC) + timedelta(hours=1)) is None
        assert len(labels.history()) == 4

    def test_a_time_before_all_work_is_the_beginning(self, worked) -> None:
        labels = worked[0]
        labels.restore("2001-02-03T04:05")
        assert len(labels) == 0

    def test_changes_that_others_made_meanwhile_go_back_too(self, worked, open_kept) -> None:
        labels = worked[0]
        ben = open_kept(annotator="Ben")
        theirs = ben.add(shapely.box(300, 300, 310, 310), "tug")
        ben.flush()
        until(labels, lambda: theirs.id in labels)
        labels.restore(2)
        labels.flush()
        assert theirs.id not in labels
        until(ben, lambda: theirs.id not in ben)

    @pytest.mark.parametrize("to", [99, "soon"])
    def test_what_is_no_state_is_refused_in_one_sentence(self, worked, to) -> None:
        with pytest.raises(FormatError, match=r"numbered 1 to 4|write one as 2026"):
            worked[0].restore(to)

    def test_times_without_a_zone_are_this_computers(self) -> None:
        assert as_time("2026-03-01T12:30").tzinfo is not None
        for end in ("0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"):
            with pytest.raises(FormatError, match="at an end of the calendar; give a time such as"):
                as_time(end)
        assert as_time(datetime(2026, 3, 1, tzinfo=UTC)) == datetime(2026, 3, 1, tzinfo=UTC)
        assert as_time("2026-03-01T12:30+02:00") == datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


class TestConflicts:
    def test_both_sessions_see_the_same_conflict_per_field(self, open_kept) -> None:
        ann, ben, tug = disagree(open_kept, confidence=(0.25, 0.75), status=("accepted", "rejected"))
        assert ann.conflicts() == ben.conflicts()
        assert {(c.field, c.base, c.mine, c.theirs, c.actor) for c in ann.conflicts()} == {
            ("confidence", None, 0.75, 0.25, "Ben"),
            ("status", "draft", "rejected", "accepted", "Ben"),
        }
        assert (ben[tug].confidence, str(ben[tug].status)) == (0.25, "accepted"), "theirs stands"

    @pytest.mark.parametrize(
        ("take", "expected"), [("mine", 0.75), ("theirs", 0.25), ("base", None), ("current", 0.25)]
    )
    def test_a_side_is_taken_as_a_change_and_the_conflict_is_gone(self, open_kept, take, expected) -> None:
        ann, ben, tug = disagree(open_kept, confidence=(0.25, 0.75))
        change = ben.resolve(ben.conflicts()[0], take)
        assert ben[tug].confidence == expected
        assert (change is None) == (expected == 0.25)
        ben.flush()
        assert ben.conflicts() == ann.conflicts() == []
        until(ann, lambda: ann[tug].confidence == expected)

    def test_a_choice_can_be_undone(self, open_kept) -> None:
        _, ben, tug = disagree(open_kept, confidence=(0.25, 0.75))
        ben.resolve(ben.conflicts()[0].number, "mine")
        assert ben.store.undo_titles[0] == "resolve confidence: mine"
        ben.undo()
        assert ben[tug].confidence == 0.25

    def test_geometry_comes_back_to_the_bit(self, open_kept) -> None:
        mine = shapely.Polygon([(1 / 3, 0.1), (7.7, 1e-9), (512 - 1 / 7, 480.3), (2 / 3, 99.99)])
        _, ben, tug = disagree(open_kept, geometry=(FAR, mine))
        assert ben[tug].geometry == FAR
        ben.resolve(ben.conflicts()[0], "mine")
        assert shapely.equals_exact(ben[tug].geometry, mine, 0)

    def test_attributes_are_taken_one_by_one(self, open_kept) -> None:
        _, ben, tug = disagree(open_kept, attributes=({"category": "naval"}, {"category": "merchant"}))
        (conflict,) = ben.conflicts()
        assert conflict.field == "attributes.category"
        ben.resolve(conflict, "mine")
        assert ben[tug].attributes == {"category": "merchant"}
        ben.resolve(conflict, "base")
        assert ben[tug].attributes == {}

    def test_a_class_is_taken(self, open_kept) -> None:
        _, ben, tug = disagree(open_kept, class_id=("cloud", "ship"))
        ben.resolve(ben.conflicts()[0], "mine")
        assert ben[tug].class_id == "ship"

    def test_a_removal_that_met_an_edit_can_be_made_or_left(self, open_kept) -> None:
        ann, ben = open_kept(annotator="Ann"), open_kept(annotator="Ben")
        tug = ann.add(BOX, "tug")
        ann.flush()
        until(ben, lambda: tug.id in ben)
        ann.remove(tug.id)
        ann.flush()
        ben.update(tug.id, confidence=0.5)
        ben.flush()
        (conflict,) = ben.conflicts()
        assert (conflict.field, conflict.theirs) == ("annotation", None)
        assert tug.id in ben

        ben.take_sides([(conflict, "theirs")])
        assert tug.id not in ben
        ben.resolve(conflict, "mine")

        assert (ben[tug.id].confidence, ben[tug.id].geometry) == (0.5, BOX)
        assert ben[tug.id].provenance.created == tug.provenance.created

    def test_answers_for_the_scene_are_taken(self, open_kept) -> None:
        ann, ben = open_kept(annotator="Ann"), open_kept(annotator="Ben")
        ann.classify_scene(haze=True)
        ann.flush()
        ben.classify_scene(haze=False)
        ben.flush()
        until(ben, lambda: ben.scene_attributes == {"haze": True})
        (conflict,) = ben.conflicts()
        ben.take_sides([(conflict, "mine")])
        assert ben.scene_attributes == {"haze": False}
        ben.resolve(conflict, "base")
        assert ben.scene_attributes == {}

    def test_a_field_of_what_is_gone_can_only_be_left(self, open_kept) -> None:
        _, ben, tug = disagree(open_kept, confidence=(0.25, 0.75))
        (conflict,) = ben.conflicts()
        ben.remove(tug)
        with pytest.raises(UnknownAnnotationError, match="was removed since; take it as it is"):
            ben.resolve(conflict, "mine")
        assert len(ben.conflicts()) == 1
        assert ben.resolve(conflict) is None
        assert ben.conflicts() == []

    def test_what_is_no_conflict_or_no_side_is_one_sentence(self, open_kept) -> None:
        _, ben, _ = disagree(open_kept, confidence=(0.25, 0.75))
        with pytest.raises(GeoLabelError, match="no open conflict 77"):
            ben.resolve(77)
        with pytest.raises(GeoLabelError, match="no side 'yours'; take one of mine, theirs, base, current"):
            ben.resolve(ben.conflicts()[0], "yours")

    def test_several_conflicts_are_settled_as_one_change(self, open_kept) -> None:
        _, ben, tug = disagree(
            open_kept,
            confidence=(0.25, 0.75),
            status=("accepted", "rejected"),
            attributes=({"category": "naval"}, {"category": "merchant"}),
        )
        before = ben[tug]
        sides = {"confidence": "mine", "status": "theirs", "attributes.category": "base"}
        change = ben.take_sides([(c, sides[c.field]) for c in ben.conflicts()])
        assert (ben[tug].confidence, str(ben[tug].status), ben[tug].attributes) == (0.75, "accepted", {})
        assert change.title == "resolve 3 conflicts"
        ben.call_resolved(ben.conflicts())
        assert ben.conflicts() == []
        ben.undo()
        assert ben[tug] == before
        assert ben.take_sides([]) is None
