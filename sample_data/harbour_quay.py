"""What stands on the harbour's quay: containers, trucks, sheds, tanks, trees and cranes."""

from __future__ import annotations

import numpy as np
import shapely
from fields import FloatArray, burn, fractal, mix, paint, pixel_centres, ramp
from harbour_plan import FACTOR, GRID, LAND, QUAY_DEG, SHADOW
from shapely.affinity import rotate, translate
from spectra import four_bands

BOXES = ("blue_paint", "orange_paint", "red_deck", "green_deck", "steel_deck", "white_paint", "grey_roof", "red_deck")
"""Paints of containers."""


def along_quay(start: float, stop: float, offset: float) -> shapely.LineString:
    """Return a line along the long quay; ``offset`` is in pixels from its edge, negative on land."""
    angle = np.deg2rad(QUAY_DEG)
    along, out = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    origin = np.array([0.0, 88.0])
    return shapely.LineString([origin + start * along + offset * out, origin + stop * along + offset * out])


def footprint(u: float, offset: float, length: float, width: float, turn_deg: float = 0.0) -> shapely.Polygon:
    """Return a rectangle along the quay around a point ``u`` pixels along it and ``offset`` from its edge."""
    centre = along_quay(u, u + 1, offset).coords[0]
    box = shapely.box(-length / 2, -width / 2, length / 2, width / 2)
    return translate(rotate(box, QUAY_DEG + turn_deg, origin=(0, 0)), *centre)


def raise_up(cube: FloatArray, base: shapely.Polygon, height_m: float, spectrum: np.ndarray) -> None:
    """Draw something that stands on the ground, with its shadow."""
    swept = shapely.union_all([translate(base, *(t * height_m * SHADOW)) for t in np.linspace(0, 1, 5)]).convex_hull
    x0, y0, x1, y1 = (int(v * FACTOR) for v in swept.bounds)
    part = cube[:, max(y0 - 1, 0) : y1 + 2, max(x0 - 1, 0) : x1 + 2]
    paint(cube, swept, part.mean(axis=(1, 2)) * 0.30, factor=FACTOR, opacity=0.72)
    paint(cube, base, spectrum, factor=FACTOR)


def paint_yard(cube: FloatArray, rng: np.random.Generator) -> None:
    """Stack containers in blocks, and park trucks on the road and between the blocks."""
    for block in range(7):
        for row in range(6):
            for bay in range(3):
                tiers = rng.integers(0, 4)
                if tiers:
                    paint_of_box = four_bands(str(rng.choice(BOXES))) * rng.uniform(0.75, 1.15)
                    u = 236 + block * 44 + bay * 12.9
                    raise_up(cube, footprint(u, -58 - row * 3.1, 12.2, 2.45), 2.6 * tiers, paint_of_box)
    for _ in range(26):
        u, lane = rng.uniform(10, 610), rng.choice([-38.6, -33.4])
        _paint_truck(cube, u, float(lane), rng)


def _paint_truck(cube: FloatArray, u: float, offset: float, rng: np.random.Generator) -> None:
    """Draw a truck: a cab and its load."""
    load = four_bands(str(rng.choice(BOXES))) * rng.uniform(0.8, 1.1)
    ahead = 1 if offset < -36 else -1
    raise_up(cube, footprint(u, offset, 12.4, 2.5), 3.8, load)
    raise_up(cube, footprint(u + ahead * 7.6, offset, 2.3, 2.5), 3.0, four_bands("white_paint"))


def paint_sheds(cube: FloatArray, rng: np.random.Generator) -> None:
    """Build sheds with ridged roofs, and tanks."""
    for u, offset, length, width, material in (
        (60, -66, 84, 26, "grey_roof"), (160, -64, 66, 24, "white_roof"), (84, -104, 110, 24, "tile_roof"),
        (300, -108, 96, 30, "grey_roof"), (420, -112, 104, 34, "white_roof"), (540, -108, 72, 26, "tile_roof"),
    ):  # fmt: skip
        raise_up(cube, footprint(u, offset, length, width), 9, four_bands(material) * rng.uniform(0.8, 1.0))
        paint(cube, footprint(u, offset - width / 4, length, width / 2), four_bands(material) * 0.78, factor=FACTOR)
        for rib in np.arange(-length / 2 + 6, length / 2, 12):
            paint(cube, footprint(u + rib, offset, 0.8, width), four_bands(material) * 1.2, factor=FACTOR, opacity=0.6)
    for u, offset, radius in ((572, -62, 13), (604, -66, 13), (572, -20, 0), (580, -92, 9)):
        tank = shapely.Point(along_quay(u, u + 1, offset).coords[0]).buffer(radius)
        if radius:
            raise_up(cube, tank, 11, four_bands("white_paint") * 0.9)
            paint(cube, tank.buffer(-radius * 0.85), four_bands("grey_roof"), factor=FACTOR)


def paint_trees(cube: FloatArray, rng: np.random.Generator) -> None:
    """Plant a hedge of trees and a lawn along the upper edge of the scene."""
    shape = cube.shape[1:]
    _x, y = pixel_centres(GRID.shape, FACTOR)
    lawn = ramp(y + 5 * fractal(shape, rng, slope=2.2, largest=0.2), 22, 17) * burn(LAND, GRID.shape, FACTOR)
    mix(cube, four_bands("grass")[:, None, None] * (0.9 + 0.1 * fractal(shape, rng, slope=1.0)), lawn * 0.9)
    for _ in range(150):
        crown = shapely.Point(rng.uniform(0, 640), rng.uniform(-2, 17)).buffer(rng.uniform(1.6, 4.2))
        raise_up(cube, crown, 5, four_bands("forest") * rng.uniform(0.8, 1.7))


def paint_cranes(cube: FloatArray) -> None:
    """Set three gantry cranes over the container ship; their girders hang in the air, so only those cast a shadow."""
    for u in (300, 372, 446):
        girders = [footprint(u + beam, 8, 1.0, 62) for beam in (-2.2, 2.2)]
        for girder in girders:
            shadow = translate(girder, *(26 * SHADOW))
            paint(cube, shadow, four_bands("asphalt") * 0.4, factor=FACTOR, opacity=0.6)
        for girder in girders:
            paint(cube, girder, four_bands("blue_paint") * 1.2, factor=FACTOR)
        raise_up(cube, footprint(u, -12, 11, 5), 14, four_bands("blue_paint") * 1.2)
