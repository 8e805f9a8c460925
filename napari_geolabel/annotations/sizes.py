"""How large many annotations are on the ground, all measured at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.geo import FloatArray, GeoGrid, ground_matrix

if TYPE_CHECKING:
    from napari_geolabel.annotations.annotation import Annotation

_RIGHT = 1e-9
"""How far the cosine of a corner may be from 0 for a rectangle."""

MEASURES: Final = {"length_m": ("length", "m"), "width_m": ("width", "m"), "area_m2": ("area", "m²")}
"""What is measured, with the word and the unit for a sentence."""


def ground_sizes(geometries: NDArray[np.object_], grid: GeoGrid) -> dict[str, FloatArray]:
    """Return length, width and area of geometries on the ground.

    The ground frame is that of the scene's centre, so that scenes of some
    hundred kilometres measure right within a percent; `geo.measure` measures
    a single geometry on the ellipsoid.

    Parameters
    ----------
    geometries
        In pixel coordinates ``(x, y)``, shape (n,).
    grid
        The scene's grid, georeferenced.

    Returns
    -------
    dict
        ``length_m`` and ``width_m`` (of the smallest turned rectangle around
        an area, of a line its own length) and ``area_m2``, each of shape (n,);
        NaN where a geometry has no such measure.
    """
    matrix = ground_matrix(grid)
    scale = float(np.hypot(*matrix[:, 0]))
    if np.allclose(matrix.T @ matrix, scale**2 * np.eye(2), rtol=1e-12, atol=1e-12 * scale**2):
        ground = geometries  # square pixels: the same shapes, only larger
    else:
        ground, scale = shapely.transform(geometries, lambda xy: xy @ matrix.T), 1.0
    dimension = shapely.get_dimensions(ground)
    long, short = _sides(ground)
    lengths = np.where(dimension == 2, long, np.where(dimension == 1, shapely.length(ground), np.nan))
    return {
        "length_m": scale * lengths,
        "width_m": scale * np.where(dimension == 2, short, np.nan),
        "area_m2": scale**2 * np.where(dimension == 2, shapely.area(ground), np.nan),
    }


class SizeBook:
    """Sizes on the ground of annotations, each geometry measured once.

    Parameters
    ----------
    grid
        The scene's grid; where it is not georeferenced, sizes are in pixels.
    """

    def __init__(self, grid: GeoGrid) -> None:
        self._grid, self._matrix = grid, ground_matrix(grid)
        self._lengths: dict[str, tuple[BaseGeometry, float]] = {}

    def areas(self, annotations: Sequence[Annotation]) -> FloatArray:
        """Return the areas, NaN for lines and points; shape (n,)."""
        geometries = np.array([each.geometry for each in annotations], object)
        scale = abs(np.linalg.det(self._matrix))
        return np.where(shapely.get_dimensions(geometries) == 2, shapely.area(geometries) * scale, np.nan)

    def lengths(self, annotations: Sequence[Annotation]) -> FloatArray:
        """Return the lengths, NaN for points; shape (n,)."""
        known = self._lengths
        new = [each for each in annotations if known.get(each.id, (None,))[0] is not each.geometry]
        if new:
            measured = ground_sizes(np.array([each.geometry for each in new], object), self._grid)["length_m"]
            known.update((each.id, (each.geometry, length)) for each, length in zip(new, measured, strict=True))
        return np.array([known[each.id][1] for each in annotations], float)


def _sides(shapes: NDArray[np.object_]) -> tuple[FloatArray, FloatArray]:
    """Return the long and the short side of the smallest turned rectangle around each area, NaN for others."""
    long, short = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    boxes, is_box = shapes.copy(), _are_rectangles(shapes)
    boxes[~is_box] = shapely.oriented_envelope(shapes[~is_box])
    is_area = shapely.get_type_id(boxes) == shapely.GeometryType.POLYGON
    corners = shapely.get_coordinates(boxes[is_area]).reshape(-1, 5, 2)
    sides = np.hypot(*np.moveaxis(np.diff(corners[:, :3], axis=1), -1, 0))
    long[is_area], short[is_area] = sides.max(axis=1, initial=0), sides.min(axis=1, initial=np.inf)
    return long, short


def _are_rectangles(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which are rectangles already: most boxes, whose sides are then known at once."""
    found: NDArray[np.bool_] = (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON) & (
        shapely.get_num_coordinates(shapes) == 5
    )
    steps = np.diff(shapely.get_coordinates(shapes[found]).reshape(-1, 5, 2), axis=1)
    turns = np.abs((steps[:, :3] * steps[:, 1:]).sum(axis=-1))
    sides = np.hypot(steps[..., 0], steps[..., 1])
    found[found] = (turns <= _RIGHT * sides[:, :3] * sides[:, 1:]).all(axis=1) & (sides > 0).all(axis=1)
    return found
