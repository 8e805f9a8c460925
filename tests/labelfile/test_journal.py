"""Asking a label file about its past while a session writes it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import shapely

from napari_geolabel.annotations import Change, Edit
from napari_geolabel.errors import FormatError, MissingFileError
from napari_geolabel.labelfile import Journal


@pytest.fixture
def told(open_file, make_ship, add, update, paint):
    """A session that drew two ships, moved one, painted, and removed the other; and the ships."""
    file = open_file(annotator="Ann")
    ship, other = make_ship(10), make_ship(200)
    file.record(add(ship, other, title="draw 2"))
    moved = update(ship, geometry=shapely.box(0, 0, 7, 7))
    file.record(moved)
    file.record(paint(3))
    file.record(Change(title="remove", edits=(Edit(before=other),)))
    file.flush()
    return file, ship, other, moved.edits[0].after


def test_entries_come_from_a_number_on_and_for_one_annotation(told) -> None:
    file, ship, other, _ = told
    assert [e.seq for e in file.journal.entries(since=2)] == [3, 4]
    assert [e.seq for e in file.journal.entries(annotation_id=ship.id)] == [1, 2]
    assert [e.added for e in file.journal.entries(annotation_id=other.id)] == [2, 0]
    assert file.journal.numbers_of([ship.id, other.id]) == {1, 2, 4}
    assert file.journal.numbers_of([]) == set()


def test_a_change_says_how_things_were_and_became(told) -> None:
    file, ship, other, moved = told
    assert file.journal.change(1).edits == (Edit(after=ship), Edit(after=other))
    assert file.journal.change(2).edits == (Edit(before=ship, after=moved),)
    (tile,) = file.journal.change(3).tiles
    assert (tile.before, tile.after[:101]) == (bytes(65536), bytes([3]) * 100 + b"\0")
    assert file.journal.change(4) == Change(title="remove", edits=(Edit(before=other),))
    assert file.journal.change(1, most=1).edits == (Edit(after=ship),)
    assert not file.journal.change(99)


def test_answers_for_the_scene_are_in_a_change(open_file) -> None:
    file = open_file()
    file.record(Change(title="answer", scene_attributes=({}, {"haze": 0.5})))
    file.flush()
    assert file.journal.change(1).scene_attributes == ({}, {"haze": 0.5})


def test_one_annotation_alone_goes_back(told) -> None:
    file, ship, other, moved = told
    back = file.change_back_to(1, ids=[ship.id])
    assert back.edits == (Edit(before=moved, after=ship),)
    assert back.tiles == ()
    assert file.change_back_to(1, ids=[other.id]).edits == (Edit(after=other),)
    assert file.change_back_to(1, ids=other.id).edits == (Edit(after=other),)


def test_a_time_stands_for_the_last_change_that_was_not_later(told, sqlite) -> None:
    file, ship, other, moved = told
    file.close()
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for seq in range(1, 5):
        at = (start + timedelta(hours=seq)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        sqlite(file.path, f"UPDATE change SET at = '{at}' WHERE seq = {seq}")  # noqa: S608
    journal = Journal(file.path)

    between = journal.change_back_to(start + timedelta(hours=2, minutes=30))
    assert between.title == "go back to change 2"
    assert between.edits == (Edit(after=other),)
    assert len(between.tiles) == 1
    elsewhere = (start + timedelta(hours=1)).astimezone().replace(microsecond=0)
    assert journal.change_back_to(elsewhere, ids=[ship.id]).edits == (Edit(before=moved, after=ship),)
    assert [e.after for e in journal.change_back_to(start).edits] == [None]
    assert not journal.change_back_to(start + timedelta(days=1))


@pytest.mark.parametrize("number", [-1, 5])
def test_a_number_that_is_no_change_is_refused(told, number) -> None:
    with pytest.raises(FormatError, match=r"scene\.labels\.gpkg has no change -?\d; its changes are numbered 1 to 4"):
        told[0].change_back_to(number)


def test_a_conflict_tells_who_found_it_and_when(open_file, make_ship, add, update) -> None:
    ann, ben = open_file(annotator="Ann"), open_file(annotator="Ben")
    ship = make_ship(attributes={"name": "Ada"})
    ann.record(add(ship))
    ann.record(update(ship, attributes={"name": "Bea"}))
    ann.flush()
    ben.record(update(ship, attributes={"name": "Cid"}))
    ben.flush()

    (conflict,) = ann.journal.conflicts()

    assert (conflict.actor, conflict.seq, conflict.mine, conflict.theirs) == ("Ben", 3, "Cid", "Bea")
    assert conflict.at is not None
    assert abs(conflict.at - datetime.now(UTC)) < timedelta(minutes=5)
    assert conflict.session not in {e.session for e in ann.log() if e.actor == "Ann"}


def test_any_thread_may_ask(told) -> None:
    file = told[0]
    found = []
    thread = threading.Thread(target=lambda: found.append(len(file.journal.entries())))
    thread.start()
    thread.join()
    assert found == [4]


def test_a_file_that_is_gone_or_cannot_be_read_is_one_sentence(told, tmp_path) -> None:
    with pytest.raises(MissingFileError, match="cannot be found"):
        Journal(tmp_path / "gone.labels.gpkg").entries()
    with closing(sqlite3.connect(tmp_path / "other.gpkg")) as db:
        db.execute("CREATE TABLE t (x)")
    with pytest.raises(FormatError, match=r"journal of .*other\.gpkg cannot be read"):
        Journal(tmp_path / "other.gpkg").entries()
