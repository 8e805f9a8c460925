"""Pixels to polygons, the exact inverse of :func:`napari_geolabel.masks.rasterize.burn`.

The mask is traced block by block, so that what the tracing needs beside the
polygons does not grow with the mask, and joined over the seams.  With the
extra ``fast`` (numba) blocks are traced by our own compiled code, without it by
GDAL; the polygons are the same to the last vertex.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.errors import MaskValueError
from napari_geolabel.masks import tracer_gdal
from napari_geolabel.masks.corners import joined_at_corners
from napari_geolabel.masks.rings import Rings, beginnings, build
from napari_geolabel.masks.seams import Seams, join
from napari_geolabel.masks.simplify import simplified
from napari_geolabel.masks.watch import UNWATCHED, Watch

BLOCK_PX = 2048
"""Rows and columns that are traced at a time: smaller ones leave more to join, larger ones need more room."""

_WORTH_COMPILING_PX = 2048 * 2048
"""Pixels of a mask from which on compiled code pays: it takes seconds to compile, once on each machine."""

Tracer = Callable[[NDArray[Any]], tuple[Rings, NDArray[np.uint32]]]
"""Returns the rings in a block of pixels and the value of each polygon."""


def trace(
    array: NDArray[Any],
    *,
    connectivity: Literal[4, 8] = 4,
    min_area_px: float = 0,
    simplify_px: float = 0,
    block_px: int = BLOCK_PX,
    tracer: Tracer | None = None,
    watch: Watch = UNWATCHED,
) -> tuple[NDArray[np.object_], NDArray[np.uint32]]:
    """Return the polygons along the pixel edges of all connected areas of equal value but 0.

    Parameters
    ----------
    array
        Unsigned or boolean values, shape (rows, cols).
    connectivity
        4: pixels that share a side belong together.  8: pixels that share a
        corner do too; areas that hang together by corners alone become
        multipolygons whose parts touch there, so that each is valid.
    min_area_px
        Connected areas of fewer pixels are left out.
    simplify_px
        How far, in pixels, an outline may be moved to have fewer vertices;
        neighbours keep their border in common.  With 0 it follows the pixels.
    block_px
        Rows and columns that are traced at a time.
    tracer
        What traces a block; None takes the fastest that is installed, for large masks.
    watch
        Is told the progress, and may cancel.

    Returns
    -------
    geometries
        n polygons (with 8, multipolygons as well) in pixel coordinates
        ``(x, y)``, holes kept, by their topmost, then leftmost pixel.  Burnt
        with ``values`` they give ``array`` again, unless something was left
        out or simplified.
    values
        The value of each, shape (n,).

    Raises
    ------
    MaskValueError
        If the array is not two-dimensional or holds other than whole numbers from 0 up.
    CancelledError
        If the watch ends it.
    """
    if array.ndim != 2 or array.dtype.kind not in "bu":
        raise MaskValueError(f"only unsigned masks of rows and columns can be traced, not {array.dtype} {array.shape}")
    if connectivity not in (4, 8):
        raise MaskValueError(f"connectivity is 4 or 8, not {connectivity}")
    polygons, values = _pieces_joined(array, block_px, tracer or fastest_tracer(array.shape), watch)
    order = np.argsort(beginnings(polygons), kind="stable")
    polygons, values = polygons[order], values[order]
    if connectivity == 4:
        kept = _large_enough(polygons, min_area_px)
        return simplified(polygons[kept], simplify_px), values[kept]
    groups = joined_at_corners(polygons, values)
    first, whole = _gathered(polygons, groups)
    kept = _large_enough(whole, min_area_px)
    if simplify_px:
        _, whole = _gathered(simplified(polygons, simplify_px), groups)
    return whole[kept], values[first][kept]


def fastest_tracer(shape: tuple[int, ...]) -> Tracer:
    """Return the tracer of numba where it is installed and worth its start, else that of GDAL."""
    if shape[0] * shape[1] < _WORTH_COMPILING_PX:
        return tracer_gdal.trace_block
    try:
        from napari_geolabel.masks.tracer_edges import trace_block
    except (ImportError, RuntimeError):  # RuntimeError: numba finds no folder to keep compiled code in
        return tracer_gdal.trace_block
    return trace_block


def _pieces_joined(
    array: NDArray[Any], block_px: int, tracer: Tracer, watch: Watch
) -> tuple[NDArray[np.object_], NDArray[np.uint32]]:
    """Return polygons and values of all blocks, joined over their seams."""
    seams = Seams(array.shape)
    polygons, values, count = [np.empty(0, object)], [np.empty(0, np.uint32)], 0
    blocks = list(_blocks(array.shape, block_px))
    for done, (top, bottom, left, right) in enumerate(blocks):
        watch.tell(0.9 * done / len(blocks))
        rings, found = tracer(np.ascontiguousarray(array[top:bottom, left:right]))
        pieces = build(rings.moved(left, top))
        if len(blocks) > 1:
            seams.add(pieces, count, (top, bottom, left, right))
        polygons.append(pieces)
        values.append(found)
        count += len(pieces)
    pieces, of_pieces = np.concatenate(polygons), np.concatenate(values)
    if len(blocks) < 2:
        return pieces, of_pieces
    return join(pieces, of_pieces, seams.groups(of_pieces), watch.part(0.9, 1.0))


def _blocks(shape: tuple[int, ...], side: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield first and last row and column of blocks that cover a raster."""
    for top in range(0, shape[0], side):
        for left in range(0, shape[1], side):
            yield top, min(top + side, shape[0]), left, min(left + side, shape[1])


def _large_enough(geometries: NDArray[np.object_], min_area_px: float) -> NDArray[np.bool_]:
    if min_area_px <= 1:  # every area has a pixel
        return np.ones(len(geometries), bool)
    return np.asarray(shapely.area(geometries) >= min_area_px)


def _gathered(
    polygons: NDArray[np.object_], groups: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Return the first polygon of each group, in their order, and each group as one geometry."""
    _, first, sizes = np.unique(groups, return_index=True, return_counts=True)
    order = np.argsort(first)
    whole = np.empty(len(first), object)
    whole[sizes == 1] = polygons[first[sizes == 1]]
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(sizes)[:-1]) if len(sizes) else []
    for number in np.flatnonzero(sizes > 1):
        whole[number] = shapely.multipolygons(polygons[members[number]])
    return first[order], whole[order]
