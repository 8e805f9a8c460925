"""Areas of pixels grown, shrunk, smoothed, cleaned and picked: arrays in, arrays out.

Distances run between the centres of pixels, on the ground where ``spacing``
gives the size of a pixel in metres, so that a disc is a disc where pixels are
not square.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.geo import Window

Area = NDArray[np.bool_]
Places = NDArray[np.intp]
Spacing = tuple[float, float]
"""Height and width of a pixel, in the unit of distances."""

SQUARE: Spacing = (1.0, 1.0)
"""Distances in pixels."""
BLOCK_PX = 1024
"""Side of the blocks in which large areas are worked on, so that memory stays small."""


def grown(area: Area, distance: float, spacing: Spacing = SQUARE) -> Area:
    """Return an area with every pixel that lies within a distance of it.

    Parameters
    ----------
    area
        Shape (rows, cols).
    distance
        At least 0, in the unit of ``spacing``.
    spacing
        Height and width of a pixel.
    """
    return _in_blocks(area, lambda part: _near(part, distance, spacing), _halo(distance, spacing))


def shrunk(area: Area, distance: float, spacing: Spacing = SQUARE) -> Area:
    """Return an area without every pixel that lies within a distance of what is outside it; see `grown`.

    The border of the array is no outside: an area that runs on beyond it is not shrunk there.
    """
    return ~grown(~area, distance, spacing)


def smoothed(area: Area, distance: float, spacing: Spacing = SQUARE) -> Area:
    """Return an area whose border has lost what is narrower than a disc, outward and inward alike.

    Each pixel goes with the majority of the disc about it, itself included; beyond the border of the array the
    outermost pixels are taken to go on.
    """
    disc = _disc(distance, spacing)
    return _in_blocks(area, lambda part: _majority(part, disc), _halo(distance, spacing))


def specks(area: Area, least_px: float) -> Area:
    """Return the pixels of an area that hang together (by their sides) in fewer than ``least_px`` pixels."""
    from scipy import ndimage

    numbers, count = ndimage.label(area)
    if not count:
        return np.zeros_like(area)
    small = np.bincount(numbers.ravel(), minlength=count + 1) < least_px
    small[0] = False
    return np.asarray(small[numbers])


def holes(area: Area, least_px: float) -> Area:
    """Return the pixels of the gaps that an area encloses and that have fewer than ``least_px`` pixels.

    A gap hangs together by its sides, and does not reach the border of the array.
    """
    gaps = specks(~area, least_px)
    return gaps & ~reaching_border(gaps)


def reaching_border(area: Area) -> Area:
    """Return the connected parts of an area that reach the border of the array."""
    from scipy import ndimage

    numbers, count = ndimage.label(area)
    if not count:
        return np.zeros_like(area)
    reaching = np.zeros(count + 1, bool)
    for edge in (numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]):
        reaching[edge] = True
    reaching[0] = False
    return np.asarray(reaching[numbers])


def connected(area: Area, row: int, col: int) -> Area:
    """Return the part of an area that hangs together (by its sides) with one pixel; nothing if that is outside."""
    from scipy import ndimage

    if not area[row, col]:
        return np.zeros_like(area)
    numbers, _ = ndimage.label(area)
    return np.asarray(numbers == numbers[row, col])


def similar(values: NDArray[np.floating], row: int, col: int, tolerances: NDArray[np.floating]) -> Area:
    """Return the pixels whose values are, in every band, as those of one pixel but for a tolerance.

    Parameters
    ----------
    values
        Shape (bands, rows, cols); NaN, where a pixel is not valid, is like nothing.
    row, col
        The pixel to compare with.
    tolerances
        The largest difference in each band, shape (bands,).
    """
    seed = values[:, row, col]
    return np.asarray((np.abs(values - seed[:, None, None]) <= tolerances[:, None, None]).all(axis=0))


def surroundings(values: NDArray[Any], wanted: Area, own: Area | None = None) -> NDArray[Any]:
    """Return, for each wanted pixel, a value from around the patch that it lies in, as if what surrounds it grew in.

    In each step every wanted pixel takes the value of a pixel beside it that has one: above, below, left, right, in
    that order.

    Parameters
    ----------
    values
        Shape (rows, cols).
    wanted
        n pixels of that array.
    own
        Other pixels, whose values are taken only where no others are around.

    Returns
    -------
    ndarray
        Shape (n,), in the order of ``values[wanted]``; 0 where nothing is around.
    """
    rows, cols = np.nonzero(wanted)
    last = np.zeros_like(wanted) if own is None else own & ~wanted
    known, filled = ~(wanted | last), np.where(wanted, 0, values)
    left = np.ones(rows.size, bool)
    _grow_in(filled, known, rows, cols, left)
    if last.any():
        known |= last
        _grow_in(filled, known, rows, cols, left)
    return np.asarray(filled[rows, cols])


def bounds_of(area: Area) -> Window | None:
    """Return the smallest window that holds an area, None if it is empty."""
    rows, cols = (np.flatnonzero(area.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1)


def _grow_in(filled: NDArray[Any], known: Area, rows: Places, cols: Places, left: NDArray[np.bool_]) -> None:
    """Give the pixels that are left the values of known ones, ring by ring, until nothing known is beside them."""
    while left.any():
        taken = _take_from_beside(filled, known, rows[left], cols[left])
        if not taken.any():
            break
        left[left] = ~taken


def _take_from_beside(filled: NDArray[Any], known: Area, rows: Places, cols: Places) -> Area:
    """Give pixels the value of a known pixel beside them, and note them as known; return which got one."""
    taken = np.zeros(rows.size, bool)
    values = np.zeros(rows.size, filled.dtype)
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        beside = np.clip(rows + down, 0, known.shape[0] - 1), np.clip(cols + right, 0, known.shape[1] - 1)
        new = known[beside] & ~taken
        values[new] = filled[beside][new]
        taken |= new
    filled[rows[taken], cols[taken]] = values[taken]
    known[rows[taken], cols[taken]] = True
    return taken


def _near(area: Area, distance: float, spacing: Spacing) -> Area:
    """Return which pixels lie within a distance of an area."""
    from scipy import ndimage

    distances = ndimage.distance_transform_edt(~area, sampling=spacing)
    return np.asarray(distances <= distance * (1 + 1e-9))  # 3 pixels of 10 m are 30 m, whatever the rounding


def _disc(distance: float, spacing: Spacing) -> NDArray[np.float32]:
    """Return a disc as a filter of ones."""
    rows, cols = (np.arange(-(reach := math.floor(distance / step)), reach + 1) * step for step in spacing)
    within = np.hypot(rows[:, None], cols[None, :]) <= distance * (1 + 1e-9)
    return np.asarray(within, np.float32)


def _majority(area: Area, disc: NDArray[np.float32]) -> Area:
    """Return where more than half of a disc about each pixel belongs to an area; a tie leaves the pixel as it is."""
    from scipy import ndimage, signal

    padded = np.pad(area.astype(np.float32), [(length // 2,) * 2 for length in disc.shape], mode="edge")
    if disc.size <= 81:
        reach = tuple(slice(length // 2, padded.shape[axis] - length // 2) for axis, length in enumerate(disc.shape))
        counts = ndimage.convolve(padded, disc, mode="nearest")[reach]
    else:
        counts = signal.oaconvolve(padded, disc, mode="valid")
    double = 2 * np.rint(counts) - disc.sum()
    return np.asarray(np.where(double == 0, area, double > 0))


def _halo(distance: float, spacing: Spacing) -> tuple[int, int]:
    """Return how many rows and columns beside a block can matter to it."""
    rows, cols = (math.floor(distance / step * (1 + 1e-9)) + 1 for step in spacing)
    return rows, cols


def _in_blocks(area: Area, work: Callable[[Area], Area], halo: tuple[int, int]) -> Area:
    """Return what a local rule makes of an area, block by block; blocks that are all of one kind stay as they are."""
    result = area.copy()
    for inner, outer in _blocks(area.shape, halo):
        part = area[outer]
        if part.any() and not part.all():
            cut = tuple(slice(i.start - o.start, i.stop - o.start) for i, o in zip(inner, outer, strict=True))
            result[inner] = work(part)[cut]
    return result


def _blocks(shape: tuple[int, ...], halo: tuple[int, int]) -> Iterator[tuple[Window, Window]]:
    """Yield the blocks of an array, each with the window of it and its halo."""
    starts = (range(0, length, BLOCK_PX) for length in shape)
    for top, left in itertools.product(*starts):
        inner = tuple(slice(a, min(a + BLOCK_PX, n)) for a, n in zip((top, left), shape, strict=True))
        outer = tuple(
            slice(max(part.start - reach, 0), min(part.stop + reach, n))
            for part, reach, n in zip(inner, halo, shape, strict=True)
        )
        yield (inner[0], inner[1]), (outer[0], outer[1])
