"""Which formats there are, which one a path means, and where each is read and written.

Those of this package stand in ``catalogue.py``.  Other packages add theirs by an
entry point of the group ``napari_geolabel.formats`` that names a `Format`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.catalogue import FORMATS
from napari_geolabel.formats.format import Format

ENTRY_POINTS = "napari_geolabel.formats"
"""The group of entry points by which other packages add formats."""


@cache
def all_formats() -> Mapping[str, Format]:
    """Return the formats of this package, then those that other packages add, by their id.

    What cannot be loaded, is no `Format` or takes an id that is taken gives a
    warning and is left out.
    """
    found = dict(FORMATS)
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            added = entry.load()
        except (ImportError, AttributeError) as error:
            warnings.warn(f"the label format {entry.name} cannot be loaded: {error}", stacklevel=2)
            continue
        if not isinstance(added, Format) or added.id in found:
            warnings.warn(f"the label format {entry.name} is left out: {entry.value} is no new format", stacklevel=2)
            continue
        found[added.id] = added
    return found


def exporter_for(path: str | Path, format: str | None = None) -> Format:  # noqa: A002  (the word of the public interface)
    """Return the format to write a file in, by its id or else by the file's suffix.

    Raises
    ------
    FormatError
        If there is none; the sentence lists those there are.
    """
    formats = {f.id: f for f in all_formats().values() if f.writes}
    plain = {f.id: f for f in formats.values() if not f.only_by_name or has_own_ending(path, f)}
    return _named(format, formats, "written") or _of_suffix(path, plain, "written")[0]


def importer_for(path: str | Path, format: str | None = None) -> Format:  # noqa: A002
    """Return the format to read a file in, by its id or else by the file's suffix and text.

    Raises
    ------
    FormatError
        If there is none; the sentence lists those there are.
    """
    formats = {f.id: f for f in all_formats().values() if f.reads}
    return _named(format, formats, "read") or recognised(path, _of_suffix(path, formats, "read"))


def recognised(path: str | Path, candidates: Iterable[Format]) -> Format:
    """Return the first of some formats that recognises a file's text, else the first."""
    from napari_geolabel.files import expanded
    from napari_geolabel.formats.texts import head_of

    offered = list(candidates)
    if len(offered) > 1:
        head = head_of(expanded(path))
        return next((each for each in offered if each.recognises(head)), offered[0])
    return offered[0]


def same_suffix(path: str | Path) -> list[Format]:
    """Return the formats that a file may be of by the end of its name, those of the longest suffix first."""
    name = Path(path).name.lower()
    lengths = {f.id: max((len(s) for s in f.suffixes if name.endswith(s)), default=0) for f in all_formats().values()}
    fitting = [f for f in all_formats().values() if lengths[f.id]]
    return sorted(fitting, key=lambda each: -lengths[each.id])


def has_own_ending(path: str | Path, form: Format) -> bool:
    """Return whether a file's name ends in a way that no other format shares, such as ``.cvat.xml``."""
    name = Path(path).name.lower()
    return any(name.endswith(suffix) and suffix.count(".") > 1 for suffix in form.suffixes)


def _named(format_id: str | None, formats: Mapping[str, Format], verb: str) -> Format | None:
    """Return the format of an id, None without one."""
    if format_id is None:
        return None
    if format_id in formats:
        return formats[format_id]
    raise FormatError(f"labels cannot be {verb} as {format_id!r}; choose {', '.join(formats)}")


def _of_suffix(path: str | Path, formats: Mapping[str, Format], verb: str) -> list[Format]:
    """Return the formats of a file's suffix, or say which there are."""
    found = [each for each in same_suffix(path) if each.id in formats]
    if found:
        return found
    listed = ", ".join(f"{each.title} ({' '.join(each.suffixes)})" for each in formats.values())
    sharing = [each.id for each in same_suffix(path) if each.only_by_name]
    if sharing:
        raise FormatError(f"{Path(path).name} may be {', '.join(sharing)}; say which (format=, --format)")
    raise FormatError(f"{Path(path).name} is of no format that labels can be {verb} in; use {listed}")


__all__ = [
    "ENTRY_POINTS",
    "FORMATS",
    "Format",
    "all_formats",
    "exporter_for",
    "has_own_ending",
    "importer_for",
    "recognised",
    "same_suffix",
]
