"""The STAC catalogue of a training set: a label item for each chip, with its split, picture and labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_geolabel.formats.geojson_write import write_geojson
from napari_geolabel.formats.stac import write_json
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
    media_type,
    projection,
    reference,
)
from napari_geolabel.formats.stac_scene import scene_item, scene_time
from napari_geolabel.labels.chip_plan import Chip
from napari_geolabel.masks import UNWATCHED, Watch

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.ontology.model import Ontology

_ROOT = link("root", "../catalog.json")
_PARENT = link("parent", "../catalog.json")


def write_catalogue(
    folder: Path,
    chips: Sequence[tuple[Chip, dict[str, Any], Scene]],
    ontology: Ontology,
    watch: Watch = UNWATCHED,
) -> None:
    """Write ``catalog.json``, ``items/*.json`` and ``scenes/*.json``, with links that hold wherever the folder lies.

    Where a scene has a place on Earth, the labels of each chip stand beside
    its item as GeoJSON, as the label extension wants them, whatever format
    trainers read.
    """
    links = [link("root", "./catalog.json")]
    for place in ("items", "scenes"):
        (folder / place).mkdir(exist_ok=True)
    for scene in {id(scene): scene for _, _, scene in chips}.values():
        item = scene_item(scene, folder / "scenes")
        item["id"] = f"{scene.name}-scene"
        write_json(folder / "scenes" / f"{scene.name}.json", item | {"links": [_ROOT, _PARENT]})
        links.append(link("item", f"./scenes/{scene.name}.json", GEOJSON_TYPE))
    for number, (chip, entry, scene) in enumerate(chips):
        watch.tell(number / len(chips))
        name = Path(entry["image"]).stem
        write_json(folder / "items" / f"{name}.json", _item(folder, chip, entry, scene, ontology))
        links.append(link("item", f"./items/{name}.json", GEOJSON_TYPE))
    about = {"type": "Catalog", "id": folder.name, "stac_version": STAC_VERSION, "links": links}
    write_json(folder / "catalog.json", about | {"description": f"{len(chips)} chips with labels, by napari-geolabel"})


def _item(folder: Path, chip: Chip, entry: dict[str, Any], scene: Scene, ontology: Ontology) -> dict[str, Any]:
    """Return the item of a chip; without a place on Earth it has no geometry."""
    name = Path(entry["image"]).stem
    grid = scene.grid.window(chip.window)
    is_raster = Path(entry["labels"]).suffix == ".tif"
    shown = legend(ontology) if is_raster else {}
    assets: dict[str, Any] = {
        "image": {"href": reference(f"../{entry['image']}"), "type": media_type(entry["image"]), "roles": ["data"]},
        "labels": {
            "href": reference(f"../{entry['labels']}"),
            "type": media_type(entry["labels"]),
            "roles": ["labels", *(["labels-raster"] if is_raster else [])],
            **shown,
        },
    }
    properties: dict[str, Any] = {
        "datetime": scene_time(scene),
        "ml-aoi:split": {"val": "validate"}.get(chip.split, chip.split),
        "geolabel:scene": scene.name,
        "geolabel:labels": len(chip.annotations),
        **projection(grid),
    }
    if grid.is_georeferenced and not is_raster:
        write_geojson(folder / "items" / f"{name}.geojson", chip.annotations, grid, ontology, scene_name=name)
        assets["vector_labels"] = {
            "href": reference(f"./{name}.geojson"),
            "type": GEOJSON_TYPE,
            "roles": ["labels", "labels-vector"],
        }
    is_label_item = is_raster or "vector_labels" in assets
    if is_label_item:
        kind = "raster" if is_raster else "vector"
        properties |= label_properties(chip.annotations, ontology, f"Labels of a chip of {scene.name}", kind=kind)
    source = link("source", f"../scenes/{scene.name}.json", GEOJSON_TYPE)
    extensions = ((LABEL, is_label_item), (CLASSIFICATION, bool(shown)), (PROJECTION, grid.is_georeferenced))
    return {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": [uri for uri, is_used in extensions if is_used],
        "id": name,
        **footprint(grid),
        "properties": properties,
        "links": [_ROOT, _PARENT, source | ({"label:assets": ["image"]} if is_label_item else {})],
        "assets": assets,
    }
