"""SQLite files of strangers, also while another program has them open."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.counting import count_rows
from napari_geolabel.formats.geopackage_read import read
from napari_geolabel.formats.sqlite_files import address_to_read, connect_to_read


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
