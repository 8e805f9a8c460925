"""Which polygons along pixel edges meet at a corner: what connectivity 8 joins."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray


def joined_at_corners(polygons: NDArray[np.object_], values: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return a number for each polygon; those of one value that share a corner, at once or by others, have the same.

    ``polygons`` are whole areas that hang together by sides, so that two of
    the same value can share nothing but corners, where both have a vertex.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    points, owners = shapely.get_coordinates(polygons, return_index=True)
    places = points.astype(np.int64)
    order = np.lexsort((owners, places[:, 0], places[:, 1], values[owners]))
    here, places, of = owners[order], places[order], values[owners[order]]
    is_met = (places[1:] == places[:-1]).all(axis=1) & (of[1:] == of[:-1]) & (here[1:] != here[:-1])
    before, behind = here[:-1][is_met], here[1:][is_met]
    links = coo_array((np.ones(len(before), bool), (before, behind)), shape=(len(polygons), len(polygons)))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)
