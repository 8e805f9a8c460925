"""A scene read on the grid of another CRS, window by window, nearest pixel.

Nothing is opened or built for it: a window of the warped view finds the
pixels that it needs through both CRSs and takes them from the scene's own
levels, whose tiles are cached already.  Composites therefore switch as ever,
and memory stays that of the window.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from napari_geolabel.geo.between import pixels_between
from napari_geolabel.geo.grid import FloatArray, GeoGrid
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.lazy_level import LazyLevel
from napari_geolabel.imagery.levels import Level, plan_levels
from napari_geolabel.imagery.picture import Picture
from napari_geolabel.imagery.reader import Bounds
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.stretch import Limits

_TILE = (256, 256)  # what viewers are told to ask for
_BLOCK_PX = 512  # side of the squares that a window is warped in
_MOST_PX = 2048**2  # largest part of the source that is read for one block
_SMALLEST_PX = 16  # side of a block that is not cut any further
_KNOT_STEPS = (32, 8)  # pixels between the points that are taken through both CRSs exactly
_TOLERANCE_PX = 0.01  # how far between them a straight line may be off


class WarpedLevel(LazyLevel):
    """One level of a warped view: a lazy array like those that it is read from, empty where those end.

    Parameters
    ----------
    sources
        Levels of a scene, full resolution first.
    source_grid
        The grid of the first of them.
    target_grid
        The grid of the warped view at full resolution.
    level
        Which level of the warped view this is.
    """

    def __init__(self, sources: Sequence[LazyLevel], source_grid: GeoGrid, target_grid: GeoGrid, level: Level) -> None:
        self.shape = (*level.shape, *sources[0].shape[2:])
        self.chunks = (*_TILE, *sources[0].shape[2:])
        self.dtype = sources[0].dtype
        self._grid = target_grid.level(level.shape)
        self._source = _source_for(sources, source_grid, self._grid, level.factor)
        self._smallest = sources[-1]
        self._scene_grid = source_grid
        self._fill = np.nan if self.dtype.kind == "f" else 0

    def read(self, bounds: Bounds) -> NDArray[Any]:
        """Return a window."""
        row, row_stop, col, col_stop = bounds
        out = np.full((row_stop - row, col_stop - col, *self.shape[2:]), self._fill, self.dtype)
        for block in _blocks(bounds, _BLOCK_PX):
            self._fill_in(block, out[block[0] - row : block[1] - row, block[2] - col : block[3] - col])
        return out

    def _fill_in(self, bounds: Bounds, out: NDArray[Any]) -> None:
        """Warp one block."""
        source, places, found, wanted = self._seek(self._source, bounds)
        if not found.any():
            return
        if _area(wanted) > _MOST_PX:  # the map tears here, as it does where a projection ends
            half = max(bounds[1] - bounds[0], bounds[3] - bounds[2]) // 2
            if half >= _SMALLEST_PX:
                for part in _blocks(bounds, half):
                    rows = slice(part[0] - bounds[0], part[1] - bounds[0])
                    self._fill_in(part, out[rows, part[2] - bounds[2] : part[3] - bounds[2]])
                return
            source, places, found, wanted = self._seek(self._smallest, bounds)
        across, down = (axis[found].astype(np.intp) for axis in places)
        _whole(out)[found] = _whole(source.read(wanted))[down - wanted[0], across - wanted[2]]

    def _seek(self, source: LazyLevel, bounds: Bounds) -> tuple[LazyLevel, FloatArray, NDArray[np.bool_], Bounds]:
        """Return a source, where the pixels of a window lie in it, which of them do, and the part that holds those."""
        rows, cols = source.shape[:2]
        places = places_between(bounds, self._grid, self._scene_grid.level((rows, cols)))
        return source, places, *_inside(places, source.shape)


class KeptLevel(WarpedLevel):
    """The coarsest level of a warped picture: its array is always the same one, refilled at every switch."""

    _buffer: NDArray[Any] | None = None

    def refill(self) -> None:
        """Bring the array that viewers keep up to date, if one has been given out."""
        if self._buffer is not None:
            self._buffer[...] = super().__array__()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        if self._buffer is None:
            self._buffer = super().__array__()
        return np.array(self._buffer, dtype=dtype, copy=copy)


class WarpedPicture:
    """A `Picture` on the grid of another CRS; its composite is switched in the same way.

    Parameters
    ----------
    scene, composite
        As for `Picture`.
    grid
        Where it is shown, as ``geo.warped_grid`` makes it.
    """

    def __init__(self, scene: Scene, composite: Composite | str, grid: GeoGrid) -> None:
        self.grid = grid
        self._picture = Picture(scene, composite)
        *finer, coarsest = _levels_of(grid)
        sources = self._picture.levels
        self._kept = KeptLevel(sources, scene.grid, grid, coarsest)
        self.levels: list[WarpedLevel] = [
            *(WarpedLevel(sources, scene.grid, grid, level) for level in finer),
            self._kept,
        ]
        """Full resolution first, each shape (rows, cols, 4), uint8."""

    @property
    def scene(self) -> Scene:
        """The scene."""
        return self._picture.scene

    @property
    def composite(self) -> Composite:
        """What is shown; setting it, also by id, changes what every level reads from then on."""
        return self._picture.composite

    @composite.setter
    def composite(self, composite: Composite | str) -> None:
        self._picture.composite = composite
        self._kept.refill()

    @property
    def band_names(self) -> tuple[str, ...]:
        """The names of the bands that are shown, by channel, each once."""
        return self._picture.band_names

    @property
    def limits(self) -> tuple[Limits, ...]:
        """The values shown darkest and brightest, one pair per channel."""
        return self._picture.limits

    @property
    def gamma(self) -> float:
        """The gamma that is in force."""
        return self._picture.gamma


def warped_levels(levels: Sequence[LazyLevel], source_grid: GeoGrid, grid: GeoGrid) -> list[WarpedLevel]:
    """Return levels of a scene, such as those of a band, on the grid of another CRS, full resolution first."""
    return [WarpedLevel(levels, source_grid, grid, level) for level in _levels_of(grid)]


def places_between(bounds: Bounds, target: GeoGrid, source: GeoGrid) -> FloatArray:
    """Return where the pixel centres of a window lie in another grid, as ``(x, y)``, shape (2, rows, cols).

    Few points go through both CRSs; between them lines are straight, as long
    as that errs by less than a hundredth of a pixel of the source.
    """
    for step in _KNOT_STEPS:
        places = _interpolated(bounds, target, source, step)
        if places is not None:
            return places
    row, row_stop, col, col_stop = bounds
    return _through(_centres(row, row_stop), _centres(col, col_stop), target, source)


def _interpolated(bounds: Bounds, target: GeoGrid, source: GeoGrid, step: int) -> FloatArray | None:
    """Return the places of a window, taken exactly at every ``step`` pixels, None where that is not near enough."""
    row, row_stop, col, col_stop = bounds
    rows, cols = _knots(row, row_stop, step), _knots(col, col_stop, step)
    exact = _through(rows, cols, target, source)
    if not np.isfinite(exact).all():
        return None
    rough = _interpolate(exact[:, ::2, ::2], rows[::2], cols[::2], rows, cols)
    if np.abs(rough - exact).max() > 4 * _TOLERANCE_PX:  # half the step errs by a quarter
        return None
    return _interpolate(exact, rows, cols, _centres(row, row_stop), _centres(col, col_stop))


def _interpolate(
    values: FloatArray, rows: FloatArray, cols: FloatArray, at_rows: FloatArray, at_cols: FloatArray
) -> FloatArray:
    """Return values, known at rows and columns of a lattice, at others between them, shape (2, rows, cols)."""
    above, down = _between(at_rows, rows)
    tall = values[:, above] * (1 - down)[:, None] + values[:, above + 1] * down[:, None]
    left, across = _between(at_cols, cols)
    out = tall[:, :, left]
    out += (tall[:, :, left + 1] - out) * across  # no matrix product: its threads wait for each other on a busy machine
    return out


def _through(rows: FloatArray, cols: FloatArray, target: GeoGrid, source: GeoGrid) -> FloatArray:
    """Return places of points of the target, given by their rows and columns, exactly."""
    x, y = np.meshgrid(cols, rows)
    places = pixels_between(np.column_stack([x.ravel(), y.ravel()]), target, source)
    return np.ascontiguousarray(places.T).reshape(2, len(rows), len(cols))


def _centres(start: int, stop: int) -> FloatArray:
    """Return the centres of a range of pixels."""
    return np.arange(start, stop, dtype=np.float64) + 0.5


def _knots(start: int, stop: int, step: int) -> FloatArray:
    """Return an odd number of points over a range, no further apart than ``step``."""
    return np.linspace(start, stop, 2 * max(1, -(-(stop - start) // (2 * step))) + 1)


def _between(at: FloatArray, knots: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
    """Return, for points between evenly spaced knots, the knot before each and how far on it is, from 0 to 1."""
    place = (at - knots[0]) / (knots[-1] - knots[0]) * (len(knots) - 1)
    before = np.clip(np.floor(place).astype(np.intp), 0, len(knots) - 2)
    return before, place - before


def _levels_of(grid: GeoGrid) -> tuple[Level, ...]:
    return plan_levels(grid.shape, (), (_TILE,), tiled=True)


def _source_for(sources: Sequence[LazyLevel], source_grid: GeoGrid, grid: GeoGrid, factor: float) -> LazyLevel:
    """Return the coarsest of some levels that is no coarser than a grid, judged at the middle of the grid."""
    middle = np.array(grid.shape[::-1]) / 2
    at, right, below = pixels_between(middle + np.array([(0, 0), (1, 0), (0, 1)]), grid, source_grid)
    step = float(min(np.hypot(*(right - at)), np.hypot(*(below - at))))  # pixels of the source to one of the grid
    step = step if math.isfinite(step) else factor
    fitting = [level for level in sources if source_grid.shape[0] / level.shape[0] <= step * 1.01]
    return fitting[-1] if fitting else sources[0]


def _inside(places: FloatArray, shape: tuple[int, ...]) -> tuple[NDArray[np.bool_], Bounds]:
    """Return which places lie in an array, shape (rows, cols), and the window that holds them."""
    x, y = places
    with np.errstate(invalid="ignore"):
        found = (x >= 0) & (x < shape[1]) & (y >= 0) & (y < shape[0])
    if not found.any():
        return found, (0, 0, 0, 0)
    (left, right), (top, bottom) = ((int(axis[found].min()), int(axis[found].max()) + 1) for axis in (x, y))
    return found, (top, bottom, left, right)


def _whole(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return a view of RGBA pixels as one number each, which numpy moves about faster; others as they are."""
    return pixels.view(np.uint32)[..., 0] if pixels.dtype == np.uint8 and pixels.shape[2:] == (4,) else pixels


def _blocks(bounds: Bounds, side: int) -> Iterator[Bounds]:
    """Yield squares that fill a window."""
    row, row_stop, col, col_stop = bounds
    for top in range(row, row_stop, side):
        for left in range(col, col_stop, side):
            yield top, min(top + side, row_stop), left, min(left + side, col_stop)


def _area(bounds: Bounds) -> int:
    return (bounds[1] - bounds[0]) * (bounds[3] - bounds[2])
