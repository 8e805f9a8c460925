"""Geometries to pixels.

A pixel belongs to a polygon when its centre lies inside (GDAL's rule); a line
takes the pixels that it runs through, a point the pixel that it lies in.
Later geometries win.  Large rasters are burnt by our own compiled code where
the extra ``fast`` (numba) is installed, on all cores, by GDAL's formulas.
Otherwise rusterize does the work: it gives GDAL's pixels at three times the
speed.  The two compute where an edge crosses a row of centres by formulas that
differ in the last bit, so GDAL does it where an edge meets a centre,
and where every touched pixel is wanted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import Window
from napari_geolabel.imagery.workers import share_out
from napari_geolabel.masks.blank import blank
from napari_geolabel.masks.mask import check_values
from napari_geolabel.masks.outlines import Outlines, reach
from napari_geolabel.masks.ties import meets_centres
from napari_geolabel.masks.watch import UNWATCHED, Watch

_BAND_PX = 1024
"""Rows that are burnt between two looks at whether somebody has cancelled."""

_SHARE_PX = 512
"""Rows that one core burns at a time by compiled code."""

_WORTH_COMPILING_PX = 2048 * 2048
"""Pixels of a raster from which on compiled code pays: it takes seconds to compile, once on each machine."""

_FAR_PX = 2.0**30
"""Coordinates that GDAL and compiled code count in whole numbers."""

RowBurner = Callable[[NDArray[Any], int, int, Outlines, NDArray[Any], tuple[int, int]], None]
"""See :func:`napari_geolabel.masks.burner_rows.burn_rows`."""

Geometries = Sequence[BaseGeometry] | NDArray[Any]


def burn(
    geometries: Geometries,
    values: ArrayLike,
    shape: tuple[int, int],
    *,
    window: Window | None = None,
    all_touched: bool = False,
    dtype: np.dtype[Any] | type | str = "uint8",
    watch: Watch = UNWATCHED,
) -> NDArray[Any]:
    """Return an array of ``values`` where geometries cover pixels, 0 elsewhere.

    Parameters
    ----------
    geometries
        n shapely geometries in pixel coordinates ``(x, y)``; later ones win.
        Empty ones cover nothing.  A polygon's rings count by the even-odd
        rule; the parts of a multipolygon are drawn one by one.  An edge along
        a row of centres may cover them even where a polygon has no area.
    values
        n whole numbers, or one for all.
    shape
        Rows and columns of the whole raster.
    window
        The part of the raster to return; by default all of it.
    all_touched
        Take every pixel that a geometry touches, by GDAL's rule.
    dtype
        Data type of the result, an integer type of at most 32 bits.
    watch
        Is told the progress, and may cancel.

    Returns
    -------
    ndarray
        Shape (rows, cols) of the window.

    Raises
    ------
    MaskValueError
        If a value does not fit in ``dtype``.
    GeometryError
        If a geometry is missing or has a coordinate that is not finite.
    CancelledError
        If the watch ends it.
    """
    array = _checked_geometries(geometries)
    wanted = check_values(np.broadcast_to(np.asarray(values), array.shape), dtype)
    rows, cols = (part.indices(length)[:2] for part, length in zip(window or _whole(), shape, strict=True))
    frame = _Frame(rows[0], max(rows), cols[0], max(cols))
    hit = frame.hits(array)
    watch.tell(0.0)
    if not hit.any() or 0 in frame.shape:
        return np.zeros(frame.shape, dtype)
    drawn, burnt = array[hit], wanted[hit]
    row_burner = None if all_touched else fastest_row_burner(frame.shape, drawn)
    if row_burner is not None:
        return _burn_on_all_cores(row_burner, drawn, burnt, frame, watch)
    if all_touched or meets_centres(drawn, (frame.top, frame.bottom)):
        return _burn_by_gdal(drawn, burnt, frame, all_touched=all_touched)
    return _burn_in_bands(drawn, burnt, frame, watch)


def fastest_row_burner(shape: tuple[int, int], geometries: NDArray[Any]) -> RowBurner | None:
    """Return the compiled code where numba is installed and worth its start, and knows the geometries; else None."""
    if shape[0] * shape[1] < _WORTH_COMPILING_PX:
        return None
    if (shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION).any():
        return None
    if np.abs(shapely.total_bounds(geometries)).max() > _FAR_PX:
        return None
    try:
        from napari_geolabel.masks.burner_rows import burn_rows
    except (ImportError, RuntimeError):  # RuntimeError: numba finds no folder to keep compiled code in
        return None
    return burn_rows


@dataclass(frozen=True, slots=True)
class _Frame:
    """A window in pixels: rows from top to bottom, columns from left to right."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.bottom - self.top, self.right - self.left

    def hits(self, geometries: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which geometries reach the frame; one pixel of margin keeps what only touches it."""
        x0, y0, x1, y1 = reach(geometries).T
        # comparisons with the NaN bounds of empty geometries are False
        return np.asarray(
            (x1 >= self.left - 1) & (x0 <= self.right + 1) & (y1 >= self.top - 1) & (y0 <= self.bottom + 1)
        )


def _whole() -> Window:
    return slice(None), slice(None)


def _checked_geometries(geometries: Geometries) -> NDArray[Any]:
    """Return geometries as an object array, shape (n,), after a look at each."""
    array = np.empty(len(geometries), object)
    array[:] = geometries
    missing = shapely.is_missing(array)
    if missing.any():
        raise GeometryError(f"geometry {int(np.argmax(missing))} is missing; leave it out or give its coordinates")
    if not np.isfinite(shapely.get_coordinates(array)).all():
        coordinates, owners = shapely.get_coordinates(array, return_index=True)
        wrong = int(owners[int(np.argmin(np.isfinite(coordinates).all(axis=1)))])
        raise GeometryError(f"geometry {wrong} has a coordinate that is not a finite number; correct or remove it")
    return array


def _burn_on_all_cores(
    burn_rows: RowBurner, geometries: NDArray[Any], values: NDArray[Any], frame: _Frame, watch: Watch
) -> NDArray[Any]:
    """Burn by the centre rule with compiled code, some rows at a time in each thread, all geometries in their order."""
    outlines = Outlines.of(geometries)
    burnt = blank(frame.shape, values.dtype)
    unsigned = np.dtype(f"u{values.dtype.itemsize}")  # the same code for all types of one size
    target, of_parts = burnt.view(unsigned), values.view(unsigned)[outlines.owners]
    caller, tops, done = threading.get_ident(), range(0, frame.shape[0], _SHARE_PX), list[int]()

    def burn_share(top: int) -> None:
        burn_rows(target, top, min(top + _SHARE_PX, len(target)), outlines, of_parts, (frame.top, frame.left))
        done.append(top)
        if threading.get_ident() == caller:  # who watches is told in the thread that asked
            watch.tell(len(done) / len(tops))

    share_out(burn_share, tops)
    watch.tell(1.0)
    return burnt


def _burn_in_bands(geometries: NDArray[Any], values: NDArray[Any], frame: _Frame, watch: Watch) -> NDArray[Any]:
    """Burn by the centre rule, some rows at a time where somebody watches."""
    if watch is UNWATCHED or frame.shape[0] <= _BAND_PX:
        return _burn_centres(geometries, values, frame)
    burnt = np.zeros(frame.shape, values.dtype)
    for top in range(frame.top, frame.bottom, _BAND_PX):
        watch.tell((top - frame.top) / frame.shape[0])
        band = _Frame(top, min(top + _BAND_PX, frame.bottom), frame.left, frame.right)
        hit = band.hits(geometries)
        if hit.any():
            burnt[top - frame.top : band.bottom - frame.top] = _burn_centres(geometries[hit], values[hit], band)
    return burnt


def _burn_centres(geometries: NDArray[Any], values: NDArray[Any], frame: _Frame) -> NDArray[Any]:
    """Burn by the centre rule with rusterize, whose rows run up: y changes sign, exactly."""
    from rusterize import rusterize

    # GDAL draws each part for itself; rusterize takes overlapping parts by the even-odd rule
    # and leaves out the last pixel of a line that is not the last part.
    if (shapely.get_type_id(geometries) >= shapely.GeometryType.MULTIPOINT).any():
        geometries, owners = shapely.get_parts(geometries, return_index=True)
        values = values[owners]
    flipped = shapely.transform(_spots_as_points(geometries), lambda xy: xy * (1.0, -1.0))
    burnt = rusterize(
        flipped,
        out_shape=frame.shape,
        extent=(frame.left, -frame.bottom, frame.right, -frame.top),
        burn=values,
        background=0,
        dtype=str(values.dtype),
        encoding="numpy",
        fun="last",
    )
    return np.asarray(burnt).reshape(frame.shape)


def _burn_by_gdal(geometries: NDArray[Any], values: NDArray[Any], frame: _Frame, *, all_touched: bool) -> NDArray[Any]:
    """Burn with GDAL; of touched pixels rusterize takes others for vertices on pixel edges."""
    from affine import Affine
    from rasterio.features import rasterize

    burnt: NDArray[Any] = rasterize(
        list(zip(geometries, values.tolist(), strict=True)),
        out_shape=frame.shape,
        transform=Affine.translation(frame.left, frame.top),
        all_touched=all_touched,
        dtype=values.dtype,
    )
    return burnt


def _spots_as_points(geometries: NDArray[Any]) -> NDArray[Any]:
    """Return geometries with lines that stand on one spot as points: rusterize skips them, GDAL does not."""
    spots = (shapely.get_type_id(geometries) == shapely.GeometryType.LINESTRING) & (shapely.length(geometries) == 0)
    if not spots.any():
        return geometries
    flat = geometries.copy()
    flat[spots] = shapely.get_point(geometries[spots], 0)
    return flat
