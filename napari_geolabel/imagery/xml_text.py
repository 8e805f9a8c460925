"""Reading XML that GDAL will read too.

GDAL's own XML parser is more forgiving than others.  What the two could
understand differently, an attacker could hide in: such text is refused, so
that what is checked here is what GDAL sees later.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException, ElementTree

from napari_geolabel.errors import UnsafeFileError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MAX_BYTES = 64 * 1024 * 1024
_DECLARATION = re.compile(r"\s*<\?xml\b[^<>?]*\?>")
_HARMLESS_MARKUP = re.compile(r"<!--|<!\[CDATA\[")
_SPLIT_TEXT = re.compile(r"[^>\s]\s*<!(?:--|\[)|(?:--|\]\])>\s*[^<\s]")
"""A comment or CDATA section in the middle of a text, which GDAL cuts in two and others join."""


def read_xml(path: Path) -> Element:
    """Return the root element of a small XML file.

    Raises
    ------
    UnsafeFileError
        If it is too large, unsound, or written in a way that two parsers may read differently.
    """
    if not path.is_file() or path.stat().st_size > _MAX_BYTES:
        raise UnsafeFileError(f"{path} is not an ordinary small file; move it away and open the scene again")
    try:
        return parse_xml(path.read_bytes().decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError) as error:
        raise UnsafeFileError(f"{path} is not sound XML ({error}); move it away and open the scene again") from error


def parse_xml(text: str) -> Element:
    """Return the root element of XML text.

    Raises
    ------
    ValueError
        If the text is unsound, declares entities or holds processing instructions.
    """
    body = _DECLARATION.sub("", text, count=1)
    if "\0" in body or "<?" in body or "<!" in _HARMLESS_MARKUP.sub("", body) or _SPLIT_TEXT.search(body):
        raise ValueError("it holds declarations, or comments inside its texts")
    try:
        return ElementTree.fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, RecursionError) as error:
        raise ValueError(str(error)) from error
