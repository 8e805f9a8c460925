"""Heading, length, width and area of annotations on the ground, for any number of them at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats.label_set import geometries_of
from napari_geolabel.geo import FloatArray, GeoGrid
from napari_geolabel.geo.ring_areas import ring_areas_m2
from napari_geolabel.geo.wide_edges import without_wide_edges
from napari_geolabel.ontology import Kind

MEASURES = ("heading_deg", "length_m", "width_m", "area_m2")
"""The columns that follow from kind and geometry, whatever else is changed."""

Measures = dict[str, list[float | None]]
"""A list for each of `MEASURES`, one value per annotation."""

_POLYGON = 3
_GEOD = Geod(ellps="WGS84")
_DECIMALS = 3  # millimetres are less than any pixel can tell


def _unmoved(lonlat: FloatArray) -> FloatArray:
    return lonlat


def measures_of(annotations: Sequence[Annotation], grid: GeoGrid, lonlat: NDArray[np.object_] | None) -> Measures:
    """Return the measures of n annotations, None where they have none, and all None without a georeference.

    Parameters
    ----------
    annotations
        Areas have ``area_m2``, lines ``length_m``, rotated boxes all four.
    grid
        The grid of their pixel coordinates.
    lonlat
        Their geometries in longitude and latitude, shape (n,), where the caller has them already.
    """
    found: Measures = {name: [None] * len(annotations) for name in MEASURES}
    if not grid.is_georeferenced or not annotations:
        return found
    placed = without_wide_edges(geometries_of(annotations), grid) if lonlat is None else lonlat
    to_lonlat = grid.pixel_to_lonlat if lonlat is None else _unmoved
    dimensions = shapely.get_dimensions(placed)
    areas = np.round(areas_m2(placed, to_lonlat), _DECIMALS).tolist()
    found["area_m2"] = [area if two else None for area, two in zip(areas, (dimensions == 2).tolist(), strict=True)]
    lines = np.flatnonzero(dimensions == 1)
    for i, line in zip(lines.tolist(), shapely.transform(placed[lines], to_lonlat), strict=True):
        found["length_m"][i] = round(sum(_length_m(part) for part in shapely.get_parts(line)), _DECIMALS)
    boxes = [i for i, a in enumerate(annotations) if a.kind is Kind.ROTATED_BOX]
    if boxes:
        corners = np.array([shapely.get_coordinates(annotations[i].geometry)[:4] for i in boxes]).reshape(-1, 4, 2)
        for name, values in zip(MEASURES[:3], _box_sizes(corners, grid), strict=True):
            for i, value in zip(boxes, np.round(values, _DECIMALS).tolist(), strict=True):
                found[name][i] = value
    return found


def areas_m2(geometries: NDArray[np.object_], to_lonlat: Callable[[FloatArray], FloatArray] = _unmoved) -> FloatArray:
    """Return the geodesic areas of geometries, their holes taken off, shape (n,).

    What is no polygon has none.

    Parameters
    ----------
    geometries
        Of shape (n,).
    to_lonlat
        From their coordinates, shape (m, 2), to longitude and latitude.
    """
    is_ring = (shapely.get_type_id(geometries) == _POLYGON) & (shapely.get_num_interior_rings(geometries) == 0)
    is_ring &= ~shapely.is_empty(geometries)
    areas = np.zeros(len(geometries))
    areas[is_ring] = _rings_m2(geometries[is_ring], to_lonlat)
    rest = np.flatnonzero((shapely.get_dimensions(geometries) == 2) & ~is_ring)
    parts, owners = shapely.get_parts(geometries[rest], return_index=True)
    rings, ring_owners = shapely.get_rings(parts, return_index=True)
    is_hole = np.append([False], np.diff(ring_owners) == 0)[: len(rings)]
    each = _rings_m2(rings, to_lonlat)
    np.add.at(areas, rest[owners[ring_owners]], np.where(is_hole, -each, each))
    return areas


def _rings_m2(rings: NDArray[np.object_], to_lonlat: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Return the areas of rings, or of polygons of one ring each."""
    return ring_areas_m2(to_lonlat(shapely.get_coordinates(rings)), shapely.get_num_coordinates(rings))


def _box_sizes(corners: FloatArray, grid: GeoGrid) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return heading, length and width of rotated boxes, corners of shape (n, 4, 2) from bow-left round."""
    middles = np.stack(
        [
            corners[:, 2:].mean(axis=1),  # stern
            corners[:, :2].mean(axis=1),  # bow
            corners[:, [0, 3]].mean(axis=1),  # left
            corners[:, 1:3].mean(axis=1),  # right
        ]
    )
    stern, bow, left, right = grid.pixel_to_lonlat(middles.reshape(-1, 2)).reshape(4, -1, 2)
    heading, _, length = _GEOD.inv(*stern.T, *bow.T)
    _, _, width = _GEOD.inv(*left.T, *right.T)
    return np.round(np.mod(heading, 360), _DECIMALS) % 360, length, width


def _length_m(line: shapely.LineString) -> float:
    return float(_GEOD.line_length(*shapely.get_coordinates(line).T))
