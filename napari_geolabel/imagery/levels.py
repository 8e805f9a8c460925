"""Which reduced levels a scene has: the file's overviews, and virtual ones where there are none.

A virtual level is read by decimation (nearest pixel) from the finest stored
level that it fits.  Its shape is rounded up, as GDAL rounds overviews, and a
level's pixels are spread evenly over the whole scene.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from napari_geolabel.errors import SceneError
from napari_geolabel.geo import Window

COARSEST_PX = 700
"""The coarsest level is no larger than this on a side, so that it can be redrawn at every switch."""

_TILE_PX = 512
_STRIP_ROWS = 128
"""Height of tiles in a file of strips: each row costs a whole line of the scene, so that few lie beside a window."""

_LARGEST_GAP = 3.0  # between neighbouring levels; napari would have to read a ninth of it at a time


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """One level of a scene's pyramid."""

    index: int
    """0 is full resolution."""

    shape: tuple[int, int]
    """Rows and columns."""

    factor: float
    """Side of one of its pixels, in full-resolution pixels."""

    chunks: tuple[int, int]
    """Rows and columns of the tiles that it is best read in."""

    overview: int | None = None
    """The overview of the file that it is read from, None for the full resolution."""

    source_shape: tuple[int, int] = (0, 0)
    """Shape of what it is read from; another shape than ``shape`` means decimation."""

    @property
    def is_virtual(self) -> bool:
        """Whether the level is made by leaving out pixels of a stored one."""
        return self.shape != self.source_shape


def plan_levels(
    shape: tuple[int, int], overviews: Sequence[tuple[int, int]], blocks: Sequence[tuple[int, int]], *, tiled: bool
) -> tuple[Level, ...]:
    """Return the levels of a file, finest first.

    Parameters
    ----------
    shape
        Rows and columns of the full resolution.
    overviews
        Shapes of the overviews, in the file's order.
    blocks
        Block shapes of the full resolution and of each overview.
    tiled
        Whether blocks are tiles; strips are read in tiles of our own.
    """
    stored: list[tuple[tuple[int, int], int | None, tuple[int, int]]] = [(shape, None, blocks[0])]
    for place, overview in sorted(enumerate(overviews), key=lambda item: -math.prod(item[1])):
        if math.prod(overview) < math.prod(stored[-1][0]):
            stored.append((overview, place, blocks[place + 1]))
    levels: list[Level] = []
    for i, (size, number, block) in enumerate(stored):
        chunks = tile_shape(block, tiled=tiled)
        _append(levels, shape, size, size, number, chunks)
        following = stored[i + 1][0] if i + 1 < len(stored) else None
        for halved in _virtual_shapes(size, following):
            _append(levels, shape, halved, size, number, chunks)
    return tuple(levels)


def tile_shape(block: tuple[int, int], *, tiled: bool) -> tuple[int, int]:
    """Return the tile shape for a file's block shape: whole blocks, 256 to 512 pixels a side; whole strips, but low."""
    if not tiled:
        return min(_TILE_PX, block[0] * -(-_STRIP_ROWS // block[0])), _TILE_PX
    rows, cols = (min(_TILE_PX, side * -(-256 // side)) for side in block)
    return rows, cols


def window_bounds(window: Window | None, shape: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return a window as (first row, last + 1, first column, last + 1) inside a shape, clipped as numpy clips slices.

    Raises
    ------
    SceneError
        If a slice has a step.
    """
    rows, cols = window if window is not None else (slice(None), slice(None))
    if rows.step not in (None, 1) or cols.step not in (None, 1):
        raise SceneError(f"a window has no steps, as {window} does; read a coarser level instead")
    row, row_stop, _ = rows.indices(shape[0])
    col, col_stop, _ = cols.indices(shape[1])
    return row, max(row, row_stop), col, max(col, col_stop)


def _virtual_shapes(size: tuple[int, int], following: tuple[int, int] | None) -> list[tuple[int, int]]:
    """Return the shapes between a stored level and the next one, or the end of the pyramid."""
    shapes: list[tuple[int, int]] = []
    step = 2
    while True:
        rows, cols = -(-size[0] // (step // 2)), -(-size[1] // (step // 2))
        enough = max(rows, cols) <= COARSEST_PX if following is None else rows <= following[0] * _LARGEST_GAP
        if enough:
            return shapes
        shapes.append((-(-size[0] // step), -(-size[1] // step)))
        step *= 2


def _append(
    levels: list[Level],
    full: tuple[int, int],
    shape: tuple[int, int],
    source: tuple[int, int],
    overview: int | None,
    chunks: tuple[int, int],
) -> None:
    factor = math.sqrt(full[0] * full[1] / (shape[0] * shape[1]))
    levels.append(
        Level(
            index=len(levels),
            shape=shape,
            factor=1.0 if not levels else factor,
            chunks=chunks,
            overview=overview,
            source_shape=source,
        )
    )
