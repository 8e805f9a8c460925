# ruff: noqa: S608  (names that are our own)
"""Files that are only read, are no label files, or were worked on by other programs."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from napari_geolabel.errors import FormatError, MissingFileError, UnsafeFileError, WriteError


def test_reading_changes_neither_file_nor_folder(open_file, path, make_ship, add) -> None:
    file = open_file()
    file.record(add(make_ship()))
    file.close()
    bytes_before = path.read_bytes()

    file = open_file(mode="r", ontology=None)
    assert len(file.load().annotations) == 1
    assert len(list(file.log())) == 1
    with pytest.raises(WriteError, match="opened for reading"):
        file.record(add(make_ship()))
    file.close()

    assert path.read_bytes() == bytes_before
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_reader_sees_what_a_session_has_finished(open_file, make_ship, add) -> None:
    file = open_file()
    file.record(add(make_ship()))
    file.flush()

    assert len(open_file(mode="r").load().annotations) == 1


def test_reading_what_does_not_exist_is_an_error(open_file) -> None:
    with pytest.raises(MissingFileError, match="cannot be found"):
        open_file(mode="r")


@pytest.mark.parametrize("content", [b"hello, this is text" * 100, b"II*\0" + bytes(5000)])
def test_a_file_that_never_was_a_label_file_is_left_alone(open_file, path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(FormatError, match="not a label file"):
        open_file()

    assert path.read_bytes() == content
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_geopackage_of_another_program_is_to_be_imported(open_file, path) -> None:
    import geopandas

    geopandas.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=4326).to_file(path, layer="points")

    with pytest.raises(FormatError, match="import it"):
        open_file()


def test_a_file_with_a_foreign_trigger_is_refused(open_file, path, sqlite, make_ship, add) -> None:
    file = open_file()
    file.record(add(make_ship()))
    file.close()
    sqlite(path, "CREATE TRIGGER evil AFTER INSERT ON labels_polygon BEGIN DELETE FROM labels_polygon; END")

    for mode in ("rw", "r"):
        with pytest.raises(UnsafeFileError, match=r"trigger \(evil\) on labels_polygon"):
            open_file(mode=mode)


def test_a_file_with_a_view_is_refused(open_file, path, sqlite) -> None:
    open_file().close()
    sqlite(path, "CREATE VIEW spy AS SELECT * FROM annotation")

    with pytest.raises(UnsafeFileError, match="view"):
        open_file()


def test_a_trigger_that_was_altered_never_runs(open_file, path, sqlite, make_ship, add) -> None:
    open_file().close()
    name = "geolabel_labels_polygon_insert"
    sqlite(
        path,
        f"DROP TRIGGER {name}",
        f"CREATE TRIGGER {name} AFTER INSERT ON labels_polygon BEGIN DELETE FROM labels_polygon; END",
    )

    file = open_file()
    file.record(add(make_ship()))
    file.record(add(make_ship()))
    file.close()

    assert sqlite(path, "SELECT count(*) FROM labels_polygon") == [(2,)]


def test_tables_and_columns_that_a_user_adds_in_a_gis_are_kept(open_file, path, sqlite, make_ship, add, update) -> None:
    ship = make_ship()
    file = open_file()
    file.record(add(ship))
    file.close()
    sqlite(path, "ALTER TABLE labels_polygon ADD COLUMN remark TEXT", "CREATE TABLE own (x INTEGER)")
    sqlite(path, "UPDATE labels_polygon SET remark = 'mine'")

    file = open_file()
    file.record(update(ship, confidence=0.25))
    file.close()

    assert sqlite(path, "SELECT remark, confidence FROM labels_polygon") == [("mine", 0.25)]
    assert sqlite(path, "SELECT count(*) FROM own") == [(0,)]


def test_a_file_of_the_future_is_refused_clearly(open_file, path, sqlite) -> None:
    open_file().close()
    sqlite(path, "UPDATE geolabel SET value = '999' WHERE key = 'schema_version'")

    with pytest.raises(FormatError, match="newer napari-geolabel"):
        open_file()

    assert [found.name for found in path.parent.iterdir()] == [path.name]
