"""A label file that gets another ontology: its columns, its forms, and the checksums of its features.

The checksum of a feature runs over all columns that the ontology asks for, so
one that asks for others makes another checksum of the very same feature.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from napari_geolabel.labelfile import schema
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.birth import ontology_row
from napari_geolabel.labelfile.features import FeatureForm, attribute_columns, shown_seals
from napari_geolabel.labelfile.load import faded_features, read_ontology
from napari_geolabel.labelfile.rows import decode, seal
from napari_geolabel.labelfile.styles import write_forms
from napari_geolabel.labelfile.takeover import restore_feature


def use_ontology(db: sqlite3.Connection, form: FeatureForm) -> None:
    """Make the ontology of a form the file's newest; inside a transaction."""
    own = replace(form, ontology=read_ontology(db))
    is_wider = own.columns != form.columns
    # what another program has touched, or what is damaged, must not pass for what we wrote
    unsealed = {*db.execute(sql.TOUCHED).fetchall(), *faded_features(db, own)} if is_wider else set()
    entry = db.execute(sql.LATEST_ONTOLOGY).fetchone()[0]
    db.execute(sql.insert("ontology"), ontology_row(form.ontology, entry + 1))
    schema.add_columns(db, attribute_columns(form.ontology))
    write_forms(db, form.ontology)
    if is_wider:
        _seal_anew(db, form, {*form.columns} - {*own.columns}, unsealed)


def _seal_anew(db: sqlite3.Connection, form: FeatureForm, coming: set[str], unsealed: set[tuple[str, int]]) -> None:
    """Note how all features look with the columns that there are now, but for those that are as nobody knows."""
    marked = db.execute(sql.TOUCHED).fetchall()
    for layer in schema.LAYERS:
        stale = _stale(db, layer.name, coming)
        shown = shown_seals(db, form, layer.name)
        for entry, annotation_id, fid, place, version, exact in db.execute(sql.ALL_OF_LAYER, (layer.name,)).fetchall():
            if (layer.name, fid) in unsealed:
                continue
            annotation = decode(exact) if coming else None
            if annotation is not None and (
                fid in stale or any(f"attr_{key}" in coming for key in annotation.attributes)
            ):
                restore_feature(db, form, layer.name, fid, annotation)
                continue
            values = (layer.name, fid, place, version, exact, shown[fid])
            sealed = seal("annotation", entry, annotation_id, *values)
            db.execute(sql.UPDATE_ANNOTATION, (*values, sealed, entry, version))
    db.execute(sql.FORGET_TOUCHED)
    db.executemany(sql.insert("touched_feature"), marked)


def _stale(db: sqlite3.Connection, layer: str, coming: set[str]) -> set[int]:
    """Return the features that have values, of an ontology long ago, in columns that come into use again."""
    if not coming:
        return set()
    any_value = " OR ".join(f"{schema.quoted(name)} IS NOT NULL" for name in sorted(coming))
    return {fid for (fid,) in db.execute(f"SELECT fid FROM {layer} WHERE {any_value}")}  # noqa: S608
