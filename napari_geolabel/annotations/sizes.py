"""How large many annotations are on the ground, all measured at once."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.geo import FloatArray, GeoGrid, ground_matrix

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
    ground = shapely.transform(geometries, lambda xy: xy @ matrix.T)
    dimension = shapely.get_dimensions(ground)
    long, short = _sides(ground)
    return {
        "length_m": np.where(dimension == 2, long, np.where(dimension == 1, shapely.length(ground), np.nan)),
        "width_m": np.where(dimension == 2, short, np.nan),
        "area_m2": np.where(dimension == 2, shapely.area(ground), np.nan),
    }


def _sides(ground: NDArray[np.object_]) -> tuple[FloatArray, FloatArray]:
    """Return the long and the short side of the smallest turned rectangle around each area, NaN for others."""
    long, short = np.full(len(ground), np.nan), np.full(len(ground), np.nan)
    boxes = shapely.oriented_envelope(ground)
    is_area = shapely.get_type_id(boxes) == shapely.GeometryType.POLYGON
    corners = shapely.get_coordinates(boxes[is_area]).reshape(-1, 5, 2)
    sides = np.hypot(*np.moveaxis(np.diff(corners[:, :3], axis=1), -1, 0))
    long[is_area], short[is_area] = sides.max(axis=1, initial=0), sides.min(axis=1, initial=np.inf)
    return long, short
