from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from napari_geolabel.errors import FormatError, WriteError
from napari_geolabel.labelfile import LabelFile
from napari_geolabel.labelfile.connection import connect
from napari_geolabel.labelfile.migrations import migrate, version_of
from napari_geolabel.labelfile.schema import SCHEMA_VERSION

EXAMPLES = sorted((Path(__file__).parent / "data").glob("version*.labels.gpkg.gz"))


@pytest.fixture
def unpacked(tmp_path: Path) -> Callable[[Path], Path]:
    """Unpack a stored example."""

    def unpack(example: Path) -> Path:
        path = tmp_path / example.name.removesuffix(".gz")
        with gzip.open(example) as packed, path.open("wb") as file:
            shutil.copyfileobj(packed, file)
        return path

    return unpack


def test_an_example_of_every_version_is_stored() -> None:
    assert [int(example.name[7]) for example in EXAMPLES] == list(range(1, SCHEMA_VERSION + 1))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_label_files_of_every_version_open_for_good(example: Path, unpacked, utm) -> None:
    path = unpacked(example)

    with LabelFile.open(path, grid=utm) as file:
        contents = file.load()
        log = list(file.log())

    assert [a.attributes.get("name") for a in contents.annotations] == ["Ada", "Bea", None, None]
    assert [a.class_id for a in contents.annotations] == ["ship", "ship", "road", "buoy"]
    assert contents.annotations[0].geometry.bounds == (100, 100, 110, 105)
    assert contents.annotations[1].status == "accepted"
    assert contents.annotations[0].provenance.created.year == 2024
    assert contents.tiles == {(0, 0): bytes([2]) * 100 + bytes(65436)}
    assert contents.scene_attributes == {"haze": 0.5, "note": "calm"}
    assert [entry.actor for entry in log] == ["Ann"] * len(log)
    assert file.notes == ()


def add_colour(db) -> None:
    db.execute("ALTER TABLE session ADD COLUMN colour TEXT")


def add_shape(db) -> None:
    db.execute("ALTER TABLE session ADD COLUMN shape TEXT")


def test_a_migration_works_on_a_copy_and_keeps_the_old_file(open_file, path, make_ship, add, sqlite) -> None:
    file = open_file()
    file.record(add(make_ship()))
    file.close()
    before = path.read_bytes()

    db = migrate(connect(path), path, {1: add_colour, 2: add_shape}, target=3)

    assert version_of(db) == 3
    db.execute("SELECT colour, shape FROM session")
    assert db.execute("SELECT count(*) FROM annotation").fetchone() == (1,)
    db.close()
    old = path.with_name(path.name + ".v1")
    assert old.stat().st_size == len(before)
    assert sqlite(old, "SELECT count(*) FROM pragma_table_info('session') WHERE name = 'colour'") == [(0,)]
    assert not list(path.parent.glob(".*"))


def test_a_migration_that_fails_leaves_the_file_as_it_was(open_file, path) -> None:
    open_file().close()

    def fail(_db) -> None:
        raise FormatError("cannot")

    with pytest.raises(FormatError, match="cannot"):
        migrate(connect(path), path, {1: fail}, target=2)

    assert open_file().notes == ()


def test_a_file_that_is_open_elsewhere_is_not_migrated(open_file, path) -> None:
    open_file()

    with pytest.raises(WriteError, match="open elsewhere"):
        migrate(connect(path), path, {1: add_colour}, target=2)


def test_a_newer_file_is_refused(open_file, path) -> None:
    open_file()

    with pytest.raises(FormatError, match="newer"):
        migrate(connect(path), path, {}, target=0)


@pytest.mark.parametrize("mode", ["r", "rw"])
def test_a_file_of_tomorrow_is_neither_read_nor_written(open_file, path, sqlite, mode: str) -> None:
    open_file().close()
    sqlite(path, "UPDATE geolabel SET value = '2' WHERE key = 'schema_version'")
    before = sqlite(path, "SELECT * FROM geolabel")

    with pytest.raises(FormatError, match="written by a newer napari-geolabel"):
        open_file(mode=mode)
    assert sqlite(path, "SELECT * FROM geolabel") == before
