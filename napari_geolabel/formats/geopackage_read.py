"""GeoPackages of any program to columns.

Read with SQLite and never through GDAL: from tables alone, as views
and triggers may hold what a stranger wants to be run, and with texts that
look like dates left as they are.  Layout of the geometry blob: OGC 12-128r17,
section 2.1.3.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from pydantic import ValidationError
from pyproj import CRS

from napari_geolabel.errors import FormatError, NotGeoreferencedError
from napari_geolabel.files import require_file
from napari_geolabel.formats.columns import LabelColumns, PixelCopy
from napari_geolabel.formats.counting import quoted
from napari_geolabel.formats.geopackage_columns import ENVELOPE_BYTES, read_columns
from napari_geolabel.formats.label_set import Image
from napari_geolabel.formats.sqlite_files import connect_to_read
from napari_geolabel.formats.table_rows import Numbered, SoundFeatures
from napari_geolabel.formats.texts import collector_paused, shown
from napari_geolabel.geo import GeoGrid, on_earth, parse_crs
from napari_geolabel.ontology import Ontology

_MAGIC = b"SQLite format 3\0"
_LAYERS = """
SELECT c.table_name, g.column_name, g.srs_id FROM gpkg_contents c
  JOIN gpkg_geometry_columns g ON g.table_name = c.table_name
  JOIN sqlite_master m ON m.name = c.table_name
  WHERE c.data_type = 'features' AND m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.rowid
"""

_NEWER_TEXT = "definition_12_063"
"""The column with the text of a CRS that ``definition`` cannot say, such as a turned pole (OGC 12-128r17, F.10)."""


def read(path: Path, image: Image | None, *, crs: CRS | None = None) -> LabelColumns:  # noqa: ARG001  (map coordinates)
    """Read the features of all layers of a GeoPackage.

    The layers must be in one CRS.  Features without geometry, and those
    whose geometry cannot be read, are left out and stand in ``skipped``.
    Layers without a CRS are in pixels; y is turned about in files of ours,
    which is how we write scenes without a place on Earth, and in others where
    all of them lie below zero.

    Parameters
    ----------
    path
        The file.
    image
        Not needed.
    crs
        That of the coordinates, whatever the file says.

    Raises
    ------
    MissingFileError, UnsafeFileError
        If the path is no local file.
    FormatError
        If it is no GeoPackage, is damaged, has no layer, or several CRSs.
    """
    found = require_file(path)
    with found.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise FormatError(f"{found.name} is no GeoPackage: it does not begin like an SQLite file")
    try:
        with collector_paused(), closing(connect_to_read(found)) as db:
            layers = [_Layer(*row) for row in db.execute(_LAYERS)]
            if not layers:
                raise FormatError(f"{found.name} has no table of features")
            crs = _common_crs(db, layers, found.name) if crs is None else crs
            features = [_features(found, db, layer) for layer in layers]
            grid, ontology = _own_grid(db, crs), _own_ontology(db)
    except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
        raise FormatError(f"{found.name} cannot be read as a GeoPackage ({str(error)[:80]})") from error
    columns = _columns(_Features.together(features), crs, grid, found.name)
    columns.ontology = ontology
    return columns


def recognises(head: bytes) -> bool:
    """Return whether a file begins like a GeoPackage."""
    return head.startswith(_MAGIC)


@dataclass(frozen=True)
class _Layer:
    """A table of features."""

    table: str
    geometry: str
    srs_id: int


def _common_crs(db: sqlite3.Connection, layers: list[_Layer], name: str) -> CRS | None:
    """Return the CRS of all layers, None where it is undefined."""
    ids = sorted({layer.srs_id for layer in layers if isinstance(layer.srs_id, int)})
    if len(ids) > 1:
        raise FormatError(f"{name} has layers in several CRSs; save each as a file of its own")
    if not ids or ids[0] in (-1, 0):
        return None
    there = {row[1] for row in db.execute("PRAGMA table_info(gpkg_spatial_ref_sys)")}
    texts = ", ".join(("definition", _NEWER_TEXT) if _NEWER_TEXT in there else ("definition",))
    about = db.execute(
        f"SELECT organization, organization_coordsys_id, {texts} FROM gpkg_spatial_ref_sys WHERE srs_id = ?",  # noqa: S608
        ids,
    ).fetchone()
    if about is None:
        raise FormatError(f"{name} does not say what its CRS {ids[0]} is; save it again with one")
    for text in (f"{about[0]}:{about[1]}", *map(str, about[2:])):
        try:
            return on_earth(parse_crs(text))
        except NotGeoreferencedError:
            continue
    raise FormatError(f"{name} is in a CRS that PROJ does not know ({about[0]}:{about[1]}); reproject it first")


@dataclass(frozen=True)
class _Features:
    """The features of a table."""

    binaries: NDArray[np.object_]
    """Well-known binary of each, None where its blob is no geometry."""
    rows: Sequence[dict[str, Any]]
    """Their properties."""
    where: Sequence[str]
    """What to call each."""

    @staticmethod
    def together(parts: Sequence[_Features]) -> _Features:
        """Return the features of several tables."""
        filled = [part for part in parts if len(part.rows)] or list(parts[:1])
        if len(filled) == 1:
            return filled[0]
        return _Features(
            np.concatenate([part.binaries for part in filled]),
            [row for part in filled for row in part.rows],
            [place for part in filled for place in part.where],
        )


def _features(path: Path, db: sqlite3.Connection, layer: _Layer) -> _Features:
    """Return the features of a table, as columns where that changes no value."""
    binaries, rows = read_columns(path, db, layer.table, layer.geometry) or _by_rows(db, layer)
    return _Features(binaries, rows, Numbered(layer.table, range(1, len(rows) + 1)))


def _by_rows(db: sqlite3.Connection, layer: _Layer) -> tuple[NDArray[np.object_], list[dict[str, Any]]]:
    """Return the well-known binary of the geometries of a table, and the properties, cell by cell."""
    found = db.execute(f"SELECT * FROM {quoted(layer.table)}")  # noqa: S608
    names = [column[0] for column in found.description]
    if layer.geometry not in names:
        raise FormatError(f"the table {shown(layer.table)} has no column {shown(layer.geometry)} with geometries")
    binaries: list[bytes | None] = []
    rows: list[dict[str, Any]] = []
    for values in found:
        row = dict(zip(names, values, strict=True))
        binaries.append(_wkb(row.pop(layer.geometry)))
        if bytes in set(map(type, row.values())):
            row = {name: value for name, value in row.items() if not isinstance(value, bytes)}
        rows.append(row)
    return np.array(binaries, object), rows


def _columns(found: _Features, crs: CRS | None, grid: GeoGrid | None, name: str) -> LabelColumns:
    """Return columns of the features whose geometry can be read."""
    geometries = np.asarray(shapely.from_wkb(found.binaries, on_invalid="ignore"), object)
    sound = SoundFeatures.of(geometries, found.rows, found.where)
    shapes = sound.geometries
    notes = []
    is_ours = grid is not None  # all of ours have -y, which is more than zero where a label reaches above the scene
    if crs is None and len(shapes) and (is_ours or shapely.total_bounds(shapes)[3] <= 0):
        shapes = np.asarray(shapely.transform(shapes, lambda xy: xy * (1.0, -1.0)), object)
        why = "is one of ours" if is_ours else "all of it lies below zero"
        notes.append(f"the file has no CRS and {why}, so that -y was taken for the rows of pixels")
    elif crs is None:
        notes.append("the file has no CRS, so its coordinates were taken for pixels")
    return LabelColumns.from_rows(
        shapes,
        sound.rows,
        crs=crs,
        name=name,
        where=sound.where,
        skipped=sound.skipped,
        notes=notes,
        pixels=None if grid is None else PixelCopy(grid=grid, geometries=np.full(len(shapes), None), precision=None),
    )


def _wkb(blob: Any) -> bytes | None:  # noqa: ANN401  (any cell)
    """Return the well-known binary of a geometry blob, None where it is none."""
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        return None
    envelope = blob[3] >> 1 & 7
    if envelope >= len(ENVELOPE_BYTES) or blob[3] & 32:  # extended geometries are no WKB
        return None
    return blob[8 + ENVELOPE_BYTES[envelope] :]


def _own_grid(db: sqlite3.Connection, crs: CRS | None) -> GeoGrid | None:
    """Return the grid of the scene that our own metadata names, None where there is none."""
    for scene in _own_members(db, "GEOLABEL_SCENE"):
        try:
            rows, cols = map(int, scene["shape"])
            return GeoGrid(shape=(rows, cols), transform=Affine(*map(float, scene["transform"])), crs=crs)
        except (KeyError, TypeError, ValueError):
            continue
    return None


def _own_ontology(db: sqlite3.Connection) -> Ontology | None:
    """Return the ontology that our own metadata holds, None where there is none that is sound."""
    for member in _own_members(db, "GEOLABEL_ONTOLOGY"):
        try:
            return Ontology.model_validate(member)
        except ValidationError:
            continue
    return None


def _own_members(db: sqlite3.Connection, key: str) -> Iterator[dict[str, Any]]:
    """Yield the objects that our own metadata holds under a key."""
    from defusedxml import DefusedXmlException
    from defusedxml import ElementTree as SafeET

    if db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'gpkg_metadata' AND type = 'table'").fetchone()[0]:
        for (text,) in db.execute("SELECT metadata FROM gpkg_metadata"):
            try:
                root: ET.Element = SafeET.fromstring(str(text), forbid_dtd=True)
                found = [json.loads(n.text or "") for n in root.iter("MDI") if n.get("key") == key]
            except (ET.ParseError, DefusedXmlException, ValueError, RecursionError):
                continue
            yield from (each for each in found if isinstance(each, dict))
