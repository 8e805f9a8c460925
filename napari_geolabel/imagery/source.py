"""The open file behind a scene, and which of its pixels are valid.

Several scenes may stand on one file (the same bands under other names, the
same pixels at another place); the file is closed with the last of them.

An *alpha* tag is believed only where the band behaves like one.  GDAL tags the
fourth band of every 8-bit file of four bands as alpha unless told otherwise,
so that a near infrared band often goes by that name; an alpha band holds its two
extreme values nearly everywhere, a near infrared band does not.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.facts import FileFacts
from napari_geolabel.imagery.levels import Level
from napari_geolabel.imagery.reader import DATASET_MASK, Bounds, PixelReader
from napari_geolabel.imagery.tiles import TileStore

_ALPHA_SHARE = 0.9
"""An alpha band is fully clear or fully opaque in at least this share of its pixels."""

_SAMPLED_TILES = 3  # down and across, where there is no small level to look at


class SceneSource:
    """A file with its tiles, held by one or more scenes."""

    def __init__(self, reader: PixelReader) -> None:
        self.store = TileStore(reader)
        self.alpha = alpha_of(reader)
        """Index of the band that is alpha by its tag and by its values."""
        self._holders = 0
        self._lock = threading.Lock()

    @property
    def facts(self) -> FileFacts:
        """What the file says of itself."""
        return self.store.reader.facts

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels, full resolution first."""
        return self.store.reader.levels

    def hold(self) -> SceneSource:
        """Count one more scene that stands on this file."""
        with self._lock:
            self._holders += 1
        return self

    @property
    def holders(self) -> int:
        """How many scenes and jobs stand on this file."""
        return self._holders

    def release(self) -> None:
        """Count one scene less, and close the file after the last."""
        with self._lock:
            self._holders -= 1
            last = self._holders == 0
        if last:
            self.store.close()

    def validity_index(self, band_index: int, alpha: int | None) -> int | None:
        """Return the index under which a band's mask is read, None where the file has none.

        ``alpha`` is the index of the band that the scene takes for alpha.
        """
        if self.facts.mask == "dataset":
            return DATASET_MASK
        if self.facts.mask == "band":
            return -2 - band_index
        return alpha


def alpha_of(reader: PixelReader) -> int | None:
    """Return the index of the band that is alpha by its tag and by what it holds, None where there is none."""
    index = reader.facts.alpha
    if index is None:
        return None
    try:
        samples = [reader.read(level, [index], bounds)[index].ravel() for level, bounds in sample_bounds(reader)]
    except SceneError:  # damaged there: that is told by whoever reads the pixels
        return index
    return index if looks_like_alpha(np.concatenate(samples)) else None


def looks_like_alpha(values: NDArray[Any]) -> bool:
    """Return whether values, of any shape, are those of an alpha band: nearly all 0 or the largest."""
    largest = values.max(initial=0)
    if largest == 0:  # nothing would be visible
        return False
    return float(np.mean((values == 0) | (values == largest))) >= _ALPHA_SHARE


def sample_bounds(reader: PixelReader) -> list[tuple[Level, Bounds]]:
    """Return a few windows that stand for the whole scene and are cheap to read."""
    full, coarsest = reader.levels[0], reader.levels[-1]
    if not coarsest.is_virtual:
        return [(coarsest, (0, coarsest.shape[0], 0, coarsest.shape[1]))]
    starts = [
        sorted({int(f * max(0, side - chunk)) for f in np.linspace(0, 1, _SAMPLED_TILES)})
        for side, chunk in zip(full.shape, full.chunks, strict=True)
    ]
    rows, cols = (min(side, chunk) for side, chunk in zip(full.shape, full.chunks, strict=True))
    return [(full, (row, row + rows, col, col + cols)) for row in starts[0] for col in starts[1]]
