"""How much of a scene each class of its mask covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.labels.rasters import rasterize
from napari_geolabel.masks import Coverage, coverage

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.labels.labels import Labels

_STRIP_ROWS = 512


def valid_pixels(scene: Scene) -> NDArray[np.bool_]:
    """Return where a scene has data in any band, shape (rows, cols)."""
    rows, cols = scene.grid.shape
    valid = np.zeros((rows, cols), bool)
    for top in range(0, rows, _STRIP_ROWS):
        strip = slice(top, min(top + _STRIP_ROWS, rows))
        for index in range(len(scene.bands)):
            if valid[strip].all():
                break
            valid[strip] |= ~np.ma.getmaskarray(scene.read([index], window=(strip, slice(0, cols)))[0])
    return valid


def class_coverage(labels: Labels) -> list[Coverage]:
    """Return how much of the scene's valid pixels each class of the labels covers, painted or drawn."""
    return coverage(rasterize(labels), valid_pixels(labels.scene))
