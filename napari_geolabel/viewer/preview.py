"""What a tool is about to make, shown in a Vectors layer.

A layer of its own cannot break the labels, has no modes to fall into, and is
several times cheaper to update than shapes are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from napari_geolabel.geo import FloatArray, pixel_to_display

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Vectors

    from napari_geolabel.annotations.snapping import Snap

LINE_PX = 2.0
"""Width of the lines on screen."""

SNAP_PX = 7.0
"""Half the size on screen of the mark at a place that the mouse has snapped to."""

CROSS_PX = 4.0
"""Half the size on screen of the cross that marks a point which has been set."""


class Preview:
    """Lines and crosses over the scene.

    Parameters
    ----------
    viewer
        The viewer that shows the layer.
    layer
        A Vectors layer in the scene's display coordinates, ``vector_style="line"``.
    """

    def __init__(self, viewer: ViewerModel, layer: Vectors) -> None:
        self._viewer, self._layer = viewer, layer

    def show(self, lines: Sequence[FloatArray], points: FloatArray, snap: Snap | None = None) -> None:
        """Show lines, each of pixel points ``(x, y)`` of shape (n, 2), a cross at each of some points, and a snap."""
        pixel_px = self.pixel_px
        segments = [_segments(line) for line in lines if len(line) > 1]
        segments.append(_crosses(points, CROSS_PX / pixel_px))
        if snap is not None:
            segments.append(_segments(snap.point + _MARKS[snap.is_vertex] * SNAP_PX / pixel_px))
        starts_and_ends = pixel_to_display(np.concatenate(segments))
        starts = starts_and_ends[:, 0]
        self._layer.data = np.stack([starts, starts_and_ends[:, 1] - starts], axis=1)
        width = LINE_PX / float(pixel_px.mean())
        if self._layer.edge_width != width:  # napari would make all of the layer once more
            self._layer.edge_width = width

    def clear(self) -> None:
        """Show nothing."""
        if len(self._layer.data):
            self._layer.data = np.zeros((0, 2, 2))

    @property
    def pixel_px(self) -> FloatArray:
        """Return the screen pixels that a scene pixel covers, ``(width, height)``."""
        return np.abs(np.asarray(self._layer.scale[-2:], np.float64))[::-1] * float(self._viewer.scene.camera.zoom)


_MARKS = {
    True: np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)], np.float64),
    False: np.array([(-1, -1), (1, -1), (-1, 1), (1, 1), (-1, -1)], np.float64),
}
"""Marks of a vertex (a square) and of a place on an edge (an hourglass), as lines of shape (5, 2)."""


def _segments(line: FloatArray) -> FloatArray:
    """Return the starts and ends of a line's segments, shape (n, 2, 2)."""
    return np.stack([line[:-1], line[1:]], axis=1)


def _crosses(points: FloatArray, arm: FloatArray) -> FloatArray:
    """Return two segments for each point, shape (2 n, 2, 2)."""
    arms = np.array([[[-1, -1], [1, 1]], [[-1, 1], [1, -1]]], np.float64) * arm
    return np.asarray((points.reshape(-1, 1, 1, 2) + arms).reshape(-1, 2, 2), np.float64)
