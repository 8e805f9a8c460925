"""From a path to a label file that is sound, safe, of this scene and of this ontology."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import shapely

from napari_geolabel.errors import FormatError, GeoLabelError, OntologyError, WriteError
from napari_geolabel.geo import GeoGrid, same_crs
from napari_geolabel.labelfile import schema
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.backups import pack
from napari_geolabel.labelfile.birth import (
    Content,
    create_if_absent,
    scene_row,
    srs_of,
)
from napari_geolabel.labelfile.connection import check_schema, connect, connect_readonly, is_network, trust, wal_of
from napari_geolabel.labelfile.features import FeatureForm, attribute_columns
from napari_geolabel.labelfile.fingerprint import Fingerprint, compare, refuge_of
from napari_geolabel.labelfile.gpkg_geometry import to_map
from napari_geolabel.labelfile.load import (
    DamagedFileError,
    StoredScene,
    faded_features,
    read_content,
    read_ontology,
    read_scene,
)
from napari_geolabel.labelfile.migrations import migrate, require_known_version
from napari_geolabel.labelfile.new_ontology import use_ontology
from napari_geolabel.labelfile.old_masks import set_mask_aside
from napari_geolabel.labelfile.pages import has_damaged_log
from napari_geolabel.labelfile.recovery import rebuild
from napari_geolabel.labelfile.rows import DamagedRowError, decode
from napari_geolabel.labelfile.takeover import restore_feature, take_over
from napari_geolabel.labelfile.transaction import Author, transaction
from napari_geolabel.ontology import Ontology

_MENDING = "open its scene to label (geolabel open SCENE): what can be read then goes into a sound file"
# sqlite3 raises UnicodeDecodeError where a damaged name stands in the message of an error of its own
_DAMAGE = (sqlite3.DatabaseError, DamagedFileError, DamagedRowError, OntologyError, UnicodeDecodeError)
_NO_DAMAGE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_FULL", "SQLITE_IOERR")


@dataclass(kw_only=True)
class OpenFile:
    """A label file that was looked through."""

    db: sqlite3.Connection
    path: Path
    form: FeatureForm
    content: Content
    notes: list[str] = field(default_factory=list)


def open_for_reading(path: Path, grid: GeoGrid, ontology: Ontology | None) -> OpenFile:
    """Open a label file that will not be changed.

    Raises
    ------
    MissingFileError, FormatError, UnsafeFileError
        If it is missing, no label file, of a newer version, or not safe.
    """
    db = _connect_readonly(path)
    try:
        check_schema(db, path)
        require_known_version(db, path)
        content, known = read_content(db), ontology or read_ontology(db)
    except _DAMAGE as error:
        db.close()
        raise FormatError(f"{path} is damaged ({error}); {_MENDING}") from error
    except GeoLabelError:
        db.close()
        raise
    form = FeatureForm(grid=grid, ontology=known, srs_id=srs_of(grid)[1], image=_image(content.fingerprint))
    opened = OpenFile(db=db, path=path, form=form, content=content)
    was = read_scene(db).grid
    if was.shape != grid.shape and any(blob is not None for _, blob in content.tiles.values()):
        content.tiles.clear()
        size = f"{was.shape[1]} x {was.shape[0]}"
        opened.notes.append(f"the mask was painted when the scene had {size} pixels, and is not shown")
    if db.execute(sql.ANY_TOUCHED).fetchone()[0]:
        opened.notes.append(
            "edits made in another program are not shown yet; open the file for writing to take them over"
        )
    return opened


def read_stored_scene(path: Path) -> StoredScene:
    """Return what a label file knows of its scene, without reading anything else.

    Raises
    ------
    MissingFileError, FormatError, UnsafeFileError
        If it is missing, no label file, or not safe.
    """
    db = _connect_readonly(path)
    try:
        check_schema(db, path)
        return read_scene(db)
    except _DAMAGE as error:
        raise FormatError(f"{path} is damaged ({error}); {_MENDING}") from error
    finally:
        db.close()


def _connect_readonly(path: Path) -> sqlite3.Connection:
    try:
        return connect_readonly(path)
    except _DAMAGE as error:
        raise FormatError(f"{path} cannot be read ({error}); {_MENDING}") from error


def open_for_writing(path: Path, grid: GeoGrid, ontology: Ontology | None, fingerprint: Fingerprint | None) -> OpenFile:
    """Open a label file, or make it, and bring it into the state that a session starts from.

    Raises
    ------
    GeoLabelError
        One sentence on why it cannot be: no label file, not safe, no ontology, no place to write.
    """
    notes: list[str] = []
    path = writable_place(path, notes)
    if not path.exists() or path.stat().st_size == 0:
        if wal_of(path).exists():
            notes += rebuild(path, grid, ontology, "only its write-ahead log is left")
        elif ontology is None:
            raise OntologyError(f"{path} does not exist yet; name the ontology to make it with")
        else:
            create_if_absent(path, grid, ontology, Content(fingerprint=fingerprint))
    told = len(notes)
    db, content = _sound(path, grid, ontology, notes)
    if len(notes) > told:  # it was made anew around the ontology that it has now
        ontology = None
    try:
        form = _fit(db, path, grid, ontology, fingerprint, content, notes)
        _freshen(db, form, notes)
    except BaseException:
        db.close()
        raise
    return OpenFile(db=db, path=path, form=form, content=content, notes=notes)


def is_damage(error: Exception) -> bool:
    """Return whether an error speaks of a damaged file and not of the disk or of other programs."""
    return not getattr(error, "sqlite_errorname", "").startswith(_NO_DAMAGE)


def writable_place(path: Path, notes: list[str]) -> Path:
    """Return the path, or one in the user's state folder if nothing can be written there."""
    if not path.parent.is_dir():
        raise WriteError(f"{path.parent} is not a folder; make it first or choose another place for {path.name}")
    if os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK)):
        return path
    refuge = refuge_of(path)
    try:
        refuge.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{path} and {refuge.parent} cannot be written ({error.strerror})") from error
    notes.append(f"{path} cannot be written, so the labels are kept in {refuge}")
    if path.exists() and not refuge.exists():
        pack(path, refuge)
    return refuge


def _sound(
    path: Path, grid: GeoGrid, ontology: Ontology | None, notes: list[str]
) -> tuple[sqlite3.Connection, Content]:
    """Open a file, after putting it right if it is damaged."""
    if has_damaged_log(path):
        # SQLite would leave out all that lies behind the damage and say nothing
        notes += rebuild(path, grid, ontology, "its write-ahead log has a damaged part")
    try:
        return _look_through(path)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise WriteError(f"{path} cannot be opened ({error}); close it elsewhere, or make room") from error
        reason = str(error)
    except UnicodeDecodeError:
        reason = "its schema is not text"
    except (DamagedFileError, DamagedRowError, OntologyError) as error:
        reason = str(error)
    except FormatError as error:
        if "newer" in str(error):
            raise
        reason = str(error)
    notes += rebuild(path, grid, ontology, reason)
    return _look_through(path)


def _look_through(path: Path) -> tuple[sqlite3.Connection, Content]:
    """Open a file and read all of it; any damage raises."""
    db = connect(path, network=is_network(path))
    try:
        _require_integrity(db)
        check_schema(db, path)
        db = migrate(db, path)
        _check_registration(db)
        _check_columns(db, read_ontology(db))
        return db, read_content(db)
    except BaseException:
        db.close()
        raise


def _require_integrity(db: sqlite3.Connection) -> None:
    (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise DamagedFileError(verdict)


def _check_registration(db: sqlite3.Connection) -> None:
    """Check that a GIS finds the feature tables."""
    found = {name: declared for name, declared, _ in db.execute(sql.REGISTERED_LAYERS)}
    for layer in schema.LAYERS:
        if found.get(layer.name) != layer.geometry:
            raise DamagedFileError(f"{layer.name} is not registered as a layer")


def _check_columns(db: sqlite3.Connection, ontology: Ontology) -> None:
    """Check that all tables have the columns that will be written."""
    expected = {table: [*schema.column_names(table)] for table in schema.PLAIN_TABLES}
    for table in schema.SEALED:
        expected[table].append("seal")
    for layer in schema.LAYERS:
        expected[layer.name] = ["fid", "geom", *schema.FIXED_COLUMNS, *attribute_columns(ontology)]
    for table, names in expected.items():
        found = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
        missing = [name for name in names if name not in found]
        if missing:
            raise DamagedFileError(f"{table} has no column {missing[0]}")


def _fit(
    db: sqlite3.Connection,
    path: Path,
    grid: GeoGrid,
    ontology: Ontology | None,
    fingerprint: Fingerprint | None,
    content: Content,
    notes: list[str],
) -> FeatureForm:
    """Bring ontology and scene of a file up to date."""
    trust(db, path)
    own = read_ontology(db)
    known = ontology or own
    _require_classes(path, known, content)
    stored = read_scene(db)
    state = compare(content.fingerprint, fingerprint)
    if state == "moved" and fingerprint is not None and content.fingerprint is not None:
        notes.append(f"the scene has moved from {content.fingerprint.path} to {fingerprint.path}; it was found again")
    if state == "changed" and fingerprint is not None:
        notes.append(f"{fingerprint.path} is not as it was when it was labelled; see whether the labels still fit")
    is_other_grid = not _same_grid(stored.grid, grid)
    image = _image(fingerprint or content.fingerprint)
    form = FeatureForm(grid=grid, ontology=known, srs_id=srs_of(grid)[1], image=image)
    with transaction(db):
        if is_other_grid:
            _take_over_before(db, replace(form, grid=stored.grid, ontology=own), content, notes)
            _require_classes(path, known, content)
            notes += [_say_moved(stored.grid, grid), *set_mask_aside(db, content, stored.grid, grid)]
        if known.sha256 != own.sha256:
            use_ontology(db, form)
        if is_other_grid or (fingerprint is not None and fingerprint != content.fingerprint):
            content.fingerprint = fingerprint or content.fingerprint
            row = scene_row(path, grid, content)
            db.execute(sql.UPDATE_SCENE, (*row[1:], row[0]))
        if is_other_grid:
            _regrid(db, form, content)
    return form


def _take_over_before(db: sqlite3.Connection, form: FeatureForm, content: Content, notes: list[str]) -> None:
    """Take over what other programs did on the grid that they knew, before all features are written anew."""
    taken = take_over(db, replace(form, srs_id=srs_of(form.grid)[1]), Author(session=""))
    notes += taken.notes
    if taken.annotations:
        now = read_content(db)
        content.annotations, content.exact = now.annotations, now.exact


def _regrid(db: sqlite3.Connection, form: FeatureForm, content: Content) -> None:
    """Write all features anew, where their pixels lie now."""
    bounds = to_map(shapely.Polygon(form.grid.outline), form.grid).bounds
    db.execute(sql.PUT_SRS, srs_of(form.grid))
    for layer in schema.LAYERS:
        db.execute(sql.SET_LAYER_SRS, (form.srs_id, layer.name))
        db.execute(sql.SET_CONTENTS, (form.srs_id, *bounds, layer.name))
        for fid, annotation_id in db.execute(sql.FEATURES_OF_LAYER, (layer.name,)).fetchall():
            restore_feature(db, form, layer.name, fid, content.annotations[annotation_id][2])
    db.execute(sql.FORGET_TOUCHED)


def _freshen(db: sqlite3.Connection, form: FeatureForm, notes: list[str]) -> None:
    """Write features anew that no longer look as we wrote them, though no program has touched them."""
    if not faded_features(db, form):
        return
    count = 0
    with transaction(db):
        # another program's edits wait under their marks, which the writing here must leave alone
        marked = set(db.execute(sql.TOUCHED).fetchall())
        for layer, fid in faded_features(db, form):  # once more, now that nobody writes meanwhile
            row = db.execute(sql.CURRENT_OF_FEATURE, (layer, fid)).fetchone()
            if row is None:
                marked.add((layer, fid))
                continue
            restore_feature(db, form, layer, fid, decode(row[4]))
            count += 1
        db.execute(sql.FORGET_TOUCHED)
        db.executemany(sql.insert("touched_feature"), sorted(marked))
    if count:
        notes.append(f"{count} features were not as they were written and were made anew from the exact annotations")


def _require_classes(path: Path, ontology: Ontology, content: Content) -> None:
    used = Counter(annotation.class_id for _, _, annotation in content.annotations.values())
    missing = {class_id: count for class_id, count in used.items() if class_id not in ontology}
    if missing:
        listed = ", ".join(f"{count} of {class_id}" for class_id, count in missing.items())
        raise OntologyError(
            f"{path} holds annotations of classes that the ontology {ontology.id} lacks ({listed}); "
            "add the classes, or open it with its own ontology (ontology=None)"
        )


def _same_grid(one: GeoGrid, other: GeoGrid) -> bool:
    if one.shape != other.shape or tuple(one.transform) != tuple(other.transform):
        return False
    if one.crs is None or other.crs is None:
        return one.crs is other.crs
    return same_crs(one.crs, other.crs)


def _say_moved(was: GeoGrid, now: GeoGrid) -> str:
    if was.shape != now.shape:
        sizes = [f"{grid.shape[1]} x {grid.shape[0]}" for grid in (was, now)]
        return f"the scene had {sizes[0]} pixels and has {sizes[1]} now; the labels keep their pixels"
    return "the scene lies elsewhere on Earth now; the labels keep their pixels and moved with it"


def _image(fingerprint: Fingerprint | None) -> str | None:
    return None if fingerprint is None or fingerprint.path is None else Path(fingerprint.path).name
