"""What the values of each band come to: least, greatest, mean, spread and how many there are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.geo import Window
from napari_geolabel.imagery.bands import Band
from napari_geolabel.imagery.collar import zero_everywhere
from napari_geolabel.imagery.levels import Level, window_bounds
from napari_geolabel.imagery.scene import Scene

_BLOCK_VALUES = 8 * 1024 * 1024  # of all bands together, in float32 and masks about 70 MB


@dataclass(frozen=True, kw_only=True)
class BandStatistics:
    """The valid values of one band, summed up."""

    name: str
    """The band's name."""

    minimum: float | None
    """In the band's physical unit, reflectance where the file tells how to make it; None where nothing is valid."""

    maximum: float | None
    mean: float | None
    std: float | None
    """Standard deviation of all valid values (divided by their number)."""

    valid: int
    """How many pixels hold data."""

    total: int
    """How many pixels were looked at."""

    exact: bool
    """Whether every pixel of the full resolution was; else it is an estimate from a coarser level."""


def band_statistics(
    scene: Scene,
    bands: Sequence[str | int] | str | int | None = None,
    *,
    level: int | None = None,
    window: Window | None = None,
) -> tuple[BandStatistics, ...]:
    """Return statistics of bands, computed block by block.

    Parameters
    ----------
    scene
        The scene.
    bands
        Names, common names or places from 0; all bands by default.
    level
        Index into ``scene.levels``; None is the coarsest, which is quick, and
        0 is exact.
    window
        Rows and columns of the level; all by default.

    Raises
    ------
    BandNotFoundError
        If the scene has no such band.
    SceneError
        If there is no such level, or the file is damaged.
    """
    chosen = scene.choose(bands)
    looked_at = scene.levels[-1] if level is None else scene.level(level)
    sums = [Moments() for _ in chosen]
    total = 0
    for block in blocks(scene, chosen, looked_at, window):
        total += block[0].size
        for moments, values in zip(sums, block, strict=True):
            moments.add(values)
    return tuple(
        BandStatistics(
            name=band.name,
            minimum=moments.minimum if moments.count else None,
            maximum=moments.maximum if moments.count else None,
            mean=moments.mean if moments.count else None,
            std=moments.std if moments.count else None,
            valid=moments.count,
            total=total,
            exact=looked_at.index == 0,
        )
        for band, moments in zip(chosen, sums, strict=True)
    )


class Moments:
    """Number, mean, spread and extremes of values that come in parts (Chan's pairwise formula)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self.minimum, self.maximum = math.inf, -math.inf
        self._squares = 0.0  # of the distances from the mean

    @property
    def std(self) -> float:
        """Standard deviation, 0 where there are no values."""
        return math.sqrt(self._squares / self.count) if self.count else 0.0

    def add(self, values: NDArray[np.float32]) -> None:
        """Take more values into account; those that are not finite do not count."""
        finite = values[np.isfinite(values)]
        if not finite.size:
            return
        mean = float(finite.mean(dtype=np.float64))
        squares = float(np.square(finite - mean, dtype=np.float64).sum())
        both = self.count + finite.size
        apart = mean - self.mean
        self._squares += squares + apart * apart * self.count * finite.size / both
        self.mean += apart * finite.size / both
        self.count = both
        self.minimum = min(self.minimum, float(finite.min()))
        self.maximum = max(self.maximum, float(finite.max()))


def blocks(
    scene: Scene, bands: Sequence[Band], level: Level, window: Window | None = None
) -> Iterator[list[NDArray[np.float32]]]:
    """Yield the physical values of bands, each (rows, cols), some rows at a time; NaN where invalid and in a collar."""
    inputs = scene.inputs(bands)
    row, row_stop, col, col_stop = window_bounds(window, level.shape)
    step = max(1, _BLOCK_VALUES // max(1, (col_stop - col) * max(1, len(bands))))
    for start in range(row, row_stop, step):
        bounds = start, min(start + step, row_stop), col, col_stop
        arrays = scene.read_arrays(inputs, level, (slice(*bounds[:2]), slice(col, col_stop)))
        values = inputs.physical(arrays)
        collar = None if scene.preview.collar is None else scene.preview.collar.inside(level.shape, bounds)
        if collar is not None:
            collar &= zero_everywhere([arrays[band.index] for band in bands])
            for each in values.values():
                each[collar] = np.nan
        yield [values[band.index] for band in bands]
