"""New label files: an empty one for a scene, or one made of all that is known of another.

A file is made under another name and put in place when it is whole and
synced, so that no one ever sees half a label file.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4

import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import WriteError
from napari_geolabel.files import atomic_write
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import schema
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.features import FeatureForm, add_features, attribute_columns, shown_seals
from napari_geolabel.labelfile.fingerprint import Fingerprint
from napari_geolabel.labelfile.gpkg_geometry import UNDEFINED_SRS, register_functions, to_map
from napari_geolabel.labelfile.rows import encode_many, seal, to_json
from napari_geolabel.labelfile.schema import layer_for
from napari_geolabel.labelfile.styles import write_forms
from napari_geolabel.labelfile.tiles import pack_tile
from napari_geolabel.labelfile.transaction import now, transaction
from napari_geolabel.ontology import Ontology

_OWN_SRS_FROM = 100_000


@dataclass(kw_only=True)
class Content:
    """All that a label file holds, as far as it is known."""

    annotations: dict[str, tuple[int, int, Annotation]] = field(default_factory=dict)
    """Id to place in the draw order, version and annotation."""
    tiles: dict[tuple[int, int], tuple[int, bytes | None]] = field(default_factory=dict)
    """Mask tile (row, col) to version and blob (``tiles.pack_tile``)."""
    scene_attributes: Mapping[str, Any] = field(default_factory=dict)
    file_id: str = field(default_factory=lambda: str(uuid4()))
    fingerprint: Fingerprint | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    """What else is known of the scene: its sensor, masks that were set aside."""
    changes: list[tuple[Any, ...]] = field(default_factory=list)
    """Rows of the table ``change`` without seals."""
    first_seq: int | None = None
    """Number of the first change, where earlier ones were left out on purpose."""
    journal: list[tuple[Any, ...]] = field(default_factory=list)
    """Rows of the table ``journal`` without seals."""
    journal_tiles: list[tuple[Any, ...]] = field(default_factory=list)
    """Rows of the table ``journal_tile`` without seals."""
    exact: dict[str, bytes] = field(default_factory=dict)
    """The annotations as bytes, as long as the history is being read."""
    _last_place: int | None = None
    _left: dict[str, int] = field(default_factory=dict)
    """Places of annotations that were removed and may come back."""

    def put(self, annotation: Annotation) -> None:
        """Set an annotation; one that comes back has its old place in the draw order, a new one the last."""
        if annotation.id not in self.annotations:
            place = self._left.pop(annotation.id, None)
            self.annotations[annotation.id] = (self._next_place() if place is None else place, 0, annotation)
        place, version, _ = self.annotations[annotation.id]
        self.annotations[annotation.id] = (place, version, annotation)

    def remove(self, annotation_id: str) -> None:
        """Take an annotation out, and remember its place."""
        found = self.annotations.pop(annotation_id, None)
        if found is not None:
            self._left[annotation_id] = found[0]

    def put_tile(self, key: tuple[int, int], pixels: bytes) -> None:
        """Set the pixels of a mask tile."""
        self.put_packed_tile(key, pack_tile(pixels))

    def put_packed_tile(self, key: tuple[int, int], blob: bytes | None) -> None:
        """Set a mask tile by its blob, None where all of it is zero."""
        self.tiles[key] = (self.tiles.get(key, (0, None))[0], blob)

    def _next_place(self) -> int:
        if self._last_place is None:
            taken = [*(place for place, _, _ in self.annotations.values()), *self._left.values()]
            self._last_place = max(taken, default=0)
        self._last_place += 1
        return self._last_place


def create_file(path: Path, grid: GeoGrid, ontology: Ontology, content: Content) -> None:
    """Make a label file, over whatever stands at the path.

    Raises
    ------
    WriteError
        If the disk refuses.
    """
    with atomic_write(path) as temporary:
        fill(temporary, path, grid, ontology, content)


def create_if_absent(path: Path, grid: GeoGrid, ontology: Ontology, content: Content) -> bool:
    """Make a label file unless there is one; return whether it was made.

    Two sessions that start at the same moment must end with one file.
    """
    if not path.parent.is_dir():
        raise WriteError(f"{path.parent} is not a folder; make it first or choose another place for {path.name}")
    try:
        folder = Path(mkdtemp(prefix=f".{path.stem}-", dir=path.parent))
    except OSError as error:
        raise WriteError(f"{path} cannot be made ({error.strerror}); choose another folder") from error
    whole = folder / path.name
    try:
        create_file(whole, grid, ontology, content)
        return _put_in_place(whole, path)
    finally:
        whole.unlink(missing_ok=True)
        folder.rmdir()


def fill(file: Path, path: Path, grid: GeoGrid, ontology: Ontology, content: Content) -> None:
    """Write a whole label file into an empty one.

    Parameters
    ----------
    file
        The empty file.
    path
        Where it will lie: the path to the scene is relative to that.
    grid, ontology, content
        What it holds.
    """
    db = sqlite3.connect(file, isolation_level=None)
    try:
        register_functions(db)
        db.execute(f"PRAGMA page_size = {schema.PAGE_BYTES}")
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {schema.GPKG_VERSION}")
        db.execute("PRAGMA journal_mode = OFF")  # the file is published whole or not at all
        with transaction(db):
            form = _create(db, path, grid, ontology, content)
            _fill_annotations(db, form, content)
            _fill_journal(db, content)
            db.execute(sql.FORGET_TOUCHED)
    except sqlite3.Error as error:
        raise WriteError(f"{path} cannot be written ({error}); choose another folder") from error
    finally:
        db.close()


def srs_of(grid: GeoGrid) -> tuple[str, int, str, int, str, str]:
    """Return the row of ``gpkg_spatial_ref_sys`` for a grid: name, id, organisation, its id, WKT, description."""
    if not grid.is_georeferenced or grid.crs is None:
        return ("Undefined Cartesian SRS", UNDEFINED_SRS, "NONE", UNDEFINED_SRS, "undefined",
                "pixels: x to the right, y upwards from the first pixel's corner")  # fmt: skip
    name, definition = grid.crs.name, _wkt(grid.crs)
    authority = grid.crs.to_authority(min_confidence=100)
    if authority is not None and authority[1].isdigit():
        return name, int(authority[1]), authority[0], int(authority[1]), definition, ""
    if authority == ("OGC", "CRS84"):
        return name, 4326, "EPSG", 4326, definition, ""
    return name, _OWN_SRS_FROM, "NONE", _OWN_SRS_FROM, definition, "coordinate reference system of the scene"


def scene_row(path: Path, grid: GeoGrid, content: Content) -> tuple[Any, ...]:
    """Return the row of the table ``scene``, with its seal."""
    print_ = content.fingerprint
    uri = print_.path if print_ is not None else None
    rows, cols = grid.shape
    values = (
        content.file_id,
        None if print_ is None else print_.to_json(),
        uri,
        None if uri is None else relative_uri(uri, path.parent),
        None if grid.crs is None else grid.crs.to_wkt(),
        to_json(tuple(grid.transform)[:6]),
        cols,
        rows,
        to_json(content.scene_attributes),
        to_json(content.meta),
    )
    return (*values, seal("scene", *values))


def relative_uri(uri: str, folder: Path) -> str | None:
    """Return a path relative to a folder, None where there is none (another drive)."""
    try:
        return Path(os.path.relpath(uri, folder)).as_posix()
    except ValueError:
        return None


def ontology_row(ontology: Ontology, entry: int) -> tuple[Any, ...]:
    """Return a row of the table ``ontology``, with its seal."""
    values = (entry, ontology.id, ontology.version, ontology.sha256, to_json(ontology.to_dict()), now())
    return (*values, seal("ontology", *values))


def _create(db: sqlite3.Connection, path: Path, grid: GeoGrid, ontology: Ontology, content: Content) -> FeatureForm:
    srs = srs_of(grid)
    schema.create_tables(db, attribute_columns(ontology), srs[1])
    for row in {UNDEFINED_SRS: None, srs[1]: srs, 4326: srs_of_lonlat()}.values():
        if row is not None:
            db.execute("INSERT OR REPLACE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", row)
    x0, y0, x1, y1 = to_map(shapely.Polygon(grid.outline), grid).bounds
    db.execute(
        "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE data_type = 'features'",
        (x0, y0, x1, y1),
    )
    db.execute(sql.PUT_SETTING, ("schema_version", str(schema.SCHEMA_VERSION)))
    if content.first_seq is not None:
        db.execute(sql.PUT_SETTING, (schema.FIRST_SEQ, str(content.first_seq)))
    db.execute(sql.insert("scene"), scene_row(path, grid, content))
    db.execute(sql.insert("ontology"), ontology_row(ontology, 1))
    write_forms(db, ontology)
    image = None if content.fingerprint is None or content.fingerprint.path is None else content.fingerprint.path
    return FeatureForm(grid=grid, ontology=ontology, srs_id=srs[1], image=None if image is None else Path(image).name)


def srs_of_lonlat() -> tuple[str, int, str, int, str, str]:
    """Return the row for WGS 84, which every GeoPackage must have."""
    return ("WGS 84", 4326, "EPSG", 4326, _wkt(CRS.from_epsg(4326)), "longitude and latitude in degrees")


def _wkt(crs: CRS) -> str:
    """Return WKT 1 as the standard wants it, WKT 2 where a CRS has none."""
    try:
        return str(crs.to_wkt("WKT1_GDAL"))
    except CRSError:
        return str(crs.to_wkt())


def _fill_annotations(db: sqlite3.Connection, form: FeatureForm, content: Content) -> None:
    held = list(content.annotations.values())
    annotations = [annotation for _, _, annotation in held]
    layers = [layer_for(annotation.geometry.geom_type).name for annotation in annotations]
    rows = form.values(annotations)
    shown: dict[str, Iterator[tuple[int, int]]] = {}
    for layer in dict.fromkeys(layers):
        add_features(db, form, layer, [row for row, its in zip(rows, layers, strict=True) if its == layer])
        shown[layer] = iter(shown_seals(db, form, layer).items())
    for entry, ((place, version, annotation), layer, exact) in enumerate(
        zip(held, layers, encode_many(annotations), strict=True), start=1
    ):
        fid, checksum = next(shown[layer])
        values = (entry, annotation.id, layer, fid, place, version, exact, checksum)
        db.execute(sql.insert("annotation"), (*values, seal("annotation", *values)))
    for entry, ((row, col), (version, blob)) in enumerate(content.tiles.items(), start=1):
        tile = (entry, row, col, version, blob)
        db.execute(sql.insert("mask_tile"), (*tile, seal("mask_tile", *tile)))


def _fill_journal(db: sqlite3.Connection, content: Content) -> None:
    tables = {"change": content.changes, "journal": content.journal, "journal_tile": content.journal_tiles}
    for table, rows in tables.items():
        db.executemany(sql.insert(table), ((*row, seal(table, *row)) for row in rows))


def _put_in_place(whole: Path, path: Path) -> bool:
    """Give a finished file its name unless something has it; return whether it got it."""
    if path.exists() and path.stat().st_size == 0:
        path.unlink()  # what a program leaves that merely looked for a label file here
    try:
        os.link(whole, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if path.exists():
            return False
        whole.replace(path)
    return True
