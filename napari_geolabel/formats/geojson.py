"""GeoJSON, both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from napari_geolabel.errors import NotGeoreferencedError
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.geojson_projected import crs_member, write_projected
from napari_geolabel.formats.geojson_read import read_geojson
from napari_geolabel.formats.geojson_write import write_geojson
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.geo.crs import short_name

_TYPE = re.compile(rb'"type"\s*:\s*"(?:Feature|FeatureCollection)"')


def read(path: Path, image: Image | None) -> LabelColumns:  # noqa: ARG001  (map coordinates belong to every image)
    """Return the features of a GeoJSON file."""
    return read_geojson(path)


def write(path: Path, labels: LabelSet) -> None:
    """Write labels as GeoJSON, in longitude and latitude unless another CRS is asked for."""
    if labels.crs is not None:
        losses(labels)
        write_projected(path, labels, labels.crs)
        return
    write_geojson(
        path,
        labels.annotations,
        labels.grid,
        labels.ontology,
        scene_name=labels.scene_name,
        scene_attributes=labels.scene_attributes,
    )


def losses(labels: LabelSet) -> Iterator[str]:
    """Yield nothing of labels, since GeoJSON of ours holds every one whole, if the scene has a place on Earth.

    Of another CRS it yields who passes over it.

    Raises
    ------
    FormatError
        If the CRS that is asked for has no code.
    NotGeoreferencedError
        If it has none.
    """
    if not labels.grid.is_georeferenced:
        raise NotGeoreferencedError(
            f"GeoJSON needs longitude and latitude, and the scene {labels.stem} is not georeferenced; "
            "give it a transform and a CRS (scene.with_transform), or export COCO or a mask"
        )
    if labels.crs is not None:
        crs_member(labels.crs)
        name = short_name(labels.crs)
        yield f"coordinates that web maps understand; QGIS, GDAL and geopandas do follow the member crs ({name})"


def recognises(head: bytes) -> bool:
    """Return whether a text begins like GeoJSON; that of xView and items of STAC are formats of their own."""
    is_other = b'"bounds_imcoords"' in head or (b'"stac_version"' in head and b'"FeatureCollection"' not in head)
    return _TYPE.search(head) is not None and not is_other


__all__ = ["losses", "read", "read_geojson", "recognises", "write", "write_geojson"]
