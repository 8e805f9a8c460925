"""The links of STAC catalogues and collections, followed on the disk: never out of their folder, never to a server."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from napari_geolabel.errors import FormatError, GeoLabelError
from napari_geolabel.formats.texts import read_json

_FOLLOWED = ("child", "item")
_MOST = 50_000
"""Files that a catalogue may lead to: more would take minutes to be read one by one."""

Linked = tuple[Path, str, dict[str, Any] | None]
"""Where a link leads, why that cannot be read, and the item that stands there, if there is one."""


def is_catalogue(document: Any) -> bool:  # noqa: ANN401  (any JSON)
    """Return whether a document is a STAC catalogue or collection; old catalogues say no type."""
    if not isinstance(document, dict) or "stac_version" not in document:
        return False
    kind = document.get("type")
    return kind in ("Catalog", "Collection") or (kind is None and isinstance(document.get("links"), list))


def items_of(document: dict[str, Any], path: Path) -> Iterator[Linked]:
    """Yield the items that a catalogue leads to, directly or by way of others, and the links that cannot be followed.

    Parameters
    ----------
    document
        The catalogue.
    path
        Its file; what lies neither in its folder nor below is not opened.

    Raises
    ------
    FormatError
        If it leads to more files than anybody can mean.
    """
    root = path.parent.resolve()
    seen, waiting = {path.resolve()}, deque([(document, path.parent)])
    while waiting:
        catalogue, folder = waiting.popleft()
        for href in _hrefs(catalogue):
            place, refusal = _place_of(href, folder, root)
            if refusal:
                yield place, refusal, None
                continue
            if place in seen:
                continue
            seen.add(place)
            if len(seen) > _MOST:
                raise FormatError(f"{path.name} leads to more than {_MOST:,} files; import a catalogue below it")
            try:
                found = read_json(place)
            except GeoLabelError as error:
                yield place, str(error), None
                continue
            if is_catalogue(found):
                waiting.append((found, place.parent))
            elif isinstance(found, dict):
                yield place, "", found


def local_part(href: str) -> PurePosixPath | None:
    """Return the relative path that a reference consists of, None for an address or a path from the root."""
    place = PurePosixPath(unquote(href))
    if ":" in href or "\\" in href or "\0" in place.as_posix() or place.is_absolute():
        return None
    return place


def plain(href: str) -> str:
    """Return a reference to be shown in a sentence."""
    return "".join(c if c.isprintable() else "?" for c in href[:120])


def _hrefs(catalogue: dict[str, Any]) -> Iterator[str]:
    links = catalogue.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("rel") in _FOLLOWED and isinstance(link.get("href"), str):
            yield link["href"]


def _place_of(href: str, folder: Path, root: Path) -> tuple[Path, str]:
    """Return the file that a link leads to, and why it is not to be opened."""
    part = local_part(href)
    if part is None:
        return Path(plain(href)), f"it leads to {plain(href)}, which is not fetched"
    try:
        place = folder.joinpath(*part.parts).resolve()
    except (OSError, RuntimeError, ValueError):  # a name that no disk has, or links that lead around
        return Path(plain(href)), f"it leads to {plain(href)}, which is no file"
    if not place.is_relative_to(root):
        return place, f"it leads out of the catalogue's folder ({plain(href)})"
    if not place.is_file():
        return place, f"it leads to {plain(href)}, which does not lie there"
    return place, ""


__all__ = ["Linked", "is_catalogue", "items_of", "local_part", "plain"]
