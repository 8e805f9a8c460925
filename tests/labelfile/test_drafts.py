"""The unfinished drawing in the label file."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import replace

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import WriteError
from napari_geolabel.labelfile import Draft, Saved
from napari_geolabel.labelfile.drafts import adopt_draft, put_draft, read_drafts
from napari_geolabel.labelfile.sessions import begin_session, end_session
from napari_geolabel.ontology import Kind

HULL = Draft(kind=Kind.POLYGON, class_id="ship", points=((1.5, 2.0), (30.1, 2.2), (30.0, 1 / 3)))


def drafts_in(sqlite, path) -> list[list[list[float]]]:
    """Return the points of all drafts that a file holds."""
    rows = sqlite(path, "SELECT value FROM geolabel WHERE key LIKE 'draft:%'")
    return [json.loads(text)["points"] for (text,) in rows]


def left_behind(db: sqlite3.Connection, annotator: str | None, draft: Draft):
    """Let a session keep a draft and end."""
    author, _ = begin_session(db, annotator)
    put_draft(db, author.session, draft)
    end_session(db, author)
    return author


@given(
    points=st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 2), min_size=1, max_size=30),
    kind=st.sampled_from([Kind.POLYGON, Kind.POLYLINE, Kind.BOX, Kind.ROTATED_BOX]),
)
def test_a_draft_comes_back_to_the_last_bit(tmp_path_factory, utm, ontology, points, kind) -> None:
    from napari_geolabel.labelfile.connection import connect

    path = tmp_path_factory.mktemp("any") / "a.db"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("CREATE TABLE geolabel (key TEXT PRIMARY KEY NOT NULL, value TEXT)")
    db.close()
    db = connect(path)
    draft = Draft(kind=kind, class_id="ship", points=tuple(points))
    put_draft(db, "me", draft)
    assert read_drafts(db) == [("me", draft)]
    put_draft(db, "me", None)
    assert read_drafts(db) == []
    db.close()


def test_each_session_has_one_draft_and_the_last_one_counts(db) -> None:
    put_draft(db, "ann", HULL)
    put_draft(db, "ben", HULL)
    put_draft(db, "ann", replace(HULL, points=((0.0, 0.0),)))

    assert [(session, len(draft.points)) for session, draft in read_drafts(db)] == [("ben", 3), ("ann", 1)]


def test_what_an_annotator_left_behind_becomes_the_next_session_s_own(db) -> None:
    left_behind(db, "Ann", HULL)
    author, _ = begin_session(db, "Ann")

    assert adopt_draft(db, author, []) == HULL
    assert read_drafts(db) == [(author.session, HULL)]


def test_the_newest_of_several_comes_first_and_the_others_stay(db) -> None:
    line = replace(HULL, kind=Kind.POLYLINE)
    left_behind(db, None, HULL)
    left_behind(db, None, line)
    author, _ = begin_session(db, None)

    assert adopt_draft(db, author, []) == line
    put_draft(db, author.session, None)
    end_session(db, author)
    later, _ = begin_session(db, None)
    assert adopt_draft(db, later, []) == HULL


def test_drafts_of_others_and_of_running_sessions_are_left_alone(db) -> None:
    left_behind(db, "Ben", HULL)
    running, _ = begin_session(db, "Ann")
    put_draft(db, running.session, HULL)
    author, _ = begin_session(db, "Ann")

    assert adopt_draft(db, author, []) is None
    assert len(read_drafts(db)) == 2


def test_a_drawing_that_was_finished_in_the_last_moment_is_no_draft(db, make_ship) -> None:
    left_behind(db, "Ann", HULL)
    ship = make_ship(kind=Kind.POLYGON, geometry=shapely.Polygon(HULL.points))
    other = make_ship(kind=Kind.POLYGON, geometry=shapely.box(0, 0, 5, 5))
    author, _ = begin_session(db, "Ann")

    assert adopt_draft(db, author, [other, ship]) is None
    assert read_drafts(db) == []


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "[]", "{}", '{"kind": "spiral", "class_id": "a", "points": []}',
     '{"kind": "box", "class_id": "a", "points": [[1, 2, 3]]}', '{"kind": "box", "class_id": "a", "points": 5}'],
)  # fmt: skip
def test_what_is_no_draft_is_left_out(db, text) -> None:
    db.execute("INSERT INTO geolabel VALUES ('draft:x', ?)", (text,))

    assert read_drafts(db) == []


def test_a_draft_is_no_change_and_no_label(open_file, path, sqlite) -> None:
    file = open_file()
    file.keep_draft(HULL)
    file.flush()

    assert file.status == Saved()
    assert drafts_in(sqlite, path) == [[list(point) for point in HULL.points]]
    assert list(file.log()) == []
    assert sqlite(path, "SELECT count(*) FROM annotation") == [(0,)]
    assert sqlite(path, "SELECT count(*) FROM labels_polygon") == [(0,)]


def test_a_draft_is_there_when_the_file_is_opened_again_and_a_note_says_so(open_file) -> None:
    file = open_file()
    file.keep_draft(HULL)
    file.close()

    again = open_file()

    assert again.load().draft == HULL
    assert again.notes == ("an unfinished polygon of 3 points (ship) was kept; go on with it, or give it up with Esc",)
    again.keep_draft(None)
    again.close()
    last = open_file()
    assert last.load().draft is None
    assert last.notes == ()


def test_only_the_last_of_many_points_has_to_be_written(open_file, path, sqlite) -> None:
    file = open_file()
    release = threading.Event()
    written = []
    keep = file._writer.ledger.keep_draft

    def slow(draft) -> None:
        release.wait(60)
        written.append(len(draft.points))
        keep(draft)

    file._writer.ledger.keep_draft = slow
    for count in range(1, 200):
        file.keep_draft(replace(HULL, points=((1.0, 1.0),) * count))  # returns at once, or this test would hang
    release.set()
    file.flush()

    assert written[-1] == 199
    assert len(written) <= 2
    assert len(drafts_in(sqlite, path)[0]) == 199


def test_what_is_finished_is_written_before_its_draft_is_forgotten(open_file, make_ship, add) -> None:
    file = open_file()
    order = []
    ledger = file._writer.ledger
    write, keep = ledger.write, ledger.keep_draft
    ledger.write = lambda change: (order.append(change.title), write(change))[1]
    ledger.keep_draft = lambda draft: (order.append(draft), keep(draft))[1]
    hold = threading.Event()
    blocker = threading.Thread(target=lambda: file._writer.call(lambda: hold.wait(60)))
    blocker.start()

    file.keep_draft(None)
    file.record(add(make_ship(), title="finish"))
    hold.set()
    blocker.join()
    file.flush()

    assert order == ["finish", None]


def test_a_draft_that_cannot_be_written_fails_nothing(open_file, make_ship, add) -> None:
    file = open_file()

    def full(_draft) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    file._writer.ledger.keep_draft = full
    file.keep_draft(HULL)
    file.flush()
    assert file.status == Saved()
    file.record(add(make_ship()))
    file.flush()


def test_a_file_that_was_deleted_is_not_written_to(open_file, path) -> None:
    file = open_file()
    path.unlink()
    file.keep_draft(HULL)
    file.flush()

    assert not path.exists()


def test_a_draft_goes_along_to_another_file(open_file, path, tmp_path) -> None:
    file = open_file()
    file.keep_draft(HULL)
    file.flush()
    other = tmp_path / "other.labels.gpkg"
    file.save_as(other)
    file.close()

    assert open_file(other).load().draft == HULL


def test_a_closed_file_or_one_to_read_takes_no_draft(open_file) -> None:
    file = open_file()
    file.close()
    with pytest.raises(WriteError, match="is closed"):
        file.keep_draft(HULL)
    with pytest.raises(WriteError, match="was opened for reading"):
        open_file(mode="r").keep_draft(HULL)


def test_a_draft_speaks_for_itself() -> None:
    assert str(HULL) == "polygon of 3 points (ship)"
    assert str(Draft(kind=Kind.ROTATED_BOX, class_id="tug", points=((1, 2),))) == "rotated box of 1 point (tug)"
