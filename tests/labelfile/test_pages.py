from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.labelfile.connection import wal_of
from napari_geolabel.labelfile.pages import is_damaged_log, leaf_rows, log_pages
from napari_geolabel.labelfile.schema import PAGE_BYTES

integers = st.integers(-(2**63), 2**63 - 1)
values = (
    st.none()
    | integers
    | st.integers(-3, 300)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    | st.binary(max_size=40)
    | st.integers(0, 9000).map(lambda size: b"\xa5" * size)
)


@given(st.dictionaries(integers, st.tuples(values, values), max_size=25), st.sampled_from([512, 4096, 65536]))
@settings(max_examples=60)
def test_every_row_that_sqlite_writes_is_read_from_its_page(rows: dict, page_size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.db"
        with closing(sqlite3.connect(path)) as db, db:
            db.execute(f"PRAGMA page_size = {page_size}")
            db.execute("PRAGMA synchronous = OFF")
            db.execute("CREATE TABLE t (entry INTEGER PRIMARY KEY, one, two)")
            db.executemany("INSERT INTO t VALUES (?, ?, ?)", ((key, *row) for key, row in rows.items()))

        found = {key: row for key, row in leaf_rows(path) if len(row) == 3}

    # the key of a row is its number, which its record leaves out
    for key, row in rows.items():
        assert found[key] == (None, *row)
        assert [type(value) for value in found[key][1:]] == [type(value) for value in row]


@pytest.fixture
def log(tmp_path):
    """The path of a database with three commits that only its write-ahead log has, and the open connection."""
    path = tmp_path / "any.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("CREATE TABLE t (entry INTEGER PRIMARY KEY, word)")
        for word in ("one", "two", "three"):
            db.execute("INSERT INTO t (word) VALUES (?)", (word,))
        yield path, db


def words(path: Path) -> list[str]:
    return [row[1] for _, row in leaf_rows(path) if len(row) == 2]


def test_the_newest_rows_come_from_the_log_and_come_last(log) -> None:
    path, db = log
    db.execute("UPDATE t SET word = 'TWO' WHERE entry = 2")

    assert words(path)[-3:] == ["one", "TWO", "three"]
    assert "two" in words(path), "older pages tell what was there before"


def test_a_log_without_its_file_still_gives_its_rows(log, tmp_path) -> None:
    path, _ = log
    lost = tmp_path / "lost.db"
    wal_of(lost).write_bytes(wal_of(path).read_bytes())

    assert set(words(lost)) == {"one", "two", "three"}


def test_a_log_that_a_crash_cut_short_is_whole_up_to_its_last_commit(log) -> None:
    whole = wal_of(log[0]).read_bytes()
    pages = log_pages(whole)

    for length in (0, 31, 32, *range(33, len(whole), 997)):
        assert not is_damaged_log(whole[:length]), length
        kept = log_pages(whole[:length])
        assert kept == pages[: len(kept)]
    assert len(log_pages(whole[:-1])) == len(pages) - 1


def test_a_flipped_bit_before_the_last_commit_is_noticed_wherever_it_is(log) -> None:
    whole = wal_of(log[0]).read_bytes()
    assert not is_damaged_log(whole)
    heads = [at for frame in range(32, len(whole), 24 + PAGE_BYTES) for at in range(frame, frame + 24)]

    for at in (*range(32), *heads, *range(60, len(whole), 1013)):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        assert is_damaged_log(bytes(damaged)), at


def test_pages_behind_the_damage_are_read_though_sqlite_leaves_them_out(log, tmp_path) -> None:
    path, _ = log
    damaged = bytearray(wal_of(path).read_bytes())
    damaged[32 + 24 + 500] ^= 1
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    wal_of(copy).write_bytes(damaged)

    assert set(words(copy)) == {"one", "two", "three"}
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_what_an_earlier_run_of_the_log_left_behind_is_neither_news_nor_damage(log) -> None:
    path, db = log
    for n in range(20):
        db.execute("INSERT INTO t (word) VALUES (?)", (f"long {n}" * 300,))
    db.execute("PRAGMA wal_checkpoint(RESTART)")
    db.execute("INSERT INTO t (word) VALUES ('again')")
    whole = wal_of(path).read_bytes()

    assert len(whole) > 10 * PAGE_BYTES, "the log is written over, not cut"
    assert not is_damaged_log(whole)
    assert len(log_pages(whole)) <= 3


@given(st.binary(max_size=300), st.integers(0, 65535))
@settings(max_examples=40)
def test_a_page_of_nonsense_says_nothing_and_breaks_nothing(nonsense: bytes, count: int) -> None:
    page = (b"\r\0\0" + count.to_bytes(2, "big") + b"\0\0\0" + nonsense).ljust(PAGE_BYTES, b"\xff")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nonsense.db"
        path.write_bytes(bytes(PAGE_BYTES) + page)
        for rowid, row in leaf_rows(path):
            assert isinstance(rowid, int)
            assert isinstance(row, tuple)
