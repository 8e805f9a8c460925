"""What is labelled in the coastal scene at sea: docks, and ships with their wakes."""

from __future__ import annotations

import numpy as np
import shapely
from coast import FACTOR, GRID
from fields import FloatArray, burn, fractal, mix, paint, pixel_centres, ramp, signed_distance
from spectra import spectrum
from vessels import Ship

DOCKS = (
    shapely.Polygon([(338, 208), (299, 203), (298.6, 206), (338, 211.5)]),
    shapely.Polygon([(340, 230), (296, 231), (288, 214), (285, 215.5), (293.5, 234.5), (340, 233.5)]),
    shapely.Polygon([(396, 250), (389, 280), (392, 281), (399.5, 250)]),
)
"""Two moles of the port and a jetty at the river's mouth."""

SHIPS = (
    # middle, heading, length, width, category, deck, wake, state
    Ship((96.4, 301.7), 38, 336, 46, "merchant", "red_deck", 2600, "underway"),
    Ship((150.3, 470.6), 196, 228, 32, "merchant", "green_deck", 1900, "underway"),
    Ship((301.8, 560.2), 318, 142, 22, "merchant", "steel_deck", 1300, "underway"),
    Ship((252.6, 246.9), 82, 198, 28, "passenger", "white_paint", 1700, "underway"),
    Ship((214.2, 318.8), 271, 274, 44, "merchant", "red_deck", 0, "anchored"),
    Ship((262.7, 352.4), 268, 182, 30, "merchant", "blue_paint", 0, "anchored"),
    Ship((294.1, 396.3), 275, 118, 19, "merchant", "orange_paint", 0, "anchored"),
    Ship((316.2, 228.9), 271.3, 156, 25, "merchant", "steel_deck", 0, "moored"),
    Ship((411.5, 452.3), 171, 62, 13, "fishing", "white_paint", 700, "underway"),
    Ship((437.8, 520.9), 12, 48, 11, "fishing", "blue_paint", 520, "underway"),
    Ship((288.9, 128.4), 228, 74, 15, "service", "orange_paint", 420, "underway"),
    Ship((296.1, 172.2), 121, 34, 9, "recreational", "white_paint", 640, "underway"),
    Ship((58.3, 557.5), 146, 154, 20, "warship", "steel_deck", 2100, "underway"),
    Ship((402.2, 594.7), 334, 38, 10, "recreational", "white_paint", 480, "underway"),
)
"""Ships under way, at anchor in the roads and at the mole."""


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
