"""Which formats there are, and which one a path means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from napari_geolabel.errors import FormatError

Content = Literal["vector", "mask"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One file format."""

    id: str
    """What ``format=`` and ``--format`` take."""
    title: str
    """What people call it."""
    suffixes: tuple[str, ...]
    """File name endings, lower case, the usual one first."""
    content: Content
    """Annotations, or pixels."""
    writes: bool
    """Whether labels can be exported to it."""
    reads: bool
    """Whether labels can be imported from it."""


FORMATS: Mapping[str, Format] = {
    each.id: each
    for each in (
        Format(
            id="geojson", title="GeoJSON", suffixes=(".geojson", ".json"), content="vector", writes=True, reads=True
        ),
        Format(id="gpkg", title="GeoPackage", suffixes=(".gpkg",), content="vector", writes=True, reads=False),
        Format(id="mask", title="mask GeoTIFF", suffixes=(".tif", ".tiff"), content="mask", writes=True, reads=True),
    )
}
"""All formats by their id."""


def exporter_for(path: str | Path, format: str | None = None) -> Format:  # noqa: A002  (the word of the public interface)
    """Return the format to write a file in, by its id or else by the file's suffix.

    Raises
    ------
    FormatError
        If there is none; the sentence lists those there are.
    """
    return _find(path, format, {f.id: f for f in FORMATS.values() if f.writes}, "written")


def importer_for(path: str | Path, format: str | None = None) -> Format:  # noqa: A002
    """Return the format to read a file in, by its id or else by the file's suffix.

    Raises
    ------
    FormatError
        If there is none; the sentence lists those there are.
    """
    return _find(path, format, {f.id: f for f in FORMATS.values() if f.reads}, "read")


def _find(path: str | Path, format_id: str | None, formats: Mapping[str, Format], verb: str) -> Format:
    """Return a format, or say which there are."""
    if format_id is not None:
        if format_id in formats:
            return formats[format_id]
        raise FormatError(f"labels cannot be {verb} as {format_id!r}; choose {', '.join(formats)}")
    suffix = Path(path).suffix.lower()
    for each in formats.values():
        if suffix in each.suffixes:
            return each
    listed = ", ".join(f"{each.title} ({' '.join(each.suffixes)})" for each in formats.values())
    raise FormatError(f"{Path(path).name} is of no format that labels can be {verb} in; use {listed}")
