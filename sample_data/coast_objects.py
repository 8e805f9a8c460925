"""What is labelled in the coastal scene: docks, ships with their wakes, clouds with their shadows."""

from __future__ import annotations

import numpy as np
import rasterio.features
import shapely
from coast import FACTOR, GRID, SUN_AZIMUTH_DEG, SUN_ELEVATION_DEG
from fields import FloatArray, burn, fractal, mix, paint, pixel_centres, ramp, signed_distance
from scipy import ndimage
from spectra import spectrum
from vessels import Ship

DOCKS = (
    shapely.Polygon([(338, 208), (299, 203), (298.6, 206), (338, 211.5)]),
    shapely.Polygon([(340, 230), (296, 231), (288, 214), (285, 215.5), (293.5, 234.5), (340, 233.5)]),
    shapely.Polygon([(396, 250), (389, 280), (392, 281), (399.5, 250)]),
)
"""Two moles of the port and a jetty at the river's mouth."""

SHIPS = (
    Ship(
        centre=(96.4, 301.7),
        heading_deg=38,
        length_m=336,
        width_m=46,
        category="merchant",
        deck="red_deck",
        wake_m=2600,
    ),
    Ship(
        centre=(150.3, 470.6),
        heading_deg=196,
        length_m=228,
        width_m=32,
        category="merchant",
        deck="green_deck",
        wake_m=1900,
    ),
    Ship(
        centre=(301.8, 560.2),
        heading_deg=318,
        length_m=142,
        width_m=22,
        category="merchant",
        deck="steel_deck",
        wake_m=1300,
    ),
    Ship(
        centre=(252.6, 246.9),
        heading_deg=82,
        length_m=198,
        width_m=28,
        category="passenger",
        deck="white_paint",
        wake_m=1700,
    ),
    Ship(centre=(214.2, 318.8), heading_deg=271, length_m=274, width_m=44, category="merchant", deck="red_deck"),
    Ship(centre=(262.7, 352.4), heading_deg=268, length_m=182, width_m=30, category="merchant", deck="blue_paint"),
    Ship(centre=(294.1, 396.3), heading_deg=275, length_m=118, width_m=19, category="merchant", deck="orange_paint"),
    Ship(
        centre=(316.2, 228.9),
        heading_deg=271.3,
        length_m=156,
        width_m=25,
        category="merchant",
        deck="steel_deck",
        moored=True,
    ),
    Ship(
        centre=(411.5, 452.3),
        heading_deg=171,
        length_m=62,
        width_m=13,
        category="fishing",
        deck="white_paint",
        wake_m=700,
    ),
    Ship(
        centre=(437.8, 520.9),
        heading_deg=12,
        length_m=48,
        width_m=11,
        category="fishing",
        deck="blue_paint",
        wake_m=520,
    ),
    Ship(
        centre=(288.9, 128.4),
        heading_deg=228,
        length_m=74,
        width_m=15,
        category="service",
        deck="orange_paint",
        wake_m=420,
    ),
    Ship(
        centre=(296.1, 172.2),
        heading_deg=121,
        length_m=34,
        width_m=9,
        category="recreational",
        deck="white_paint",
        wake_m=640,
    ),
    Ship(
        centre=(58.3, 557.5),
        heading_deg=146,
        length_m=154,
        width_m=20,
        category="warship",
        deck="steel_deck",
        wake_m=2100,
    ),
    Ship(
        centre=(402.2, 594.7),
        heading_deg=334,
        length_m=38,
        width_m=10,
        category="recreational",
        deck="white_paint",
        wake_m=480,
    ),
)
"""Ships under way, at anchor in the roads and at the mole."""

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
SWATH_EDGE = shapely.Polygon([(694, 640), (768, 452), (768, 640)])
"""The corner that the sensor did not see."""


def paint_docks(cube: FloatArray) -> None:
    """Build the moles of concrete with a rougher, greyer edge."""
    for dock in DOCKS:
        paint(cube, dock, spectrum("grey_roof"), factor=FACTOR)
        paint(cube, dock.buffer(-0.6), spectrum("concrete"), factor=FACTOR)


def paint_ships(cube: FloatArray, rng: np.random.Generator) -> None:
    """Lay every ship and its wake on the sea."""
    for ship in SHIPS:
        if ship.wake_m:
            _paint_wake(cube, ship, rng)
        _paint_hull(cube, ship)


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


def _paint_hull(cube: FloatArray, ship: Ship) -> None:
    """Draw a hull, its deck and its bridge."""
    paint(cube, ship.hull(GRID), spectrum("steel_deck"), factor=FACTOR)
    paint(cube, ship.rectangle(-0.6, 0.78, -0.8, 0.8, GRID), spectrum(ship.deck) * 1.1, factor=FACTOR)
    paint(cube, ship.rectangle(-0.9, -0.68, -0.9, 0.9, GRID), spectrum("white_paint"), factor=FACTOR)


def _paint_wake(cube: FloatArray, ship: Ship, rng: np.random.Generator) -> None:
    """Draw the foam astern, the smooth trail after it and the two arms of the bow wave."""
    x, y = pixel_centres(GRID.shape, FACTOR)
    along = np.deg2rad(ship.heading_deg)
    dx, dy = x - ship.centre[0], y - ship.centre[1]
    behind = -(dx * np.sin(along) - dy * np.cos(along)) * 10 - ship.length_m / 2  # metres aft of the stern
    line = ship.wake(GRID)
    near = np.argwhere(burn(line.buffer(30), GRID.shape, FACTOR))
    top, left, bottom, right = *near.min(axis=0), *near.max(axis=0) + 1
    part = (slice(top, bottom), slice(left, right))
    trail = -signed_distance(burn(line.buffer(0.3), GRID.shape, FACTOR)[part], FACTOR) * 10
    aft = behind[part]
    fade = (
        np.exp(-np.maximum(aft, 0) / (0.6 * ship.wake_m))
        * ramp(aft, -6, 12)
        * ramp(aft, ship.wake_m, 0.6 * ship.wake_m)
    )
    rough = 0.75 + 0.25 * fractal(aft.shape, rng, slope=1.2, largest=0.3)
    foam = np.exp(-((trail / (0.34 * ship.width_m + 4)) ** 2)) * fade
    bow = np.maximum(aft + ship.length_m * 0.9, 0)
    arms = np.exp(-(((trail - 0.13 * bow) / (7 + 0.02 * bow)) ** 2)) * np.exp(-bow / (0.2 * ship.wake_m)) * (bow > 0)
    mix(cube[:, *part], spectrum("foam"), np.clip((0.42 * foam + 0.10 * arms) * rough, 0, 0.6))


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
