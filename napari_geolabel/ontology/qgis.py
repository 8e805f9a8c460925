"""QGIS's own style format, QML, which layers of labels and masks are shown by.

QGIS ignores a style whose ``layerGeometryType`` is not the layer's, so that
there is one per geometry type; of a categorised style it draws only values
that have a category, so that each has one for all others.  Symbol settings
stand twice, as ``Option`` maps for QGIS 3.26 and later and as ``prop``
elements for those before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, Protocol
from xml.etree import ElementTree as ET

from napari_geolabel.ontology.colors import rgb_of
from napari_geolabel.ontology.model import Ontology

GeometryType = Literal["Point", "LineString", "Polygon"]

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_LAYER_TYPES: Mapping[str, str] = {"Point": "0", "LineString": "1", "Polygon": "2"}
_SYMBOL_TYPES: Mapping[str, tuple[str, str]] = {
    "Point": ("marker", "SimpleMarker"),
    "LineString": ("line", "SimpleLine"),
    "Polygon": ("fill", "SimpleFill"),
}
_OTHER_COLOR = "#808080"


class LegendEntry(Protocol):
    """What one value of a mask stands for; ``masks.MaskEntry`` is one."""

    @property
    def value(self) -> int:
        """The value of the pixels."""

    @property
    def name(self) -> str:
        """What people read in a legend."""

    @property
    def color(self) -> str:
        """``#rrggbb``."""


def vector_qml(ontology: Ontology, geometry_type: GeometryType, *, column: str = "class_id") -> str:
    """Return a QGIS style that colours a layer of one geometry type by class.

    Parameters
    ----------
    ontology
        Its classes become categories, in their order.
    geometry_type
        Type of the layer.
    column
        The column that holds the class id.
    """
    root = ET.Element("qgis", version="3.22", styleCategories="Symbology")
    renderer = ET.SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr=column, symbollevels="0", enableorderby="0", forceraster="0"
    )
    categories, symbols = ET.SubElement(renderer, "categories"), ET.SubElement(renderer, "symbols")
    legend = [(cls.id, cls.name, cls.color) for cls in ontology.classes]
    for number, (value, label, color) in enumerate([*legend, ("", "other", _OTHER_COLOR)]):
        ET.SubElement(
            categories,
            "category",
            type="string",
            value=value,
            label=printable(label),
            render="true",
            symbol=str(number),
        )
        _add_symbol(symbols, number, geometry_type, color)
    ET.SubElement(renderer, "rotation")
    ET.SubElement(renderer, "sizescale")
    ET.SubElement(root, "blendMode").text = "0"
    ET.SubElement(root, "featureBlendMode").text = "0"
    ET.SubElement(root, "layerGeometryType").text = _LAYER_TYPES[geometry_type]
    return _DOCTYPE + ET.tostring(root, encoding="unicode") + "\n"


def raster_qml(entries: Iterable[LegendEntry]) -> str:
    """Return a QGIS style that shows a mask's values by name and colour and leaves all others transparent."""
    root = ET.Element("qgis", version="3.22", styleCategories="Symbology")
    pipe = ET.SubElement(root, "pipe")
    renderer = ET.SubElement(
        pipe, "rasterrenderer", type="paletted", band="1", opacity="1", alphaBand="-1", nodataColor=""
    )
    palette = ET.SubElement(renderer, "colorPalette")
    for entry in entries:
        label = printable(entry.name)
        ET.SubElement(palette, "paletteEntry", value=str(entry.value), color=entry.color, alpha="255", label=label)
    ET.SubElement(root, "blendMode").text = "0"
    return _DOCTYPE + ET.tostring(root, encoding="unicode") + "\n"


def printable(text: str) -> str:
    """Return text without the characters that XML 1.0 cannot hold."""
    return "".join(
        c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )


def _add_symbol(symbols: ET.Element, number: int, geometry_type: GeometryType, color: str) -> None:
    """Add a one-layer symbol in a colour."""
    kind, layer_class = _SYMBOL_TYPES[geometry_type]
    symbol = ET.SubElement(symbols, "symbol", type=kind, name=str(number), alpha="1", clip_to_extent="1", force_rhr="0")
    layer = ET.SubElement(symbol, "layer", {"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"})
    options = ET.SubElement(layer, "Option", type="Map")
    for name, value in _symbol_settings(geometry_type, color).items():
        ET.SubElement(options, "Option", type="QString", name=name, value=value)
        ET.SubElement(layer, "prop", k=name, v=value)


def _symbol_settings(geometry_type: GeometryType, color: str) -> dict[str, str]:
    """Return QGIS's settings of a simple symbol."""
    if geometry_type == "Point":
        return {
            "name": "circle",
            "color": _rgba(color, 255),
            "outline_color": "255,255,255,255",
            "outline_style": "solid",
            "outline_width": "0.2",
            "outline_width_unit": "MM",
            "size": "2.4",
            "size_unit": "MM",
        }
    if geometry_type == "LineString":
        return {
            "line_color": _rgba(color, 255),
            "line_style": "solid",
            "line_width": "0.6",
            "line_width_unit": "MM",
            "capstyle": "round",
            "joinstyle": "round",
        }
    return {
        "color": _rgba(color, 77),  # three tenths, so that the scene shows through
        "style": "solid",
        "outline_color": _rgba(color, 255),
        "outline_style": "solid",
        "outline_width": "0.5",
        "outline_width_unit": "MM",
        "joinstyle": "miter",
    }


def _rgba(color: str, alpha: int) -> str:
    """Return ``#rrggbb`` as QGIS writes colours: ``r,g,b,a``."""
    return ",".join(map(str, (*rgb_of(color), alpha)))
