"""The edges of a block of pixels by GDAL."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.masks.rings import Rings

_INT32_MAX = np.iinfo(np.int32).max


def trace_block(block: NDArray[Any]) -> tuple[Rings, NDArray[np.uint32]]:
    """Return the rings of all areas of equal value but 0 that hang together by sides, and the value of each.

    ``block`` is unsigned or boolean, shape (rows, cols).
    """
    from rasterio.features import shapes

    codes, lookup = _codes(block)
    rings: list[list[tuple[float, float]]] = []
    counts: list[int] = []
    found: list[int] = []
    for geometry, value in shapes(codes, mask=codes > 0, connectivity=4):
        rings.extend(geometry["coordinates"])
        counts.append(len(geometry["coordinates"]))
        found.append(int(value))
    lengths = np.array([len(ring) - 1 for ring in rings], np.int64)
    flat = chain.from_iterable(chain.from_iterable(ring[:-1] for ring in rings))
    points = np.fromiter(flat, np.float64, count=2 * int(lengths.sum())).reshape(-1, 2)
    outer = np.append(0, np.cumsum(counts)[:-1]).astype(np.int64)[: len(counts)]
    are_holes = np.ones(len(lengths), bool)
    are_holes[outer] = False
    owners = np.repeat(np.arange(len(counts)), np.array(counts, np.int64))
    values = np.array(found, np.int64)
    values = values if lookup is None else lookup[values]
    return Rings(points=points, lengths=lengths, owners=owners, are_holes=are_holes), values.astype(np.uint32)


def _codes(block: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return the block in a type that GDAL traces, and the values behind it where they had to be renumbered."""
    if block.dtype.kind == "b":
        return block.view(np.uint8), None
    if block.dtype.itemsize <= 2:
        return block, None
    largest = int(block.max(initial=0))
    if largest <= _INT32_MAX:
        return block.astype(np.int32), None
    values, codes = np.unique(block, return_inverse=True)
    if values[0] != 0:  # code 0 must stay the unlabelled one
        values, codes = np.append(values.dtype.type(0), values), codes + 1
    return codes.reshape(block.shape).astype(np.int32), values
