"""Which change takes which earlier one back, so that undo goes on in the next session.

The store tells of an undo as of any change: by what was and what is.  A
change that is the exact reverse of the last one is its undo; one that equals
what was undone last is its redo.  Changes that others have built on are
forgotten, here as in the store.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from napari_geolabel.annotations import Change
from napari_geolabel.annotations.history import standing

_STEPS = 1000


class UndoTrail:
    """The last changes of a label file, by what they did and their numbers in the journal."""

    def __init__(self, history: Iterable[tuple[int, Change]]) -> None:
        self._done = deque((_Step(seq, change.touched, _trace(change)) for seq, change in history), _STEPS)
        self._undone: deque[_Step] = deque(maxlen=_STEPS)

    def copy(self) -> UndoTrail:
        """Return a trail that may go on differently."""
        trail = UndoTrail(())
        trail._done, trail._undone = self._done.copy(), self._undone.copy()
        return trail

    def undone_by(self, change: Change) -> int | None:
        """Return the number of the earlier change that this one takes back, None if it is no undo."""
        # most changes touch something else than the last one: a trace of pixels takes longer than to see that
        if self._done and self._done[-1].touched == change.touched:
            last = self._done[-1]
            return last.seq if last.trace == _trace(change.reversed()) else None
        return None

    def note(self, seq: int, change: Change) -> None:
        """Follow a change that was written as number ``seq``."""
        if self.undone_by(change) is not None:
            self._undone.append(self._done.pop())
            return
        trace = _trace(change)
        if self._undone and self._undone[-1].trace == trace:
            self._undone.pop()
        else:
            self._undone.clear()
        self._done.append(_Step(seq, change.touched, trace))

    def give_way(self, touched: Iterable[Hashable]) -> None:
        """Forget the changes that others have built on; ``touched`` as `Change.touched` has it."""
        theirs = set(touched)
        if theirs:
            self._done = deque(standing(self._done, theirs), _STEPS)
            self._undone = deque(standing(self._undone, theirs), _STEPS)


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    seq: int
    touched: frozenset[Hashable]
    trace: tuple[Any, ...]


def _trace(change: Change) -> tuple[Any, ...]:
    """Return what identifies a change, without the weight of its pixels."""
    tiles = tuple((tile.row, tile.col, zlib.crc32(tile.before), zlib.crc32(tile.after)) for tile in change.tiles)
    scene = None if change.scene_attributes is None else tuple(map(dict, change.scene_attributes))
    return change.edits, tiles, scene
