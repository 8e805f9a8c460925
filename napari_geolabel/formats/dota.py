"""DOTA: rotated boxes as text, ``x1 y1 x2 y2 x3 y3 x4 y4 class difficult``, a file for each image.

Coordinates are pixels from the corner of the first pixel, and corners run
clockwise from the top left of the head, as ours do from bow-left.  Lines
before the first label, ``imagesource:`` and ``gsd:``, are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.files import require_file
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.images import another_name
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.quads import AREAS, box_losses, corners_of, shape_losses
from napari_geolabel.formats.texts import read_text, write_pieces
from napari_geolabel.ontology import Kind

_HEADER = re.compile(r"(?:imagesource|gsd)\s*:", re.IGNORECASE)
_COORDINATES = 8


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the labels of an image.

    Parameters
    ----------
    path
        The file, called like the image.
    image
        The image, for a note where it is called otherwise.

    Raises
    ------
    MissingFileError, UnsafeFileError
        If the path is no local file.
    FormatError
        If it is no text, or has no label at all among its lines.
    """
    found = require_file(path)
    geometries, rows, where = [], [], []
    skipped: list[tuple[str, str]] = []
    lines = [(number, line) for number, line in _lines(read_text(found).decode()) if not _HEADER.match(line)]
    for number, line in lines:
        try:
            geometry, row = _label(line.split())
        except BadGeometryError as fault:
            skipped.append((f"line {number}", str(fault)))
            continue
        geometries.append(geometry)
        rows.append(row)
        where.append(f"line {number}")
    if lines and not rows:
        raise FormatError(f"{found.name} is no DOTA: line {lines[0][0]} is no label ({skipped[0][1]})")
    array = np.empty(len(rows), object)
    array[:] = geometries
    columns = LabelColumns.from_rows(array, rows, crs=None, name=found.name, where=where, skipped=skipped)
    columns.notes += another_name(found.name, image)
    return columns


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as DOTA: classes by their ids, none of them difficult.

    Polygons become the smallest rotated boxes about them.  Rejected
    annotations, points and lines are left out.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    drawn = labels.accepted(*AREAS)
    write_pieces(path, (_line(annotation) for annotation in drawn), wanted=len(drawn), counter=count)


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what a DOTA file will not hold."""
    drawn = labels.accepted(*AREAS)
    yield from box_losses(labels, drawn, "DOTA")
    yield from shape_losses(drawn, "the smallest rotated boxes about them", Kind.POLYGON)
    yield from shape_losses(drawn, "rotated boxes", Kind.BOX)


def recognises(head: bytes) -> bool:
    """Return whether a text begins like DOTA."""
    for _, line in _lines(head.decode("utf-8", errors="replace")):
        tokens = line.split()
        return bool(_HEADER.match(line)) or (len(tokens) in (9, 10) and _number(tokens[8]) is None)
    return False


def count(path: Path) -> int:
    """Return how many labels a file has, as far as its lines tell."""
    with path.open("rb") as file:
        return sum(len(line.split()) in (9, 10) for line in file)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank with their numbers."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, line.strip()


def _label(tokens: list[str]) -> tuple[shapely.Polygon, dict[str, Any]]:
    """Return the corners and properties of a line."""
    if len(tokens) not in (9, 10):
        raise BadGeometryError(f"it has {len(tokens)} words where eight coordinates, a class and a 0 or 1 belong")
    numbers = [_number(token) for token in tokens[:_COORDINATES]]
    if None in numbers:
        raise BadGeometryError("its coordinates are not eight finite numbers")
    row: dict[str, Any] = {"class": tokens[8], "kind": Kind.ROTATED_BOX.value}
    if len(tokens) > 9:
        row["attr_difficult"] = tokens[9] not in {"0", "false", "False"}
    return shapely.Polygon(np.reshape(np.array(numbers, np.float64), (4, 2))), row


def _line(annotation: Annotation) -> bytes:
    corners = " ".join(map(repr, corners_of(annotation).ravel().tolist()))
    return f"{corners} {annotation.class_id} 0\n".encode()


def _number(token: str) -> float | None:
    """Return a finite number, None for what is none."""
    try:
        value = float(token)
    except ValueError:
        return None
    return value if np.isfinite(value) else None
