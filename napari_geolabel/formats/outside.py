"""What to say of labels that lie beside the scene: where they are, and what is probably wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.geo.crs import transform_reachable
from napari_geolabel.geo.turns import shapes_on_nearest_turn

FloatArray = NDArray[np.float64]
_WHICH: Final = "is it the right scene, and does the file name the CRS that its coordinates are in?"
_SWAP: Final = "with longitude and latitude the other way round they would lie in it: swap the file's coordinates"


def outside_note(geometries: Sequence[BaseGeometry], grid: GeoGrid) -> str | None:
    """Return a sentence on the geometries that lie outside a scene, None where none does.

    Parameters
    ----------
    geometries
        In pixel coordinates of the scene.
    grid
        The scene's.

    Notes
    -----
    Where all lie outside, the sentence says where they and the scene are, and
    whether they would lie inside with longitude and latitude the other way round.
    """
    if not geometries:
        return None
    rows, cols = grid.shape
    x0, y0, x1, y1 = shapely.bounds(np.array(geometries, object)).T
    outside = int(((x1 < 0) | (y1 < 0) | (x0 > cols) | (y0 > rows)).sum())
    if not outside:
        return None
    plain = f"{outside} of {len(geometries)} annotations lie outside the scene"
    middle = np.array([[np.nanmean((x0 + x1) / 2), np.nanmean((y0 + y1) / 2)]])
    if outside < len(geometries) or not np.isfinite(middle).all():
        return plain
    if not grid.is_georeferenced:
        x, y = middle[0]
        return f"{plain}: they lie around pixel ({x:.0f}, {y:.0f}) of {cols} x {rows}; are they another scene's?"
    try:
        there, here = grid.pixel_to_lonlat(np.concatenate([middle, [[cols / 2, rows / 2]]]))
    except GeoLabelError:  # so far away that the scene's CRS has no place for them
        return f"{plain}; {_WHICH}"
    way_out = _SWAP if _is_swapped(there, grid) else _WHICH
    return f"{plain}: they lie around {_place(there)}, the scene around {_place(here)}; {way_out}"


def on_scene(geometries: NDArray[np.object_], crs: CRS, grid: GeoGrid) -> NDArray[np.bool_]:
    """Return which geometries of map coordinates meet the bounding box of a scene's pixels, shape (n,).

    Those that the scene's CRS has no place for do not.
    """
    if grid.crs is None or not len(geometries):
        return np.ones(len(geometries), bool)
    target = grid.crs
    placed = shapely.transform(geometries, lambda points: transform_reachable(points, crs, target))
    x0, y0, x1, y1 = shapely.bounds(shapely.transform(shapes_on_nearest_turn(placed, grid), grid.map_to_pixel)).T
    rows, cols = grid.shape
    return np.asarray((x1 >= 0) & (y1 >= 0) & (x0 <= cols) & (y0 <= rows))


def _is_swapped(lonlat: FloatArray, grid: GeoGrid) -> bool:
    """Return whether a place lies in the scene with longitude and latitude the other way round."""
    rows, cols = grid.shape
    try:
        x, y = grid.lonlat_to_pixel(lonlat[None, ::-1])[0]
    except GeoLabelError:
        return False
    return bool(0 <= x <= cols and 0 <= y <= rows)


def _place(lonlat: FloatArray) -> str:
    """Return a place as ``18.87 E, 40.01 N``."""
    lon, lat = lonlat
    return f"{abs(lon):.2f} {'E' if lon >= 0 else 'W'}, {abs(lat):.2f} {'N' if lat >= 0 else 'S'}"
