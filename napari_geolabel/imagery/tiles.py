"""Decoded tiles of one file, shared by everything that shows or reads it.

No lock but that of the level is held around a decode, so that one thread's
reading does not stop another's hits in the cache (see ``cache.py``).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.imagery.cache import Key, TileCache, shared_cache
from napari_geolabel.imagery.levels import Level
from napari_geolabel.imagery.prefetch import Prefetcher
from napari_geolabel.imagery.reader import Bounds, PixelReader
from napari_geolabel.imagery.reduced import LeveledFile, ReducedLevels


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of one tile that lies in a window."""

    rows: slice
    """Rows of the window that it fills."""

    cols: slice
    """Columns of the window that it fills."""

    arrays: tuple[NDArray[Any], ...]
    """One array (rows, cols) per requested index, read-only."""


class TileStore:
    """Reads a file tile by tile through a cache, safely from many threads.

    Parameters
    ----------
    reader
        The file.
    cache
        Where decoded tiles are kept; by default the one that all scenes of the process share.
    """

    def __init__(self, reader: PixelReader, cache: TileCache | None = None) -> None:
        self.reader = reader
        self.cache = (cache or shared_cache()).share()
        self.prefetcher = Prefetcher(self)
        self.file = LeveledFile(reader)
        """What tiles are decoded of, from built levels where there are any."""
        self._decoding = tuple(threading.Lock() for _ in reader.levels)

    def pieces(self, level: Level, indexes: Sequence[int], bounds: Bounds) -> Iterator[Piece]:
        """Yield the tiles' parts of a window, after decoding what is missing in as few reads as possible.

        Parameters
        ----------
        level
            A level of the file.
        indexes
            Band and mask indexes, as ``RasterReader.read`` takes them.
        bounds
            Window inside the level.
        """
        tiles = tiles_of(level, bounds)
        found = self._collect(level, indexes, tiles)
        for tile_row, tile_col in tiles:
            rows, cols, inner = _overlap(level, tile_row, tile_col, bounds)
            arrays = tuple(found[level.index, tile_row, tile_col, index][inner] for index in indexes)
            yield Piece(rows, cols, arrays)

    def read(self, level: Level, indexes: Sequence[int], bounds: Bounds) -> list[NDArray[Any]]:
        """Return the window of each band or mask, shape (rows, cols), as arrays of the caller's own.

        A window that would sweep the cache empty is read from the file directly.
        """
        row, row_stop, col, col_stop = bounds
        shape = (max(0, row_stop - row), max(0, col_stop - col))
        dtypes = [np.dtype(np.uint8) if index < 0 else self.reader.facts.read_dtype for index in indexes]
        if 0 in shape:
            return [np.empty(shape, dtype) for dtype in dtypes]
        if shape[0] * shape[1] * sum(dtype.itemsize for dtype in dtypes) > self.cache.budget_bytes // 2:
            found = self.file.read(level, indexes, bounds)
            return [found[index] for index in indexes]
        out = [np.empty(shape, dtype) for dtype in dtypes]
        for piece in self.pieces(level, indexes, bounds):
            for target, array in zip(out, piece.arrays, strict=True):
                target[piece.rows, piece.cols] = array
        return out

    def pixel(self, indexes: Sequence[int], row: int, col: int) -> list[Any]:
        """Return one full-resolution pixel of each band or mask: from the cache, else read alone.

        What is read for it stays in GDAL's block cache only, so that a mouse
        moving over the scene does not push tiles out that are on screen.
        """
        level = self.reader.levels[0]
        tile_row, tile_col = row // level.chunks[0], col // level.chunks[1]
        inner = row - tile_row * level.chunks[0], col - tile_col * level.chunks[1]
        tiles = {index: self.cache.get((0, tile_row, tile_col, index)) for index in indexes}
        values = {index: tile[inner] for index, tile in tiles.items() if tile is not None}
        missing = [index for index in indexes if index not in values]
        if missing:
            found = self.reader.read(level, missing, (row, row + 1, col, col + 1))
            values.update({index: array[0, 0] for index, array in found.items()})
        return [values[index] for index in indexes]

    @property
    def reduced(self) -> ReducedLevels | None:
        """Where levels that the file does not hold are read from; None until they have been built."""
        return self.file.reduced

    def fetch(self, level: Level, indexes: Sequence[int], tiles: Sequence[tuple[int, int]]) -> None:
        """Decode tiles (row, column) of a level that are not kept yet, so that they are when they are wanted."""
        self._collect(level, indexes, tiles)

    def close(self) -> None:
        """Close the file and free the tiles."""
        self.prefetcher.close()
        self.file.close()
        self.cache.close()

    def _collect(
        self, level: Level, indexes: Sequence[int], tiles: Sequence[tuple[int, int]]
    ) -> dict[Key, NDArray[Any]]:
        """Return all tiles of a request, decoding those that the cache does not have."""
        found: dict[Key, NDArray[Any]] = {}
        if not self._look_up(level, indexes, tiles, found):
            return found
        with self._decoding[level.index]:  # a second thread that wants the same tiles finds them after the wait
            missing = self._look_up(level, indexes, tiles, found)
            for bounds in _rectangles(sorted({(row, col) for _, row, col, _ in missing})):
                self._decode(level, bounds, {key for key in missing if _inside(key, bounds)}, found)
        return found

    def _look_up(
        self,
        level: Level,
        indexes: Sequence[int],
        tiles: Sequence[tuple[int, int]],
        found: dict[Key, NDArray[Any]],
    ) -> list[Key]:
        """Fill ``found`` from the cache and return the keys that it lacks."""
        missing = []
        for row, col in tiles:
            for index in indexes:
                key = (level.index, row, col, index)
                tile = found.get(key)
                if tile is None:
                    tile = self.cache.get(key)
                if tile is None:
                    missing.append(key)
                else:
                    found[key] = tile
        return missing

    def _decode(self, level: Level, tiles: Bounds, missing: set[Key], found: dict[Key, NDArray[Any]]) -> None:
        """Read a rectangle of tiles in one go and cut it up."""
        indexes = sorted({key[3] for key in missing})
        height, width = level.chunks
        row, col = tiles[0] * height, tiles[2] * width
        bounds = (row, min(tiles[1] * height, level.shape[0]), col, min(tiles[3] * width, level.shape[1]))
        arrays = self.file.read(level, indexes, bounds)
        for key in missing:
            top, left = key[1] * height - row, key[2] * width - col
            part = arrays[key[3]][top : top + height, left : left + width]
            found[key] = part.copy()  # a view would keep the whole rectangle alive
            self.cache.put(key, found[key])


def tiles_of(level: Level, bounds: Bounds) -> list[tuple[int, int]]:
    """Return row and column of every tile that a window touches."""
    row, row_stop, col, col_stop = bounds
    if row >= row_stop or col >= col_stop:
        return []
    height, width = level.chunks
    return [
        (tile_row, tile_col)
        for tile_row in range(row // height, -(-row_stop // height))
        for tile_col in range(col // width, -(-col_stop // width))
    ]


def _overlap(level: Level, tile_row: int, tile_col: int, bounds: Bounds) -> tuple[slice, slice, tuple[slice, slice]]:
    """Return where a tile lies in the window, and which part of the tile that is."""
    height, width = level.chunks
    top, left = tile_row * height, tile_col * width
    row, row_stop = max(bounds[0], top), min(bounds[1], top + height)
    col, col_stop = max(bounds[2], left), min(bounds[3], left + width)
    inner = slice(row - top, row_stop - top), slice(col - left, col_stop - left)
    return slice(row - bounds[0], row_stop - bounds[0]), slice(col - bounds[2], col_stop - bounds[2]), inner


def _rectangles(tiles: Sequence[tuple[int, int]]) -> list[Bounds]:
    """Return rectangles of tiles that cover exactly the given ones: runs in a row, joined downwards."""
    runs: list[Bounds] = []
    for row, col in tiles:
        if runs and runs[-1][0] == row and runs[-1][3] == col:
            runs[-1] = (row, row + 1, runs[-1][2], col + 1)
        else:
            runs.append((row, row + 1, col, col + 1))
    joined: list[Bounds] = []
    for run in runs:
        above = next((i for i, r in enumerate(joined) if r[1] == run[0] and r[2:] == run[2:]), None)
        if above is None:
            joined.append(run)
        else:
            joined[above] = (joined[above][0], run[1], *run[2:])
    return joined


def _inside(key: Key, tiles: Bounds) -> bool:
    return tiles[0] <= key[1] < tiles[1] and tiles[2] <= key[2] < tiles[3]
