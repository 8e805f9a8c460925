"""Geometries of formats that know one type for a whole table."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray


def unwrapped(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return geometries without heights, those of one part out of the multi-part type that their table asks for."""
    flat = np.asarray(shapely.force_2d(geometries), object)
    single = np.isin(shapely.get_type_id(flat), (4, 5, 6)) & (shapely.get_num_geometries(flat) == 1)
    if single.any():
        flat[single] = shapely.get_geometry(flat[single], 0)
    return flat
