"""LabelMe's JSON: shapes of one image.

Coordinates are pixels from the corner of the first pixel.  A rectangle is two
opposite corners; a mask a picture for a window whose last row and column
belong to it.  ``flags`` are yes or no, of a shape and of the whole image.
What LabelMe has no place for stands in members that it keeps as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.files import require_file
from napari_geolabel.formats import losing
from napari_geolabel.formats.collecting import Collected, Feature, box_of, points_of
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.images import another_name, shape_of
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.own_members import (
    attributes_of_member,
    dumps,
    exact_outline,
    grid_of_member,
    image_member,
    own_member,
    row_from,
)
from napari_geolabel.formats.png_masks import outline_of_png, png_window
from napari_geolabel.formats.rings import has_holes
from napari_geolabel.formats.schema import rows_of
from napari_geolabel.formats.texts import read_json, write_pieces
from napari_geolabel.ontology import Kind

_SHAPE = re.compile(rb'"shape_type"\s{0,8}:')
_OWN_LINE = re.compile(rb'\n\{"label":')
_KINDS = tuple(kind for kind in Kind if kind is not Kind.MASK)
_CIRCLE_SEGMENTS = 16


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the shapes of an image; see `Format.read`.

    Circles become polygons, masks polygons along pixel edges, and the flags
    of the image attributes of the whole scene.
    """
    found = require_file(path)
    document = read_json(found)
    if not isinstance(document, dict) or not isinstance(document.get("shapes"), list):
        raise FormatError(f"{found.name} is no LabelMe JSON: it has no list of shapes")
    shape = _shape(document, image, found.name)
    own = document.get("geolabel")
    flags = document.get("flags")
    given = {k: v for k, v in flags.items() if isinstance(v, bool)} if isinstance(flags, dict) else {}
    collected = Collected(name=found.name, scene_attributes=given | attributes_of_member(own))
    if shape is not None:
        collected.grid = grid_of_member(own, shape)
    for number, each in enumerate(document["shapes"], start=1):
        collected.add(f"shape {number}", _feature, each, shape)
    called = document.get("imagePath")
    collected.notes += another_name(called if isinstance(called, str) and called else found.name, image)
    return collected.columns()


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as LabelMe has them; rotated boxes as polygons of four corners.

    Rejected annotations are left out.  Polygons with holes become masks, and
    each part of a geometry is a shape of its own.

    Raises
    ------
    FormatError
        If a value cannot stand in JSON.
    WriteError
        If the file cannot be written.
    """
    drawn = losing.holdable(labels, *_KINDS)
    rows = rows_of(drawn, labels.ontology, labels.grid)
    shapes = [
        shape
        for number, (annotation, row) in enumerate(zip(drawn, rows, strict=True), start=1)
        for shape in _shapes(annotation, row, number, labels.grid.shape)
    ]
    head = {
        "version": "5.5.0",
        "flags": {key: value for key, value in labels.scene_attributes.items() if isinstance(value, bool)},
        "imagePath": labels.image_name or f"{labels.stem}.tif",
        "imageData": None,
        "imageHeight": labels.grid.shape[0],
        "imageWidth": labels.grid.shape[1],
        "geolabel": image_member(labels),
    }
    pieces = [dumps(head)[:-1] + b',"shapes":[']
    pieces += [(b"," if index else b"") + b"\n" + dumps(each) for index, each in enumerate(shapes)]
    pieces.append(b"\n]}\n")
    write_pieces(path, pieces, wanted=len(shapes), counter=lambda file: count_matches(file, _OWN_LINE))


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what a LabelMe file will not hold."""
    drawn = labels.accepted(*_KINDS)
    yield from losing.left_out(labels, "LabelMe", *_KINDS)
    yield from losing.pixels_for_holes(drawn, "masks")
    yield from losing.split(drawn)
    yield from losing.without_pixels(labels, *_KINDS)


def recognises(head: bytes) -> bool:
    """Return whether a text begins like LabelMe's."""
    return (b'"shapes"' in head and b'"imagePath"' in head) or b'"shape_type"' in head


def count(path: Path) -> int:
    """Return how many shapes a file has, as far as its text tells."""
    return count_matches(path, _SHAPE)


def _shape(document: Mapping[str, Any], image: Image | None, name: str) -> tuple[int, int] | None:
    """Return rows and columns of the image, None where nobody says."""
    rows, cols = document.get("imageHeight"), document.get("imageWidth")
    if rows is None and cols is None:
        return None if image is None else image.shape
    return shape_of(rows, cols, image, name)


def _feature(shape: Any, size: tuple[int, int] | None) -> Feature:  # noqa: ANN401  (any JSON)
    """Return the geometry and properties of a shape."""
    if not isinstance(shape, dict):
        raise BadGeometryError("it is no JSON object")
    kind = shape.get("shape_type") or "polygon"
    build = _GEOMETRIES.get(kind) if isinstance(kind, str) else None
    if build is None:
        raise BadGeometryError(f"a shape of the type {str(kind)[:30]} cannot be held")
    geometry, hint = build(shape)
    word = shape.get("label") if isinstance(shape.get("label"), str) else None
    attributes = shape.get("attributes")
    own = shape.get("geolabel")
    flags = shape.get("flags")
    given = {**(attributes if isinstance(attributes, dict) else {}), **(flags if isinstance(flags, dict) else {})}
    if isinstance(own, dict) and "kind" in own:
        return (geometry if size is None else exact_outline(own, geometry, size)), row_from(word, own, given)
    if shape.get("description"):
        given.setdefault("description", shape["description"])
    return geometry, row_from(word, None, given) | {"kind": hint}


def _polygon(shape: Mapping[str, Any]) -> tuple[BaseGeometry, str]:
    return shapely.Polygon(points_of(shape.get("points"), 3)), "polygon"


def _rotation(shape: Mapping[str, Any]) -> tuple[BaseGeometry, str]:
    return shapely.Polygon(points_of(shape.get("points"), 4)), "rotated_box"


def _rectangle(shape: Mapping[str, Any]) -> tuple[BaseGeometry, str]:
    points = points_of(shape.get("points"), 2)
    (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return box_of(x0, y0, x1 - x0, y1 - y0), "box"


def _circle(shape: Mapping[str, Any]) -> tuple[BaseGeometry, str]:
    centre, edge = points_of(shape.get("points"), 2)[:2]
    circle = shapely.Point(centre).buffer(float(np.hypot(*(edge - centre))), quad_segs=_CIRCLE_SEGMENTS)
    if circle.is_empty:
        raise BadGeometryError("its circle has no area")
    return circle, "polygon"


def _line(shape: Mapping[str, Any]) -> tuple[BaseGeometry, str]:
    return shapely.LineString(points_of(shape.get("points"), 2)), "polyline"


def _points(shape: Mapping[str, Any]) -> tuple[BaseGeometry, str]:
    points = points_of(shape.get("points"), 1)
    return (shapely.Point(points[0]) if len(points) == 1 else shapely.MultiPoint(points)), "keypoint"


def _mask(shape: Mapping[str, Any]) -> tuple[BaseGeometry, str]:
    (x0, y0), (x1, y1) = np.round(points_of(shape.get("points"), 2)[:2]).tolist()
    outline, size = outline_of_png(shape.get("mask"))
    if size != (int(y1 - y0) + 1, int(x1 - x0) + 1):
        raise BadGeometryError("its mask is not of the size of its window")
    return translate(outline, x0, y0), "polygon"


_GEOMETRIES = {
    "polygon": _polygon,
    "rectangle": _rectangle,
    "rotation": _rotation,
    "oriented_rectangle": _rotation,
    "circle": _circle,
    "line": _line,
    "linestrip": _line,
    "point": _points,
    "points": _points,
    "mask": _mask,
}


def _shapes(
    annotation: Annotation, row: Mapping[str, Any], number: int, shape: tuple[int, int]
) -> Iterator[dict[str, Any]]:
    """Yield each shape that an annotation becomes."""
    found = list(_pieces(annotation, shape))
    for members in found:
        yield {
            "label": annotation.class_id,
            **members,
            "group_id": number if len(found) > 1 else None,
            "description": "",
            "flags": {key: value for key, value in row["attributes"].items() if isinstance(value, bool)},
            "attributes": {key: value for key, value in row["attributes"].items() if not isinstance(value, bool)},
            "geolabel": own_member(row, len(found), annotation.geometry),
        }


def _pieces(annotation: Annotation, shape: tuple[int, int]) -> Iterator[dict[str, Any]]:
    geometry = annotation.geometry
    if annotation.kind is Kind.BOX:
        x0, y0, x1, y1 = geometry.bounds
        yield {"shape_type": "rectangle", "points": [[x0, y0], [x1, y1]], "mask": None}
    elif has_holes(geometry):
        left, top, right, bottom, png = png_window(geometry, shape)
        yield {"shape_type": "mask", "points": [[left, top], [right - 1, bottom - 1]], "mask": png}
    else:
        kind = {Kind.POLYLINE: "linestrip", Kind.KEYPOINT: "point"}.get(annotation.kind, "polygon")
        for part in shapely.get_parts(geometry):
            points = shapely.get_coordinates(part)[: -1 if kind == "polygon" else None]
            yield {"shape_type": kind, "points": points, "mask": None}
