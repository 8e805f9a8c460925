"""napari's world for a scene: metres from the corner of its first pixel.

napari and the graphics card compute in float32, so map coordinates (millions
of metres) would lose whole pixels.  The world therefore starts at the corner
of the scene's first pixel and runs along the scene's own pixel axes: row axis
down, column axis right, in metres on the ground, or in pixels where the scene
is not georeferenced.  Only this module converts between world and pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from napari_geolabel.geo.grid import FloatArray, GeoGrid
from napari_geolabel.geo.measure import pixel_size_m


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The world of one scene."""

    pixel_size: tuple[float, float]
    """World units per pixel, ``(height, width)``."""

    unit: str
    """``"m"``, or ``"pixel"`` where the scene is not georeferenced."""

    @classmethod
    def of(cls, grid: GeoGrid) -> Frame:
        """Return the world of a scene's grid."""
        size = pixel_size_m(grid)
        return cls(pixel_size=(1.0, 1.0), unit="pixel") if size is None else cls(pixel_size=size, unit="m")

    @property
    def layer_transform(self) -> dict[str, Any]:
        """Scale, translate and units of a napari layer whose data are the scene's pixels.

        napari puts the centre of the first pixel at 0, hence half a pixel of translation.
        """
        height, width = self.pixel_size
        return {"scale": (height, width), "translate": (height / 2, width / 2), "units": (self.unit, self.unit)}

    def to_pixel(self, world: ArrayLike) -> FloatArray:
        """Return pixel points ``(x, y)``, shape (..., 2), for world points, shape (..., n >= 2), rows first."""
        points = np.asarray(world, np.float64)[..., -2:]
        return np.asarray((points / self.pixel_size)[..., ::-1])

    def to_world(self, xy: ArrayLike) -> FloatArray:
        """Return world points, rows first, shape (..., 2), for pixel points ``(x, y)``, shape (..., 2)."""
        return np.asarray(xy, np.float64)[..., ::-1] * self.pixel_size

    def ground_resolution_m(self, zoom: float) -> float | None:
        """Return metres per screen pixel at a camera zoom (screen pixels per world unit), None without metres."""
        return 1.0 / zoom if self.unit == "m" and zoom > 0 else None


def layer_transform(grid: GeoGrid) -> dict[str, Any]:
    """Return scale, translate and units for a napari layer that shows the pixels of a grid."""
    return Frame.of(grid).layer_transform
