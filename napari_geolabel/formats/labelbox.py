"""Labelbox: annotations as lines of JSON for an import, and the lines and objects of its exports.

Coordinates are pixels from the corner of the first pixel.  A mask is a PNG in
base64 of the size of the image; masks that only stand on a server are not
fetched.  Answers about the whole image have no geometry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import FormatError
from napari_geolabel.files import require_file
from napari_geolabel.formats.collecting import Collected, Feature, box_of, finite, points_of
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.images import find_image, left_there
from napari_geolabel.formats.label_set import Image
from napari_geolabel.formats.labelbox_write import losses, write
from napari_geolabel.formats.png_masks import outline_of_png
from napari_geolabel.formats.texts import read_text

_MARKS = re.compile(rb'"(?:dataRow|data_row|DataRow ID|Labeled Data)"\s{0,8}:')
_LABEL = re.compile(rb'"(?:bbox|bounding_box|polygon|line|point|mask)"\s{0,8}:\s{0,8}[\[{]')
_SHAPES = ("bbox", "bounding_box", "polygon", "line", "point", "mask")


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the annotations of one image; see `Format.read`."""
    found = require_file(path)
    content = read_text(found)
    if not content.strip():
        return Collected(name=found.name, notes=["the file is empty, which is how no labels are written"]).columns()
    records = _records(content, found.name)
    items = [item for number, record in records for item in _items(number, record)]
    names = list(dict.fromkeys(name for _, name, _ in items))
    if not names:
        raise FormatError(f"{found.name} is no Labelbox JSON: nothing in it names a data row")
    index, notes = find_image(names, image, found.name)
    chosen = names[index]
    others = sum(name != chosen for _, name, _ in items)
    collected = Collected(name=found.name, notes=[*notes, *left_there(others, len(names))])
    for place, name, item in items:
        if name == chosen:
            _add(collected, place, item)
    return collected.columns()


def recognises(head: bytes) -> bool:
    """Return whether a text begins like Labelbox's."""
    return _MARKS.search(head) is not None


def count(path: Path) -> int:
    """Return how many shapes a file has, as far as its text tells."""
    return count_matches(path, _LABEL)


def _records(content: bytes, name: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the objects of a file, and what to call each."""
    try:
        whole = orjson.loads(content)
        listed = list(enumerate(whole if isinstance(whole, list) else [whole], start=1))
    except orjson.JSONDecodeError:
        listed = []
        for number, line in enumerate(content.splitlines(), start=1):
            if line.strip():
                listed.append((number, _line(line, number, name)))
    if not listed or not all(isinstance(record, dict) for _, record in listed):
        raise FormatError(f"{name} is no Labelbox JSON: it holds what is no object")
    return [(f"record {number}", record) for number, record in listed]


def _line(line: bytes, number: int, name: str) -> Any:  # noqa: ANN401  (any JSON)
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise FormatError(f"{name} is no JSON in line {number}: {error.msg} (column {error.colno})") from error


def _items(place: str, record: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield place, image and itself of each annotation of a record, of an import or of an export old or new."""
    if isinstance(record.get("dataRow"), dict):
        yield place, _row_name(record["dataRow"]), record
    elif isinstance(record.get("data_row"), dict):
        name = _row_name(record["data_row"])
        projects = record.get("projects")
        labels = [
            label
            for project in (projects.values() if isinstance(projects, dict) else [])
            for label in (_dicts(project.get("labels")) if isinstance(project, dict) else [])
        ]
        for label in labels:
            yield from ((place, name, each) for each in _annotations(label.get("annotations")))
    elif isinstance(record.get("Label"), dict):
        address = record.get("External ID") or str(record.get("Labeled Data", "")).partition("?")[0]
        yield from ((place, str(address), each) for each in _annotations(record["Label"]))


def _annotations(label: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    """Return objects and answers of a label."""
    if not isinstance(label, dict):
        return []
    return [*_dicts(label.get("objects")), *_dicts(label.get("classifications"))]


def _dicts(values: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _row_name(row: Mapping[str, Any]) -> str:
    """Return what a data row is called: by the key that the user gave it, else by Labelbox's own id."""
    keys = ("globalKey", "global_key", "external_id", "id")
    return next((str(row[key]) for key in keys if row.get(key) is not None), "")


def _add(collected: Collected, place: str, item: Mapping[str, Any]) -> None:
    """Add an annotation, or an answer about the whole image."""
    if any(key in item for key in _SHAPES):
        collected.add(place, _feature, item)
    elif _answers([item]):
        collected.scene_attributes |= _answers([item])
    elif "classifications" in item or "schemaId" in item or "name" in item:
        collected.skipped.append((place, "it has no shape that can be held"))


def _feature(item: Mapping[str, Any]) -> Feature:
    """Return the geometry and properties of an annotation."""
    key = next(key for key in _SHAPES if key in item)
    geometry, hint = _GEOMETRIES[key](item[key])
    words = (item.get(name) for name in ("name", "value", "title", "schemaId"))
    word = next((text for text in words if isinstance(text, str) and text.strip()), None)
    answers = _answers(_dicts(item.get("classifications")))
    row = {f"attr_{name}": value for name, value in answers.items()}
    return geometry, {"class": word, "kind": hint, "confidence": item.get("confidence"), **row}


def _answers(classifications: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what was answered by the name of the question; questions under an answer stand beside it."""
    found: dict[str, Any] = {}
    for each in classifications:
        name = next((each[key] for key in ("name", "value", "title") if isinstance(each.get(key), str)), None)
        keys = ("answer", "answers", "radio_answer", "checklist_answers", "text_answer")
        answer = next((each[key] for key in keys if each.get(key) is not None), None)
        if name is None or answer is None:
            continue
        found[name] = _answered(answer)
        for chosen in answer if isinstance(answer, list) else [answer]:
            if isinstance(chosen, dict):
                found |= {k: v for k, v in _answers(_dicts(chosen.get("classifications"))).items() if k not in found}
    return found


def _answered(answer: Any) -> Any:  # noqa: ANN401
    """Return an answer as text; several options joined."""
    if isinstance(answer, list):
        return ";".join(str(_answered(each)) for each in answer)
    if isinstance(answer, dict):
        keys = ("value", "name", "title", "content")
        return next((answer[key] for key in keys if isinstance(answer.get(key), str)), None)
    return answer


def _box(value: Any) -> tuple[BaseGeometry, str]:  # noqa: ANN401
    if not isinstance(value, dict):
        raise BadGeometryError("its box is no object")
    numbers = finite([value.get(key) for key in ("left", "top", "width", "height")], "box", 4)
    return box_of(*numbers), "box"


def _pairs(value: Any, least: int) -> Any:  # noqa: ANN401  (points, shape (n, 2))
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadGeometryError("its points are no list of x and y")
    return points_of([[each.get("x"), each.get("y")] for each in value], least)


def _polygon(value: Any) -> tuple[BaseGeometry, str]:  # noqa: ANN401
    return shapely.Polygon(_pairs(value, 3)), "polygon"


def _line_string(value: Any) -> tuple[BaseGeometry, str]:  # noqa: ANN401
    return shapely.LineString(_pairs(value, 2)), "polyline"


def _point(value: Any) -> tuple[BaseGeometry, str]:  # noqa: ANN401
    return shapely.Point(_pairs([value], 1)[0]), "keypoint"


def _mask(value: Any) -> tuple[BaseGeometry, str]:  # noqa: ANN401
    if not isinstance(value, dict) or "png" not in value:
        raise BadGeometryError("its mask stands on a server, which is not asked; export it with the pixels")
    return outline_of_png(value["png"])[0], "polygon"


_GEOMETRIES = {
    "bbox": _box,
    "bounding_box": _box,
    "polygon": _polygon,
    "line": _line_string,
    "point": _point,
    "mask": _mask,
}


__all__ = ["count", "losses", "read", "recognises", "write"]
