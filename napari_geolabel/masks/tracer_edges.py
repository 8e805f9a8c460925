"""The edges of a block of pixels by walking along them: the extra ``fast``, compiled by numba.

Every side between a labelled pixel and another value is an edge with a
direction: the pixel lies on its right hand.  So outer rings run clockwise and
holes the other way.  A walk begins at an edge that nobody has walked yet and
turns right wherever it can, which keeps apart what touches in a corner only.
A ring that comes through the same corner twice is cut in two there; the parts
are an outer ring and a hole that touches it, or two holes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_geolabel.masks.rings import Rings

# Heading right, down, left, up: the step, and the pixels ahead on the right and on the left hand of a corner.
_STEP_Y, _STEP_X = (0, 1, 0, -1), (1, 0, -1, 0)
_RIGHT_Y, _RIGHT_X = (0, 0, -1, -1), (0, -1, -1, 0)
_LEFT_Y, _LEFT_X = (-1, 0, 0, -1), (0, 0, -1, -1)
_UP = 3

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Array = NDArray[Any]


def _compiled(function: _Function) -> _Function:
    """Return a function as numba compiles it when it is first called; the machine code is kept beside the source."""
    made: _Function = njit(cache=True, nogil=True)(function)
    return made


def trace_block(block: NDArray[Any]) -> tuple[Rings, NDArray[np.uint32]]:
    """Return the rings of all areas of equal value but 0 that hang together by sides, and the value of each.

    ``block`` is unsigned or boolean, shape (rows, cols).
    """
    pixels = np.zeros((block.shape[0] + 2, block.shape[1] + 2), np.uint32)  # a margin saves the question for borders
    pixels[1:-1, 1:-1] = block
    walked = np.zeros(pixels.shape, np.int32)
    points, lengths, walks, values = _rings(pixels, walked, np.zeros(pixels.shape, np.int32))
    starts = np.append(0, np.cumsum(lengths)[:-1]) if len(lengths) else np.empty(0, np.int64)
    owners, are_holes = _owners(pixels, walked, points, starts, lengths, walks)
    rings = Rings(points=points - 1, lengths=lengths, owners=owners, are_holes=are_holes)
    return rings, values[walks[~are_holes]]


@_compiled
def _rings(pixels: _Array, walked: _Array, corners: _Array) -> tuple[_Array, _Array, _Array, _Array]:
    """Walk along all edges: return vertices, the length and the walk of each ring, and the value of each walk.

    ``walked`` gets the walk (from 1) of each left edge of a pixel; ``corners`` is room for `_cut`, all 0.
    """
    points, count = np.empty((1024, 2), np.int32), 0
    lengths, walks, rings = np.empty(256, np.int64), np.empty(256, np.int64), 0
    values, walk_count = np.empty(256, np.uint32), 0
    path, touches = np.empty((1024, 2), np.int32), np.empty(1024, np.bool_)
    for row in range(1, pixels.shape[0] - 1):
        col = _next_edge(pixels, walked, row, 1)
        while col < pixels.shape[1]:
            if walk_count == len(values):
                values = _grown_numbers(values)
            values[walk_count] = pixels[row, col]
            path, touches, size, touching = _walk(pixels, walked, row, col, walk_count + 1, path, touches)
            while count + 2 * size > len(points):
                points = _grown(points)
            while rings + size > len(lengths):
                lengths, walks = _grown_numbers(lengths), _grown_numbers(walks)
            before = rings
            if touching:
                count, rings = _cut(path, touches, size, corners, points, count, lengths, rings)
            else:
                points[count : count + size] = path[:size]
                count, lengths[rings], rings = count + size, size, rings + 1
            walks[before:rings] = walk_count
            walk_count += 1
            col = _next_edge(pixels, walked, row, col + 1)
    return points[:count].copy(), lengths[:rings].copy(), walks[:rings].copy(), values[:walk_count].copy()


@_compiled
def _next_edge(pixels: _Array, walked: _Array, row: int, col: int) -> int:
    """Return the first column from one on with a left edge that nobody has walked; else the width.

    A loop of its own: within `_rings` it takes eight times as long.
    """
    width: int = pixels.shape[1]
    for here in range(col, width - 1):
        if pixels[row, here] != pixels[row, here - 1] and pixels[row, here] != 0 and walked[row, here] == 0:
            return here
    return width


@_compiled
def _walk(
    pixels: _Array, walked: _Array, row: int, col: int, number: int, path: _Array, touches: _Array
) -> tuple[_Array, _Array, int, bool]:
    """Walk once around, from the left edge of a pixel upwards.

    Return the vertices, in which of them the walk may touch itself, how many there are, and whether any may.
    """
    value = pixels[row, col]
    y, x, heading = row + 1, col, _UP
    size, touching = 0, False
    while True:
        if heading == _UP:
            walked[y - 1, x] = number
        y, x = y + _STEP_Y[heading], x + _STEP_X[heading]
        is_right = pixels[y + _RIGHT_Y[heading], x + _RIGHT_X[heading]] == value
        is_left = pixels[y + _LEFT_Y[heading], x + _LEFT_X[heading]] == value
        if not is_right or is_left:  # a turn
            if size == len(path):
                path, touches = _grown(path), _grown_flags(touches)
            path[size, 0], path[size, 1] = x, y
            touches[size] = is_left and not is_right
            touching = touching or touches[size]
            size += 1
            heading = (heading + (3 if is_right else 1)) % 4
        if heading == _UP and y == row + 1 and x == col:
            return path, touches, size, touching


@_compiled
def _cut(
    path: _Array,
    touches: _Array,
    size: int,
    corners: _Array,
    points: _Array,
    count: int,
    lengths: _Array,
    rings: int,
) -> tuple[int, int]:
    """Write a walk as rings that come through no corner twice: return how many vertices and rings there are now.

    ``corners`` tells where in the open part of the walk a corner stands, from 1; it is left all 0.
    """
    stack = np.empty(size, np.int64)
    top = 0
    for index in range(size):
        x, y = path[index]
        at = corners[y, x] if touches[index] else 0
        if at == 0:
            stack[top] = index
            top += 1
            if touches[index]:
                corners[y, x] = top
            continue
        for place in range(at - 1, top):
            points[count] = path[stack[place]]
            count += 1
            if place >= at and touches[stack[place]]:
                corners[path[stack[place], 1], path[stack[place], 0]] = 0
        lengths[rings] = top - at + 1
        rings += 1
        top = at
    for place in range(top):
        points[count] = path[stack[place]]
        count += 1
        corners[path[stack[place], 1], path[stack[place], 0]] = 0
    lengths[rings] = top
    return count, rings + 1


@_compiled
def _owners(
    pixels: _Array, walked: _Array, points: _Array, starts: _Array, lengths: _Array, walks: _Array
) -> tuple[_Array, _Array]:
    """Return the polygon of each ring, in the order of the outer rings, and which rings are holes."""
    count = len(lengths)
    holes, owners = np.zeros(count, np.bool_), np.full(count, -1, np.int64)
    of_walk = np.full(count + 1, -1, np.int64)
    left_most, rows = np.zeros(count, np.int64), np.zeros(count, np.int64)
    polygons = 0
    for ring in range(count):
        area = 0
        left_most[ring] = pixels.shape[1]
        for index in range(lengths[ring]):
            here = starts[ring] + index
            after = starts[ring] + (index + 1) % lengths[ring]
            area += np.int64(points[here, 0]) * points[after, 1] - np.int64(points[after, 0]) * points[here, 1]
            if points[here, 0] == points[after, 0] and points[here, 0] < left_most[ring]:
                left_most[ring], rows[ring] = points[here, 0], min(points[here, 1], points[after, 1])
        holes[ring] = area < 0
        if area > 0:
            owners[ring] = of_walk[walks[ring]] = polygons
            polygons += 1
    for ring in np.argsort(left_most, kind="mergesort"):  # what lies left of a hole has its polygon already
        if not holes[ring]:
            continue
        if of_walk[walks[ring]] < 0:
            row, col = rows[ring], left_most[ring] - 1
            while pixels[row, col - 1] == pixels[row, col]:
                col -= 1
            of_walk[walks[ring]] = of_walk[walked[row, col] - 1]
        owners[ring] = of_walk[walks[ring]]
    return owners, holes


@_compiled
def _grown(points: _Array) -> _Array:
    larger = np.empty((2 * len(points), 2), np.int32)
    larger[: len(points)] = points
    return larger


@_compiled
def _grown_numbers(numbers: _Array) -> _Array:
    larger = np.empty(2 * len(numbers), numbers.dtype)
    larger[: len(numbers)] = numbers
    return larger


@_compiled
def _grown_flags(flags: _Array) -> _Array:
    larger = np.empty(2 * len(flags), np.bool_)
    larger[: len(flags)] = flags
    return larger
