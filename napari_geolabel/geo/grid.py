"""Pixel grids that know where they are on Earth.

Two pixel conventions meet in this package.  *Pixel* coordinates ``(x, y)``
follow GDAL, COCO and CVAT: x runs right, y runs down, and ``(0, 0)`` is the
outer corner of the first pixel.  *Display* coordinates ``(row, col)`` follow
napari: ``(0, 0)`` is the centre of the first pixel.  Only this module
converts between them, and only this module applies a transform.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from napari_geolabel.errors import NotGeoreferencedError
from napari_geolabel.geo.crs import LONLAT, transform_points

FloatArray = NDArray[np.float64]
Window = tuple[slice, slice]
"""Rows and columns of a part of a raster, as numpy would index it: ``(slice(0, 512), slice(0, 512))``."""


def pixel_to_display(xy: ArrayLike) -> FloatArray:
    """Return napari ``(row, col)`` points, shape (n, 2), for pixel ``(x, y)`` points, shape (n, 2)."""
    return np.asarray(xy, np.float64)[..., ::-1] - 0.5


def display_to_pixel(rowcol: ArrayLike) -> FloatArray:
    """Return pixel ``(x, y)`` points, shape (n, 2), for napari ``(row, col)`` points, shape (n, 2)."""
    return np.asarray(rowcol, np.float64)[..., ::-1] + 0.5


@dataclass(frozen=True, kw_only=True)
class GeoGrid:
    """Shape, position and coordinate reference system of a raster.

    All six terms of the transform count: rotated, sheared and south-up grids
    are grids like any other.
    """

    shape: tuple[int, int]
    """Rows and columns, in pixels."""

    transform: Affine
    """Maps pixel ``(x, y)`` to ``crs`` coordinates."""

    crs: CRS | None = None
    """Coordinate reference system; ``None`` where the file names none."""

    @cached_property
    def is_georeferenced(self) -> bool:
        """Whether pixels have a place on Earth.

        A CRS with an identity transform (RPC files, Sentinel-1 shells) or
        with one that cannot be inverted is no georeference.
        """
        return self.crs is not None and not self.transform.is_identity and not self.transform.is_degenerate

    def pixel_to_map(self, xy: ArrayLike) -> FloatArray:
        """Return map points, shape (n, 2), in the grid's CRS for pixel points ``(x, y)``, shape (n, 2)."""
        self._require_georeference()
        return _apply(self.transform, xy)

    def map_to_pixel(self, points: ArrayLike) -> FloatArray:
        """Return pixel points ``(x, y)``, shape (n, 2), for map points in the grid's CRS, shape (n, 2)."""
        self._require_georeference()
        return _apply(~self.transform, points)

    def pixel_to_crs(self, xy: ArrayLike, crs: CRS) -> FloatArray:
        """Return points in any CRS (x or longitude first) for pixel points ``(x, y)``, shape (n, 2)."""
        return transform_points(self.pixel_to_map(xy), self._required_crs(), crs)

    def crs_to_pixel(self, points: ArrayLike, crs: CRS) -> FloatArray:
        """Return pixel points ``(x, y)`` for points in any CRS (x or longitude first), shape (n, 2)."""
        self._require_georeference()
        return self.map_to_pixel(transform_points(np.asarray(points, np.float64), crs, self._required_crs()))

    def pixel_to_lonlat(self, xy: ArrayLike) -> FloatArray:
        """Return WGS 84 longitude and latitude in degrees, shape (n, 2), for pixel points ``(x, y)``."""
        return self.pixel_to_crs(xy, LONLAT)

    def lonlat_to_pixel(self, lonlat: ArrayLike) -> FloatArray:
        """Return pixel points ``(x, y)``, shape (n, 2), for WGS 84 longitude and latitude in degrees."""
        return self.crs_to_pixel(lonlat, LONLAT)

    def with_transform(self, transform: Affine, crs: CRS | None) -> GeoGrid:
        """Return the same pixels at another place."""
        return replace(self, transform=transform, crs=crs)

    def level(self, shape: tuple[int, int]) -> GeoGrid:
        """Return the grid of a reduced level of ``shape`` rows and columns that covers the same ground."""
        step = Affine.scale(self.shape[1] / shape[1], self.shape[0] / shape[0])
        return replace(self, shape=shape, transform=self.transform @ step)

    def window(self, window: Window) -> GeoGrid:
        """Return the grid of a part of the raster."""
        (row, row_stop, _), (col, col_stop, _) = (s.indices(n) for s, n in zip(window, self.shape, strict=True))
        shift = Affine.translation(col, row)
        return replace(self, shape=(row_stop - row, col_stop - col), transform=self.transform @ shift)

    @property
    def outline(self) -> FloatArray:
        """The four corners in pixel coordinates ``(x, y)``, shape (4, 2), clockwise on screen from the first."""
        rows, cols = self.shape
        return np.array([(0, 0), (cols, 0), (cols, rows), (0, rows)], np.float64)

    def _require_georeference(self) -> None:
        if not self.is_georeferenced:
            raise NotGeoreferencedError(
                "the scene is not georeferenced, so its pixels have no map coordinates; "
                "give it a transform and a CRS first (scene.with_transform)"
            )

    def _required_crs(self) -> CRS:
        self._require_georeference()
        assert self.crs is not None  # noqa: S101  (what _require_georeference has just made sure of)
        return self.crs


def _apply(transform: Affine, xy: ArrayLike) -> FloatArray:
    """Apply an affine to points, shape (..., 2)."""
    points = np.asarray(xy, np.float64)
    x, y = points[..., 0], points[..., 1]
    out = np.empty(points.shape, np.float64)
    out[..., 0] = transform.a * x + transform.b * y + transform.c
    out[..., 1] = transform.d * x + transform.e * y + transform.f
    return out
