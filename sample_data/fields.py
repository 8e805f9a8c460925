"""Random fields, soft masks and the brush that the sample scenes are painted with.

A *cube* is a float32 array of shape (bands, rows, cols) that holds
reflectance.  Geometries are in pixel coordinates ``(x, y)`` of the finished
scene; arrays may be finer by a whole ``factor``.
"""

from __future__ import annotations

import numpy as np
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

FloatArray = NDArray[np.float32]
Shape = tuple[int, int]


def fractal(shape: Shape, rng: np.random.Generator, *, slope: float = 2.0, largest: float = 1.0) -> FloatArray:
    """Return noise whose power falls with frequency, of mean 0 and standard deviation 1.

    Parameters
    ----------
    shape
        Rows and columns.
    rng
        Where the randomness comes from.
    slope
        How fast the power falls: 0 is white, 2 to 3 looks like land or clouds.
    largest
        Longest wave as a part of the longer side; longer ones are left out.
    """
    rows, cols = shape
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(cols)[None, :])
    lowest = 1.0 / (largest * max(shape))
    weight = np.maximum(frequency, lowest / 2) ** (-slope / 2 - 0.5)
    weight[frequency < lowest] = 0
    phases = np.fft.rfft2(rng.standard_normal(shape))
    field = np.fft.irfft2(phases * weight, s=shape)
    return np.asarray((field - field.mean()) / field.std(), np.float32)


def ramp(values: ArrayLike, start: float, stop: float) -> FloatArray:
    """Return 0 below ``start``, 1 above ``stop`` and a smooth step between (the other way where start > stop)."""
    t = np.clip((np.asarray(values, np.float32) - start) / (stop - start), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def pixel_centres(shape: Shape, factor: int) -> tuple[FloatArray, FloatArray]:
    """Return x and y of every sample of a raster ``factor`` times finer than ``shape``, both 2-D."""
    rows, cols = shape[0] * factor, shape[1] * factor
    y, x = np.mgrid[0:rows, 0:cols].astype(np.float32)
    return (x + 0.5) / factor, (y + 0.5) / factor


def burn(geometry: BaseGeometry, shape: Shape, factor: int = 1) -> NDArray[np.bool_]:
    """Return which samples of a raster have their centre inside a geometry."""
    size = (shape[0] * factor, shape[1] * factor)
    if geometry.is_empty:
        return np.zeros(size, bool)
    finer = Affine.scale(1 / factor)
    return rasterio.features.rasterize([(geometry, 1)], out_shape=size, transform=finer, dtype="uint8").astype(bool)


def signed_distance(inside: NDArray[np.bool_], factor: int = 1) -> FloatArray:
    """Return the distance in pixels to the border of a mask, positive inside."""
    if not inside.any():
        return np.full(inside.shape, -np.inf, np.float32)
    inner, outer = ndimage.distance_transform_edt(inside), ndimage.distance_transform_edt(~inside)
    return np.asarray((np.maximum(inner - 0.5, 0) - np.maximum(outer - 0.5, 0)) / factor, np.float32)


def mix(cube: FloatArray, spectrum: ArrayLike, alpha: ArrayLike) -> None:
    """Lay a material over a cube in place.

    Parameters
    ----------
    cube
        Reflectance, shape (bands, rows, cols).
    spectrum
        Reflectance of the material, shape (bands,) or that of the cube.
    alpha
        Cover between 0 and 1, shape (rows, cols).
    """
    material = np.asarray(spectrum, np.float32)
    if material.ndim == 1:
        material = material[:, None, None]
    cube += np.asarray(alpha, np.float32) * (material - cube)


def paint(
    cube: FloatArray, geometry: BaseGeometry, spectrum: ArrayLike, *, factor: int = 1, opacity: float = 1
) -> None:
    """Lay a material over the part of each sample that a geometry covers, in place.

    The cover is counted on four by four points a sample, so that things
    smaller than a pixel mix with what is under them as they do in a sensor.
    """
    finest = 4
    x0, y0, x1, y1 = geometry.bounds
    rows, cols = cube.shape[1:]
    left, top = max(int(np.floor(x0 * factor)), 0), max(int(np.floor(y0 * factor)), 0)
    right, bottom = min(int(np.ceil(x1 * factor)), cols), min(int(np.ceil(y1 * factor)), rows)
    if right <= left or bottom <= top:
        return
    local = shapely.transform(geometry, lambda xy: xy * factor - (left, top))
    fine = burn(local, (bottom - top, right - left), finest)
    cover = fine.reshape(bottom - top, finest, right - left, finest).mean(axis=(1, 3))
    mix(cube[:, top:bottom, left:right], spectrum, opacity * cover)


def shrink(cube: FloatArray, factor: int) -> FloatArray:
    """Return a cube averaged over blocks of ``factor`` by ``factor`` samples."""
    bands, rows, cols = cube.shape
    blocks = cube.reshape(bands, rows // factor, factor, cols // factor, factor)
    return np.asarray(blocks.mean(axis=(2, 4)), np.float32)


def coarsen(band: FloatArray, step: int) -> FloatArray:
    """Return a band as a detector with samples of ``step`` pixels sees it, on the same pixels."""
    rows, cols = band.shape
    padded = np.pad(band, ((0, -rows % step), (0, -cols % step)), mode="edge")
    means = shrink(padded[None], step)[0]
    return np.repeat(np.repeat(means, step, axis=0), step, axis=1)[:rows, :cols]
