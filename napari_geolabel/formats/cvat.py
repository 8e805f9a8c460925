"""CVAT for images 1.1: every sort of shape as XML, many images to a file.

Coordinates are pixels from the corner of the first pixel.  A box is given by
its corners, an ellipse by its radii, before it is turned about its centre,
clockwise on the screen.  Masks are run lengths along the rows of a window,
first zeros.  What CVAT has no place for stands in attributes that begin with
``geolabel_``; CVAT passes over attributes that a task does not have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import FormatError
from napari_geolabel.files import require_file
from napari_geolabel.formats.collecting import Collected, Feature, box_of, finite, points_of
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.cvat_write import OWN_PREFIX, losses, write
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.images import left_there, match_images, shape_of
from napari_geolabel.formats.label_set import Image, number_of
from napari_geolabel.formats.own_members import OWN_COLUMNS, PIECES, exact_outline
from napari_geolabel.formats.row_runs import outline_of_runs
from napari_geolabel.formats.texts import shown
from napari_geolabel.formats.turning import TurnedBox, turn
from napari_geolabel.formats.xml_files import read_xml

_SHAPES = ("box", "polygon", "polyline", "points", "mask", "ellipse", "skeleton")
_SHAPE = re.compile(rb"<(?:box|polygon|polyline|points|mask|ellipse)\s")
_CORNERS_OF_ELLIPSE = 64


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the shapes of one image; see `Format.read`.

    Masks become polygons along pixel edges, ellipses polygons of 64 corners,
    and each labelled point of a skeleton a point with the attribute ``point``.
    """
    found = require_file(path)
    root = read_xml(found, "annotations", "CVAT for images")
    images = root.findall("image")
    if not images:
        way_out = "export it as CVAT for images" if root.find("track") is not None else "export it from CVAT again"
        raise FormatError(f"{found.name} holds no images of CVAT; {way_out}")
    names = [f"{node.get('subset', '')}/{node.get('name', '')}".removeprefix("/") for node in images]
    match = match_images(names, image, found.name, [_size_of(node) for node in images])
    collected = Collected(name=found.name, notes=match.notes)
    if len(match.indices) > 1:  # a project may have one image in several subsets
        collected.notes.append(f"the labels of {len(match.indices)} images of that name were taken together")
    for index in match.indices:
        _add_image(collected, images[index], image)
    others = sum(len(images[i].findall(kind)) for i in {*range(len(images))} - {*match.indices} for kind in _SHAPES)
    collected.notes += left_there(others, len(images))
    return collected.columns()


def recognises(head: bytes) -> bool:
    """Return whether a text begins like CVAT's."""
    return b"<annotations>" in head and (b"<version>1.1" in head or b"<image " in head)


def count(path: Path) -> int:
    """Return how many shapes a file has, as far as its text tells."""
    return count_matches(path, _SHAPE)


def _size_of(node: ET.Element) -> tuple[int, int] | None:
    """Return rows and columns of an image, None where it has none that are numbers."""
    sides = node.get("height", ""), node.get("width", "")
    return (int(sides[0]), int(sides[1])) if all(re.fullmatch(r"[0-9]{1,9}", side) for side in sides) else None


def _add_image(collected: Collected, chosen: ET.Element, image: Image | None) -> None:
    """Add the shapes of an image, and tell of what is said of it as a whole."""
    shape = shape_of(chosen.get("height"), chosen.get("width"), image, collected.name)
    for number, node in enumerate(chosen, start=1):
        _add(collected, f"{node.tag[:20]} {number}", node, shape)
    tags = [node.get("label", "") for node in chosen.findall("tag")]
    if tags:
        collected.notes.append(f"{number_of(len(tags), 'tag')} of the whole image left out ({shown(', '.join(tags))})")


def _add(collected: Collected, place: str, node: ET.Element, shape: tuple[int, int]) -> None:
    """Add what an element of an image stands for."""
    if node.tag in _GEOMETRIES:
        collected.add(place, _feature, node, shape)
    elif node.tag == "skeleton":
        for part in node.findall("points"):
            if part.get("outside") != "1":
                collected.add(
                    place, _feature, part, shape, {"class": node.get("label"), "attr_point": part.get("label")}
                )
    elif node.tag != "tag":
        collected.skipped.append((place, "such a shape cannot be held"))


def _feature(node: ET.Element, shape: tuple[int, int], more: Mapping[str, Any] | None = None) -> Feature:
    """Return the geometry and properties of a shape."""
    geometry, hint = _GEOMETRIES[node.tag](node, shape)
    texts = {item.get("name", ""): item.text or "" for item in node.findall("attribute")}
    own = {name.removeprefix(OWN_PREFIX): text for name, text in texts.items() if name.startswith(OWN_PREFIX)}
    row: dict[str, Any] = {f"attr_{name}": text for name, text in texts.items() if not name.startswith(OWN_PREFIX)}
    if node.get("occluded") == "1":
        row.setdefault("attr_occluded", True)
    if "kind" in own:
        row |= {key: own[key] for key in OWN_COLUMNS if key in own} | {"class_id": node.get("label")}
        for key in ("confidence", "ground_resolution_m"):
            row[key] = _number_or_none(own.get(key))
        pieces = own.get(PIECES, "")
        geometry = exact_outline(own, geometry, shape)
        return geometry, row | ({PIECES: int(pieces)} if pieces.isascii() and pieces.isdigit() else {})
    return geometry, row | {"class": node.get("label"), "kind": hint} | dict(more or {})


def _number_or_none(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _numbers(node: ET.Element, *names: str) -> list[float]:
    """Return attributes of an element as numbers."""
    try:
        return finite([float(node.get(name, "")) for name in names], node.tag)
    except ValueError:
        raise BadGeometryError(f"its {', '.join(names)} are no numbers") from None


def _box(node: ET.Element, shape: tuple[int, int]) -> tuple[BaseGeometry, str]:  # noqa: ARG001
    x0, y0, x1, y1 = _numbers(node, "xtl", "ytl", "xbr", "ybr")
    straight = box_of(x0, y0, x1 - x0, y1 - y0)
    angle = _angle(node)
    if not angle % 360 and _own_kind(node) != "rotated_box":
        return straight, "box"
    centre, (left, top, right, bottom) = ((x0 + x1) / 2, (y0 + y1) / 2), straight.bounds
    box = TurnedBox(centre=centre, width=right - left, height=bottom - top, angle_deg=angle)
    return box.polygon, "rotated_box"


def _angle(node: ET.Element) -> float:
    """Return by how many degrees a shape is turned about its centre, clockwise on the screen."""
    return _numbers(node, "rotation")[0] if node.get("rotation") else 0.0


def _own_kind(node: ET.Element) -> str | None:
    return next((item.text for item in node.findall("attribute") if item.get("name") == f"{OWN_PREFIX}kind"), None)


def _points(node: ET.Element, least: int) -> Any:  # noqa: ANN401  (points, shape (n, 2))
    texts = [pair.split(",") for pair in node.get("points", "").split(";") if pair.strip()]
    try:
        return points_of([[float(number) for number in pair] for pair in texts], least, "points")
    except ValueError as fault:
        raise BadGeometryError(
            str(fault) if isinstance(fault, BadGeometryError) else "its points are no numbers"
        ) from None


def _polygon(node: ET.Element, shape: tuple[int, int]) -> tuple[BaseGeometry, str]:  # noqa: ARG001
    return shapely.Polygon(_points(node, 3)), "polygon"


def _polyline(node: ET.Element, shape: tuple[int, int]) -> tuple[BaseGeometry, str]:  # noqa: ARG001
    return shapely.LineString(_points(node, 2)), "polyline"


def _keypoints(node: ET.Element, shape: tuple[int, int]) -> tuple[BaseGeometry, str]:  # noqa: ARG001
    points = _points(node, 1)
    return (shapely.Point(points[0]) if len(points) == 1 else shapely.MultiPoint(points)), "keypoint"


def _ellipse(node: ET.Element, shape: tuple[int, int]) -> tuple[BaseGeometry, str]:  # noqa: ARG001
    x, y, rx, ry = _numbers(node, "cx", "cy", "rx", "ry")
    if min(rx, ry) <= 0:
        raise BadGeometryError("it has no area")
    turns = np.linspace(0, 2 * np.pi, _CORNERS_OF_ELLIPSE, endpoint=False)
    level = np.column_stack([rx * np.cos(turns), ry * np.sin(turns)])
    return shapely.Polygon(turn(level, _angle(node)) + np.array([x, y])), "polygon"


def _mask(node: ET.Element, shape: tuple[int, int]) -> tuple[BaseGeometry, str]:
    texts = [node.get(name, "").strip() for name in ("left", "top", "width", "height")]
    counts: Sequence[str] = [text.strip() for text in node.get("rle", "").split(",") if text.strip()]
    if not all(text.isascii() and text.isdigit() and len(text) < 10 for text in (*texts, *counts)):
        raise BadGeometryError("its mask is no list of whole numbers")
    left, top, width, height = map(int, texts)
    if left + width > shape[1] or top + height > shape[0]:
        raise BadGeometryError("its mask reaches over the edge of the image")
    outline = outline_of_runs([int(text) for text in counts], (height, width))
    return shapely.affinity.translate(outline, left, top), "polygon"


_GEOMETRIES = {
    "box": _box,
    "polygon": _polygon,
    "polyline": _polyline,
    "points": _keypoints,
    "ellipse": _ellipse,
    "mask": _mask,
}


__all__ = ["count", "losses", "read", "recognises", "write"]
