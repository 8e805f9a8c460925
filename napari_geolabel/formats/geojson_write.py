"""Annotations to GeoJSON (RFC 7946).

The map geometry is WGS 84 longitude and latitude in shortest round-trip
doubles.  Beside it each feature carries its pixel geometry in the foreign
member ``geolabel``, and the collection says in a member of the same name
which grid these pixels are of, so that reading the file back on the same
scene gives the same annotations to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError, NotGeoreferencedError
from napari_geolabel.formats.columns import crs_text, source_in
from napari_geolabel.formats.counting import count_lines
from napari_geolabel.formats.lonlat import bounding_boxes, follow_rfc7946, leaps, mapped, total_box
from napari_geolabel.formats.rings import Rings, rings_of
from napari_geolabel.formats.schema import rows_of
from napari_geolabel.formats.texts import write_pieces
from napari_geolabel.geo import LONLAT, FloatArray, GeoGrid
from napari_geolabel.ontology import Ontology

FORMAT_VERSION = 1
"""Version of the foreign members; readers refuse none, but trust pixels of this one only."""

CHUNK = 500  # features that are turned into text at a time, so that a large file never stands in memory as objects


def write_geojson(
    path: str | Path,
    annotations: Iterable[Annotation],
    grid: GeoGrid,
    ontology: Ontology,
    *,
    scene_name: str | None = None,
    scene_attributes: Mapping[str, Any] | None = None,
    precision: int | None = None,
) -> None:
    """Write annotations as an RFC 7946 feature collection.

    Parameters
    ----------
    path
        The file; it appears whole or not at all.
    annotations
        In draw order.
    grid
        The scene's grid, which must be georeferenced.
    ontology
        Its names, mask values and stamp stand in the file.
    scene_name, scene_attributes
        The scene's name and the attributes of the scene as a whole.
    precision
        Decimals of longitude and latitude; by default all that a double has.
        Seven are a centimetre, which is visible in scenes of half a metre.

    Raises
    ------
    NotGeoreferencedError
        If the scene has no map coordinates.
    FormatError
        If a value cannot stand in JSON.
    WriteError
        If the file cannot be written.
    """
    if not grid.is_georeferenced:
        raise NotGeoreferencedError(
            f"{Path(path).name} cannot be written as GeoJSON: the scene is not georeferenced; "
            "give it a transform and a CRS first, or write a GeoPackage or a mask in pixels"
        )
    drawn = list(annotations)
    pixels = _geometries(drawn)
    lonlat = lonlat_of(drawn, pixels, grid, precision)
    boxes = bounding_boxes(lonlat)
    head = {
        "type": "FeatureCollection",
        "bbox": total_box(boxes),
        "geolabel": _about(grid, ontology, scene_name, scene_attributes, precision),
    }
    if head["bbox"] is None:
        del head["bbox"]

    def pieces() -> Iterator[bytes]:
        for chunk in range(0, len(drawn), CHUNK):
            part = slice(chunk, chunk + CHUNK)
            features = features_of(drawn[part], lonlat[part], pixels[part], boxes[part], grid, ontology)
            yield b",\n".join(map(dumps, features))

    write_collection(Path(path), head, pieces(), len(drawn))


def write_collection(path: Path, head: Mapping[str, Any], pieces: Iterable[bytes], count: int) -> None:
    """Write a feature collection whole or not at all, a feature to a line.

    Parameters
    ----------
    path
        The file.
    head
        The collection's members but its features.
    pieces
        Some features each, as JSON, with commas between them.
    count
        How many features they are.
    """

    def text() -> Iterator[bytes]:
        between = dumps(head)[:-1] + b',"features":[\n'
        for piece in pieces:
            yield between
            yield piece
            between = b",\n"
        yield (between if not count else b"") + b"\n]}\n"

    write_pieces(path, text(), wanted=count, counter=count_lines)


def geometry_members(geometries: NDArray[np.object_]) -> list[dict[str, Any]]:
    """Return GeoJSON geometry objects whose coordinates are slices of one array, without a Python object per vertex."""
    plain = (shapely.get_type_id(geometries) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(geometries)
    plain &= shapely.get_num_interior_rings(geometries) == 0
    members: list[Any] = [None] * len(geometries)
    for index, ring in zip(np.flatnonzero(plain).tolist(), _coordinates_of(geometries[plain]), strict=True):
        members[index] = {"type": "Polygon", "coordinates": [ring]}
    others = np.flatnonzero(~plain)
    for index, polygons in zip(others.tolist(), rings_of(geometries[others]), strict=True):
        members[index] = _geometry_member(geometries[index], polygons)
    return members


def _geometry_member(geometry: BaseGeometry, polygons: list[Rings]) -> dict[str, Any]:
    """Return the object of one geometry, given its rings where it has any."""
    kind = geometry.geom_type
    if kind == "Polygon":
        coordinates: Any = polygons[0]
    elif kind == "MultiPolygon":
        coordinates = polygons
    elif kind == "MultiLineString":
        coordinates = [shapely.get_coordinates(part) for part in shapely.get_parts(geometry)]
    else:
        coordinates = shapely.get_coordinates(geometry)
    return {"type": kind, "coordinates": coordinates[0] if kind == "Point" else coordinates}


def _coordinates_of(geometries: NDArray[np.object_]) -> Iterator[FloatArray]:
    """Yield the points of each geometry, shape (n, 2), as slices of one array."""
    points, start = shapely.get_coordinates(geometries), 0
    for end in np.cumsum(shapely.get_num_coordinates(geometries)).tolist():
        yield points[start:end]
        start = end


def features_of(
    drawn: list[Annotation],
    lonlat: NDArray[np.object_],
    pixels: NDArray[np.object_],
    boxes: FloatArray,
    grid: GeoGrid,
    ontology: Ontology,
) -> Iterator[dict[str, Any]]:
    """Yield the features of annotations."""
    rows = rows_of(drawn, ontology, grid, lonlat)
    parts = zip(drawn, rows, geometry_members(lonlat), geometry_members(pixels), boxes.tolist(), strict=True)
    for annotation, row, geometry, pixel, box in parts:
        yield {
            "type": "Feature",
            "id": annotation.id,
            "bbox": box,
            "properties": row,
            "geometry": geometry,
            "geolabel": {"pixel": pixel},
        }


def _about(
    grid: GeoGrid,
    ontology: Ontology,
    scene_name: str | None,
    scene_attributes: Mapping[str, Any] | None,
    precision: int | None,
) -> dict[str, Any]:
    """Return the collection's foreign member: the scene, its grid and the ontology."""
    return {
        "version": FORMAT_VERSION,
        "scene": {
            "name": scene_name,
            "shape": list(grid.shape),
            "transform": list(grid.transform)[:6],
            "crs": None if grid.crs is None else crs_text(grid.crs),
            "attributes": dict(scene_attributes or {}),
        },
        "ontology": dict(ontology.stamp),
        "precision": precision,
    }


def lonlat_of(
    drawn: list[Annotation], pixels: NDArray[np.object_], grid: GeoGrid, precision: int | None
) -> NDArray[np.object_]:
    """Return the geometries in longitude and latitude, those that were imported so with every bit.

    Which way round an imported edge over more than 180 degrees goes, only the scene tells.
    """
    placed = mapped(pixels, grid)
    for index, annotation in enumerate(drawn):
        imported = None if annotation.source is None else source_in(annotation, LONLAT)
        if imported is not None and not leaps(imported):
            placed[index] = shapely.force_2d(imported)
    following = follow_rfc7946(placed)
    if precision is None:
        return following
    return np.asarray(shapely.transform(following, lambda xy: np.round(xy, precision)))


def _geometries(drawn: list[Annotation]) -> NDArray[np.object_]:
    array = np.empty(len(drawn), object)
    array[:] = [annotation.geometry for annotation in drawn]
    return array


def dumps(value: Any) -> bytes:  # noqa: ANN401
    """Return JSON.

    Raises
    ------
    FormatError
        If a value cannot stand in it; the sentence names the feature.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    except (TypeError, orjson.JSONEncodeError) as error:
        name = value.get("id") or value.get("type")
        raise FormatError(f"{name} holds a value that JSON cannot ({error}); correct or remove it") from error


def dumps_each(values: list[Any]) -> list[bytes]:
    """Return the JSON of each value; raises as `dumps`."""
    try:
        return [orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY) for value in values]
    except (TypeError, orjson.JSONEncodeError):
        return [dumps(value) for value in values]  # which tells of the one that cannot stand there
