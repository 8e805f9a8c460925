"""Where several scenes lie in one window.

napari's world is the frame of one scene, the *first* (see ``frame.py``).
Every other scene gets an affine map into that frame: an exact one where both
have the same CRS, a fitted one where that errs by less than half a pixel of
the finer scene.  Where it would err by more, the scene is read on a grid in
the CRS of the first, pixel by pixel, and that grid has an exact place again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import FloatArray, GeoGrid, fit, overlap, pixels_between, short_name, warped_grid
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.viewer.frame import Frame

PLACE_KEY = "geolabel_place"
"""Key of a layer's metadata that holds its `Place`."""

NEAR_ENOUGH_PX = 0.5
"""A fitted map that errs by less, in pixels of the finer scene, stands; else the scene is warped."""

_GAP = 0.05  # between two scenes side by side, as a share of the first one's width


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the pixels of a scene's layer lie in the world of a window."""

    first: GeoGrid
    """The grid of the scene whose frame the world is."""

    scene: GeoGrid
    """The grid of the scene."""

    shown: GeoGrid
    """The grid of the pixels that the layer has: the scene's own, or the one that it is warped to."""

    transform: Affine
    """Maps pixel points of ``shown`` to pixel points of ``first``."""

    note: str = ""
    """What the layer's name says of it: nothing where it is exact."""

    notice: str = ""
    """A sentence for the user where the place may surprise."""

    @classmethod
    def alone(cls, grid: GeoGrid) -> Place:
        """Return the place of the first scene of a window."""
        return cls(first=grid, scene=grid, shown=grid, transform=Affine.identity())

    @property
    def is_warped(self) -> bool:
        """Whether the layer has other pixels than the scene."""
        return self.shown is not self.scene

    @property
    def layer_transform(self) -> dict[str, Any]:
        """Scale, translate, affine and units of the napari layer."""
        own, world = Frame.of(self.shown), Frame.of(self.first)
        frame = _scale(world) @ self.transform @ ~_scale(own)
        matrix = np.array([[frame.e, frame.d, frame.f], [frame.b, frame.a, frame.c], [0, 0, 1]])  # rows first
        return {**own.layer_transform, "units": (world.unit, world.unit), "affine": matrix}

    def to_pixel(self, world: ArrayLike) -> FloatArray:
        """Return the scene's pixel points ``(x, y)`` that are shown at world points, rows first; both shape (n, 2).

        On a warped scene that is the point at the middle of the pixel on screen.
        """
        points = _apply(~self.transform, Frame.of(self.first).to_pixel(world))
        return pixels_between(np.floor(points) + 0.5, self.shown, self.scene) if self.is_warped else points

    def to_world(self, xy: ArrayLike) -> FloatArray:
        """Return world points, rows first, at the scene's pixel points ``(x, y)``; both shape (n, 2)."""
        points = np.asarray(xy, np.float64)
        shown = pixels_between(points, self.scene, self.shown) if self.is_warped else points
        return Frame.of(self.first).to_world(_apply(self.transform, shown))


def place_of(first: GeoGrid, scene: Scene) -> Place:
    """Return the place of a scene in the world of another.

    A scene without georeference, or beside a first without, lies pixel on
    pixel where both have as many of them, else to the right.

    Raises
    ------
    GeoLabelError
        If the scene cannot be shown in the CRS of the first, or lies too far away for that.
    """
    if not (first.is_georeferenced and scene.grid.is_georeferenced):
        whose = scene.name if first.is_georeferenced else "the first scene"
        return _in_pixels(first, scene, f"{whose} is not georeferenced")
    try:
        found = fit(first, scene.grid)
        if found.error_px < NEAR_ENOUGH_PX:
            return Place(
                first=first,
                scene=scene.grid,
                shown=scene.grid,
                transform=found.transform,
                note=_fitted(found.error_px),
                notice=_far(scene, first, found.transform, scene.grid.shape),
            )
        shown = warped_grid(first, scene.grid)
    except GeoLabelError as error:
        raise type(error)(f"{scene.name} cannot be shown together with the first scene: {error}") from error
    transform = fit(first, shown).transform
    return Place(
        first=first,
        scene=scene.grid,
        shown=shown,
        transform=transform,
        note=f"warped from {_crs_name(scene.grid)}",
        notice=_far(scene, first, transform, shown.shape),
    )


def place_or_beside(first: GeoGrid, scene: Scene) -> Place:
    """Return the place of a scene in the world of another; what has none there is put beside it, and says so."""
    try:
        return place_of(first, scene)
    except GeoLabelError as error:
        return _beside(first, scene, str(error))


def _in_pixels(first: GeoGrid, scene: Scene, reason: str) -> Place:
    if first.shape != scene.grid.shape:
        return _beside(first, scene, reason)
    return Place(
        first=first,
        scene=scene.grid,
        shown=scene.grid,
        transform=Affine.identity(),
        note="pixel on pixel",
        notice=f"{scene.name} was laid on the first scene pixel on pixel: {reason}, and both have as many pixels",
    )


def _beside(first: GeoGrid, scene: Scene, reason: str) -> Place:
    return Place(
        first=first,
        scene=scene.grid,
        shown=scene.grid,
        transform=Affine.translation(first.shape[1] * (1 + _GAP), 0),
        note="beside, not in its place",
        notice=f"{scene.name} was put to the right of the first scene: {reason}",
    )


def _fitted(error_px: float) -> str:
    if error_px == 0:
        return ""
    return f"fitted, {error_px:.1f} px" if error_px >= 0.05 else "fitted, under 0.1 px"


def _far(scene: Scene, first: GeoGrid, transform: Affine, shape: tuple[int, int]) -> str:
    """Return the sentence for a scene that has no pixel in common with the first, empty for others."""
    if overlap(first, transform, shape):
        return ""
    rows, cols = shape
    frame = Frame.of(first)
    away = frame.to_world(transform @ (cols / 2, rows / 2)) - frame.to_world(np.array(first.shape[::-1]) / 2)
    return f"{scene.name} does not overlap the first scene: it lies {np.hypot(*away) / 1000:.1f} km away; zoom out"


def _crs_name(grid: GeoGrid) -> str:
    return "" if grid.crs is None else short_name(grid.crs)


def _scale(frame: Frame) -> Affine:
    """Return the affine map from pixel points to the world, x first."""
    height, width = frame.pixel_size
    return Affine.scale(width, height)


def _apply(transform: Affine, points: FloatArray) -> FloatArray:
    """Apply an affine map to points, shape (n, 2)."""
    return np.stack(transform @ (points[..., 0], points[..., 1]), axis=-1)
