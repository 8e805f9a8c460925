from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.annotations import Change
from napari_geolabel.labelfile import undo_trail
from napari_geolabel.labelfile.undo_trail import UndoTrail


@given(st.lists(st.sampled_from(["do", "undo", "redo"]), max_size=30))
def test_every_undo_finds_the_change_that_it_takes_back_and_nothing_else_does(
    make_ship, update, steps: list[str]
) -> None:
    ship = make_ship(confidence=0.0)
    trail, done, undone = UndoTrail([]), [], []
    for seq, step in enumerate(steps, start=1):
        if step == "undo" and done:
            taken, change = done.pop()
            expected, written = taken, change.reversed()
            undone.append(change)
        elif step == "redo" and undone:
            change = undone.pop()
            expected, written = None, change
            done.append((seq, change))
        else:
            change = update(ship, confidence=1 / seq)
            ship, undone = change.edits[0].after, []
            expected, written = None, change
            done.append((seq, change))
        ship = written.edits[0].after

        assert trail.undone_by(written) == expected
        trail.note(seq, written)


def test_undo_goes_on_where_an_earlier_session_stopped(make_ship, add, update) -> None:
    ship = make_ship()
    drawn, edited = add(ship), update(ship, confidence=0.5)
    trail = UndoTrail([(7, drawn), (9, edited)])

    assert trail.undone_by(drawn.reversed()) is None, "the last change goes first"
    assert trail.undone_by(edited.reversed()) == 9
    trail.note(10, edited.reversed())
    assert trail.undone_by(drawn.reversed()) == 7


def test_a_stroke_is_known_by_its_place_and_its_pixels(paint) -> None:
    stroke = paint(1, row=0, col=1)
    trail = UndoTrail([(4, stroke)])

    assert trail.undone_by(stroke.reversed()) == 4
    assert trail.undone_by(paint(1, row=1, col=0).reversed()) is None
    assert trail.undone_by(paint(2, row=0, col=1).reversed()) is None


def test_answers_of_the_scene_are_taken_back_too() -> None:
    answer = Change(title="haze", scene_attributes=({}, {"haze": 3}))
    trail = UndoTrail([(1, answer)])

    assert trail.undone_by(Change(title="other words", scene_attributes=({"haze": 3}, {}))) == 1
    assert trail.undone_by(Change(title="haze", scene_attributes=({"haze": 4}, {}))) is None


def test_a_long_session_forgets_only_its_oldest_steps(make_ship, add, monkeypatch) -> None:
    monkeypatch.setattr(undo_trail, "_STEPS", 3)
    changes = [add(make_ship(n)) for n in range(5)]
    trail = UndoTrail(enumerate(changes))

    found = []
    for seq, change in reversed(list(enumerate(changes))):
        found.append(trail.undone_by(change.reversed()))
        trail.note(100 + seq, change.reversed())

    assert found == [4, 3, 2, None, None]


def test_what_others_have_built_on_is_forgotten_and_what_lies_below_is_found(make_ship, add, update) -> None:
    mine, shared = make_ship(10), make_ship(200)
    drawn, also = add(mine), add(shared)
    trail = UndoTrail([(1, drawn), (2, also), (3, update(shared, confidence=0.5))])

    trail.give_way([shared.id])

    assert trail.undone_by(drawn.reversed()) == 1
    trail.give_way([])
    assert trail.undone_by(drawn.reversed()) == 1
