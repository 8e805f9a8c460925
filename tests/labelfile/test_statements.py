from __future__ import annotations

import re
from itertools import count

import pytest

from napari_geolabel.labelfile import schema
from napari_geolabel.labelfile import statements as sql

SEALED_READS = {
    "scene": sql.SCENE,
    "ontology": sql.LATEST_ONTOLOGY,
    "annotation": sql.ALL_IN_DRAW_ORDER,
    "change": sql.CHANGES_BACKWARDS,
    "journal": sql.JOURNAL_OF,
    "journal_tile": sql.JOURNAL_TILES_OF,
    "mask_tile": sql.rows_of("mask_tile"),
}


def columns(db, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


def put(db, table: str, **fields) -> None:
    """Insert a row that has some value in each column."""
    row = [fields.get(name, 0) for name in columns(db, table)]
    db.execute(sql.insert(table), row)


@pytest.mark.parametrize("table", schema.PLAIN_TABLES)
def test_a_row_is_inserted_and_read_in_the_order_of_the_tables_columns(db, table: str) -> None:
    names = columns(db, table)
    db.execute(f"DELETE FROM {table}")  # noqa: S608
    values = tuple(range(1, len(names) + 1))

    db.execute(sql.insert(table), values)
    cursor = db.execute(sql.rows_of(table))

    assert [column[0] for column in cursor.description] == names
    assert tuple(map(int, cursor.fetchone())) == values


def test_every_sealed_table_has_a_reading_that_ends_in_the_seal(db) -> None:
    assert set(SEALED_READS) == set(schema.SEALED)
    for table, query in SEALED_READS.items():
        cursor = db.execute(query, (0,) * query.count("?"))
        assert [column[0] for column in cursor.description] == columns(db, table), table


@pytest.mark.parametrize(
    ("table", "query"),
    [("annotation", sql.UPDATE_ANNOTATION), ("scene", sql.UPDATE_SCENE), ("mask_tile", sql.UPDATE_TILE)],
)
def test_an_update_writes_the_columns_in_their_order_and_the_seal_last(db, table: str, query: str) -> None:
    assigned = re.findall(r"(\w+) = \?", query.split("WHERE")[0])

    assert assigned[-1] == "seal"
    in_order = [name for name in columns(db, table) if name in assigned]
    assert assigned == in_order


def test_no_row_is_overwritten_that_has_gone_on_since_it_was_read(db) -> None:
    put(db, "annotation", entry=1, id="a", version=3)
    fresh = ("labels_line", 9, 1, 4, b"", 0, 0)

    assert db.execute(sql.UPDATE_ANNOTATION, (*fresh, 1, 2)).rowcount == 0
    assert db.execute(sql.DELETE_ANNOTATION, (1, 2)).rowcount == 0
    assert db.execute(sql.UPDATE_ANNOTATION, (*fresh, 1, 3)).rowcount == 1
    assert db.execute(sql.CURRENT, ("a",)).fetchone() == (1, "labels_line", 9, 1, 4, b"")
    assert db.execute(sql.DELETE_ANNOTATION, (1, 4)).rowcount == 1


def test_a_change_never_gets_the_number_of_one_that_is_gone(db) -> None:
    assert db.execute(sql.NEXT_SEQ).fetchone() == (1,)
    put(db, "change", seq=5)
    db.execute("DELETE FROM change")

    assert db.execute(sql.LAST_SEQ).fetchone() == (0,)
    assert db.execute(sql.NEXT_SEQ).fetchone() == (6,)


def test_numbers_of_rows_begin_at_one_and_go_on(db) -> None:
    tables = {
        "annotation": sql.NEXT_ENTRY,
        "mask_tile": sql.NEXT_TILE_ENTRY,
        "journal": sql.NEXT_JOURNAL_ENTRY,
        "journal_tile": sql.NEXT_JOURNAL_TILE_ENTRY,
        "conflict": sql.NEXT_CONFLICT,
        "review": sql.NEXT_REVIEW,
    }
    for table, query in tables.items():
        assert db.execute(query).fetchone() == (1,), table
        put(db, table, entry=41)
        assert db.execute(query).fetchone() == (42,), table


def test_going_back_to_a_change_starts_from_the_first_state_after_it(db) -> None:
    entries = count(1)
    for seq, annotation_id, before in [(1, "a", b"0"), (2, "a", b"1"), (3, "b", b"2"), (3, "a", b"3"), (4, "b", b"4")]:
        put(db, "journal", entry=next(entries), seq=seq, id=annotation_id, before=before)
        put(db, "journal_tile", entry=next(entries), seq=seq, row=ord(annotation_id), col=0, before=before)

    assert db.execute(sql.FIRST_BEFORE_SINCE, (1,)).fetchall() == [("a", b"1"), ("b", b"2")]
    assert db.execute(sql.FIRST_TILES_SINCE, (2,)).fetchall() == [(98, 0, b"2"), (97, 0, b"3")]
    assert db.execute(sql.FIRST_BEFORE_SINCE, (4,)).fetchall() == []


def test_a_session_hears_of_changes_of_others_after_the_last_that_it_saw(db) -> None:
    for seq, session in enumerate(["me", "you", "me", "she"], start=1):
        put(db, "change", seq=seq, session=session, edits=seq)

    def heard(since: int) -> list[int]:
        return [seq for seq, *_ in db.execute(sql.CHANGES_OF_OTHERS, (since, "me"))]

    assert heard(0) == [2, 4]
    assert heard(2) == [4]


def test_only_feature_tables_that_a_gis_finds_count_as_registered(db) -> None:
    names = {layer.name for layer in schema.LAYERS}
    assert {row[0] for row in db.execute(sql.REGISTERED_LAYERS)} == names

    db.execute("UPDATE gpkg_geometry_columns SET srs_id = 0 WHERE table_name = 'labels_line'")

    assert {row[0] for row in db.execute(sql.REGISTERED_LAYERS)} == names - {"labels_line"}
