"""Decoding what will be looked at next.

Somebody who pans asks for one window after another.  When two of them follow
each other at one level, the tiles that the next step in the same direction
will need are decoded in a thread, while the person looks at what is there.
Only that strip is fetched: fetching all around would keep the file's lock when
the window itself is wanted.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.levels import Level

if TYPE_CHECKING:
    from napari_geolabel.imagery.reader import Bounds
    from napari_geolabel.imagery.tiles import TileStore

_IDLE_SECONDS = 5.0  # after which the thread ends; the next step starts another
_TILES_AT_ONCE = 4  # decoded on all cores in one read; a person who turns round waits for no more than these
_BUDGET_SHARE = 4  # a strip larger than this part of the cache would push out what is on screen


@dataclass(frozen=True)
class _Job:
    generation: int
    level: Level
    indexes: tuple[int, ...]
    tiles: tuple[tuple[int, int], ...]


class Prefetcher:
    """Fetches the next strip of tiles in the direction of travel, in one thread.

    Every window that is looked at begins a new generation; what an earlier one
    has asked for and not got by then is dropped.
    """

    def __init__(self, store: TileStore) -> None:
        self._store = store
        self._changed = threading.Condition()
        self._last: tuple[Level, Bounds] | None = None
        self._generation = 0
        self._job: _Job | None = None
        self._busy = False
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def generation(self) -> int:
        """How many windows have been looked at."""
        return self._generation

    def looked_at(self, level: Level, indexes: Sequence[int], bounds: Bounds) -> None:
        """Take note of a window that was read for the screen, and fetch what the next step needs."""
        with self._changed:
            if self._closed:
                return
            self._generation += 1
            last, self._last = self._last, (level, bounds)
            self._job = None
            if last is None or last[0].index != level.index:
                return
            tiles = next_tiles(level, last[1], bounds)
            if not tiles or self._is_too_much(level, indexes, tiles):
                return
            self._job = _Job(self._generation, level, tuple(indexes), tiles)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="geolabel-prefetch", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until nothing is left to fetch; return False if that takes longer than ``timeout_s``."""
        with self._changed:
            return self._changed.wait_for(lambda: self._job is None and not self._busy, timeout_s)

    def close(self) -> None:
        """Drop what is left to do and end the thread; a decode under way ends first."""
        with self._changed:
            self._closed = True
            self._job = None
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _is_too_much(self, level: Level, indexes: Sequence[int], tiles: tuple[tuple[int, int], ...]) -> bool:
        pixels = len(tiles) * level.chunks[0] * level.chunks[1]
        size = pixels * len(indexes) * self._store.reader.facts.read_dtype.itemsize
        return size * _BUDGET_SHARE > self._store.cache.budget_bytes

    def _work(self) -> None:
        while (job := self._next_job()) is not None:
            try:
                for start in range(0, len(job.tiles), _TILES_AT_ONCE):
                    if job.generation != self._generation or self._closed:
                        break
                    self._store.fetch(job.level, job.indexes, job.tiles[start : start + _TILES_AT_ONCE])
            except SceneError:
                pass  # told to whoever reads the place itself
            finally:
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()

    def _next_job(self) -> _Job | None:
        """Wait for something to do; return None, and let go of the thread, where nothing comes."""
        with self._changed:
            self._changed.wait_for(lambda: self._job is not None or self._closed, _IDLE_SECONDS)
            job, self._job = self._job, None
            self._busy = job is not None
            if job is None:
                self._thread = None
            return job


def next_tiles(level: Level, before: Bounds, now: Bounds) -> tuple[tuple[int, int], ...]:
    """Return the tiles (row, column) that the next step in the same direction will need.

    Nothing where the window stood still, changed its size by more than a tile
    (that is a zoom), or jumped further than its own length.
    """
    height, width = level.chunks
    (row, row_stop, col, col_stop), (old_row, old_row_stop, old_col, old_col_stop) = now, before
    down, right = _travel(old_row, old_row_stop, row, row_stop), _travel(old_col, old_col_stop, col, col_stop)
    grown = abs((row_stop - row) - (old_row_stop - old_row)) > height
    widened = abs((col_stop - col) - (old_col_stop - old_col)) > width
    jumped = abs(down) > max(row_stop - row, height) or abs(right) > max(col_stop - col, width)
    if grown or widened or jumped or not (down or right):
        return ()
    ahead = (
        _tile_range(row, row_stop, down, height, level.shape[0]),
        _tile_range(col, col_stop, right, width, level.shape[1]),
    )
    here = range(row // height, -(-row_stop // height)), range(col // width, -(-col_stop // width))
    return tuple((r, c) for r in ahead[0] for c in ahead[1] if r not in here[0] or c not in here[1])


def _travel(old_start: int, old_stop: int, start: int, stop: int) -> int:
    """Return how far a range moved: both ends the same way, or one of them at the edge of the scene."""
    first, last = start - old_start, stop - old_stop
    if first * last < 0:
        return 0
    return first if abs(first) > abs(last) else last


def _tile_range(start: int, stop: int, travel: int, side: int, limit: int) -> range:
    """Return the tiles of a range and of one step further, at least a tile and at most two."""
    step = min(max(abs(travel), 1), 2 * side) if travel else 0
    first = max(0, start - step if travel < 0 else start)
    last = min(limit, stop + step if travel > 0 else stop)
    return range(first // side, -(-last // side))
