"""Line segments in one of napari's Vectors layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_geolabel.geo import FloatArray

if TYPE_CHECKING:
    from napari.layers import Vectors


def put_lines(layer: Vectors, ends: FloatArray, colors: FloatArray) -> None:
    """Show these segments and no others.

    Parameters
    ----------
    layer
        Shows them, also while it is hidden.
    ends
        Starts and ends in display coordinates, row then column, shape (n, 2, 2).
    colors
        RGBA from 0 to 1, shape (n, 4).
    """
    # up to 1,024 lines would be drawn into the list of layers, point by point in Python, and all black
    layer._max_vectors_thumbnail = 0  # noqa: SLF001  (napari has no public name for it)
    layer.data = np.stack([ends[:, 0], ends[:, 1] - ends[:, 0]], axis=1) if len(ends) else np.zeros((0, 2, 2))
    if not layer.visible:  # napari slices what is hidden later, and gives colours to segments that are gone
        layer.set_view_slice()
    if len(ends):
        layer.edge_color = colors
