"""Label Studio's JSON: tasks with regions in percent of an image.

A rectangle is given by its top left corner before it is turned, clockwise on
the screen, about that corner.  Percent are of the image's width and height,
so that angles are worked out in pixels.  Values of attributes are results of
their own that share the region's id.  What Label Studio has no place for
stands in the ``meta`` of a region and in ``data`` of the task, both of which
it hands on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import FormatError
from napari_geolabel.files import require_file
from napari_geolabel.formats.brush import decode_brush
from napari_geolabel.formats.collecting import Collected, Feature, box_of, finite, points_of
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.images import find_image, shape_of
from napari_geolabel.formats.label_set import Image
from napari_geolabel.formats.labelstudio_write import losses, write
from napari_geolabel.formats.own_members import attributes_of_member, exact_outline, grid_of_member, row_from
from napari_geolabel.formats.texts import read_json
from napari_geolabel.formats.turning import TurnedBox, turn
from napari_geolabel.geo import FloatArray

_MARKS = re.compile(rb'"(?:original_width|from_name|to_name)"\s*:')
_REGION = re.compile(rb'"type"\s{0,8}:\s{0,8}"(?:rectangle|polygon|keypoint|brush|ellipse)labels"')
_CORNERS_OF_ELLIPSE = 64
_VALUES = {
    "choices": "choices",
    "textarea": "text",
    "text": "text",
    "number": "number",
    "rating": "rating",
    "datetime": "datetime",
}
"""Types of results that answer a question, which is the ``from_name``, and where the answer stands."""


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the regions of one task: those of its first annotation that was not cancelled, else of its prediction.

    Parameters
    ----------
    path
        A JSON export, or tasks for an import.
    image
        The image; None where the file has only one, and the regions say how large it is.

    Raises
    ------
    MissingFileError, UnsafeFileError
        If the path is no local file.
    FormatError
        If it is no such JSON, or has no task of the image.
    """
    found = require_file(path)
    tasks = _tasks(read_json(found), found.name)
    index, notes = find_image([_image_name(task) for task in tasks], image, found.name)
    task = tasks[index]
    results, predicted = _results(task)
    shape = _shape(results, image, found.name)
    data = task.get("data")
    own = data.get("geolabel") if isinstance(data, dict) else None
    collected = Collected(name=found.name, scene_attributes=attributes_of_member(own), grid=grid_of_member(own, shape))
    collected.notes += notes
    if predicted:
        collected.notes.append("the regions are a prediction; nobody has annotated the task")
    answers, regions = _sorted_out(results)
    for number, region in enumerate(regions, start=1):
        about = answers.pop(str(region.get("id")), {})
        collected.add(f"region {number}", _feature, region, about, shape, predicted)
    for about in answers.values():  # of no region, so of the whole image
        asked = {_asked(control, "scene"): answer for control, answer in about.items()}
        collected.scene_attributes = asked | collected.scene_attributes
    return collected.columns()


def recognises(head: bytes) -> bool:
    """Return whether a text begins like Label Studio's."""
    return (b'"data"' in head and (b'"annotations"' in head or b'"predictions"' in head)) or bool(_MARKS.search(head))


def count(path: Path) -> int:
    """Return how many regions a file has, as far as its text tells."""
    return count_matches(path, _REGION)


def _tasks(document: Any, name: str) -> list[Mapping[str, Any]]:  # noqa: ANN401  (any JSON)
    """Return the tasks of a file."""
    tasks = [document] if isinstance(document, dict) else document
    if not isinstance(tasks, list) or not tasks or not all(isinstance(task, dict) for task in tasks):
        raise FormatError(f"{name} is no Label Studio JSON: it holds no list of tasks")
    if not any("annotations" in task or "predictions" in task for task in tasks):
        raise FormatError(f"{name} is no Label Studio JSON with regions; export it as JSON, not JSON-MIN")
    return tasks


def _image_name(task: Mapping[str, Any]) -> str:
    """Return what a task calls its image; local files are served by a query ``?d=``."""
    data = task.get("data")
    texts = [value for value in data.values() if isinstance(value, str)] if isinstance(data, dict) else []
    address = next((text for text in texts if "/" in text or "." in text), texts[0] if texts else "")
    upload = task.get("file_upload")
    if not address and isinstance(upload, str):
        return upload
    return address.rpartition("?d=")[2].partition("?")[0]


def _results(task: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], Mapping[str, Any] | None]:
    """Return the results of a task, and the prediction that they are of, None where somebody has made them."""
    for each in _objects(task.get("annotations")):
        if not each.get("was_cancelled"):
            return _objects(each.get("result")), None
    predictions = _objects(task.get("predictions"))
    return (_objects(predictions[0].get("result")), predictions[0]) if predictions else ([], None)


def _objects(values: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _shape(results: Sequence[Mapping[str, Any]], image: Image | None, name: str) -> tuple[int, int]:
    """Return rows and columns of the image, which percent are of."""
    sizes = [(each.get("original_height"), each.get("original_width")) for each in results if "original_width" in each]
    if any(size != sizes[0] for size in sizes):
        raise FormatError(f"{name} has regions of one task on images of several sizes; correct original_width")
    rows, cols = sizes[0] if sizes else (None, None)
    if rows is not None or cols is not None:
        return shape_of(rows, cols, image, name)
    if image is None:
        raise FormatError(f"{name} is in percent of an image whose size it does not say; name the scene")
    return image.shape


def _sorted_out(
    results: Sequence[Mapping[str, Any]],
) -> tuple[dict[str, dict[str, Any]], list[Mapping[str, Any]]]:
    """Return the answers by the region's id, and the regions."""
    answers: dict[str, dict[str, Any]] = defaultdict(dict)
    regions = []
    for each in results:
        value, kind = each.get("value"), str(each.get("type"))
        if not isinstance(value, dict) or kind == "relation":
            continue
        if kind in _VALUES:
            answers[str(each.get("id"))][str(each.get("from_name"))] = _answer(value.get(_VALUES[kind]))
        else:
            regions.append(each)
    return answers, regions


def _answer(value: Any) -> Any:  # noqa: ANN401
    """Return the one choice or text of a list, more of them joined."""
    if isinstance(value, list):
        return ";".join(map(str, value)) if len(value) != 1 else value[0]
    return value


def _feature(
    region: Mapping[str, Any],
    answers: Mapping[str, Any],
    shape: tuple[int, int],
    predicted: Mapping[str, Any] | None,
) -> Feature:
    """Return the geometry and properties of a region."""
    value, kind = region["value"], str(region.get("type"))
    build = _GEOMETRIES.get(kind.removesuffix("labels"))
    if build is None:
        raise BadGeometryError(f"a region of the type {kind[:30]} cannot be held")
    geometry, hint = build(value, shape)
    names = value.get(kind if kind.endswith("labels") else f"{kind}labels")
    word = names[0] if isinstance(names, list) and names and isinstance(names[0], str) else None
    answers = {_asked(key, word): answer for key, answer in answers.items()}
    meta = region.get("meta")
    own = meta.get("geolabel") if isinstance(meta, dict) else None
    if isinstance(own, dict) and "kind" in own:
        attributes = own.get("attributes")
        row = row_from(word, own, attributes if isinstance(attributes, dict) else {})
        return exact_outline(own, geometry, shape), row | {f"attr_{key}": answer for key, answer in answers.items()}
    score = region.get("score", predicted.get("score") if predicted else None)
    return geometry, row_from(word, None, answers) | {"kind": hint, "confidence": score}


def _asked(control: str, word: str | None) -> str:
    """Return what an answer is about; controls of our own configurations name the way there from the class."""
    return control.rpartition(".")[2] if word is not None and control.startswith(f"{word}.") else control


def _pixels(points: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """Return points in percent as pixels."""
    return points * shape[::-1] / 100


def _rectangle(value: Mapping[str, Any], shape: tuple[int, int]) -> tuple[BaseGeometry, str]:
    numbers = finite([value.get(key) for key in ("x", "y", "width", "height")], "rectangle", 4)
    (x, y), (width, height) = _pixels(points_of([numbers[:2], numbers[2:]], 2), shape).tolist()
    straight = box_of(x, y, width, height)
    angle = finite([value.get("rotation", 0) or 0], "rotation", 1)[0]
    if not angle % 360:
        return straight, "box"
    left, top, right, bottom = straight.bounds
    box = TurnedBox(centre=(0, 0), width=right - left, height=bottom - top, angle_deg=angle)
    corner = box.corners[0]
    return shapely.Polygon(box.corners - corner + (left, top)), "rotated_box"


def _polygon(value: Mapping[str, Any], shape: tuple[int, int]) -> tuple[BaseGeometry, str]:
    points = _pixels(points_of(value.get("points"), 3 if value.get("closed", True) else 2), shape)
    if not value.get("closed", True):
        return shapely.LineString(points), "polyline"
    return shapely.Polygon(points), "polygon"


def _keypoint(value: Mapping[str, Any], shape: tuple[int, int]) -> tuple[BaseGeometry, str]:
    return shapely.Point(_pixels(points_of([[value.get("x"), value.get("y")]], 1), shape)[0]), "keypoint"


def _ellipse(value: Mapping[str, Any], shape: tuple[int, int]) -> tuple[BaseGeometry, str]:
    numbers = finite([value.get(key) for key in ("x", "y", "radiusX", "radiusY")], "ellipse", 4)
    (x, y), (rx, ry) = _pixels(points_of([numbers[:2], numbers[2:]], 2), shape).tolist()
    circle = shapely.Point(0, 0).buffer(1, quad_segs=_CORNERS_OF_ELLIPSE // 4)
    points = shapely.get_coordinates(circle)[:-1] * (rx, ry)
    angle = finite([value.get("rotation", 0) or 0], "rotation", 1)[0]
    return shapely.Polygon(turn(points, angle) + np.array([x, y])), "polygon"


def _brush(value: Mapping[str, Any], shape: tuple[int, int]) -> tuple[BaseGeometry, str]:
    if value.get("format") != "rle":
        raise BadGeometryError("its brush is not run-length encoded")
    return decode_brush(value.get("rle"), shape), "polygon"


_GEOMETRIES = {
    "rectangle": _rectangle,
    "polygon": _polygon,
    "keypoint": _keypoint,
    "ellipse": _ellipse,
    "brush": _brush,
}


__all__ = ["count", "losses", "read", "recognises", "write"]
