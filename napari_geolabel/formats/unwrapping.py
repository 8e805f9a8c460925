"""Geometries of formats that know one type for a whole table."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray


def unwrapped(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return geometries without heights, those of one part out of the multi-part type that their table asks for."""
    deep = shapely.get_coordinate_dimension(geometries) > 2
    flat = np.asarray(shapely.force_2d(geometries), object) if deep.any() else geometries
    several = np.flatnonzero(np.isin(shapely.get_type_id(flat), (4, 5, 6)))
    single = several[shapely.get_num_geometries(flat[several]) == 1]
    if len(single):
        flat = flat.copy()
        flat[single] = shapely.get_geometry(flat[single], 0)
    return flat
