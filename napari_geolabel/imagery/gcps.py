"""Ground control points, and the grid that fits them best.

Control points tie a few pixels to the ground.  A scene that has nothing else
opens in pixels, since no six numbers put every pixel where it belongs; how far
the best six are off is what the residuals tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS

from napari_geolabel.errors import SceneError

FloatArray = NDArray[np.float64]

_MIN_SPREAD = 1e-6  # of the larger extent: points on a line fix no plane


@dataclass(frozen=True, kw_only=True, eq=False)
class ControlPoints:
    """Pixels whose place on Earth is known."""

    pixels: FloatArray
    """Pixel coordinates ``(x, y)``, shape (n, 2)."""

    ground: FloatArray
    """Map coordinates ``(x, y)``, longitude first, shape (n, 2)."""

    crs: CRS
    """CRS of ``ground``."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GcpFit:
    """The transform that fits control points best, and how well it does."""

    transform: Affine
    """Maps pixel ``(x, y)`` to ``crs`` coordinates."""

    crs: CRS
    """CRS of the control points."""

    residuals_px: FloatArray
    """Distance of each control point from where the transform has it, in pixels, shape (n,)."""

    @property
    def rms_px(self) -> float:
        """Root mean square of the residuals, in pixels."""
        return float(np.sqrt(np.mean(self.residuals_px**2)))

    @property
    def largest_px(self) -> float:
        """Largest residual, in pixels."""
        return float(self.residuals_px.max())


def fit_transform(points: ControlPoints) -> GcpFit:
    """Return the affine transform with the least squared error on the ground.

    Parameters
    ----------
    points
        Three or more that do not lie on one line.

    Raises
    ------
    SceneError
        If there are too few, or they lie on a line.
    """
    ground = _continuous(points.ground, points.crs)
    if len(ground) < 3 or _on_a_line(points.pixels) or _on_a_line(ground):
        raise SceneError(
            f"{len(ground)} control points that lie on a line or in a point fit no transform; "
            "give one with with_transform"
        )
    # centred and scaled, or a column of ones beside northings of millions would cost half the digits
    middle, size = points.pixels.mean(axis=0), np.ptp(points.pixels, axis=0).max()
    design = np.column_stack([(points.pixels - middle) / size, np.ones(len(ground))])
    origin = ground.mean(axis=0)
    (a, d), (b, e), (c, f) = np.linalg.lstsq(design, ground - origin, rcond=None)[0]
    placed = Affine(a, b, c + origin[0], d, e, f + origin[1])
    transform = placed @ Affine.scale(1 / size) @ Affine.translation(-middle[0], -middle[1])
    inverse = ~transform
    back = np.column_stack(
        [
            inverse.a * ground[:, 0] + inverse.b * ground[:, 1] + inverse.c,
            inverse.d * ground[:, 0] + inverse.e * ground[:, 1] + inverse.f,
        ]
    )
    return GcpFit(transform=transform, crs=points.crs, residuals_px=np.linalg.norm(back - points.pixels, axis=1))


def _continuous(ground: FloatArray, crs: CRS) -> FloatArray:
    """Return points without the jump of longitudes at the antimeridian."""
    if not crs.is_geographic or np.ptp(ground[:, 0]) <= 180:
        return ground
    return np.column_stack([np.where(ground[:, 0] < 0, ground[:, 0] + 360, ground[:, 0]), ground[:, 1]])


def _on_a_line(points: FloatArray) -> bool:
    """Return whether points, shape (n, 2), span no area."""
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(len(spread) < 2 or spread[1] <= _MIN_SPREAD * spread[0])
