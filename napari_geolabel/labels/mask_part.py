"""The part of a painted mask that a command works on, and the amounts that it is told in metres or pixels."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.change import TileEdit
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import GeoGrid, Window, pixel_size_m
from napari_geolabel.labels.adding import to_pixels
from napari_geolabel.masks.areas import SQUARE, Area, Spacing
from napari_geolabel.masks.rasterize import burn

if TYPE_CHECKING:
    from napari_geolabel.labels.labels import Labels


@dataclass(frozen=True, kw_only=True)
class Within:
    """Where a command may change pixels: those whose centre lies inside an area; None is everywhere."""

    area: BaseGeometry | None = None
    crs: str | int | CRS | None = None
    """CRS of the area; None is pixel coordinates ``(x, y)``."""

    def covers(self, grid: GeoGrid, window: Window) -> Area:
        """Return which pixels of a window it covers, shape of the window."""
        if self.area is None:
            return np.ones([part.stop - part.start for part in window], bool)
        return burn(self._pixels(grid), 1, grid.shape, window=window).astype(bool)

    def window(self, grid: GeoGrid) -> Window:
        """Return the smallest window that it can cover."""
        rows, cols = grid.shape
        if self.area is None:
            return slice(0, rows), slice(0, cols)
        x0, y0, x1, y1 = self._pixels(grid)[0].bounds
        return _span(y0, y1, rows), _span(x0, x1, cols)

    def _pixels(self, grid: GeoGrid) -> list[BaseGeometry]:
        return list(to_pixels([self.area], self.crs, grid)[0]) if self.area is not None else []


EVERYWHERE = Within()


@dataclass(frozen=True, kw_only=True)
class MaskPart:
    """A window of the mask, its values, and which of them may change."""

    window: Window
    values: NDArray[Any]
    """A copy, shape of the window."""
    free: Area
    """False where a pixel is locked or outside of what was asked."""

    @classmethod
    def of(
        cls, labels: Labels, window: Window, within: Within = EVERYWHERE, *, painting: int | None = None
    ) -> MaskPart:
        """Return a window of a mask; pixels that have the value that is painted are never locked."""
        values = labels.canvas.array[window].copy()
        free = within.covers(labels.scene.grid, window)
        locked = labels.locked_values - {painting}
        if locked:
            free &= ~np.isin(values, list(locked))
        return cls(window=window, values=values, free=free)

    def written(self, labels: Labels, writes: Sequence[tuple[Area, NDArray[Any] | int]]) -> tuple[TileEdit, ...]:
        """Return the edits that write values into areas, one after the other, where pixels may change."""
        values = self.values.copy()
        for area, new in writes:
            np.copyto(values, np.asarray(new, values.dtype), where=area & self.free)
        return tuple(labels.canvas.patch(self.window, values))


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A distance or an area, with its unit."""

    number: float
    unit: str
    spacing: Spacing
    """Height and width of a pixel in the unit of distances."""

    @classmethod
    def distance(cls, grid: GeoGrid, metres: float | None, pixels: float | None) -> Amount:
        """Return a distance that is given in metres or in pixels.

        Raises
        ------
        GeoLabelError
            If not exactly one is given, it is not above 0, or metres mean nothing on this grid.
        """
        return cls._of(grid, metres, pixels, ("m", "px"))

    @classmethod
    def area(cls, grid: GeoGrid, square_metres: float | None, pixels: float | None) -> Amount:
        """Return an area that is given in square metres or in pixels; errors as in `distance`."""
        return cls._of(grid, square_metres, pixels, ("m²", "px"))

    @classmethod
    def _of(cls, grid: GeoGrid, ground: float | None, pixels: float | None, units: tuple[str, str]) -> Amount:
        if (ground is None) == (pixels is None):
            raise GeoLabelError("give an amount either on the ground or in pixels")
        number, unit = (pixels, units[1]) if ground is None else (ground, units[0])
        if number is None or not (math.isfinite(number) and number > 0):
            raise GeoLabelError(f"an amount of {number} {unit} cannot be; give a number above 0")
        size = pixel_size_m(grid)
        if ground is not None and size is None:
            raise GeoLabelError("the scene has no place on Earth, so metres mean nothing here; give pixels")
        return cls(number=float(number), unit=unit, spacing=SQUARE if ground is None or size is None else size)

    @property
    def pixels(self) -> float:
        """An area as a number of pixels."""
        return self.number / math.prod(self.spacing)

    @property
    def halo(self) -> tuple[int, int]:
        """How many rows and columns a distance reaches, and one more."""
        rows, cols = (math.ceil(self.number / step) + 1 for step in self.spacing)
        return rows, cols

    def __str__(self) -> str:
        return f"{self.number:g} {self.unit}"


def window_of(labels: Labels, values: Collection[int], margin: tuple[int, int] = (0, 0)) -> Window:
    """Return where the tiles lie that hold any of some values, and a margin; an empty window if there are none."""
    canvas = labels.canvas
    found = [window for window in canvas.painted_windows if np.isin(canvas.array[window], list(values)).any()]
    if not found:
        return slice(0, 0), slice(0, 0)
    rows, cols = (
        slice(max(min(w[axis].start for w in found) - more, 0), min(max(w[axis].stop for w in found) + more, length))
        for axis, (more, length) in enumerate(zip(margin, canvas.array.shape, strict=True))
    )
    return rows, cols


def window_about(shape: tuple[int, ...], row: int, col: int, reach_px: int) -> Window:
    """Return the window about a pixel that reaches so far, cut at the border."""
    rows, cols = (
        slice(max(at - reach_px, 0), min(at + reach_px + 1, length))
        for at, length in zip((row, col), shape, strict=True)
    )
    return rows, cols


def _span(first: float, last: float, length: int) -> slice:
    """Return the pixels of an axis between two places, cut at the border."""
    if math.isnan(first):  # the bounds of what is empty
        return slice(0, 0)
    start = min(max(math.floor(first), 0), length)
    return slice(start, min(max(math.ceil(last), start), length))
