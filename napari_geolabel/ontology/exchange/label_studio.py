"""Label Studio's labelling configuration: controls in XML, one for each way of drawing.

Labels and choices show their names, and have our ids as their ``alias``: that
is what Label Studio writes into results, and what our labels hold.  Conditions
name the alias too, which has no commas.

What is asked of a region stands in controls with ``perRegion``, shown when
the label is chosen (``whenLabelValue``) or an answer given (``whenTagName``
and ``whenChoiceValue``); what is asked of the image has no ``perRegion``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology.exchange.building import (
    LooseAttribute,
    LooseClass,
    LooseOption,
    build_attributes,
    build_ontology,
)
from napari_geolabel.ontology.exchange.losses import attributes_of
from napari_geolabel.ontology.fields import AttributeType
from napari_geolabel.ontology.fields import number as finite
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Attribute, Ontology
from napari_geolabel.ontology.qgis import printable

HOLDS = frozenset(
    {"ids", "names", "colors", "hotkey", "attributes", "attribute_ids", "option_ids", "scene_attributes"}
    | {"required", "limits"}
)
CONTROLS: Mapping[Kind, tuple[str, str]] = {
    Kind.BOX: ("RectangleLabels", "label_rectangles"),
    Kind.ROTATED_BOX: ("RectangleLabels", "label_rectangles"),
    Kind.POLYGON: ("PolygonLabels", "label_polygons"),
    Kind.POLYLINE: ("VectorLabels", "label_lines"),
    Kind.KEYPOINT: ("KeyPointLabels", "label_keypoints"),
    Kind.MASK: ("BrushLabels", "label_brush"),
}
"""Tag and name of the control that draws a kind; a rectangle may be turned there."""
_KINDS: Mapping[str, tuple[Kind, ...]] = {
    "RectangleLabels": (Kind.BOX, Kind.ROTATED_BOX),
    "PolygonLabels": (Kind.POLYGON,),
    "EllipseLabels": (Kind.POLYGON,),
    "VectorLabels": (Kind.POLYLINE,),
    "KeyPointLabels": (Kind.KEYPOINT,),
    "BrushLabels": (Kind.MASK,),
    "BitmaskLabels": (Kind.MASK,),
    "Labels": tuple(Kind),
}
_QUESTIONS = {"Choices", "TextArea", "Number", "Rating", "DateTime", "Taxonomy"}
_CONDITIONS = ("whenLabelValue", "whenTagName", "whenChoiceValue", "perRegion")


def recognises(root: Element) -> bool:
    """Return whether XML is a labelling configuration."""
    return root.tag == "View" and any(each.tag in _KINDS or each.tag in _QUESTIONS for each in root.iter())


def control_name(class_id: str | None, path: Sequence[str]) -> str:
    """Return the name of the control that asks an attribute, which answers refer to as ``from_name``.

    ``path`` holds the ids of the attribute and of the options and attributes above it; no class means the scene.
    """
    return ".".join([class_id or "scene", *path])


@dataclass
class _Question:
    """A control that asks something, before it is known of what."""

    node: Element
    title: str
    conditions: dict[str, str] = field(default_factory=dict)

    def value(self, key: str) -> str:
        return self.conditions.get(key, "")


def read(root: Element, name: str, notes: list[str]) -> Ontology:
    """Return the ontology of a configuration; a label of several controls is one class of several kinds."""
    classes = _classes(root, notes)
    questions = _questions(root)
    tops = [q for q in questions if not (q.value("whenTagName") and q.value("whenChoiceValue"))]
    for word, each in classes.items():
        own = [q for q in tops if q.value("perRegion") == "true" and _speaks_of(q, word, str(each.name))]
        each.attributes = build_attributes([_loose(q, questions) for q in own])
    scene = [_loose(q, questions) for q in tops if q.value("perRegion") != "true"]
    return build_ontology(list(classes.values()), name=name, scene_attributes=scene)


def write(ontology: Ontology) -> str:
    """Return a configuration for images."""
    root = ET.Element("View")
    ET.SubElement(root, "Image", name="image", value="$image", zoom="true")
    drawn = [label_class for label_class in ontology.classes if label_class.kinds and not label_class.archived]
    for tag, name in dict.fromkeys(CONTROLS.values()):
        inside = [c for c in drawn if any(CONTROLS[kind] == (tag, name) for kind in c.kinds)]
        if inside:
            control = ET.SubElement(root, tag, name=name, toName="image")
            for each in inside:
                key = {"hotkey": each.hotkey} if each.hotkey else {}
                names = {"value": printable(each.name), "alias": each.id}
                ET.SubElement(control, "Label", {**names, "background": each.color, **key})
    for each in drawn:
        conditions = {"visibleWhen": "region-selected", "whenLabelValue": each.id}
        _add_questions(root, each.attributes, control_name(each.id, ()), conditions, per_region=True)
    _add_questions(root, ontology.scene_attributes, control_name(None, ()), {}, per_region=False)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode") + "\n"


def converted(ontology: Ontology) -> Iterator[str]:
    """Yield what stands in another way in Label Studio."""
    boxes = sum(bool({Kind.BOX, Kind.ROTATED_BOX} & set(c.kinds)) for c in ontology.classes)
    ticks = sum(attribute.type == "boolean" for attribute in attributes_of(ontology))
    if boxes:
        yield f"{boxes} of the classes have boxes, which may be turned there or not"
    if ticks:
        yield f"{ticks} yes-or-no attributes become a choice of Yes and No"


def _classes(root: Element, notes: list[str]) -> dict[str, LooseClass]:
    """Return the labels of all controls by what results call them: their alias, or their value."""
    found: dict[str, LooseClass] = {}
    for control in root.iter():
        if control.tag.endswith("Labels") and control.tag not in _KINDS:
            notes.append(f"the control {control.tag[:40]} is left out: there is no such kind here")
        for label in control.iter("Label") if control.tag in _KINDS else ():
            title, alias = label.get("value", ""), label.get("alias")
            fresh = LooseClass(
                name=title, kinds=(), color=label.get("background"), hotkey=label.get("hotkey"), class_id=alias
            )
            each = found.setdefault(alias or title, fresh)
            each.kinds = tuple(dict.fromkeys((*each.kinds, *_KINDS[control.tag])))
    return found


def _questions(root: Element) -> list[_Question]:
    """Return all that asks something, with the conditions of the views around it."""
    found: list[_Question] = []
    level: list[tuple[Element, dict[str, str]]] = [(root, {})]
    for node, above in level:
        heading = ""
        for child in node:
            conditions = above | {key: child.attrib[key] for key in _CONDITIONS if key in child.attrib}
            if child.tag in _QUESTIONS:
                found.append(_Question(child, heading or child.get("name", ""), conditions))
            elif child.tag not in _KINDS:
                level.append((child, conditions))
            heading = child.get("value", "") if child.tag == "Header" else ""
    return found


def _speaks_of(question: _Question, *words: str) -> bool:
    wanted = question.value("whenLabelValue")
    return not wanted or _names(wanted, *words)


def _names(wanted: str, *words: str) -> bool:
    """Return whether a condition names a label or an answer by any word: alone, commas and all, or among others."""
    listed = {wanted, *(part.strip() for part in wanted.split(","))}
    return not listed.isdisjoint(words)


def _loose(question: _Question, questions: Sequence[_Question], depth: int = 0) -> LooseAttribute:
    """Return a question with what is asked under its answers."""
    if depth > 32:
        raise OntologyError("its conditions lead round in a circle, or nest too deeply")
    node = question.node
    kind, more, options = _type_of(node)
    under = [q for q in questions if q.value("whenTagName") == node.get("name") and q.value("whenChoiceValue")]
    made = []
    for option in options:
        label = option.get("value", "")
        asked = [q for q in under if _names(q.value("whenChoiceValue"), label, option.get("alias", label))]
        nested = [_loose(q, questions, depth + 1) for q in asked] if kind == "radio" else []
        if node.tag == "Taxonomy" and (deeper := option.findall("Choice")):
            nested.append(_taxonomy(node.get("name", ""), deeper, depth + 1))
        made.append(LooseOption(name=label, option_id=option.get("alias"), attributes=nested))
    return LooseAttribute(
        name=question.title,
        attribute_id=node.get("name", "").rpartition(".")[2],
        type=kind,
        required=node.get("required") == "true",
        options=made,
        more=more,
    )


def _taxonomy(name: str, choices: Sequence[Element], depth: int) -> LooseAttribute:
    if depth > 32:
        raise OntologyError("its taxonomy nests too deeply")
    options = [
        LooseOption(
            name=choice.get("value"),
            attributes=[_taxonomy(name, deeper, depth + 1)] if (deeper := choice.findall("Choice")) else [],
        )
        for choice in choices
    ]
    return LooseAttribute(name=f"{name} {depth + 1}", type="radio", options=options)


def _type_of(node: Element) -> tuple[AttributeType, dict[str, Any], list[Element]]:
    """Return the type of an attribute, its limits, and its options."""
    if node.tag in {"Choices", "Taxonomy"}:
        options = [c for c in node.iter("Choice") if node.tag == "Choices"] or node.findall("Choice")
        words = {option.get("value", "").lower() for option in options}
        if words == {"yes", "no"}:
            return "boolean", {}, []
        several = node.get("choice") == "multiple"
        return ("checklist" if several else "radio", {}, options) if options else ("text", {}, [])
    if node.tag == "Number":
        return "number", _limits(node.get("min"), node.get("max")), []
    if node.tag == "Rating":
        return "number", _limits("0", node.get("maxRating", "5")), []
    if node.tag == "DateTime" and node.get("only") == "date":
        return "date", {}, []
    return "text", {}, []


def _limits(least: str | None, greatest: str | None) -> dict[str, Any]:
    """Return limits that are numbers in order."""
    found: dict[str, Any] = {}
    for key, text in (("minimum", least), ("maximum", greatest)):
        try:
            found |= {} if text is None else {key: finite(text)}
        except ValueError:
            continue
    return found if found.get("minimum", float("-inf")) <= found.get("maximum", float("inf")) else {}


def _add_questions(
    parent: Element, attributes: Sequence[Attribute], prefix: str, conditions: Mapping[str, str], *, per_region: bool
) -> None:
    for attribute in attributes:
        if attribute.archived:
            continue
        name = f"{prefix}.{attribute.id}"
        view = ET.SubElement(parent, "View", dict(conditions))
        ET.SubElement(view, "Header", value=printable(attribute.name), size="6")
        region = {"perRegion": "true"} if per_region else {}
        required = {"required": "true"} if attribute.required else {}
        _add_control(view, attribute, {"name": name, "toName": "image", **region, **required})
        for option in attribute.options:
            under = {"visibleWhen": "choice-selected", "whenTagName": name, "whenChoiceValue": option.id}
            _add_questions(parent, option.attributes, f"{name}.{option.id}", under, per_region=per_region)


def _add_control(view: Element, attribute: Attribute, fields: Mapping[str, str]) -> None:
    if attribute.type in {"radio", "checklist", "boolean"}:
        several = "multiple" if attribute.type == "checklist" else "single"
        control = ET.SubElement(view, "Choices", {**fields, "choice": several})
        names = {option.id: option.name for option in attribute.options} or {"true": "Yes", "false": "No"}
        for alias, name in names.items():
            ET.SubElement(control, "Choice", value=printable(name), alias=alias)
    elif attribute.type == "number":
        limits = {"min": attribute.minimum, "max": attribute.maximum}
        ET.SubElement(view, "Number", {**fields, **{k: str(v) for k, v in limits.items() if v is not None}})
    elif attribute.type == "date":
        ET.SubElement(view, "DateTime", {**fields, "only": "date", "format": "%Y-%m-%d"})
    else:
        ET.SubElement(view, "TextArea", {**fields, "maxSubmissions": "1"})
