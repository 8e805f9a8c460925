"""GDAL's ``.aux.xml`` sidecar (PAM): names and colours of the values of a raster.

A colour map inside a TIFF has no names and no transparency.  The sidecar has
both and wins over it, in QGIS and in GDAL's own tools.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

from napari_geolabel.formats.qml import printable
from napari_geolabel.masks import MaskEntry

MAX_BYTES = 16 * 2**20


def sidecar_path(raster: Path) -> Path:
    """Return where GDAL looks for the sidecar of a raster."""
    return raster.with_name(f"{raster.name}.aux.xml")


def pam_xml(entries: Iterable[MaskEntry], description: str, *, unlabelled: str = "unlabelled") -> str:
    """Return a sidecar that names and colours values, value 0 transparent.

    Names and colours are given by position, from 0 up; positions without an
    entry stay unnamed and transparent.
    """
    table = {entry.value: entry for entry in entries}
    root = ET.Element("PAMDataset")
    band = ET.SubElement(root, "PAMRasterBand", band="1")
    ET.SubElement(band, "Description").text = printable(description)
    if table:
        ET.SubElement(band, "ColorInterp").text = "Palette"
        names, colors = ET.SubElement(band, "CategoryNames"), ET.SubElement(band, "ColorTable")
        for value in range(max(table) + 1):
            entry = table.get(value)
            name = unlabelled if value == 0 else entry.name if entry else ""
            ET.SubElement(names, "Category").text = printable(name)
            red, green, blue, alpha = (*rgb(entry.color), 255) if entry else (0, 0, 0, 0)
            ET.SubElement(colors, "Entry", c1=str(red), c2=str(green), c3=str(blue), c4=str(alpha))
    return ET.tostring(root, encoding="unicode") + "\n"


def read_pam(raster: Path) -> dict[int, tuple[str, str | None]]:
    """Return names and colours (``#rrggbb``) of the values that a sidecar names; empty without a readable one."""
    from defusedxml import DefusedXmlException
    from defusedxml import ElementTree as SafeET

    path = sidecar_path(raster)
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        return {}
    try:
        root = SafeET.fromstring(path.read_bytes())
    except (ET.ParseError, DefusedXmlException, ValueError):
        return {}
    names = [node.text or "" for node in root.findall("./PAMRasterBand[@band='1']/CategoryNames/Category")]
    colors = [_entry_color(node) for node in root.findall("./PAMRasterBand[@band='1']/ColorTable/Entry")]
    colors += [None] * (len(names) - len(colors))
    return {value: (name, colors[value]) for value, name in enumerate(names) if name and value}


def rgb(color: str) -> tuple[int, int, int]:
    """Return red, green and blue, 0 to 255, of ``#rrggbb``."""
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red, green, blue


def _entry_color(node: ET.Element) -> str | None:
    try:
        return "#" + bytes(int(node.get(key, "")) for key in ("c1", "c2", "c3")).hex()
    except ValueError:
        return None
