"""The truth of the sample scenes: annotations, and the mask that they give."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import rasterio
import rasterio.features
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Provenance, Status
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology

_MADE = datetime(2026, 1, 1, tzinfo=UTC)


def annotation(
    scene: str, number: int, class_id: str, kind: Kind, geometry: BaseGeometry, **attributes: str
) -> Annotation:
    """Return a true annotation; its id follows from the scene's name and its number, so that it never changes."""
    return Annotation(
        id=str(uuid5(NAMESPACE_URL, f"napari-geolabel/sample_data/{scene}/{number}")),
        class_id=class_id,
        kind=kind,
        geometry=geometry,
        attributes=attributes,
        status=Status.ACCEPTED,
        provenance=Provenance(created=_MADE, updated=_MADE, source="imported", tool="sample_data/make.py"),
    )


def truth_mask(annotations: Iterable[Annotation], shape: tuple[int, int], ontology: Ontology) -> NDArray[np.uint8]:
    """Return the semantic mask: pixels whose centre lies inside; later classes of the ontology win."""
    order = {label_class.id: index for index, label_class in enumerate(ontology.classes)}
    shapes = [
        (found.geometry, ontology[found.class_id].mask_value)
        for found in sorted(annotations, key=lambda found: order[found.class_id])
        if ontology[found.class_id].mask_value is not None
    ]
    return np.asarray(rasterio.features.rasterize(shapes, out_shape=shape, dtype="uint8"))


def write_truth_mask(path: Path, mask: NDArray[np.uint8], grid: GeoGrid, ontology: Ontology) -> None:
    """Write a mask with the class colours of the ontology; 0 is "unlabelled"."""
    colors = {0: (0, 0, 0, 0)}
    tags = {}
    for label_class in ontology.classes:
        if label_class.mask_value is not None:
            colors[label_class.mask_value] = (*tuple(bytes.fromhex(label_class.color[1:])), 255)
            tags[f"CLASS_{label_class.mask_value}"] = label_class.id
    rows, cols = mask.shape
    profile = {"driver": "GTiff", "dtype": "uint8", "count": 1, "height": rows, "width": cols, "nodata": 0}
    layout = {"compress": "deflate", "tiled": True, "blockxsize": 256, "blockysize": 256}
    crs = grid.crs.to_wkt() if grid.crs else None
    with rasterio.open(path, "w", **profile, **layout, transform=grid.transform, crs=crs) as target:
        target.write_colormap(1, colors)  # before the pixels: GDAL refuses it afterwards
        target.write(mask, 1)
        target.set_band_description(1, "class")
        target.update_tags(**tags)
