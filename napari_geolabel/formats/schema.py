"""The flat columns that every vector export has, and how they are read back.

One row per annotation, with names and values that any GIS can hold::

    id  class_id  class_name  class_value  kind
    heading_deg  length_m  width_m  area_m2
    confidence  status  source  annotator  created  updated  tool  composite  ground_resolution_m
    group_id  relations (``towed_by=<id>;...``), both only where there are any
    attr_<id> for each attribute of the ontology     attributes (all of them again, as JSON)

Sizes are geodesic and for reading only: a file that comes back is not asked
for them.  Checklists are joined by ``;``.  Where an ``attr_`` column and
``attributes`` disagree, somebody has edited the column in a GIS, so the
column counts.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.annotations import Annotation, Provenance
from napari_geolabel.annotations.links import links_text
from napari_geolabel.formats.measures import Measures, measures_of
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Attribute, LabelClass, Ontology, all_attributes, make_id

BASE_COLUMNS = (
    "id",
    "class_id",
    "class_name",
    "class_value",
    "kind",
    "heading_deg",
    "length_m",
    "width_m",
    "area_m2",
    "confidence",
    "status",
    "source",
    "annotator",
    "created",
    "updated",
    "tool",
    "composite",
    "ground_resolution_m",
)
"""The columns that do not depend on the ontology, in order."""

LINK_COLUMNS = ("group_id", "relations")
"""The columns that are there only where an annotation is linked or in a group."""


def properties_of(annotation: Annotation, ontology: Ontology, grid: GeoGrid) -> dict[str, Any]:
    """Return the flat columns of one annotation; see :func:`rows_of`."""
    return rows_of([annotation], ontology, grid)[0]


def rows_of(
    annotations: Sequence[Annotation],
    ontology: Ontology,
    grid: GeoGrid,
    lonlat: NDArray[np.object_] | None = None,
) -> list[dict[str, Any]]:
    """Return the flat columns of annotations as JSON values.

    Parameters
    ----------
    annotations
        n annotations.
    ontology
        Gives names, mask values and the attributes of each class.
    grid
        Measures; without a georeference all sizes are None.
    lonlat
        The n geometries in longitude and latitude, where the caller has them already.
    """
    return _rows(annotations, ontology, measures_of(annotations, grid, lonlat))


def unmeasured_rows_of(annotations: Sequence[Annotation], ontology: Ontology) -> list[dict[str, Any]]:
    """Return the flat columns of annotations without their measures, which cost most; see :func:`rows_of`."""
    return _rows(annotations, ontology, {})


def column_names(ontology: Ontology) -> list[str]:
    """Return the names of all columns of an ontology, in order."""
    ids = dict.fromkeys(a.id for cls in ontology.classes for a in all_attributes(cls.attributes))
    return [*BASE_COLUMNS, *(f"attr_{attribute_id}" for attribute_id in ids), "attributes"]


def attributes_from(properties: Mapping[str, Any], label_class: LabelClass) -> dict[str, Any]:
    """Return the attribute values of a row, ours or another program's.

    Those of another program are known by the id or the name of an attribute.
    A row without ``attributes`` and ``attr_`` columns gives the values of
    those columns that are called like an attribute of the class.
    """
    stored = stored_attributes(properties)
    asked = _attributes_by_id(label_class)
    columns = {key: f"attr_{key}" for key in asked if f"attr_{key}" in properties}
    if stored is None:
        columns |= _columns_by_name(properties, asked, columns)
    if stored is None and not columns:
        columns = {key: key for key in asked if key in properties and key not in BASE_COLUMNS}
    values = dict(stored or {})
    for key, column in columns.items():
        given = none_if_nan(properties[column])
        if given != flat_answer(values.get(key)):
            values[key] = _unflat(asked[key], given)
    return {key: value for key, value in values.items() if value is not None}


def typed_values(values: Mapping[str, Any], attributes: Sequence[Attribute]) -> dict[str, Any]:
    """Return values of formats that have nothing but texts as the attributes of that id or name want them."""
    asked = {attribute.id: attribute for attribute in all_attributes(attributes)}
    named = {make_id(attribute.name): key for key, attribute in asked.items()}
    known = {key if key in asked else named.get(make_id(key), key): value for key, value in values.items()}
    return {key: _unflat(asked[key], value) if key in asked else value for key, value in known.items()}


def provenance_from(properties: Mapping[str, Any]) -> Provenance:
    """Return the provenance that our own columns hold."""
    resolution = none_if_nan(properties.get("ground_resolution_m"))
    return Provenance(
        annotator=_text(properties.get("annotator")),
        created=_time(properties.get("created")),
        updated=_time(properties.get("updated")),
        source=_text(properties.get("source")) or "imported",
        tool=_text(properties.get("tool")),
        composite=_text(properties.get("composite")),
        ground_resolution_m=float(resolution) if isinstance(resolution, int | float) else None,
    )


def none_if_nan(value: Any) -> Any:  # noqa: ANN401  (any cell of a table)
    """Return a value, None for the NaN and NaT by which tables say that there is none."""
    if value is None or value != value:
        return None
    return value.item() if isinstance(value, np.generic) else value


def _rows(annotations: Sequence[Annotation], ontology: Ontology, measures: Measures) -> list[dict[str, Any]]:
    """Return the flat columns of annotations with the measures that are given."""
    heads = {class_id: _class_columns(ontology[class_id]) for class_id in {a.class_id for a in annotations}}
    asked = {class_id: _attribute_columns(ontology[class_id]) for class_id in heads}
    has_links = any(annotation.links or annotation.group for annotation in annotations)
    measured = zip(*measures.values(), strict=True) if measures else ((),) * len(annotations)
    made, made_columns = None, {}
    rows = []
    for annotation, sizes in zip(annotations, measured, strict=True):
        if annotation.provenance is not made:  # those of one import share theirs
            made, made_columns = annotation.provenance, _provenance_columns(annotation.provenance)
        class_id, given = annotation.class_id, annotation.attributes
        row: dict[str, Any] = {
            "id": annotation.id,
            **heads[class_id],
            "kind": annotation.kind.value,
            **dict(zip(measures, sizes, strict=True)),
            "confidence": annotation.confidence,
            "status": annotation.status.value,
            **made_columns,
        }
        for attribute_id, column in asked[class_id]:
            row[column] = flat_answer(given.get(attribute_id))
        if has_links:
            row |= dict(zip(LINK_COLUMNS, (annotation.group, links_text(annotation)), strict=True))
        row["attributes"] = {key: plain_answer(value) for key, value in given.items()}
        rows.append(row)
    return rows


def _class_columns(label_class: LabelClass) -> dict[str, Any]:
    return {"class_id": label_class.id, "class_name": label_class.name, "class_value": label_class.mask_value}


def _attribute_columns(label_class: LabelClass) -> list[tuple[str, str]]:
    """Return the ids of the attributes of a class, each with the name of its column."""
    return [(attribute_id, f"attr_{attribute_id}") for attribute_id in _attributes_by_id(label_class)]


def _provenance_columns(made: Provenance) -> dict[str, Any]:
    return {
        "source": made.source,
        "annotator": made.annotator,
        "created": time_text(made.created),
        "updated": time_text(made.updated),
        "tool": made.tool,
        "composite": made.composite,
        "ground_resolution_m": made.ground_resolution_m,
    }


def _attributes_by_id(label_class: LabelClass) -> dict[str, Attribute]:
    return {attribute.id: attribute for attribute in all_attributes(label_class.attributes)}


def _columns_by_name(
    properties: Mapping[str, Any], asked: Mapping[str, Attribute], found: Mapping[str, str]
) -> dict[str, str]:
    """Return the columns that have the name of an attribute instead of its id, whatever its case and spaces."""
    left = {make_id(name[5:]): name for name in properties if name.startswith("attr_") and name[5:] not in asked}
    if not left:
        return {}
    names = {key: make_id(attribute.name) for key, attribute in asked.items() if key not in found}
    return {key: left[name] for key, name in names.items() if name in left}


def stored_attributes(properties: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the values of the ``attributes`` column, None where there is no such column of ours."""
    stored = properties.get("attributes")
    if isinstance(stored, str):
        try:
            stored = json.loads(stored)
        except (ValueError, RecursionError):
            return None
    return stored if isinstance(stored, Mapping) else None


def plain_answer(value: Any) -> Any:  # noqa: ANN401  (an attribute value)
    """Return an answer as JSON has it."""
    return list(value) if isinstance(value, tuple) else value


def flat_answer(value: Any) -> Any:  # noqa: ANN401
    """Return an answer as one cell of a table: of several options one text."""
    return ";".join(map(str, value)) if isinstance(value, tuple | list) else value


def _unflat(attribute: Attribute, value: Any) -> Any:  # noqa: ANN401
    """Return a column's value as the ontology's check wants it; what does not fit is left for that to refuse."""
    if value is None or value == "":
        return None
    if attribute.type == "checklist" and isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    if attribute.type == "boolean" and value in (0, 1):
        return bool(value)
    if isinstance(value, str) and attribute.type in {"boolean", "number"}:
        return _typed(attribute, value)
    if attribute.type in {"text", "radio", "date"} and isinstance(value, int | float) and not isinstance(value, bool):
        is_whole = isinstance(value, int) or (value.is_integer() and abs(value) <= _MOST_EXACT)
        return str(int(value)) if is_whole else f"{value:.15g}"
    return value


_MOST_EXACT = 2**53
"""Beyond this a float has not all the digits of a whole number."""
_YES_NO = {"true": True, "false": False, "yes": True, "no": False}


def _typed(attribute: Attribute, text: str) -> Any:  # noqa: ANN401
    """Return what a text stands for, of a format that has nothing but texts."""
    if attribute.type == "boolean":
        return _YES_NO.get(text.strip().lower(), text)
    try:
        return float(text)
    except ValueError:
        return text


def _text(value: Any) -> str | None:  # noqa: ANN401
    value = none_if_nan(value)
    return None if value is None else str(value)


def _time(value: Any) -> datetime | None:  # noqa: ANN401
    """Return an aware time; None for what is none, and for what is before the first year or after the last in UTC."""
    value = none_if_nan(value)
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def time_text(value: datetime | None) -> str | None:
    """Return a time as ISO 8601 in UTC."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def finite_or_none(value: Any) -> float | None:  # noqa: ANN401
    """Return a number as float, None where it is none or not finite."""
    value = none_if_nan(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
