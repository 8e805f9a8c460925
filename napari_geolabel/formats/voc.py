"""Pascal VOC: boxes as XML, a file for each image.

Numbers are pixels, the first of which is 1, and the last pixel belongs to
the box: a box from corner ``x0`` to corner ``x1`` has ``xmin = x0 + 1`` and
``xmax = x1``.  What we write is rounded to whole pixels, since most readers
take no others; fractions of other programs are read as they are.  Files that
count from 0 give themselves away by a 0, and are read as corners.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.files import require_file
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.images import shape_of, stem_of
from napari_geolabel.formats.label_set import Image, LabelSet, number_of, outside
from napari_geolabel.formats.quads import AREAS, box_losses, shape_losses
from napari_geolabel.formats.texts import write_pieces
from napari_geolabel.formats.xml_files import read_xml
from napari_geolabel.ontology import Kind

_OBJECT = re.compile(rb"<object[\s>]")
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_FLAGS = ("truncated", "difficult", "occluded")


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the objects of an image; see `Format.read`."""
    found = require_file(path)
    root = read_xml(found, "annotation", "Pascal VOC")
    notes = _check_image(root, image, found.name)
    objects = [(f"object {number}", node) for number, node in enumerate(root.findall("object"), start=1)]
    boxes, rows, where = [], [], []
    skipped: list[tuple[str, str]] = []
    for place, node in objects:
        try:
            boxes.append(_sides(node))
        except BadGeometryError as fault:
            skipped.append((place, str(fault)))
            continue
        rows.append(_row(node))
        where.append(place)
    sides = np.reshape(np.array(boxes, np.float64), (-1, 4))
    if (sides < 1).any():
        notes.append("the file counts pixels from 0, so its numbers were read as corners")
    else:
        sides = sides - [1, 1, 0, 0]
    array = np.empty(len(sides), object)
    array[:] = [shapely.box(x0, y0, x1, y1, ccw=False) for x0, y0, x1, y1 in sides.tolist()]
    parts = sum(len(node.findall("part")) for _, node in objects)
    if parts:
        notes.append(f"{number_of(parts, 'part')} of objects left out")
    columns = LabelColumns.from_rows(array, rows, crs=None, name=found.name, where=where, skipped=skipped)
    columns.notes += notes
    return columns


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as boxes along the pixel axes in whole pixels, at least one wide and high.

    Rejected annotations, points and lines are left out, and so is what lies
    beyond the edge of the image.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    drawn = _inside(labels)
    root = ET.Element("annotation")
    rows, cols = labels.grid.shape
    ET.SubElement(root, "filename").text = labels.image_name or f"{labels.stem}.tif"
    ET.SubElement(ET.SubElement(root, "source"), "database").text = "napari-geolabel"
    size = ET.SubElement(root, "size")
    for name, value in (("width", cols), ("height", rows), ("depth", 3)):
        ET.SubElement(size, name).text = str(value)
    ET.SubElement(root, "segmented").text = "0"
    for annotation in drawn:
        _add_object(root, annotation, labels.grid.shape)
    ET.indent(root)
    text = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    write_pieces(path, [text, b"\n"], wanted=len(drawn), counter=count)


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what a Pascal VOC file will not hold."""
    drawn, kept = labels.accepted(*AREAS), _inside(labels)
    yield from box_losses(labels, drawn, "Pascal VOC")
    yield from shape_losses(drawn, "the boxes about them", Kind.ROTATED_BOX, Kind.POLYGON)
    if len(kept) < len(drawn):
        yield f"{number_of(len(drawn) - len(kept), 'annotation')} outside the image left out"
    uneven = sum(corners_of_pixels(a, labels.grid.shape) != a.geometry.bounds for a in kept)
    if uneven:
        yield f"{number_of(uneven, 'annotation')} rounded to whole pixels"


def recognises(head: bytes) -> bool:
    """Return whether a text begins like Pascal VOC."""
    return b"<annotation>" in head and (b"<bndbox" in head or b"<size" in head)


def count(path: Path) -> int:
    """Return how many objects a file has, as far as its text tells."""
    return count_matches(path, _OBJECT)


def corners_of_pixels(annotation: Annotation, shape: tuple[int, int]) -> tuple[float, ...]:
    """Return left, top, right and bottom of the whole pixels, at least one, that are nearest to an annotation."""
    x0, y0, x1, y1 = np.floor(np.array(annotation.geometry.bounds) + 0.5).tolist()
    left, top = (min(max(low, 0), side - 1) for low, side in zip((x0, y0), shape[::-1], strict=True))
    right, bottom = (
        max(min(high, side), low + 1) for high, low, side in zip((x1, y1), (left, top), shape[::-1], strict=True)
    )
    return left, top, right, bottom


def _inside(labels: LabelSet) -> list[Annotation]:
    """Return the annotations that share area with the image."""
    drawn = labels.accepted(*AREAS)
    return [a for a, is_out in zip(drawn, outside(drawn, labels.grid.shape), strict=True) if not is_out]


def _add_object(root: ET.Element, annotation: Annotation, shape: tuple[int, int]) -> None:
    """Add an annotation to the file's tree."""
    node = ET.SubElement(root, "object")
    for name, value in (("name", annotation.class_id), ("pose", "Unspecified"), ("truncated", "0"), ("difficult", "0")):
        ET.SubElement(node, name).text = value
    box = ET.SubElement(node, "bndbox")
    left, top, right, bottom = corners_of_pixels(annotation, shape)
    for name, side in zip(_SIDES, (left + 1, top + 1, right, bottom), strict=True):
        ET.SubElement(box, name).text = str(int(side))


def _check_image(root: ET.Element, image: Image | None, name: str) -> list[str]:
    """Refuse another image's size; return a note where it is called otherwise."""
    sides = [root.findtext(f"size/{side}") for side in ("height", "width")]
    if any(side is not None for side in sides):
        shape_of(sides[0], sides[1], image, name)
    called = (root.findtext("filename") or name).strip()
    if image is not None and stem_of(called) != stem_of(image.name):
        return [f"the labels of {called[:80]} were taken, which is not called {image.name}"]
    return []


def _sides(node: ET.Element) -> list[float]:
    """Return xmin, ymin, xmax and ymax of an object."""
    texts = [node.findtext(f"bndbox/{side}") for side in _SIDES]
    try:
        numbers = [float(text or "") for text in texts]
    except ValueError:
        raise BadGeometryError("it has no bndbox of four numbers") from None
    if not np.isfinite(numbers).all():
        raise BadGeometryError("its bndbox has a number that is not finite")
    if numbers[2] < numbers[0] or numbers[3] < numbers[1]:
        raise BadGeometryError("its bndbox ends before it begins")
    return numbers


def _row(node: ET.Element) -> dict[str, Any]:
    """Return the properties of an object."""
    row: dict[str, Any] = {"class": (node.findtext("name") or "").strip() or None, "kind": Kind.BOX.value}
    for name in _FLAGS:
        text = node.findtext(name)
        if text is not None:
            row[f"attr_{name}"] = text.strip() not in {"0", ""}
    for item in node.findall("attributes/attribute"):
        row[f"attr_{(item.findtext('name') or '').strip()}"] = item.findtext("value")
    return row
