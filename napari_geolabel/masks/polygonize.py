"""Pixels to polygons, the exact inverse of :func:`napari_geolabel.masks.rasterize.burn`."""

from __future__ import annotations

from itertools import chain
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.errors import MaskValueError

_INT32_MAX = np.iinfo(np.int32).max


def trace(array: NDArray[Any], *, connectivity: Literal[4, 8] = 4) -> tuple[NDArray[np.object_], NDArray[np.uint32]]:
    """Return the polygons along the pixel edges of all connected areas of equal value but 0.

    Parameters
    ----------
    array
        Unsigned or boolean values, shape (rows, cols).
    connectivity
        4: pixels that share a side belong together.  8: pixels that share a
        corner do too; areas that hang together by corners alone become
        multipolygons whose parts touch there, so that each is valid.

    Returns
    -------
    geometries
        n polygons (with 8, multipolygons as well) in pixel coordinates
        ``(x, y)``, holes kept.  Burnt with ``values`` they give ``array`` again.
    values
        The value of each, shape (n,).

    Raises
    ------
    MaskValueError
        If the array is not two-dimensional or holds other than whole numbers from 0 up.
    """
    if array.ndim != 2 or array.dtype.kind not in "bu":
        raise MaskValueError(f"only unsigned masks of rows and columns can be traced, not {array.dtype} {array.shape}")
    if connectivity not in (4, 8):
        raise MaskValueError(f"connectivity is 4 or 8, not {connectivity}")
    codes, lookup = _codes(array)
    polygons, traced = _shapes(codes, connectivity)
    if connectivity == 8:
        polygons = shapely.make_valid(polygons)
    values = traced if lookup is None else lookup[traced]
    return polygons, values.astype(np.uint32)


def _codes(array: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return the array in a type that GDAL traces, and the values behind it where they had to be renumbered."""
    if array.dtype.kind == "b":
        return array.view(np.uint8), None
    if array.dtype.itemsize <= 2:
        return array, None
    largest = int(array.max(initial=0))
    if largest <= _INT32_MAX:
        return array.astype(np.int32), None
    values, codes = np.unique(array, return_inverse=True)
    if values[0] != 0:  # code 0 must stay the unlabelled one
        values, codes = np.append(values.dtype.type(0), values), codes + 1
    return codes.reshape(array.shape).astype(np.int32), values


def _shapes(codes: NDArray[Any], connectivity: Literal[4, 8]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return GDAL's polygons, built all at once: one shapely call per polygon would take half as long again."""
    from rasterio.features import shapes

    rings: list[list[tuple[float, float]]] = []
    ring_counts: list[int] = []
    values: list[int] = []
    for geometry, value in shapes(codes, mask=codes > 0, connectivity=connectivity):
        coordinates = geometry["coordinates"]
        rings.extend(coordinates)
        ring_counts.append(len(coordinates))
        values.append(int(value))
    if not values:
        return np.empty(0, object), np.empty(0, np.int64)
    lengths = [len(ring) for ring in rings]
    points = np.fromiter(chain.from_iterable(chain.from_iterable(rings)), np.float64, count=2 * sum(lengths))
    offsets = (np.append(0, np.cumsum(lengths)), np.append(0, np.cumsum(ring_counts)))
    polygons = shapely.from_ragged_array(shapely.GeometryType.POLYGON, points.reshape(-1, 2), offsets)
    return polygons, np.array(values, np.int64)
