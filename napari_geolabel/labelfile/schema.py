"""The tables of a label file: everything that ``CREATE``s stands here.

Feature tables (what a GIS shows) hold one row per annotation in map
coordinates with flat columns.  Plain tables hold the exact truth.  A feature
row, its ``annotation`` row and its ``journal`` row always commit together.

Each row of a plain table ends in a ``seal`` (see ``rows.seal``) over all
values before it, so that recovery can tell sound rows from damaged ones
without trusting the tree that they hang in.

``PRAGMA user_version`` belongs to the GeoPackage standard (10300 is version
1.3), so the version of these tables stands in the table ``geolabel``.
"""

# ruff: noqa: S608  (all names in these statements are our own)

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from napari_geolabel.errors import GeometryError

SCHEMA_VERSION = 1
APPLICATION_ID = 0x47504B47  # "GPKG"
GPKG_VERSION = 10300
PAGE_BYTES = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """A feature table."""

    name: str
    geometry: str
    """Declared type; areas and lines are always stored as ones with parts, so that one type fits all."""


LAYERS = (
    Layer(name="labels_polygon", geometry="MULTIPOLYGON"),
    Layer(name="labels_line", geometry="MULTILINESTRING"),
    Layer(name="labels_point", geometry="POINT"),
)

FIXED_COLUMNS: Mapping[str, str] = {
    "id": "TEXT",
    "class_id": "TEXT",
    "class_name": "TEXT",
    "class_value": "INTEGER",
    "kind": "TEXT",
    "heading_deg": "REAL",
    "length_m": "REAL",
    "width_m": "REAL",
    "area_m2": "REAL",
    "confidence": "REAL",
    "status": "TEXT",
    "source": "TEXT",
    "annotator": "TEXT",
    "created": "DATETIME",
    "updated": "DATETIME",
    "tool": "TEXT",
    "composite": "TEXT",
    "ground_resolution_m": "REAL",
    "image": "TEXT",
    "attributes": "TEXT",
}
"""Columns that every feature table has, with their GeoPackage types; one ``attr_*`` per attribute follows."""

_GPKG_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
    description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL,
    definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
    description TEXT, mime_type TEXT, constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
    min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
    styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
INSERT INTO gpkg_extensions VALUES ('gpkg_data_columns', NULL, 'gpkg_schema',
    'http://www.geopackage.org/spec121/#extension_schema', 'read-write');
INSERT INTO gpkg_extensions VALUES ('gpkg_data_column_constraints', NULL, 'gpkg_schema',
    'http://www.geopackage.org/spec121/#extension_schema', 'read-write');
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined',
    'undefined Cartesian coordinate reference system');
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined',
    'undefined geographic coordinate reference system');
INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)
    VALUES ('layer_styles', 'attributes', 'layer_styles', 0);
"""

PLAIN_TABLES: Mapping[str, tuple[str, ...]] = {
    "geolabel": ("key TEXT PRIMARY KEY NOT NULL", "value TEXT"),
    "scene": (
        "id TEXT PRIMARY KEY NOT NULL", "fingerprint TEXT", "uri_abs TEXT", "uri_rel TEXT", "crs_wkt TEXT",
        "transform TEXT NOT NULL", "width INTEGER NOT NULL", "height INTEGER NOT NULL", "attributes TEXT NOT NULL",
        "meta TEXT NOT NULL",
    ),
    "ontology": (
        "entry INTEGER PRIMARY KEY NOT NULL", "id TEXT NOT NULL", "version TEXT NOT NULL", "sha256 TEXT NOT NULL",
        "json TEXT NOT NULL", "since TEXT NOT NULL",
    ),
    "annotation": (
        "entry INTEGER PRIMARY KEY NOT NULL", "id TEXT NOT NULL UNIQUE", "layer TEXT NOT NULL",
        "fid INTEGER NOT NULL", "place INTEGER NOT NULL", "version INTEGER NOT NULL", "exact BLOB NOT NULL",
        "shown INTEGER NOT NULL",
    ),
    "mask_tile": (
        "entry INTEGER PRIMARY KEY NOT NULL", "row INTEGER NOT NULL", "col INTEGER NOT NULL",
        "version INTEGER NOT NULL", "pixels BLOB",
    ),
    "change": (
        "seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", "session TEXT NOT NULL", "actor TEXT", "at TEXT NOT NULL",
        "title TEXT NOT NULL", "undoes INTEGER", "edits INTEGER NOT NULL", "tiles INTEGER NOT NULL",
        "scene_before TEXT", "scene_after TEXT",
    ),
    "journal": (
        "entry INTEGER PRIMARY KEY NOT NULL", "seq INTEGER NOT NULL", "op TEXT NOT NULL", "id TEXT NOT NULL",
        "place INTEGER NOT NULL", "version INTEGER NOT NULL", "before BLOB", "after BLOB",
    ),
    "journal_tile": (
        "entry INTEGER PRIMARY KEY NOT NULL", "seq INTEGER NOT NULL", "row INTEGER NOT NULL", "col INTEGER NOT NULL",
        "version INTEGER NOT NULL", "before BLOB", "after BLOB",
    ),
    "conflict": (
        "entry INTEGER PRIMARY KEY NOT NULL", "seq INTEGER NOT NULL", "id TEXT NOT NULL", "field TEXT NOT NULL",
        "base TEXT", "mine TEXT", "theirs TEXT", "session TEXT NOT NULL", "resolved TEXT",
    ),
    "review": (
        "entry INTEGER PRIMARY KEY NOT NULL", "seq INTEGER NOT NULL", "id TEXT NOT NULL", "from_status TEXT NOT NULL",
        "to_status TEXT NOT NULL", "comment TEXT",
    ),
    "session": (
        "id TEXT PRIMARY KEY NOT NULL", "annotator TEXT", "pid INTEGER NOT NULL", "host TEXT NOT NULL",
        "software TEXT NOT NULL", "started TEXT NOT NULL", "ended TEXT", "outcome TEXT",
    ),
    "touched_feature": ("layer TEXT NOT NULL", "fid INTEGER NOT NULL", "PRIMARY KEY (layer, fid)"),
}  # fmt: skip
"""Column declarations of the plain tables, without the seal."""

FIRST_SEQ = "first_seq"
"""The setting that tells the number of the first change of a copy whose early history was left out."""

SEALED = ("scene", "ontology", "annotation", "mask_tile", "change", "journal", "journal_tile")
"""Plain tables whose rows end in a seal: those that recovery rebuilds a label file from."""

_INDEXES = """
CREATE INDEX annotation_feature ON annotation (layer, fid);
CREATE UNIQUE INDEX mask_tile_place ON mask_tile (row, col);
CREATE INDEX journal_seq ON journal (seq);
CREATE INDEX journal_id ON journal (id);
CREATE INDEX journal_tile_seq ON journal_tile (seq);
"""


def layer_for(geometry_type: str) -> Layer:
    """Return the feature table for a shapely geometry type.

    Raises
    ------
    GeometryError
        If no feature table holds such geometries.
    """
    for layer in LAYERS:
        if layer.geometry in {geometry_type.upper(), f"MULTI{geometry_type.upper()}"}:
            return layer
    raise GeometryError(f"a {geometry_type} has no place in a label file; use a polygon, a line or a point")


def column_names(table: str) -> list[str]:
    """Return the columns of a plain table, the seal left out."""
    return [text.split()[0] for text in PLAIN_TABLES[table] if not text.startswith("PRIMARY")]


def create_tables(db: sqlite3.Connection, columns: Mapping[str, str], srs_id: int) -> None:
    """Make all tables of a new label file; ``gpkg_spatial_ref_sys`` must get the row of ``srs_id`` after this.

    Parameters
    ----------
    db
        A connection to an empty file, in autocommit mode, inside a transaction.
    columns
        The ``attr_*`` columns of the feature tables and their types.
    srs_id
        SRS of the features.
    """
    run(db, _GPKG_TABLES)
    for table, declared in PLAIN_TABLES.items():
        sealed = ("seal INTEGER NOT NULL",) if table in SEALED else ()
        in_order = [text for text in declared if not text.startswith("PRIMARY")]
        keys = [text for text in declared if text.startswith("PRIMARY")]
        db.execute(f"CREATE TABLE {table} ({', '.join([*in_order, *sealed, *keys])})")
    run(db, _INDEXES)
    for layer in LAYERS:
        _create_feature_table(db, layer, columns, srs_id)
    for sql in triggers().values():
        db.execute(sql)


def add_columns(db: sqlite3.Connection, columns: Mapping[str, str]) -> list[str]:
    """Give the feature tables the columns that they lack; return the names of those added."""
    added = []
    for layer in LAYERS:
        there = {row[1] for row in db.execute(f"PRAGMA table_info({layer.name})")}
        for name, declared in columns.items():
            if name not in there:
                db.execute(f"ALTER TABLE {layer.name} ADD COLUMN {quoted(name)} {declared}")
                added.append(name)
    return sorted(set(added))


def triggers() -> dict[str, str]:
    """Return the triggers that a label file has, name to SQL.

    Those of the index are the standard's (annex F.3).  Those of ours note
    which features were touched: what another program edits is found by them.
    """
    found: dict[str, str] = {}
    for layer in LAYERS:
        found |= _index_triggers(layer.name) | _mark_triggers(layer.name)
    return found


def run(db: sqlite3.Connection, script: str) -> None:
    """Run statements one by one, as ``executescript`` would commit first."""
    for statement in _statements(script):
        db.execute(statement)


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _statements(script: str) -> Iterable[str]:
    return (part.strip() for part in script.split(";\n") if part.strip())


def _create_feature_table(db: sqlite3.Connection, layer: Layer, columns: Mapping[str, str], srs_id: int) -> None:
    fields = ", ".join(f"{quoted(name)} {kind}" for name, kind in ({**FIXED_COLUMNS, **columns}).items())
    table = layer.name
    db.execute(
        f"CREATE TABLE {table} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom {layer.geometry}, {fields})"
    )
    db.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, 'features', ?, ?)",
               (table, table, srs_id))  # fmt: skip
    db.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)", (table, layer.geometry, srs_id))
    db.execute(
        "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', "
        "'http://www.geopackage.org/spec121/#extension_rtree', 'write-only')",
        (table,),
    )
    db.execute(f"CREATE VIRTUAL TABLE rtree_{table}_geom USING rtree(id, minx, maxx, miny, maxy)")


def _index_triggers(table: str) -> dict[str, str]:
    index = f"rtree_{table}_geom"
    box = "NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)"
    put = f"INSERT OR REPLACE INTO {index} VALUES ({box})"
    full, empty = "NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom)", "NEW.geom ISNULL OR ST_IsEmpty(NEW.geom)"
    rules = {
        "insert": f"INSERT ON {table} WHEN ({full}) BEGIN {put}; END",
        "update1": f"UPDATE OF geom ON {table} WHEN OLD.fid = NEW.fid AND ({full}) BEGIN {put}; END",
        "update2": f"UPDATE OF geom ON {table} WHEN OLD.fid = NEW.fid AND ({empty}) "
        f"BEGIN DELETE FROM {index} WHERE id = OLD.fid; END",
        "update3": f"UPDATE ON {table} WHEN OLD.fid != NEW.fid AND ({full}) "
        f"BEGIN DELETE FROM {index} WHERE id = OLD.fid; {put}; END",
        "update4": f"UPDATE ON {table} WHEN OLD.fid != NEW.fid AND ({empty}) "
        f"BEGIN DELETE FROM {index} WHERE id IN (OLD.fid, NEW.fid); END",
        "delete": f"DELETE ON {table} WHEN OLD.geom NOTNULL BEGIN DELETE FROM {index} WHERE id = OLD.fid; END",
    }
    return {f"{index}_{name}": f"CREATE TRIGGER {index}_{name} AFTER {rule}" for name, rule in rules.items()}


def _mark_triggers(table: str) -> dict[str, str]:
    def mark(which: str) -> str:
        return f"INSERT OR IGNORE INTO touched_feature VALUES ('{table}', {which}.fid)"

    rules = {
        "insert": f"INSERT ON {table} BEGIN {mark('NEW')}; END",
        "update": f"UPDATE ON {table} BEGIN {mark('OLD')}; {mark('NEW')}; END",
        "delete": f"DELETE ON {table} BEGIN {mark('OLD')}; END",
    }
    prefix = f"geolabel_{table}"
    return {f"{prefix}_{name}": f"CREATE TRIGGER {prefix}_{name} AFTER {rule}" for name, rule in rules.items()}
