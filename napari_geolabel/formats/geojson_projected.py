"""GeoJSON in another CRS than longitude and latitude, as GeoJSON had it before RFC 7946.

The CRS stands in a member ``crs``, which QGIS, GDAL and geopandas follow and
web maps do not; so it is written on request only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.columns import crs_text, source_in
from napari_geolabel.formats.counting import count_lines
from napari_geolabel.formats.geojson_write import FORMAT_VERSION, geometry_members
from napari_geolabel.formats.label_set import LabelSet, geometries_of
from napari_geolabel.formats.lonlat import in_crs
from napari_geolabel.formats.own_members import dumps
from napari_geolabel.formats.schema import rows_of
from napari_geolabel.formats.texts import write_pieces


def write_projected(path: Path, labels: LabelSet, crs: CRS) -> None:
    """Write labels as a feature collection in a CRS.

    Rings run as RFC 7946 wants them; coordinates are easting and northing
    (or longitude and latitude), shortest round-trip doubles, and nothing is
    cut at the antimeridian.

    Raises
    ------
    FormatError
        If the CRS has no code that a ``crs`` member can name.
    WriteError
        If the file cannot be written.
    """
    head = {
        "type": "FeatureCollection",
        "name": labels.stem,
        "crs": crs_member(crs),
        "geolabel": _about(labels),
    }
    drawn = list(labels.annotations)
    pixels = geometries_of(drawn)
    mapped = _mapped(labels, pixels, crs)
    if len(drawn):
        head["bbox"] = shapely.total_bounds(mapped).tolist()
    write_pieces(path, _pieces(head, labels, mapped, pixels), wanted=len(drawn), counter=count_lines)


def crs_member(crs: CRS) -> dict[str, Any]:
    """Return the member that names a CRS by its code.

    Raises
    ------
    FormatError
        If it has none.
    """
    text = crs_text(crs)
    authority, _, code = text.partition(":")
    if not code.isalnum():
        raise FormatError(
            f"GeoJSON can only name a CRS that has a code, and {crs.name} has none; "
            "write a GeoPackage, or name another CRS"
        )
    return {"type": "name", "properties": {"name": f"urn:ogc:def:crs:{authority}::{code}"}}


def _mapped(labels: LabelSet, pixels: NDArray[np.object_], crs: CRS) -> NDArray[np.object_]:
    """Return the geometries in the CRS, those that were imported so with every bit."""
    mapped = in_crs(pixels, labels.grid, crs)
    for index, annotation in enumerate(labels.annotations):
        imported = None if annotation.source is None else source_in(annotation, crs)
        if imported is not None:
            flat = shapely.force_2d(imported)
            mapped[index] = shapely.orient_polygons(flat) if shapely.get_dimensions(flat) == 2 else flat
    return mapped


def _pieces(
    head: dict[str, Any], labels: LabelSet, mapped: NDArray[np.object_], pixels: NDArray[np.object_]
) -> Iterator[bytes]:
    """Yield the text of a file, a feature to a line."""
    yield dumps(head)[:-1] + b',"features":['
    rows = rows_of(list(labels.annotations), labels.ontology, labels.grid)
    members = zip(labels.annotations, rows, geometry_members(mapped), geometry_members(pixels), strict=True)
    for number, (annotation, row, geometry, pixel) in enumerate(members):
        feature = {
            "type": "Feature",
            "id": annotation.id,
            "properties": row,
            "geometry": geometry,
            "geolabel": {"pixel": pixel},
        }
        yield (b",\n" if number else b"\n") + dumps(feature)
    yield b"\n]}\n"


def _about(labels: LabelSet) -> dict[str, Any]:
    """Return what is said of the scene and the ontology, as in GeoJSON of longitude and latitude."""
    grid = labels.grid
    return {
        "version": FORMAT_VERSION,
        "scene": {
            "name": labels.scene_name,
            "shape": list(grid.shape),
            "transform": list(grid.transform)[:6],
            "crs": None if grid.crs is None else crs_text(grid.crs),
            "attributes": dict(labels.scene_attributes),
        },
        "ontology": dict(labels.ontology.stamp),
        "precision": None,
    }
