"""Which part of a scene is on screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from napari_geolabel.imagery.reader import Bounds
from napari_geolabel.viewer.gl_guard import canvas_widget, unwrapped
from napari_geolabel.viewer.places import PLACE_KEY, Place

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image

_POINTS = 9  # along each side: a straight edge of the screen is a curve in a scene that is warped


def current_view(viewer: ViewerModel, layer: Image) -> Bounds | None:
    """Return the part of a scene that is on screen.

    Not what napari says that the layer shows: those corners are rounded to what
    it reads at a time, which of a small scene is the whole.

    Returns
    -------
    tuple of int or None
        First row, last + 1, first column, last + 1 of the scene's full
        resolution; None where nothing of the scene is on screen, or there is no window.
    """
    size_px = pane_size(viewer)
    if size_px is None:
        return None
    camera = unwrapped(viewer).scene.camera
    return view_on(layer.metadata[PLACE_KEY], camera.center, camera.zoom, size_px)


def pane_size(viewer: ViewerModel) -> tuple[float, float] | None:
    """Return height and width of the canvas in screen pixels, of one cell of a grid; None where there is no window."""
    canvas = canvas_widget(viewer)
    if canvas is None:
        return None
    shown = unwrapped(viewer)
    rows, cols = shown.canvas.grid.actual_shape(shown.layers)  # (1, 1) without a grid
    return canvas.height() / rows, canvas.width() / cols


def view_on(place: Place, center: Sequence[float], zoom: float, size_px: tuple[float, float]) -> Bounds | None:
    """Return the part of a scene that a camera sees.

    Parameters
    ----------
    place
        Where the scene lies in the world.
    center
        World point in the middle, rows first; only the last two numbers count.
    zoom
        Screen pixels per world unit.
    size_px
        Height and width of the screen.
    """
    row, col = center[-2:]
    height, width = (length / zoom / 2 for length in size_px)
    axes = np.linspace(row - height, row + height, _POINTS), np.linspace(col - width, col + width, _POINTS)
    points = place.to_pixel(np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2))
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return None
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    rows, cols = place.scene.shape
    bounds = (*_clipped(top, bottom, rows), *_clipped(left, right, cols))
    return bounds if bounds[0] < bounds[1] and bounds[2] < bounds[3] else None


def _clipped(first: float, last: float, length: int) -> tuple[int, int]:
    """Return the whole pixels of an axis between two places."""
    return max(int(np.floor(first)), 0), min(int(np.ceil(last)), length)
