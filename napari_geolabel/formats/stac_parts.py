"""Parts of STAC items: footprints, times, where a grid lies, and what classes there are.

STAC 1.1, with the extensions label 1.0.1, classification 2.0 and projection
2.0.  Of a legend's entry both ``name`` and ``description`` are written, since
version 1 of the classification extension requires the latter and version 2
the former.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats.lonlat import bounding_boxes, to_lonlat, total_box
from napari_geolabel.geo import GeoGrid, Window
from napari_geolabel.ontology import Kind, LabelClass, Ontology, all_attributes

STAC_VERSION = "1.1.0"
LABEL = "https://stac-extensions.github.io/label/v1.0.1/schema.json"
CLASSIFICATION = "https://stac-extensions.github.io/classification/v2.0.0/schema.json"
PROJECTION = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"
GEOJSON_TYPE = "application/geo+json"
_MEDIA_TYPES = {
    ".tif": "image/tiff; application=geotiff",
    ".tiff": "image/tiff; application=geotiff",
    ".png": "image/png",
    ".jp2": "image/jp2",
    ".json": "application/json",
    ".geojson": GEOJSON_TYPE,
    ".txt": "text/plain",
}
_TASKS = {Kind.BOX: "detection", Kind.ROTATED_BOX: "detection", Kind.KEYPOINT: "detection",
          Kind.POLYGON: "segmentation", Kind.POLYLINE: "segmentation", Kind.MASK: "segmentation"}  # fmt: skip


def footprint(grid: GeoGrid, window: Window | None = None) -> dict[str, Any]:
    """Return ``geometry`` and ``bbox`` of a grid or a window of it; without a place on Earth the geometry is None."""
    if not grid.is_georeferenced:
        return {"geometry": None}
    rows, cols = (slice(0, length) for length in grid.shape) if window is None else window
    around = np.array([shapely.box(cols.start, rows.start, cols.stop, rows.stop)], object)
    outline = to_lonlat(around, grid)
    return {"geometry": shapely.geometry.mapping(outline[0]), "bbox": total_box(bounding_boxes(outline))}


def projection(grid: GeoGrid) -> dict[str, Any]:
    """Return the fields of the projection extension, none without a place on Earth."""
    if not grid.is_georeferenced or grid.crs is None:
        return {}
    authority = grid.crs.to_authority(min_confidence=100)
    named = (
        {"proj:code": None, "proj:wkt2": grid.crs.to_wkt()} if authority is None else {"proj:code": ":".join(authority)}
    )
    return named | {"proj:shape": list(grid.shape), "proj:transform": list(grid.transform)[:6]}


def time_text(found: datetime | date | None, otherwise: datetime) -> str:
    """Return a time as STAC wants it, in UTC; a day begins at midnight."""
    if found is None:
        found = otherwise
    moment = found if isinstance(found, datetime) else datetime.combine(found, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def media_type(name: str) -> str:
    """Return the media type of a file, by the ending of its name."""
    return _MEDIA_TYPES.get(Path(name).suffix.lower(), "application/octet-stream")


def reference(path: str) -> str:
    """Return a relative path as a reference: what has a meaning in addresses is written as a code (RFC 3986).

    All else, blanks and letters of any script, stays as it is, since most readers take references on a disk for paths.
    """
    return "".join(f"%{ord(c):02X}" if c in "%:?#\\" else c for c in path)


def link(rel: str, path: str, kind: str = "application/json") -> dict[str, str]:
    """Return a link of an item or a catalogue to a relative path."""
    return {"rel": rel, "href": reference(path), "type": kind}


def label_properties(drawn: Sequence[Annotation], ontology: Ontology, description: str, *, kind: str) -> dict[str, Any]:
    """Return the fields of the label extension.

    Parameters
    ----------
    drawn
        The annotations.
    ontology
        Their classes.
    description
        What they are of, in a sentence.
    kind
        ``vector``, with the class in the property ``class_id`` of each feature, or ``raster``.
    """
    classes = [each for each in ontology.classes if each.kinds]
    is_vector = kind == "vector"
    asked = _answers(classes) if is_vector else {}
    first: tuple[str | None, list[str]] = ("class_id" if is_vector else None, [each.id for each in classes])
    counts = Counter(annotation.class_id for annotation in drawn)
    made = {a.provenance.source for a in drawn}
    return {
        "label:type": kind,
        "label:description": description,
        "label:properties": ["class_id", *asked] if is_vector else None,
        "label:classes": [{"name": name, "classes": options} for name, options in (first, *asked.items())],
        "label:tasks": sorted({_TASKS[a.kind] for a in drawn}) if is_vector else ["segmentation"],
        "label:methods": [
            name for name, is_so in (("manual", made != {"model"}), ("automated", "model" in made)) if is_so
        ],
        "label:overviews": [
            {
                "property_key": "class_id",
                "counts": [{"name": each.id, "count": counts[each.id]} for each in classes if counts[each.id]],
            }
        ],
    }


def _answers(classes: Sequence[LabelClass]) -> dict[str, list[str]]:
    """Return the property of each attribute with options, and all answers that any of the classes has to it."""
    found: dict[str, dict[str, None]] = {}
    for attribute in all_attributes([a for each in classes for a in each.attributes]):
        if attribute.type == "radio":
            found.setdefault(f"attr_{attribute.id}", {}).update(dict.fromkeys(o.id for o in attribute.options))
    return {name: list(options) for name, options in found.items()}


def legend(ontology: Ontology) -> dict[str, Any]:
    """Return the values of masks with their names and colours, nothing where no class has a value."""
    valued = [_entry(each) for each in ontology.classes if each.mask_value is not None]
    return {"classification:classes": valued} if valued else {}


def _entry(label_class: LabelClass) -> dict[str, Any]:
    return {
        "value": label_class.mask_value,
        "name": re.sub(r"[^0-9A-Za-z_-]", "_", label_class.id),
        "title": label_class.name,
        "description": label_class.description or label_class.name,
        "color_hint": label_class.color.lstrip("#").upper(),
    }
