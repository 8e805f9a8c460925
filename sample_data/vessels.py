"""Ships: where they are, what they look like and the box that is their truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from napari_geolabel.geo import GeoGrid, ground_matrix


@dataclass(frozen=True, slots=True)
class Ship:
    """A ship afloat."""

    centre: tuple[float, float]
    """Middle of the hull in pixel coordinates ``(x, y)``."""
    heading_deg: float
    """Direction of the bow, clockwise from grid north."""
    length_m: float
    """From stern to bow."""
    width_m: float
    """Across the beam."""
    category: str
    """What the ontology's attribute says of it."""
    deck: str
    """Material that most of it shows."""
    wake_m: float
    """Length of the visible wake; 0 lies still."""
    state: str
    """``underway``, ``moored`` at a quay or ``anchored``, as the ontology's attribute has it."""

    def place(self, points: ArrayLike, grid: GeoGrid) -> NDArray[np.float64]:
        """Return pixel points, shape (n, 2), for points in metres ``(ahead of the middle, to starboard)``."""
        ahead, starboard = np.asarray(points, np.float64).reshape(-1, 2).T
        angle = np.deg2rad(self.heading_deg)
        east = ahead * np.sin(angle) + starboard * np.cos(angle)
        north = ahead * np.cos(angle) - starboard * np.sin(angle)
        steps = np.linalg.solve(ground_matrix(grid), np.stack([east, north]))
        return np.asarray(steps.T + self.centre)

    def box(self, grid: GeoGrid) -> shapely.Polygon:
        """Return the smallest box that holds the hull: bow-left, bow-right, stern-right, stern-left."""
        bow, side = self.length_m / 2, self.width_m / 2
        return shapely.Polygon(self.place([(bow, -side), (bow, side), (-bow, side), (-bow, -side)], grid))

    def hull(self, grid: GeoGrid) -> shapely.Polygon:
        """Return the hull's outline, which touches every side of its box."""
        bow, side = self.length_m / 2, self.width_m / 2
        port = [(0.98, -0.16), (0.93, -0.42), (0.84, -0.75), (0.72, -1.0), (-0.93, -1.0), (-1.0, -0.82)]
        outline = [(1.0, 0.0), *port, *((u, -v) for u, v in reversed(port))]
        return shapely.Polygon(self.place(np.array(outline) * (bow, side), grid))

    def rectangle(self, aft: float, fore: float, port: float, starboard: float, grid: GeoGrid) -> shapely.Polygon:
        """Return a part of the deck; ``aft`` and ``fore`` run from -1 to 1 by the length, the others by the beam."""
        corners = np.array([(aft, port), (fore, port), (fore, starboard), (aft, starboard)])
        return shapely.Polygon(self.place(corners * (self.length_m / 2, self.width_m / 2), grid))

    def wake(self, grid: GeoGrid) -> shapely.LineString:
        """Return the line of the wake, from the stern aft."""
        stern = -self.length_m / 2
        steps = np.linspace(0, 1, 9)
        bend = 0.03 * self.wake_m * np.sin(2.2 * steps) * steps  # nobody steers quite straight
        return shapely.LineString(self.place(np.stack([stern - steps * self.wake_m, bend], axis=-1), grid))
