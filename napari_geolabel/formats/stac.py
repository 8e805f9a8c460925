"""STAC label items: an item with the label extension, its labels as GeoJSON beside it, and the item of the scene."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from napari_geolabel.errors import NotGeoreferencedError
from napari_geolabel.files import atomic_write
from napari_geolabel.formats.geojson_write import write_geojson
from napari_geolabel.formats.label_set import LabelSet
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
    reference,
    time_text,
)
from napari_geolabel.formats.stac_read import count, read, recognises
from napari_geolabel.formats.stac_scene import scene_item, scene_time

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
                "href": reference(f"./{vector}"),
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


__all__ = ["count", "files_beside", "losses", "read", "recognises", "write"]
