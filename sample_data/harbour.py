"""The harbour chip: ships at their berths, containers, sheds, tanks and trucks, at 1 m, on a rotated grid."""

from __future__ import annotations

import itertools

import numpy as np
import shapely
from affine import Affine
from fields import FloatArray, burn, fractal, mix, paint, pixel_centres, ramp, signed_distance
from pyproj import CRS
from shapely.affinity import rotate, translate
from spectra import four_bands
from vessels import Ship

from napari_geolabel.geo import GeoGrid

FACTOR = 2
"""Samples a pixel and direction while painting."""
ROTATION_DEG = 25.0
GRID = GeoGrid(
    shape=(480, 640),
    transform=Affine.translation(402_310.0, 4_429_640.0) @ Affine.rotation(ROTATION_DEG) @ Affine.scale(1.0, -1.0),
    crs=CRS.from_epsg(32633),
)
"""Pixels of 1 m whose rows run 25 degrees north of east."""
SHADOW = np.array([-0.62, -0.55])
"""Where the shadow of something 1 m high falls, in pixels ``(x, y)``."""
LAND = shapely.Polygon(
    [
        (0, 0),
        (640, 0),
        (640, 176),
        (588, 170),
        (566, 332),
        (524, 326),
        (545, 164),
        (228, 120),
        (206, 268),
        (150, 260),
        (172, 112),
        (0, 88),
    ]
)
"""The quay and its two piers; everything below is water."""
QUAY_DEG = float(np.rad2deg(np.arctan2(44, 317)))
"""Direction of the long quay in the picture, clockwise from the right."""

_HEADING = 90 - ROTATION_DEG + QUAY_DEG
SHIPS = (
    Ship(
        centre=(378.0, 163.2),
        heading_deg=_HEADING,
        length_m=236,
        width_m=32,
        category="merchant",
        deck="red_deck",
        moored=True,
    ),
    Ship(
        centre=(238.4, 216.6),
        heading_deg=_HEADING - 90,
        length_m=112,
        width_m=18,
        category="merchant",
        deck="green_deck",
        moored=True,
    ),
    Ship(
        centre=(142.2, 186.3),
        heading_deg=_HEADING + 90.6,
        length_m=131,
        width_m=21,
        category="merchant",
        deck="orange_paint",
        moored=True,
    ),
    Ship(
        centre=(512.8, 252.4),
        heading_deg=_HEADING - 90,
        length_m=94,
        width_m=16,
        category="merchant",
        deck="steel_deck",
        moored=True,
    ),
    Ship(
        centre=(68.8, 111.0),
        heading_deg=_HEADING + 180,
        length_m=42,
        width_m=11,
        category="fishing",
        deck="blue_paint",
        moored=True,
    ),
    Ship(
        centre=(24.4, 103.7),
        heading_deg=_HEADING + 178.5,
        length_m=34,
        width_m=9.5,
        category="fishing",
        deck="green_deck",
        moored=True,
    ),
    Ship(
        centre=(594.6, 232.2),
        heading_deg=_HEADING + 90,
        length_m=30,
        width_m=10.5,
        category="service",
        deck="orange_paint",
        moored=True,
    ),
    Ship(
        centre=(589.4, 268.9),
        heading_deg=_HEADING + 90,
        length_m=29,
        width_m=10.2,
        category="service",
        deck="orange_paint",
        moored=True,
    ),
    Ship(
        centre=(391.5, 352.2),
        heading_deg=121.0,
        length_m=31,
        width_m=10.4,
        category="service",
        deck="red_deck",
        wake_m=120,
    ),
    Ship(
        centre=(262.3, 418.7),
        heading_deg=32.0,
        length_m=14,
        width_m=4.4,
        category="recreational",
        deck="white_paint",
        wake_m=90,
    ),
)
"""Ships at their berths, a tug and a motor boat under way."""

_BOXES = ("blue_paint", "orange_paint", "red_deck", "green_deck", "steel_deck", "white_paint", "grey_roof", "red_deck")


def paint_harbour(rng: np.random.Generator) -> FloatArray:
    """Return the surface reflectance in blue, green, red and near infrared, shape (4, rows, cols), finer by ``FACTOR``."""
    cube = _water(rng)
    _paint_ground(cube, rng)
    _paint_yard(cube, rng)
    _paint_sheds(cube, rng)
    _paint_trees(cube, rng)
    for ship in SHIPS:
        _paint_ship(cube, ship, rng)
    _paint_cranes(cube)
    return cube


def _water(rng: np.random.Generator) -> FloatArray:
    """Return rippled harbour water, muddier in the basins, with wakes."""
    shape = (GRID.shape[0] * FACTOR, GRID.shape[1] * FACTOR)
    water = 0.6 * four_bands("deep_water") + 0.4 * four_bands("river_water") * (0.75, 0.9, 0.55, 0.4)
    cube = np.repeat(water[:, None, None].astype(np.float32), shape[0], axis=1).repeat(shape[1], axis=2)
    ripples = 0.05 * fractal(shape, rng, slope=0.9, largest=0.012) + 0.06 * fractal(shape, rng, slope=2.6)
    cube *= 1 + ripples
    mud = np.exp(np.minimum(-signed_distance(~burn(LAND, GRID.shape, FACTOR), FACTOR), 0) / 60)
    mix(cube, four_bands("river_water"), 0.35 * mud * ramp(fractal(shape, rng, slope=2.6, largest=0.3), -1, 1.5))
    x, y = pixel_centres(GRID.shape, FACTOR)
    for ship in SHIPS:
        if ship.wake_m:
            _paint_wake(cube, ship, x, y, rng)
    return cube


def _paint_wake(cube: FloatArray, ship: Ship, x: FloatArray, y: FloatArray, rng: np.random.Generator) -> None:
    """Draw a widening streak of foam from the stern aft."""
    stern, end = (np.array(ship.wake(GRID).coords[i]) for i in (0, -1))
    axis = (end - stern) / np.hypot(*(end - stern))
    aft = (x - stern[0]) * axis[0] + (y - stern[1]) * axis[1]
    across = -(x - stern[0]) * axis[1] + (y - stern[1]) * axis[0]
    width = 0.28 * ship.width_m + 0.07 * np.maximum(aft, 0)
    fade = np.exp(-np.maximum(aft, 0) / (0.45 * ship.wake_m)) * ramp(aft, -1, 2)
    churn = ramp(fractal(x.shape, rng, slope=1.0, largest=0.02), -1.2, 1.2)
    mix(cube, four_bands("foam"), np.clip(0.9 * np.exp(-((across / width) ** 2)) * fade * churn, 0, 0.85))


def _paint_ground(cube: FloatArray, rng: np.random.Generator) -> None:
    """Pave the quay and draw its edge, a road with lanes and a pair of rails."""
    shape = cube.shape[1:]
    land = burn(LAND, GRID.shape, FACTOR)
    ground = four_bands("concrete")[:, None, None] * (
        0.72 + 0.05 * fractal(shape, rng, slope=2.2, largest=0.3) + 0.03 * fractal(shape, rng, slope=0.8, largest=0.02)
    )
    cast = burn(translate(LAND, *(3.5 * SHADOW)), GRID.shape, FACTOR) & ~land
    mix(cube, cube * 0.45, cast)
    mix(cube, ground, land)
    edge = LAND.difference(LAND.buffer(-2.2))
    paint(cube, edge, four_bands("concrete") * 1.12, factor=FACTOR)
    for offset, width, material in (
        (-36, 5.5, "asphalt"),
        (-36, 0.3, "white_paint"),
        (-9, 0.35, "steel_deck"),
        (-10.6, 0.35, "steel_deck"),
    ):
        line = _along_quay(-60, 700, offset)
        paint(cube, line.buffer(width).intersection(LAND.buffer(-3)), four_bands(material), factor=FACTOR, opacity=0.9)


def _along_quay(start: float, stop: float, offset: float) -> shapely.LineString:
    """Return a line along the long quay; ``offset`` is in pixels from its edge, negative on land."""
    angle = np.deg2rad(QUAY_DEG)
    along, out = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    origin = np.array([0.0, 88.0])
    return shapely.LineString([origin + start * along + offset * out, origin + stop * along + offset * out])


def _block(u: float, offset: float, length: float, width: float, turn_deg: float = 0.0) -> shapely.Polygon:
    """Return a rectangle along the quay around a point ``u`` pixels along it and ``offset`` from its edge."""
    centre = _along_quay(u, u + 1, offset).coords[0]
    box = shapely.box(-length / 2, -width / 2, length / 2, width / 2)
    return translate(rotate(box, QUAY_DEG + turn_deg, origin=(0, 0)), *centre)


def _raise(cube: FloatArray, footprint: shapely.Polygon, height_m: float, spectrum: np.ndarray) -> None:
    """Draw something that stands on the ground, with its shadow."""
    swept = shapely.union_all(
        [translate(footprint, *(t * height_m * SHADOW)) for t in np.linspace(0, 1, 5)]
    ).convex_hull
    x0, y0, x1, y1 = (int(v * FACTOR) for v in swept.bounds)
    part = cube[:, max(y0 - 1, 0) : y1 + 2, max(x0 - 1, 0) : x1 + 2]
    paint(cube, swept, part.mean(axis=(1, 2)) * 0.30, factor=FACTOR, opacity=0.72)
    paint(cube, footprint, spectrum, factor=FACTOR)


def _paint_yard(cube: FloatArray, rng: np.random.Generator) -> None:
    """Stack containers in blocks, and park trucks on the road and between the blocks."""
    for block in range(7):
        for row in range(6):
            for bay in range(3):
                tiers = rng.integers(0, 4)
                if tiers:
                    paint_of_box = four_bands(str(rng.choice(_BOXES))) * rng.uniform(0.75, 1.15)
                    u = 236 + block * 44 + bay * 12.9
                    _raise(cube, _block(u, -58 - row * 3.1, 12.2, 2.45), 2.6 * tiers, paint_of_box)
    for _ in range(26):
        u, lane = rng.uniform(10, 610), rng.choice([-38.6, -33.4])
        _paint_truck(cube, u, float(lane), rng)


def _paint_truck(cube: FloatArray, u: float, offset: float, rng: np.random.Generator) -> None:
    """Draw a truck: a cab and its load."""
    load = four_bands(str(rng.choice(_BOXES))) * rng.uniform(0.8, 1.1)
    ahead = 1 if offset < -36 else -1
    _raise(cube, _block(u, offset, 12.4, 2.5), 3.8, load)
    _raise(cube, _block(u + ahead * 7.6, offset, 2.3, 2.5), 3.0, four_bands("white_paint"))


def _paint_sheds(cube: FloatArray, rng: np.random.Generator) -> None:
    """Build sheds with ridged roofs, and tanks."""
    for u, offset, length, width, material in (
        (60, -66, 84, 26, "grey_roof"), (160, -64, 66, 24, "white_roof"), (84, -104, 110, 24, "tile_roof"),
        (300, -108, 96, 30, "grey_roof"), (420, -112, 104, 34, "white_roof"), (540, -108, 72, 26, "tile_roof"),
    ):  # fmt: skip
        _raise(cube, _block(u, offset, length, width), 9, four_bands(material) * rng.uniform(0.8, 1.0))
        paint(cube, _block(u, offset - width / 4, length, width / 2), four_bands(material) * 0.78, factor=FACTOR)
        for rib in np.arange(-length / 2 + 6, length / 2, 12):
            paint(cube, _block(u + rib, offset, 0.8, width), four_bands(material) * 1.2, factor=FACTOR, opacity=0.6)
    for u, offset, radius in ((572, -62, 13), (604, -66, 13), (572, -20, 0), (580, -92, 9)):
        tank = shapely.Point(_along_quay(u, u + 1, offset).coords[0]).buffer(radius)
        if radius:
            _raise(cube, tank, 11, four_bands("white_paint") * 0.9)
            paint(cube, tank.buffer(-radius * 0.85), four_bands("grey_roof"), factor=FACTOR)


def _paint_trees(cube: FloatArray, rng: np.random.Generator) -> None:
    """Plant a hedge of trees and a lawn along the upper edge of the scene."""
    shape = cube.shape[1:]
    _x, y = pixel_centres(GRID.shape, FACTOR)
    lawn = ramp(y + 5 * fractal(shape, rng, slope=2.2, largest=0.2), 22, 17) * burn(LAND, GRID.shape, FACTOR)
    mix(cube, four_bands("grass")[:, None, None] * (0.9 + 0.1 * fractal(shape, rng, slope=1.0)), lawn * 0.9)
    for _ in range(150):
        crown = shapely.Point(rng.uniform(0, 640), rng.uniform(-2, 17)).buffer(rng.uniform(1.6, 4.2))
        _raise(cube, crown, 5, four_bands("forest") * rng.uniform(0.8, 1.7))


def _paint_ship(cube: FloatArray, ship: Ship, rng: np.random.Generator) -> None:
    """Draw a hull with bulwark, deck, hatches or boxes, and a bridge with its funnel."""
    _raise(cube, ship.hull(GRID), 7 if ship.length_m > 60 else 2.5, four_bands(ship.deck) * 0.75)
    paint(cube, ship.rectangle(-0.96, 0.72, -0.9, 0.9, GRID), four_bands(ship.deck), factor=FACTOR)
    if ship.length_m > 200:
        _load_boxes(cube, ship, rng)
    elif ship.length_m > 60:
        for fore in np.linspace(-0.48, 0.5, 5):
            hatch = ship.rectangle(fore, fore + 0.17, -0.62, 0.62, GRID)
            _raise(cube, hatch, 1.6, four_bands("grey_roof") * 0.95)
    _raise(
        cube, ship.rectangle(-0.9, -0.66, -0.86, 0.86, GRID), 12 if ship.length_m > 60 else 4, four_bands("white_paint")
    )
    paint(cube, ship.rectangle(-0.86, -0.80, -0.25, 0.25, GRID), four_bands("asphalt"), factor=FACTOR)


def _load_boxes(cube: FloatArray, ship: Ship, rng: np.random.Generator) -> None:
    """Stack containers on deck, bay by bay."""
    lanes = np.linspace(-0.86, 0.86, 12)
    for fore in np.arange(-0.62, 0.66, 0.112):
        for port, starboard in itertools.pairwise(lanes):
            if rng.uniform() < 0.88:
                box = ship.rectangle(fore, fore + 0.102, port, starboard - 0.015, GRID)
                _raise(cube, box, 1.2, four_bands(str(rng.choice(_BOXES))) * rng.uniform(0.75, 1.15))


def _paint_cranes(cube: FloatArray) -> None:
    """Set three gantry cranes over the container ship; their girders hang in the air, so only those cast a shadow."""
    for u in (300, 372, 446):
        girders = [_block(u + beam, 8, 1.0, 62) for beam in (-2.2, 2.2)]
        for girder in girders:
            shadow = translate(girder, *(26 * SHADOW))
            paint(cube, shadow, four_bands("asphalt") * 0.4, factor=FACTOR, opacity=0.6)
        for girder in girders:
            paint(cube, girder, four_bands("blue_paint") * 1.2, factor=FACTOR)
        _raise(cube, _block(u, -12, 11, 5), 14, four_bands("blue_paint") * 1.2)
