"""The clouds of the coastal scene, their shadows, and the edge of the swath."""

from __future__ import annotations

import numpy as np
import rasterio.features
import shapely
from coast import FACTOR, GRID, SUN_AZIMUTH_DEG, SUN_ELEVATION_DEG
from fields import FloatArray, burn, fractal, mix, ramp, signed_distance
from scipy import ndimage
from spectra import spectrum

SWATH_EDGE = shapely.Polygon([(694, 640), (768, 452), (768, 640)])
"""The corner that the sensor did not see."""

_CLOUDS = (  # middle, radius in pixels, height of the base in metres
    ((104, 158), 30, 520),
    ((162, 110), 17, 480),
    ((46, 226), 11, 450),
    ((586, 306), 24, 560),
    ((648, 226), 12, 520),
    ((664, 410), 17, 540),
    ((536, 372), 9, 500),
    ((92, 586), 14, 430),
    ((228, 604), 9, 420),
    ((716, 186), 13, 560),
)


def make_clouds(rng: np.random.Generator) -> tuple[list[shapely.Polygon], list[shapely.Polygon]]:
    """Return the outlines of clouds and those of their shadows, the latter without what clouds hide."""
    clouds, shadows = [], []
    for middle, radius, height_m in _CLOUDS:
        cloud = _cloud_outline(middle, radius, rng)
        clouds.append(cloud)
        shadows.append(shapely.affinity.translate(cloud, *shadow_offset_px(height_m)))
    sky = shapely.union_all(clouds)
    scene = shapely.difference(shapely.box(0, 0, GRID.shape[1], GRID.shape[0]), SWATH_EDGE)
    lit = shapely.difference(shapely.union_all(shadows), sky)
    visible = [shapely.intersection(cloud, scene) for cloud in shapely.get_parts(sky)]
    return visible, [part for part in shapely.get_parts(shapely.intersection(lit, scene)) if part.area > 4]


def shadow_offset_px(height_m: float) -> tuple[float, float]:
    """Return how far right and down the shadow of something ``height_m`` high falls, in pixels."""
    reach = height_m / np.tan(np.deg2rad(SUN_ELEVATION_DEG)) / GRID.transform.a
    azimuth = np.deg2rad(SUN_AZIMUTH_DEG)
    return float(-reach * np.sin(azimuth)), float(reach * np.cos(azimuth))


def paint_clouds(
    cube: FloatArray, clouds: list[shapely.Polygon], shadows: list[shapely.Polygon], rng: np.random.Generator
) -> None:
    """Darken the ground under shadows and lay clouds over it.

    A cloud hides half of the ground exactly at its outline, more inside and
    less outside; a shadow likewise takes half of its share of light there.
    """
    shape = cube.shape[1:]
    dark = ramp(_distance(shadows), -1.6, 1.6)
    diffuse = np.linspace(0.42, 0.24, len(cube), dtype=np.float32)[:, None, None]  # the sky lights shadows, bluish
    mix(cube, cube * diffuse, dark)
    depth = _distance(clouds)
    billow = fractal(shape, rng, slope=1.9, largest=0.05)
    fringe = 0.4 * ramp(depth, -14, -1) * ramp(fractal(shape, rng, slope=2.2, largest=0.06), -0.2, 2.2)
    body = ramp(depth, -3.0, 3.0)
    lumps = ndimage.gaussian_filter(billow + 0.25 * np.clip(depth, 0, 12), 1.5)
    down, right = np.gradient(lumps)
    azimuth = np.deg2rad(SUN_AZIMUTH_DEG)
    relief = np.clip(-(right * np.sin(azimuth) - down * np.cos(azimuth)) / 0.5, -1, 1)
    brightness = 0.86 + 0.13 * relief + 0.06 * ramp(depth, 0, 14)
    mix(cube, spectrum("cloud")[:, None, None] * brightness, np.maximum(body, np.minimum(fringe, 0.49)))


def _distance(outlines: list[shapely.Polygon]) -> FloatArray:
    """Return the distance in pixels of every sample to the nearest outline, positive inside."""
    return signed_distance(burn(shapely.union_all(outlines), GRID.shape, FACTOR), FACTOR)


def _cloud_outline(middle: tuple[float, float], radius: float, rng: np.random.Generator) -> shapely.Polygon:
    """Return the ragged outline of a cloud around a point, of about that radius in pixels."""
    side = int(radius * 4)
    y, x = np.mgrid[0:side, 0:side] - side / 2
    stretched = np.hypot(x, 1.3 * y) / radius
    field = 1 - stretched + 0.42 * fractal((side, side), rng, slope=2.5, largest=0.4)
    numbers, count = ndimage.label(ndimage.binary_opening(field > 0, iterations=1))
    largest = 1 + int(np.argmax(np.bincount(numbers.ravel(), minlength=count + 1)[1:]))
    body = ndimage.binary_fill_holes(numbers == largest)
    ((shape, _),) = rasterio.features.shapes(body.astype(np.uint8), mask=body, connectivity=4)
    ring = np.array(shape["coordinates"][0])
    return shapely.Polygon(_rounded(ring) + np.array(middle) - side / 2).simplify(0.5)


def _rounded(ring: np.ndarray) -> np.ndarray:
    """Return a closed ring with its stairs rounded off (Chaikin's corners, cut twice)."""
    points = np.asarray(ring[:-1], np.float64)
    for _ in range(2):
        following = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], axis=1).reshape(-1, 2)
    return points
