"""What can be undone and redone, within a budget of memory."""

from __future__ import annotations

import shapely

from napari_geolabel.annotations import Annotation, Change, Edit, TileEdit
from napari_geolabel.annotations.history import History


def paint(title: str, size: int) -> Change:
    return Change(title=title, tiles=(TileEdit(row=0, col=0, before=b"", after=bytes(size)),))


def test_steps_go_back_and_forward_in_order():
    history = History()
    one, two = paint("one", 1), paint("two", 1)
    history.record(one)
    history.record(two)
    assert history.step_back() == two.reversed()
    assert history.step_back() == one.reversed()
    assert history.step_back() is None
    assert history.step_forward() == one
    assert history.step_forward() == two
    assert history.step_forward() is None


def test_a_new_step_forgets_what_was_undone():
    history = History()
    history.record(paint("one", 1))
    history.step_back()
    history.record(paint("two", 1))
    assert history.step_forward() is None
    assert [change.title for change in history.done] == ["two"]


def test_the_oldest_painting_goes_when_memory_is_short_and_the_last_never():
    history = History(tile_budget=100)
    for title in "abcd":
        history.record(paint(title, 40))
    assert [change.title for change in history.done] == ["c", "d"]
    history.record(paint("large", 1000))
    assert [change.title for change in history.done] == ["large"]


def test_what_was_undone_counts_until_it_is_forgotten():
    history = History(tile_budget=100)
    history.record(paint("first", 40))
    for _ in range(50):
        history.record(paint("again", 40))
        history.step_back()
    history.record(paint("last", 40))
    assert [change.title for change in history.done] == ["first", "last"]


def test_it_knows_the_annotations_that_it_can_bring_back():
    history = History()
    bow = Annotation(class_id="bow", kind="keypoint", geometry=shapely.Point(1, 1))
    moved = bow.edited(geometry=shapely.Point(2, 2))
    history.record(Change(title="draw", edits=(Edit(after=bow),)))
    history.record(Change(title="move", edits=(Edit(before=bow, after=moved),)))
    history.step_back()
    assert list(history.annotations()) == [bow, bow, moved]


def edit(title: str, *ids: str) -> Change:
    point = shapely.Point(1, 1)
    edits = tuple(Edit(after=Annotation(id=i, class_id="ship", kind="keypoint", geometry=point)) for i in ids)
    return Change(title=title, edits=edits)


def test_a_change_says_what_it_touches():
    change = Change(title="much", edits=edit("", "a", "b").edits, tiles=paint("", 1).tiles, scene_attributes=({}, {}))
    assert change.touched == {"a", "b", (0, 0), None}
    assert Change(title="nothing").touched == frozenset()


def test_steps_that_others_have_built_on_go_with_all_that_depends_on_them():
    history = History([edit("draw a", "a"), edit("draw b", "b"), edit("join", "b", "c"), edit("draw d", "d")])
    history.give_way(edit("theirs", "c"))
    assert [change.title for change in history.done] == ["draw a", "draw d"]


def test_undone_steps_give_way_too():
    history = History([edit("one", "a"), edit("two", "b"), edit("three", "a")])
    for _ in range(3):
        history.step_back()
    history.give_way(edit("theirs", "b"))
    assert [history.step_forward().title for _ in range(2)] == ["one", "three"]
    assert history.step_forward() is None


def test_dropped_tiles_no_longer_count():
    history = History([paint("old", 60), edit("draw", "a")], tile_budget=100)
    history.give_way(paint("theirs", 1))
    history.record(paint("one", 60))
    assert [change.title for change in history.done] == ["draw", "one"]
