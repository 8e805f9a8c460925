"""Computing band expressions over a scene."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from napari_geolabel.errors import UnscaledWarning
from napari_geolabel.geo import Window
from napari_geolabel.imagery.composite import notes_on, resolve_channel
from napari_geolabel.imagery.levels import window_bounds
from napari_geolabel.imagery.scene import Scene

_BLOCK_PIXELS = 4 * 1024 * 1024


def evaluate(
    scene: Scene, expression: str, *, window: Window | None = None, level: int = 0
) -> np.ma.MaskedArray[Any, np.dtype[np.float32]]:
    """Return the value of a band or an expression at every pixel.

    Parameters
    ----------
    scene
        The scene.
    expression
        Such as ``"(nir - red) / (nir + red)"``, in band names, common names and
        ids of indices; inputs are reflectance where the file's scale and offset
        make it.
    window
        Rows and columns of the level; all by default.
    level
        Index into ``scene.levels``.

    Returns
    -------
    numpy.ma.MaskedArray
        float32, shape (rows, cols).  Masked where any input holds no data,
        where something is divided by zero and where the result is not finite.

    Raises
    ------
    BandNotFoundError
        If a band is missing.
    ExpressionError
        If the text is not in the language.

    Warns
    -----
    UnscaledWarning
        If bands hold stored numbers without a scale, and a scale would change
        the result.
    """
    channel = resolve_channel(expression, scene.bands)
    for note in notes_on([channel]):
        warnings.warn(note, UnscaledWarning, stacklevel=2)
    inputs = scene.inputs(tuple(channel.bands.values()))
    chosen = scene.level(level)
    row, row_stop, col, col_stop = window_bounds(window, chosen.shape)
    out = np.empty((row_stop - row, col_stop - col), np.float32)
    step = max(1, _BLOCK_PIXELS // max(1, col_stop - col))
    for start in range(row, row_stop, step):  # the inputs in float32 take several times the memory of the result
        stop = min(start + step, row_stop)
        arrays = scene.read_arrays(inputs, chosen, (slice(start, stop), slice(col, col_stop)))
        out[start - row : stop - row] = channel.compute(inputs.physical(arrays))
    return np.ma.MaskedArray(out, ~np.isfinite(out), fill_value=np.nan)
