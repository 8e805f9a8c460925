"""Label rows of Encord, as its exports have them and the SDK's ``to_encord_dict`` makes them.

Coordinates are fractions of the image's width and height; boxes are turned
about their centre, clockwise on the screen and in pixels.  Classes and
questions are known by their names, since the hashes mean something only
beside the ontology that they are of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import FormatError
from napari_geolabel.files import require_file
from napari_geolabel.formats.collecting import Collected, Feature, box_of, finite, points_of
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.encord_write import losses, write
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.images import another_name, find_image, shape_of
from napari_geolabel.formats.label_set import Image
from napari_geolabel.formats.own_members import OWN_COLUMNS, PIECES, attributes_of_member, grid_of_member
from napari_geolabel.formats.rle import uncompressed
from napari_geolabel.formats.row_runs import outline_of_runs
from napari_geolabel.formats.texts import read_json
from napari_geolabel.formats.turning import TurnedBox, turn
from napari_geolabel.geo import FloatArray

_MARKS = (b'"label_hash"', b'"data_hash"', b'"object_answers"')
_OBJECT = re.compile(rb'"objectHash"\s{0,8}:\s{0,8}"[^"]{1,20}"\s{0,8},\s{0,8}"featureHash"')
_CORNERS_OF_ELLIPSE = 64
Shape = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class _Unit:
    """One image of a label row."""

    title: str
    content: Mapping[str, Any]
    row: Mapping[str, Any]


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the objects of one image; see `Format.read`.

    The file is a label row, or a list of them as a project is exported; videos are refused.
    """
    found = require_file(path)
    units = list(_units(read_json(found), found.name))
    if not units:
        raise FormatError(f"{found.name} is no label row of Encord: it has no data_units")
    index, notes = find_image([each.title for each in units], image, found.name)
    unit = units[index]
    labels = _dict(unit.content.get("labels"))
    if any(str(key).isdigit() for key in labels):
        raise FormatError(f"{found.name} has labels of the frames of {unit.title[:80]}, which is no single image")
    shape = shape_of(unit.content.get("height"), unit.content.get("width"), image, found.name)
    own = unit.content.get("geolabel")
    collected = Collected(name=found.name, grid=grid_of_member(own, shape))
    before, told = attributes_of_member(own), _scene_answers(unit)
    collected.scene_attributes = before | {k: v for k, v in told.items() if not _means(before.get(k), v)}
    collected.notes += notes if len(units) > 1 else another_name(unit.title, image) if unit.title else []
    about = _dict(unit.row.get("object_answers"))
    for number, each in enumerate(_dicts(labels.get("objects")), start=1):
        answers = _answered(_dict(about.get(str(each.get("objectHash")))).get("classifications"))
        for part, point in _parts(each):
            collected.add(f"object {number}", _feature, part, answers | point, shape)
    others = sum(len(_dicts(_dict(u.content.get("labels")).get("objects"))) for u in units if u is not unit)
    if others:
        collected.notes.append(f"{others} objects of other images were left where they are ({len(units)} images)")
    return collected.columns()


def recognises(head: bytes) -> bool:
    """Return whether a text begins like a label row."""
    return _MARKS[0] in head and (_MARKS[1] in head or _MARKS[2] in head)


def count(path: Path) -> int:
    """Return how many objects a file has, as far as its text tells."""
    return count_matches(path, _OBJECT)


def _units(document: Any, name: str) -> Iterator[_Unit]:  # noqa: ANN401  (any JSON)
    """Yield the images of all label rows of a file."""
    rows = document if isinstance(document, list) else [document]
    if not rows or not all(isinstance(row, dict) and isinstance(row.get("data_units"), dict) for row in rows):
        raise FormatError(f"{name} is no label row of Encord: it has no data_units")
    for row in rows:
        for unit in _dicts(list(row["data_units"].values())):
            title = unit.get("data_title") or row.get("data_title") or ""
            yield _Unit(title=str(title), content=unit, row=row)


def _parts(each: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Yield an object; of a skeleton each point that is seen, with its name as an answer."""
    points = each.get("skeleton")
    if not isinstance(points, dict):
        yield each, {}
        return
    rest = {key: value for key, value in each.items() if key != "skeleton"}
    for point in _dicts(list(points.values())):
        if point.get("visibility") not in {"invisible", "INVISIBLE"}:
            yield rest | {"point": {"0": point}}, {"point": point.get("name")}


def _feature(each: Mapping[str, Any], answers: Mapping[str, Any], shape: Shape) -> Feature:
    """Return the geometry and properties of an object."""
    key = next((key for key in _GEOMETRIES if key in each), None)
    if key is None:
        raise BadGeometryError(f"a {str(each.get('shape'))[:40]} cannot be held")
    geometry, kind = _GEOMETRIES[key](each, shape)
    asked = {f"attr_{name}": value for name, value in answers.items()}
    own = _dict(each.get("geolabel"))
    word = each.get("name") if isinstance(each.get("name"), str) else each.get("value")
    if own.get("kind") and own.get("feature") == each.get("featureHash"):
        held = {name: own[name] for name in (*OWN_COLUMNS, PIECES) if name in own}
        return geometry, {"class_id": own.get("class_id"), **held, "attributes": own.get("attributes"), **asked}
    predicted = each.get("manualAnnotation") is False
    return geometry, {
        "class": word,
        "kind": kind,
        **({"confidence": each.get("confidence")} if predicted else {}),
    } | asked


def _scene_answers(unit: _Unit) -> dict[str, Any]:
    """Return what is said of the whole image."""
    sequence = str(unit.content.get("data_sequence", 0))
    found: dict[str, Any] = {}
    for each in _dicts(list(_dict(unit.row.get("classification_answers")).values())):
        frames = each.get("range")
        if isinstance(frames, list) and frames and not any(_holds(span, sequence) for span in frames):
            continue
        found |= _answered(each.get("classifications"))
    return found


def _holds(span: Any, sequence: str) -> bool:  # noqa: ANN401
    """Return whether the first and last frame of a range hold an image, by its number."""
    if not isinstance(span, list) or len(span) != 2 or not all(type(end) is int for end in span):
        return True
    return not sequence.isdigit() or len(sequence) > 9 or span[0] <= int(sequence) <= span[1]


def _answered(classifications: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return answers by what is asked; several options joined."""
    found: dict[str, Any] = {}
    for each in _dicts(classifications):
        key = each.get("value") if isinstance(each.get("value"), str) else each.get("name")
        answer = each.get("answers")
        if isinstance(answer, list):
            options = [option.get("value", option.get("name")) for option in _dicts(answer)]
            answer = ";".join(str(option) for option in options)
        if isinstance(key, str) and key and isinstance(answer, str | int | float):
            found[key] = answer
    return found


def _means(value: Any, answer: Any) -> bool:  # noqa: ANN401  (an attribute value)
    """Return whether an answer says what a value of ours does."""
    if isinstance(value, bool):
        return bool(answer == ("yes" if value else "no"))
    return bool((";".join(map(str, value)) if isinstance(value, list) else value) == answer)


def _dict(value: Any) -> Mapping[str, Any]:  # noqa: ANN401
    return value if isinstance(value, dict) else {}


def _dicts(values: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _numbers(each: Mapping[str, Any], key: str, names: Sequence[str]) -> list[float]:
    """Return the members of a shape that are fractions and degrees."""
    place = _dict(each[key])
    return finite([place.get(name) for name in names], key, len(names))


def _points(each: Mapping[str, Any], key: str, shape: Shape, least: int) -> FloatArray:
    """Return points that stand under their numbers, in pixels, shape (n, 2)."""
    place = _dict(each[key])
    listed = _dicts([place[number] for number in sorted(place, key=lambda n: (len(n), n))])
    if len(listed) != len(place):
        raise BadGeometryError(f"its {key} has what is no point")
    return points_of([[point.get("x"), point.get("y")] for point in listed], least, key) * shape[::-1]


def _box(each: Mapping[str, Any], shape: Shape) -> tuple[BaseGeometry, str]:
    x, y, width, height = np.array(_numbers(each, "boundingBox", "xywh")) * (*shape[::-1], *shape[::-1])
    return box_of(float(x), float(y), float(width), float(height)), "box"


def _turned_box(each: Mapping[str, Any], shape: Shape) -> tuple[BaseGeometry, str]:
    x, y, width, height, theta = _numbers(each, "rotatableBoundingBox", ("x", "y", "w", "h", "theta"))
    rows, cols = shape
    if width <= 0 or height <= 0:
        raise BadGeometryError("its box has no area")
    centre = ((x + width / 2) * cols, (y + height / 2) * rows)
    box = TurnedBox(centre=centre, width=width * cols, height=height * rows, angle_deg=theta)
    return box.polygon, "rotated_box"


def _polygon(each: Mapping[str, Any], shape: Shape) -> tuple[BaseGeometry, str]:
    """Return a polygon; the older member has neither holes nor parts."""
    parts = each.get("polygons")
    if not isinstance(parts, list) or not parts:
        return shapely.Polygon(_points(each, "polygon", shape, 3)), "polygon"
    polygons = []
    for part in parts:
        if not isinstance(part, list) or not part:
            raise BadGeometryError("its polygons are no lists of rings")
        shell, *holes = (_ring(ring, shape) for ring in part)
        polygons.append(shapely.Polygon(shell, holes))
    return (polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)), "polygon"


def _ring(flat: Any, shape: Shape) -> FloatArray:  # noqa: ANN401
    """Return a ring, shape (n, 2), of numbers in a row or of pairs."""
    if not isinstance(flat, list):
        raise BadGeometryError("its ring is no list of numbers")
    numbers = finite([n for each in flat for n in (each if isinstance(each, list) else (each,))], "ring")
    if len(numbers) % 2 or len(numbers) < 6:
        raise BadGeometryError(f"its ring has {len(numbers)} numbers where pairs of three points or more are needed")
    return np.array(numbers, np.float64).reshape(-1, 2) * shape[::-1]


def _polyline(each: Mapping[str, Any], shape: Shape) -> tuple[BaseGeometry, str]:
    return shapely.LineString(_points(each, "polyline", shape, 2)), "polyline"


def _point(each: Mapping[str, Any], shape: Shape) -> tuple[BaseGeometry, str]:
    return shapely.Point(_points(each, "point", shape, 1)[0]), "keypoint"


def _bitmask(each: Mapping[str, Any], shape: Shape) -> tuple[BaseGeometry, str]:
    mask = _dict(each["bitmask"])
    sides = [mask.get(name) for name in ("top", "left", "height", "width")]
    text = mask.get("rleString")
    if not all(type(side) is int and 0 <= side < 2**31 for side in sides) or not isinstance(text, str):
        raise BadGeometryError("its bitmask has no whole numbers for its place, or no rleString")
    top, left, height, width = (int(side or 0) for side in sides)
    if top + height > shape[0] or left + width > shape[1]:
        raise BadGeometryError("its bitmask reaches over the edge of the image")
    outline = outline_of_runs(uncompressed(text), (height, width))
    return shapely.affinity.translate(outline, left, top), "polygon"


def _circle(each: Mapping[str, Any], shape: Shape) -> tuple[BaseGeometry, str]:
    """Return a circle as a polygon; its radius is a fraction of the width."""
    x, y, radius = _numbers(each, "circle", "xyr")
    rest = {"stretch": 1.0, "theta": 0.0} | dict(_dict(each["circle"]))
    stretch, theta = finite([rest["stretch"], rest["theta"]], "circle", 2)
    centre = (x * shape[1], y * shape[0])
    return _oval(centre, (radius * shape[1], radius * shape[1] * stretch), theta), "polygon"


def _ellipse(each: Mapping[str, Any], shape: Shape) -> tuple[BaseGeometry, str]:
    x, y, rx, ry = _numbers(each, "ellipse", ("x", "y", "rx", "ry"))
    (theta,) = finite([_dict(each["ellipse"]).get("theta", 0.0)], "ellipse", 1)
    return _oval((x * shape[1], y * shape[0]), (rx * shape[1], ry * shape[0]), theta), "polygon"


def _oval(centre: tuple[float, float], radii: tuple[float, float], theta_deg: float) -> BaseGeometry:
    if min(radii) <= 0:
        raise BadGeometryError("it has no area")
    turns = np.linspace(0, 2 * np.pi, _CORNERS_OF_ELLIPSE, endpoint=False)
    return shapely.Polygon(turn(np.column_stack([np.cos(turns), np.sin(turns)]) * radii, theta_deg) + centre)


_GEOMETRIES = {
    "boundingBox": _box,
    "rotatableBoundingBox": _turned_box,
    "polygons": _polygon,
    "polygon": _polygon,
    "polyline": _polyline,
    "point": _point,
    "bitmask": _bitmask,
    "circle": _circle,
    "ellipse": _ellipse,
}


__all__ = ["count", "losses", "read", "recognises", "write"]
