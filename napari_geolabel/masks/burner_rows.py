"""The pixels of outlines row by row: the extra ``fast``, compiled by numba.

The rules are those of GDAL's ``GDALdllImageFilledPolygon`` and
``GDALdllImageLine`` (alg/llrasterize.cpp), with its own formulas, so that the
pixels are GDAL's to the last bit.  A polygon is filled between the places
where its edges cross a row of centres, taken in order; an edge that lies on a
row of centres fills the pixels along it if it runs to the left, rings being
turned clockwise first.  A line is Bresenham's, drawn from its end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from napari_geolabel.masks.outlines import POINT, POLYGON, RING, Outlines

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Array = NDArray[Any]
_EPSILON = 1e-5  # OGR's, for two vertices that are one


def burn_rows(
    target: _Array, top: int, bottom: int, outlines: Outlines, values: _Array, corner: tuple[int, int]
) -> None:
    """Write values where outlines cover pixels, in some rows of a raster; later ones win.

    Lets other threads run meanwhile.  Rows that several threads burn must not overlap.

    Parameters
    ----------
    target
        Unsigned integers, shape (rows, cols); is written to.
    top, bottom
        The first row, and that behind the last.
    outlines
        n outlines in pixel coordinates.
    values
        The value of each, shape (n,), in the data type of ``target``.
    corner
        Row and column of the first pixel of ``target`` in those coordinates.
    """
    o, (upper, left) = outlines, corner
    _burn(target, top, bottom, o.points, o.rings, o.parts, o.kinds, o.heights, values, float(left), float(upper))


def _compiled(function: _Function) -> _Function:
    """Return a function as numba compiles it when it is first called; the machine code is kept beside the source."""
    made: _Function = njit(cache=True, nogil=True)(function)
    return made


@_compiled
def _burn(
    target: _Array,
    top: int,
    bottom: int,
    points: _Array,
    rings: _Array,
    parts: _Array,
    kinds: _Array,
    heights: _Array,
    values: _Array,
    left: float,
    upper: float,
) -> None:
    starts = np.zeros(bottom - top + 1, np.int64)
    crossings = np.empty(1024, np.int32)
    for part in range(len(kinds)):
        low, high = heights[part, 0] - upper, heights[part, 1] - upper
        if high < top or low > bottom:
            continue
        first, last = parts[part], parts[part + 1]
        if kinds[part] == POINT:
            for index in range(rings[first], rings[last]):
                row, col = int(np.floor(points[index, 1] - upper)), int(np.floor(points[index, 0] - left))
                if top <= row < bottom and 0 <= col < target.shape[1]:
                    target[row, col] = values[part]
        elif kinds[part] != POLYGON:
            line = points[rings[first] : rings[last]]
            forward = kinds[part] == RING and _is_clockwise(line)  # GDAL draws lines backwards
            _draw_line(target, top, bottom, line, forward, values[part], left, upper)
        else:
            begin, end = max(top, int(low)), min(bottom, int(high) + 1)
            ends = rings[first : last + 1]
            crossings = _fill(target, begin, end, points, ends, values[part], left, upper, starts, crossings)


@_compiled
def _fill(
    target: _Array,
    top: int,
    bottom: int,
    points: _Array,
    rings: _Array,
    value: int,
    left: float,
    upper: float,
    starts: _Array,
    crossings: _Array,
) -> _Array:
    """Fill a polygon in some rows: count the crossings of each row, note them row by row, sort, fill.

    ``starts`` and ``crossings`` are room to work in; return the latter, which may have grown.
    """
    rows = bottom - top
    starts[: rows + 1] = 0
    for ring in range(len(rings) - 1):
        for index in range(rings[ring] + 1, rings[ring + 1]):
            y1, y2 = points[index - 1, 1] - upper, points[index, 1] - upper
            begin, end = _rows_between(y1, y2, top, bottom)
            for row in range(begin, end):
                starts[row - top + 1] += 1
            if y1 == y2:
                _fill_level_edge(target, top, bottom, points, rings[ring], rings[ring + 1], index, value, left, upper)
    for row in range(rows):
        starts[row + 1] += starts[row]
    if starts[rows] > len(crossings):
        crossings = np.empty(2 * starts[rows], np.int32)
    width = target.shape[1]
    for ring in range(len(rings) - 1):
        for index in range(rings[ring] + 1, rings[ring + 1]):
            x1, y1 = points[index - 1, 0] - left, points[index - 1, 1] - upper
            x2, y2 = points[index, 0] - left, points[index, 1] - upper
            begin, end = _rows_between(y1, y2, top, bottom)
            if y1 > y2:
                x1, y1, x2, y2 = x2, y2, x1, y1
            for row in range(begin, end):
                cross = np.floor((row + 0.5 - y1) * (x2 - x1) / (y2 - y1) + x1 + 0.5)
                # `starts` of a row moves on to where the next row starts
                crossings[starts[row - top]] = int(min(max(cross, 0.0), float(width)))
                starts[row - top] += 1
    start = 0
    for row in range(rows):
        stop = starts[row]
        _sort(crossings[start:stop])
        for at in range(start, stop - 1, 2):
            target[row + top, crossings[at] : crossings[at + 1]] = value
        start = stop
    return crossings


@_compiled
def _rows_between(y1: float, y2: float, top: int, bottom: int) -> tuple[int, int]:
    """Return the first row whose centre an edge crosses, its upper end included, and that behind the last."""
    low, high = min(y1, y2) - 0.5, max(y1, y2) - 0.5
    if high <= top or low > bottom or low == high:
        return top, top
    begin = top if low <= top else int(np.ceil(low))
    return begin, max(begin, bottom if high >= bottom else int(np.ceil(high)))


@_compiled
def _sort(numbers: _Array) -> None:
    """Sort in place; most rows have two crossings."""
    if len(numbers) > 32:
        numbers.sort()
        return
    for at in range(1, len(numbers)):
        number, place = numbers[at], at
        while place > 0 and numbers[place - 1] > number:
            numbers[place] = numbers[place - 1]
            place -= 1
        numbers[place] = number


@_compiled
def _fill_level_edge(
    target: _Array,
    top: int,
    bottom: int,
    points: _Array,
    start: int,
    stop: int,
    index: int,
    value: int,
    left: float,
    upper: float,
) -> None:
    """Fill along an edge that lies on a row of centres and runs to the left, once its ring runs clockwise."""
    y = points[index, 1] - upper
    row = int(np.floor(y))
    if y != row + 0.5 or row < top or row >= bottom:
        return
    x1, x2 = points[index - 1, 0] - left, points[index, 0] - left
    if not _is_clockwise(points[start:stop]):
        x1, x2 = x2, x1
    if x1 > x2:
        width = float(target.shape[1])
        begin = int(min(max(np.floor(x2 + 0.5), 0.0), width))
        end = int(min(max(np.floor(x1 + 0.5), 0.0), width))
        target[row, begin:end] = value


@_compiled
def _is_clockwise(ring: _Array) -> bool:
    """Return whether a ring runs clockwise where y runs up: `OGRLineString::isClockwise`."""
    count = len(ring)
    if count < 3:
        return False
    pivot, unsure = 0, False  # the lowest vertex, of these that to the right
    for index in range(1, count - 1):
        is_level = ring[index, 1] == ring[pivot, 1]
        if ring[index, 1] < ring[pivot, 1] or (is_level and ring[index, 0] > ring[pivot, 0]):
            pivot, unsure = index, False
        elif is_level and ring[index, 0] == ring[pivot, 0]:
            unsure = True
    before, after = (pivot - 1) if pivot else count - 2, (pivot + 1) if pivot + 1 < count - 1 else 0
    dx0, dy0 = ring[before, 0] - ring[pivot, 0], ring[before, 1] - ring[pivot, 1]
    dx1, dy1 = ring[after, 0] - ring[pivot, 0], ring[after, 1] - ring[pivot, 1]
    unsure = unsure or (abs(dx0) < _EPSILON and abs(dy0) < _EPSILON) or (abs(dx1) < _EPSILON and abs(dy1) < _EPSILON)
    cross = dx1 * dy0 - dx0 * dy1
    if not unsure and cross != 0:
        return bool(cross < 0)
    twice_area = ring[0, 0] * (ring[1, 1] - ring[count - 1, 1])
    for index in range(1, count - 1):
        twice_area += ring[index, 0] * (ring[index + 1, 1] - ring[index - 1, 1])
    twice_area += ring[count - 1, 0] * (ring[0, 1] - ring[count - 2, 1])
    return bool(twice_area < 0)


@_compiled
def _draw_line(
    target: _Array, top: int, bottom: int, line: _Array, forward: bool, value: int, left: float, upper: float
) -> None:
    """Draw a line in a direction: on the way back it may take other pixels."""
    count = len(line)
    for step in range(1, count):
        a, b = (step - 1, step) if forward else (count - step, count - step - 1)
        x, y = int(np.floor(line[a, 0] - left)), int(np.floor(line[a, 1] - upper))
        x1, y1 = int(np.floor(line[b, 0] - left)), int(np.floor(line[b, 1] - upper))
        if max(y, y1) >= top and min(y, y1) < bottom and max(x, x1) >= 0 and min(x, x1) < target.shape[1]:
            _draw_segment(target, top, bottom, x, y, x1, y1, value)


@_compiled
def _draw_segment(target: _Array, top: int, bottom: int, x: int, y: int, x1: int, y1: int, value: int) -> None:
    """Draw a straight line between two pixels."""
    delta_x, delta_y = abs(x1 - x), abs(y1 - y)
    step_x, step_y = (-1 if x > x1 else 1), (-1 if y > y1 else 1)
    is_flat = delta_x >= delta_y
    long, short = (delta_x, delta_y) if is_flat else (delta_y, delta_x)
    error = 2 * short - long
    for _ in range(long + 1):
        if top <= y < bottom and 0 <= x < target.shape[1]:
            target[y, x] = value
        is_aside = error > 0
        error += 2 * (short - long) if is_aside else 2 * short
        if is_flat or is_aside:
            x += step_x
        if not is_flat or is_aside:
            y += step_y
