"""What the supplier's own files beside a scene say of it.

Landsat's ``_MTL.txt``, Sentinel-2's ``MTD_*.xml``, the DIMAP files of Pleiades
and SPOT, Planet's ``_metadata.json``, and a STAC item.  They are found by the
scene's own name, read as plain text, and become tags like those that stand in
a raster itself.  A file that cannot be understood is left out, and said to be.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.xml_text import read_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

Tags = dict[str, str]
"""Key in lower case → text."""

_MAX_BYTES = 8 * 1024**2
_MAX_TAGS, _MAX_TEXT = 2000, 300
_MAX_LISTED = 20_000
_MAX_JSON = 20
_PARENTS = 5  # from IMG_DATA/R10m up to the product's own folder
_SENTINEL2_BANDS = ("b01", "b02", "b03", "b04", "b05", "b06", "b07", "b08", "b8a", "b09", "b10", "b11", "b12")
_MTL_LINE = re.compile(r"^\s*(\w+)\s*=\s*(.+?)\s*$", re.M)


@dataclass(frozen=True, kw_only=True)
class ProductFiles:
    """What the files beside a scene say."""

    tags: Tags
    paths: tuple[Path, ...]
    """The files that were understood."""

    band_names: tuple[str, ...] = ()
    """What the bands are, in the order in which the raster holds them; empty where nothing tells."""

    notes: tuple[str, ...] = ()
    """What was left out."""


def read_product_files(paths: Sequence[Path], folder: Path) -> ProductFiles:
    """Return what the supplier's files beside a scene say of it.

    Parameters
    ----------
    paths
        The files of the scene's bands.
    folder
        The scene's own folder.
    """
    tags: Tags = {}
    used, notes = [], []
    names: tuple[str, ...] = ()
    for path, read in _candidates(paths, folder):
        try:
            found = read(path)
        except (GeoLabelError, OSError, ValueError, RecursionError) as error:
            notes.append(f"{path.name} beside the scene cannot be understood and was left out ({str(error)[:120]})")
            continue
        if found is None:  # a JSON file about something else
            continue
        names = names or tuple(filter(None, found.pop("band_order", "").split(",")))
        tags = {**found, **tags}
        used.append(path)
    return ProductFiles(tags=tags, paths=tuple(used), band_names=names, notes=tuple(notes))


_Reader = Callable[[Path], Tags | None]


def _candidates(paths: Sequence[Path], folder: Path) -> Iterator[tuple[Path, _Reader]]:
    """Yield the files that belong to a scene by their names, with what reads each."""
    stem = paths[0].stem.casefold()
    known = [(own, path, read) for path in _beside(paths[0].parent) for own, read in _kinds(path.name.casefold())]
    found = [each for each in known if _belongs(stem, each[0])]
    jsons = 0
    for _, path, read in sorted(found, key=lambda each: -len(each[0])):  # the nearer to its name, the earlier
        jsons += read is _read_stac
        if read is not _read_stac or jsons <= _MAX_JSON:
            yield path, read
    for place in _product_folders(paths[0], folder):
        for path in _beside(place):
            if re.fullmatch(r"mtd_(msil1c|msil2a|tl)\.xml", path.name.casefold()):
                yield path, _read_sentinel2


def _kinds(name: str) -> Iterator[tuple[str, _Reader]]:
    """Yield what a file beside a scene may be by its name in lower case: how its scene's name begins, what reads it."""
    if name.endswith("_mtl.txt"):
        yield name.removesuffix("_mtl.txt"), _read_mtl
    elif name.startswith("dim_") and name.endswith(".xml"):
        yield f"img_{name.removeprefix('dim_').removesuffix('.xml')}", _read_dimap
    elif name.endswith("_metadata.json"):
        yield name.removesuffix("_metadata.json"), _read_planet
    if name.endswith(".json"):
        yield name.removesuffix(".json"), _read_stac


def _belongs(stem: str, own: str) -> bool:
    """Return whether a scene's name is one, or begins with it as with a word: scene_1 is no part of scene_10."""
    return bool(own) and stem.startswith(own) and not stem[len(own) : len(own) + 1].isalnum()


def _product_folders(path: Path, folder: Path) -> Iterator[Path]:
    """Yield the folders of a Sentinel-2 product that a band lies in, and the scene's own."""
    parents = list(path.parents)[:_PARENTS]
    product = next((i for i, each in enumerate(parents) if each.suffix.casefold() == ".safe"), None)
    yield from parents[: product + 1] if product is not None else dict.fromkeys([path.parent, folder])


def _beside(folder: Path) -> list[Path]:
    """Return the small ordinary files of a folder, by name."""
    try:
        with os.scandir(folder) as entries:
            listed = [entry for _, entry in zip(range(_MAX_LISTED), entries, strict=False)]
        names = sorted(
            entry.name
            for entry in listed
            if entry.name.casefold().endswith((".txt", ".xml", ".json"))
            and entry.is_file()
            and entry.stat().st_size <= _MAX_BYTES
        )
    except OSError:  # a folder that may be entered but not listed, or none
        return []
    return [folder / name for name in names]


def _read_mtl(path: Path) -> Tags:
    """Return Landsat's metadata, names without their groups."""
    text = path.read_text(encoding="utf-8", errors="replace")
    found = ((key.lower(), value.strip('"')[:_MAX_TEXT]) for key, value in _MTL_LINE.findall(text))
    return _first_of((key, value) for key, value in found if key not in ("group", "end_group"))


def _read_sentinel2(path: Path) -> Tags:
    """Return what a product's or granule's metadata says, offsets by the names of their bands."""
    root = read_xml(path)
    tags = _leaves(root)
    for element in root.iter():
        name, number = _name(element), element.get("band_id", "")
        if name in ("radio_add_offset", "boa_add_offset") and number.isdigit() and int(number) < len(_SENTINEL2_BANDS):
            tags.pop(name, None)
            tags[f"{name}_{_SENTINEL2_BANDS[int(number)]}"] = (element.text or "").strip()
    return tags


def _read_dimap(path: Path) -> Tags:
    """Return what a DIMAP 2 file says; ``band_order`` is what the raster holds, in its order."""
    root = read_xml(path)
    tags = _leaves(root)
    for place in root.iter("Located_Geometric_Values"):
        if (place.findtext("LOCATION_TYPE") or "").strip().casefold() == "center":
            tags |= _leaves(place)
    indexes = {
        int(number): name
        for each in root.iter("Raster_Index")
        if (number := (each.findtext("BAND_INDEX") or "").strip()).isdigit()
        and re.fullmatch(r"\w{1,12}", name := (each.findtext("BAND_ID") or "").strip())
    }
    if sorted(indexes) == list(range(1, len(indexes) + 1)):
        tags["band_order"] = ",".join(indexes[number] for number in sorted(indexes))
    return tags


def _read_planet(path: Path) -> Tags | None:
    """Return what Planet says, the cloud cover as a percentage."""
    item = _read_json(path)
    if item is None or "acquired" not in item["properties"]:
        return None
    tags = _plain(item["properties"])
    if "cloud_percent" not in tags and "cloud_cover" in tags:
        tags["cloud_percent"] = f"{100 * float(tags['cloud_cover']):g}"
    tags.pop("cloud_cover", None)  # a share of one, where others give a percentage
    return tags


def _read_stac(path: Path) -> Tags | None:
    item = _read_json(path)
    if item is None or "stac_version" not in item:
        return None
    return {"id": str(item.get("id", ""))[:_MAX_TEXT], **_plain(item["properties"])}


def _read_json(path: Path) -> dict[str, Any] | None:
    """Return a GeoJSON feature with properties, None for any other JSON."""
    item = json.loads(path.read_text(encoding="utf-8-sig"))
    is_feature = isinstance(item, dict) and item.get("type") == "Feature" and isinstance(item.get("properties"), dict)
    return item if is_feature else None


def _plain(properties: dict[str, Any]) -> Tags:
    """Return properties as text; what has members of its own is left out."""
    found = {}
    for key, value in properties.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        if value is not None and not isinstance(value, dict):
            found[key.lower()] = (text.lower() if isinstance(value, bool) else text)[:_MAX_TEXT]
    return found


def _leaves(root: Element) -> Tags:
    """Return the texts of elements without children, by name and by name with their parent's, the first of each."""
    return _first_of(
        pair
        for parent in root.iter()
        for leaf in parent
        if len(leaf) == 0 and (text := (leaf.text or "").strip())
        for pair in (
            (_name(leaf), text[:_MAX_TEXT]),
            (f"{_name(parent)}.{_name(leaf)}", text[:_MAX_TEXT]),
        )
    )


def _first_of(pairs: Iterator[tuple[str, str]]) -> Tags:
    found: Tags = {}
    for key, value in pairs:
        if len(found) >= _MAX_TAGS:
            break
        found.setdefault(key, value)
    return found


def _name(element: Element) -> str:
    """Return an element's name without its namespace, in lower case."""
    return element.tag.rpartition("}")[2].lower()
