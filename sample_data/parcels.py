"""Farmland and towns: patterns that people draw on land."""

from __future__ import annotations

import numpy as np
from fields import FloatArray, Shape, fractal
from numpy.typing import NDArray
from scipy.spatial import cKDTree

_CANVAS = 2400


def districts(x: FloatArray, y: FloatArray, rng: np.random.Generator, *, count: int) -> NDArray[np.intp]:
    """Return the number of the district of every sample: the cells nearest to ``count`` random seats."""
    seats = rng.uniform(0, 1, (count, 2)) * (float(x.max()), float(y.max()))
    warp = 18 * fractal(x.shape, rng, slope=2.6)
    _, nearest = cKDTree(seats).query(np.stack([x + warp, y - warp], axis=-1))
    return np.asarray(nearest)


def field_numbers(
    x: FloatArray, y: FloatArray, district: NDArray[np.intp], rng: np.random.Generator, *, side_px: float
) -> NDArray[np.int64]:
    """Return the number of the field of every sample.

    Each district has its own direction of ploughing; its fields come from
    cutting a square again and again, crosswise to the longer side.
    """
    numbers = np.zeros(x.shape, np.int64)
    for index in range(int(district.max()) + 1):
        here = district == index
        angle = rng.uniform(0, np.pi)
        u = x[here] * np.cos(angle) + y[here] * np.sin(angle)
        v = -x[here] * np.sin(angle) + y[here] * np.cos(angle)
        partition = _cut(rng, side_px)
        half = _CANVAS // 2
        numbers[here] = partition[(v + half).astype(int) % _CANVAS, (u + half).astype(int) % _CANVAS] + index * 100_000
    return np.unique(numbers, return_inverse=True)[1].reshape(x.shape)


def borders(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which samples lie on the border between two fields."""
    edge = np.zeros(numbers.shape, bool)
    edge[:, 1:] |= numbers[:, 1:] != numbers[:, :-1]
    edge[1:] |= numbers[1:] != numbers[:-1]
    return edge


def street_plan(x: FloatArray, y: FloatArray, *, angle_deg: float, block_px: tuple[float, float]) -> FloatArray:
    """Return the distance in pixels from every sample to the nearest street of a grid."""
    angle = np.deg2rad(angle_deg)
    u = x * np.cos(angle) + y * np.sin(angle) + 1.2 * np.sin(y / 13)
    v = -x * np.sin(angle) + y * np.cos(angle) + 1.2 * np.sin(x / 17)
    gaps = [np.abs((w / step + 0.5) % 1 - 0.5) * step for w, step in zip((u, v), block_px, strict=True)]
    return np.asarray(np.minimum(*gaps), np.float32)


def houses(shape: Shape, rng: np.random.Generator, *, side: int) -> NDArray[np.float32]:
    """Return a random number between 0 and 1 for every plot of ``side`` samples, jittered like real plots."""
    rows, cols = -(-shape[0] // side) + 2, -(-shape[1] // side) + 2
    values = rng.uniform(0, 1, (rows, cols)).astype(np.float32)
    shift = (side * 0.6 * fractal(shape, rng, slope=1.4)).astype(int)
    row, col = np.mgrid[0 : shape[0], 0 : shape[1]]
    return values[np.clip((row + shift) // side, 0, rows - 1), np.clip((col - shift) // side, 0, cols - 1)]


def _cut(rng: np.random.Generator, side_px: float) -> NDArray[np.int32]:
    """Return a square canvas cut into numbered rectangles of about ``side_px``."""
    canvas = np.zeros((_CANVAS, _CANVAS), np.int32)
    open_pieces = [(0, 0, _CANVAS, _CANVAS)]
    number = 0
    while open_pieces:
        top, left, bottom, right = open_pieces.pop()
        height, width = bottom - top, right - left
        if max(height, width) < side_px * rng.uniform(0.9, 2.4):
            number += 1
            canvas[top:bottom, left:right] = number
        elif height > width:
            middle = top + int(height * rng.uniform(0.35, 0.65))
            open_pieces += [(top, left, middle, right), (middle, left, bottom, right)]
        else:
            middle = left + int(width * rng.uniform(0.35, 0.65))
            open_pieces += [(top, left, bottom, middle), (top, middle, bottom, right)]
    return canvas
