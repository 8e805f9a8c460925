"""The rule by which GDAL fills polygons, row by row in plain Python: slow, and easy to check by eye.

What is compiled does the same edge by edge.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

Point = tuple[float, float]


def filled(polygon: shapely.Polygon, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels of a polygon, rows from the top."""
    pixels = np.zeros(shape, bool)
    rings = [clockwise([*ring.coords]) for ring in (polygon.exterior, *polygon.interiors)]
    edges = [edge for ring in rings for edge in pairwise(ring)]
    for row in range(shape[0]):
        crossings = sorted(crossing(a, b, row + 0.5) for a, b in edges if crosses(a, b, row + 0.5))
        for start, stop in zip(crossings[::2], crossings[1::2], strict=True):
            pixels[row, max(start, 0) : max(stop, 0)] = True
        for (x1, y1), (x2, y2) in edges:
            if y1 == y2 == row + 0.5 and x1 > x2:
                pixels[row, max(math.floor(x2 + 0.5), 0) : max(math.floor(x1 + 0.5), 0)] = True
    return pixels


def crosses(a: Point, b: Point, y: float) -> bool:
    """Whether an edge crosses a row of centres: its upper end counts, its lower end does not."""
    return min(a[1], b[1]) <= y < max(a[1], b[1])


def crossing(a: Point, b: Point, y: float) -> int:
    """The first pixel whose centre lies right of an edge, in some row."""
    (x1, y1), (x2, y2) = sorted((a, b), key=lambda point: point[1])
    return math.floor((y - y1) * (x2 - x1) / (y2 - y1) + x1 + 0.5)


def clockwise(ring: list[Point]) -> list[Point]:
    """A simple ring, turned so that it runs clockwise where y runs up."""
    return ring[::-1] if shapely.LinearRing(ring).is_ccw else ring
