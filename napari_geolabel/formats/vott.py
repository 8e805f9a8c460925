"""VoTT's JSON: the regions of many images, in pixels from the corner of the first pixel.

Every region has a box and points, also those that are rectangles; a class is
a tag.  VoTT keeps nothing else of a region, and loses what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.files import require_file
from napari_geolabel.formats import losing
from napari_geolabel.formats.collecting import Collected, Feature, box_of, finite, points_of
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.images import find_image, shape_of
from napari_geolabel.formats.label_set import Image, LabelSet, number_of
from napari_geolabel.formats.own_members import dumps
from napari_geolabel.formats.quads import shape_losses
from napari_geolabel.formats.texts import read_json, write_pieces
from napari_geolabel.ontology import Kind

_REGION = re.compile(rb'"boundingBox"\s{0,8}:')
_OWN_LINE = re.compile(rb'\n\{"id":"r\d{1,12}","type":"')
_KINDS = tuple(kind for kind in Kind if kind is not Kind.MASK)
_TYPES: Mapping[Kind, str] = {
    Kind.BOX: "RECTANGLE",
    Kind.ROTATED_BOX: "POLYGON",
    Kind.POLYGON: "POLYGON",
    Kind.POLYLINE: "POLYLINE",
    Kind.KEYPOINT: "POINT",
}


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the regions of one image; of several tags of a region the first is its class; see `Format.read`."""
    found = require_file(path)
    document = read_json(found)
    assets = document.get("assets") if isinstance(document, dict) else None
    listed = list(assets.values()) if isinstance(assets, dict) else []
    if not listed or not all(isinstance(each, dict) and isinstance(each.get("asset"), dict) for each in listed):
        raise FormatError(f"{found.name} is no export of VoTT: it has no assets")
    names = [str(each["asset"].get("name", "")) for each in listed]
    index, notes = find_image(names, image, found.name)
    chosen = listed[index]
    _check_size(chosen["asset"], image, found.name)
    regions = chosen.get("regions")
    collected = Collected(name=found.name, notes=notes)
    for number, region in enumerate(regions if isinstance(regions, list) else [], start=1):
        collected.add(f"region {number}", _feature, region)
        if isinstance(region, dict) and isinstance(region.get("tags"), list) and len(region["tags"]) > 1:
            collected.notes.append(f"region {number} has {len(region['tags'])} tags; the first is its class")
    return collected.columns()


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as VoTT exports them; holes are filled, and each part of a geometry is a region of its own.

    Rejected annotations are left out.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    regions = [region for annotation in labels.accepted(*_KINDS) for region in _regions(annotation)]
    rows, cols = labels.grid.shape
    name = labels.image_name or f"{labels.stem}.tif"
    asset = {"id": "1", "name": name, "path": name, "format": name.rpartition(".")[2], "state": 2, "type": 1}
    tags = [{"name": cls.id, "color": cls.color} for cls in labels.ontology.classes if cls.kinds]
    head = dumps({"name": labels.stem, "version": "2.2.0", "tags": tags})[:-1]
    head += b',"assets":{"1":{"asset":' + dumps({**asset, "size": {"width": cols, "height": rows}}) + b',"regions":['
    pieces = [head]
    pieces += [
        (b"," if index else b"") + b"\n" + dumps({"id": f"r{index}", **region}) for index, region in enumerate(regions)
    ]
    pieces.append(b'\n],"version":"2.2.0"}}}\n')
    write_pieces(path, pieces, wanted=len(regions), counter=lambda file: count_matches(file, _OWN_LINE))


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what VoTT will not hold."""
    drawn = labels.accepted(*_KINDS)
    yield from losing.left_out(labels, "VoTT", *_KINDS)
    yield from shape_losses(drawn, "polygons, since VoTT turns no boxes", Kind.ROTATED_BOX)
    yield from losing.pierced(drawn, "their outlines, the holes filled; COCO or a mask keeps them")
    split = sum(int(shapely.get_num_geometries(a.geometry)) > 1 for a in drawn)
    if split:
        yield f"{number_of(split, 'annotation')} of several parts split into one for each"
    yield from losing.bare(drawn, "VoTT")
    yield from losing.scene_left_out(labels, "VoTT")


def recognises(head: bytes) -> bool:
    """Return whether a text begins like VoTT's."""
    return b'"assets"' in head and (b'"regions"' in head or b'"videoSettings"' in head or b'"asset"' in head)


def count(path: Path) -> int:
    """Return how many regions a file has, as far as its text tells."""
    return count_matches(path, _REGION)


def _check_size(asset: Mapping[str, Any], image: Image | None, name: str) -> None:
    """Refuse another image's size."""
    size = asset.get("size")
    if size is None:
        return
    sides = size if isinstance(size, dict) else {}
    shape_of(sides.get("height"), sides.get("width"), image, name)


def _feature(region: Any) -> Feature:  # noqa: ANN401  (any JSON)
    """Return the geometry and properties of a region."""
    if not isinstance(region, dict):
        raise BadGeometryError("it is no JSON object")
    tags = region.get("tags")
    word = tags[0] if isinstance(tags, list) and tags and isinstance(tags[0], str) else None
    geometry, hint = _geometry(region)
    return geometry, {"class": word, "kind": hint}


def _geometry(region: Mapping[str, Any]) -> tuple[BaseGeometry, str]:
    """Return where a region is; of a rectangle the box counts."""
    kind = str(region.get("type", "RECTANGLE")).upper()
    if kind in {"RECTANGLE", "SQUARE"}:
        box = region.get("boundingBox")
        sides = box if isinstance(box, dict) else {}
        numbers = finite([sides.get(key) for key in ("left", "top", "width", "height")], "boundingBox", 4)
        return box_of(*numbers), "box"
    if kind == "POLYGON":
        return shapely.Polygon(_points(region, 3)), "polygon"
    if kind == "POLYLINE":
        return shapely.LineString(_points(region, 2)), "polyline"
    if kind == "POINT":
        return shapely.Point(_points(region, 1)[0]), "keypoint"
    raise BadGeometryError(f"a region of the type {kind[:30]} cannot be held")


def _points(region: Mapping[str, Any], least: int) -> Any:  # noqa: ANN401  (points, shape (n, 2))
    points = region.get("points")
    if not isinstance(points, list) or not all(isinstance(each, dict) for each in points):
        raise BadGeometryError("its points are no list of x and y")
    pairs = [[each.get("x"), each.get("y")] for each in points]
    return points_of(pairs, least, "points")


def _regions(annotation: Annotation) -> Iterator[dict[str, Any]]:
    """Yield a region for each part of an annotation."""
    for part in shapely.get_parts(annotation.geometry):
        x0, y0, x1, y1 = part.bounds
        outline = part.exterior if part.geom_type == "Polygon" else part
        points = shapely.get_coordinates(outline)[: -1 if part.geom_type == "Polygon" else None].tolist()
        yield {
            "type": _TYPES[annotation.kind],
            "tags": [annotation.class_id],
            "boundingBox": {"height": y1 - y0, "width": x1 - x0, "left": x0, "top": y0},
            "points": [{"x": x, "y": y} for x, y in points],
        }
