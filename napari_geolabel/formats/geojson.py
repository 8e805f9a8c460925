"""GeoJSON, both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from napari_geolabel.errors import NotGeoreferencedError
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.geojson_read import read_geojson
from napari_geolabel.formats.geojson_write import write_geojson
from napari_geolabel.formats.label_set import Image, LabelSet

_TYPE = re.compile(rb'"type"\s*:\s*"(?:Feature|FeatureCollection)"')


def read(path: Path, image: Image | None) -> LabelColumns:  # noqa: ARG001  (map coordinates belong to every image)
    """Return the features of a GeoJSON file."""
    return read_geojson(path)


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as GeoJSON."""
    write_geojson(
        path,
        labels.annotations,
        labels.grid,
        labels.ontology,
        scene_name=labels.scene_name,
        scene_attributes=labels.scene_attributes,
    )


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield nothing: GeoJSON of ours holds every label whole, if the scene has a place on Earth.

    Raises
    ------
    NotGeoreferencedError
        If it has none.
    """
    if not labels.grid.is_georeferenced:
        raise NotGeoreferencedError(
            f"GeoJSON needs longitude and latitude, and the scene {labels.stem} is not georeferenced; "
            "give it a transform and a CRS (scene.with_transform), or export COCO or a mask"
        )
    yield from ()


def recognises(head: bytes) -> bool:
    """Return whether a text begins like GeoJSON; that of xView and items of STAC are formats of their own."""
    is_other = b'"bounds_imcoords"' in head or (b'"stac_version"' in head and b'"FeatureCollection"' not in head)
    return _TYPE.search(head) is not None and not is_other


__all__ = ["losses", "read", "read_geojson", "recognises", "write", "write_geojson"]
