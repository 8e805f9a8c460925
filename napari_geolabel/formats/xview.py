"""xView: boxes of many images in one GeoJSON file.

``bounds_imcoords`` is ``xmin,ymin,xmax,ymax`` in whole pixels of the image
that ``image_id`` names, read as corners; ``type_id`` is the number of the
class.  The geometry, in longitude and latitude, says the same less exactly
and is written for other readers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.files import require_file
from napari_geolabel.formats.collecting import Collected, Feature, box_of
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_features
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.geojson_write import geometry_members
from napari_geolabel.formats.images import find_image, left_there
from napari_geolabel.formats.label_set import Image, LabelSet, number_of
from napari_geolabel.formats.lonlat import to_lonlat
from napari_geolabel.formats.quads import AREAS, box_losses, shape_losses
from napari_geolabel.formats.texts import read_json, shown, write_pieces
from napari_geolabel.formats.xview_classes import NO_CLASS, XVIEW, xview_numbers, xview_word
from napari_geolabel.ontology import Kind


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the boxes of one image; the numbers 75 and 82, which are no class, are left out; see `Format.read`."""
    found = require_file(path)
    document = read_json(found)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
        raise FormatError(f"{found.name} is no xView GeoJSON: it has no list of features")
    rows = [(f"feature {number}", _properties(each)) for number, each in enumerate(features, start=1)]
    if rows and not any("bounds_imcoords" in row for _, row in rows):
        raise FormatError(f"{found.name} is no xView GeoJSON: no feature has bounds_imcoords; read it as geojson")
    names = list(dict.fromkeys(str(row.get("image_id", "")) for _, row in rows)) or [""]
    index, notes = find_image(names, image, found.name)
    chosen = names[index]
    others = sum(str(row.get("image_id", "")) != chosen for _, row in rows)
    collected = Collected(name=found.name, notes=[*notes, *left_there(others, len(names))])
    for place, row in rows:
        if str(row.get("image_id", "")) == chosen:
            collected.add(place, _feature, row)
    return collected.columns()


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as boxes in whole pixels, with longitude and latitude where the scene has them.

    Rejected annotations, points and lines are left out.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    drawn = labels.accepted(*AREAS)
    boxes = np.empty(len(drawn), object)
    boxes[:] = [box_of(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in map(_corners, drawn)]
    geometries: Iterable[Any] = [None] * len(drawn)
    if labels.grid.is_georeferenced:
        geometries = geometry_members(to_lonlat(boxes, labels.grid))
    pieces = [b'{"type":"FeatureCollection","features":[']
    types = xview_numbers(labels.ontology)
    for number, (annotation, geometry) in enumerate(zip(drawn, geometries, strict=True), start=1):
        properties = _row(annotation, labels, number) | {"type_id": types[annotation.class_id]}
        feature = {"type": "Feature", "properties": properties, "geometry": geometry}
        pieces.append((b",\n" if number > 1 else b"\n") + orjson.dumps(feature, option=orjson.OPT_SERIALIZE_NUMPY))
    pieces.append(b"\n]}\n")
    write_pieces(path, pieces, wanted=len(drawn), counter=count_features)


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what an xView file will not hold."""
    drawn = labels.accepted(*AREAS)
    yield from box_losses(labels, drawn, "xView")
    yield from shape_losses(drawn, "the boxes about them", Kind.ROTATED_BOX, Kind.POLYGON)
    uneven = sum(_corners(a) != a.geometry.bounds for a in drawn)
    if uneven:
        yield f"{number_of(uneven, 'annotation')} rounded to whole pixels"
    numbers = xview_numbers(labels.ontology)
    unknown = [a.class_id for a in drawn if numbers[a.class_id] not in XVIEW]
    if unknown:
        words = shown(", ".join(f"{class_id} {numbers[class_id]}" for class_id in dict.fromkeys(unknown)))
        yield f"{number_of(len(unknown), 'annotation')} of classes that xView has not get other numbers ({words})"


def recognises(head: bytes) -> bool:
    """Return whether a text begins like xView's."""
    return b'"bounds_imcoords"' in head


def count(path: Path) -> int:
    """Return how many boxes a file has, as far as its text tells."""
    return count_features(path)


def _properties(feature: Mapping[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties")
    return properties if isinstance(properties, dict) else {}


def _feature(row: Mapping[str, Any]) -> Feature:
    """Return the box and properties of a feature."""
    parts = str(row.get("bounds_imcoords", "")).split(",")
    try:
        x0, y0, x1, y1 = (float(part) for part in parts)
    except ValueError:
        raise BadGeometryError("its bounds_imcoords are not four numbers") from None
    number = row.get("type_id")
    if number in NO_CLASS:
        raise BadGeometryError(f"its type_id {number} is no class of xView")
    return box_of(x0, y0, x1 - x0, y1 - y0), {"class": xview_word(number), "kind": Kind.BOX.value}


def _corners(annotation: Annotation) -> tuple[float, ...]:
    """Return left, top, right and bottom in whole pixels, at least one apart."""
    x0, y0, x1, y1 = np.floor(np.array(annotation.geometry.bounds) + 0.5).tolist()
    return x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)


def _row(annotation: Annotation, labels: LabelSet, number: int) -> dict[str, Any]:
    return {
        "bounds_imcoords": ",".join(str(int(side)) for side in _corners(annotation)),
        "feature_id": number,
        "image_id": labels.image_name or f"{labels.stem}.tif",
    }
