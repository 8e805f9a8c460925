"""The categories of COCO files: name, supercategory, keypoints with the lines between them, and often a colour.

Panoptic files tell things from stuff (``isthing``): stuff is painted, things
have outlines.  Names are written as our labels in COCO have them: the class id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from napari_geolabel.ontology.colors import rgb_of
from napari_geolabel.ontology.exchange.building import LooseClass, build_ontology
from napari_geolabel.ontology.exchange.members import members
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass, Ontology

HOLDS = frozenset({"ids", "colors", "parent", "keypoints", "skeleton"})
_THING = (Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON)
_STUFF = (Kind.POLYGON, Kind.MASK)


def recognises(content: object) -> bool:
    """Return whether a JSON value has COCO categories, or is a list of them."""
    found = content.get("categories") if isinstance(content, dict) else content
    return (
        isinstance(found, list)
        and bool(found)
        and all(isinstance(each, dict) and "id" in each and "name" in each for each in found)
        and not any("type" in each or "attributes" in each for each in found)  # CVAT has these
    )


def read(content: Mapping[str, Any] | Sequence[Any], name: str, notes: list[str]) -> Ontology:
    """Return the ontology of categories; their ids become mask values where those allow."""
    found = members(content["categories"] if isinstance(content, Mapping) else content)
    if any(each.get("id") == 0 for each in found):
        notes.append("the category of id 0 gets another mask value, since 0 is no label")
    loose = [_loose(each) for each in found]
    return build_ontology(loose, name=name)


def write(ontology: Ontology) -> str:
    """Return a COCO file of categories alone."""
    drawn = [label_class for label_class in ontology.classes if label_class.kinds and not label_class.archived]
    made = [_category(number, label_class) for number, label_class in enumerate(drawn, start=1)]
    info = {"description": ontology.name, "version": ontology.version}
    document = {"info": info, "images": [], "annotations": [], "categories": made}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def converted(ontology: Ontology) -> Iterator[str]:
    """Yield what stands in another way in COCO."""
    lines = sum(c.kinds == (Kind.POLYLINE,) for c in ontology.classes)
    headings = {c.parent for c in ontology.classes if c.parent} - {c.id for c in ontology.classes if c.kinds}
    if lines:
        yield f"{lines} of the classes are lines, which COCO has none of"
    if headings:
        yield f"{len(headings)} headings are kept as names only"
    yield "kinds are told only as far as things, stuff and keypoints go"


def _loose(each: Mapping[str, Any]) -> LooseClass:
    is_stuff = each.get("isthing") in (0, False)
    points = each.get("keypoints") if isinstance(each.get("keypoints"), list) else []
    number = each.get("id")
    return LooseClass(
        name=each.get("name"),
        kinds=(*(_STUFF if is_stuff else _THING), *((Kind.KEYPOINT,) if points else ())),
        color=each.get("color"),
        mask_value=number if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 65_536 else None,
        parent=each.get("supercategory"),
        keypoints=points or [],
        skeleton=_lines(each.get("skeleton"), len(points)) if points else (),
    )


def _lines(given: object, count: int) -> list[tuple[int, int]]:
    """Return the lines between some keypoints by their places from 0; COCO counts from 1."""
    pairs = given if isinstance(given, list) else []
    found = [(p[0] - 1, p[1] - 1) for p in pairs if isinstance(p, list) and len(p) == 2 and _are_places(p, count)]
    return [(start, end) for start, end in found if start != end]


def _are_places(pair: Sequence[object], count: int) -> bool:
    return all(isinstance(place, int) and not isinstance(place, bool) and 0 < place <= count for place in pair)


def _category(number: int, label_class: LabelClass) -> dict[str, Any]:
    is_stuff = Kind.MASK in label_class.kinds and not {Kind.BOX, Kind.ROTATED_BOX} & set(label_class.kinds)
    made: dict[str, Any] = {
        "id": number,
        "name": label_class.id,
        "supercategory": label_class.parent or "",
        "isthing": 0 if is_stuff else 1,
        "color": list(rgb_of(label_class.color)),
    }
    if label_class.keypoints:
        place = {name: number for number, name in enumerate(label_class.keypoints, start=1)}
        lines = [[place[start], place[end]] for start, end in label_class.skeleton]
        made |= {"keypoints": list(label_class.keypoints), "skeleton": lines}
    return made
