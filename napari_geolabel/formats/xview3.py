"""xView3: detections of vessels in radar scenes as CSV, a row for each, many scenes to a file.

``detect_scene_row`` and ``detect_scene_column`` number pixels from 0, so that
the point lies half a pixel further, in the middle.  Flags may be empty.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.files import require_file
from napari_geolabel.formats import losing
from napari_geolabel.formats.collecting import Collected, Feature
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.images import find_image, left_there
from napari_geolabel.formats.label_set import Image, LabelSet, number_of
from napari_geolabel.formats.texts import read_text, write_pieces
from napari_geolabel.formats.xview_classes import is_vessel_class, vessel_word
from napari_geolabel.ontology import Kind

_ROW, _COLUMN = "detect_scene_row", "detect_scene_column"
_COLUMNS = (
    "detect_lat",
    "detect_lon",
    _ROW,
    _COLUMN,
    "scene_id",
    "is_vessel",
    "is_fishing",
    "vessel_length_m",
    "confidence",
    "detect_id",
)
_HELD = (Kind.KEYPOINT, Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON)
_MIDDLE = 0.5
_LEVELS = ((2 / 3, "HIGH"), (1 / 3, "MEDIUM"), (0.0, "LOW"))
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_FLAGS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}


def read(path: Path, image: Image | None) -> LabelColumns:
    """Read the detections of one scene as points, their flags as classes and attributes; see `Format.read`."""
    found = require_file(path)
    rows = _rows(read_text(found).decode(), found.name)
    names = list(dict.fromkeys(row.get("scene_id") or "" for _, row in rows)) or [""]
    index, notes = find_image(names, image, found.name)
    chosen = names[index]
    others = sum((row.get("scene_id") or "") != chosen for _, row in rows)
    collected = Collected(name=found.name, notes=[*notes, *left_there(others, len(names))])
    for place, row in rows:
        if (row.get("scene_id") or "") == chosen:
            collected.add(place, _feature, row)
    return collected.columns()


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as detections, a point for each; rejected annotations and lines are left out.

    ``is_vessel`` and ``is_fishing`` are taken from attributes of that name,
    else from the class; they are empty where neither says so.

    Raises
    ------
    WriteError
        If the file cannot be written.
    """
    drawn = labels.accepted(*_HELD)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    points = np.array([_point(a) for a in drawn], np.float64).reshape(-1, 2)
    lonlat = labels.grid.pixel_to_lonlat(points).tolist() if labels.grid.is_georeferenced else [("", "")] * len(drawn)
    for annotation, point, place in zip(drawn, points.tolist(), lonlat, strict=True):
        writer.writerow(_written(annotation, point, place, labels))
    write_pieces(path, [text.getvalue().encode()], wanted=len(drawn), counter=count)


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what an xView3 file will not hold."""
    drawn = labels.accepted(*_HELD)
    yield from losing.left_out(labels, "xView3", *_HELD)
    areas = sum(a.kind is not Kind.KEYPOINT for a in drawn)
    if areas:
        yield f"{number_of(areas, 'annotation')} with an extent written as points in the middle"
    moved = sum(tuple(np.floor(_point(a)) + _MIDDLE) != _point(a) for a in drawn)
    if moved:
        yield f"{number_of(moved, 'point')} moved to the middle of the pixel"
    if drawn:
        yield (
            "of attributes only is_vessel, is_fishing and length_m go into xView3, of confidence only low, medium "
            "or high; ids and status do not"
        )
    unknown = sum(_flags(a, labels)[0] is None for a in drawn)
    if unknown:
        yield (
            f"{number_of(unknown, 'annotation')} written without is_vessel, since neither attribute nor class say "
            "vessel, ship, boat or fixed_structure"
        )
    yield from losing.unlinked(drawn, "xView3")
    yield from losing.scene_left_out(labels, "xView3")


def recognises(head: bytes) -> bool:
    """Return whether a text begins like xView3's."""
    first = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    return _ROW.encode() in first and _COLUMN.encode() in first


def count(path: Path) -> int:
    """Return how many detections a file has, as far as its lines tell."""
    with path.open("rb") as file:
        return max(0, sum(bool(line.strip()) for line in file) - 1)


def _rows(text: str, name: str) -> list[tuple[str, Mapping[str, str | None]]]:
    """Return the rows of a file, and what to call each."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        columns = reader.fieldnames or []
        if _ROW not in columns or _COLUMN not in columns:
            raise FormatError(f"{name} is no xView3 CSV: its first line has no {_ROW} and {_COLUMN}")
        return [(f"row {number}", row) for number, row in enumerate(reader, start=1)]
    except csv.Error as error:
        raise FormatError(f"{name} is no CSV that can be read ({error})") from error


def _feature(row: Mapping[str, Any]) -> Feature:
    """Return the point and properties of a detection."""
    try:
        x, y = (float(row.get(key) or "") for key in (_COLUMN, _ROW))
    except (TypeError, ValueError):
        raise BadGeometryError(f"its {_ROW} and {_COLUMN} are no numbers") from None
    flags = [_FLAGS.get(str(row.get(key) or "").strip().lower()) for key in ("is_vessel", "is_fishing")]
    given = {"is_vessel": flags[0], "is_fishing": flags[1], "length_m": _number(row.get("vessel_length_m"))}
    level = str(row.get("confidence") or "").strip()
    attributes: dict[str, Any] = {f"attr_{key}": value for key, value in given.items() if value is not None}
    if level:
        attributes["attr_label_confidence"] = level
    if not np.isfinite([x, y]).all():
        raise BadGeometryError(f"its {_ROW} and {_COLUMN} are not finite")
    point = shapely.Point(x + _MIDDLE, y + _MIDDLE)
    return point, {"class": vessel_word(*flags), "kind": Kind.KEYPOINT.value, **attributes}


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _point(annotation: Annotation) -> tuple[float, float]:
    """Return the middle of an annotation, which is in it."""
    centre = annotation.geometry.centroid
    inside = centre if annotation.geometry.covers(centre) else annotation.geometry.representative_point()
    return inside.x, inside.y


def _written(annotation: Annotation, point: list[float], place: Any, labels: LabelSet) -> dict[str, Any]:  # noqa: ANN401
    """Return the row of an annotation."""
    given = annotation.attributes
    x, y = np.floor(point).astype(int).tolist()
    vessel, fishing = _flags(annotation, labels)
    score = annotation.confidence
    level = "" if score is None else next(word for least, word in _LEVELS if score >= least)
    texts = {"scene_id": labels.stem, "detect_id": f"{labels.stem}_{y}_{x}"}
    return {
        "detect_lat": place[1],
        "detect_lon": place[0],
        _ROW: y,
        _COLUMN: x,
        **{key: _harmless(text) for key, text in texts.items()},
        "is_vessel": "" if vessel is None else vessel,
        "is_fishing": "" if fishing is None else fishing,
        "vessel_length_m": given.get("length_m", ""),
        "confidence": level,
    }


def _flags(annotation: Annotation, labels: LabelSet) -> tuple[Any, Any]:
    """Return whether an annotation is a vessel and fishes; None, which is empty there, where nobody has said so."""
    given, cls = annotation.attributes, labels.ontology[annotation.class_id]
    vessel = given.get("is_vessel", is_vessel_class(cls, labels.ontology))
    is_fishing = True if vessel and "fishing" in cls.id else None
    return vessel, given.get("is_fishing", is_fishing)


def _harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, see OWASP, CSV injection."""
    return f"'{text}" if _FORMULA.match(text) else text
