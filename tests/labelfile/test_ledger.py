from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator

import pytest
import shapely

from napari_geolabel.annotations import Change, Edit
from napari_geolabel.errors import UnsafeFileError
from napari_geolabel.labelfile.birth import Content, create_file
from napari_geolabel.labelfile.connection import companions, connect, wal_of
from napari_geolabel.labelfile.gpkg_geometry import to_blob
from napari_geolabel.labelfile.ledger import Arrivals, Ledger, LostFileError
from napari_geolabel.labelfile.load import read_content, read_history
from napari_geolabel.labelfile.tiles import unpack_tile
from napari_geolabel.labelfile.transaction import Author
from napari_geolabel.ontology import Kind, LabelClass


@pytest.fixture
def open_ledger(path, utm, ontology, form) -> Iterator[Callable[..., Ledger]]:
    """Open the test's label file as a session would."""
    create_file(path, utm, ontology, Content())
    opened: list[sqlite3.Connection] = []

    def run(session: str = "one") -> Ledger:
        db = connect(path)
        opened.append(db)
        content = read_content(db)
        history = read_history(db, content, [])
        return Ledger(db, path, form, Author(session=session, annotator=session), content, history)

    yield run
    for db in opened:
        db.close()


@pytest.fixture
def pair(open_ledger) -> tuple[Ledger, Ledger]:
    """Two sessions on one file."""
    return open_ledger("one"), open_ledger("two")


def known(ledger: Ledger) -> tuple:
    """Return what a ledger believes the file to hold."""
    mirror = ledger.mirror
    tiles = {key: unpack_tile(blob) for key, (_, blob) in mirror.tiles.items() if blob is not None}
    return {name: a for name, (_, _, a) in mirror.annotations.items()}, tiles, dict(mirror.scene_attributes)


def held(ledger: Ledger) -> tuple:
    """Return what the file holds."""
    content = read_content(ledger.db)
    tiles = {key: unpack_tile(blob) for key, (_, blob) in content.tiles.items() if blob is not None}
    return {name: a for name, (_, _, a) in content.annotations.items()}, tiles, dict(content.scene_attributes)


def test_the_mirrors_of_two_sessions_are_what_the_file_holds(pair, make_ship, add, update, paint) -> None:
    one, two = pair
    ship, other = make_ship(), make_ship(50)
    one.write(add(ship, other))
    two.write(paint(3))
    two.write(update(ship, confidence=0.5))
    one.write(update(ship, confidence=0.75, attributes={"name": "Ada"}))
    one.write(Change(title="haze", scene_attributes=({}, {"haze": 2})))
    two.write(Change(title="remove", edits=(Edit(before=other),)))
    two.write(paint(3).reversed())

    for ledger in pair:
        ledger.poll()
        assert known(ledger) == held(ledger)
    assert known(one) == known(two)
    assert known(one)[0].keys() == {ship.id}


def test_what_another_session_did_arrives_once_and_our_own_never(pair, make_ship, add, paint) -> None:
    one, two = pair
    ship = make_ship()
    assert not one.write(add(ship)), "nothing is new to who wrote it"
    one.write(Change(title="haze", scene_attributes=({}, {"haze": 2})))
    one.write(paint(3))

    arrived = two.poll()

    assert arrived.annotations == {ship.id: ship}
    assert arrived.scene_attributes == {"haze": 2}
    assert arrived.tiles == {(0, 0): paint(3).tiles[0].after}
    assert not two.poll()
    assert not one.poll()
    later = make_ship(50)
    one.write(add(later))
    news = two.poll()
    assert (news.annotations, news.tiles, news.scene_attributes) == ({later.id: later}, {}, None)


def test_news_come_with_a_write_too_and_a_conflict_is_told_to_who_came_second(pair, make_ship, add, update) -> None:
    one, two = pair
    ship = make_ship()
    one.write(add(ship))
    two.poll()
    one.write(update(ship, confidence=0.25))

    arrived = two.write(update(ship, confidence=0.75))

    (conflict,) = arrived.conflicts
    assert (conflict.mine, conflict.theirs) == (0.75, 0.25)
    assert arrived.annotations[ship.id].confidence == 0.25
    assert not one.poll().conflicts


def test_a_scene_whose_answers_were_taken_back_is_news() -> None:
    assert Arrivals(scene_attributes={})
    assert not Arrivals()


def test_undo_is_written_as_undo_in_this_session_and_the_next(open_ledger, make_ship, add, update) -> None:
    ship = make_ship()
    drawn, edited = add(ship), update(ship, confidence=0.5)
    ledger = open_ledger()
    for change in (drawn, edited, edited.reversed()):
        ledger.write(change)
    later = open_ledger("later")
    later.write(drawn.reversed())

    assert later.db.execute("SELECT seq, undoes FROM change").fetchall() == [(1, None), (2, None), (3, 2), (4, 1)]
    assert held(later)[0] == {}


def test_nothing_is_written_to_a_file_that_was_deleted(open_ledger, path, make_ship, add) -> None:
    ledger = open_ledger()
    assert not ledger.is_lost
    path.unlink()

    assert ledger.is_lost
    assert ledger.is_gone
    with pytest.raises(LostFileError, match="deleted while it was open"):
        ledger.write(add(make_ship()))
    with pytest.raises(LostFileError):
        ledger.poll()
    assert not path.exists()
    assert known(ledger) == ({}, {}, {}), "the mirror tells only of what is on disk"


def test_a_file_put_in_the_place_of_ours_is_not_ours(open_ledger, path, tmp_path, make_ship, add) -> None:
    ledger = open_ledger()
    other = tmp_path / "other.gpkg"
    shutil.copyfile(path, other)
    other.replace(path)
    before = path.read_bytes()

    assert ledger.is_lost
    assert not ledger.is_gone
    with pytest.raises(LostFileError, match="replaced by another file"):
        ledger.write(add(make_ship()))
    assert path.read_bytes() == before


def test_a_write_that_fails_leaves_mirror_and_undo_as_they_were(pair, make_ship, add) -> None:
    one, two = pair
    one.db.execute("PRAGMA busy_timeout = 0")
    change = add(make_ship())
    two.db.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        one.write(change)
    two.db.execute("ROLLBACK")

    assert known(one) == held(one) == ({}, {}, {})
    one.write(change)
    assert known(one) == held(one)
    assert one.db.execute("SELECT count(*) FROM change").fetchone() == (1,)


def test_a_trigger_that_comes_while_the_file_is_open_never_runs(open_ledger, path, sqlite, make_ship, add) -> None:
    ledger = open_ledger()
    sqlite(path, "CREATE TRIGGER evil AFTER INSERT ON annotation BEGIN DELETE FROM scene; END")

    with pytest.raises(UnsafeFileError, match="evil"):
        ledger.write(add(make_ship()))
    sqlite(path, "DROP TRIGGER evil")
    ledger.write(add(make_ship()))
    assert len(held(ledger)[0]) == 1


def test_an_edit_made_in_a_gis_arrives_and_is_in_the_mirror(pair, path, sqlite, make_ship, add) -> None:
    one, _ = pair
    ship = make_ship()
    one.write(add(ship))
    blob = to_blob(shapely.box(400_960, 5_298_990, 401_160, 5_299_040), 32633).hex()
    sqlite(path, "UPDATE labels_polygon SET attr_name = 'Bea'", f"UPDATE labels_polygon SET geom = X'{blob}'")  # noqa: S608

    arrived = one.poll()

    assert arrived.annotations[ship.id].attributes == {"name": "Bea"}
    assert arrived.annotations[ship.id].geometry.bounds == (100, 100, 120, 105)
    assert known(one) == held(one)
    assert not one.poll(), "it is taken over once"


def test_what_a_gis_did_while_the_file_was_closed_can_be_edited_at_once(
    open_ledger, path, sqlite, make_ship, add, update
) -> None:
    ship = make_ship()
    first = open_ledger()
    first.write(add(ship))
    sqlite(path, "UPDATE labels_polygon SET confidence = 0.25")
    second = open_ledger("two")

    taken = second.settle()

    edited = update(taken.annotations[ship.id], confidence=0.5)
    assert not second.write(edited).conflicts
    assert known(second) == held(second)
    assert set(second.mirror.exact) == {ship.id}
    assert not second.settle()


def test_a_finished_session_leaves_a_single_file(open_ledger, path, make_ship, add) -> None:
    ledger = open_ledger()
    ledger.write(add(make_ship()))
    assert wal_of(path).stat().st_size > 0

    assert ledger.make_room()
    assert wal_of(path).stat().st_size == 0
    assert not ledger.make_room()
    ledger.finish()
    ledger.db.close()

    assert not any(helper.exists() for helper in companions(path))
    assert path.read_bytes()[18:20] == b"\1\1", "any program can read it, from any disk"


def test_changes_that_are_written_together_stay_changes_of_their_own(open_ledger, make_ship, add, update) -> None:
    ledger, ship = open_ledger(), make_ship()
    drawn, edited = add(ship), update(ship, confidence=0.5)

    ledger.write(drawn, edited, edited.reversed())

    changes = ledger.db.execute("SELECT seq, undoes FROM change ORDER BY seq").fetchall()
    assert changes == [(1, None), (2, None), (3, 2)]
    assert known(ledger) == held(ledger)
    ledger.write(drawn.reversed())
    assert ledger.db.execute("SELECT undoes FROM change WHERE seq = 4").fetchone() == (1,)


def test_of_changes_that_are_written_together_none_is_there_when_one_fails(open_ledger, make_ship, add, update) -> None:
    ledger, ship = open_ledger(), make_ship()
    ledger.write(add(ship))
    edited = update(ship, confidence=0.5)

    with pytest.raises(TypeError, match="no value that a label file can hold"):
        ledger.write(edited, add(make_ship(attributes={"name": object()})))

    assert known(ledger) == held(ledger)
    ledger.write(edited)
    ledger.write(edited.reversed())
    assert ledger.db.execute("SELECT seq, undoes FROM change ORDER BY seq").fetchall() == [(1, None), (2, None), (3, 2)]


def test_what_others_did_still_arrives_after_a_write_that_failed(pair, make_ship, add) -> None:
    one, two = pair
    ship = make_ship()
    one.write(add(ship))
    with pytest.raises(TypeError):
        two.write(add(make_ship(attributes={"name": object()})))

    assert two.poll().annotations == {ship.id: ship}


def test_own_changes_are_not_looked_through_again_and_again(open_ledger, path, sqlite, make_ship, add) -> None:
    ledger = open_ledger()
    asked: list[str] = []
    ledger.db.set_trace_callback(asked.append)
    for n in range(3):
        ledger.write(add(make_ship(n)))

    assert ledger._seen_seq == 3
    looks = ("session !=", "FROM touched_feature ORDER")
    assert not [query for query in asked if any(look in query for look in looks)], "nobody else has written"
    sqlite(path, "UPDATE labels_polygon SET attr_name = 'Bea'")
    ledger.write(add(make_ship(9)))
    assert all(any(look in query for query in asked) for look in looks)
    ledger.db.set_trace_callback(None)
    assert known(ledger) == held(ledger)


def test_a_feature_that_waited_for_a_class_is_taken_over_once_the_ontology_has_it(
    open_ledger, path, sqlite, ontology
) -> None:
    ledger = open_ledger()
    blob = to_blob(shapely.box(400_960, 5_298_990, 401_160, 5_299_040), 32633).hex()
    sqlite(path, f"INSERT INTO labels_polygon (geom, class_id) VALUES (X'{blob}', 'dock')")  # noqa: S608
    assert not ledger.poll().annotations
    dock = LabelClass(id="dock", name="Dock", color="#123456", mask_value=9, kinds=(Kind.POLYGON, Kind.BOX))

    ledger.use(ontology.with_classes([dock]))

    assert [a.class_id for a in ledger.poll().annotations.values()] == ["dock"]
    assert known(ledger) == held(ledger)
