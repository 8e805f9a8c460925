"""KML: placemarks in longitude and latitude, with the ontology's colours as styles.

OGC 12-007r2.  Our flat columns stand in ``ExtendedData``, whose values are
texts.  Read without following any link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import NotGeoreferencedError
from napari_geolabel.files import require_file
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_matches
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.geojson_write import lonlat_of
from napari_geolabel.formats.label_set import Image, LabelSet, geometries_of
from napari_geolabel.formats.schema import rows_of
from napari_geolabel.formats.texts import write_pieces
from napari_geolabel.formats.xml_files import add_text, local_name, read_xml, to_bytes
from napari_geolabel.geo import LONLAT

_PLACEMARK = re.compile(rb"<(?:\w{1,20}:)?Placemark[\s>]")
_NAMESPACE = "http://www.opengis.net/kml/2.2"
_NUMBERS = frozenset(
    {"confidence", "ground_resolution_m", "heading_deg", "length_m", "width_m", "area_m2", "class_value"}
)
_DEEPEST = 20


def read(path: Path, image: Image | None) -> LabelColumns:  # noqa: ARG001  (map coordinates belong to every image)
    """Read the placemarks of a KML file, of all its folders.

    The class is a property named like one, else the name of the placemark.

    Raises
    ------
    MissingFileError, UnsafeFileError
        If the path is no local file.
    FormatError
        If it is no KML.
    """
    found = require_file(path)
    root = read_xml(found, "kml", "KML")
    geometries: list[BaseGeometry] = []
    rows: list[dict[str, Any]] = []
    where: list[str] = []
    skipped: list[tuple[str, str]] = []
    placemarks = [node for node in root.iter() if local_name(node) == "Placemark"]
    for number, node in enumerate(placemarks, start=1):
        try:
            geometries.append(_only_geometry(node))
        except BadGeometryError as fault:
            skipped.append((f"placemark {number}", str(fault)))
            continue
        rows.append(_row(node))
        where.append(f"placemark {number}")
    array = np.empty(len(rows), object)
    array[:] = geometries
    return LabelColumns.from_rows(array, rows, crs=LONLAT, name=found.name, where=where, skipped=skipped)


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as placemarks, each class with a style of its colour.

    Raises
    ------
    NotGeoreferencedError
        If the scene has no place on Earth.
    WriteError
        If the file cannot be written.
    """
    _require_place(labels)
    root = ET.Element("kml", xmlns=_NAMESPACE)
    document = ET.SubElement(root, "Document")
    add_text(document, "name", labels.stem)
    for cls in labels.ontology.classes:
        _add_style(document, cls.id, cls.color)
    drawn = list(labels.annotations)
    lonlat = lonlat_of(drawn, geometries_of(drawn), labels.grid, None)
    for annotation, row, geometry in zip(
        drawn, rows_of(drawn, labels.ontology, labels.grid, lonlat), lonlat, strict=True
    ):
        node = ET.SubElement(document, "Placemark")
        add_text(node, "name", labels.ontology[annotation.class_id].name)
        add_text(node, "styleUrl", f"#{annotation.class_id}")
        _add_data(node, row)
        _add_geometry(node, geometry)
    write_pieces(path, [to_bytes(root)], wanted=len(drawn), counter=count)


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield what a KML file will not hold; raises where the scene has no place on Earth."""
    _require_place(labels)
    if labels.scene_attributes:
        yield "the attributes of the whole scene do not go into KML; GeoJSON keeps them"


def recognises(head: bytes) -> bool:
    """Return whether a text begins like KML."""
    return b"<kml" in head or b":kml" in head


def count(path: Path) -> int:
    """Return how many placemarks a file has, as far as its text tells."""
    return count_matches(path, _PLACEMARK)


def _child(node: ET.Element, name: str) -> ET.Element | None:
    return next((each for each in node if local_name(each) == name), None)


def _text(node: ET.Element | None) -> str:
    return "" if node is None else (node.text or "").strip()


def _row(node: ET.Element) -> dict[str, Any]:
    """Return the properties of a placemark."""
    row: dict[str, Any] = {}
    for each in node.iter():
        if local_name(each) == "Data":
            row[each.get("name", "")] = _text(_child(each, "value"))
        elif local_name(each) == "SimpleData":
            row[each.get("name", "")] = _text(each)
    for key in _NUMBERS & row.keys():
        try:
            row[key] = float(row[key])
        except ValueError:
            row[key] = None
    row = {key: value for key, value in row.items() if value != ""}
    name = _text(_child(node, "name"))
    return row if not name or "class_id" in row else {"class": name, **row}


def _only_geometry(node: ET.Element) -> BaseGeometry:
    found = [_GEOMETRIES[local_name(each)](each, 0) for each in node if local_name(each) in _GEOMETRIES]
    if not found:
        raise BadGeometryError("it has no geometry")
    return found[0]


def _coordinates(node: ET.Element, least: int) -> Any:  # noqa: ANN401  (points, shape (n, 2))
    """Return longitudes and latitudes; heights are dropped."""
    texts = [position.split(",")[:2] for position in _text(_child(node, "coordinates")).split()]
    try:
        points = np.array([[float(number) for number in pair] for pair in texts], np.float64).reshape(len(texts), -1)
    except ValueError:
        raise BadGeometryError("its coordinates are no numbers") from None
    if len(points) < least or points.shape[1] != 2:
        raise BadGeometryError(f"its coordinates are not {least} pairs of numbers or more")
    if not (np.abs(points) <= (360, 90 + 1e-9)).all():
        raise BadGeometryError("its coordinates are no longitudes and latitudes")
    return points


def _point(node: ET.Element, depth: int) -> BaseGeometry:  # noqa: ARG001
    return shapely.Point(_coordinates(node, 1)[0])


def _line(node: ET.Element, depth: int) -> BaseGeometry:  # noqa: ARG001
    return shapely.LineString(_coordinates(node, 2))


def _polygon(node: ET.Element, depth: int) -> BaseGeometry:  # noqa: ARG001
    rings: dict[str, list[Any]] = {"outerBoundaryIs": [], "innerBoundaryIs": []}
    for boundary in node:
        ring = _child(boundary, "LinearRing")
        if local_name(boundary) in rings and ring is not None:
            rings[local_name(boundary)].append(_coordinates(ring, 3))
    if not rings["outerBoundaryIs"]:
        raise BadGeometryError("its polygon has no outer boundary")
    try:
        return shapely.Polygon(rings["outerBoundaryIs"][0], rings["innerBoundaryIs"])
    except ValueError:
        raise BadGeometryError("a ring of its polygon has no three points") from None


def _several(node: ET.Element, depth: int) -> BaseGeometry:
    if depth > _DEEPEST:
        raise BadGeometryError("its geometries are nested too deeply")
    parts = [_GEOMETRIES[local_name(each)](each, depth + 1) for each in node if local_name(each) in _GEOMETRIES]
    if not parts:
        raise BadGeometryError("it has no geometry")
    collect: Any = _COLLECTIONS.get(frozenset(part.geom_type for part in parts), shapely.geometrycollections)
    collected: BaseGeometry = collect(parts)
    return collected


_COLLECTIONS = {frozenset({"Polygon"}): shapely.multipolygons, frozenset({"LineString"}): shapely.multilinestrings}
_GEOMETRIES = {"Point": _point, "LineString": _line, "Polygon": _polygon, "MultiGeometry": _several}


def _add_style(document: ET.Element, name: str, color: str) -> None:
    """Add the style of a class; KML writes colours as alpha, blue, green, red."""
    style = ET.SubElement(document, "Style", id=name)
    turned = color[5:7] + color[3:5] + color[1:3]
    add_text(ET.SubElement(style, "IconStyle"), "color", f"ff{turned}")
    line = ET.SubElement(style, "LineStyle")
    add_text(line, "color", f"ff{turned}")
    add_text(line, "width", 2)
    add_text(ET.SubElement(style, "PolyStyle"), "color", f"4d{turned}")


def _add_data(node: ET.Element, row: dict[str, Any]) -> None:
    import json

    data = ET.SubElement(node, "ExtendedData")
    for key, value in row.items():
        if value is not None and not key.startswith("attr_"):
            text = json.dumps(value, ensure_ascii=False) if key == "attributes" else str(value)
            add_text(ET.SubElement(data, "Data", name=key), "value", text)


def _add_geometry(parent: ET.Element, geometry: BaseGeometry) -> None:
    """Add a geometry; one of several parts as a MultiGeometry."""
    kind = geometry.geom_type
    if kind.startswith("Multi"):
        parent = ET.SubElement(parent, "MultiGeometry")
        for part in shapely.get_parts(geometry):
            _add_geometry(parent, part)
    elif isinstance(geometry, shapely.Polygon):
        node = ET.SubElement(parent, "Polygon")
        for number, ring in enumerate(shapely.get_rings(geometry)):
            boundary = ET.SubElement(node, "innerBoundaryIs" if number else "outerBoundaryIs")
            _add_coordinates(ET.SubElement(boundary, "LinearRing"), ring)
    else:
        _add_coordinates(ET.SubElement(parent, kind), geometry)


def _add_coordinates(node: ET.Element, geometry: BaseGeometry) -> None:
    points = shapely.get_coordinates(geometry).tolist()
    add_text(node, "coordinates", " ".join(f"{x!r},{y!r}" for x, y in points))


def _require_place(labels: LabelSet) -> None:
    if not labels.grid.is_georeferenced:
        raise NotGeoreferencedError(
            f"KML needs longitude and latitude, and the scene {labels.stem} is not georeferenced; "
            "give it a transform and a CRS (scene.with_transform), or export COCO"
        )
