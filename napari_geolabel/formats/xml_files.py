"""XML of unknown origin."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.qml import printable
from napari_geolabel.formats.texts import read_text


def read_xml(path: Path, tag: str, title: str) -> ET.Element:
    """Return the root of a file; entities and document types are refused.

    Parameters
    ----------
    path
        The file.
    tag
        What the root must be called, without its namespace.
    title
        The format, for the sentence.

    Raises
    ------
    FormatError
        If it is no XML, cannot be read safely, or has another root.
    """
    from defusedxml import DefusedXmlException
    from defusedxml import ElementTree as SafeET

    try:
        root: ET.Element = SafeET.fromstring(read_text(path), forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        if isinstance(error, FormatError):
            raise
        raise FormatError(f"{path.name} is no XML that can be read safely ({str(error)[:80]})") from error
    if local_name(root) != tag:
        raise FormatError(f"{path.name} is no {title}: it holds <{local_name(root)[:40]}>, not <{tag}>")
    return root


def local_name(node: ET.Element) -> str:
    """Return an element's name without its namespace."""
    return node.tag.rpartition("}")[2]


def add_text(parent: ET.Element, tag: str, text: object) -> ET.Element:
    """Add an element with a text, without the characters that XML cannot hold."""
    node = ET.SubElement(parent, tag)
    node.text = printable(str(text))
    return node


def to_bytes(root: ET.Element) -> bytes:
    """Return a tree as an indented file of UTF-8."""
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
