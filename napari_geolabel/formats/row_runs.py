"""Pixels as run lengths along the rows, first zeros, as CVAT and Encord have them; COCO's run down the columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.formats.rle import Shape, covered, decode, run_lengths


def outline_of_runs(counts: Sequence[int], shape: Shape) -> BaseGeometry:
    """Return the outline, along pixel edges, of the ones of an array of some rows and columns.

    Raises
    ------
    BadGeometryError
        If the counts do not add up to its pixels, or cover nothing.
    """
    turned = decode({"size": [shape[1], shape[0]], "counts": list(counts)}, (shape[1], shape[0]))
    return _mirrored(turned)


def runs_of(geometry: BaseGeometry, shape: Shape) -> list[int]:
    """Return the pixels of an image of ``shape`` whose centre a polygon covers, as run lengths along the rows."""
    top, left, pixels = covered(geometry, shape)
    row, column = np.nonzero(pixels)
    places = (row.astype(np.int64) + top) * shape[1] + column + left
    return run_lengths(places, shape[0] * shape[1])


def _mirrored(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry with x and y exchanged: the rows of one are the columns of the other."""
    swapped: BaseGeometry = shapely.transform(geometry, lambda xy: np.ascontiguousarray(xy[:, ::-1]))
    return swapped
