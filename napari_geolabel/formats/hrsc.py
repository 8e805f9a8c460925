"""HRSC2016: rotated boxes of ships as XML, a file for each image.

``mbox_cx, mbox_cy, mbox_w, mbox_h`` are pixels from the corner of the first
pixel, ``mbox_w`` the long side, and ``mbox_ang`` turns it clockwise on the
screen, in radians.  ``header_x, header_y`` is the bow, which tells the two
ends of the box apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from napari_geolabel.annotations import Annotation
from napari_geolabel.files import require_file
from napari_geolabel.formats.collecting import Collected, Feature, finite
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.images import another_name, shape_of
from napari_geolabel.formats.label_set import Image, LabelSet, number_of
from napari_geolabel.formats.quads import AREAS, box_losses, shape_losses
from napari_geolabel.formats.texts import write_pieces
from napari_geolabel.formats.turning import TurnedBox, refit_losses, turned_box_of
from napari_geolabel.formats.xml_files import add_text, read_xml, to_bytes
from napari_geolabel.ontology import Kind

_OBJECT = re.compile(rb"<HRSC_Object>")
_BASE = 100_000_000
_NUMBERS = ("mbox_cx", "mbox_cy", "mbox_w", "mbox_h", "mbox_ang")
NAMES = {
    1: "ship",
    2: "aircraft carrier",
    3: "warcraft",
    4: "merchant ship",
    5: "Nimitz",
    6: "Enterprise",
    7: "Arleigh Burke",
    8: "WhidbeyIsland",
    9: "Perry",
    10: "Sanantonio",
    11: "Ticonderoga",
    12: "Kitty Hawk",
    13: "Kuznetsov",
    14: "Abukuma",
    15: "Austen",
    16: "Tarawa",
    17: "Blue Ridge",
    18: "Container",
    19: "CommanderA",
    20: "Car carrier A",
    22: "Hovercraft",
    24: "yacht",
    25: "ContainerA",
    26: "Cruise",
    27: "submarine",
    28: "lute",
    29: "Medical",
    30: "Car carrier B",
    31: "Ford",
    32: "Midway",
    33: "Invincible",
}
"""The classes of the data set; a ``Class_ID`` is 100,000,000 and one of these numbers."""


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the ships of an image; see `Format.read`."""
    found = require_file(path)
    root = read_xml(found, "HRSC_Image", "HRSC2016")
    collected = Collected(name=found.name)
    sides = [root.findtext(f"Img_Size{side}") for side in ("Height", "Width")]
    if any(side is not None for side in sides):
        shape_of(sides[0], sides[1], image, found.name)
    collected.notes += another_name(f"{root.findtext('Img_ID') or found.stem}.xml", image)
    for number, node in enumerate(root.iter("HRSC_Object"), start=1):
        collected.add(f"object {number}", _feature, node)
    return collected.columns()


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as rotated boxes; classes that the data set has not become ships.

    Rejected annotations, points and lines are left out.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    drawn = labels.accepted(*AREAS)
    root = ET.Element("HRSC_Image")
    for tag, text in (
        ("Img_ID", labels.stem),
        ("Img_SizeWidth", labels.grid.shape[1]),
        ("Img_SizeHeight", labels.grid.shape[0]),
        ("Img_SizeDepth", 3),
    ):
        add_text(root, tag, text)
    objects = ET.SubElement(root, "HRSC_Objects")
    for number, annotation in enumerate(drawn, start=1):
        _add_object(objects, annotation, number, labels)
    write_pieces(path, [to_bytes(root)], wanted=len(drawn), counter=count)


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what an HRSC2016 file will not hold."""
    drawn = labels.accepted(*AREAS)
    yield from box_losses(labels, drawn, "HRSC2016")
    yield from shape_losses(drawn, "the smallest rotated boxes about them", Kind.POLYGON)
    yield from shape_losses(drawn, "rotated boxes", Kind.BOX)
    yield from refit_losses(drawn)
    others = sum(_class_number(a, labels) is None for a in drawn)
    if others:
        yield f"{number_of(others, 'annotation')} of classes that HRSC2016 has not written as ships"


def recognises(head: bytes) -> bool:
    """Return whether a text begins like HRSC2016."""
    return b"<HRSC_Image" in head


def count(path: Path) -> int:
    """Return how many objects a file has, as far as its text tells."""
    return count_matches(path, _OBJECT)


def _feature(node: ET.Element) -> Feature:
    """Return the box and properties of an object."""
    x, y, width, height, angle = _numbers(node, *_NUMBERS)
    if width <= 0 or height <= 0:
        raise BadGeometryError("its box has no area")
    # our boxes lie across their axis: the bow is the edge on top before the turn
    turned = float(np.degrees(angle)) + 90
    box = TurnedBox(centre=(x, y), width=height, height=width, angle_deg=turned)
    if node.findtext("header_x") and node.findtext("header_y"):
        header = np.array(_numbers(node, "header_x", "header_y")) - (x, y)
        bow = box.corners[:2].mean(axis=0) - (x, y)
        if float(bow @ header) < 0:
            box = TurnedBox(centre=(x, y), width=height, height=width, angle_deg=turned + 180)
    row: dict[str, Any] = {"class": _word(node), "kind": Kind.ROTATED_BOX.value}
    for flag in ("truncated", "difficult"):
        if node.findtext(flag) is not None:
            row[f"attr_{flag}"] = (node.findtext(flag) or "").strip() not in {"0", ""}
    return box.polygon, row


def _numbers(node: ET.Element, *names: str) -> list[float]:
    try:
        return finite([float(node.findtext(name) or "") for name in names], "box")
    except ValueError:
        raise BadGeometryError(f"its {', '.join(names)} are no finite numbers") from None


def _word(node: ET.Element) -> str | None:
    """Return the class of an object: the data set's name of its number."""
    text = (node.findtext("Class_ID") or "").strip()
    number = int(text) - _BASE if text.isascii() and text.isdigit() and len(text) < 12 else None
    return NAMES.get(number, text) if number is not None else text or None


def _class_number(annotation: Annotation, labels: LabelSet) -> int | None:
    """Return the number of an annotation's class by its id or name, None where the data set has no such."""
    words = {annotation.class_id.replace("_", " ").casefold(), labels.ontology[annotation.class_id].name.casefold()}
    return next((number for number, name in NAMES.items() if name.casefold() in words), None)


def _add_object(parent: ET.Element, annotation: Annotation, number: int, labels: LabelSet) -> None:
    """Add an annotation to the file's tree."""
    box = turned_box_of(annotation)
    bow = box.corners[:2].mean(axis=0)
    length, width, angle = box.height, box.width, np.radians(box.angle_deg - 90)
    if annotation.kind is not Kind.ROTATED_BOX and width > length:
        length, width, angle = width, length, angle + np.pi / 2
        bow = box.corners[1:3].mean(axis=0)
    x0, y0, x1, y1 = annotation.geometry.bounds
    node = ET.SubElement(parent, "HRSC_Object")
    for tag, value in (
        ("Object_ID", _BASE + number),
        ("Class_ID", _BASE + (_class_number(annotation, labels) or 1)),
        ("Object_NO", _BASE + number),
        ("truncated", 0),
        ("difficult", 0),
        *zip(("box_xmin", "box_ymin", "box_xmax", "box_ymax"), map(round, (x0, y0, x1, y1)), strict=True),
        *zip(_NUMBERS, (*map(repr, (*box.centre, length, width)), repr(float(angle))), strict=True),
        ("segmented", 0),
        ("seg_color", ""),
        *zip(("header_x", "header_y"), map(repr, bow.tolist()), strict=True),
    ):
        add_text(node, tag, value)
