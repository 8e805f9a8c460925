"""COCO of any program to columns: detection, segmentation with polygons and both sorts of RLE, keypoints, results."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import FormatError
from napari_geolabel.files import require_file
from napari_geolabel.formats.coco_skeletons import POINTS, point_names, point_rows
from napari_geolabel.formats.coco_write import segmentation_of
from napari_geolabel.formats.columns import LabelColumns, PixelCopy
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.geojson_geometry import BadGeometryError, build_geometry, is_near
from napari_geolabel.formats.images import find_image, left_there, shape_of
from napari_geolabel.formats.label_set import Image
from napari_geolabel.formats.own_members import OWN_COLUMNS, attributes_of_member, grid_of_member
from napari_geolabel.formats.rle import Shape, decode
from napari_geolabel.formats.texts import read_json
from napari_geolabel.geo import GeoGrid

_MARKS = re.compile(rb'"(?:categories|image_id|category_id|segments_info)"\s*:')
_LABEL = re.compile(rb'"category_id"\s{0,16}:')


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the annotations of one image of a COCO file, or of a list of results; see `Format.read`.

    A segmentation counts before a box, and a box before keypoints.  Areas of
    run-length encoded pixels become polygons along pixel edges.
    """
    found = require_file(path)
    document = read_json(found)
    one = _results(document, image, found.name) if isinstance(document, list) else _part(document, image, found.name)
    geometries: list[BaseGeometry] = []
    rows: list[dict[str, Any]] = []
    where: list[str] = []
    skipped: list[tuple[str, str]] = []
    for place, annotation in one.annotations:
        try:
            word = one.categories.get(annotation.get("category_id"))
            names = one.points.get(annotation.get("category_id"), [])
            parts = _parts(annotation, str(word), _geometry(annotation, one.shape), names)
        except (BadGeometryError, TypeError) as fault:
            skipped.append((place, str(fault) if isinstance(fault, BadGeometryError) else "its category is no number"))
            continue
        if word is None:
            skipped.append((place, f"its category {str(annotation.get('category_id'))[:40]} is not in the file's list"))
            continue
        geometries += [part for part, _ in parts]
        rows += [row for _, row in parts]
        where += [place] * len(parts)
    array = np.empty(len(geometries), object)
    array[:] = geometries
    columns = LabelColumns.from_rows(array, rows, crs=None, name=found.name, where=where, skipped=skipped)
    columns.notes += one.notes
    columns.scene_attributes |= one.scene_attributes
    if one.grid is not None:
        columns.pixels = PixelCopy(grid=one.grid, geometries=np.full(len(array), None), precision=None)
    return columns


def recognises(head: bytes) -> bool:
    """Return whether a text begins like COCO."""
    return _MARKS.search(head) is not None


def count(path: Path) -> int:
    """Return how many annotations a COCO file of any program has, as far as its text tells."""
    return count_matches(path, _LABEL)


@dataclass(kw_only=True)
class _Part:
    """What a file says of one image."""

    annotations: list[tuple[str, Mapping[str, Any]]]
    """What to call each, and itself."""
    categories: Mapping[Any, str]
    """Their ids and names."""
    shape: Shape | None
    """Rows and columns of the image, None where nobody says."""
    grid: GeoGrid | None = None
    scene_attributes: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    points: Mapping[Any, Sequence[str]] = field(default_factory=dict)
    """Ids of categories and the names of their points, where they have several."""


def _part(document: Any, image: Image | None, name: str) -> _Part:  # noqa: ANN401  (any JSON value)
    """Return what a file of images, categories and annotations says of one image."""
    if not isinstance(document, dict):
        raise FormatError(f"{name} holds a JSON {type(document).__name__} where COCO has an object")
    images = _by_id(document.get("images"), "images", name)
    categories = _by_id(document.get("categories"), "categories", name)
    annotations = _objects(document.get("annotations"), "annotations", name)
    if any("segments_info" in annotation for annotation in annotations):
        raise FormatError(f"{name} is COCO panoptic, whose labels stand in PNG files; import one of those")
    if not images:
        raise FormatError(f"{name} lists no images, so nobody can tell what its labels lie on")
    names = [str(each.get("file_name", key)) for key, each in images.items()]
    sizes = [_size_of(each) for each in images.values()]
    index, notes = find_image(names, image, name, sizes)
    chosen = list(images)[index]
    about = images[chosen]
    shape = None if image is None else image.shape
    if about.get("height") is not None or about.get("width") is not None:
        shape = shape_of(about.get("height"), about.get("width"), image, name)
    places = [(f"annotation {number}", each) for number, each in enumerate(annotations, start=1)]
    own = [(place, each) for place, each in places if each.get("image_id") == chosen]
    part = _Part(annotations=own, categories=_category_names(categories), shape=shape)
    part.points = {key: point_names(each) for key, each in categories.items()}
    part.notes += [*notes, *left_there(len(annotations) - len(own), len(names))]
    member = about.get("geolabel")
    part.scene_attributes = attributes_of_member(member)
    if shape is not None:
        part.grid = grid_of_member(member, shape)
    return part


def _results(document: Sequence[Any], image: Image | None, name: str) -> _Part:
    """Return what a list of a detector's results says; it names neither images nor categories."""
    found = _objects(document, "results", name)
    if found and not any("category_id" in each for each in found):
        raise FormatError(f"{name} holds a list without any category_id, so it is no list of COCO results")
    images = {str(each.get("image_id")) for each in found}
    if len(images) > 1:
        raise FormatError(f"{name} holds results of {len(images)} images without their names; leave only those of one")
    words = [each.get("category_id") for each in found]
    categories = {word: str(word) for word in words if type(word) in (int, str)}
    places = [(f"result {number}", each) for number, each in enumerate(found, start=1)]
    return _Part(annotations=list(places), categories=categories, shape=None if image is None else image.shape)


def _size_of(about: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return rows and columns of an image, None where it has none that are numbers."""
    sides = about.get("height"), about.get("width")
    return (sides[0], sides[1]) if type(sides[0]) is int and type(sides[1]) is int else None


def _row(annotation: Mapping[str, Any], word: str) -> dict[str, Any]:
    """Return the properties of an annotation, ours or another program's."""
    attributes = annotation.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    own = annotation.get("geolabel")
    row: dict[str, Any] = {"class_id": word, "confidence": annotation.get("score")}
    if isinstance(own, dict) and "kind" in own:
        return {**row, **{key: own[key] for key in OWN_COLUMNS if key in own}, "attributes": attributes}
    return {**row, **{f"attr_{key}": value for key, value in attributes.items()}}


def _parts(
    annotation: Mapping[str, Any], word: str, geometry: BaseGeometry, names: Sequence[str]
) -> list[tuple[BaseGeometry, dict[str, Any]]]:
    """Return what an annotation holds: itself, or its named points, or in ours both, in one group."""
    values, own = annotation.get("keypoints"), annotation.get("geolabel")
    is_ours = isinstance(own, dict) and POINTS in own
    if not isinstance(values, list) or not names or len(values) != 3 * len(names):
        return [(geometry, _row(annotation, word))]
    if annotation.get("segmentation") and not is_ours:  # of other programs the outline counts
        return [(geometry, _row(annotation, word))]
    points = point_rows({**annotation, "keypoints": _numbers(values, "keypoints")}, names)
    if not points:
        return [(geometry, _row(annotation, word))]
    if isinstance(own, dict) and is_ours and "kind" in own:
        return [(geometry, _row(annotation, word) | {"group_id": points[0][1]["group_id"]}), *points]
    return points


def _geometry(annotation: Mapping[str, Any], shape: Shape | None) -> BaseGeometry:
    """Return where an annotation is, in pixel coordinates."""
    segmentation = annotation.get("segmentation")
    if segmentation:
        return _exact(annotation, segmentation, shape) or _segmented(segmentation, shape)
    if annotation.get("keypoints"):
        return _points(annotation["keypoints"])
    x, y, width, height = _numbers(annotation.get("bbox"), "bbox", 4)
    if width <= 0 or height <= 0 or not np.isfinite([x + width, y + height]).all():
        raise BadGeometryError("its bbox has no area, or no end")
    return shapely.box(x, y, x + width, y + height, ccw=False)


def _exact(annotation: Mapping[str, Any], segmentation: Any, shape: Shape | None) -> BaseGeometry | None:  # noqa: ANN401
    """Return the outline that we wrote beside pixels, None where there is none or the pixels were edited since."""
    own = annotation.get("geolabel")
    if not isinstance(own, dict) or not isinstance(own.get("geometry"), dict) or shape is None:
        return None
    try:
        geometry = build_geometry(own["geometry"])
    except BadGeometryError:
        return None
    if geometry.geom_type != "MultiPolygon" or geometry.is_empty or not is_near(geometry):
        return None
    parts = shapely.get_parts(geometry)
    whole: BaseGeometry = parts[0] if len(parts) == 1 else geometry
    return whole if segmentation_of(whole, shape) == segmentation else None


def _segmented(segmentation: Any, shape: Shape | None) -> BaseGeometry:  # noqa: ANN401
    """Return polygons, or the outline of run-length encoded pixels."""
    if isinstance(segmentation, dict):
        if shape is None:
            raise BadGeometryError("it is run-length encoded and the file has no size of the image; name the scene")
        return decode(segmentation, shape)
    if not isinstance(segmentation, list):
        raise BadGeometryError("its segmentation is neither polygons nor RLE")
    if not any(isinstance(ring, list) for ring in segmentation):
        segmentation = [segmentation]  # solaris writes the ring of a polygon without the list of rings
    flat = [_numbers(ring, "segmentation") for ring in segmentation]
    if any(len(ring) < 6 or len(ring) % 2 for ring in flat):
        raise BadGeometryError("a polygon of its segmentation has no three points")
    polygons = [shapely.Polygon(np.reshape(ring, (-1, 2))) for ring in flat]
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)


def _points(keypoints: Any) -> BaseGeometry:  # noqa: ANN401
    """Return the keypoints that are labelled, whether visible or not."""
    numbers = _numbers(keypoints, "keypoints")
    if len(numbers) % 3:
        raise BadGeometryError("its keypoints are not triples of x, y and visibility")
    labelled = [shapely.Point(x, y) for x, y, seen in np.reshape(numbers, (-1, 3)).tolist() if seen > 0]
    if not labelled:
        raise BadGeometryError("none of its keypoints is labelled")
    return labelled[0] if len(labelled) == 1 else shapely.multipoints(labelled)


def _numbers(values: Any, member: str, length: int | None = None) -> list[float]:  # noqa: ANN401
    """Return a list of finite numbers."""
    if not isinstance(values, list) or not all(type(value) in (int, float) for value in values):
        raise BadGeometryError(f"its {member} is no list of numbers")
    if length is not None and len(values) != length:
        raise BadGeometryError(f"its {member} has {len(values)} numbers and not {length}")
    return [float(value) for value in values]


def _objects(values: Any, member: str, name: str) -> list[Mapping[str, Any]]:  # noqa: ANN401
    """Return a list of objects."""
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise FormatError(f"{name} is no COCO: its {member} are not a list of objects")
    return values


def _by_id(values: Any, member: str, name: str) -> dict[Any, Mapping[str, Any]]:  # noqa: ANN401
    """Return a list of objects by their ids."""
    found: dict[Any, Mapping[str, Any]] = {}
    for each in _objects(values, member, name):
        key = each.get("id")
        if type(key) not in (int, str):
            raise FormatError(f"{name} is no COCO: one of its {member} has no id")
        if key in found:
            raise FormatError(f"{name} has two {member} of the id {str(key)[:40]}; give each its own")
        found[key] = each
    return found


def _category_names(categories: Mapping[Any, Mapping[str, Any]]) -> dict[Any, str]:
    """Return what to call each category: its name, else its id."""
    names = {key: each.get("name") for key, each in categories.items()}
    return {key: name if isinstance(name, str) and name.strip() else str(key) for key, name in names.items()}
