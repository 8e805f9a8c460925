"""What a GIS sees of an annotation: one flat row of a feature table, and the way back from an edited row.

The flat columns are those of every vector export (``formats.columns``).  They
are derived: the exact annotation stands in the table ``annotation``.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import TILE_PX, Annotation
from napari_geolabel.formats.measures import MEASURES
from napari_geolabel.formats.schema import rows_of, unmeasured_rows_of
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.gpkg_geometry import to_maps, to_multi_blobs
from napari_geolabel.labelfile.rows import to_json
from napari_geolabel.labelfile.schema import FIXED_COLUMNS, quoted
from napari_geolabel.ontology import Attribute, Ontology, all_attributes

_COLUMN_TYPES = {
    "radio": "TEXT",
    "checklist": "TEXT",
    "text": "TEXT",
    "number": "REAL",
    "boolean": "BOOLEAN",
    "date": "DATE",
}


@dataclass(frozen=True, kw_only=True)
class FeatureForm:
    """How annotations of one label file are written as features."""

    grid: GeoGrid
    ontology: Ontology
    srs_id: int
    """SRS of the feature tables; -1 without a georeference."""
    image: str | None = None
    """Name of the scene, as it stands in the column ``image``."""

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of a feature row after ``fid`` and ``geom``."""
        return (*FIXED_COLUMNS, *attribute_columns(self.ontology))

    @cached_property
    def update(self) -> str:
        """The assignments that write a feature over."""
        return ", ".join(f"{quoted(name)} = ?" for name in ("geom", *self.columns))

    @cached_property
    def unmeasured_columns(self) -> tuple[str, ...]:
        """The columns of a feature row that may change where its geometry stays."""
        return tuple(name for name in self.columns if name not in MEASURES)

    @cached_property
    def update_unmeasured(self) -> str:
        """The assignments that write a feature over whose geometry stays: the index need not be touched then."""
        return ", ".join(f"{quoted(name)} = ?" for name in self.unmeasured_columns)

    @cached_property
    def insert(self) -> str:
        """Columns and placeholders that add a feature, under a fid that may be NULL for the next one."""
        names = ("fid", "geom", *self.columns)
        return f"({', '.join(map(quoted, names))}) VALUES ({', '.join('?' * len(names))})"

    @cached_property
    def shown(self) -> str:
        """An expression for one text of all values of a feature but the geometry."""
        texts = " || ',' || ".join(f"quote({quoted(name)})" for name in self.columns)
        return f"CAST({texts} AS BLOB)"  # a damaged text may not be text any more

    def rows(self, annotations: Sequence[Annotation]) -> list[tuple[Any, ...]]:
        """Return the values of :attr:`columns` of annotations, as SQLite stores them."""
        return self._stored(annotations, rows_of(annotations, self.ontology, self.grid), self.columns)

    def unmeasured_rows(self, annotations: Sequence[Annotation]) -> list[tuple[Any, ...]]:
        """Return the values of :attr:`unmeasured_columns` of annotations, as SQLite stores them."""
        return self._stored(annotations, unmeasured_rows_of(annotations, self.ontology), self.unmeasured_columns)

    def blobs(self, geometries: Sequence[BaseGeometry]) -> list[bytes]:
        """Return the column ``geom`` of geometries in pixel coordinates."""
        array = np.fromiter(geometries, object, len(geometries))
        return to_multi_blobs(to_maps(array, self.grid), self.srs_id)

    def values(self, annotations: Sequence[Annotation]) -> list[tuple[Any, ...]]:
        """Return features of annotations: the blob of the geometry, and the flat columns after it."""
        blobs = self.blobs([annotation.geometry for annotation in annotations])
        return [(blob, *flat) for blob, flat in zip(blobs, self.rows(annotations), strict=True)]

    def _stored(
        self, annotations: Sequence[Annotation], rows: Sequence[dict[str, Any]], names: Sequence[str]
    ) -> list[tuple[Any, ...]]:
        """Return the named values of flat rows, as SQLite stores them."""
        for row, annotation in zip(rows, annotations, strict=True):
            row["image"] = self.image
            row["created"] = _time_text(annotation.provenance.created)
            row["updated"] = _time_text(annotation.provenance.updated)
        return [tuple(_plain(row.get(name)) for name in names) for row in rows]

    def item_bytes(self, row: int, col: int, size: int) -> int:
        """Return the bytes of one pixel of a mask tile of ``size`` bytes."""
        rows, cols = self.grid.shape
        return size // (min(TILE_PX, rows - row * TILE_PX) * min(TILE_PX, cols - col * TILE_PX))


def attribute_columns(ontology: Ontology) -> dict[str, str]:
    """Return the ``attr_*`` columns of an ontology and their GeoPackage types, archived ones too."""
    columns: dict[str, str] = {}
    for attribute in all_of(ontology):
        declared = _COLUMN_TYPES[attribute.type]
        name = f"attr_{attribute.id}"
        # two classes may ask the same question in different ways; text holds any answer
        columns[name] = declared if columns.get(name, declared) == declared else "TEXT"
    return columns


def shown_seal(db: sqlite3.Connection, form: FeatureForm, layer: str, fid: int) -> int:
    """Return a checksum of a feature as it stands in the file."""
    return shown_seals(db, form, layer, range(fid, fid + 1))[fid]


def shown_seals(
    db: sqlite3.Connection, form: FeatureForm, layer: str, fids: range = range(-(2**63), 2**63 - 1)
) -> dict[int, int]:
    """Return the checksums of the features of a table by fid, those of a range of fids or all."""
    query = f"SELECT fid, geom, {form.shown} FROM {layer} WHERE fid BETWEEN ? AND ? ORDER BY fid"  # noqa: S608
    return {fid: _shown(geom, text) for fid, geom, text in db.execute(query, (fids.start, fids.stop - 1))}


def put_feature(
    db: sqlite3.Connection,
    form: FeatureForm,
    layer: str,
    geometry: BaseGeometry,
    flat: Sequence[Any],
    fid: int | None = None,
) -> int:
    """Write a feature, over the row ``fid`` where one is given, and return its fid.

    Parameters
    ----------
    db, form, layer
        Where and how.
    geometry
        Pixel coordinates.
    flat
        Values of one of :meth:`FeatureForm.rows`.
    fid
        The feature that is written over; None adds one.
    """
    (blob,) = form.blobs([geometry])
    if fid is not None and update_feature(db, form, layer, (blob, *flat), fid):
        return fid
    # a feature that is gone comes back under a number of its own
    return add_features(db, form, layer, [(blob, *flat)]).start


def add_features(db: sqlite3.Connection, form: FeatureForm, layer: str, rows: Sequence[tuple[Any, ...]]) -> range:
    """Add features, each the blob of its geometry and its flat values, and return their fids."""
    (first,) = db.execute(sql.next_fid(layer), (layer,)).fetchone()
    numbered = ((fid, *row) for fid, row in enumerate(rows, start=first))
    db.executemany(f"INSERT INTO {layer} {form.insert}", numbered)
    return range(first, first + len(rows))


def update_feature(db: sqlite3.Connection, form: FeatureForm, layer: str, values: tuple[Any, ...], fid: int) -> bool:
    """Write a feature over, the blob of its geometry first; return whether there is such a feature."""
    query = f"UPDATE {layer} SET {form.update} WHERE fid = ?"  # noqa: S608
    return db.execute(query, (*values, fid)).rowcount > 0


def keep_geometry(db: sqlite3.Connection, form: FeatureForm, layer: str, annotation: Annotation, fid: int) -> bool:
    """Write a feature over but for its geometry and measures; return whether there is such a feature."""
    query = f"UPDATE {layer} SET {form.update_unmeasured} WHERE fid = ?"  # noqa: S608
    (values,) = form.unmeasured_rows([annotation])
    return db.execute(query, (*values, fid)).rowcount > 0


def drop_feature(db: sqlite3.Connection, layer: str, fid: int) -> None:
    """Take a feature out of its table."""
    db.execute(f"DELETE FROM {layer} WHERE fid = ?", (fid,))  # noqa: S608


def read_feature(db: sqlite3.Connection, layer: str, fid: int) -> dict[str, Any] | None:
    """Return the columns of a feature by name, None where it is gone."""
    cursor = db.execute(f"SELECT * FROM {layer} WHERE fid = ?", (fid,))  # noqa: S608
    row = cursor.fetchone()
    return None if row is None else dict(zip((column[0] for column in cursor.description), row, strict=True))


def _shown(geom: bytes | None, text: bytes) -> int:
    return zlib.crc32(text, zlib.crc32(geom or b""))


def all_of(ontology: Ontology) -> Iterable[Attribute]:
    """Yield the attributes of all classes, those under options included."""
    for label_class in ontology.classes:
        yield from all_attributes(label_class.attributes)


def _time_text(time: datetime | None) -> str | None:
    """Return a time as the GeoPackage standard wants it: with three digits after the second, no more, no less."""
    if time is None:
        return None
    utc = time if time.tzinfo is UTC else time.astimezone(UTC)
    return f"{utc.isoformat(timespec='milliseconds')[:-6]}Z"


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return a property as SQLite holds it: lists and mappings as JSON, truth as 0 or 1."""
    if value is None or type(value) in {str, int, float}:
        return value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str | bytes)):
        return to_json(value)
    return value
