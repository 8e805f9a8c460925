"""CVAT's labels: the JSON of its Raw tab, and the head of its annotation files (XML).

A label has one type, or ``any``; attributes stand side by side, so that
what is asked under an option is asked always, under a name that tells the
way to it.  A label of type ``tag`` speaks of the whole image.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from napari_geolabel.ontology.exchange.building import (
    LooseAttribute,
    LooseClass,
    LooseOption,
    build_attributes,
    build_ontology,
    shown,
)
from napari_geolabel.ontology.exchange.losses import attributes_of
from napari_geolabel.ontology.exchange.members import members, texts_of
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Attribute, LabelClass, Ontology

HOLDS = frozenset({"names", "colors", "attributes", "scene_attributes", "limits", "default"})
SCENE = "Scene"
"""Name of the tag that stands for the whole scene."""
_TYPES: Mapping[str, tuple[Kind, ...]] = {
    "any": tuple(Kind),
    "rectangle": (Kind.BOX, Kind.ROTATED_BOX),
    "polygon": (Kind.POLYGON,),
    "polyline": (Kind.POLYLINE,),
    "points": (Kind.KEYPOINT,),
    "mask": (Kind.MASK,),
    "ellipse": (Kind.POLYGON,),
    "cuboid": (Kind.POLYGON,),
    "skeleton": (Kind.KEYPOINT,),
}
_WORDS = {
    Kind.BOX: "rectangle",
    Kind.ROTATED_BOX: "rectangle",
    Kind.POLYGON: "polygon",
    Kind.POLYLINE: "polyline",
    Kind.KEYPOINT: "points",
    Kind.MASK: "mask",
}
_CHOICES = {"select", "radio"}
_BOOLEANS = {"true", "false"}
_PATH_SIGN = " / "
"""Stands between the names of an attribute, of its option and of what is asked under that."""


def recognises(content: object) -> bool:
    """Return whether a JSON value is a list of CVAT's labels."""
    return (
        isinstance(content, list)
        and bool(content)
        and all(isinstance(each, dict) and isinstance(each.get("name"), str) for each in content)
        and any("attributes" in each or "type" in each for each in content)
    )


def read(content: Sequence[Any], name: str, notes: list[str]) -> Ontology:
    """Return the ontology of labels."""
    classes: list[LooseClass] = []
    scene: list[LooseAttribute] = []
    for each in members(content):
        word = str(each.get("type", "any"))
        if word not in {*_TYPES, "tag"}:
            notes.append(f"the label {each.get('name')!r} may be drawn in any way: there is no {word[:40]} here")
        if word in {"ellipse", "cuboid", "skeleton"}:
            notes.append(f"the label {each.get('name')!r} is no {word} here, of which there are none")
        asked = [_attribute(attribute, notes) for attribute in members(each.get("attributes"))]
        if word == "tag":
            scene += asked or [LooseAttribute(name=each.get("name"), type="boolean")]
            continue
        points = texts_of(members(each.get("sublabels")), "name")
        classes.append(
            LooseClass(
                name=each.get("name"),
                kinds=_TYPES.get(word, tuple(Kind)),
                color=each.get("color"),
                attributes=build_attributes(asked),
                keypoints=points,
            )
        )
    return build_ontology(classes, name=name, scene_attributes=scene)


def write(ontology: Ontology) -> str:
    """Return the labels as JSON."""
    return json.dumps(labels_of(ontology), ensure_ascii=False, indent=2) + "\n"


def labels_of(ontology: Ontology) -> list[dict[str, Any]]:
    """Return the labels of an ontology as CVAT's constructor takes them."""
    drawn = [label_class for label_class in ontology.classes if label_class.kinds and not label_class.archived]
    labels = [
        {
            "name": label_class.name,
            "color": label_class.color,
            "type": type_of(label_class),
            "attributes": flat_attributes(label_class.attributes),
        }
        for label_class in drawn
    ]
    asked = flat_attributes(ontology.scene_attributes)
    return [*labels, {"name": SCENE, "color": "#808080", "type": "tag", "attributes": asked}] if asked else labels


def type_of(label_class: LabelClass) -> str:
    """Return the type of a class's label: that of its kinds, or any."""
    words = {_WORDS[kind] for kind in label_class.kinds}
    return words.pop() if len(words) == 1 else "any"


def flat_attributes(attributes: Iterable[Attribute], prefix: str = "") -> list[dict[str, Any]]:
    """Return attributes side by side, those under options by the names on the way to them."""
    made: list[dict[str, Any]] = []
    for attribute in attributes:
        if attribute.archived:
            continue
        made += _written(attribute, f"{prefix}{attribute.name}")
        for option in attribute.options:
            made += flat_attributes(option.attributes, _PATH_SIGN.join([f"{prefix}{attribute.name}", option.name, ""]))
    return made


def converted(ontology: Ontology) -> Iterator[str]:
    """Yield what stands in another way in CVAT."""
    found = attributes_of(ontology)
    several = sum(type_of(c) == "any" for c in ontology.classes if c.kinds)
    nested = sum(bool(o.attributes) for a in found for o in a.options)
    if several:
        yield f"{several} of the classes have several kinds and may be drawn in any way there"
    if nested:
        yield f"what is asked under {nested} options is asked always"
    for kind, way in (("checklist", "become a tick box for each option"), ("date", "become text")):
        count = sum(attribute.type == kind for attribute in found)
        if count:
            yield f"{count} {kind}s {way}"
    unlimited = sum(a.type == "number" and (a.minimum is None or a.maximum is None) for a in found)
    if unlimited:
        yield f"{unlimited} numbers without both limits become text, since CVAT needs them"


class OfXml:
    """The head of CVAT's annotation files."""

    HOLDS = HOLDS
    converted = staticmethod(converted)

    @staticmethod
    def recognises(root: Element) -> bool:
        """Return whether XML is a file of CVAT's annotations."""
        return root.tag == "annotations" and bool(_labels(root))

    @staticmethod
    def read(root: Element, name: str, notes: list[str]) -> Ontology:
        """Return the ontology of the labels in a file's head."""
        return read([_of_element(label) for label in _labels(root)], name, notes)

    @staticmethod
    def write(ontology: Ontology) -> str:
        """Return a file of annotations with a head and no image."""
        from xml.etree import ElementTree as ET

        root = ET.Element("annotations")
        ET.SubElement(root, "version").text = "1.1"
        labels = ET.SubElement(ET.SubElement(ET.SubElement(root, "meta"), "task"), "labels")
        for each in labels_of(ontology):
            _add_element(labels, each)
        ET.indent(root)
        return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _written(attribute: Attribute, name: str) -> list[dict[str, Any]]:
    """Return an attribute as CVAT has it; a checklist as a tick box for each option."""
    if attribute.type == "checklist":
        ticked = attribute.default or ()
        pairs = ((f"{name}: {option.name}", option.id in ticked) for option in attribute.options)
        return [_field(each, "checkbox", _word(default), ["false", "true"]) for each, default in pairs]
    if attribute.type == "radio":
        values = [option.name for option in attribute.options]
        chosen = [option.name for option in attribute.options if option.id == attribute.default]
        return [_field(name, "select", (chosen or values)[0], values)]
    if attribute.type == "boolean":
        return [_field(name, "checkbox", _word(attribute.default is True), ["false", "true"])]
    if attribute.type == "number" and attribute.minimum is not None and attribute.maximum is not None:
        limits = [attribute.minimum, attribute.maximum]
        start = attribute.minimum if attribute.default is None else attribute.default
        return [_field(name, "number", str(start), [*map(str, limits), "0.01"])]
    return [_field(name, "text", "" if attribute.default is None else str(attribute.default), [""])]


def _field(name: str, input_type: str, default: str, values: list[str]) -> dict[str, Any]:
    return {"name": name, "mutable": False, "input_type": input_type, "default_value": default, "values": values}


def _word(value: bool) -> str:
    return "true" if value else "false"


def _attribute(raw: Mapping[str, Any], notes: list[str]) -> LooseAttribute:
    kind, name = str(raw.get("input_type", "text")), raw.get("name")
    listed = raw.get("values")
    values = [str(v) for v in listed if isinstance(v, str | int | float)] if isinstance(listed, list) else []
    if kind == "number":
        return LooseAttribute(name=name, type="number", more=_limits(values))
    if kind == "checkbox" or (kind in _CHOICES and values and {v.lower() for v in values} <= _BOOLEANS):
        return LooseAttribute(name=name, type="boolean")
    if kind in _CHOICES and values:
        options = [LooseOption(name=value) for value in dict.fromkeys(shown(v) for v in values)]
        return LooseAttribute(name=name, type="radio", options=options)
    if kind not in {"text", *_CHOICES}:
        notes.append(f"the attribute {str(name)[:60]!r} is read as text: there is no {kind[:40]} here")
    return LooseAttribute(name=name, type="text")


def _limits(values: Sequence[str]) -> dict[str, float]:
    """Return least and greatest of ``min, max, step``, where they are that."""
    try:
        low, high = float(values[0]), float(values[1])
    except (ValueError, IndexError):
        return {}
    return {"minimum": low, "maximum": high} if low <= high < float("inf") and low > float("-inf") else {}


def _labels(root: Element) -> list[Element]:
    return root.findall("meta/*/labels/label") or root.findall("meta/labels/label")


def _of_element(label: Element) -> dict[str, Any]:
    """Return a label of XML as JSON has it; older files part values by spaces, newer ones by line ends."""
    attributes = [
        {
            "name": each.findtext("name") or "",
            "input_type": each.findtext("input_type") or "text",
            "values": _values(each.findtext("values") or ""),
        }
        for each in label.findall("attributes/attribute")
    ]
    plain = {"name": label.findtext("name") or "", "attributes": attributes, "color": label.findtext("color")}
    return plain | {"type": label.findtext("type") or "any"}


def _values(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines if len(lines) > 1 else text.split()


def _add_element(labels: Element, label: Mapping[str, Any]) -> None:
    from xml.etree import ElementTree as ET

    made = ET.SubElement(labels, "label")
    for key in ("name", "color", "type"):
        ET.SubElement(made, key).text = str(label[key])
    attributes = ET.SubElement(made, "attributes")
    for each in label["attributes"]:
        attribute = ET.SubElement(attributes, "attribute")
        ET.SubElement(attribute, "name").text = each["name"]
        ET.SubElement(attribute, "mutable").text = "False"
        ET.SubElement(attribute, "input_type").text = each["input_type"]
        ET.SubElement(attribute, "default_value").text = each["default_value"]
        ET.SubElement(attribute, "values").text = "\n".join(each["values"])
