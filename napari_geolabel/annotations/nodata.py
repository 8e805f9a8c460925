"""Which share of annotations lies where a scene has no data.

A small level of the scene tells at once who is far from any hole; only the
others are looked at pixel by pixel.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.geo import FloatArray
from napari_geolabel.imagery.scene import Scene

COARSE_PX = 1024
"""The small level has no more pixels than this on a side, where the scene has such a level."""
FINE_PX = 256
"""An annotation is looked at with at most so many pixels on a side."""
MOST_BANDS = 4
"""Holes are where none of the first so many bands has data."""


class NodataShare:
    """Tells the share of geometries that lies where a scene has no data; may be asked from any thread.

    Parameters
    ----------
    scene
        The scene.  Holes smaller than a pixel of its small level are not looked for.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._bands = list(range(min(MOST_BANDS, len(scene.bands))))
        sizes = [max(level.shape) for level in scene.levels]
        self._coarse = next((i for i, size in enumerate(sizes) if size <= COARSE_PX), len(sizes) - 1)
        self._counts: NDArray[np.int64] | None = None

    def __call__(self, geometries: NDArray[np.object_]) -> FloatArray:
        """Return shares from 0 to 1, shape (n,), for geometries in pixel coordinates; nothing outside is a hole."""
        shares = np.zeros(len(geometries))
        counts = self._hole_counts()
        if not counts[-1, -1]:
            return shares
        height, width = counts.shape[0] - 1, counts.shape[1] - 1
        rows, cols = self.scene.grid.shape
        scale = np.array([width / cols, height / rows] * 2)
        bounds = np.nan_to_num(shapely.bounds(geometries).reshape(-1, 4)) * scale
        x0, y0, x1, y1 = (
            (np.floor(bounds) + np.array([-1, -1, 2, 2])).clip(0, (width, height, width, height)).astype(int).T
        )
        near = counts[y1, x1] - counts[y0, x1] - counts[y1, x0] + counts[y0, x0] > 0
        for index in np.flatnonzero(near).tolist():
            shares[index] = self._share(geometries[index])
        return shares

    def _hole_counts(self) -> NDArray[np.int64]:
        """Return how many holes of the small level lie above and left of each corner, shape (rows + 1, cols + 1)."""
        if self._counts is None:
            holes = self._holes(self._coarse)
            self._counts = np.pad(holes.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
        return self._counts

    def _share(self, geometry: BaseGeometry) -> float:
        """Return the share of one geometry, seen on the finest level that shows it with few enough pixels."""
        rows, cols = self.scene.grid.shape
        x0, y0, x1, y1 = geometry.bounds
        x0, y0, x1, y1 = max(x0, 0.0), max(y0, 0.0), min(x1, float(cols)), min(y1, float(rows))
        if x0 > x1 or y0 > y1:
            return 0.0
        scales = [(level.shape[0] / rows, level.shape[1] / cols) for level in self.scene.levels]
        sizes = [max((x1 - x0) * right, (y1 - y0) * down) for down, right in scales]
        index = next((i for i, size in enumerate(sizes) if size <= FINE_PX), len(sizes) - 1)
        level, (down, right) = self.scene.levels[index], scales[index]
        top, left = min(int(y0 * down), level.shape[0] - 1), min(int(x0 * right), level.shape[1] - 1)
        holes = self._holes(index, (slice(top, int(y1 * down) + 1), slice(left, int(x1 * right) + 1)))
        x, y = _places(geometry, holes.shape, (top, left), (down, right))
        inside = (x >= 0) & (x < cols) & (y >= 0) & (y < rows)
        row, col = (y[inside] * down).astype(int) - top, (x[inside] * right).astype(int) - left
        is_read = (row >= 0) & (row < holes.shape[0]) & (col >= 0) & (col < holes.shape[1])
        return float(holes[row[is_read], col[is_read]].sum() / max(len(x), 1))

    def _holes(self, level: int, window: tuple[slice, slice] | None = None) -> NDArray[np.bool_]:
        """Return where no band has data, shape (rows, cols) of a window of a level."""
        pixels: Any = self.scene.read(self._bands, window=window, level=level)
        return np.asarray(np.ma.getmaskarray(pixels).all(axis=0))


def _places(
    geometry: BaseGeometry, shape: tuple[int, ...], origin: tuple[int, int], scale: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Return x and y of the pixels of a geometry: the middles of those inside an area, else the vertices.

    An area that holds no middle has one place inside.
    """
    if shapely.get_dimensions(geometry) == 2:
        y, x = ((np.arange(length) + 0.5 + start) / by for length, start, by in zip(shape, origin, scale, strict=True))
        xs, ys = (axis.ravel() for axis in np.meshgrid(x, y))
        inside = shapely.contains_xy(geometry, xs, ys)
        if inside.any():
            return xs[inside], ys[inside]
        geometry = geometry.representative_point()
    found = shapely.get_coordinates(geometry)
    return found[:, 0], found[:, 1]
