"""QGIS styles as legends: the categories of a vector layer, the palette of a mask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology.exchange.building import LooseClass, build_ontology
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.ontology.qgis import raster_qml, vector_qml

HOLDS = frozenset({"ids", "names", "colors", "headings", "archived"})
_KINDS = {
    "fill": (Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON),
    "line": (Kind.POLYLINE,),
    "marker": (Kind.KEYPOINT,),
}
_COLOR_KEYS = ("color", "line_color", "outline_color")


def recognises(root: Element) -> bool:
    """Return whether XML is the style of a vector layer."""
    return root.tag == "qgis" and root.find(".//renderer-v2") is not None


def read(root: Element, name: str, notes: list[str]) -> Ontology:
    """Return the ontology of a categorised style: values are ids, or mask values where they are numbers."""
    renderer = root.find(".//renderer-v2")
    kind = "" if renderer is None else renderer.get("type", "")
    if renderer is None or kind != "categorizedSymbol":
        raise OntologyError(
            f"it is a style of type {kind[:40] or 'none'}, which has no classes; take a categorised one"
        )
    symbols = {each.get("name"): each for each in renderer.findall("symbols/symbol")}
    loose = []
    for category in renderer.findall("categories/category"):
        value, label = category.get("value", ""), category.get("label", "")
        if value == "":
            continue  # what QGIS calls all other values
        symbol = symbols.get(category.get("symbol"))
        number = mask_value(value)
        loose.append(
            LooseClass(
                name=label or value,
                class_id=None if number is not None else value,
                kinds=_KINDS.get("" if symbol is None else symbol.get("type", ""), _KINDS["fill"]),
                color=None if symbol is None else _color(symbol),
                mask_value=number,
            )
        )
    if not loose:
        notes.append("its categories have no values")
    return build_ontology(loose, name=name)


def write(ontology: Ontology) -> str:
    """Return the style of a layer of polygons whose column ``class_id`` holds the class."""
    return vector_qml(ontology, "Polygon")


def converted(ontology: Ontology) -> Iterator[str]:
    """Yield what stands in another way in a style of polygons."""
    lines = sum(bool(c.kinds) and set(c.kinds) <= {Kind.POLYLINE, Kind.KEYPOINT} for c in ontology.classes)
    if lines:
        yield f"{lines} of the classes are lines or points; an export as GeoPackage has styles for them too"


def mask_value(text: str) -> int | None:
    """Return the mask value that a text names, None where it is no whole number from 1 to 65535."""
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value == value // 1 and 1 <= value <= 65_535 else None


def _color(symbol: Element) -> str | None:
    """Return the colour of the first setting that has one, in either notation."""
    options = {each.get("name"): each.get("value") for each in symbol.findall(".//Option")}
    props = {each.get("k"): each.get("v") for each in symbol.findall(".//prop")}
    found = props | options
    return next((found[key] for key in _COLOR_KEYS if found.get(key)), None)


@dataclass(frozen=True)
class _Entry:
    value: int
    name: str
    color: str


class OfRaster:
    """The palette of a raster layer."""

    HOLDS = frozenset({"names", "colors", "mask_value", "archived", "headings"})

    @staticmethod
    def recognises(root: Element) -> bool:
        """Return whether XML is the style of a raster layer."""
        return root.tag == "qgis" and root.find(".//rasterrenderer") is not None

    @staticmethod
    def read(root: Element, name: str, notes: list[str]) -> Ontology:
        """Return the ontology of a palette, or of a colour ramp whose values count exactly."""
        found = root.findall(".//paletteEntry")
        ramp = root.find(".//colorrampshader")
        if not found and ramp is not None and ramp.get("colorRampType", "").upper() == "EXACT":
            found = ramp.findall("item")
        if not found:
            raise OntologyError("it is a style without a palette, which has no classes; take a paletted one")
        loose = []
        for entry in found:
            number = mask_value(entry.get("value", ""))
            if number is None:
                notes.append(f"the value {entry.get('value', '')[:20]} is left out: mask values are from 1 to 65535")
                continue
            label, color = entry.get("label") or f"value {number}", entry.get("color")
            loose.append(LooseClass(name=label, kinds=(Kind.POLYGON, Kind.MASK), color=color, mask_value=number))
        return build_ontology(loose, name=name)

    @staticmethod
    def write(ontology: Ontology) -> str:
        """Return the style of a semantic mask."""
        return raster_qml(
            _Entry(label_class.mask_value, label_class.name, label_class.color)
            for label_class in ontology.classes
            if label_class.mask_value is not None
        )

    @staticmethod
    def converted(ontology: Ontology) -> Iterator[str]:
        """Yield how many classes have no place in a mask."""
        without = sum(c.mask_value is None for c in ontology.classes)
        if without:
            yield f"{without} of the classes left out, which have no mask value"
