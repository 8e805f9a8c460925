"""The windows that were painted last, so that only what comes new into view is painted.

Somebody who pans sees most of the former window again, and who steps to and fro
between two composites the same window.  One window per level is kept, in the
cache that holds the tiles: both stand in one budget, and go with their scene.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from napari_geolabel.imagery.cache import CacheShare, Key

if TYPE_CHECKING:
    from napari_geolabel.imagery.levels import Level
    from napari_geolabel.imagery.reader import Bounds
    from napari_geolabel.imagery.tables import Words

_NOT_A_TILE = -1  # stands for a tile's row in keys
_BUDGET_SHARE = 8  # a window larger than this part of the cache would push out too many tiles

_numbers = count()  # of windows; never used twice, so that a key means the same pixels for good


class Viewports:
    """The last window of each level, as one composite paints it; safe from many threads.

    Parameters
    ----------
    cache
        Where the windows are kept.
    """

    def __init__(self, cache: CacheShare) -> None:
        self._cache = cache
        self._last: dict[int, tuple[Bounds, Key]] = {}
        self._is_closed = False

    def find(self, level: Level) -> tuple[Bounds, Words] | None:
        """Return where the last window of a level lies and its words, read-only; None where it is not kept."""
        known = self._last.get(level.index)
        if known is None:
            return None
        words = self._cache.get(known[1])
        return None if words is None else (known[0], words)

    def keep(self, level: Level, bounds: Bounds, words: Words) -> None:
        """Keep a window, which nobody may write to from then on, in the place of the level's last one."""
        if not words.size or words.nbytes * _BUDGET_SHARE > self._cache.budget_bytes:
            return
        key = (level.index, _NOT_A_TILE, _NOT_A_TILE, next(_numbers))
        self._cache.put(key, words)
        before, self._last[level.index] = self._last.get(level.index), (bounds, key)
        if before is not None:
            self._cache.drop(before[1])
        if self._is_closed:  # on another thread meanwhile, or long ago
            self.close()

    def close(self) -> None:
        """Let go of all windows at once, rather than have them push out tiles, and keep none any more."""
        self._is_closed = True
        for level in list(self._last):
            known = self._last.pop(level, None)
            if known is not None:
                self._cache.drop(known[1])


def common_part(one: Bounds, other: Bounds) -> Bounds | None:
    """Return the window that two windows share, None where they share no pixel."""
    row, row_stop = max(one[0], other[0]), min(one[1], other[1])
    col, col_stop = max(one[2], other[2]), min(one[3], other[3])
    return (row, row_stop, col, col_stop) if row < row_stop and col < col_stop else None


def rest_of(whole: Bounds, part: Bounds | None) -> list[Bounds]:
    """Return at most four windows that fill a window up, beside a part of it and without overlap."""
    row, row_stop, col, col_stop = whole
    if part is None:
        return [whole]
    around = [
        (row, part[0], col, col_stop),
        (part[1], row_stop, col, col_stop),
        (part[0], part[1], col, part[2]),
        (part[0], part[1], part[3], col_stop),
    ]
    return [each for each in around if each[0] < each[1] and each[2] < each[3]]


def within(inner: Bounds, outer: Bounds) -> tuple[slice, slice]:
    """Return the rows and columns that a window takes in a larger one."""
    return (
        slice(inner[0] - outer[0], inner[1] - outer[0]),
        slice(inner[2] - outer[2], inner[3] - outer[2]),
    )
