"""How a GIS shows a label file: class colours, and drop-downs instead of free text.

Colours are QGIS styles in the table ``layer_styles``; drop-downs are the
coded-value domains of the GeoPackage schema extension.  A style that the user
saved in QGIS under another name stays, and stays the default if it was made so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from napari_geolabel.annotations import Status
from napari_geolabel.formats.qml import GeometryType, vector_qml, vector_sld
from napari_geolabel.labelfile.features import all_of
from napari_geolabel.labelfile.schema import LAYERS
from napari_geolabel.labelfile.transaction import now
from napari_geolabel.ontology import Attribute, Ontology

STYLE_NAME = "geolabel"

_GEOMETRY_TYPES: Mapping[str, GeometryType] = {
    "MULTIPOLYGON": "Polygon",
    "MULTILINESTRING": "LineString",
    "POINT": "Point",
}
_PREFIX = "geolabel_"


@dataclass(frozen=True, kw_only=True)
class Domain:
    """The values that a column may hold."""

    column: str
    title: str
    codes: Mapping[str, str] | None = None
    """Stored value to label, for a drop-down."""
    minimum: float | None = None
    maximum: float | None = None


def write_forms(db: sqlite3.Connection, ontology: Ontology) -> None:
    """Write styles and domains for an ontology, over those of the one before; inside a transaction."""
    for layer in LAYERS:
        _write_style(db, layer.name, _GEOMETRY_TYPES[layer.geometry], ontology)
    db.execute("DELETE FROM gpkg_data_columns WHERE constraint_name LIKE ?", (f"{_PREFIX}%",))
    db.execute("DELETE FROM gpkg_data_column_constraints WHERE constraint_name LIKE ?", (f"{_PREFIX}%",))
    for domain in domains(ontology):
        _write_domain(db, domain)


def domains(ontology: Ontology) -> Iterator[Domain]:
    """Yield the domains of an ontology: classes, statuses, options of radios, and ranges of numbers."""
    yield Domain(column="class_id", title="Class", codes={cls.id: cls.name for cls in ontology.classes})
    yield Domain(column="status", title="Status", codes={str(status): str(status).capitalize() for status in Status})
    by_id: dict[str, list[Attribute]] = {}
    for attribute in all_of(ontology):
        by_id.setdefault(attribute.id, []).append(attribute)
    for attribute_id, attributes in by_id.items():
        kinds, column, title = {a.type for a in attributes}, f"attr_{attribute_id}", attributes[0].name
        if kinds == {"radio"}:
            codes = {option.id: option.name for a in attributes for option in a.options}
            yield Domain(column=column, title=title, codes=codes)
        elif kinds == {"number"} and all(a.minimum is not None and a.maximum is not None for a in attributes):
            low = min(a.minimum for a in attributes if a.minimum is not None)
            high = max(a.maximum for a in attributes if a.maximum is not None)
            yield Domain(column=column, title=title, minimum=low, maximum=high)


def _write_style(db: sqlite3.Connection, table: str, geometry: GeometryType, ontology: Ontology) -> None:
    qml, sld = vector_qml(ontology, geometry), vector_sld(ontology, geometry, name=table)
    updated = db.execute(
        "UPDATE layer_styles SET styleQML = ?, styleSLD = ?, update_time = ? WHERE f_table_name = ? AND styleName = ?",
        (qml, sld, now(), table, STYLE_NAME),
    )
    if not updated.rowcount:
        db.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
            "styleQML, styleSLD, useAsDefault, description, owner) "
            "VALUES ('', '', ?, 'geom', ?, ?, ?, 1, 'napari-geolabel', '')",
            (table, STYLE_NAME, qml, sld),
        )


def _write_domain(db: sqlite3.Connection, domain: Domain) -> None:
    name = _PREFIX + domain.column
    for layer in LAYERS:
        db.execute(
            "INSERT OR REPLACE INTO gpkg_data_columns VALUES (?, ?, NULL, ?, '', NULL, ?)",
            (layer.name, domain.column, domain.title, name),
        )
    if domain.codes is None:
        rows: list[tuple[object, ...]] = [(name, "range", None, domain.minimum, 1, domain.maximum, 1, domain.title)]
    else:
        rows = [(name, "enum", code, None, None, None, None, label) for code, label in domain.codes.items()]
    db.executemany("INSERT INTO gpkg_data_column_constraints VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
