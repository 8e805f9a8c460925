"""napari's records of what was painted, as boxes of the canvas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.annotations.change import TILE_PX
from napari_geolabel.geo import Window
from napari_geolabel.masks.canvas import TileKey
from napari_geolabel.viewer.mask_window import MaskWindow


@dataclass(frozen=True, slots=True)
class Stamp:
    """One stamp of a stroke: a box of the canvas, what was there and what comes there."""

    window: Window
    """The box."""
    seen: NDArray[np.bool_]
    """Which of its pixels napari has painted, or is about to: those that the layer shows; shape of the window."""
    old: NDArray[Any]
    """What these held, 0 elsewhere."""
    area: NDArray[np.bool_]
    """All pixels that are to be painted."""
    new: NDArray[Any]
    """What comes there."""

    @classmethod
    def of(cls, atom: Any, shown: MaskWindow) -> Stamp:  # noqa: ANN401  (napari's, in either of two forms)
        """Return napari's record of an edit: a box with a mask, or points from ``data_setitem``."""
        shape = shown.of(np.broadcast_to(np.uint8(0), shown.shape)).shape
        box, mask, old, new = (_of_mask if hasattr(atom, "slice_key") else _of_points)(atom, shape)
        window = shown.on_canvas(box)
        return cls(
            window,
            shown.sampled(mask, window),
            shown.sampled(old, window),
            shown.spread(mask, window),
            shown.spread(new, window),
        )

    @property
    def values(self) -> list[int]:
        """The values that it paints."""
        return [int(value) for value in np.unique(self.new[self.area])]

    def write_to(self, array: NDArray[Any]) -> None:
        """Paint it."""
        np.copyto(array[self.window], self.new, where=self.area, casting="unsafe")

    def take_from(self, array: NDArray[Any]) -> None:
        """Put back what was there before napari painted, wherever its paint still shows."""
        part = array[self.window]
        np.copyto(part, self.old, where=self.seen & (part == self.new), casting="unsafe")

    def undo_in(self, tile: NDArray[Any], key: TileKey) -> None:
        """Put back what a tile held before napari painted."""
        spans = [
            (max(part.start, start), min(part.stop, start + length), start, part.start)
            for part, start, length in zip(self.window, (key[0] * TILE_PX, key[1] * TILE_PX), tile.shape, strict=True)
        ]
        in_tile = tuple(slice(low - start, high - start) for low, high, start, _ in spans)
        in_box = tuple(slice(low - origin, high - origin) for low, high, _, origin in spans)
        np.copyto(tile[in_tile], self.old[in_box], where=self.seen[in_box], casting="unsafe")


def painted_values(stamps: Sequence[Stamp]) -> set[int]:
    """Return all values that stamps paint."""
    return {value for stamp in stamps for value in stamp.values}


_Box = tuple[Window, NDArray[np.bool_], NDArray[Any], NDArray[Any]]


def _of_mask(atom: Any, shape: tuple[int, ...]) -> _Box:  # noqa: ANN401  (napari's)
    """Return window, mask, old and new values of a box that napari has painted."""
    rows, cols = (slice(*part.indices(n)[:2]) for part, n in zip(atom.slice_key, shape, strict=True))
    size = (rows.stop - rows.start, cols.stop - cols.start)
    mask = np.ones(size, bool) if atom.mask is None else np.asarray(atom.mask, bool).reshape(size)
    return (rows, cols), mask, _box(mask, np.ravel(atom.old_values)), _box(mask, atom.new_value)


def _of_points(atom: Any, shape: tuple[int, ...]) -> _Box:  # noqa: ANN401  (napari's)
    """Return the same of points that a script has set."""
    indices, old_values, new_values = atom
    rows, cols = (np.mod(np.ravel(axis), n) for axis, n in zip(indices, shape, strict=True))
    top, left = int(rows.min()), int(cols.min())
    window = slice(top, int(rows.max()) + 1), slice(left, int(cols.max()) + 1)
    mask = np.zeros((window[0].stop - top, window[1].stop - left), bool)
    place = (rows - top, cols - left)
    mask[place] = True
    return window, mask, _box(mask, np.ravel(old_values), place), _box(mask, new_values, place)


def _box(mask: NDArray[np.bool_], values: Any, place: Any = None) -> NDArray[Any]:  # noqa: ANN401
    """Return a box that holds values where a mask, or a place in it, says; 0 elsewhere."""
    box = np.zeros(mask.shape, np.asarray(values).dtype)
    box[mask if place is None else place] = values
    return box
