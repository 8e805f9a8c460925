"""A path on the ground, measured as a surveyor would: lengths, bearings, and the area that it encloses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import ArrayLike

from napari_geolabel.geo.grid import FloatArray, GeoGrid
from napari_geolabel.geo.measure import area_m2, distance_m, heading_deg


@dataclass(frozen=True, kw_only=True)
class PathMeasure:
    """What a path measures."""

    steps: tuple[float, ...]
    """Geodesic length of each segment in metres, in pixels without a georeference."""
    bearings: tuple[float, ...]
    """True bearing at the start of each segment, degrees clockwise from north in [0, 360); empty without a place."""
    area: float | None
    """Geodesic area of the closed path in square metres, or pixels; None for fewer than three points."""
    is_metric: bool
    """Whether the numbers are metres."""

    @property
    def length(self) -> float:
        """Length of the whole path."""
        return sum(self.steps)

    @property
    def text(self) -> str:
        """The measure in a line: ``120.4 m · bearing 45.2° · in all 340 m · closed 1.25 ha``."""
        if not self.steps:
            return ""
        parts = [self._length(self.steps[-1])]
        if self.bearings:
            parts.append(f"bearing {self.bearings[-1]:.1f}°")
        if len(self.steps) > 1:
            parts.append(f"in all {self._length(self.length)}")
        if self.area is not None:
            parts.append(f"closed {self._area(self.area)}")
        return " · ".join(parts)

    def _length(self, value: float) -> str:
        if not self.is_metric:
            return f"{value:.1f} px"
        return f"{value / 1000:.3f} km" if value >= 10_000 else f"{value:.1f} m"

    def _area(self, value: float) -> str:
        if not self.is_metric:
            return f"{value:,.0f} px"
        if value >= 1e6:
            return f"{value / 1e6:.3f} km²"
        return f"{value / 1e4:.2f} ha" if value >= 1e4 else f"{value:.0f} m²"


def measure_path(grid: GeoGrid, points: Sequence[ArrayLike]) -> PathMeasure:
    """Return what a path of pixel points ``(x, y)`` measures on the ellipsoid, in pixels without a georeference."""
    path: FloatArray = np.asarray(points, np.float64).reshape(-1, 2)
    pairs = list(pairwise(path))
    ring = shapely.Polygon(path) if len(path) > 2 else None
    if not grid.is_georeferenced:
        steps = tuple(float(np.hypot(*(end - start))) for start, end in pairs)
        return PathMeasure(steps=steps, bearings=(), area=None if ring is None else float(ring.area), is_metric=False)
    return PathMeasure(
        steps=tuple(distance_m(grid, start, end) for start, end in pairs),
        bearings=tuple(heading_deg(grid, start, end) for start, end in pairs),
        area=None if ring is None else area_m2(grid, ring),
        is_metric=True,
    )
