from __future__ import annotations

import sqlite3
import threading
import time

import pytest
import shapely

from napari_geolabel.annotations import AnnotationStore, Change
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.ontology import Attribute


@pytest.fixture
def pair(open_file):
    """Two sessions on one file."""
    return open_file(annotator="Ann"), open_file(annotator="Ben")


def wait_for(file, action) -> None:
    """Do something and wait until another session hears of it."""
    arrived = threading.Event()
    file.arrived.connect(arrived.set)
    action()
    assert arrived.wait(60)
    file.arrived.disconnect(arrived.set)


def wait_until(is_true) -> None:
    """Wait until something is so."""
    for _ in range(600):
        if is_true():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come")


def test_what_one_session_adds_arrives_in_the_other(pair, make_ship, add, ontology) -> None:
    ann, ben = pair
    ship = make_ship()
    store = AnnotationStore(ontology)
    store.changed.connect(ben.record)

    wait_for(ben, lambda: ann.record(add(ship)))
    store.apply(ben.pull(store, scene_attributes=store.scene_attributes))
    ben.flush()

    assert list(store.values()) == [ship]
    assert len(list(ann.log())) == 1, "what was taken over is not written again"


def test_edits_of_different_fields_at_the_same_time_both_land(pair, make_ship, add, update, open_file) -> None:
    ann, ben = pair
    ship = make_ship()
    ann.record(add(ship))
    ann.flush()
    ann.record(update(ship, confidence=0.5))
    ben.record(update(ship, geometry=shapely.box(0, 0, 5, 5)))
    ann.flush()
    ben.flush()

    (merged,) = open_file(mode="r").load().annotations

    assert merged.confidence == 0.5
    assert merged.geometry == shapely.box(0, 0, 5, 5)
    assert ann.conflicts() == []


def test_two_edits_of_one_field_are_shown_as_mine_theirs_and_base(pair, make_ship, add, update, open_file) -> None:
    ann, ben = pair
    ship = make_ship(attributes={"name": "Ada"})
    ann.record(add(ship))
    ann.flush()
    ann.record(update(ship, attributes={"name": "Bea"}))
    ann.flush()
    mine = update(ship, attributes={"name": "Cid"})
    ben.record(mine)
    ben.flush()

    (conflict,) = ben.conflicts()
    assert (conflict.field, conflict.base, conflict.mine, conflict.theirs) == ("attributes.name", "Ada", "Cid", "Bea")
    assert any("changed twice at the same time" in note for note in ben.notes)
    back = ben.pull({ship.id: mine.edits[0].after}, scene_attributes={})
    assert back.edits[0].after.attributes == {"name": "Bea"}

    ben.resolve(conflict)
    assert ben.conflicts() == []
    assert open_file(mode="r").load().annotations[0].attributes == {"name": "Bea"}


def test_an_edit_of_what_the_other_removed_stays(pair, make_ship, add, update, open_file) -> None:
    ann, ben = pair
    ship = make_ship()
    drawn = add(ship)
    ann.record(drawn)
    ann.flush()
    ann.record(drawn.reversed())
    ann.flush()
    ben.record(update(ship, confidence=0.5))
    ben.flush()

    assert [a.confidence for a in open_file(mode="r").load().annotations] == [0.5]
    assert [conflict.field for conflict in ben.conflicts()] == ["annotation"]


def test_two_strokes_on_one_tile_are_both_in_the_mask(pair, paint, open_file) -> None:
    ann, ben = pair
    ann.record(paint(1, pixels=100))
    ann.flush()
    low = paint(2)
    from napari_geolabel.annotations import TileEdit

    mine = TileEdit(row=0, col=0, before=bytes(65536), after=bytes(65000) + bytes([2]) * 536)
    ben.record(Change(title="paint", tiles=(mine,)))
    ben.flush()

    tile = open_file(mode="r").load().tiles[0, 0]
    assert tile == bytes([1]) * 100 + bytes(64900) + bytes([2]) * 536
    assert low.tiles[0].row == 0
    back = ben.pull({}, scene_attributes={}, tile=lambda row, col: mine.after)
    assert back.tiles[0].after == tile


def test_answers_for_the_scene_are_merged_one_by_one(pair, open_file) -> None:
    ann, ben = pair
    ann.record(Change(title="answer", scene_attributes=({}, {"haze": 0.5})))
    ann.flush()
    ben.record(Change(title="answer", scene_attributes=({}, {"note": "x"})))
    ben.flush()

    assert open_file(mode="r").load().scene_attributes == {"haze": 0.5, "note": "x"}
    back = ben.pull({}, scene_attributes={"note": "x"})
    assert back.scene_attributes == ({"note": "x"}, {"haze": 0.5, "note": "x"})


def test_pulling_leaves_alone_what_still_waits_to_be_written(pair, make_ship, add, update, path) -> None:
    import sqlite3

    ann, ben = pair
    ship = make_ship()
    wait_for(ben, lambda: ann.record(add(ship)))  # so that the next news are of the update
    wait_for(ben, lambda: ann.record(update(ship, confidence=0.5)))
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    mine = update(ship, status="accepted")
    ben.record(mine)

    assert not ben.pull({ship.id: mine.edits[0].after}, scene_attributes={})

    blocker.execute("ROLLBACK")
    blocker.close()
    ben.flush()
    merged = ben.pull({ship.id: mine.edits[0].after}, scene_attributes={}).edits[0].after
    assert (merged.confidence, str(merged.status)) == (0.5, "accepted")


def test_a_store_that_went_on_meanwhile_refuses_a_stale_change_and_loses_nothing(
    pair, make_ship, add, update, ontology
) -> None:
    ann, ben = pair
    ship = make_ship()
    store = AnnotationStore(ontology)
    store.changed.connect(ben.record)
    store.apply(add(ship))
    ben.flush()
    wait_for(ben, lambda: ann.record(update(ship, confidence=0.5)))
    change = ben.pull(store, scene_attributes={})
    store.apply(update(ship, status="accepted"))

    with pytest.raises(GeoLabelError, match="meanwhile"):
        store.apply(change)

    ben.flush()
    merged = ben.pull(store, scene_attributes={})
    store.apply(merged)
    assert store[ship.id].confidence == 0.5
    assert store[ship.id].status == "accepted"


def test_the_last_one_to_close_leaves_a_single_file(pair, path, make_ship, add, sqlite) -> None:
    ann, ben = pair
    ann.record(add(make_ship()))
    ben.record(add(make_ship()))
    ann.close()
    ben.close()

    assert [found.name for found in path.parent.iterdir()] == [path.name]
    assert sqlite(path, "PRAGMA journal_mode") == [("delete",)]
    assert sqlite(path, "SELECT count(*) FROM labels_polygon") == [(2,)]


def test_two_sessions_that_start_at_the_same_moment_end_with_one_file(open_file, path) -> None:
    results = []
    threads = [threading.Thread(target=lambda: results.append(open_file())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(results) == 4
    assert len({file.path.stat().st_ino for file in results}) == 1


def test_what_is_taken_over_late_is_no_edit_against_what_came_after(pair, make_ship, add, update, ontology) -> None:
    ann, ben = pair
    ship = make_ship(attributes={"name": "Ada"})
    store = AnnotationStore(ontology)
    store.changed.connect(ben.record)
    wait_for(ben, lambda: ann.record(add(ship)))
    store.apply(ben.pull(store, scene_attributes=store.scene_attributes))
    second = update(ship, attributes={"name": "Bea"})
    third = update(second.edits[0].after, attributes={"name": "Cid"})
    wait_for(ben, lambda: ann.record(second))
    late = ben.pull(store, scene_attributes=store.scene_attributes)
    wait_for(ben, lambda: ann.record(third))

    store.apply(late)
    ben.flush()
    store.apply(ben.pull(store, scene_attributes=store.scene_attributes))
    ben.flush()

    assert store[ship.id].attributes == {"name": "Cid"}
    assert ben.conflicts() == [], "nobody but Ann has edited anything"


def test_a_log_that_was_read_while_the_other_was_writing_is_no_damage(
    open_file, path, make_ship, add, monkeypatch
) -> None:
    ann = open_file(annotator="Ann")
    ann.record(add(make_ship()))
    ann.flush()
    verdicts = iter([True, True, False])  # as where a frame was read before its last bytes were there
    monkeypatch.setattr("napari_geolabel.labelfile.pages.is_damaged_log", lambda _: next(verdicts))
    monkeypatch.setattr("napari_geolabel.labelfile.pages._SECONDS_BETWEEN", 0)

    ben = open_file(annotator="Ben")

    assert len(ben.load().annotations) == 1
    assert not any("damaged" in note for note in ben.notes)
    ann.record(add(make_ship(20)))
    ann.flush()
    assert not list(path.parent.glob("*.corrupt-*"))


def test_an_error_that_comes_once_is_no_damage(open_file, path, monkeypatch) -> None:
    ann = open_file(annotator="Ann")
    from napari_geolabel.labelfile import beginning

    real, failures = beginning.begin_session, iter([sqlite3.DatabaseError("database disk image is malformed")])

    def begin(*given):
        for error in failures:
            raise error
        return real(*given)

    monkeypatch.setattr(beginning, "begin_session", begin)

    assert not any("damaged" in note for note in open_file(annotator="Ben").notes)
    ann.flush()
    assert not list(path.parent.glob("*.corrupt-*"))


def test_what_could_not_be_taken_over_comes_again_unless_something_newer_has_come(
    pair, make_ship, add, update, paint
) -> None:
    ann, ben = pair
    one, two = make_ship(), make_ship(20)
    blank = {"scene_attributes": {}, "tile": lambda *_: bytes(256 * 256)}
    wait_for(ben, lambda: ann.record(add(one, two)))
    ann.record(paint(7))
    ann.record(Change(title="answer", scene_attributes=({}, {"haze": 0.5})))
    ann.flush()
    ben.flush()
    wait_until(lambda: ben.inbox._arrivals.scene_attributes is not None)
    pulled = ben.pull({}, **blank)
    assert not ben.pull({}, **blank)
    newer = update(one, confidence=0.5)
    wait_for(ben, lambda: ann.record(newer))

    ben.inbox.give_back(pulled)
    again = ben.pull({}, **blank)

    assert {edit.id: edit.after for edit in again.edits} == {one.id: newer.edits[0].after, two.id: two}
    assert (again.tiles, again.scene_attributes) == (pulled.tiles, pulled.scene_attributes)


def test_features_are_whole_that_a_session_with_an_older_ontology_writes(
    pair, make_ship, add, ontology, open_file, path, sqlite
) -> None:
    ann, ben = pair
    ship = ontology["ship"]
    flag = Attribute(id="flag", name="Flag", type="text")
    ann.use_ontology(ontology.with_classes([ship.model_copy(update={"attributes": (*ship.attributes, flag)})]))
    ben.record(add(make_ship()))
    ben.flush()
    ben.close()
    ann.close()

    again = open_file(ontology=None)

    assert again.notes == ()
    assert len(again.load().annotations) == 1
    assert sqlite(path, "SELECT attr_flag FROM labels_polygon") == [(None,)]
