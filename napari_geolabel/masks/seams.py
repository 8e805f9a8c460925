"""What was traced block by block, joined over the seams: the polygons are those of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.masks.rings import build, take_apart
from napari_geolabel.masks.watch import Watch

_NOBODY = -1


@dataclass
class Seams:
    """The pieces of polygons on both sides of the seams between blocks.

    Parameters
    ----------
    shape
        Rows and columns of the whole.
    """

    shape: tuple[int, ...]
    _sides: dict[tuple[int, int, int], NDArray[np.int64]] = field(default_factory=dict)
    """Axis, place and side (0 before, 1 behind the seam) to the piece of each pixel along it."""

    def add(self, polygons: NDArray[np.object_], first: int, bounds: tuple[int, int, int, int]) -> None:
        """Note which pieces of a block lie along its borders.

        Parameters
        ----------
        polygons
            All pieces of the block, in pixel coordinates of the whole; they count from ``first``.
        bounds
            First and last row and column of the block: top, bottom, left, right, the last not included.
        """
        top, bottom, left, right = bounds
        x0, y0, x1, y1 = shapely.bounds(polygons).T if len(polygons) else np.empty((4, 0))
        for axis, place, side, reaches in ((0, top, 1, y0 == top), (0, bottom, 0, y1 == bottom),
                                           (1, left, 1, x0 == left), (1, right, 0, x1 == right)):  # fmt: skip
            if 0 < place < self.shape[axis]:
                along = self._sides.setdefault((axis, place, side), np.full(self.shape[1 - axis], _NOBODY))
                numbers = np.flatnonzero(reaches)
                _note(along, polygons[numbers], numbers + first, axis, place)

    def groups(self, values: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Return a number for each piece; those that belong to one polygon have the same."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        pairs = [self._pairs(axis, place, values) for axis, place, side in self._sides if side == 0]
        before, behind = np.concatenate(pairs, axis=1) if pairs else np.empty((2, 0), np.int64)
        links = coo_array((np.ones(len(before), bool), (before, behind)), shape=(len(values), len(values)))
        return np.asarray(connected_components(links, directed=False)[1], np.int64)

    def _pairs(self, axis: int, place: int, values: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Return the pieces, shape (2, n), that face each other over a seam with the same value."""
        before, behind = (self._sides.get((axis, place, side)) for side in (0, 1))
        if before is None or behind is None:
            return np.empty((2, 0), np.int64)
        both = (before != _NOBODY) & (behind != _NOBODY)
        pairs = np.unique(np.stack([before[both], behind[both]]), axis=1)
        return pairs[:, values[pairs[0]] == values[pairs[1]]]


def join(
    polygons: NDArray[np.object_], values: NDArray[np.uint32], groups: NDArray[np.int64], watch: Watch
) -> tuple[NDArray[np.object_], NDArray[np.uint32]]:
    """Return the polygons and values of pieces that are grouped; a piece alone in its group stays as it is."""
    counts = np.bincount(groups)
    is_whole = counts[groups] == 1
    joined = np.array(list(_unions(polygons[~is_whole], groups[~is_whole], watch)), object)
    if not len(joined):
        return polygons, values
    _, first = np.unique(groups[~is_whole], return_index=True)
    return (
        np.concatenate([polygons[is_whole], build(take_apart(joined))]),
        np.concatenate([values[is_whole], values[~is_whole][first]]),
    )


def _unions(polygons: NDArray[np.object_], groups: NDArray[np.int64], watch: Watch) -> Iterator[Any]:
    """Yield the union of each group of polygons, in the order of the groups' numbers."""
    order = np.argsort(groups, kind="stable")
    bounds = np.flatnonzero(np.diff(groups[order])) + 1
    done = 0
    for members in np.split(order, bounds) if len(order) else []:
        watch.tell(done / len(order))
        done += len(members)
        yield shapely.union_all(polygons[members])


def _note(
    along: NDArray[np.int64], polygons: NDArray[np.object_], numbers: NDArray[np.int64], axis: int, place: int
) -> None:
    """Write the numbers of polygons where their edges run along a line."""
    if not len(polygons):
        return
    rings, owners = shapely.get_rings(polygons, return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    across, ahead = points[:, 1 - axis].astype(np.int64), points[:, axis].astype(np.int64)
    is_edge = (ring_of[1:] == ring_of[:-1]) & (across[1:] == place) & (across[:-1] == place)
    starts, stops = np.minimum(ahead[1:], ahead[:-1])[is_edge], np.maximum(ahead[1:], ahead[:-1])[is_edge]
    lengths = stops - starts
    pixels = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(starts, lengths)
    along[pixels] = np.repeat(numbers[owners[ring_of[1:][is_edge]]], lengths)
