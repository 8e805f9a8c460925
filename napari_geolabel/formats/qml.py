"""Styles by which QGIS, GeoServer and others draw labels in the colours of the ontology.

QML is QGIS's own (``ontology/qgis.py``); SLD 1.1 with Symbology Encoding is
the OGC's format.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from napari_geolabel.ontology import Ontology
from napari_geolabel.ontology.qgis import GeometryType, printable, raster_qml, vector_qml

__all__ = ["GeometryType", "printable", "raster_qml", "vector_qml", "vector_sld"]

_SLD_NAMESPACES = {
    "xmlns": "http://www.opengis.net/sld",
    "xmlns:se": "http://www.opengis.net/se",
    "xmlns:ogc": "http://www.opengis.net/ogc",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
    "version": "1.1.0",
}


def vector_sld(ontology: Ontology, geometry_type: GeometryType, *, name: str, column: str = "class_id") -> str:
    """Return an SLD 1.1 style that colours a layer of one geometry type by class."""
    root = ET.Element("StyledLayerDescriptor", _SLD_NAMESPACES)
    layer = ET.SubElement(root, "NamedLayer")
    ET.SubElement(layer, "se:Name").text = printable(name)
    style = ET.SubElement(layer, "UserStyle")
    ET.SubElement(style, "se:Name").text = printable(name)
    rules = ET.SubElement(style, "se:FeatureTypeStyle")
    for cls in ontology.classes:
        rule = ET.SubElement(rules, "se:Rule")
        ET.SubElement(rule, "se:Name").text = cls.id
        description = ET.SubElement(rule, "se:Description")
        ET.SubElement(description, "se:Title").text = printable(cls.name)
        equal = ET.SubElement(ET.SubElement(rule, "ogc:Filter"), "ogc:PropertyIsEqualTo")
        ET.SubElement(equal, "ogc:PropertyName").text = column
        ET.SubElement(equal, "ogc:Literal").text = cls.id
        _add_symbolizer(rule, geometry_type, cls.color)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add_symbolizer(rule: ET.Element, geometry_type: GeometryType, color: str) -> None:
    """Add the symbolizer of a rule."""
    if geometry_type == "Point":
        graphic = ET.SubElement(ET.SubElement(rule, "se:PointSymbolizer"), "se:Graphic")
        mark = ET.SubElement(graphic, "se:Mark")
        ET.SubElement(mark, "se:WellKnownName").text = "circle"
        _add_parameters(mark, "se:Fill", {"fill": color})
        ET.SubElement(graphic, "se:Size").text = "9"
    elif geometry_type == "LineString":
        line = ET.SubElement(rule, "se:LineSymbolizer")
        _add_parameters(line, "se:Stroke", {"stroke": color, "stroke-width": "2"})
    else:
        polygon = ET.SubElement(rule, "se:PolygonSymbolizer")
        _add_parameters(polygon, "se:Fill", {"fill": color, "fill-opacity": "0.3"})
        _add_parameters(polygon, "se:Stroke", {"stroke": color, "stroke-width": "2"})


def _add_parameters(parent: ET.Element, tag: str, parameters: Mapping[str, str]) -> None:
    element = ET.SubElement(parent, tag)
    for name, value in parameters.items():
        ET.SubElement(element, "se:SvgParameter", name=name).text = value
