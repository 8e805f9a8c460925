"""The harbour chip: ships at their berths, containers, sheds, tanks and trucks, at 1 m, on a rotated grid."""

from __future__ import annotations

import itertools

import numpy as np
from fields import FloatArray, burn, fractal, mix, paint, pixel_centres, ramp, signed_distance
from harbour_plan import FACTOR, GRID, LAND, SHADOW, SHIPS
from harbour_quay import BOXES, along_quay, paint_cranes, paint_sheds, paint_trees, paint_yard, raise_up
from shapely.affinity import translate
from spectra import four_bands
from vessels import Ship


def paint_harbour(rng: np.random.Generator) -> FloatArray:
    """Return the surface reflectance in blue, green, red and near infrared, shape (4, rows * 2, cols * 2)."""
    cube = _water(rng)
    _paint_ground(cube, rng)
    paint_yard(cube, rng)
    paint_sheds(cube, rng)
    paint_trees(cube, rng)
    for ship in SHIPS:
        _paint_ship(cube, ship, rng)
    paint_cranes(cube)
    return cube


def _water(rng: np.random.Generator) -> FloatArray:
    """Return rippled harbour water, muddier in the basins, with wakes."""
    shape = (GRID.shape[0] * FACTOR, GRID.shape[1] * FACTOR)
    water = 0.4 * four_bands("deep_water") + 0.6 * four_bands("river_water") * (0.75, 0.9, 0.55, 0.4)
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
        line = along_quay(-60, 700, offset)
        paint(cube, line.buffer(width).intersection(LAND.buffer(-3)), four_bands(material), factor=FACTOR, opacity=0.9)


def _paint_ship(cube: FloatArray, ship: Ship, rng: np.random.Generator) -> None:
    """Draw a hull with bulwark, deck, hatches or boxes, and a bridge with its funnel."""
    raise_up(cube, ship.hull(GRID), 7 if ship.length_m > 60 else 2.5, four_bands(ship.deck) * 0.75)
    paint(cube, ship.rectangle(-0.96, 0.72, -0.9, 0.9, GRID), four_bands(ship.deck), factor=FACTOR)
    if ship.length_m > 200:
        _load_boxes(cube, ship, rng)
    elif ship.length_m > 60:
        for fore in np.linspace(-0.48, 0.5, 5):
            hatch = ship.rectangle(fore, fore + 0.17, -0.62, 0.62, GRID)
            raise_up(cube, hatch, 1.6, four_bands("grey_roof") * 0.95)
    raise_up(
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
                raise_up(cube, box, 1.2, four_bands(str(rng.choice(BOXES))) * rng.uniform(0.75, 1.15))
