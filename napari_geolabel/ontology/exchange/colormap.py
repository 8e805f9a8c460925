"""Colour maps as text: a value, red, green, blue, and perhaps alpha and a name, to a line.

GDAL (``gdaldem color-relief``) parts them by blanks, commas or colons, QGIS
by commas, both with comments after ``#``; GRASS and others put the value
first too.  QGIS writes a line ``INTERPOLATION:EXACT`` before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from napari_geolabel.errors import OntologyError
from napari_geolabel.ontology.colors import read_color, rgb_of
from napari_geolabel.ontology.exchange.building import LooseClass, build_ontology
from napari_geolabel.ontology.exchange.qml import OfRaster, mask_value
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology

HOLDS = OfRaster.HOLDS
_LINE = re.compile(r"\s*([-+.\w%]+)[\s,:]+(.+?)\s*")
_NUMBERS = re.compile(r"(\d{1,3})[\s,:]+(\d{1,3})[\s,:]+(\d{1,3})(?:[\s,:]+(\d{1,3}))?(?:[\s,:]+(.*))?")
_NO_DATA = {"nv", "default", "nodata"}


def recognises(text: str) -> bool:
    """Return whether the first line that says something begins with a value and three channels."""
    for line in _lines(text):
        return _parsed(line) is not None
    return False


def read(text: str, name: str, notes: list[str]) -> Ontology:
    """Return the ontology of a colour map; values that no mask can have are left out."""
    loose = []
    for number, line in enumerate(_lines(text), start=1):
        parsed = _parsed(line)
        if parsed is None:
            raise OntologyError(f"entry {number} ({line[:40]!r}) is no value with red, green and blue")
        word, color, label = parsed
        value = mask_value(word)
        if value is None:
            notes.append(f"the value {word[:20]} is left out: mask values are from 1 to 65535")
            continue
        kinds = (Kind.POLYGON, Kind.MASK)
        loose.append(LooseClass(name=label or f"value {value}", kinds=kinds, color=color, mask_value=value))
    return build_ontology(loose, name=name)


def write(ontology: Ontology) -> str:
    """Return a colour map that QGIS loads for a paletted mask, and GDAL too."""
    entries = [c for c in ontology.classes if c.mask_value is not None]
    lines = [",".join([str(c.mask_value), *map(str, rgb_of(c.color)), "255", c.name]) for c in entries]
    return "\n".join(["# QGIS colour map", "INTERPOLATION:EXACT", *lines]) + "\n"


def converted(ontology: Ontology) -> Iterator[str]:
    """Yield how many classes have no place in a mask."""
    yield from OfRaster.converted(ontology)


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        plain = line.strip()
        if plain and not plain.startswith("#") and not plain.upper().startswith("INTERPOLATION"):
            yield plain


def _parsed(line: str) -> tuple[str, str, str] | None:
    """Return value, colour and name of a line, None where it is no entry."""
    parts = _LINE.fullmatch(line[:500])
    if parts is None or not (parts[1].lower() in _NO_DATA or _is_number(parts[1])):
        return None
    numbers = _NUMBERS.fullmatch(parts[2])
    if numbers is None:
        color = read_color(parts[2].split("#")[0].strip())  # GDAL also takes names of colours
        return None if color is None else (parts[1], color, "")
    channels = [int(channel) for channel in numbers.groups()[:3]]
    label = (numbers[5] or "").strip().removeprefix("#").strip()
    if max(channels) > 255 or ("," not in line and _is_number(label.partition(" ")[0])):  # a line of DOTA, say
        return None
    return parts[1], str(read_color(channels)), label


def _is_number(text: str) -> bool:
    try:
        float(text.removesuffix("%"))
    except ValueError:
        return False
    return True
