"""The kind of a feature whose file does not say it."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import SNAP_PX
from napari_geolabel.geo import FloatArray, GeoGrid, is_rectangle
from napari_geolabel.ontology import Kind, LabelClass

_RECTANGLE = 1e-3
"""Cosine up to which a corner counts as right: what rounding and reprojection leave of a rectangle."""


def kind_of(word: object, geometry: BaseGeometry) -> Kind | None:
    """Return the kind that a file names, None where it names none that the geometry can be."""
    if not isinstance(word, str) or word not in set(Kind):
        return None
    kind = Kind(word)
    return kind if geometry.geom_type in kind.geometry_types else None


def guess_kind(geometry: BaseGeometry, label_class: LabelClass, grid: GeoGrid) -> Kind:
    """Return the kind as which a geometry in pixel coordinates is most likely meant.

    Points are keypoints and lines polylines.  A rectangle along the pixel
    axes is a box and any other rectangle on the ground a rotated box, where
    the class allows them; other polygons are polygons.
    """
    if shapely.get_dimensions(geometry) < 2:
        return Kind.KEYPOINT if geometry.geom_type == "Point" else Kind.POLYLINE
    if isinstance(geometry, shapely.Polygon) and shapely.get_num_coordinates(geometry) == 5:
        corners = shapely.get_coordinates(geometry)[:4]
        if Kind.BOX in label_class.kinds and _is_along_axes(corners):
            return Kind.BOX
        if Kind.ROTATED_BOX in label_class.kinds and is_rectangle(corners, grid, _RECTANGLE):
            return Kind.ROTATED_BOX
    return Kind.POLYGON


def _is_along_axes(corners: FloatArray) -> bool:
    """Return whether four corners are those of a rectangle along the pixel axes."""
    steps = np.abs(np.roll(corners, -1, axis=0) - corners)
    flat = steps <= SNAP_PX
    return bool((flat.sum(axis=1) == 1).all() and (flat[0] == flat[2]).all() and (flat[1] == flat[3]).all())
