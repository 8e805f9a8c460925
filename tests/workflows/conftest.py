"""Random polygons, and the distance at which a pixel centre counts as on the edge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely import Polygon

from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.scene import Scene


@pytest.fixture
def scene(grid: GeoGrid, write_scene: Callable[..., Path]) -> Iterator[Scene]:
    """A scene of 512 x 512 pixels on each sort of grid."""
    with open_scene(write_scene(grid)) as opened:
        yield opened


@pytest.fixture(scope="session")
def random_polygons() -> list[Polygon]:
    """500 simple polygons of 3 to 12 corners in and around a scene of 512 x 512 pixels, concave ones and holes too."""
    random = np.random.default_rng(20240531)
    polygons: list[Polygon] = []
    while len(polygons) < 500:
        polygon = star(random)
        if polygon.is_valid:
            polygons.append(polygon)
    return polygons


def star(random: np.random.Generator) -> Polygon:
    """Return a star-shaped polygon, every fifth with a hole."""
    corners = int(random.integers(3, 13))
    angles = np.sort(random.uniform(0, 2 * np.pi, corners))
    radii = random.uniform(0.2, 1.0, corners) * random.choice([1.5, 6, 30, 120])
    centre = random.uniform(-10, 522, 2)
    ring = centre + np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None]
    outer = Polygon(ring)
    if random.random() < 0.2:
        hole = shapely.affinity.scale(outer, 0.4, 0.4, origin=tuple(outer.representative_point().coords[0]))
        if outer.contains_properly(hole):
            return Polygon(ring, [hole.exterior])
    return outer
