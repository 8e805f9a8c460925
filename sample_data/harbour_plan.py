"""The plan of the harbour chip: its grid, the quay and the ships."""

from __future__ import annotations

import numpy as np
import shapely
from affine import Affine
from pyproj import CRS
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
LAND = shapely.union_all(
    [
        shapely.Polygon([(0, 0), (640, 0), (640, 176), (0, 88)]),
        shapely.Polygon([(172, 100), (228, 108), (228, 120), (206, 268), (150, 260), (172, 112)]),
        shapely.Polygon([(545, 150), (588, 156), (588, 170), (566, 332), (524, 326), (545, 164)]),
    ]
)
"""The quay and its two piers; everything below is water."""
QUAY_DEG = float(np.rad2deg(np.arctan2(44, 317)))
"""Direction of the long quay in the picture, clockwise from the right."""

_HEADING = 90 - ROTATION_DEG + QUAY_DEG
SHIPS = (
    # middle, heading, length, width, category, deck, wake, state
    Ship((378.0, 163.2), _HEADING, 236, 32, "merchant", "red_deck", 0, "moored"),
    Ship((224.8, 216.6), _HEADING - 90, 112, 18, "merchant", "green_deck", 0, "moored"),
    Ship((149.0, 186.3), _HEADING + 90.6, 131, 21, "merchant", "orange_paint", 0, "moored"),
    Ship((524.0, 252.4), _HEADING - 90, 94, 16, "merchant", "steel_deck", 0, "moored"),
    Ship((68.8, 111.0), _HEADING + 180, 42, 11, "fishing", "blue_paint", 0, "moored"),
    Ship((24.4, 103.7), _HEADING + 178.5, 34, 9.5, "fishing", "green_deck", 0, "moored"),
    Ship((587.0, 232.2), _HEADING + 90, 30, 10.5, "service", "orange_paint", 0, "moored"),
    Ship((582.0, 268.9), _HEADING + 90, 29, 10.2, "service", "orange_paint", 0, "moored"),
    Ship((391.5, 352.2), 121.0, 31, 10.4, "service", "red_deck", 120, "underway"),
    Ship((262.3, 418.7), 32.0, 14, 4.4, "recreational", "white_paint", 90, "underway"),
)
"""Ships at their berths, a tug and a motor boat under way."""
