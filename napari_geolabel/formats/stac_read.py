"""Labels of STAC items, and of catalogues of such items, to columns.

Of items of others the labels are read if they lie beside the item or below
it, and of catalogues the items that lie in the catalogue's folder or below.
What stands on a server is never fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from napari_geolabel.errors import FormatError, GeoLabelError
from napari_geolabel.files import require_file
from napari_geolabel.formats.classes import class_word
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_features
from napari_geolabel.formats.geojson_read import read_geojson
from napari_geolabel.formats.joining import joined
from napari_geolabel.formats.label_set import Image
from napari_geolabel.formats.stac_links import is_catalogue, items_of, local_part, plain
from napari_geolabel.formats.stac_parts import GEOJSON_TYPE
from napari_geolabel.formats.texts import read_json


def read(path: Path, image: Image | None) -> LabelColumns:  # noqa: ARG001  (map coordinates belong to every image)
    """Read the labels of a label item, or of all label items that a catalogue or collection leads to.

    Items of a catalogue that cannot be read are left out and stand in
    ``skipped``, and so do links that lead out of its folder.

    Raises
    ------
    MissingFileError, UnsafeFileError
        If the item or its labels are no local file.
    FormatError
        If it is no label item, its labels stand on a server or in another folder, or a catalogue leads to no labels.
    """
    found = require_file(path)
    document = read_json(found)
    if not is_catalogue(document):
        return _read_item(document, found)
    tables, skipped = [], []
    for place, reason, item in items_of(document, found):
        try:
            if item is None:
                skipped.append((place.name, reason))
            elif _is_label_item(item):
                tables.append(_read_item(item, place))
        except GeoLabelError as error:
            skipped.append((place.name, str(error)))
    if not tables:
        first = f": {skipped[0][1]}" if skipped else ""
        raise FormatError(f"{found.name} leads to no label item whose labels lie here{first}")
    return joined(tables, found.name, skipped)


def count(path: Path) -> int:
    """Return how many labels an item has, or those of a catalogue."""
    document = read_json(path)
    if not is_catalogue(document):
        return count_features(_labels_of(document, path))
    items = [(item, place) for place, _, item in items_of(document, path) if item is not None and _is_label_item(item)]
    return sum(count_features(_labels_of(item, place)) for item, place in items)


def recognises(head: bytes) -> bool:
    """Return whether a text begins like STAC; a collection of items is GeoJSON of footprints."""
    return b'"stac_version"' in head and b'"FeatureCollection"' not in head


def _is_label_item(item: Mapping[str, Any]) -> bool:
    return any(str(key).startswith("label:") for key in _dict(item.get("properties")))


def _read_item(item: Any, path: Path) -> LabelColumns:  # noqa: ANN401  (any JSON)
    """Read the labels of one item."""
    labels = _labels_of(item, path)
    if not labels.is_file():
        raise FormatError(f"{path.name} has its labels in {labels.name[:80]}, which does not lie there; put it there")
    columns = read_geojson(labels)
    properties = _dict(item.get("properties"))
    keys = [key for key in _listed(properties.get("label:properties")) if isinstance(key, str)]
    if keys and all(word is None for word in columns.class_ids):
        columns.class_ids = [class_word(row.get(keys[0])) for row in columns.properties]
    return columns


def _labels_of(item: Any, path: Path) -> Path:  # noqa: ANN401  (any JSON)
    """Return the file of an item's labels, which lies in the item's folder or below it."""
    if not isinstance(item, dict) or "stac_version" not in item:
        raise FormatError(f"{path.name} is no STAC item: it has no stac_version")
    if item.get("type") != "Feature":
        raise FormatError(
            f"{path.name} is neither a STAC item nor a catalogue: its type is {str(item.get('type'))[:40]!r}"
        )
    properties = _dict(item.get("properties"))
    if not any(str(key).startswith("label:") for key in properties):
        raise FormatError(f"{path.name} is a STAC item without labels; read its footprint with the format geojson")
    if properties.get("label:type") == "raster":
        raise FormatError(f"{path.name} has its labels in a raster; import that mask")
    href = _vector_href(_dict(item.get("assets")))
    if href is None:
        raise FormatError(f"{path.name} names no GeoJSON with its labels among its assets")
    place = local_part(href)
    if place is None:
        raise FormatError(
            f"{path.name} has its labels at {plain(href)}, which is not fetched; put them beside the item"
        )
    if ".." in place.parts:
        raise FormatError(f"{path.name} has its labels in another folder ({plain(href)}); put them beside the item")
    return path.parent.joinpath(*place.parts)


def _vector_href(assets: Mapping[str, Any]) -> str | None:
    """Return where the labels are: of the asset whose roles say so best, else its key, else its type."""
    ranked = []
    for key, asset in assets.items():
        if not isinstance(asset, dict) or not isinstance(asset.get("href"), str):
            continue
        roles = _listed(asset.get("roles"))
        signs = (
            "labels-vector" in roles,
            "labels" in roles or key in {"labels", "vector_labels"},
            str(asset.get("type")).startswith(GEOJSON_TYPE),
        )
        if any(signs):
            ranked.append((signs, str(asset["href"])))
    return max(ranked, key=lambda each: each[0])[1] if ranked else None


def _dict(value: Any) -> Mapping[str, Any]:  # noqa: ANN401
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else []


__all__ = ["count", "read", "recognises"]
