"""A mask on the pixels of another grid, by nearest neighbour: its values are classes and must not be mixed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from napari_geolabel.errors import NotGeoreferencedError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.geo.crs import transform_reachable
from napari_geolabel.geo.turns import nearest_turn
from napari_geolabel.masks.mask import Mask
from napari_geolabel.masks.watch import UNWATCHED, Watch

_ROWS = 256


def resampled(mask: Mask, grid: GeoGrid, *, watch: Watch = UNWATCHED) -> Mask:
    """Return a mask on another grid, also of another CRS.

    Each pixel gets the value of the mask's pixel that its centre lies in, 0
    outside of the mask.

    Raises
    ------
    NotGeoreferencedError
        If the mask or the grid has no place on Earth.
    CancelledError
        If the watch ends it.
    """
    if not (mask.grid.is_georeferenced and grid.is_georeferenced) or grid.crs is None or mask.grid.crs is None:
        raise NotGeoreferencedError("without a place on Earth a mask cannot be laid on other pixels; give it one first")
    rows = grid.shape[0]
    array = np.zeros(grid.shape, mask.array.dtype)
    for top in range(0, rows, _ROWS):
        watch.tell(top / rows)
        part = array[top : top + _ROWS]
        y, x = np.indices(part.shape, np.float64) + 0.5
        points = grid.pixel_to_map(np.stack([x, y + top], axis=-1).reshape(-1, 2))
        there = nearest_turn(transform_reachable(points, grid.crs, mask.grid.crs), mask.grid)
        col, row = np.full((2, len(there)), -1.0)
        known = np.isfinite(there).all(axis=1)  # what the mask's CRS does not reach lies outside of the mask
        col[known], row[known] = np.floor(mask.grid.map_to_pixel(there[known])).T
        inside = (row >= 0) & (row < mask.array.shape[0]) & (col >= 0) & (col < mask.array.shape[1])
        part.reshape(-1)[inside] = mask.array[row[inside].astype(np.intp), col[inside].astype(np.intp)]
    return replace(mask, array=array, grid=grid)
