"""A few colormaps of 256 colours for single bands and indices.

Each is given by anchor colours at even or stated places, with straight lines
in between.  The anchors are our own.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import CompositeError

_Anchors = tuple[tuple[float, str], ...]

COLORMAPS: dict[str, _Anchors] = {
    "gray": ((0, "#000000"), (1, "#ffffff")),
    "gray_inverted": ((0, "#ffffff"), (1, "#000000")),
    "vegetation": (
        (0.00, "#2b3f6b"),
        (0.18, "#8c7b6b"),
        (0.32, "#d8c9a3"),
        (0.50, "#cfd98a"),
        (0.68, "#7fb34d"),
        (0.85, "#2f7d32"),
        (1.00, "#0b4020"),
    ),
    "water": (
        (0.00, "#6b4a24"),
        (0.25, "#c2a878"),
        (0.48, "#eee8d8"),
        (0.56, "#bfe0e6"),
        (0.75, "#3f9ac9"),
        (1.00, "#0b2f6b"),
    ),
    "heat": ((0, "#12061f"), (0.3, "#6b1450"), (0.6, "#d8452f"), (0.85, "#f7b23c"), (1, "#fff9d0")),
    "spectrum": (
        (0.00, "#30206b"),
        (0.20, "#2a6fb5"),
        (0.40, "#2fae9b"),
        (0.60, "#8fca55"),
        (0.80, "#f2c63c"),
        (1.00, "#c93327"),
    ),
    "difference": ((0, "#7a1f2b"), (0.25, "#d98a72"), (0.5, "#f2f0ec"), (0.75, "#7fa3cc"), (1, "#1f3f7a")),
}
"""Name → anchors, each a place from 0 to 1 and a colour."""


@cache
def colormap(name: str) -> NDArray[np.uint8]:
    """Return the 256 colours of a colormap, shape (256, 3), read-only.

    Raises
    ------
    CompositeError
        If there is none of that name.
    """
    if name not in COLORMAPS:
        raise CompositeError(f"no colormap named {name!r}; there are {', '.join(COLORMAPS)}")
    places = [place for place, _ in COLORMAPS[name]]
    anchors = np.array([list(bytes.fromhex(color[1:])) for _, color in COLORMAPS[name]], np.float64)
    position = np.linspace(0, 1, 256)
    colors = np.stack([np.interp(position, places, anchors[:, i]) for i in range(3)], axis=1)
    rounded = (colors + 0.5).astype(np.uint8)
    rounded.flags.writeable = False
    return rounded
