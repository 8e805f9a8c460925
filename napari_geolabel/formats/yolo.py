"""YOLO as Ultralytics has it: boxes, outlines or rotated boxes in fractions of an image, a text file for each image.

``class xc yc width height`` is a box, ``class x1 y1 x2 y2 x3 y3 ...`` an
outline or, with four corners, a rotated box.  Which of the two is said by
``task`` in ``data.yaml``, where we write it, else by the format's name.  One
number more is the confidence.  Fractions count from the corner of the first
pixel to that of the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.files import require_file
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.images import another_name
from napari_geolabel.formats.label_set import Image, LabelSet, number_of, outside, reaching_out
from napari_geolabel.formats.quads import AREAS, box_losses, corners_of, shape_losses
from napari_geolabel.formats.rings import has_holes
from napari_geolabel.formats.rle import Shape
from napari_geolabel.formats.texts import read_text, write_pieces
from napari_geolabel.formats.yolo_names import Task, find_names, grow_names, names_path, place
from napari_geolabel.geo import FloatArray
from napari_geolabel.ontology import Kind

_FARTHEST = 2.0
"""Fractions beyond this are pixels or rubbish."""


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the labels of an image; four corners are what ``data.yaml`` says, else what they look like.

    Parameters
    ----------
    path
        The text file.
    image
        The image, whose size turns fractions into pixels.

    Raises
    ------
    MissingFileError, UnsafeFileError
        If the path is no local file.
    FormatError
        If no image is named, or the file has no label at all among its lines.
    """
    return _read(path, image, None)


def read_seg(path: Path, image: Image | None) -> LabelColumns:
    """Read the labels of an image, all but boxes as polygons; see `read`."""
    return _read(path, image, "segment")


def read_obb(path: Path, image: Image | None) -> LabelColumns:
    """Read the labels of an image, four corners as rotated boxes; see `read`."""
    return _read(path, image, "obb")


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as boxes along the pixel axes, and their classes into ``data.yaml``.

    Rejected annotations, points and lines are left out, and so is what lies
    beyond the edge of the image.

    Raises
    ------
    FormatError
        If ``data.yaml`` is of another task.
    WriteError
        If a file cannot be written.
    """
    _write(path, labels, "detect", _box_values)


def write_seg(path: Path, labels: LabelSet) -> None:
    """Write labels as outlines, each part a label of its own; see `write`."""
    _write(path, labels, "segment", _outline_values)


def write_obb(path: Path, labels: LabelSet) -> None:
    """Write labels as rotated boxes; see `write`."""
    _write(path, labels, "obb", _corner_values)


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what a file of boxes will not hold."""
    yield from _common_losses(labels)
    yield from shape_losses(labels.accepted(*AREAS), "the boxes about them", Kind.ROTATED_BOX, Kind.POLYGON)


def losses_seg(labels: LabelSet) -> Iterator[str]:
    """Yield what a file of outlines will not hold."""
    yield from _common_losses(labels)
    drawn = labels.accepted(*AREAS)
    yield from shape_losses(drawn, "polygons", Kind.BOX, Kind.ROTATED_BOX)
    split = sum(shapely.get_num_geometries(a.geometry) > 1 for a in drawn)
    pierced = sum(has_holes(a.geometry) for a in drawn)
    if split:
        yield f"{number_of(int(split), 'polygon')} of several parts split into a label for each"
    if pierced:
        yield f"{number_of(int(pierced), 'polygon')} lost the holes, which YOLO has none of; COCO or a mask keeps them"


def losses_obb(labels: LabelSet) -> Iterator[str]:
    """Yield what a file of rotated boxes will not hold."""
    yield from _common_losses(labels)
    drawn = labels.accepted(*AREAS)
    yield from shape_losses(drawn, "the smallest rotated boxes about them", Kind.POLYGON)
    yield from shape_losses(drawn, "rotated boxes", Kind.BOX)


def recognises(head: bytes) -> bool:
    """Return whether a text begins like YOLO."""
    first = next((line.split() for line in head.splitlines() if line.strip()), [b"0"] * 5)
    return len(first) >= 5 and first[0].isdigit() and all(_is_number(token) for token in first)


def count(path: Path) -> int:
    """Return how many labels a file has, as far as its lines tell."""
    with path.open("rb") as file:
        return sum(len(line.split()) >= 5 for line in file)


def files_beside(path: Path) -> tuple[Path, ...]:
    """Return the file of class names that belongs to an export."""
    return (names_path(path),)


def _read(path: Path, image: Image | None, task: Task | None) -> LabelColumns:
    found = require_file(path)
    if image is None:
        raise FormatError(f"{found.name} is in fractions of an image; name the scene")
    text = read_text(found).decode()
    names = find_names(found)
    used = task or names.task
    geometries, rows, where = [], [], []
    skipped: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            geometry, row = _label(line.split(), image.shape, used, names.pose)
        except BadGeometryError as fault:
            skipped.append((f"line {number}", str(fault)))
            continue
        geometries.append(geometry)
        rows.append({**row, "class": names.word(row["class"])})
        where.append(f"line {number}")
    if skipped and not rows:
        raise FormatError(f"{found.name} is no YOLO: {skipped[0][0]} is no label ({skipped[0][1]})")
    array = np.empty(len(rows), object)
    array[:] = geometries
    columns = LabelColumns.from_rows(array, rows, crs=None, name=found.name, where=where, skipped=skipped)
    columns.notes += [*another_name(found.name, image), *names.notes]
    return columns


def _label(tokens: list[str], shape: Shape, task: Task | None, pose: int) -> tuple[BaseGeometry, dict[str, Any]]:
    """Return the geometry and properties of a line; ``pose`` numbers after a box are keypoints."""
    if not tokens[0].isascii() or not tokens[0].isdigit() or len(tokens[0]) > 9:
        raise BadGeometryError("its class is no number from 0 up")
    if len(tokens) < 5 or not all(_is_number(token.encode()) for token in tokens):
        raise BadGeometryError("it is not a class and at least four finite numbers")
    values = [float(token) for token in tokens[1:]]
    row: dict[str, Any] = {"class": int(tokens[0])}
    if pose and len(values) in (4 + pose, 5 + pose):
        values = values[:4]
    is_box = len(values) in (4, 5)
    if len(values) % 2 and len(values) != 4:
        row["confidence"] = values.pop()
    if max(map(abs, values)) > _FARTHEST:
        raise BadGeometryError("its coordinates are no fractions of the image")
    points = np.reshape(values, (-1, 2)) * shape[::-1]
    if is_box:
        (x, y), (width, height) = points.tolist()
        if width <= 0 or height <= 0:
            raise BadGeometryError("its box has no area")
        half = width / 2, height / 2
        return shapely.box(x - half[0], y - half[1], x + half[0], y + half[1], ccw=False), {**row, "kind": "box"}
    if len(points) < 3:
        raise BadGeometryError("its outline has no three points")
    kind = {"obb": Kind.ROTATED_BOX if len(points) == 4 else None, "segment": Kind.POLYGON}.get(task or "")
    return shapely.Polygon(points), row if kind is None else {**row, "kind": kind.value}


def _write(
    path: Path, labels: LabelSet, task: Task, values: Callable[[Annotation, Shape], Sequence[FloatArray]]
) -> None:
    """Write the class names, then the labels."""
    shape = labels.grid.shape
    drawn = _inside(labels)
    lines = [(a.class_id, line) for a in drawn for line in values(a, shape)]
    if path.parent.name == "labels" and path.parent.parent.is_dir():
        path.parent.mkdir(exist_ok=True)
    numbers = grow_names(names_path(path), labels.ontology, task)
    texts = (f"{numbers[key]} {' '.join(map(repr, line.ravel().tolist()))}\n".encode() for key, line in lines)
    write_pieces(path, texts, wanted=len(lines), counter=count)


def _inside(labels: LabelSet) -> list[Annotation]:
    """Return the annotations that share area with the image."""
    drawn = labels.accepted(*AREAS)
    return [a for a, is_out in zip(drawn, outside(drawn, labels.grid.shape), strict=True) if not is_out]


def _box_values(annotation: Annotation, shape: Shape) -> list[FloatArray]:
    """Return centre and size of the box about an annotation, as far as it lies in the image."""
    (x0, y0), (x1, y1) = np.clip(np.reshape(annotation.geometry.bounds, (2, 2)), 0, shape[::-1])
    return [np.array([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0]) / [*shape[::-1], *shape[::-1]]]


def _outline_values(annotation: Annotation, shape: Shape) -> list[FloatArray]:
    """Return the outer rings of an annotation, as far as they lie in the image."""
    geometry = annotation.geometry
    if reaching_out([annotation], shape)[0]:
        cut = shapely.intersection(shapely.make_valid(geometry), shapely.box(0, 0, shape[1], shape[0]))
        geometry = shapely.multipolygons([p for p in shapely.get_parts(cut) if p.geom_type == "Polygon"])
    rings = shapely.get_exterior_ring(shapely.get_parts(geometry))
    return [shapely.get_coordinates(ring)[:-1] / shape[::-1] for ring in rings]


def _corner_values(annotation: Annotation, shape: Shape) -> list[FloatArray]:
    """Return four corners, those beyond the edge moved onto it: readers refuse an image for one fraction over 1."""
    return [np.clip(corners_of(annotation) / shape[::-1], 0, 1)]


def _common_losses(labels: LabelSet) -> Iterator[str]:
    drawn = labels.accepted(*AREAS)
    yield from box_losses(labels, drawn, "YOLO")
    lost = outside(drawn, labels.grid.shape)
    cut = reaching_out(drawn, labels.grid.shape) & ~lost
    if lost.any():
        yield f"{number_of(int(lost.sum()), 'annotation')} outside the image left out"
    if cut.any():
        yield f"{number_of(int(cut.sum()), 'annotation')} cut off at the edge of the image"


def _is_number(token: bytes) -> bool:
    try:
        return bool(np.isfinite(float(token)))
    except ValueError:
        return False


__all__ = [
    "count",
    "files_beside",
    "losses",
    "losses_obb",
    "losses_seg",
    "place",
    "read",
    "read_obb",
    "read_seg",
    "recognises",
    "write",
    "write_obb",
    "write_seg",
]
