"""Run-length encoded masks as COCO has them, without making the whole image.

Runs go down the columns, first zeros, then ones, and so on (``maskApi.c`` of
the COCO API).  Compressed, each count, from the fourth on less the one two
before it, is written in groups of five bits, lowest first, a sixth bit
saying that more follow, as characters from ``0`` (48) on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.masks import burn, trace

MAX_WINDOW = 2**27
"""Pixels of the largest part of an image that is decoded at once."""

Shape = tuple[int, int]


def encode(geometry: BaseGeometry, shape: Shape) -> dict[str, Any]:
    """Return the pixels whose centre a polygon covers as uncompressed COCO RLE of an image of ``shape``."""
    rows, cols = shape
    top, left, pixels = covered(geometry, shape)
    column, row = np.nonzero(pixels.T)
    places = (column.astype(np.int64) + left) * rows + row + top
    return {"size": [rows, cols], "counts": run_lengths(places, rows * cols)}


def covered(geometry: BaseGeometry, shape: Shape) -> tuple[int, int, NDArray[np.bool_]]:
    """Return which pixels of an image of ``shape`` a polygon covers the centre of.

    Returns
    -------
    top, left
        Row and column of the first pixel of the window about the polygon.
    pixels
        Those of the window; without any where it lies outside the image.
    """
    rows, cols = shape
    x0, y0, x1, y1 = shapely.bounds(geometry)
    top, left = max(0, int(np.floor(y0))), max(0, int(np.floor(x0)))
    bottom, right = min(rows, int(np.ceil(y1))), min(cols, int(np.ceil(x1)))
    if top >= bottom or left >= right:
        return 0, 0, np.zeros((0, 0), bool)
    window = (slice(top, bottom), slice(left, right))
    return top, left, np.asarray(burn([geometry], 1, shape, window=window) > 0)


def area(rle: Mapping[str, Any]) -> int:
    """Return the number of pixels of uncompressed RLE."""
    return int(sum(rle["counts"][1::2]))


def decode(rle: Mapping[str, Any], shape: Shape) -> BaseGeometry:
    """Return the outline, along pixel edges, of RLE of either sort.

    Parameters
    ----------
    rle
        With ``size`` and ``counts``.
    shape
        Rows and columns of the image.

    Raises
    ------
    BadGeometryError
        If it is no RLE of such an image, or covers nothing.
    """
    if rle.get("size") != list(shape):
        raise BadGeometryError(f"its RLE is of the size {str(rle.get('size'))[:40]} and the image of {list(shape)}")
    counts = _numbers(rle.get("counts"))
    if not counts or min(counts) < 0 or sum(counts) != shape[0] * shape[1]:
        raise BadGeometryError("the counts of its RLE do not add up to the pixels of the image")
    ends = np.cumsum(np.asarray(counts, np.int64))
    starts, stops = ends[0:-1:2], ends[1::2]
    filled = stops > starts
    if not filled.any():
        raise BadGeometryError("its RLE covers no pixel")
    return _outline(starts[filled], stops[filled], shape[0])


def uncompressed(text: str) -> list[int]:
    """Return the counts of compressed RLE.

    Raises
    ------
    BadGeometryError
        If the text ends within a count or has other characters.
    """
    counts: list[int] = []
    value, bits = 0, 0
    for character in text:
        code = ord(character) - 48
        if not 0 <= code < 64 or bits > 60:
            raise BadGeometryError("its RLE is damaged")
        value |= (code & 31) << bits
        bits += 5
        if code & 32:
            continue
        if code & 16:
            value -= 1 << bits
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value, bits = 0, 0
    if bits:
        raise BadGeometryError("its RLE ends too early")
    return counts


def run_lengths(places: NDArray[np.int64], total: int) -> list[int]:
    """Return the runs of ascending places in an image of ``total`` pixels."""
    if not len(places):
        return [total]
    breaks = np.flatnonzero(np.diff(places) > 1)
    starts = places[np.append(0, breaks + 1)]
    stops = places[np.append(breaks, -1)] + 1
    edges = np.column_stack([starts, stops]).ravel()
    counts: list[int] = np.diff(np.concatenate([[0], edges, [total]])).tolist()
    return counts if counts[-1] else counts[:-1]


def _numbers(counts: Any) -> Sequence[int]:  # noqa: ANN401  (any JSON value)
    """Return the counts of a file as numbers."""
    if isinstance(counts, str):
        return uncompressed(counts)
    if not isinstance(counts, list) or not all(type(count) is int for count in counts):
        raise BadGeometryError("the counts of its RLE are no whole numbers")
    return counts


def _outline(starts: NDArray[np.int64], stops: NDArray[np.int64], rows: int) -> BaseGeometry:
    """Return the polygon, or the polygons, of runs from ``starts`` up to ``stops`` down columns of ``rows`` pixels."""
    left, right = int(starts[0] // rows), int((stops[-1] - 1) // rows) + 1
    if rows * (right - left) > MAX_WINDOW:
        raise BadGeometryError(f"its RLE reaches over more than {MAX_WINDOW:,} pixels; import it as a mask instead")
    flags = np.zeros(rows * (right - left) + 1, np.int8)
    flags[starts - left * rows] += 1
    flags[stops - left * rows] -= 1
    pixels = np.cumsum(flags[:-1], dtype=np.int8).reshape(right - left, rows).T
    held = np.flatnonzero(pixels.any(axis=1))
    top, bottom = int(held[0]), int(held[-1]) + 1
    polygons, _ = trace(np.ascontiguousarray(pixels[top:bottom]).astype(np.uint8))
    moved = [translate(polygon, left, top) for polygon in polygons]
    outline: BaseGeometry = moved[0] if len(moved) == 1 else shapely.multipolygons(moved)
    return outline
