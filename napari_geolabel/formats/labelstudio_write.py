"""Annotations to Label Studio's JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats import losing
from napari_geolabel.formats.brush import encode_brush
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.own_members import dumps, image_member, own_member
from napari_geolabel.formats.rings import has_holes
from napari_geolabel.formats.schema import rows_of
from napari_geolabel.formats.texts import write_pieces
from napari_geolabel.formats.turning import refit_losses, turned_box_of
from napari_geolabel.ontology import Attribute, Kind, Ontology
from napari_geolabel.ontology.exchange.label_studio import CONTROLS, control_name

_KINDS = (Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON, Kind.KEYPOINT)
_OWN_LINE = re.compile(rb'\n\{"id":"[^"]{0,30}","type":"')
_ANSWERS: Mapping[str, tuple[str, str]] = {
    "radio": ("choices", "choices"),
    "checklist": ("choices", "choices"),
    "boolean": ("choices", "choices"),
    "text": ("textarea", "text"),
    "number": ("number", "number"),
    "date": ("datetime", "datetime"),
}
"""Type of an attribute to the type of a result, and to where in it the answer stands."""
_CONTROLS: Mapping[str, str] = {
    "rectangle": CONTROLS[Kind.BOX][1],
    "polygon": CONTROLS[Kind.POLYGON][1],
    "keypoint": CONTROLS[Kind.KEYPOINT][1],
    "brush": CONTROLS[Kind.MASK][1],
}
"""Type of region to the name of its control in the configuration that an ontology is exported as."""


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as one task of Label Studio with one annotation.

    Rejected annotations and lines are left out.  Polygons with holes become
    brush strokes, and each part of a polygon is a region of its own.

    Raises
    ------
    FormatError
        If a value cannot stand in JSON.
    WriteError
        If the file cannot be written.
    """
    drawn = losing.holdable(labels, *_KINDS)
    results: list[dict[str, Any]] = []
    regions = 0
    for number, (annotation, row) in enumerate(
        zip(drawn, rows_of(drawn, labels.ontology, labels.grid), strict=True), start=1
    ):
        found = list(_results(annotation, row, number, labels))
        regions += sum("meta" in each for each in found)
        results += found
    data = {"image": labels.image_name or f"{labels.stem}.tif", "geolabel": image_member(labels)}
    pieces = [b'[{"data":' + dumps(data) + b',"annotations":[{"result":[']
    pieces += [(b"," if index else b"") + b"\n" + dumps(each) for index, each in enumerate(results)]
    pieces.append(b"\n]}]}]\n")
    write_pieces(path, pieces, wanted=regions, counter=_count_own)


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what a Label Studio file will not hold."""
    drawn = labels.accepted(*_KINDS)
    yield from losing.left_out(labels, "Label Studio", *_KINDS)
    yield from losing.pixels_for_holes(drawn, "brush strokes")
    yield from losing.split(drawn)
    yield from refit_losses(drawn)
    yield from losing.without_pixels(labels, *_KINDS)


def _count_own(path: Path) -> int:
    """Return how many regions a file of ours has; results that answer questions have types of their own."""
    answers = re.compile(rb'\n\{"id":"[^"]{0,30}","type":"(?:choices|textarea|number|datetime)"')
    return count_matches(path, _OWN_LINE) - count_matches(path, answers)


def _results(annotation: Annotation, row: Mapping[str, Any], number: int, labels: LabelSet) -> Iterator[dict[str, Any]]:
    """Yield the regions of an annotation, each followed by the answers about it."""
    shape = labels.grid.shape
    regions = list(_regions(annotation, shape))
    own = own_member(row, len(regions), annotation.geometry)
    asked = _asked(labels.ontology, annotation.class_id, row["attributes"])
    rest = {key: value for key, value in row["attributes"].items() if key not in asked}
    for part, (kind, value) in enumerate(regions):
        about = {"to_name": "image", "image_rotation": 0, "original_width": shape[1], "original_height": shape[0]}
        region_id = f"r{number}_{part}"
        yield {
            "id": region_id,
            "type": f"{kind}labels",
            "from_name": _CONTROLS[kind],
            **about,
            "value": {**value, f"{kind}labels": [annotation.class_id]},
            "meta": {"geolabel": own | {"attributes": rest}},
        }
        for key in row["attributes"].keys() - rest.keys():
            attribute, control = asked[key]
            answered, place = _ANSWERS[attribute.type]
            held = {place: _answer(place, row["attributes"][key])}
            yield {"id": region_id, "type": answered, "from_name": control, **about, "value": {**value, **held}}


def _asked(ontology: Ontology, class_id: str, answers: Mapping[str, Any]) -> dict[str, tuple[Attribute, str]]:
    """Return the attributes of a class by id, with the control that asks each: under the option that was chosen."""
    found: dict[str, tuple[Attribute, str]] = {}
    ways = _ways(ontology[class_id].attributes, answers)
    for _, path, attribute in sorted(ways, key=lambda way: not way[0]):
        found.setdefault(attribute.id, (attribute, control_name(class_id, path)))
    return found


def _ways(
    attributes: Sequence[Attribute], answers: Mapping[str, Any], above: tuple[str, ...] = (), asked: bool = True
) -> Iterator[tuple[bool, tuple[str, ...], Attribute]]:
    """Yield attributes with the ids on the way to them, and whether all options on it were chosen."""
    for attribute in attributes:
        path = (*above, attribute.id)
        yield asked, path, attribute
        for option in attribute.options:
            is_chosen = option.id in _listed(answers.get(attribute.id))
            yield from _ways(option.attributes, answers, (*path, option.id), asked and is_chosen)


def _answer(place: str, value: Any) -> Any:  # noqa: ANN401  (an attribute value)
    """Return a value as a result of some type has it."""
    if place == "choices":
        return [str(each).lower() if isinstance(each, bool) else each for each in _listed(value)]
    return _listed(value) if place == "text" else value


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    return list(value) if isinstance(value, list | tuple) else [value]


def _regions(annotation: Annotation, shape: tuple[int, int]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield type and value of each region that an annotation becomes, in percent of the image."""
    percent = np.array([100 / shape[1], 100 / shape[0]])
    geometry = annotation.geometry
    if annotation.kind in (Kind.BOX, Kind.ROTATED_BOX):
        yield "rectangle", _rectangle(annotation, percent)
    elif annotation.kind is Kind.KEYPOINT:
        x, y = (shapely.get_coordinates(geometry)[0] * percent).tolist()
        yield "keypoint", {"x": x, "y": y, "width": 0.5}
    elif has_holes(geometry):
        yield "brush", {"format": "rle", "rle": encode_brush(geometry, shape)}
    else:
        for part in shapely.get_parts(geometry):
            yield "polygon", {"points": _ring(part) * percent, "closed": True}


def _ring(part: BaseGeometry) -> Any:  # noqa: ANN401  (points, shape (n, 2))
    return shapely.get_coordinates(part)[:-1]


def _rectangle(annotation: Annotation, percent: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a box by its first corner, which it is turned about."""
    box = turned_box_of(annotation)
    x, y = (box.corners[0] * percent).tolist()
    width, height = (np.array([box.width, box.height]) * percent).tolist()
    return {"x": x, "y": y, "width": width, "height": height, "rotation": box.angle_deg}
