"""Encord's ontology structure: objects of one shape each, classifications of the whole image, nested radios.

Every object, attribute and option has a ``featureNodeHash`` of eight
characters that labels refer to.  It is kept as ``external_id``; what never
was in Encord gets one made of its path, so that labels exported later fit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology.exchange.building import (
    LooseAttribute,
    LooseClass,
    LooseOption,
    build_attributes,
    build_ontology,
)
from napari_geolabel.ontology.exchange.losses import attributes_of
from napari_geolabel.ontology.exchange.members import members, texts_of
from napari_geolabel.ontology.fields import AttributeType
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Attribute, LabelClass, Ontology, Option

SHAPES: Mapping[Kind, str] = {
    Kind.BOX: "bounding_box",
    Kind.ROTATED_BOX: "rotatable_bounding_box",
    Kind.POLYGON: "polygon",
    Kind.POLYLINE: "polyline",
    Kind.KEYPOINT: "point",
    Kind.MASK: "bitmask",
}
"""The shape of an object for each kind of annotation."""
HOLDS = frozenset(
    {
        "names",
        "colors",
        "attributes",
        "scene_attributes",
        "option_ids",
        "required",
        "archived",
        "archived_attributes",
        "archived_options",
    }
)
_KINDS = {shape: kind for kind, shape in SHAPES.items()} | {"segmentation": Kind.MASK}
_LIKE = {"circle": Kind.POLYGON, "ellipse": Kind.POLYGON, "skeleton": Kind.KEYPOINT, "cuboid_2d": Kind.POLYGON}
_TYPES: Mapping[str, AttributeType] = {"radio": "radio", "checklist": "checklist", "text": "text", "numeric": "number"}
_WRITTEN_TYPES: Mapping[str, str] = {
    "radio": "radio",
    "checklist": "checklist",
    "number": "numeric",
    "boolean": "radio",
}
YES_NO = (("yes", "Yes"), ("no", "No"))
"""Ids and names of the options that stand for true and false."""


def recognises(content: object) -> bool:
    """Return whether a JSON value is an ontology structure."""
    if not isinstance(content, dict) or not isinstance(content.get("objects"), list):
        return False
    parts = [*content["objects"], *members(content.get("classifications"))]
    return "classifications" in content and all(isinstance(p, dict) and "featureNodeHash" in p for p in parts)


def read(content: Mapping[str, Any], name: str, notes: list[str]) -> Ontology:
    """Return the ontology of a structure; objects of one name and the same attributes become one class."""
    skeletons = _skeletons(content)
    loose: dict[tuple[str, str], LooseClass] = {}
    for each in members(content.get("objects")):
        shape, title = str(each.get("shape")), str(each.get("name", ""))
        kind = _KINDS.get(shape) or _LIKE.get(shape)
        if kind is None:
            notes.append(f"the object {title[:60]!r} is left out: there is no {shape[:40]} here")
            continue
        if shape in _LIKE:
            notes.append(f"the object {title[:60]!r} is drawn as {kind}, since there is no {shape} here")
        asked = [_attribute(attribute) for attribute in members(each.get("attributes"))]
        key = (title, repr(_without_hashes(each.get("attributes"))))
        if key in loose:
            loose[key].kinds = (*loose[key].kinds, kind)
            continue
        loose[key] = LooseClass(
            name=title,
            kinds=(kind,),
            color=each.get("color"),
            attributes=build_attributes(asked),
            keypoints=skeletons.get(str(each.get("featureNodeHash")), ()),
            archived=each.get("archived") is True,
            external_id=each.get("featureNodeHash"),
        )
    roots = [root for each in members(content.get("classifications")) for root in members(each.get("attributes"))[:1]]
    return build_ontology(
        list(loose.values()),
        name=name,
        scene_attributes=[_attribute(r) for r in roots],
        ontology_name=content.get("title"),
    )


def write(ontology: Ontology) -> str:
    """Return an ontology structure as JSON."""
    return json.dumps(structure_of(ontology), ensure_ascii=False, indent=2) + "\n"


def structure_of(ontology: Ontology) -> dict[str, Any]:
    """Return the structure of an ontology: a class of several kinds becomes an object for each."""
    drawn = [(label_class, kind) for label_class in ontology.classes for kind in label_class.kinds]
    objects = [_object(number, *each, ontology) for number, each in enumerate(drawn, start=1)]
    asked = enumerate(ontology.scene_attributes, start=1)
    return {
        "objects": objects,
        "classifications": [_classification(number, attribute, ontology) for number, attribute in asked],
        "skeleton_templates": [],
    }


def converted(ontology: Ontology) -> Iterator[str]:
    """Yield what stands in another way in Encord."""
    several = sum(len(c.kinds) > 1 for c in ontology.classes)
    types = [attribute.type for attribute in attributes_of(ontology)]
    if several:
        yield f"{several} of the classes have several kinds and become an object for each"
    if types.count("boolean"):
        yield f"{types.count('boolean')} yes-or-no attributes become a choice of Yes and No"
    if types.count("date"):
        yield f"{types.count('date')} dates become text"


def feature_hash(ontology: Ontology, *path: str) -> str:
    """Return the eight characters by which Encord knows a part of an ontology that never was there.

    Parameters
    ----------
    ontology
        Its id counts, not its version: labels must fit after an edit.
    *path
        Ids from the class down, with the kind after the class: ``"ship", "box", "category", "merchant"``.
    """
    return hashlib.sha256("/".join((ontology.id, *path)).encode()).hexdigest()[:8]


def object_hash(ontology: Ontology, label_class: LabelClass, kind: Kind) -> str:
    """Return the ``featureNodeHash`` of the object that stands for a class and one of its kinds."""
    known = label_class.external_id if kind is label_class.kinds[0] else None
    return known or feature_hash(ontology, label_class.id, kind)


def node_hash(ontology: Ontology, node: Attribute | Option, path: Sequence[str], *, is_first: bool) -> str:
    """Return the ``featureNodeHash`` of an attribute or option at a path; see `feature_hash`.

    ``is_first`` tells whether it belongs to the first kind of its class, which keeps what Encord called it.
    """
    return (node.external_id if is_first else None) or feature_hash(ontology, *path)


def _object(number: int, label_class: LabelClass, kind: Kind, ontology: Ontology) -> dict[str, Any]:
    first = kind is label_class.kinds[0]
    made: dict[str, Any] = {
        "id": str(number),
        "name": label_class.name,
        "color": label_class.color.upper(),
        "shape": SHAPES[kind],
        "featureNodeHash": object_hash(ontology, label_class, kind),
        "required": False,
        "archived": label_class.archived,
    }
    path = (label_class.id, str(kind))
    asked = enumerate(label_class.attributes, start=1)
    attributes = [_written(f"{number}.{n}", a, (*path, a.id), ontology, is_first=first) for n, a in asked]
    return made | ({"attributes": attributes} if attributes else {})


def _classification(number: int, attribute: Attribute, ontology: Ontology) -> dict[str, Any]:
    path = ("scene", attribute.id)
    root = _written(f"{number}.1", attribute, path, ontology, is_first=True)
    return {
        "id": str(number),
        "featureNodeHash": feature_hash(ontology, "scene", attribute.id, "root"),
        "attributes": [root],
    }


def _written(
    number: str, attribute: Attribute, path: tuple[str, ...], ontology: Ontology, *, is_first: bool
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": number,
        "name": attribute.name,
        "type": _WRITTEN_TYPES.get(attribute.type, "text"),
        "featureNodeHash": node_hash(ontology, attribute, path, is_first=is_first),
        "required": attribute.required,
        "archived": attribute.archived,
        "dynamic": False,
    }
    options = attribute.options or (
        tuple(Option(id=i, name=name) for i, name in YES_NO) if attribute.type == "boolean" else ()
    )
    if options:
        pairs = enumerate(options, start=1)
        made["options"] = [_option(f"{number}.{n}", o, (*path, o.id), ontology, is_first=is_first) for n, o in pairs]
    return made


def _option(
    number: str, option: Option, path: tuple[str, ...], ontology: Ontology, *, is_first: bool
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": number,
        "label": option.name,
        "value": option.id,
        "featureNodeHash": node_hash(ontology, option, path, is_first=is_first),
        "archived": option.archived,
    }
    asked = enumerate(option.attributes, start=1)
    nested = [_written(f"{number}.{n}", a, (*path, a.id), ontology, is_first=is_first) for n, a in asked]
    return made | ({"options": nested} if nested else {})


def _attribute(raw: Mapping[str, Any], depth: int = 0) -> LooseAttribute:
    """Return an attribute; nested ones stand under the key ``options`` of a radio's options."""
    kind = _TYPES.get(str(raw.get("type")))
    if kind is None or depth > 32:
        raise OntologyError(f"the attribute {str(raw.get('name'))[:60]!r} is of an unknown type or nested too deeply")
    options = [
        LooseOption(
            name=option.get("label", option.get("value")),
            option_id=option.get("value"),
            attributes=[_attribute(each, depth + 1) for each in members(option.get("options"))],
            archived=option.get("archived") is True,
            external_id=option.get("featureNodeHash"),
        )
        for option in members(raw.get("options"))
    ]
    if kind in {"radio", "checklist"} and not options:
        kind = "text"  # Encord lets one be saved before it has answers
    return LooseAttribute(
        name=raw.get("name"),
        type=kind,
        required=raw.get("required") is True,
        options=options if kind in {"radio", "checklist"} else (),
        archived=raw.get("archived") is True,
        external_id=raw.get("featureNodeHash"),
    )


def _skeletons(content: Mapping[str, Any]) -> dict[Any, list[str]]:
    """Return the names of the points of each skeleton by the hash of its object."""
    found: dict[Any, list[str]] = {}
    for each in members(content.get("skeleton_templates")):
        inner = each.get("template")
        template = inner if isinstance(inner, dict) else each
        points = template.get("skeleton")
        owner = template.get("feature_node_hash", template.get("featureNodeHash"))
        if isinstance(points, dict) and isinstance(owner, str):
            found[owner] = texts_of(members(list(points.values())), "name")
    return found


def _without_hashes(value: Any) -> Any:  # noqa: ANN401  (any JSON)
    """Return a JSON value without the ids that differ between copies of the same attributes."""
    if isinstance(value, list):
        return [_without_hashes(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_hashes(item) for key, item in value.items() if key not in {"id", "featureNodeHash"}}
    return value
