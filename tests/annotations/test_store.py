"""The store: one door, one signal a step, and undo that returns to the start."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from napari_geolabel.annotations import AnnotationStore, Change, Edit, Status, TileEdit
from napari_geolabel.errors import (
    AttributeValueError,
    ForbiddenKindError,
    GeoLabelError,
    GeometryError,
    UnknownAnnotationError,
    UnknownClassError,
)
from napari_geolabel.ontology import Ontology
from tests.annotations.store_steps import ONTOLOGY, added, box, label_class, removed, updated

# The mapping


def test_a_store_is_a_mapping_in_draw_order(store):
    first, second = box(0, 0, 1, 1), box(5, 5, 9, 9)
    store.apply(added(first, second))
    assert list(store) == [first.id, second.id]
    assert store[second.id] is second
    assert len(store) == 2
    assert first.id in store
    assert "nothing" not in store
    assert store.get("nothing") is None
    assert isinstance(store, Mapping)


def test_an_unknown_id_is_refused_in_one_sentence(store):
    with pytest.raises(UnknownAnnotationError, match=r"^no annotation has the id 'x'; it may have been removed$"):
        store["x"]


def test_a_store_may_start_with_annotations_that_are_no_step_of_undo():
    ship = box(0, 0, 1, 1)
    store = AnnotationStore(ONTOLOGY, [ship], {"cloud_cover": 5})
    assert dict(store) == {ship.id: ship}
    assert store.scene_attributes == {"cloud_cover": 5}
    assert store.query((0, 0, 2, 2)) == [ship.id]
    assert not store.can_undo


def test_what_a_store_starts_with_is_checked():
    with pytest.raises(UnknownClassError):
        AnnotationStore(ONTOLOGY, [box(0, 0, 1, 1, class_id="car")])


# Apply


def test_a_change_is_emitted_once_when_the_store_is_new_already(store):
    ship = box(0, 0, 1, 1)
    seen = []
    store.changed.connect(lambda change: seen.append((change, dict(store), store.undo_titles)))
    change = store.apply(added(ship))
    assert seen == [(change, {ship.id: ship}, ["add"])]


def test_updates_keep_their_place(store):
    ships = [box(i, 0, i + 1, 1) for i in range(3)]
    store.apply(added(*ships))
    store.apply(updated(ships[0], status=Status.ACCEPTED))
    assert list(store) == [ship.id for ship in ships]
    assert store[ships[0].id].status is Status.ACCEPTED


def test_a_removed_annotation_comes_back_to_its_place(store):
    ships = [box(i, 0, i + 1, 1) for i in range(4)]
    store.apply(added(*ships))
    store.apply(removed(ships[1]))
    store.apply(added(box(9, 9, 10, 10)))
    store.undo()
    store.undo()
    assert list(store) == [ship.id for ship in ships]
    assert store.query((0, 0, 9, 9)) == [ship.id for ship in ships]


def test_values_are_kept_in_stored_form(store):
    change = store.apply(added(box(0, 0, 1, 1, attributes={"flags": ["b", "a"], "cloud_cover": np.float32(5)})))
    kept = store[change.edits[0].id]
    assert kept.attributes == {"cloud_cover": 5.0, "flags": ("a", "b")}
    assert change.edits[0].after is kept


def test_an_empty_change_does_nothing(store, heard):
    assert not store.apply(Change(title="nothing"))
    assert not store.apply(Change(title="nothing", edits=(Edit(),)))
    assert heard == []
    assert not store.can_undo


def test_edits_that_change_nothing_are_dropped(store, heard):
    ship, other = box(0, 0, 1, 1), box(5, 5, 6, 6)
    store.apply(added(ship, other))
    same = Edit(before=ship, after=ship)
    assert not store.apply(Change(title="same", edits=(same,)))
    moved = store.apply(Change(title="both", edits=(same, *updated(other, confidence=0.5).edits)))
    assert [edit.id for edit in moved.edits] == [other.id]
    assert len(heard) == 2
    assert store.undo_titles == ["both", "add"]


def test_one_change_may_edit_an_annotation_twice(store):
    ship = box(0, 0, 1, 1)
    middle = ship.edited(confidence=0.1)
    last = middle.edited(confidence=0.2)
    store.apply(Change(title="twice", edits=(Edit(after=ship), Edit(before=ship, after=middle))))
    store.apply(Change(title="more", edits=(Edit(before=middle, after=last), Edit(before=last))))
    assert len(store) == 0
    store.undo()
    assert store[ship.id] == middle
    store.undo()
    assert len(store) == 0


def test_a_new_change_forgets_what_was_undone(store):
    store.apply(added(box(0, 0, 1, 1)))
    store.undo()
    assert store.can_redo
    store.apply(added(box(0, 0, 1, 1)))
    assert not store.can_redo
    assert store.redo() is None


def test_undo_and_redo_of_nothing_are_silent(store, heard):
    assert store.undo() is None
    assert store.redo() is None
    assert heard == []


def test_titles_name_the_next_step_first(store):
    for title in ("one", "two", "three"):
        store.apply(Change(title=title, edits=(Edit(after=box(0, 0, 1, 1)),)))
    store.undo()
    assert store.undo_titles == ["two", "one"]
    assert store.redo_titles == ["three"]


def test_undo_emits_the_reversed_change(store, heard):
    ship = box(0, 0, 1, 1)
    store.apply(added(ship))
    undone = store.undo()
    assert undone == removed(ship).__class__(title="add", edits=(Edit(before=ship),))
    assert store.redo() == heard[0]
    assert heard == [added(ship), undone, added(ship)]


def test_what_others_did_is_told_but_no_step_of_undo(store, heard):
    mine, theirs = box(0, 0, 1, 1), box(5, 5, 6, 6)
    store.apply(added(mine))
    followed = store.follow(Change(title="take over", edits=(Edit(after=theirs),)))
    assert heard[-1] == followed
    assert store.undo_titles == ["add"]
    store.undo()
    assert list(store.values()) == [theirs]
    assert store.redo_titles == ["add"], "what others do elsewhere leaves redo alone"


def test_undo_never_takes_the_work_of_others_back(store):
    shared, mine = box(0, 0, 1, 1), box(5, 5, 6, 6)
    store.apply(added(shared))
    store.apply(added(mine))
    store.follow(removed(shared))
    assert store.undo_titles == ["add"]
    store.undo()
    assert store.undo() is None
    assert len(store) == 0


def test_what_others_did_is_checked_like_any_change(store, heard):
    with pytest.raises(GeoLabelError, match="has been removed meanwhile"):
        store.follow(removed(box(0, 0, 1, 1)))
    assert not store.follow(Change(title="nothing"))
    assert heard == []


def test_a_slot_may_edit_the_store_and_all_slots_hear_in_order(store):
    ship = box(0, 0, 1, 1)
    first: list[str] = []
    second: list[str] = []

    def follow_up(change: Change) -> None:
        first.append(change.title)
        if change.title == "add":
            store.apply(updated(ship, confidence=0.5))

    store.changed.connect(follow_up)
    store.changed.connect(lambda change: second.append(change.title))
    store.apply(added(ship))
    assert first == second == ["add", "update"]


# Scene attributes and tiles


def test_scene_attributes_are_a_change_like_any_other(store, heard):
    change = store.apply(Change(title="cover", scene_attributes=({}, {"cloud_cover": np.int64(40)})))
    assert store.scene_attributes == {"cloud_cover": 40}
    assert change.scene_attributes == ({}, {"cloud_cover": 40})
    store.undo()
    assert store.scene_attributes == {}
    store.redo()
    assert store.scene_attributes == {"cloud_cover": 40}
    assert [c.scene_attributes for c in heard] == [
        ({}, {"cloud_cover": 40}),
        ({"cloud_cover": 40}, {}),
        ({}, {"cloud_cover": 40}),
    ]


def test_scene_attributes_that_stay_are_no_change(store, heard):
    assert not store.apply(Change(title="cover", scene_attributes=({}, {"cloud_cover": None})))
    assert heard == []


def test_scene_attributes_are_read_only_and_checked(store):
    with pytest.raises(TypeError):
        store.scene_attributes["cloud_cover"] = 5
    with pytest.raises(AttributeValueError, match=r"^cloud_cover: 101 is more than 100"):
        store.apply(Change(title="cover", scene_attributes=({}, {"cloud_cover": 101})))
    with pytest.raises(GeoLabelError, match="the scene attributes have changed meanwhile"):
        store.apply(Change(title="cover", scene_attributes=({"cloud_cover": 1}, {"cloud_cover": 2})))
    assert store.scene_attributes == {}


def test_tiles_are_carried_and_reversed(store, heard):
    tile = TileEdit(row=0, col=2, before=b"\0\0", after=b"\1\1")
    idle = TileEdit(row=1, col=1, before=b"x", after=b"x")
    assert store.apply(Change(title="paint", tiles=(tile, idle))).tiles == (tile,)
    assert store.undo().tiles == (TileEdit(row=0, col=2, before=b"\1\1", after=b"\0\0"),)
    assert store.redo().tiles == (tile,)
    assert not store.apply(Change(title="paint", tiles=(idle,)))
    assert len(heard) == 3


# Refusals


@pytest.mark.parametrize(
    ("annotation", "error", "reason"),
    [
        (box(0, 0, 1, 1, class_id="car"), UnknownClassError, '"car" is not a class of the ontology test'),
        (box(0, 0, 1, 1, class_id="cloud"), ForbiddenKindError, "cloud cannot be a box; draw it as polygon"),
        (box(0, 0, 1, 1, class_id="old"), ForbiddenKindError, "the class old is archived; choose another class"),
        (box(0, 0, 1, 1, attributes={"colour": 1}), AttributeValueError, "ship.colour: there is no such attribute"),
        (box(0, 0, 0, 1), GeometryError, "the box has no area"),
        (box(0, 0, 1, 1, confidence=1.5), AttributeValueError, "confidence 1.5 is not between 0 and 1"),
        (box(0, 0, 1, 1, id=""), GeoLabelError, "an edit must keep the annotation's id"),
    ],
)
def test_a_refused_change_leaves_everything_as_it_was(store, heard, annotation, error, reason):
    good = box(3, 3, 4, 4)
    store.apply(added(good))
    store.apply(updated(good, confidence=0.5))
    store.undo()
    before = (dict(store), store.undo_titles, store.redo_titles, store.query((0, 0, 9, 9)), len(heard))
    with pytest.raises(error) as caught:
        store.apply(Change(title="bad", edits=(Edit(after=box(7, 7, 8, 8)), Edit(after=annotation))))
    assert str(caught.value).startswith(reason)
    assert (dict(store), store.undo_titles, store.redo_titles, store.query((0, 0, 9, 9)), len(heard)) == before


def test_a_stale_edit_is_refused(store):
    ship = box(0, 0, 1, 1)
    store.apply(added(ship))
    store.apply(updated(ship, confidence=0.5))
    for change in (updated(ship, confidence=0.7), removed(ship)):
        with pytest.raises(GeoLabelError, match="has changed meanwhile; look at it again and repeat the edit"):
            store.apply(change)
    with pytest.raises(GeoLabelError, match=r"there is an annotation .* already"):
        store.apply(added(ship))
    store.apply(removed(store[ship.id]))
    with pytest.raises(GeoLabelError, match="has been removed meanwhile"):
        store.apply(removed(ship))


def test_an_edit_cannot_turn_one_annotation_into_another(store):
    ship, other = box(0, 0, 1, 1), box(0, 0, 1, 1)
    store.apply(added(ship))
    with pytest.raises(GeoLabelError, match="an edit must keep the annotation's id"):
        store.apply(Change(title="swap", edits=(Edit(before=ship, after=other),)))


def test_annotations_of_an_archived_class_stay_editable_but_none_may_join():
    old, ship = box(0, 0, 1, 1, class_id="old"), box(2, 2, 3, 3)
    store = AnnotationStore(ONTOLOGY, [old, ship])
    store.apply(updated(old, confidence=0.5))
    with pytest.raises(ForbiddenKindError, match="archived"):
        store.apply(updated(ship, class_id="old"))
    store.apply(removed(store[old.id]))
    store.undo()
    assert old.id in store


# The ontology


def test_the_ontology_may_grow(store):
    store.ontology = ONTOLOGY.with_classes([label_class("car")])
    store.apply(added(box(0, 0, 1, 1, class_id="car")))
    assert store.ontology["car"].name == "Car"


def test_the_ontology_may_not_lose_a_class_in_use(store):
    store.apply(added(box(0, 0, 1, 1)))
    with pytest.raises(UnknownClassError, match=r"^the ontology maritime lacks ship, in use here"):
        store.ontology = Ontology(id="maritime", name="M", version="1", classes=(label_class("dock"),))
    assert store.ontology is ONTOLOGY


def test_the_ontology_may_not_lose_a_class_that_undo_can_bring_back(store):
    store.apply(added(box(0, 0, 1, 1)))
    store.undo()
    with pytest.raises(UnknownClassError, match="lacks ship"):
        store.ontology = Ontology(id="other", name="O", version="1", classes=(label_class("dock"),))
