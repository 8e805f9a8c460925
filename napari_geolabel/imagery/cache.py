"""Decoded tiles of all open scenes within one budget of memory.

All scenes of a process share one budget, so that opening a tenth scene does
not need ten times the memory: whatever was used longest ago is dropped, of
whichever scene it is.  Locks are held around dictionary operations only.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from functools import cache
from itertools import count
from typing import Any

from numpy.typing import NDArray

MAX_BUDGET_BYTES = 2 * 1024**3
MIN_BUDGET_BYTES = 64 * 1024**2

Key = tuple[int, int, int, int]
"""Level, tile row, tile column, band or mask index."""


class TileCache:
    """Arrays of several owners, the least recently used dropped beyond one budget.

    Parameters
    ----------
    budget_bytes
        How much all owners together may keep.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._tiles: OrderedDict[tuple[int, Key], NDArray[Any]] = OrderedDict()
        self._keys: dict[int, set[Key]] = {}
        self._sizes: dict[int, int] = {}
        self._size_bytes = 0
        self._numbers = count()
        self._lock = threading.Lock()

    @property
    def budget_bytes(self) -> int:
        """How much all owners together may keep; setting it drops what is beyond at once."""
        return self._budget_bytes

    @budget_bytes.setter
    def budget_bytes(self, budget_bytes: int) -> None:
        with self._lock:
            self._budget_bytes = budget_bytes
            self._shrink()

    @property
    def size_bytes(self) -> int:
        """Bytes of all tiles that are kept."""
        return self._size_bytes

    def share(self) -> CacheShare:
        """Return a new owner's way to the cache."""
        with self._lock:
            owner = next(self._numbers)
            self._keys[owner], self._sizes[owner] = set(), 0
        return CacheShare(self, owner)

    def get(self, owner: int, key: Key) -> NDArray[Any] | None:
        """Return a tile and mark it as used, None where it is not kept."""
        with self._lock:
            tile = self._tiles.get((owner, key))
            if tile is not None:
                self._tiles.move_to_end((owner, key))
            return tile

    def put(self, owner: int, key: Key, tile: NDArray[Any]) -> None:
        """Keep a tile, read-only, and drop the oldest ones beyond the budget; of an owner that left nothing is kept."""
        tile.flags.writeable = False
        with self._lock:
            if owner not in self._keys:
                return
            self._drop(owner, key)
            self._tiles[owner, key] = tile
            self._keys[owner].add(key)
            self._sizes[owner] += tile.nbytes
            self._size_bytes += tile.nbytes
            self._shrink()

    def drop(self, owner: int, key: Key) -> None:
        """Drop a tile, if it is kept."""
        with self._lock:
            self._drop(owner, key)

    def size_of(self, owner: int) -> int:
        """Return the bytes that one owner keeps."""
        with self._lock:
            return self._sizes.get(owner, 0)

    def clear(self, owner: int) -> None:
        """Drop every tile of one owner."""
        with self._lock:
            for key in tuple(self._keys.get(owner, ())):
                self._drop(owner, key)

    def leave(self, owner: int) -> None:
        """Drop every tile of an owner, who can keep none from then on."""
        with self._lock:
            for key in tuple(self._keys.get(owner, ())):
                self._drop(owner, key)
            self._keys.pop(owner, None)
            self._sizes.pop(owner, None)

    def _shrink(self) -> None:
        while self._size_bytes > self._budget_bytes and self._tiles:
            self._drop(*next(iter(self._tiles)))

    def _drop(self, owner: int, key: Key) -> None:
        tile = self._tiles.pop((owner, key), None)
        if tile is not None:
            self._keys[owner].discard(key)
            self._sizes[owner] -= tile.nbytes
            self._size_bytes -= tile.nbytes


class CacheShare:
    """One owner's tiles in a cache."""

    def __init__(self, whole: TileCache, owner: int) -> None:
        self.whole = whole
        self._owner = owner

    @property
    def budget_bytes(self) -> int:
        """What all owners together may keep."""
        return self.whole.budget_bytes

    @property
    def size_bytes(self) -> int:
        """Bytes of this owner's tiles."""
        return self.whole.size_of(self._owner)

    def get(self, key: Key) -> NDArray[Any] | None:
        """Return a tile and mark it as used, None where it is not kept."""
        return self.whole.get(self._owner, key)

    def put(self, key: Key, tile: NDArray[Any]) -> None:
        """Keep a tile, read-only."""
        self.whole.put(self._owner, key, tile)

    def drop(self, key: Key) -> None:
        """Drop a tile, if it is kept."""
        self.whole.drop(self._owner, key)

    def clear(self) -> None:
        """Drop every tile of this owner."""
        self.whole.clear(self._owner)

    def close(self) -> None:
        """Drop every tile of this owner for good."""
        self.whole.leave(self._owner)


@cache
def shared_cache() -> TileCache:
    """Return the cache that the scenes of this process share, its budget a quarter of memory and at most 2 GiB."""
    return TileCache(default_budget_bytes(_memory_bytes()))


def default_budget_bytes(memory_bytes: int | None) -> int:
    """Return how much to keep on a machine with so much memory: a quarter, from 64 MiB to 2 GiB."""
    if memory_bytes is None:
        return MAX_BUDGET_BYTES // 4
    return max(MIN_BUDGET_BYTES, min(MAX_BUDGET_BYTES, memory_bytes // 4))


def _memory_bytes() -> int | None:
    """Return the machine's memory, None where the system does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return _windows_memory_bytes()


def _windows_memory_bytes() -> int | None:
    import ctypes

    windows = getattr(ctypes, "windll", None)
    if windows is None:
        return None
    kilobytes = ctypes.c_ulonglong(0)
    told = windows.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
    return kilobytes.value * 1024 if told else None
