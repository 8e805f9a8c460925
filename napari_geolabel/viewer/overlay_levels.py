"""All annotations of a store as an RGBA pyramid over the scene, painted tile by tile when it is looked at.

An edit repaints what it touches, in the tiles that have been painted.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from napari_geolabel.annotations import index
from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.imagery.lazy_level import LazyLevel
from napari_geolabel.imagery.reader import Bounds
from napari_geolabel.viewer.overlay_paint import REACH_PX, color_table, paint

TILE_PX = 512
MOST_TILES = 256
"""How many painted tiles are kept, half a mebibyte each."""
MOST_PREPARED = 64
"""Levels of more tiles than this are painted only where they are looked at."""
MOST_PARTS = 200
"""After a change of more annotations than this, tiles are painted anew instead of in parts."""


class OverlayLevels:
    """The pyramid of the annotations of a store.

    Parameters
    ----------
    store
        The annotations; they are asked for from whichever thread reads.
    shape
        Rows and columns of the scene.
    shows
        Whether an annotation is seen; any thread asks.
    """

    def __init__(
        self,
        store: AnnotationStore,
        shape: tuple[int, int],
        shows: Callable[[Annotation], bool] = lambda _annotation: True,
    ) -> None:
        self._store, self._ontology, self._shows = store, store.ontology, shows
        self._colors = color_table(self._ontology)
        self._tiles: OrderedDict[tuple[int, int, int], NDArray[np.uint16]] = OrderedDict()
        self._lock, self._is_closed = threading.RLock(), False
        levels = [OverlayLevel(self, 1, shape)]
        while max(levels[-1].shape[:2]) > TILE_PX:
            factor = 2 * levels[-1].factor
            levels.append(OverlayLevel(self, factor, (-(-shape[0] // factor), -(-shape[1] // factor))))
        self.levels: Sequence[OverlayLevel] = levels
        """Full resolution first, each shape (rows, cols, 4), uint8."""

    def read(self, level: OverlayLevel, bounds: Bounds) -> NDArray[np.uint8]:
        """Return a window of a level in colours, shape (rows, cols, 4)."""
        top, bottom, left, right = bounds
        values = np.zeros((bottom - top, right - left), np.uint16)
        with self._lock:
            for row in range(top // TILE_PX, -(-bottom // TILE_PX)):
                for col in range(left // TILE_PX, -(-right // TILE_PX)):
                    _copy_part(self._tile(level, row, col), (row * TILE_PX, col * TILE_PX), values, (top, left))
            return self._colors[values]

    def prepare(self) -> None:
        """Paint the coarse levels, so that nobody has to wait who zooms out; for a thread of its own."""
        for level in self.levels[::-1]:
            rows, cols = (-(-length // TILE_PX) for length in level.shape[:2])
            if rows * cols > MOST_PREPARED:
                return
            for row in range(rows):
                for col in range(cols):
                    with self._lock:
                        if self._is_closed:
                            return
                        self._tile(level, row, col)

    def close(self) -> None:
        """Paint nothing ahead any more."""
        with self._lock:
            self._is_closed = True

    def repaint(self, parts: Iterable[index.Bounds] | None = None) -> None:
        """Paint anew what lies in rectangles in pixel coordinates, where it has been painted before; None: all."""
        wanted = None if parts is None else list(parts)
        with self._lock:
            if wanted is None or len(wanted) > MOST_PARTS or self._store.ontology is not self._ontology:
                self._ontology = self._store.ontology
                self._colors = color_table(self._ontology)
                self._tiles.clear()
            else:
                for (factor, row, col), tile in self._tiles.items():
                    for part in wanted:
                        self._repaint_tile(tile, factor, (row, col), part)
        self.levels[-1].refill()

    def _repaint_tile(self, tile: NDArray[np.uint16], factor: int, place: tuple[int, int], part: index.Bounds) -> None:
        """Paint the part of a tile anew that a rectangle in pixel coordinates reaches."""
        x0, y0, x1, y1 = part
        rows, cols = (
            _touched(low / factor, high / factor, n * TILE_PX, length)
            for low, high, n, length in zip((y0, x0), (y1, x1), place, tile.shape, strict=True)
        )
        if rows.start < rows.stop and cols.start < cols.stop:
            top, left = place[0] * TILE_PX, place[1] * TILE_PX
            bounds = top + rows.start, top + rows.stop, left + cols.start, left + cols.stop
            tile[rows, cols] = self._painted(bounds, factor)

    def _tile(self, level: OverlayLevel, row: int, col: int) -> NDArray[np.uint16]:
        """Return the values of a tile, painted if it is not kept."""
        key = level.factor, row, col
        tile = self._tiles.get(key)
        if tile is None:
            rows, cols = level.shape[:2]
            top, left = row * TILE_PX, col * TILE_PX
            bounds = top, min(top + TILE_PX, rows), left, min(left + TILE_PX, cols)
            tile = self._tiles[key] = self._painted(bounds, level.factor)
            if len(self._tiles) > MOST_TILES:
                self._tiles.popitem(last=False)
        self._tiles.move_to_end(key)
        return tile

    def _painted(self, bounds: Bounds, factor: int) -> NDArray[np.uint16]:
        top, bottom, left, right = bounds
        reach = REACH_PX + 1
        around = (left - reach) * factor, (top - reach) * factor, (right + reach) * factor, (bottom + reach) * factor
        seen = [annotation for annotation in self._store.annotations_in(around) if self._shows(annotation)]
        return paint(seen, self._ontology, bounds, factor)


class OverlayLevel(LazyLevel):
    """One level of the pyramid.

    The array that ``np.asarray`` gives for the coarsest level is always the
    same one, refilled at every change: napari keeps it and takes the picture
    from it when the whole scene is in view.
    """

    def __init__(self, pyramid: OverlayLevels, factor: int, shape: tuple[int, int]) -> None:
        self.factor = factor
        """How many pixels of the scene a pixel has on a side."""
        self.shape = (*shape, 4)
        self.chunks = (TILE_PX, TILE_PX, 4)
        self.dtype = np.dtype(np.uint8)
        self._pyramid = pyramid
        self._buffer: NDArray[np.uint8] | None = None

    def read(self, bounds: Bounds) -> NDArray[np.uint8]:
        """Return a window, shape (rows, cols, 4)."""
        return self._pyramid.read(self, bounds)

    def refill(self) -> None:
        """Bring the array that napari keeps up to date, if one has been given out."""
        if self._buffer is not None:
            self._buffer[...] = self.read((0, self.shape[0], 0, self.shape[1]))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if self is not self._pyramid.levels[-1]:
            return super().__array__(dtype, copy)
        if self._buffer is None:
            self._buffer = self.read((0, self.shape[0], 0, self.shape[1]))
        return np.array(self._buffer, dtype=dtype, copy=copy)


def _copy_part(tile: NDArray[np.uint16], at: tuple[int, int], out: NDArray[np.uint16], origin: tuple[int, int]) -> None:
    """Copy what a tile at a place and a window from an origin on have in common."""
    rows, cols = (
        slice(max(place, start), min(place + length, start + wanted))
        for place, start, length, wanted in zip(at, origin, tile.shape, out.shape, strict=True)
    )
    target = slice(rows.start - origin[0], rows.stop - origin[0]), slice(cols.start - origin[1], cols.stop - origin[1])
    out[target] = tile[rows.start - at[0] : rows.stop - at[0], cols.start - at[1] : cols.stop - at[1]]


def _touched(low: float, high: float, start: int, length: int) -> slice:
    """Return which pixels of a tile, from a start on, the paint between two places of an axis reaches."""
    first, last = int(np.floor(low)) - REACH_PX, int(np.floor(high)) + 1 + REACH_PX
    return slice(max(first - start, 0), min(max(last - start, 0), length))
