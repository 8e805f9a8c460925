"""What can be undone and redone, within a budget of memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change, TileEdit

TILE_BUDGET = 512 * 1024**2
"""Bytes of mask tiles that undo may hold; the oldest steps go first, the last one never."""


class _HasTouched(Protocol):
    @property
    def touched(self) -> frozenset[Hashable]: ...


Touching = TypeVar("Touching", bound=_HasTouched)
"""A change, or what stands for one: its ``touched`` says what it changes."""


class History:
    """Two stacks of changes: done, which undo takes back, and undone, which redo makes again.

    Parameters
    ----------
    done
        What was done before, oldest first.
    tile_budget
        Bytes of mask tiles to hold at most.
    """

    def __init__(self, done: Iterable[Change] = (), *, tile_budget: int = TILE_BUDGET) -> None:
        self.done: deque[Change] = deque()
        self.undone: deque[Change] = deque()
        self._tile_budget = tile_budget
        self._tile_bytes = 0
        for change in done:
            self.record(change)

    def record(self, change: Change) -> None:
        """Keep a new change for undo; what was undone before is gone."""
        self._tile_bytes -= sum(map(_tile_bytes, self.undone))
        self.undone.clear()
        self.done.append(change)
        self._tile_bytes += _tile_bytes(change)
        while self._tile_bytes > self._tile_budget and len(self.done) > 1:
            self._tile_bytes -= _tile_bytes(self.done.popleft())

    def step_back(self) -> Change | None:
        """Return the change that undoes the last one, None where there is none."""
        if not self.done:
            return None
        self.undone.append(self.done.pop())
        return self.undone[-1].reversed()

    def step_forward(self) -> Change | None:
        """Return the change that was undone last, to be made again, None where there is none."""
        if not self.undone:
            return None
        self.done.append(self.undone.pop())
        return self.done[-1]

    def give_way(self, change: Change) -> None:
        """Drop the steps that a change of somebody else stands on.

        Going back over it would undo their work with ours.  What depends on a
        dropped step goes with it; steps that touch other things stay.
        """
        self.done = deque(standing(self.done, change.touched))
        self.undone = deque(standing(self.undone, change.touched))
        self._tile_bytes = sum(map(_tile_bytes, (*self.done, *self.undone)))

    def tiles(self) -> Iterator[TileEdit]:
        """Yield the tiles of the mask that undo or redo would bring back."""
        for change in (*self.done, *self.undone):
            yield from change.tiles

    def annotations(self) -> Iterator[Annotation]:
        """Yield the annotations that undo and redo can bring back."""
        for change in (*self.done, *self.undone):
            for edit in change.edits:
                yield from (annotation for annotation in (edit.before, edit.after) if annotation is not None)


def standing(steps: Sequence[Touching], touched: Collection[Hashable]) -> list[Touching]:
    """Return the steps of a stack, the next one last, that neither stand on what was touched nor on a dropped step."""
    hit, kept = set(touched), []
    for step in reversed(steps):
        if hit.isdisjoint(step.touched):
            kept.append(step)
        else:
            hit |= step.touched
    return kept[::-1]


def _tile_bytes(change: Change) -> int:
    return sum(len(tile.before) + len(tile.after) for tile in change.tiles)
