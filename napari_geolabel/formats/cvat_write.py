"""Annotations to CVAT for images 1.1."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats import losing
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.own_members import own_member
from napari_geolabel.formats.qml import printable
from napari_geolabel.formats.rings import has_holes
from napari_geolabel.formats.rle import covered, run_lengths
from napari_geolabel.formats.schema import rows_of
from napari_geolabel.formats.texts import write_pieces
from napari_geolabel.formats.turning import refit_losses, turned_box_of
from napari_geolabel.formats.xml_files import add_text, to_bytes
from napari_geolabel.ontology import Attribute, Kind, LabelClass, all_attributes

OWN_PREFIX = "geolabel_"
"""What the names of our own attributes begin with."""

_KINDS = tuple(kind for kind in Kind if kind is not Kind.MASK)
_INPUTS: Mapping[str, str] = {
    "radio": "select",
    "checklist": "text",
    "text": "text",
    "number": "number",
    "boolean": "checkbox",
    "date": "text",
}
_SHAPE = re.compile(rb"<(?:box|polygon|polyline|points|mask)\s")
_SHAPE_TAGS = frozenset({"box", "polygon", "polyline", "points", "mask"})


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as CVAT for images 1.1: one image, and the classes as labels with their attributes.

    Rejected annotations are left out.  Polygons with holes become masks,
    and each part of a geometry is a shape of its own.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    root = ET.Element("annotations")
    add_text(root, "version", "1.1")
    _add_task(root, labels)
    rows, cols = labels.grid.shape
    name = printable(labels.image_name or f"{labels.stem}.tif")
    image = ET.SubElement(root, "image", id="0", name=name, width=str(cols), height=str(rows))
    drawn = losing.holdable(labels, *_KINDS)
    for order, (annotation, row) in enumerate(zip(drawn, rows_of(drawn, labels.ontology, labels.grid), strict=True)):
        _add_shapes(image, annotation, row, order, labels.grid.shape)
    wanted = sum(node.tag in _SHAPE_TAGS for node in image)
    write_pieces(path, [to_bytes(root)], wanted=wanted, counter=lambda file: count_matches(file, _SHAPE))


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what a CVAT file will not hold."""
    drawn = labels.accepted(*_KINDS)
    yield from losing.left_out(labels, "CVAT", *_KINDS)
    yield from losing.pixels_for_holes(drawn, "masks")
    yield from losing.split(drawn)
    yield from refit_losses(drawn)
    yield from losing.scene_left_out(labels, "CVAT")
    yield from losing.without_pixels(labels, *_KINDS)


def _add_task(root: ET.Element, labels: LabelSet) -> None:
    """Add what CVAT says of the task, with its labels."""
    task = ET.SubElement(ET.SubElement(root, "meta"), "task")
    for tag, text in (("name", labels.stem), ("size", "1"), ("mode", "annotation"), ("z_order", "True")):
        add_text(task, tag, text)
    listed = ET.SubElement(task, "labels")
    for cls in labels.ontology.classes:
        if cls.kinds:
            _add_label(listed, cls)


def _add_label(parent: ET.Element, cls: LabelClass) -> None:
    label = ET.SubElement(parent, "label")
    for tag, text in (("name", cls.id), ("color", cls.color), ("type", "any")):
        add_text(label, tag, text)
    attributes = ET.SubElement(label, "attributes")
    for attribute in {each.id: each for each in all_attributes(cls.attributes)}.values():
        node = ET.SubElement(attributes, "attribute")
        values = _values(attribute)
        default = values[0] if attribute.type in {"radio", "boolean", "number"} and values else ""
        for tag, text in (
            ("name", attribute.id),
            ("mutable", "False"),
            ("input_type", _INPUTS[attribute.type]),
            ("default_value", default),
            ("values", "\n".join(values)),
        ):
            add_text(node, tag, text)


def _values(attribute: Attribute) -> list[str]:
    """Return what CVAT lists of an attribute: options, or the smallest, largest and step of a number."""
    if attribute.type == "number":
        low = 0.0 if attribute.minimum is None else attribute.minimum
        high = 1e9 if attribute.maximum is None else attribute.maximum
        return [f"{low:g}", f"{high:g}", "1"]
    if attribute.type == "boolean":
        return ["false", "true"]
    return [option.id for option in attribute.options]


def _add_shapes(
    image: ET.Element, annotation: Annotation, row: Mapping[str, Any], order: int, shape: tuple[int, int]
) -> None:
    """Add the shape of an annotation, or one for each of its parts."""
    shapes = list(_shapes(annotation, shape))
    for tag, members in shapes:
        source = "manual" if row["source"] == "manual" else "auto"
        about = {"label": annotation.class_id, "source": source, "occluded": "0"}
        node = ET.SubElement(image, tag, about | members | {"z_order": str(order)})
        _add_attributes(node, annotation, own_member(row, len(shapes), annotation.geometry))


def _shapes(annotation: Annotation, shape: tuple[int, int]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the tag and coordinates of each shape that an annotation becomes."""
    geometry = annotation.geometry
    if annotation.kind in (Kind.BOX, Kind.ROTATED_BOX):
        box = turned_box_of(annotation)
        x0, y0 = box.top_left
        x1, y1 = x0 + box.width, y0 + box.height
        if annotation.kind is Kind.BOX:
            x0, y0, x1, y1 = geometry.bounds
        turned = {"rotation": repr(box.angle_deg)} if annotation.kind is Kind.ROTATED_BOX else {}
        yield "box", {"xtl": repr(x0), "ytl": repr(y0), "xbr": repr(x1), "ybr": repr(y1), **turned}
    elif has_holes(geometry):
        yield "mask", _mask(annotation, shape)
    else:
        tag = {Kind.POLYGON: "polygon", Kind.POLYLINE: "polyline", Kind.KEYPOINT: "points"}[annotation.kind]
        for part in shapely.get_parts(geometry):
            points = shapely.get_coordinates(part)[: -1 if tag == "polygon" else None].tolist()
            yield tag, {"points": ";".join(f"{x!r},{y!r}" for x, y in points)}


def _mask(annotation: Annotation, shape: tuple[int, int]) -> dict[str, str]:
    """Return the pixels of an annotation in the window about it."""
    top, left, pixels = covered(annotation.geometry, shape)
    counts = run_lengths(np.flatnonzero(pixels), pixels.size)
    window = {"left": left, "top": top, "width": pixels.shape[1], "height": pixels.shape[0]}
    return {"rle": ", ".join(map(str, counts)), **{name: str(value) for name, value in window.items()}}


def _add_attributes(node: ET.Element, annotation: Annotation, own: Mapping[str, Any]) -> None:
    for name, value in annotation.attributes.items():
        ET.SubElement(node, "attribute", name=name).text = printable(_text(value))
    for name, value in own.items():
        ET.SubElement(node, "attribute", name=OWN_PREFIX + name).text = printable(_text(value))


def _text(value: Any) -> str:  # noqa: ANN401  (an attribute value)
    """Return a value as CVAT's text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ";".join(value) if isinstance(value, tuple | list) else str(value)
