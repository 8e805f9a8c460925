"""Rotated boxes by centre, size and angle, as most annotation tools have them.

All in pixel space: x runs right and y down, so that a positive angle turns
clockwise on the screen.  The edge that is on top before the turn is the bow,
so that the corners come in our order, from bow-left round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats.label_set import number_of
from napari_geolabel.formats.quads import corners_of
from napari_geolabel.geo import FloatArray, GeoGrid, is_rectangle, refit_box
from napari_geolabel.ontology import Kind

_PIXELS = GeoGrid(shape=(1, 1), transform=Affine.identity())
"""The grid on which pixels themselves are the ground."""


@dataclass(frozen=True, kw_only=True)
class TurnedBox:
    """A rectangle in pixel space."""

    centre: tuple[float, float]
    """``(x, y)``."""
    width: float
    """Length of the edges that are horizontal before the turn."""
    height: float
    """Length of those that are vertical."""
    angle_deg: float
    """Turn about the centre, clockwise on the screen, in [0, 360)."""

    @property
    def top_left(self) -> tuple[float, float]:
        """The top left corner before the turn."""
        return self.centre[0] - self.width / 2, self.centre[1] - self.height / 2

    @property
    def corners(self) -> FloatArray:
        """The corners, shape (4, 2), from that which is top left before the turn."""
        half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (self.width / 2, self.height / 2)
        return np.asarray(turn(half, self.angle_deg) + self.centre, np.float64)

    @property
    def polygon(self) -> shapely.Polygon:
        """The outline, which begins at that corner."""
        return shapely.Polygon(self.corners)


def turn(points: FloatArray, angle_deg: float) -> FloatArray:
    """Return points, shape (n, 2), turned about (0, 0), clockwise on the screen; quarter turns are exact."""
    quarters, rest = divmod(angle_deg % 360, 90)
    cos, sin = (1.0, 0.0) if rest == 0 else (float(np.cos(np.radians(rest))), float(np.sin(np.radians(rest))))
    for _ in range(int(quarters)):
        cos, sin = -sin, cos
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]), np.float64)


def turned_box_of(annotation: Annotation) -> TurnedBox:
    """Return an annotation with an extent as a rectangle in pixel space.

    A box along the pixel axes has the angle 0.  Of a polygon, and of a
    rotated box that is none where pixels are not square, it is the smallest
    rectangle about it.
    """
    if annotation.kind is Kind.BOX:
        x0, y0, x1, y1 = annotation.geometry.bounds
        return TurnedBox(centre=((x0 + x1) / 2, (y0 + y1) / 2), width=x1 - x0, height=y1 - y0, angle_deg=0.0)
    corners = corners_of(annotation)
    if not is_rectangle(corners, _PIXELS):
        corners = refit_box(corners, _PIXELS)
    top, side = corners[1] - corners[0], corners[3] - corners[0]
    if top[0] * side[1] - top[1] * side[0] < 0:  # runs the other way round, as in scenes whose north is below
        corners = corners[[1, 0, 3, 2]]
        top = -top
    x, y = corners.mean(axis=0).tolist()
    angle = float(np.degrees(np.arctan2(top[1], top[0]))) % 360
    width, height = float(np.hypot(*top)), float(np.hypot(*side))
    return TurnedBox(centre=(x, y), width=width, height=height, angle_deg=angle % 360)


def refit_losses(drawn: Sequence[Annotation]) -> Iterator[str]:
    """Yield that rotated boxes change which are no rectangles in pixel space."""
    count = sum(a.kind is Kind.ROTATED_BOX and not is_rectangle(corners_of(a), _PIXELS) for a in drawn)
    if count:
        yield (
            f"{number_of(count, 'rotated box').replace('boxs', 'boxes')} written as the smallest rectangles "
            "about them in pixels, which are not square on the ground"
        )
