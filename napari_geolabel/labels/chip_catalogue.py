"""The STAC catalogue of a training set: an item for each chip, with its split, picture and labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from napari_geolabel.files import atomic_write
from napari_geolabel.labels.chip_plan import Chip

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene

STAC_VERSION = "1.1.0"
_MEDIA_TYPES = {
    ".tif": "image/tiff; application=geotiff",
    ".png": "image/png",
    ".json": "application/json",
    ".txt": "text/plain",
}


def write_catalogue(folder: Path, chips: Sequence[tuple[Chip, dict[str, Any], Scene]]) -> None:
    """Write ``catalog.json`` and ``items/*.json``, with links that hold wherever the folder lies."""
    (folder / "items").mkdir(exist_ok=True)
    links: list[dict[str, str]] = [{"rel": "root", "href": "./catalog.json", "type": "application/json"}]
    for chip, entry, scene in chips:
        name = Path(entry["image"]).stem
        _write(folder / "items" / f"{name}.json", _item(chip, entry, scene, name))
        links.append({"rel": "item", "href": f"./items/{name}.json", "type": "application/geo+json"})
    about = {"type": "Catalog", "id": folder.name, "stac_version": STAC_VERSION, "links": links}
    _write(folder / "catalog.json", about | {"description": f"{len(chips)} chips with labels, by napari-geolabel"})


def _item(chip: Chip, entry: dict[str, Any], scene: Scene, name: str) -> dict[str, Any]:
    """Return the item of a chip; without a place on Earth it has no geometry."""
    properties: dict[str, Any] = {
        "datetime": _time(scene),
        "ml-aoi:split": {"val": "validate"}.get(chip.split, chip.split),
        "geolabel:scene": scene.name,
        "geolabel:labels": len(chip.annotations),
    }
    item: dict[str, Any] = {"type": "Feature", "stac_version": STAC_VERSION, "stac_extensions": [], "id": name}
    item["geometry"] = None
    if scene.grid.is_georeferenced:
        rows, cols = chip.window
        corners = [(cols.start, rows.start), (cols.start, rows.stop), (cols.stop, rows.stop), (cols.stop, rows.start)]
        ring = scene.grid.pixel_to_lonlat(np.array([*corners, corners[0]], np.float64))
        footprint = shapely.orient_polygons(shapely.Polygon(ring))
        item |= {"geometry": shapely.geometry.mapping(footprint), "bbox": list(footprint.bounds)}
    assets = {
        "image": {"href": f"../{entry['image']}", "type": _type(entry["image"]), "roles": ["data"]},
        "labels": {"href": f"../{entry['labels']}", "type": _type(entry["labels"]), "roles": ["labels"]},
    }
    root = {"rel": "root", "href": "../catalog.json", "type": "application/json"}
    return item | {"properties": properties, "links": [root, root | {"rel": "parent"}], "assets": assets}


def _time(scene: Scene) -> str:
    """Return when a scene was taken; where nobody knows, when its file was written."""
    found = scene.metadata.acquired
    if found is None:
        found = datetime.fromtimestamp(scene.path.stat().st_mtime, UTC) if scene.path.exists() else datetime.now(UTC)
    if not isinstance(found, datetime):
        found = datetime(found.year, found.month, found.day, tzinfo=UTC)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _type(name: str) -> str:
    return _MEDIA_TYPES[Path(name).suffix]


def _write(path: Path, value: dict[str, Any]) -> None:
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1) + "\n", "utf-8")
