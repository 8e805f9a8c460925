"""Tables of GeoPackages read as columns hold what SQLite stores, cell for cell, or are left to be read by rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from napari_geolabel.formats import geopackage_columns, geopackage_read
from napari_geolabel.formats.counting import quoted
from napari_geolabel.formats.geopackage_columns import read_columns
from napari_geolabel.formats.unwrapping import unwrapped

SQUARE = shapely.box(0, 0, 10, 10)
SHAPES = [
    SQUARE,
    shapely.MultiPolygon([SQUARE]),
    shapely.MultiPolygon([SQUARE, shapely.box(20, 0, 30, 9)]),
    SQUARE.difference(shapely.box(2, 2, 3, 3)),
    shapely.MultiLineString([[(0, 0), (1, 2.5)]]),
    shapely.Point(1, 2, 3),
    shapely.MultiPoint([(4, 5)]),
    shapely.GeometryCollection([shapely.Point(1, 1)]),
    shapely.Polygon(),
]


def blob(shape: shapely.Geometry, envelope: int = 0, flags: int = 1, byte_order: int = 1) -> bytes:
    """Return a geometry as a GeoPackage stores it."""
    head = b"GP\0" + bytes([flags | envelope << 1]) + b"\0" * 4
    return head + b"\0" * (0, 32, 48, 48, 64)[envelope] + shapely.to_wkb(shape, byte_order=byte_order)


TYPES = ["TEXT", "TEXT(40)", "INTEGER", "MEDIUMINT", "REAL", "DOUBLE", "BOOLEAN", "DATE", "DATETIME", "BLOB", ""]
CELLS = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.sampled_from(["5", " 5.0", "1e3", "2024-05-01", "2024", "inf", "nan", "0x10", "Ä\0ö"]),
    st.binary(max_size=4),
)
BLOBS = st.one_of(
    st.none(),
    st.binary(max_size=20),
    st.builds(blob, st.sampled_from(SHAPES), st.integers(0, 4), st.sampled_from([0, 1, 32]), st.integers(0, 1)),
    st.builds(lambda shape, cut: blob(shape)[:cut], st.sampled_from(SHAPES), st.integers(0, 60)),
)


@st.composite
def tables(draw):
    """Return declared types, and rows of a geometry blob and a cell for each; often a column is of one sort."""
    types = draw(st.lists(st.sampled_from(TYPES), max_size=4))
    sorts = [draw(st.sampled_from([CELLS, st.text("ab1", max_size=3), st.integers(-9, 9), st.none()])) for _ in types]
    return types, draw(st.lists(st.tuples(BLOBS, *sorts), max_size=8))


def both_ways(path: Path, types, rows):
    """Return what columns and rows give of a table; None for columns that cannot be told."""
    names = [f'c "{number}' for number in range(len(types))]
    with closing(sqlite3.connect(path)) as db:
        listed = "".join(f", {quoted(name)} {kind}" for name, kind in zip(names, types, strict=True))
        db.execute(f'CREATE TABLE "a b" (geom POLYGON{listed})')
        db.executemany(f'INSERT INTO "a b" VALUES ({", ".join("?" * (len(types) + 1))})', rows)  # noqa: S608
        db.commit()
        by_rows = geopackage_read._by_rows(db, geopackage_read._Layer("a b", "geom", 4326))
        return read_columns(path, db, "a b", "geom"), by_rows


def shapes_of(binaries) -> list[shapely.Geometry | None]:
    return list(unwrapped(np.asarray(shapely.from_wkb(binaries, on_invalid="ignore"), object)))


@settings(max_examples=60, deadline=None)
@example((["INTEGER"], [(None, 5), (None, 0.5)]))
@example((["DATETIME"], [(None, "2024-05-01T00:00:00Z"), (None, 2024)]))
@example((["TEXT"], [(None, None)] * 3 + [(b"GP", "5")]))
@given(tables())
def test_columns_are_the_cells_that_sqlite_stores(table):
    with TemporaryDirectory() as folder:
        found, (binaries, rows) = both_ways(Path(folder) / "a b?.gpkg", *table)
    if found is None:
        return  # it is read by rows
    columns = list(found[1])
    assert columns == rows
    assert [[type(v) for v in row.values()] for row in columns] == [[type(v) for v in row.values()] for row in rows]
    ours, theirs = shapes_of(found[0]), shapes_of(binaries)
    assert [shape is None for shape in ours] == [shape is None for shape in theirs]
    assert all(shapely.equals_identical(a, b) for a, b in zip(ours, theirs, strict=True) if a is not None)


def test_usual_tables_are_read_as_columns(tmp_path):
    types = ["TEXT", "INTEGER", "REAL", "BOOLEAN", "DATETIME", "TEXT"]
    cells = ("a", 1, 0.5, 1, "2024-05-01T10:00:00Z", None)
    rows = [(blob(shape, envelope), *cells) for shape in SHAPES for envelope in range(5)]
    found, (binaries, by_rows) = both_ways(tmp_path / "a.gpkg", types, rows * 50)
    assert found is not None
    assert list(found[1]) == by_rows
    assert all(map(shapely.equals_identical, shapes_of(found[0]), shapes_of(binaries)))


def test_columns_that_are_long_empty_are_columns_still(tmp_path):
    cells = [(None, None, None, None)] * 3000 + [(blob(SQUARE), "a", 7, 0.5)]
    found, (_, rows) = both_ways(tmp_path / "a.gpkg", ["TEXT", "INTEGER", "REAL"], cells)
    assert found is not None
    assert list(found[1]) == rows
    assert shapes_of(found[0])[-1] == SQUARE


def test_a_part_of_another_type_than_its_collection_is_no_geometry(tmp_path):
    wrong = blob(shapely.MultiPolygon([SQUARE])).replace(b"\1\3\0\0\0", b"\1\1\0\0\0")
    found, (binaries, _) = both_ways(tmp_path / "a.gpkg", [], [(wrong,)])
    assert found is not None
    assert shapes_of(found[0]) == shapes_of(binaries) == [None]


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("INTEGER", [1, 0.5]),
        ("INTEGER", [1, "many"]),
        ("DATE", ["2024-05-01", 2024]),
        ("", [1]),
        ("BLOB", [b"x", "x"]),
    ],
)
def test_columns_of_several_types_are_left_to_be_read_by_rows(tmp_path, kind, cells):
    found, (_, rows) = both_ways(tmp_path / "a.gpkg", [kind], [(None, cell) for cell in cells])
    assert found is None
    assert len(rows) == len(cells)


def test_without_the_driver_tables_are_read_by_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(geopackage_columns, "has_driver", lambda: False)
    found, (_, rows) = both_ways(tmp_path / "a.gpkg", ["TEXT"], [(blob(SQUARE), "a")])
    assert found is None
    assert rows == [{'c "0': "a"}]


def test_a_type_that_is_no_text_leaves_the_table_to_be_read_by_rows(tmp_path):
    path = tmp_path / "a.gpkg"
    both_ways(path, ["TEXT"], [(blob(SQUARE), "a")])
    path.write_bytes(path.read_bytes().replace(b'""0" TEXT', b'""0" \xffEXT'))
    with closing(sqlite3.connect(path)) as db:
        assert read_columns(path, db, "a b", "geom") is None
        _, rows = geopackage_read._by_rows(db, geopackage_read._Layer("a b", "geom", 4326))
    assert rows == [{'c "0': "a"}]


def test_what_is_no_database_is_left_to_sqlite_to_refuse(tmp_path):
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"SQLite format 3\0" + b"?" * 2000)
    with closing(sqlite3.connect(":memory:")) as db:
        assert read_columns(path, db, "a", "geom") is None
