"""How the pixels of one grid lie on those of another.

In one CRS that is an affine map, without error.  Between two CRSs it is bent;
over a small scene an affine map can still come within a fraction of a pixel,
and `fit` tells how near.  Where it does not, `warped_grid` gives the grid, in
the first CRS, that the other scene has to be read on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike
from pyproj import CRS
from shapely import Polygon

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo.crs import same_crs, transform_reachable
from napari_geolabel.geo.grid import FloatArray, GeoGrid
from napari_geolabel.geo.measure import pixel_size_m
from napari_geolabel.geo.turns import nearest_turn

MAX_SIDE_PX = 200_000
"""Longest side of a warped grid; beyond it the graphics card's float32 loses hundredths of a pixel."""

_FITTED, _CHECKED = 17, 33  # points a side of the lattice that is fitted to, and of the one that the error is sought on
_EDGE = 257  # points along each edge that a warped grid must hold


@dataclass(frozen=True, kw_only=True)
class Fit:
    """An affine map from the pixels of one grid to those of another."""

    transform: Affine
    """Maps pixel points ``(x, y)`` of the other grid to pixel points of the first."""

    error_px: float
    """Largest error anywhere on the other grid, in pixels of the finer grid; 0 within one CRS, infinite
    where a part of the other grid has no image in the CRS of the first."""

    finer_px: tuple[float, float]
    """A square pixel of the finer grid, ``(height, width)``, in pixels of the first."""


def fit(first: GeoGrid, other: GeoGrid) -> Fit:
    """Return the affine map that lays one grid on another best.

    It is exact where both have the same CRS, else the least-squares fit over
    a lattice of points that takes in the edges; the error is the largest on a
    lattice twice as dense.

    Raises
    ------
    NotGeoreferencedError
        If one of the grids has no georeference.
    GeoLabelError
        If the other grid lies outside the reach of the first CRS.
    """
    if _have_one_crs(first, other):
        centre = other.pixel_to_map([np.array(other.shape[::-1]) / 2])
        turn = float((nearest_turn(centre, first) - centre)[0, 0])
        exact = ~first.transform @ Affine.translation(turn, 0) @ other.transform
        return Fit(transform=exact, error_px=0.0, finer_px=_finer_px(first, exact))
    points = _lattice(other, _FITTED)
    images = pixels_between(points, other, first)
    reached = np.isfinite(images).all(axis=1)
    if np.count_nonzero(reached) < _FITTED:
        raise GeoLabelError(f"it lies outside the reach of {_crs(first).name}, the CRS of the first scene")
    transform = _least_squares(points[reached], images[reached], other.shape)
    finer_px = _finer_px(first, transform)
    return Fit(transform=transform, error_px=_largest_error(transform, first, other, finer_px), finer_px=finer_px)


def pixels_between(points: ArrayLike, source: GeoGrid, target: GeoGrid) -> FloatArray:
    """Return the pixel points of ``target`` at pixel points of ``source``, shape (n, 2), exactly, through both CRSs.

    A point that has no image is not finite.  Longitudes are taken on the turn
    that is nearest to the target, so that scenes meet across the antimeridian.
    """
    places = source.pixel_to_map(points)
    if not _have_one_crs(source, target):
        places = transform_reachable(places, _crs(source), _crs(target))
    with np.errstate(invalid="ignore"):  # infinity times nothing
        return target.map_to_pixel(nearest_turn(places, target))


def warped_grid(first: GeoGrid, other: GeoGrid) -> GeoGrid:
    """Return a grid in the CRS of the first, along its pixel axes, that covers the other.

    Its pixels are square on the ground and as small as those of the finer
    grid, so that reading the nearest pixel shifts nothing by more than half a
    fine pixel.  What lies more than half of ``MAX_SIDE_PX`` such pixels from
    the first grid's centre is cut off.

    Raises
    ------
    GeoLabelError
        If nothing of the other grid lies so near.
    """
    step = np.array(fit(first, other).finer_px[::-1])
    outline = pixels_between(np.concatenate([_edges(other), _lattice(other, _CHECKED)]), other, first)
    outline = outline[np.isfinite(outline).all(axis=1)] / step
    centre = np.array(first.shape[::-1]) / 2 / step
    start = np.floor(np.maximum(outline.min(axis=0), centre - MAX_SIDE_PX / 2)) - 1
    stop = np.ceil(np.minimum(outline.max(axis=0), centre + MAX_SIDE_PX / 2)) + 1
    cols, rows = (int(n) for n in stop - start)
    if rows <= 2 or cols <= 2:
        raise GeoLabelError("it lies too far away from the first scene to be warped into its CRS")
    transform = first.transform @ Affine.scale(*step) @ Affine.translation(*start)
    return GeoGrid(shape=(rows, cols), transform=transform, crs=first.crs)


def overlap(first: GeoGrid, transform: Affine, shape: tuple[int, int]) -> bool:
    """Return whether a raster of a shape, laid on a grid by an affine map, and that grid have a pixel in common."""
    rows, cols = shape
    corners = [transform @ corner for corner in ((0, 0), (cols, 0), (cols, rows), (0, rows))]
    return bool(Polygon(corners).intersection(Polygon(first.outline)).area > 0)


def _have_one_crs(one: GeoGrid, other: GeoGrid) -> bool:
    return same_crs(_crs(one), _crs(other))


def _crs(grid: GeoGrid) -> CRS:
    grid.pixel_to_map(np.empty((0, 2)))  # refuses a grid without a georeference in the usual words
    assert grid.crs is not None  # noqa: S101  (what the line above has made sure of)
    return grid.crs


def _lattice(grid: GeoGrid, side: int) -> FloatArray:
    """Return ``side`` x ``side`` pixel points spread evenly over a grid, edges and corners among them."""
    rows, cols = grid.shape
    x, y = np.meshgrid(np.linspace(0, cols, side), np.linspace(0, rows, side))
    return np.column_stack([x.ravel(), y.ravel()])


def _edges(grid: GeoGrid) -> FloatArray:
    """Return many pixel points along the outline of a grid."""
    corners = grid.outline
    share = np.linspace(0, 1, _EDGE)[:, None]
    return np.concatenate([a + (b - a) * share for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)])


def _least_squares(points: FloatArray, images: FloatArray, shape: tuple[int, int]) -> Affine:
    """Return the affine map that takes points nearest to their images."""
    unit = np.array(shape[::-1], np.float64)  # points from 0 to 1: equations of large pixel numbers are ill-conditioned
    design = np.column_stack([points / unit, np.ones(len(points))])
    xs, ys = np.linalg.lstsq(design, images, rcond=None)[0].T
    return Affine(*xs, *ys) @ Affine.scale(1 / unit[0], 1 / unit[1])


def _largest_error(transform: Affine, first: GeoGrid, other: GeoGrid, finer_px: tuple[float, float]) -> float:
    points = _lattice(other, _CHECKED)
    images = pixels_between(points, other, first)
    if not np.isfinite(images).all():
        return math.inf
    placed = np.column_stack(transform @ (points[:, 0], points[:, 1]))
    return float(np.hypot(*((placed - images) / finer_px[::-1]).T).max())


def _finer_px(first: GeoGrid, transform: Affine) -> tuple[float, float]:
    """Return the shortest side of a pixel of either grid, as a square on the ground, in pixels of the first."""
    height, width = pixel_size_m(first) or (1.0, 1.0)
    sides = (
        math.hypot(transform.a * width, transform.d * height),
        math.hypot(transform.b * width, transform.e * height),
    )
    finer = min(height, width, *sides)
    return finer / height, finer / width
