from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime

import pytest
import shapely

from napari_geolabel.annotations import Annotation, Change, Edit, Status, TileEdit
from napari_geolabel.errors import GeometryError
from napari_geolabel.labelfile.connection import connect
from napari_geolabel.labelfile.load import faded_features, read_content, read_history
from napari_geolabel.labelfile.schema import PLAIN_TABLES
from napari_geolabel.labelfile.tiles import unpack_tile
from napari_geolabel.labelfile.transaction import Author, now, transaction, write_change
from napari_geolabel.ontology import Kind

ANN, BEN = Author(session="one", annotator="Ann"), Author(session="two", annotator="Ben")


@pytest.fixture
def write(db, form):
    """Write a change in a transaction of its own and return the outcome."""

    def run(change: Change, author: Author = ANN, undoes: int | None = None):
        with transaction(db):
            return write_change(db, change, form, author, undoes)

    return run


def state(db) -> list:
    """Return all rows of all tables that say what was labelled."""
    return [db.execute(f"SELECT * FROM {table}").fetchall() for table in (*PLAIN_TABLES, "labels_polygon")]  # noqa: S608


def in_order(db) -> list[Annotation]:
    return [annotation for _, _, annotation in read_content(db).annotations.values()]


def test_feature_row_exact_row_and_journal_stand_together(db, form, write, make_ship, add) -> None:
    ship = make_ship()

    outcome = write(add(ship))

    assert in_order(db) == [ship]
    assert db.execute("SELECT id, class_id FROM labels_polygon").fetchall() == [(ship.id, "ship")]
    assert db.execute("SELECT seq, op, id, version FROM journal").fetchall() == [(outcome.seq, "add", ship.id, 1)]
    assert db.execute("SELECT session, actor, title, edits FROM change").fetchall() == [("one", "Ann", "draw", 1)]
    assert faded_features(db, form) == []
    assert not db.execute("SELECT * FROM touched_feature").fetchall(), "our own writes are no news"


def test_a_change_that_fails_half_way_leaves_nothing_behind(db, write, make_ship, add, paint) -> None:
    write(add(make_ship()))
    before = state(db)
    strange = make_ship(geometry=shapely.GeometryCollection([shapely.Point(1, 2)]))
    change = Change(title="import", edits=add(make_ship(5), strange).edits, tiles=paint(3).tiles)

    with pytest.raises(GeometryError):
        write(change)

    assert state(db) == before
    assert not db.in_transaction


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError])
def test_whatever_stops_a_transaction_takes_it_back(db, failure: type[BaseException]) -> None:
    def fail() -> None:
        with transaction(db):
            db.execute("DELETE FROM scene")
            raise failure

    with pytest.raises(failure):
        fail()

    assert not db.in_transaction
    assert db.execute("SELECT count(*) FROM scene").fetchone() == (1,)


def test_a_transaction_locks_others_out_before_it_reads(db, path) -> None:
    with closing(connect(path)) as other, transaction(db):
        other.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(sqlite3.OperationalError, match="locked"), transaction(other):
            pass


def test_what_the_file_has_already_is_not_written_again(db, write, make_ship, add, paint) -> None:
    change = Change(
        title="both", edits=add(make_ship()).edits, tiles=paint(2).tiles, scene_attributes=({}, {"haze": 1})
    )
    write(change)
    before = state(db)

    again = write(change, BEN)

    assert again.seq is None
    assert not again.conflicts
    assert state(db) == before


def test_two_edits_of_one_annotation_that_started_from_the_same_version_are_merged(
    db, write, make_ship, add, update
) -> None:
    ship = make_ship()
    write(add(ship))
    write(update(ship, confidence=0.25, status=Status.ACCEPTED), BEN)

    outcome = write(update(ship, confidence=0.75, attributes={"name": "Ada"}))

    (merged,) = in_order(db)
    assert (merged.confidence, merged.status, merged.attributes) == (0.25, Status.ACCEPTED, {"name": "Ada"})
    assert outcome.annotations == {ship.id: merged}, "the session must hear that it did not get what it wanted"
    (conflict,) = outcome.conflicts
    assert (conflict.field, conflict.base, conflict.mine, conflict.theirs) == ("confidence", None, 0.75, 0.25)
    kept = db.execute("SELECT seq, id, field, base, mine, theirs, session, resolved FROM conflict").fetchall()
    assert kept == [(outcome.seq, ship.id, "confidence", None, "0.75", "0.25", "one", None)]
    assert db.execute("SELECT version FROM annotation").fetchone() == (3,)


def test_a_ship_that_one_removed_and_another_edited_stays(db, write, make_ship, add, update) -> None:
    ship = make_ship()
    edit = update(ship, confidence=0.5)
    write(add(ship))
    write(edit, BEN)

    outcome = write(Change(title="remove", edits=(Edit(before=ship),)))

    assert in_order(db) == [edit.edits[0].after]
    assert [conflict.field for conflict in outcome.conflicts] == ["annotation"]


def test_what_comes_back_has_its_old_place_and_a_new_version(db, write, make_ship, add) -> None:
    ships = [make_ship(n) for n in (0, 50, 100)]
    for ship in ships:
        write(add(ship))
    gone = Change(title="remove", edits=(Edit(before=ships[1]),))
    write(gone)
    assert in_order(db) == [ships[0], ships[2]]
    assert db.execute("SELECT count(*) FROM labels_polygon").fetchone() == (2,)

    write(gone.reversed(), undoes=4)

    assert in_order(db) == ships
    assert db.execute("SELECT version FROM annotation WHERE id = ?", (ships[1].id,)).fetchone() == (3,)
    assert db.execute("SELECT undoes FROM change ORDER BY seq DESC").fetchone() == (4,)


def test_an_annotation_that_becomes_a_line_moves_to_the_table_of_lines(db, form, write, make_ship, add, update) -> None:
    ship = make_ship()
    write(add(ship))

    write(update(ship, class_id="road", kind=Kind.POLYLINE, geometry=shapely.LineString([(0, 0), (9, 9)])))

    assert db.execute("SELECT id FROM labels_line").fetchall() == [(ship.id,)]
    assert db.execute("SELECT id FROM labels_polygon").fetchall() == []
    assert faded_features(db, form) == []


def test_two_strokes_on_one_tile_are_mixed_pixel_by_pixel(db, write, paint) -> None:
    blank = bytes(256 * 256)
    write(paint(1, pixels=10), BEN)
    mine = TileEdit(row=0, col=0, before=blank, after=blank[:-5] + b"\2" * 5)

    outcome = write(Change(title="paint", tiles=(mine,)))

    pixels = unpack_tile(db.execute("SELECT pixels FROM mask_tile").fetchone()[0])
    assert pixels == b"\1" * 10 + blank[15:] + b"\2" * 5
    assert outcome.tiles == {(0, 0): pixels}


def test_an_erased_tile_keeps_its_row_so_that_its_version_goes_on(db, write, paint) -> None:
    stroke = paint(7, row=1, col=2, pixels=9)
    for change in (stroke, stroke.reversed(), stroke):
        write(change)
        assert db.execute("SELECT count(*) FROM mask_tile").fetchone() == (1,)

    assert db.execute("SELECT version FROM mask_tile").fetchone() == (3,)
    assert db.execute("SELECT version, before ISNULL, after ISNULL FROM journal_tile").fetchall() == [
        (1, True, False),
        (2, False, True),
        (3, True, False),
    ]


def test_answers_of_the_scene_are_merged_one_by_one(db, write) -> None:
    write(Change(title="haze", scene_attributes=({}, {"haze": 3, "note": "fog"})), BEN)

    outcome = write(Change(title="note", scene_attributes=({}, {"note": "mist"})))

    assert read_content(db).scene_attributes == {"haze": 3, "note": "fog"}
    assert outcome.scene_attributes == {"haze": 3, "note": "fog"}
    assert [(c.annotation_id, c.field, c.theirs) for c in outcome.conflicts] == [("", "attributes.note", "fog")]


def test_only_a_status_that_changes_is_a_step_of_review(db, write, make_ship, add, update) -> None:
    ship = make_ship()
    write(add(ship))
    named = update(ship, attributes={"name": "Ada"})
    write(named)
    outcome = write(update(named.edits[0].after, status=Status.ACCEPTED))

    steps = db.execute("SELECT seq, id, from_status, to_status FROM review").fetchall()
    assert steps == [(outcome.seq, ship.id, str(ship.status), "accepted")]


def test_everything_that_was_written_can_be_undone_from_the_journal(db, write, make_ship, add, update, paint) -> None:
    ship = make_ship()
    changes = [add(ship, make_ship(50)), update(ship, confidence=1), paint(4), paint(4).reversed()]
    changes += [Change(title="haze", scene_attributes=({}, {"haze": 2}))]
    for change in changes:
        write(change)
    notes: list[str] = []

    assert [change for _, change in read_history(db, read_content(db), notes)] == changes
    assert notes == []


def test_the_time_in_the_file_is_utc_to_the_millisecond() -> None:
    text = now()

    assert len(text) == len("2024-05-31T12:30:15.123Z")
    assert abs((datetime.fromisoformat(text) - datetime.now().astimezone()).total_seconds()) < 60
