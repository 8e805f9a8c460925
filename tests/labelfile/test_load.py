from __future__ import annotations

import gc

import pytest
import shapely
from pyproj import CRS

from napari_geolabel.annotations import Change, Edit
from napari_geolabel.labelfile import load
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.load import (
    DamagedFileError,
    faded_features,
    read_content,
    read_history,
    read_ontology,
    read_scene,
)
from napari_geolabel.labelfile.log import read_change
from napari_geolabel.labelfile.schema import SEALED
from napari_geolabel.labelfile.transaction import Author, transaction, write_change


@pytest.fixture
def write(db, form):
    """Write a change in a transaction of its own."""

    def run(change: Change, undoes: int | None = None) -> None:
        with transaction(db):
            write_change(db, change, form, Author(session="one"), undoes)

    return run


@pytest.fixture
def worked(db, write, make_ship, add, update, paint):
    """The changes of a file with a row in every table."""
    ship = make_ship(attributes={"name": "Ada"})
    road = make_ship(class_id="road", kind="polyline", geometry=shapely.LineString([(0, 0), (9, 9)]))
    changes = [
        add(ship, road),
        update(ship, confidence=0.5),
        paint(3),
        Change(title="haze", scene_attributes=({}, {"haze": 0.1})),
    ]
    for change in changes:
        write(change)
    return changes


def undoable(db, notes: list[str] | None = None) -> list[Change]:
    return [change for _, change in read_history(db, read_content(db), [] if notes is None else notes)]


def test_a_file_holds_its_scene_its_ontology_and_what_was_labelled(db, worked, utm, ontology) -> None:
    content, scene = read_content(db), read_scene(db)

    assert [a for _, _, a in content.annotations.values()] == [worked[1].edits[0].after, worked[0].edits[1].after]
    assert content.annotations.keys() == content.exact.keys()
    assert list(content.tiles) == [(0, 0)]
    assert content.scene_attributes == {"haze": 0.1}
    assert (scene.file_id, scene.fingerprint) == (content.file_id, None)
    assert (scene.grid.shape, scene.grid.transform) == (utm.shape, utm.transform)
    assert scene.grid.crs == CRS.from_epsg(32633)
    assert read_ontology(db).sha256 == ontology.sha256


@pytest.mark.parametrize(
    ("table", "column"),
    [("scene", "attributes"), ("scene", "transform"), ("annotation", "place"), ("annotation", "exact"),
     ("mask_tile", "version"), ("mask_tile", "pixels"), ("ontology", "version"), ("ontology", "seal")],
)  # fmt: skip
def test_a_row_that_was_altered_is_never_taken_for_sound(db, worked, table: str, column: str) -> None:
    db.execute(f"UPDATE {table} SET {column} = 7")  # noqa: S608

    with pytest.raises(DamagedFileError, match=rf"of {table} is not as it was written"):
        read_ontology(db) if table == "ontology" else read_content(db)
    assert table in SEALED


@pytest.mark.parametrize(
    ("table", "read"), [("scene", read_scene), ("scene", read_content), ("ontology", read_ontology)]
)
def test_a_table_that_must_have_a_row_says_so_when_it_is_empty(db, table: str, read) -> None:
    db.execute(f"DELETE FROM {table}")  # noqa: S608

    with pytest.raises(DamagedFileError, match=f"the table {table} is empty"):
        read(db)


def test_reading_leaves_the_garbage_collector_as_it_was_even_when_it_fails(db, worked) -> None:
    gc.enable()
    read_content(db)
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError), load._no_collection():
        _ = 1 / 0
    assert gc.isenabled()
    gc.disable()
    try:
        read_content(db)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_feature_that_faded_is_found_and_one_edited_in_a_gis_is_left_to_the_takeover(db, worked, form) -> None:
    assert faded_features(db, form) == []
    for table in ("labels_polygon", "labels_line"):
        db.execute(f"UPDATE {table} SET annotator = 'Eve'")  # noqa: S608
    assert faded_features(db, form) == [], "the triggers have marked them"

    db.execute("DELETE FROM touched_feature WHERE layer = 'labels_line'")

    assert faded_features(db, form) == [("labels_line", 1)]
    db.execute("DELETE FROM labels_polygon")
    db.execute(sql.FORGET_TOUCHED)
    assert faded_features(db, form) == [("labels_polygon", 1), ("labels_line", 1)]


def test_the_whole_journal_is_history_with_the_very_annotations_in_use(db, worked) -> None:
    content = read_content(db)

    history = read_history(db, content, [])

    assert history == list(enumerate(worked, start=1))
    newest = history[1][1].edits[0].after
    assert newest is content.annotations[newest.id][2]


def test_what_was_undone_is_no_history(db, worked, write) -> None:
    write(worked[3].reversed(), undoes=4)
    write(worked[2].reversed(), undoes=3)
    assert undoable(db) == worked[:2]

    write(worked[2])

    assert undoable(db) == worked[:3], "what was redone is one again"


@pytest.mark.parametrize("table", ["journal", "journal_tile", "change"])
def test_history_ends_with_a_note_where_the_journal_is_damaged(db, worked, table: str) -> None:
    db.execute(f"UPDATE {table} SET seal = seal + 1 WHERE seq IN (2, 3)")  # noqa: S608
    sound, notes = worked[2:] if table == "journal" else worked[3:], []

    assert undoable(db, notes) == sound
    (note,) = notes
    assert note.startswith(f"the journal of change {4 - len(sound)} (")
    assert "what lies before cannot be undone" in note


@pytest.mark.parametrize("loss", ["DELETE FROM journal WHERE entry = 2", "DELETE FROM journal_tile"])
def test_history_ends_at_a_change_that_is_not_whole(db, worked, loss: str) -> None:
    db.execute(loss)

    assert undoable(db) == (worked[3:] if "tile" in loss else worked[1:])


def test_history_ends_where_the_file_is_no_longer_as_the_change_left_it(db, worked, write, make_ship, add) -> None:
    lost, kept = make_ship(70), make_ship(90)
    write(add(lost))
    write(add(kept))
    write(Change(title="elsewhere", edits=(Edit(before=lost),)))
    db.execute("DELETE FROM change WHERE seq = 7")

    assert undoable(db) == [add(kept)]


def test_only_ones_own_changes_that_nobody_has_built_on_are_history(db, form, make_ship, add, update, paint) -> None:
    def write(change: Change, who: str | None) -> Change:
        with transaction(db):
            write_change(db, change, form, Author(session="one", annotator=who))
        return change

    mine, shared = make_ship(10), make_ship(200)
    drawn = write(add(mine), "Ann")
    write(add(shared), "Ann")
    nameless = write(paint(3, row=1), None)
    painted = write(paint(3), "Ann")
    scene = write(Change(title="answer", scene_attributes=({}, {"haze": 0.5})), "Ann")
    write(update(shared, confidence=0.5), "Ben")

    def own(who: str | None) -> list[Change]:
        return [change for _, change in read_history(db, read_content(db), [], who)]

    assert own("Ann") == [drawn, nameless, painted, scene]
    assert own("Ben") == [nameless, read_change(db, 6)]
    assert len(own(None)) == 6
    after = painted.tiles[0].after
    write(paint(2, before=after), "Ben")
    write(Change(title="answer", scene_attributes=({"haze": 0.5}, {"haze": 0.7})), "Ben")
    assert own("Ann") == [drawn, nameless]


def test_history_is_bounded_but_the_newest_change_comes_whole(db, worked, write, make_ship, add, monkeypatch) -> None:
    monkeypatch.setattr(load, "HISTORY_CHANGES", 3)
    assert undoable(db) == worked[1:]
    monkeypatch.setattr(load, "HISTORY_EDITS", 1)
    assert undoable(db) == worked[2:], "a tile counts like an edit, the scene for nothing"
    big = add(*(make_ship(n) for n in range(5)))
    write(big)
    assert undoable(db) == [big]
