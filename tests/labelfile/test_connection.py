from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from napari_geolabel.errors import FormatError, MissingFileError, UnsafeFileError
from napari_geolabel.labelfile import connection, schema
from napari_geolabel.labelfile.birth import Content, create_file
from napari_geolabel.labelfile.connection import (
    check_schema,
    companions,
    connect,
    connect_readonly,
    filesystem_of,
    is_network,
    trust,
    wal_of,
)

COUNT = "SELECT count(*) FROM annotation"


@pytest.fixture
def born(path, utm, ontology):
    """A new label file that nobody has open."""
    create_file(path, utm, ontology, Content())
    return path


def pragma(db, name: str):
    return db.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.mark.parametrize(("network", "mode"), [(False, "wal"), (True, "delete")])
def test_what_is_committed_survives_a_power_cut_in_either_mode(born, network: bool, mode: str) -> None:
    with closing(connect(born, network=network)) as db:
        assert pragma(db, "journal_mode") == mode
        assert pragma(db, "synchronous") == 2
        assert pragma(db, "trusted_schema") == 0, "nothing in the file acts before it was looked at"
        assert not db.in_transaction


def test_a_gis_reads_while_we_write(born) -> None:
    with closing(connect(born)) as db, closing(sqlite3.connect(born, timeout=0)) as gis:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO geolabel VALUES ('key', 'value')")
        assert gis.execute("SELECT count(*) FROM geolabel WHERE key = 'key'").fetchone() == (0,)
        db.execute("COMMIT")
        assert gis.execute("SELECT count(*) FROM geolabel WHERE key = 'key'").fetchone() == (1,)


def test_a_missing_file_is_never_made_by_looking(tmp_path) -> None:
    missing = tmp_path / "missing.gpkg"

    with pytest.raises(sqlite3.OperationalError):
        connect(missing)
    with pytest.raises(MissingFileError, match="check the path"):
        connect_readonly(missing)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a?mode=memory.gpkg", "100%41.gpkg", "a#b.gpkg", "été & 湾.gpkg"])
def test_any_file_name_is_a_file_name(born, name: str) -> None:
    other = born.rename(born.with_name(name))

    with closing(connect(other)) as db:
        assert db.execute(COUNT).fetchone() == (0,)
        assert wal_of(other).exists()
    with closing(connect_readonly(other)) as db:
        assert db.execute(COUNT).fetchone() == (0,)


def test_a_reader_cannot_write(born) -> None:
    with closing(connect_readonly(born)) as db, pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute("DELETE FROM scene")


def test_in_a_folder_that_cannot_be_written_a_reader_makes_no_helper_files(born, monkeypatch) -> None:
    with closing(sqlite3.connect(born)) as db:
        db.execute("PRAGMA journal_mode = WAL")
    monkeypatch.setattr(connection.os, "access", lambda *_: False)

    with closing(connect_readonly(born)) as db:
        assert db.execute(COUNT).fetchone() == (0,)
        assert not any(helper.exists() for helper in companions(born))


def test_the_helper_files_of_a_session_are_known(born) -> None:
    with closing(connect(born)) as db:
        db.execute("INSERT INTO geolabel VALUES ('key', 'value')")
        beside = {path for path in born.parent.iterdir() if path != born}
        assert beside <= set(companions(born))
        assert wal_of(born) in beside


@pytest.mark.parametrize("name", ["my drive", "Büro Süd", "湾", "tab\tand \\ stroke"])
def test_the_deepest_mount_tells_the_file_system(tmp_path, monkeypatch, name: str) -> None:
    mounts = tmp_path / "mounts"
    drive = tmp_path / name
    escaped = str(drive).replace("\\", "\\134").replace(" ", "\\040").replace("\t", "\\011")
    mounts.write_text(f"server:/x {escaped} nfs4 rw 0 0\nbroken\n/dev/sda / ext4 rw 0 0\n", "utf-8")
    real = connection.Path
    monkeypatch.setattr(connection, "Path", lambda p: mounts if p == "/proc/mounts" else real(p))
    monkeypatch.setattr(connection.sys, "platform", "linux")

    assert filesystem_of(drive / "deep" / "scene.gpkg") == "nfs4"
    assert is_network(drive / "scene.gpkg")
    assert filesystem_of(tmp_path / "scene.gpkg") == "ext4"
    assert not is_network(tmp_path / "my drive too")


def test_a_sound_file_lacks_no_trigger_and_one_that_does_is_told(db, path) -> None:
    assert check_schema(db, path) == []
    db.execute("DROP TRIGGER geolabel_labels_line_update")

    assert check_schema(db, path) == ["geolabel_labels_line_update"]


@pytest.mark.parametrize(
    ("statement", "error", "words"),
    [
        ("CREATE VIEW v AS SELECT 1", UnsafeFileError, "view"),
        ("CREATE TRIGGER x AFTER INSERT ON annotation BEGIN SELECT 1; END", UnsafeFileError, "trigger"),
        ("CREATE TRIGGER x AFTER INSERT ON gpkg_contents BEGIN SELECT 1; END", UnsafeFileError, "drop it"),
        ("CREATE TRIGGER x AFTER INSERT ON layer_styles BEGIN SELECT 1; END", UnsafeFileError, "import the file"),
        ("DROP TABLE journal", FormatError, "not a label file"),
    ],
)
def test_a_file_that_could_act_by_itself_is_not_trusted(db, path, statement: str, error: type, words: str) -> None:
    db.execute(statement)

    with pytest.raises(error, match=words):
        trust(db, path)
    assert pragma(db, "trusted_schema") == 0


def test_triggers_on_tables_of_the_user_are_the_users(db, path) -> None:
    db.execute("CREATE TABLE notes (text)")
    db.execute("CREATE TRIGGER mine AFTER INSERT ON notes BEGIN DELETE FROM notes WHERE text ISNULL; END")

    trust(db, path)

    assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'mine'").fetchone() == (1,)


def test_triggers_that_were_altered_or_are_of_a_later_standard_give_way_to_ours(db, path) -> None:
    first = next(iter(schema.triggers()))
    db.execute(f"DROP TRIGGER {first}")
    db.execute(f"CREATE TRIGGER {first} AFTER INSERT ON labels_polygon BEGIN DELETE FROM annotation; END")  # noqa: S608
    db.execute("CREATE TRIGGER rtree_labels_line_geom_update6 AFTER UPDATE ON labels_line BEGIN SELECT 1; END")

    version = trust(db, path)

    assert dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")) == schema.triggers()
    assert version == pragma(db, "schema_version"), "it is the version after the mending"
    assert trust(db, path) == version


def test_a_flipped_bit_in_a_triggers_name_is_damage_and_no_attack(db, path) -> None:
    db.execute("DROP TRIGGER geolabel_labels_line_update")
    db.execute("CREATE TRIGGER geolabel_labels_line_updatd AFTER UPDATE ON labels_line BEGIN SELECT 1; END")

    with pytest.raises(sqlite3.DatabaseError, match="damaged"):
        check_schema(db, path)
