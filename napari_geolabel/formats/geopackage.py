"""Annotations to a plain GeoPackage: one table per geometry type, in the scene's CRS, with styles and domains inside.

Layout of the style table and of the schema extension's tables: OGC 12-128r17
annex F.9, and what QGIS 3.22 writes itself.
"""

from __future__ import annotations

import json
import sqlite3
import warnings
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.errors import WriteError
from napari_geolabel.files import atomic_write, digest_of, require_written
from napari_geolabel.formats.arrow_writing import write_frame
from napari_geolabel.formats.counting import count_rows, require_count
from napari_geolabel.formats.frame_rows import FrameRows, storable
from napari_geolabel.formats.frames import to_geodataframe
from napari_geolabel.formats.held_names import held_names, with_row_numbers
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.own_members import dumps
from napari_geolabel.formats.qml import GeometryType, vector_qml, vector_sld
from napari_geolabel.formats.sqlite_files import require_closed
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Attribute, Ontology, all_attributes

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

TABLES: dict[str, GeometryType] = {
    "labels_polygon": "Polygon",
    "labels_line": "LineString",
    "labels_point": "Point",
}
"""The tables and the geometry type of each."""

_MULTI_TYPES = {"Polygon": "MultiPolygon", "LineString": "MultiLineString", "Point": "Point"}
_TYPE_IDS = {"Polygon": (3, 6), "LineString": (1, 5), "Point": (0,)}
_TIMES = ("created", "updated")
_WHOLE = ("class_value",)
_NUMBERS = ("heading_deg", "length_m", "width_m", "area_m2", "confidence", "ground_resolution_m")

_STYLE_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
  VALUES ('layer_styles', 'attributes', 'layer_styles', '', strftime('%Y-%m-%dT%H:%M:%fZ','now'), 0);
"""
_STYLE_ROW = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
  styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, ?, 1, 'napari-geolabel', '')
"""
_DOMAIN_TABLES = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
INSERT INTO gpkg_extensions VALUES ('gpkg_data_columns', NULL, 'gpkg_schema',
  'http://www.geopackage.org/spec121/#extension_schema', 'read-write');
INSERT INTO gpkg_extensions VALUES ('gpkg_data_column_constraints', NULL, 'gpkg_schema',
  'http://www.geopackage.org/spec121/#extension_schema', 'read-write');
"""


def write_geopackage(
    path: str | Path,
    annotations: Iterable[Annotation],
    grid: GeoGrid,
    ontology: Ontology,
    *,
    scene_name: str | None = None,
) -> None:
    """Write annotations as a GeoPackage that QGIS opens in the colours of the ontology.

    Tables are ``labels_polygon``, ``labels_line`` and ``labels_point``, each
    there even if empty, with the flat columns of ``schema.py``.  Without a
    georeference coordinates are x and -y in pixels, in the undefined
    Cartesian system (srs_id -1), so that they show the right way up.

    Parameters
    ----------
    path
        The file; it appears whole or not at all.
    annotations
        In draw order.
    grid
        The scene's grid.
    ontology
        Gives names, styles and the drop-down lists of classes and options.
    scene_name
        Kept in the metadata, with the ontology and the scene's shape and transform.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    frame = typed_frame(to_geodataframe(annotations, grid, ontology), ontology)
    if not grid.is_georeferenced:
        frame = frame.set_geometry(shapely.transform(np.asarray(frame.geometry), lambda xy: xy * (1.0, -1.0)))
    scene = {"name": scene_name, "shape": list(grid.shape), "transform": list(grid.transform)[:6]}
    _write_tables(path, frame, ontology, {"GEOLABEL_SCENE": json.dumps(scene)}, _MULTI_TYPES)


def write_rows(path: Path, rows: FrameRows) -> list[str]:
    """Write the rows of a frame as a GeoPackage, every column as it is, with styles for the classes; return notes.

    Raises
    ------
    GeoLabelError
        If a value cannot stand in a table, or the file cannot be written.
    """
    found = set(shapely.get_type_id(np.asarray(rows.frame.geometry.array, object)).tolist())
    stored = {each: each if _TYPE_IDS[each][-1] not in found else multi for each, multi in _MULTI_TYPES.items()}
    frame, taken, numbered = with_row_numbers(rows.frame)
    frame, renamed = held_names(frame, "a GeoPackage", ("geom", *taken))
    _write_tables(path, storable(frame), rows.ontology, {}, stored)
    return numbered + renamed


def _write_tables(
    path: str | Path, frame: GeoDataFrame, ontology: Ontology, about: dict[str, str], stored: dict[str, str]
) -> None:
    """Write a frame as a table for each type of geometry, with what is said of the whole file.

    ``stored`` says as which type each of `TABLES` holds its geometries.
    """
    metadata = {
        "GEOLABEL_ONTOLOGY": json.dumps(ontology.to_dict(), ensure_ascii=False),
        "GEOLABEL_ONTOLOGY_STAMP": json.dumps(ontology.stamp),
        **about,
    }
    require_closed(Path(path))
    with atomic_write(path) as temporary:
        temporary.unlink()  # GDAL makes the file itself, and takes an empty one for a broken one
        for table, geometry_type in TABLES.items():
            _write_table(temporary, table, geometry_type, stored[geometry_type], frame, metadata, Path(path).name)
        with closing(sqlite3.connect(temporary)) as database, database:
            _add_styles(database, ontology)
            _add_domains(database, ontology, set(frame.columns))
        digest = digest_of(temporary)
        require_count(count_rows(temporary), len(frame), Path(path).name)
        require_written(temporary, digest, Path(path).name)


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as a GeoPackage."""
    write_geopackage(path, labels.annotations, labels.grid, labels.ontology, scene_name=labels.scene_name)


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what a GeoPackage will not hold."""
    if labels.scene_attributes:
        yield "the attributes of the whole scene do not go into a GeoPackage; GeoJSON keeps them"


def _write_table(
    path: Path,
    table: str,
    geometry_type: GeometryType,
    stored: str,
    frame: GeoDataFrame,
    metadata: dict[str, str],
    name: str,
) -> None:
    """Write the rows of one geometry type as a table of their own."""
    from pyogrio.errors import DataLayerError, DataSourceError

    types = shapely.get_type_id(np.asarray(frame.geometry.array, object))
    wanted = np.isin(types, _TYPE_IDS[geometry_type])
    rows = frame if wanted.all() else frame[wanted]
    placed = frame.crs is not None
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "'crs' was not provided")  # it is undefined on purpose
            write_frame(
                path,
                rows,
                layer=table,
                driver="GPKG",
                geometry_type=stored,
                is_multi=stored != geometry_type,
                dataset_metadata=None if path.exists() else metadata,
                dataset_options={} if path.exists() else {"VERSION": "1.3"},  # 1.4 makes GDAL before 3.7 warn
                layer_options={} if placed else {"SRID": "-1"},
            )
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise WriteError(f"{name} was not written ({error}); the old file is untouched") from error


def typed_frame(frame: GeoDataFrame, ontology: Ontology) -> GeoDataFrame:
    """Return the frame with one type per column, also where a column is empty."""
    import pandas as pd

    types = _attribute_types(ontology)
    for column in frame.columns.drop("geometry"):
        values = frame[column]
        kind = types.get(column)
        if column == "attributes":
            frame[column] = [dumps(value).decode() for value in values]
        elif column in _TIMES:
            frame[column] = pd.to_datetime(values, utc=True, format="ISO8601")
        elif column in _WHOLE:
            frame[column] = values.astype("Int32")
        elif column in _NUMBERS or kind == {"number"}:
            frame[column] = values.astype("float64")
        elif kind == {"boolean"}:
            frame[column] = values.astype("boolean")
        elif str(values.dtype) != "str":
            frame[column] = [None if value is None or value != value else str(value) for value in values]
    return frame


def _attribute_types(ontology: Ontology) -> dict[str, set[str]]:
    """Return the types that each attribute column may hold; classes may use one id differently."""
    types: dict[str, set[str]] = {}
    for cls in ontology.classes:
        for attribute in all_attributes(cls.attributes):
            types.setdefault(f"attr_{attribute.id}", set()).add(attribute.type)
    return types


def _add_styles(database: sqlite3.Connection, ontology: Ontology) -> None:
    """Add QGIS's style table with a default style for each table."""
    database.executescript(_STYLE_TABLE)
    for table, geometry_type in TABLES.items():
        qml = vector_qml(ontology, geometry_type)
        sld = vector_sld(ontology, geometry_type, name=table)
        database.execute(_STYLE_ROW, (table, ontology.name[:30], qml, sld))


def _add_domains(database: sqlite3.Connection, ontology: Ontology, columns: set[str]) -> None:
    """Add the coded values that GIS programs offer as drop-down lists, of the columns that there are."""
    database.executescript(_DOMAIN_TABLES)
    for column, title, codes in _domains(ontology):
        if column not in columns:
            continue
        constraint = f"geolabel_{column}"
        for table in TABLES:
            database.execute(
                "INSERT INTO gpkg_data_columns VALUES (?, ?, NULL, ?, '', NULL, ?)", (table, column, title, constraint)
            )
        database.executemany(
            "INSERT INTO gpkg_data_column_constraints VALUES (?, 'enum', ?, NULL, NULL, NULL, NULL, ?)",
            [(constraint, code, label) for code, label in codes.items()],
        )


def _domains(ontology: Ontology) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield column, title and code-to-label of each column with a fixed set of values."""
    yield "class_id", "Class", {cls.id: cls.name for cls in ontology.classes}
    yield "status", "Status", {status.value: status.value.capitalize() for status in Status}
    radios: dict[str, list[Attribute]] = {}
    types = _attribute_types(ontology)
    for cls in ontology.classes:
        for attribute in all_attributes(cls.attributes):
            if types[f"attr_{attribute.id}"] == {"radio"}:
                radios.setdefault(attribute.id, []).append(attribute)
    for attribute_id, attributes in radios.items():
        codes = {option.id: option.name for attribute in reversed(attributes) for option in attribute.options}
        yield f"attr_{attribute_id}", attributes[0].name, codes
