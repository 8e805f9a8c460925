"""Labelbox's ontology: tools of one shape each, classifications of the whole image, nested classifications."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
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
from napari_geolabel.ontology.exchange.members import members
from napari_geolabel.ontology.fields import AttributeType
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Attribute, LabelClass, Ontology, Option

TOOLS: Mapping[Kind, str] = {
    Kind.BOX: "rectangle",
    Kind.POLYGON: "polygon",
    Kind.POLYLINE: "line",
    Kind.KEYPOINT: "point",
    Kind.MASK: "raster-segmentation",
}
"""The tool for each kind; rotated boxes become polygons."""
HOLDS = frozenset({"names", "colors", "attributes", "scene_attributes", "option_ids", "required"})
_KINDS = {tool: kind for kind, tool in TOOLS.items()} | {"superpixel": Kind.MASK}
_TYPES: Mapping[str, AttributeType] = {"radio": "radio", "checklist": "checklist", "text": "text"}


def recognises(content: object) -> bool:
    """Return whether a JSON value is an ontology of Labelbox, or what its servers send around one."""
    inner = _inner(content)
    return inner is not None and all(isinstance(t, dict) and "tool" in t for t in members(inner.get("tools")))


def read(content: Mapping[str, Any], name: str, notes: list[str]) -> Ontology:
    """Return the ontology; tools of one name and the same classifications become one class."""
    inner = _inner(content) or {}
    loose: dict[tuple[str, str], LooseClass] = {}
    for each in members(inner.get("tools")):
        title, tool = str(each.get("name", "")), str(each.get("tool"))
        kind = _KINDS.get(tool)
        if kind is None:
            notes.append(f"the tool {title[:60]!r} is left out: there is no {tool[:40]} here")
            continue
        asked = [_attribute(c, notes) for c in members(each.get("classifications"))]
        key = (title, repr(asked))
        if key in loose:
            loose[key].kinds = (*loose[key].kinds, kind)
            continue
        loose[key] = LooseClass(
            name=title,
            kinds=(kind,),
            color=each.get("color"),
            attributes=build_attributes(asked),
            archived=bool(each.get("archived")),
            external_id=each.get("featureSchemaId"),
        )
    scene = [_attribute(c, notes) for c in members(inner.get("classifications"))]
    given = content.get("name")
    return build_ontology(list(loose.values()), name=name, scene_attributes=scene, ontology_name=given)


def write(ontology: Ontology) -> str:
    """Return an ontology as ``OntologyBuilder.asdict`` has it."""
    drawn = [label_class for label_class in ontology.classes if not label_class.archived]
    document = {
        "tools": [_tool(label_class, tool) for label_class in drawn for tool in _tools(label_class)],
        "classifications": [_classification(a) | {"scope": "global"} for a in _asked(ontology.scene_attributes)],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def converted(ontology: Ontology) -> Iterator[str]:
    """Yield what stands in another way in Labelbox."""
    several = sum(len(_tools(c)) > 1 for c in ontology.classes)
    turned = sum(Kind.ROTATED_BOX in c.kinds for c in ontology.classes)
    types = [attribute.type for attribute in attributes_of(ontology)]
    if several:
        yield f"{several} of the classes have several kinds and become a tool for each"
    if turned:
        yield f"{turned} of the classes have rotated boxes, which are drawn as polygons there"
    if types.count("boolean"):
        yield f"{types.count('boolean')} yes-or-no attributes become a choice of Yes and No"
    if types.count("number") + types.count("date"):
        yield f"{types.count('number') + types.count('date')} numbers and dates become text"


def _inner(content: object) -> Mapping[str, Any] | None:
    """Return what holds the tools: the value itself, or its member ``normalized`` as servers send it."""
    if not isinstance(content, dict):
        return None
    normalized = content.get("normalized")
    inner = normalized if isinstance(normalized, dict) else content
    found = inner.get("tools")
    if not isinstance(found, list) or not isinstance(inner.get("classifications", []), list):
        return None
    return inner if all(isinstance(each, dict) for each in found) else None


def _tools(label_class: LabelClass) -> list[str]:
    """Return the tools that draw a class."""
    return list(dict.fromkeys(TOOLS.get(kind, "polygon") for kind in label_class.kinds))


def _tool(label_class: LabelClass, tool: str) -> dict[str, Any]:
    return {
        "tool": tool,
        "name": label_class.name,
        "required": False,
        "color": label_class.color,
        "classifications": [_classification(attribute) for attribute in _asked(label_class.attributes)],
        "schemaNodeId": None,
        "featureSchemaId": label_class.external_id if tool == _tools(label_class)[0] else None,
    }


def _classification(attribute: Attribute) -> dict[str, Any]:
    options = attribute.options
    if attribute.type == "boolean":
        options = (Option(id="yes", name="Yes"), Option(id="no", name="No"))
    return {
        "type": attribute.type if attribute.type in _TYPES else "radio" if options else "text",
        "instructions": attribute.name,
        "name": attribute.name,
        "required": attribute.required,
        "options": [_option(option) for option in options],
        "schemaNodeId": None,
        "featureSchemaId": attribute.external_id,
    }


def _option(option: Option) -> dict[str, Any]:
    nested = [_classification(attribute) for attribute in _asked(option.attributes)]
    made = {"label": option.name, "value": option.id, "schemaNodeId": None, "featureSchemaId": option.external_id}
    return made | ({"options": nested} if nested else {})


def _asked(attributes: tuple[Attribute, ...]) -> list[Attribute]:
    return [attribute for attribute in attributes if not attribute.archived]


def _attribute(raw: Mapping[str, Any], notes: list[str], depth: int = 0) -> LooseAttribute:
    kind, title = _TYPES.get(str(raw.get("type"))), raw.get("instructions") or raw.get("name")
    if kind is None or depth > 32:
        raise OntologyError(f"the classification {str(title)[:60]!r} is of an unknown type or nested too deeply")
    options = [_loose_option(option, notes, depth) for option in members(raw.get("options"))]
    if kind == "checklist" and any(option.attributes for option in options):
        notes.append(f"what is asked under the options of {str(title)[:60]!r} is left out: a checklist has none here")
        options = [LooseOption(name=o.name, option_id=o.option_id, external_id=o.external_id) for o in options]
    return LooseAttribute(
        name=title,
        type=kind if options or kind == "text" else "text",
        required=raw.get("required") is True,
        options=options if kind != "text" else (),
        external_id=raw.get("featureSchemaId"),
    )


def _loose_option(option: Mapping[str, Any], notes: list[str], depth: int) -> LooseOption:
    return LooseOption(
        name=option.get("label", option.get("value")),
        option_id=option.get("value"),
        attributes=[_attribute(each, notes, depth + 1) for each in members(option.get("options"))],
        external_id=option.get("featureSchemaId"),
    )
