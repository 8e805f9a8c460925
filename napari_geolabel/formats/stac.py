"""STAC label items: an item with the label extension, its labels as GeoJSON beside it, and the item of the scene.

Of items of others the labels are read if they lie beside the item or below
it.  What stands on a server is never fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import orjson

from napari_geolabel.errors import FormatError, NotGeoreferencedError
from napari_geolabel.files import atomic_write, require_file
from napari_geolabel.formats.classes import class_word
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import count_features
from napari_geolabel.formats.geojson_read import read_geojson
from napari_geolabel.formats.geojson_write import write_geojson
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.stac_parts import (
    CLASSIFICATION,
    GEOJSON_TYPE,
    LABEL,
    PROJECTION,
    STAC_VERSION,
    footprint,
    label_properties,
    legend,
    link,
    projection,
    time_text,
)
from napari_geolabel.formats.stac_scene import scene_item, scene_time
from napari_geolabel.formats.texts import read_json

SUFFIX = ".stac.json"


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as a label item.

    The labels stand in ``<name>.geojson`` and the item of the scene, where
    that is known, in ``<name>.scene.json``.  The item's footprint is the
    scene's, since it says where was looked.

    Raises
    ------
    NotGeoreferencedError
        If the scene has no map coordinates.
    WriteError
        If a file cannot be written.
    """
    losses(labels)
    vector, source = files_beside(path)
    write_geojson(
        vector,
        labels.annotations,
        labels.grid,
        labels.ontology,
        scene_name=labels.scene_name,
        scene_attributes=labels.scene_attributes,
    )
    if labels.scene is not None:
        write_json(source, scene_item(labels.scene, path.parent))
    write_json(path, _item(path, labels, vector.name, source.name))


def losses(labels: LabelSet) -> list[str]:
    """Return nothing: the GeoJSON holds every label whole, if the scene has a place on Earth.

    Raises
    ------
    NotGeoreferencedError
        If it has none.
    """
    if not labels.grid.is_georeferenced:
        raise NotGeoreferencedError(
            f"the labels of a STAC item are in longitude and latitude, and the scene {labels.stem} is not "
            "georeferenced; give it a transform and a CRS (scene.with_transform), or export COCO or a mask"
        )
    return []


def files_beside(path: Path) -> tuple[Path, Path]:
    """Return where the labels of an item and the item of its scene stand."""
    stem = path.name[: -len(SUFFIX)] if path.name.lower().endswith(SUFFIX) else path.stem
    return path.with_name(f"{stem}.geojson"), path.with_name(f"{stem}.scene.json")


def read(path: Path, image: Image | None) -> LabelColumns:  # noqa: ARG001  (map coordinates belong to every image)
    """Read the labels of a label item.

    Raises
    ------
    MissingFileError, UnsafeFileError
        If the item or its labels are no local file.
    FormatError
        If it is no label item, or its labels stand on a server or in another folder.
    """
    found = require_file(path)
    item = read_json(found)
    labels = _labels_of(item, found)
    if not labels.is_file():
        raise FormatError(f"{found.name} has its labels in {labels.name[:80]}, which does not lie there; put it there")
    columns = read_geojson(labels)
    properties = _dict(item.get("properties"))
    keys = [key for key in _listed(properties.get("label:properties")) if isinstance(key, str)]
    if keys and all(word is None for word in columns.class_ids):
        columns.class_ids = [class_word(row.get(keys[0])) for row in columns.properties]
    return columns


def count(path: Path) -> int:
    """Return how many labels an item has."""
    return count_features(_labels_of(read_json(path), path))


def recognises(head: bytes) -> bool:
    """Return whether a text begins like STAC; a collection of items is GeoJSON of footprints."""
    return b'"stac_version"' in head and b'"FeatureCollection"' not in head


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write an item or a catalogue; the file appears whole or not at all."""
    with atomic_write(path) as temporary:
        temporary.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")


def _item(path: Path, labels: LabelSet, vector: str, source: str) -> dict[str, Any]:
    """Return the label item."""
    shown = legend(labels.ontology)
    times = [t for a in labels.annotations if (t := a.provenance.updated or a.provenance.created) is not None]
    seen = None if labels.scene is None else scene_time(labels.scene)
    about = label_properties(labels.annotations, labels.ontology, f"Labels of {labels.stem}", kind="vector")
    item: dict[str, Any] = {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": [LABEL, PROJECTION, *([CLASSIFICATION] if shown else [])],
        "id": files_beside(path)[0].stem,
        **footprint(labels.grid),
        "properties": {
            "datetime": seen or time_text(max(times, default=None), datetime.now(UTC)),
            **({"updated": time_text(max(times), datetime.now(UTC))} if times else {}),
            **projection(labels.grid),
            **about,
            **{f"geolabel:{key}": value for key, value in labels.ontology.stamp.items()},
        },
        "links": [],
        "assets": {
            "vector_labels": {
                "href": f"./{vector}",
                "type": GEOJSON_TYPE,
                "title": "Labels, with all their attributes",
                "roles": ["labels", "labels-vector"],
                **shown,
            }
        },
    }
    if labels.scene is not None:
        item["links"].append(link("source", f"./{source}", GEOJSON_TYPE) | {"label:assets": ["image"]})
    return item


def _labels_of(item: Any, path: Path) -> Path:  # noqa: ANN401  (any JSON)
    """Return the file of an item's labels, which lies in the item's folder or below it."""
    if not isinstance(item, dict) or "stac_version" not in item:
        raise FormatError(f"{path.name} is no STAC item: it has no stac_version")
    if item.get("type") != "Feature":
        kind = str(item.get("type") or "catalogue")[:40].lower()
        raise FormatError(f"{path.name} is a STAC {kind} and no item; import one of the label items that it links to")
    properties = _dict(item.get("properties"))
    if not any(str(key).startswith("label:") for key in properties):
        raise FormatError(f"{path.name} is a STAC item without labels; read its footprint with the format geojson")
    if properties.get("label:type") == "raster":
        raise FormatError(f"{path.name} has its labels in a raster; import that mask")
    href = _vector_href(_dict(item.get("assets")))
    if href is None:
        raise FormatError(f"{path.name} names no GeoJSON with its labels among its assets")
    place = PurePosixPath(unquote(href))
    if ":" in href or "\\" in href or "\0" in place.as_posix() or href.startswith("/"):
        raise FormatError(
            f"{path.name} has its labels at {_plain(href)}, which is not fetched; put them beside the item"
        )
    if ".." in place.parts:
        raise FormatError(f"{path.name} has its labels in another folder ({_plain(href)}); put them beside the item")
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


def _plain(href: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in href[:120])


def _dict(value: Any) -> Mapping[str, Any]:  # noqa: ANN401
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else []


__all__ = ["count", "files_beside", "losses", "read", "recognises", "write"]
