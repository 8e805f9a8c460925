"""Skeletons in COCO: of a group of named points one annotation with ``keypoints``, and of that the points again.

A class with ``keypoints`` in the ontology is such a category.  A group of
keypoints of these classes is one instance of it; a thing of the class in the
group, such as its box, gets the keypoints.  ``v`` of a point is 0 where it is
missing, 1 where its class answers ``occluded`` with yes, else 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import uuid4

import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.formats.own_members import OWN_COLUMNS, own_member
from napari_geolabel.ontology import Kind, LabelClass, Ontology

OCCLUDED = "occluded"
"""The yes-or-no attribute of a keypoint's class that says that it is hidden, and where it would be is known."""
POINTS = "points"
"""Member of our own with what COCO cannot say of the points of an instance."""
_MISSING, _HIDDEN, _SEEN = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One thing and its named points."""

    label_class: LabelClass
    """The class that names the points."""
    points: Mapping[str, Annotation]
    """Class of a point to the point."""
    thing: Annotation | None = None
    """The annotation of the thing itself, where the group has one."""

    @property
    def members(self) -> dict[str, Any]:
        """What COCO says of the points: ``keypoints`` and ``num_keypoints``."""
        triples = [_triple(self.points.get(name)) for name in self.label_class.keypoints]
        return {"keypoints": [n for triple in triples for n in triple], "num_keypoints": len(self.points)}

    @property
    def bbox(self) -> list[float]:
        """The box around the points: x, y, width, height."""
        x0, y0, x1, y1 = shapely.total_bounds([each.geometry for each in self.points.values()]).tolist()
        return [x0, y0, x1 - x0, y1 - y0]

    def own(self, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Return what only we read back of the points, by their ids' rows."""
        named = {
            name: {**own_member(rows[point.id]), "attributes": rows[point.id]["attributes"]}
            for name, point in self.points.items()
        }
        return {"group_id": next(iter(self.points.values())).group, POINTS: named}


def instances(annotations: Sequence[Annotation], ontology: Ontology) -> list[Instance]:
    """Return the groups that are skeletons, in the order of their first points."""
    groups: dict[str, list[Annotation]] = {}
    for annotation in annotations:
        if annotation.group is not None:
            groups.setdefault(annotation.group, []).append(annotation)
    found = (_instance(members, ontology) for members in groups.values())
    return [each for each in found if each is not None]


def category_members(label_class: LabelClass) -> dict[str, Any]:
    """Return the points and lines of a class as COCO has them, lines by numbers from 1."""
    names = label_class.keypoints
    joined = label_class.skeleton or tuple(pairwise(names))
    return {
        "keypoints": list(names),
        "skeleton": [[names.index(start) + 1, names.index(end) + 1] for start, end in joined],
    }


def point_names(category: Mapping[str, Any]) -> list[str]:
    """Return the names of the points of a category of any program, none where it has not several."""
    names = category.get("keypoints")
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        return []
    return names if len(set(names)) == len(names) > 1 else []


def point_rows(annotation: Mapping[str, Any], names: Sequence[str]) -> list[tuple[BaseGeometry, dict[str, Any]]]:
    """Return the labelled points of an annotation, each with its properties, all in one group.

    Parameters
    ----------
    annotation
        Of any program; its ``keypoints`` are triples of numbers.
    names
        The names of the points, one for each triple.
    """
    own = annotation.get("geolabel")
    own = own if isinstance(own, dict) else {}
    ours = own.get(POINTS)
    told: dict[str, Any] = ours if isinstance(ours, dict) else {}
    given = own.get("group_id")
    group = given if isinstance(given, str) and given else str(uuid4())
    values = annotation["keypoints"]
    found: list[tuple[BaseGeometry, dict[str, Any]]] = []
    for place, name in enumerate(names):
        x, y, seen = (float(value) for value in values[3 * place : 3 * place + 3])
        if seen > _MISSING:
            found.append((shapely.Point(x, y), _row(name, told.get(name), group, is_hidden=seen == _HIDDEN)))
    return found


def _row(name: str, told: Any, group: str, *, is_hidden: bool) -> dict[str, Any]:  # noqa: ANN401  (any JSON)
    """Return the properties of a point, ours or another program's."""
    row: dict[str, Any] = {"class_id": name, "kind": str(Kind.KEYPOINT)}
    if isinstance(told, dict):
        given = told.get("attributes")
        attributes = dict(given) if isinstance(given, dict) else {}
        row |= {key: told[key] for key in OWN_COLUMNS if key in told}
    else:
        attributes = {}
        row |= {"source": "imported"}
    if is_hidden:
        attributes[OCCLUDED] = True
    elif attributes.get(OCCLUDED) is True:  # another program has found it
        attributes[OCCLUDED] = False
    return {**row, "group_id": group, "attributes": attributes}


def _triple(point: Annotation | None) -> list[float]:
    if point is None:
        return [0.0, 0.0, _MISSING]
    x, y = shapely.get_coordinates(point.geometry)[0].tolist()
    return [x, y, _HIDDEN if point.attributes.get(OCCLUDED) is True else _SEEN]


def _instance(members: Sequence[Annotation], ontology: Ontology) -> Instance | None:
    """Return a group as a skeleton, None where it is none."""
    points = {each.class_id: each for each in members if each.kind is Kind.KEYPOINT}
    others = [each for each in members if each.kind is not Kind.KEYPOINT]
    if not points or len(points) + len(others) < len(members):  # two of one name are no skeleton
        return None
    fitting = [c for c in ontology.classes if len(c.keypoints) > 1 and points.keys() <= set(c.keypoints)]
    counts = Counter(each.class_id for each in others)
    owners = [c for c in fitting if counts[c.id] == 1]
    if not fitting:
        return None
    label_class = (owners or fitting)[0]
    thing = next((each for each in others if owners and each.class_id == label_class.id), None)
    return Instance(label_class=label_class, points=points, thing=thing)
