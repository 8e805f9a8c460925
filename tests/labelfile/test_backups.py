from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial

import pytest

from napari_geolabel.errors import MissingFileError, WriteError
from napari_geolabel.labelfile import pack
from napari_geolabel.labelfile.backups import KEPT, backups_of, rotate


def count(path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT count(*) FROM labels_polygon").fetchone()[0]


def test_a_backup_is_kept_when_a_session_begins(open_file, path, make_ship, add, state_folder) -> None:
    file = open_file()
    file.record(add(make_ship()))
    file.close()
    for copy in backups_of(path):
        copy.unlink()

    open_file().close()

    (copy,) = backups_of(path)
    assert copy.is_relative_to(state_folder)
    assert count(copy) == 1


def test_five_backups_are_kept_and_the_oldest_go(open_file, path, make_ship, add) -> None:
    open_file().close()
    clock = 2e9
    for _n in range(8):
        file = open_file()
        file._backup.join()  # else it may hold the edit that comes next, and none is due
        file.record(add(make_ship()))
        file.close()
        with closing(sqlite3.connect(path)) as db:
            assert rotate(db, path, partial(float, clock))
        clock += 10_000

    copies = backups_of(path)
    assert len(copies) == KEPT
    assert [count(copy) for copy in copies] == [8, 7, 6, 5, 4]


def test_quick_restarts_do_not_push_out_old_backups_and_the_newest_is_up_to_date(
    open_file, path, make_ship, add
) -> None:
    for n in range(4):
        file = open_file()
        file.record(add(make_ship(n)))
        file.close()
    open_file().close()

    (copy,) = backups_of(path)
    assert count(copy) == 4


def test_a_file_that_did_not_change_needs_no_new_backup(open_file, path) -> None:
    open_file().close()
    (before,) = backups_of(path)
    written = before.stat().st_mtime_ns
    open_file().close()

    assert before.stat().st_mtime_ns == written


def test_a_clock_that_is_set_back_does_not_stop_backups(open_file, path, make_ship, add) -> None:
    file = open_file()
    file._backup.join()
    file.record(add(make_ship()))
    file.close()

    with closing(sqlite3.connect(path)) as db:
        assert rotate(db, path, lambda: 1e9) is not None
    assert len(backups_of(path)) == 2


def test_a_live_file_is_packed_whole_into_one(open_file, path, make_ship, add, tmp_path, sqlite) -> None:
    file = open_file()
    for n in range(10):
        file.record(add(make_ship(n)))
    file.flush()
    assert path.with_name(path.name + "-wal").stat().st_size > 0
    target = tmp_path / "out" / "shared.gpkg"
    target.parent.mkdir()

    pack(path, target)
    file.record(add(make_ship(99)))
    file.flush()

    assert [found.name for found in target.parent.iterdir()] == ["shared.gpkg"]
    assert count(target) == 10
    assert sqlite(target, "PRAGMA journal_mode") == [("delete",)]
    assert len(open_file(target).load().annotations) == 10


def test_a_packed_file_keeps_its_history(open_file, path, make_ship, add, tmp_path) -> None:
    file = open_file()
    file.record(add(make_ship()))
    file.flush()
    pack(path, tmp_path / "shared.gpkg")

    assert [entry.title for entry in open_file(tmp_path / "shared.gpkg").log()] == ["draw"]


def test_packing_onto_itself_is_refused(open_file, path) -> None:
    open_file()

    with pytest.raises(WriteError, match="the label file itself"):
        pack(path, path)


def test_packing_what_does_not_exist_is_an_error(path, tmp_path) -> None:
    with pytest.raises(MissingFileError):
        pack(path, tmp_path / "x.gpkg")
    assert not (tmp_path / "x.gpkg").exists()
    (tmp_path / "x.gpkg").write_bytes(b"there")
    with pytest.raises(MissingFileError):
        pack(path, tmp_path / "x.gpkg")
    assert (tmp_path / "x.gpkg").read_bytes() == b"there"


def test_packing_onto_a_file_that_is_in_use_is_refused(open_file, path, tmp_path) -> None:
    open_file()
    other = open_file(tmp_path / "other.labels.gpkg")

    with pytest.raises(WriteError, match="in use"):
        pack(path, other.path)
