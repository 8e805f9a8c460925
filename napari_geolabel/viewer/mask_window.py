"""The part of a mask that its layer shows and edits: all of it, or what is about to be seen of a large one.

A layer shows every ``step``-th pixel of a window of the canvas, in place: its
data are a view of the canvas's array.  Scenes that the graphics card cannot
hold whole are shown so, the window following the camera between strokes; seen
from far off, a pixel of the layer stands for a square of ``step`` pixels, and
a stroke paints whole squares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.annotations.change import TILE_PX
from napari_geolabel.geo import Window
from napari_geolabel.viewer.frame import Frame

if TYPE_CHECKING:
    from napari_geolabel.imagery.reader import Bounds

WHOLE_PX = 12_000
"""Side of the largest mask that a layer shows whole: graphics cards take 16,384, and a stroke costs no more there."""
WINDOW_PX = 4096
"""Side of the window on a larger one, in pixels of the layer."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a scene is looked at."""

    bounds: Bounds
    """First row, last + 1, first column, last + 1 that are on screen."""
    screen_px: float
    """Size of a pixel of the screen in pixels of the scene."""


@dataclass(frozen=True, slots=True)
class MaskWindow:
    """Where a layer's pixels lie on the canvas."""

    shape: tuple[int, int]
    """Rows and columns of the canvas."""
    rows: tuple[int, int]
    """First row and last + 1."""
    cols: tuple[int, int]
    step: int = 1
    """Side of the square of canvas pixels that a pixel of the layer stands for; its first pixel is the one shown."""

    @classmethod
    def first(cls, shape: tuple[int, int]) -> MaskWindow:
        """Return the window to begin with: the whole canvas, as coarse as it must be."""
        return cls(shape, (0, shape[0]), (0, shape[1]), 1 if max(shape) <= WHOLE_PX else _step(max(shape) / WINDOW_PX))

    def follow(self, look: Look | None) -> MaskWindow:
        """Return the window for another look at the scene; the same where that shows all that is on screen."""
        if max(self.shape) <= WHOLE_PX or look is None:
            return self
        step = max(_step(look.screen_px) // 2, 1)
        while max(look.bounds[1] - look.bounds[0], look.bounds[3] - look.bounds[2]) > WINDOW_PX * step * 3 // 4:
            step *= 2  # several panes, or a screen of many pixels
        if step == self.step and self._holds(look.bounds):
            return self
        rows, cols = (
            _about(first, last, length, step)
            for (first, last), length in zip((look.bounds[:2], look.bounds[2:]), self.shape, strict=True)
        )
        return MaskWindow(self.shape, rows, cols, step)

    @property
    def is_whole(self) -> bool:
        """Whether the layer shows the canvas's array itself."""
        return self.step == 1 and (self.rows, self.cols) == ((0, self.shape[0]), (0, self.shape[1]))

    def of(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the layer's data, which share the memory of the canvas's array."""
        return array if self.is_whole else array[slice(*self.rows, self.step), slice(*self.cols, self.step)]

    def placed(self, frame: Frame) -> dict[str, tuple[float, float]]:
        """Return scale and translate of the layer in the world of a scene."""
        height, width = frame.pixel_size
        half = self.step / 2  # napari puts the centre of the first pixel at 0
        return {
            "scale": (height * self.step, width * self.step),
            "translate": (height * (self.rows[0] + half), width * (self.cols[0] + half)),
        }

    def on_canvas(self, window: Window) -> Window:
        """Return the pixels of the canvas that a box of the layer's stands for, not beyond the border."""
        rows, cols = (
            slice(first + part.start * self.step, min(first + part.stop * self.step, length))
            for part, (first, _), length in zip(window, (self.rows, self.cols), self.shape, strict=True)
        )
        return rows, cols

    def on_layer(self, window: Window) -> Window:
        """Return the layer's pixels that stand for a part of the canvas; empty where it shows none of it."""
        rows, cols = (
            _shrunk(max(part.start, first) - first, min(part.stop, last) - first, self.step)
            for part, (first, last) in zip(window, (self.rows, self.cols), strict=True)
        )
        return rows, cols

    def spread(self, box: NDArray[Any], window: Window) -> NDArray[Any]:
        """Return a box of the layer's as one of `on_canvas`: each pixel as its square."""
        if self.step == 1:
            return box
        big = box.repeat(self.step, axis=0).repeat(self.step, axis=1)
        return big[tuple(slice(part.stop - part.start) for part in window)]

    def sampled(self, box: NDArray[Any], window: Window) -> NDArray[Any]:
        """Return a box of the layer's as one of `on_canvas`: each pixel as the one that is shown, zero beside it."""
        if self.step == 1:
            return box
        big = np.zeros([part.stop - part.start for part in window], box.dtype)
        big[:: self.step, :: self.step] = box
        return big

    def _holds(self, bounds: Bounds) -> bool:
        return (
            self.rows[0] <= bounds[0]
            and bounds[1] <= self.rows[1]
            and self.cols[0] <= bounds[2]
            and bounds[3] <= self.cols[1]
        )


def _step(screen_px: float) -> int:
    """Return the least power of two that is at least so many pixels."""
    return 1 << max(int(np.ceil(np.log2(max(screen_px, 1.0)))), 0)


def _about(first: int, last: int, length: int, step: int) -> tuple[int, int]:
    """Return the rows or columns of a window about those on screen, along tiles, which steps divide evenly."""
    grain = max(TILE_PX, step)
    middle, side = (first + last) // 2, WINDOW_PX * step
    start = max(min(middle - side // 2, length - side), 0)
    return start // grain * grain, min(-(-(start + side) // grain) * grain, length)


def _shrunk(first: int, last: int, step: int) -> slice:
    """Return the steps that lie in some pixels, wholly or in part; none where there are none."""
    return slice(first // step, -(-last // step)) if first < last else slice(0, 0)
