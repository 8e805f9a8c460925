"""Pictures of scenes as arrays, and pictures as PNG files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import SceneError
from napari_geolabel.files import atomic_write
from napari_geolabel.geo import Window
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.levels import Level, window_bounds
from napari_geolabel.imagery.picture import Picture
from napari_geolabel.imagery.scene import Scene

_BLOCK_ROWS = 1024


def render(
    scene: Scene,
    composite: Composite | str = "true_color",
    *,
    max_size: int | None = 1024,
    window: Window | None = None,
) -> NDArray[np.uint8]:
    """Return a picture of a scene.

    Parameters
    ----------
    scene
        The scene.
    composite
        A composite, or the id of one of ``scene.composites()``.
    max_size
        The longest side in pixels; larger scenes are reduced to it by taking
        nearest pixels.  None keeps the full resolution.
    window
        Rows and columns of the full resolution; all by default.

    Returns
    -------
    ndarray
        uint8, shape (rows, cols, 4): red, green, blue and alpha, which is 0
        where a pixel holds no data.

    Raises
    ------
    BandNotFoundError
        If the scene lacks a band of the composite.
    SceneError
        If ``max_size`` is not positive or the window is empty.
    """
    if max_size is not None and max_size < 1:
        raise SceneError(f"max_size {max_size} is not a number of pixels; give 1 or more, or None for full resolution")
    row, row_stop, col, col_stop = window_bounds(window, scene.grid.shape)
    height, width = row_stop - row, col_stop - col
    if not height or not width:
        raise SceneError(f"the window {window} holds no pixels of a scene of {scene.grid.shape}; move it inside")
    step = 1.0 if max_size is None else max(1.0, max(height, width) / max_size)
    shape = max(1, round(height / step)), max(1, round(width / step))
    picture = Picture(scene, composite)
    level = picture.levels[_level_for(scene.levels, step)]
    rows = _places(row, height, shape[0], level.shape[0] / scene.grid.shape[0], level.shape[0])
    cols = _places(col, width, shape[1], level.shape[1] / scene.grid.shape[1], level.shape[1])
    out = np.empty((*shape, 4), np.uint8)
    for start in range(0, shape[0], _BLOCK_ROWS):
        part = rows[start : start + _BLOCK_ROWS]
        pixels = level.read((int(part[0]), int(part[-1]) + 1, int(cols[0]), int(cols[-1]) + 1))
        out[start : start + len(part)] = pixels[part - part[0]][:, cols - cols[0]]
    picture.close()
    return out


def write_png(path: str | Path, rgba: NDArray[np.uint8]) -> None:
    """Write a picture, uint8 of shape (rows, cols, 4) or (rows, cols, 3), as a PNG file.

    Raises
    ------
    WriteError
        If the file cannot be written; what stood there before is untouched.
    """
    from PIL import Image

    with atomic_write(path) as temporary:
        Image.fromarray(np.ascontiguousarray(rgba)).save(temporary, format="PNG")


def _level_for(levels: tuple[Level, ...], step: float) -> int:
    """Return the coarsest level that still has a pixel for every pixel wanted."""
    return max(level.index for level in levels if level.factor <= step * 1.01 or level.index == 0)


def _places(start: int, length: int, count: int, scale: float, limit: int) -> NDArray[np.intp]:
    """Return the rows (or columns) of a level that lie under the centres of the wanted ones."""
    centres = start + (np.arange(count) + 0.5) * (length / count)
    return np.minimum((centres * scale).astype(np.intp), limit - 1)
