"""What no file can hold is held in memory, and is one with what is built on it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from napari_geolabel.annotations import Change, Edit, TileEdit
from napari_geolabel.errors import AttributeValueError, FormatError, UnsafeFileError, WriteError
from napari_geolabel.labelfile.ledger import LostFileError
from napari_geolabel.labelfile.set_aside import SetAside, concerns_the_change


@pytest.mark.parametrize(
    "error",
    [
        TypeError("object is no value"),
        OverflowError("too large for SQLite"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"),
        AttributeValueError("no such attribute"),
        sqlite3.IntegrityError("NOT NULL"),
        sqlite3.InterfaceError("type not supported"),
    ],
)
def test_a_value_that_cannot_be_stored_concerns_the_change(error: Exception) -> None:
    assert concerns_the_change(error)


@pytest.mark.parametrize(
    "error",
    [
        LostFileError("deleted"),
        OSError("no such device"),
        WriteError("locked"),
        UnsafeFileError("a trigger"),
        FormatError("a newer version"),
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.DatabaseError("malformed"),
    ],
)
def test_a_file_that_cannot_be_written_keeps_everything_waiting(error: Exception) -> None:
    assert not concerns_the_change(error)


def test_a_change_of_other_things_stays_as_it_is_and_what_is_held_stays_held(make_ship, add) -> None:
    aside, other = SetAside(), add(make_ship(9))
    aside.take(add(make_ship(1)), TypeError("object is no value"))

    assert aside.joined(other) is other
    assert len(aside) == 1


def test_a_change_is_one_with_all_that_it_builds_on(make_ship, add, update) -> None:
    aside, ship = SetAside(), make_ship(1)
    moved = update(ship, confidence=0.5)
    for change in (add(ship), moved):
        aside.take(change, TypeError("object is no value"))
    last = update(moved.edits[0].after, confidence=0.7)

    joined = aside.joined(last)

    assert joined.edits == (Edit(after=last.edits[0].after),)
    assert joined.title == last.title
    assert not aside


def test_an_undone_change_leaves_nothing_to_be_stored(make_ship, add) -> None:
    aside, change = SetAside(), add(make_ship(1))
    aside.take(change, TypeError("object is no value"))

    assert not aside.joined(change.reversed())
    assert not aside.changes


def test_strokes_and_answers_of_the_scene_are_joined_from_the_first_to_the_last() -> None:
    aside = SetAside()
    tiles = [TileEdit(row=0, col=1, before=bytes([n]), after=bytes([n + 1])) for n in range(2)]
    scenes = [({}, {"haze": object()}), ({"haze": object()}, {"haze": "thin"})]
    first, second = (Change(title=f"{n}", tiles=(tiles[n],), scene_attributes=scenes[n]) for n in range(2))
    aside.take(first, TypeError("object is no value"))

    joined = aside.joined(second)

    assert joined.tiles == (TileEdit(row=0, col=1, before=b"\0", after=b"\2"),)
    assert joined.scene_attributes == ({}, {"haze": "thin"})


def test_the_sentence_names_file_number_cause_and_ways_out(make_ship, add) -> None:
    aside = SetAside()
    aside.take(add(make_ship(1)), TypeError("object is no value"))

    assert aside.reason(Path("a.labels.gpkg")) == (
        "a.labels.gpkg cannot hold 1 change (draw: object is no value); everything else is saved: "
        "mend that value, undo the change, or export the labels"
    )
    aside.take(add(make_ship(2)), TypeError("object is no value"))
    assert "2 changes" in aside.reason(Path("a.labels.gpkg"))
    assert len(aside.empty()) == 2
    assert not aside
