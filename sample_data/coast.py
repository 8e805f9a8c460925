"""The coastal scene: sea, river, plume, beaches, fields, woods and a town.

Everything is painted at 5 m and averaged to 10 m, so that edges mix as they
do in a sensor.  What is labelled (ships, docks, clouds) lies in
``coast_objects.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from fields import FloatArray, burn, fractal, mix, paint, pixel_centres, ramp, signed_distance
from parcels import borders, districts, field_numbers, houses, street_plan
from pyproj import CRS
from scipy import ndimage
from spectra import spectrum

from napari_geolabel.geo import GeoGrid

FACTOR = 2
"""Samples a pixel and direction while painting."""
GRID = GeoGrid(
    shape=(640, 768),
    transform=Affine(10.0, 0.0, 399_960.0, 0.0, -10.0, 4_432_000.0),
    crs=CRS.from_epsg(32633),
)
"""Where the scene lies: open sea in truth, so that nobody takes it for a real place."""
SUN_AZIMUTH_DEG = 148.0
SUN_ELEVATION_DEG = 44.0
RIVER = [
    (800, 40),
    (735, 96),
    (700, 88),
    (662, 130),
    (625, 182),
    (588, 168),
    (550, 205),
    (520, 258),
    (470, 262),
    (392, 300),
]
"""The river's course in pixels, to beyond its mouth."""
TOWN = (436.0, 208.0)
"""Middle of the town in pixels."""
_ROOFS = ((0.0, 0.62, "tile_roof"), (0.62, 0.90, "grey_roof"), (0.90, 0.94, "white_roof"), (0.94, 1.01, "concrete"))
_APRON = shapely.Polygon([(338, 205), (356, 212), (358, 238), (332, 236), (334, 224)])


@dataclass(frozen=True, kw_only=True)
class Terrain:
    """What the land is like, at every sample."""

    x: FloatArray
    y: FloatArray
    height: FloatArray
    """Without unit; 0 is the sea level."""
    land: FloatArray
    """Part of the sample that is land, 0 to 1."""
    inland_px: FloatArray
    """Distance to the shore in pixels, positive on land."""
    river: FloatArray
    """Part of the sample that is river, 0 to 1."""


def make_terrain(rng: np.random.Generator) -> Terrain:
    """Return the lie of the land."""
    shape = (GRID.shape[0] * FACTOR, GRID.shape[1] * FACTOR)
    x, y = pixel_centres(GRID.shape, FACTOR)
    trend = (0.86 * (x - 402) - 0.5 * (y - 330)) / 130
    rough = 0.40 * fractal(shape, rng, slope=3.1, largest=0.5) + 0.035 * fractal(shape, rng, slope=1.9, largest=0.06)
    bay = np.exp(-((x - 392) ** 2 + (y - 302) ** 2) / 34**2)
    height = _without_ponds(trend + rough - 0.5 * bay)
    course = _meander(RIVER)
    valley = signed_distance(burn(course.buffer(2.5), GRID.shape, FACTOR), FACTOR)
    land = ramp(height, -0.012, 0.012)
    inland = signed_distance(land > 0.5, FACTOR)
    river = ramp(valley + 1.1 * fractal(shape, rng, slope=2, largest=0.05), -2.2, -0.8) * land
    return Terrain(x=x, y=y, height=height, land=land, inland_px=inland, river=river)


def paint_surface(terrain: Terrain, rng: np.random.Generator) -> FloatArray:
    """Return the surface reflectance of land and water, shape (13, rows, cols), at ``FACTOR`` samples a pixel."""
    sea = _sea(terrain, rng)
    land = _land(terrain, rng)
    mix(sea, land, terrain.land)
    mix(sea, spectrum("river_water"), terrain.river)
    surf = np.exp(-((terrain.inland_px + 1.0) ** 2)) * ramp(fractal(terrain.x.shape, rng, slope=1.6), 0.3, 1.8)
    mix(sea, spectrum("foam"), 0.3 * surf)
    return sea


def _without_ponds(height: FloatArray) -> FloatArray:
    """Return the height with ponds filled and islets drowned, which would only clutter the coast."""
    height = height.copy()
    sea, count = ndimage.label(height <= 0)
    sizes = ndimage.sum_labels(np.ones_like(height), sea, np.arange(1, count + 1))
    ponds = (sea > 0) & (sea != 1 + int(np.argmax(sizes)))
    around = ndimage.binary_dilation(ponds, iterations=4)
    height[around] = np.maximum(height[around], 0.03)
    land, count = ndimage.label(height > 0)
    sizes = np.concatenate([[np.inf], ndimage.sum_labels(np.ones_like(height), land, np.arange(1, count + 1))])
    around = ndimage.binary_dilation(sizes[land] < 900 * FACTOR**2, iterations=4)
    height[around] = np.minimum(height[around], -0.03)
    return height


def _meander(points: list[tuple[float, float]]) -> shapely.LineString:
    """Return a smooth line through points (corners cut four times after Chaikin 1974)."""
    line = np.array(points, np.float64)
    for _ in range(4):
        near, far = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        line = np.concatenate([line[:1], np.stack([near, far], axis=1).reshape(-1, 2), line[-1:]])
    return shapely.LineString(line)


def _sea(terrain: Terrain, rng: np.random.Generator) -> FloatArray:
    """Return the sea: deep, shallow near the shore, and the river's plume drifting along the coast."""
    shape = terrain.x.shape
    cube = np.repeat(spectrum("deep_water")[:, None, None], shape[0], axis=1).repeat(shape[1], axis=2)
    swell = fractal(shape, rng, slope=1.0, largest=0.02) * 0.0006 + fractal(shape, rng, slope=2.4) * 0.0012
    cube += np.maximum(swell + 0.001, 0) * ramp(terrain.x, 420, -100)  # sun glint, a little stronger to the west
    depth = np.maximum(-terrain.height, 0)
    shoals = np.exp(-depth / 0.16) * (0.75 + 0.25 * fractal(shape, rng, slope=1.8, largest=0.08))
    mix(cube, spectrum("shallow_water"), np.clip(0.8 * shoals, 0, 1))
    mix(cube, spectrum("turbid_water"), _plume(terrain, rng))
    return cube


def _plume(terrain: Terrain, rng: np.random.Generator) -> FloatArray:
    """Return how turbid the sea is, 0 to 1: the river's plume and a hem of stirred sand along the beaches."""
    shape = terrain.x.shape
    eddies = [fractal(shape, rng, slope=2.8, largest=0.14) for _ in range(2)]
    dx = terrain.x - 398 + 13 * eddies[0]
    dy = terrain.y - 300 + 13 * eddies[1]
    along, across = 0.42 * dx + 0.91 * dy, -0.91 * dx + 0.42 * dy  # it drifts to the south
    reach = np.where(along > 0, np.hypot(along / 2.6, across), np.hypot(along * 1.5, across))
    body = np.exp(-((np.maximum(reach, 0) / 46) ** 1.2))
    fronts = 0.88 + 0.12 * np.sin(reach / 6 + 2 * eddies[1])
    hem = 0.45 * np.exp(np.minimum(terrain.inland_px, 0) / 5) * ramp(eddies[0], -1.2, 1.4)
    return np.asarray(np.clip(np.maximum(body * fronts, hem), 0, 0.97), np.float32)


def _land(terrain: Terrain, rng: np.random.Generator) -> FloatArray:
    """Return the land: farmland with woods on the hills, beaches, roads and the town."""
    cube = _farmland(terrain, rng)
    shape = terrain.x.shape
    woods = ramp(fractal(shape, rng, slope=2.4, largest=0.3) + 0.5 * terrain.height - 1.5, 0.15, 0.3)
    canopy = spectrum("forest")[:, None, None] * (1 + 0.14 * fractal(shape, rng, slope=1.2, largest=0.02))
    mix(cube, canopy, woods)
    banks = ramp(ndimage.gaussian_filter(terrain.river, 5), 0.02, 0.25)
    mix(cube, spectrum("scrub"), 0.8 * banks)
    for road in _roads():
        paint(cube, road, spectrum("asphalt"), factor=FACTOR, opacity=0.8)
    _build_town(cube, terrain, rng)
    cube *= 1 + 0.10 * _hillshade(terrain.height)
    dunes = terrain.inland_px - 0.6 * fractal(shape, rng, slope=2, largest=0.1)
    width = 1.1 + 1.5 * fractal(shape, rng, slope=2.8, largest=0.3)
    mix(cube, spectrum("scrub"), 0.7 * ramp(dunes, width + 7, width + 1))
    mix(cube, spectrum("sand"), ramp(dunes, width + 0.8, width - 0.8))
    mix(cube, spectrum("wet_sand"), ramp(terrain.inland_px, 1.4, 0.3))
    return cube


def _farmland(terrain: Terrain, rng: np.random.Generator) -> FloatArray:
    """Return fields, each of one crop in one state, with hedges between them."""
    shape = terrain.x.shape
    district = districts(terrain.x, terrain.y, rng, count=30)
    numbers = field_numbers(terrain.x, terrain.y, district, rng, side_px=14)
    crops = ["crop", "grass", "ripe_grain", "bare_soil", "dark_soil", "scrub"]
    chosen = rng.choice(len(crops), numbers.max() + 1, p=[0.30, 0.24, 0.15, 0.13, 0.08, 0.10])
    vigour = rng.normal(1, 0.13, numbers.max() + 1)
    table = np.stack([spectrum(crops[i]) for i in chosen]) * vigour[:, None]
    cube = np.ascontiguousarray(np.moveaxis(table.astype(np.float32)[numbers], -1, 0))
    mottle = 0.05 * fractal(shape, rng, slope=2, largest=0.05) + 0.012 * fractal(shape, rng, slope=0)
    cube *= 1 + mottle
    hedge = borders(numbers) & (fractal(shape, rng, slope=1.5, largest=0.1) > 0.1)
    mix(cube, spectrum("scrub"), 0.75 * hedge)
    return cube


def _roads() -> list[shapely.Polygon]:
    """Return the roads between the town and the edge of the scene."""
    courses = [
        ([(440, 190), (470, 120), (455, 60), (480, -5)], 0.65),
        ([(450, 205), (520, 180), (600, 110), (690, 60), (772, 10)], 0.9),
        ([(470, 225), (505, 275), (560, 330), (640, 360), (772, 380)], 0.9),
        ([(505, 275), (520, 350), (560, 430), (640, 520), (680, 645)], 0.6),
        ([(560, 430), (660, 440), (772, 470)], 0.5),
        ([(600, 110), (640, 220), (640, 360)], 0.5),
    ]
    return [_meander(points).buffer(width) for points, width in courses]


def _build_town(cube: FloatArray, terrain: Terrain, rng: np.random.Generator) -> None:
    """Build the town and two villages: blocks of houses and gardens between streets."""
    shape = terrain.x.shape
    ragged = 0.16 * fractal(shape, rng, slope=2.2, largest=0.12)
    for (cx, cy), radius, angle in ((TOWN, 62, 24), ((668, 300), 20, 70), ((590, 520), 15, 10)):
        spread = np.hypot(terrain.x - cx, 1.25 * (terrain.y - cy)) / radius + ragged
        town = ramp(spread, 1.0, 0.92)
        plot = houses(shape, rng, side=3)
        shade = (0.75 + 0.5 * houses(shape, rng, side=2))[None]
        garden = ramp(spread, 0.25, 0.9) * 0.45 + 0.12
        for low, high, material in _ROOFS:
            mix(cube, spectrum(material)[:, None, None] * shade, town * 0.85 * ((plot >= low) & (plot < high)))
        mix(cube, spectrum("scrub"), town * (houses(shape, rng, side=2) < garden) * 0.8)
        street = street_plan(terrain.x, terrain.y, angle_deg=angle, block_px=(9.0, 6.0))
        mix(cube, spectrum("asphalt"), town * ramp(street, 0.9, 0.4) * 0.85)
        avenue = street_plan(terrain.x, terrain.y, angle_deg=angle, block_px=(36.0, 30.0))
        mix(cube, spectrum("concrete"), town * ramp(avenue, 1.0, 0.4) * 0.4)
    _build_port(cube, rng)


def _build_port(cube: FloatArray, rng: np.random.Generator) -> None:
    """Build the port's paved ground and the sheds on it."""
    paint(cube, _APRON, spectrum("asphalt") * 1.3, factor=FACTOR)
    for x in np.arange(338, 356, 5.5):
        for y in (213.0, 220.0, 228.5):
            material = rng.choice(["white_roof", "grey_roof", "grey_roof", "tile_roof"])
            shed = shapely.box(x, y, x + rng.uniform(3, 4.6), y + rng.uniform(3, 5))
            if _APRON.contains(shed):
                paint(cube, shapely.affinity.rotate(shed, 8), spectrum(material), factor=FACTOR)


def _hillshade(height: FloatArray) -> FloatArray:
    """Return how much more (positive) or less light slopes get than flat ground."""
    down, right = np.gradient(ndimage.gaussian_filter(height, 3))
    azimuth = np.deg2rad(SUN_AZIMUTH_DEG)
    towards_sun = -(right * np.sin(azimuth) - down * np.cos(azimuth))
    return np.asarray(np.clip(towards_sun / (towards_sun.std() * 2), -1, 1), np.float32)
