"""Files of unknown origin as JSON values, XML elements or text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from napari_geolabel.errors import OntologyError

Syntax = Literal["json", "xml", "text"]

MAX_BYTES: dict[Syntax, int] = {"json": 2**29, "xml": 2**26, "text": 2**22}
"""COCO files hold all labels beside their categories; legends are small."""


@dataclass(frozen=True, kw_only=True)
class Parsed:
    """What a file holds."""

    syntax: Syntax
    content: Any
    """A JSON value, the root element of XML, or text."""


def parse_source(path: Path, syntax: Syntax) -> Parsed:
    """Return what a file holds.

    Raises
    ------
    OntologyError
        If it is too large, or not sound.
    """
    size = path.stat().st_size
    if size > MAX_BYTES[syntax]:
        raise OntologyError(f"{path.name} has {size / 2**20:.0f} MiB, more than {MAX_BYTES[syntax] / 2**20:.0f}")
    raw = path.read_bytes()
    if syntax == "json":
        return Parsed(syntax=syntax, content=_json(raw, path.name))
    if syntax == "xml":
        return Parsed(syntax=syntax, content=_xml(raw, path.name))
    try:
        return Parsed(syntax=syntax, content=raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise OntologyError(f"{path.name} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def _json(raw: bytes, name: str) -> Any:  # noqa: ANN401
    import orjson

    try:
        return orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise OntologyError(f"{name}: line {error.lineno}, column {error.colno}: {error.msg}") from error


def _xml(raw: bytes, name: str) -> Any:  # noqa: ANN401  (an element)
    from defusedxml import DefusedXmlException, ElementTree

    try:  # QGIS writes a document type, which is let pass; entities and what lies outside the file are refused
        return ElementTree.fromstring(raw)
    except (ElementTree.ParseError, DefusedXmlException, LookupError, ValueError, RecursionError) as error:
        raise OntologyError(f"{name} is not sound XML ({error or type(error).__name__})") from error
