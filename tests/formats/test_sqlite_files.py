"""SQLite files of strangers, also while another program has them open."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from napari_geolabel import convert
from napari_geolabel.errors import FormatError, WriteError
from napari_geolabel.formats.counting import count_rows
from napari_geolabel.formats.geopackage_read import read
from napari_geolabel.formats.sqlite_files import address_to_read, connect_to_read, require_closed


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A GeoPackage with two boxes."""
    path = tmp_path / "harbour.gpkg"
    boxes = [shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)]
    gpd.GeoDataFrame({"class": ["ship", "dock"]}, geometry=boxes, crs=4326).to_file(path, layer="ships")
    return path


@pytest.fixture
def writer(package: Path) -> Iterator[sqlite3.Connection]:
    """Another program that has it open, as QGIS does: what it writes stays in a log."""
    with closing(sqlite3.connect(package, isolation_level=None)) as db:
        triggers = db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:  # they call functions that only GDAL has
            db.execute(f'DROP TRIGGER "{name}"')
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        yield db


@pytest.mark.parametrize("has_driver", [True, False])
def test_what_another_program_has_saved_last_is_read(package, writer, has_driver, monkeypatch):
    if not has_driver:
        monkeypatch.setattr("napari_geolabel.formats.geopackage_columns.has_driver", lambda: False)
    writer.execute("INSERT INTO ships (geom, class) SELECT geom, 'buoy' FROM ships LIMIT 1")
    writer.execute("UPDATE ships SET class = 'quay' WHERE class = 'dock'")
    assert read(package, None).class_ids == ["ship", "quay", "buoy"]
    assert count_rows(package) == 3


def test_the_log_of_a_file_that_a_link_leads_to_is_read_too(package, writer, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.gpkg"
    link.symlink_to(package)
    writer.execute("INSERT INTO ships (geom, class) SELECT geom, 'buoy' FROM ships LIMIT 1")
    assert read(link, None).class_ids == ["ship", "dock", "buoy"]
    with pytest.raises(WriteError, match=r"harbour\.gpkg-wal beside it"):
        require_closed(link)


def test_a_log_that_cannot_be_read_is_told_in_a_sentence(package, writer, monkeypatch):
    monkeypatch.setattr("napari_geolabel.formats.sqlite_files._PATIENCE_S", 0)
    writer.execute("PRAGMA locking_mode = EXCLUSIVE")
    writer.execute("DELETE FROM ships")
    with pytest.raises(FormatError, match=r"harbour\.gpkg is open in another program.*close it there first"):
        read(package, None)


def test_nothing_is_made_beside_a_file_without_a_log(package):
    with closing(connect_to_read(package)) as db:
        assert db.execute("SELECT count(*) FROM ships").fetchone() == (2,)
        assert [found.name for found in package.parent.iterdir()] == ["harbour.gpkg"]
    Path(f"{package}-wal").touch()
    assert "immutable" in address_to_read(package), "an empty log says nothing"


def test_a_connection_writes_nothing_and_trusts_no_schema(package, writer):
    writer.execute("INSERT INTO ships (class) VALUES ('buoy')")
    with closing(connect_to_read(package)) as db:
        assert db.execute("PRAGMA trusted_schema").fetchone() == (0,)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            db.execute("DELETE FROM ships")


def test_what_is_no_database_is_refused_by_sqlite(tmp_path):
    path = tmp_path / "text.gpkg"
    path.write_bytes(b"SQLite format 3\0" + b"no" * 400)
    with pytest.raises(sqlite3.DatabaseError):
        connect_to_read(path)


BUOYS = gpd.GeoDataFrame({"class": ["buoy"] * 4}, geometry=shapely.points([(n, n) for n in range(4)]), crs=4326)


def test_a_file_that_another_program_has_open_is_not_replaced_under_it(package, writer, monkeypatch):
    monkeypatch.setattr("napari_geolabel.formats.sqlite_files._PATIENCE_S", 0)
    writer.execute("UPDATE ships SET class = 'quay'")
    with pytest.raises(WriteError, match=r"harbour\.gpkg-wal beside it.*close it there, or choose another name"):
        convert(BUOYS, package, overwrite="always")
    assert read(package, None).class_ids == ["quay", "quay"]
    writer.close()
    convert(BUOYS, package, overwrite="always")
    assert read(package, None).class_ids == ["buoy"] * 4


def test_a_log_that_a_crash_has_left_is_taken_in_before_the_file_is_replaced(package, writer, tmp_path):
    writer.execute("UPDATE ships SET class = 'quay'")
    left = tmp_path / "left.gpkg"
    for ending in ("", "-wal"):
        shutil.copy(f"{package}{ending}", f"{left}{ending}")
    require_closed(left)
    assert not Path(f"{left}-wal").exists()
    assert read(left, None).class_ids == ["quay", "quay"]
    shutil.copy(f"{package}-wal", f"{left}-wal")
    convert(BUOYS, left, overwrite="always")
    with closing(sqlite3.connect(left)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert read(left, None).class_ids == ["buoy"] * 4


def test_a_log_whose_file_is_gone_is_not_given_another(package, writer, tmp_path):
    writer.execute("DELETE FROM ships")
    orphan = tmp_path / "new.gpkg"
    shutil.copy(f"{package}-wal", f"{orphan}-wal")
    with pytest.raises(WriteError, match=r"new\.gpkg-wal beside it"):
        convert(BUOYS, orphan)
    assert not orphan.exists()
