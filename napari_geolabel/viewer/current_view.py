"""Which part of a scene is on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_geolabel.geo import pixels_between
from napari_geolabel.imagery.reader import Bounds
from napari_geolabel.viewer.places import PLACE_KEY, Place

if TYPE_CHECKING:
    from napari.layers import Image

_EDGE_POINTS = 9  # a straight edge of a warped view is a curve in the scene


def current_view(layer: Image) -> Bounds | None:
    """Return the part of a scene that its layer shows, as far as it was drawn.

    Returns
    -------
    tuple of int or None
        First row, last + 1, first column, last + 1 of the scene's full
        resolution; None where nothing of the scene is on screen.
    """
    place: Place = layer.metadata[PLACE_KEY]
    factor = layer.downsample_factors[layer.data_level]
    first, last = layer.corner_pixels * factor
    rows, cols = (float(first[0]), float(last[0] + factor[0])), (float(first[1]), float(last[1] + factor[1]))
    if place.is_warped:
        (rows, cols) = _in_scene(rows, cols, place)
    height, width = place.scene.shape
    bounds = (*_clipped(rows, height), *_clipped(cols, width))
    return bounds if bounds[0] < bounds[1] and bounds[2] < bounds[3] else None


def _in_scene(
    rows: tuple[float, float], cols: tuple[float, float], place: Place
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the rows and columns of the scene around a part of what it is warped to."""
    y, x = (axis.ravel() for axis in np.meshgrid(*(np.linspace(*pair, _EDGE_POINTS) for pair in (rows, cols))))
    points = pixels_between(np.stack([x, y], axis=-1), place.shown, place.scene)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return (0.0, 0.0), (0.0, 0.0)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return (float(top), float(bottom)), (float(left), float(right))


def _clipped(pair: tuple[float, float], length: int) -> tuple[int, int]:
    """Return the whole pixels of an axis between two places."""
    return max(int(np.floor(pair[0])), 0), min(int(np.ceil(pair[1])), length)
