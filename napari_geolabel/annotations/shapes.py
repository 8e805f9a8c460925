"""Which geometries can stand for which kind, checked for any number of them at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.plain_shapes import is_plainly_sound
from napari_geolabel.errors import GeometryError
from napari_geolabel.ontology.kinds import Kind

SNAP_PX = 1e-6
"""How far from axis-aligned a box may be to be made so: the noise of reprojection, not a drawn angle."""

Geometries = NDArray[np.object_]
Mask = NDArray[np.bool_]


def check_geometry(geometry: BaseGeometry, kind: Kind) -> BaseGeometry:
    """Return a geometry, in pixel coordinates, in the form in which it stands for a kind.

    A Z coordinate is dropped, and a box within ``SNAP_PX`` of its axes is put right.

    Raises
    ------
    GeometryError
        If it is of another type, empty, not finite, without extent, or not a box where the kind is one.
    """
    checked, errors = check_geometries([geometry], [kind])
    if errors:
        raise errors[0]
    found: BaseGeometry = checked[0]
    return found


def check_geometries(
    geometries: Sequence[BaseGeometry], kinds: Sequence[Kind]
) -> tuple[Geometries, dict[int, GeometryError]]:
    """Return geometries in the form in which they stand for their kinds, and why some cannot.

    Parameters
    ----------
    geometries, kinds
        As many of one as of the other, in pixel coordinates.

    Returns
    -------
    checked
        Object array; those that cannot stand for their kind are left as they were.
    errors
        Index to the error of each that cannot.
    """
    checked = np.fromiter(geometries, dtype=object, count=len(geometries))
    if len(geometries) == 1 and is_plainly_sound(geometries[0], kinds[0]):
        return checked, {}
    words = np.array([str(kind) for kind in kinds])
    errors: dict[int, GeometryError] = {}
    for kind in sorted(set(kinds)):
        batch = _Batch(kind, checked, np.flatnonzero(words == kind), errors)
        for check in _CHECKS[kind]:
            check(batch)
    return checked, errors


class _Batch:
    """The geometries of one kind that no check has refused so far."""

    def __init__(
        self, kind: Kind, checked: Geometries, places: NDArray[np.intp], errors: dict[int, GeometryError]
    ) -> None:
        self.kind = kind
        self._checked = checked
        self._places = places
        self._errors = errors

    @property
    def geometries(self) -> Geometries:
        return self._checked[self._places]

    def put(self, changed: Mask, geometries: Geometries) -> None:
        """Set new geometries in the places of the changed ones."""
        self._checked[self._places[changed]] = geometries

    def refuse(self, bad: Mask, reason: Callable[[BaseGeometry], str] | str) -> None:
        """Take geometries out of the batch, each with its reason."""
        for place in self._places[bad]:
            text = reason if isinstance(reason, str) else reason(self._checked[place])
            self._errors[int(place)] = GeometryError(text)
        self._places = self._places[~bad]


def _of_the_right_type(batch: _Batch) -> None:
    allowed = batch.kind.geometry_types
    way_out = f"give a {' or '.join(allowed)}" if allowed else "paint it, or draw a polygon"

    def reason(geometry: BaseGeometry) -> str:
        return f"a {batch.kind} cannot be a {getattr(geometry, 'geom_type', type(geometry).__name__)}; {way_out}"

    batch.refuse(~shapely.is_geometry(batch.geometries), reason)
    types = [int(shapely.GeometryType[name.upper()]) for name in allowed]
    batch.refuse(~np.isin(shapely.get_type_id(batch.geometries), types), reason)


def _finite_and_flat(batch: _Batch) -> None:
    batch.refuse(shapely.is_empty(batch.geometries), f"the {batch.kind} is empty; draw it or leave it out")
    has_z = shapely.has_z(batch.geometries)
    if has_z.any():
        batch.put(has_z, shapely.force_2d(batch.geometries[has_z]))
    points, owner = shapely.get_coordinates(batch.geometries, return_index=True)
    infinite = np.zeros(len(batch.geometries), bool)
    infinite[owner[~np.isfinite(points).all(axis=1)]] = True
    batch.refuse(infinite, f"the {batch.kind} has a coordinate that is not a finite number; draw it again")


def _with_length(batch: _Batch) -> None:
    parts, owner = shapely.get_parts(batch.geometries, return_index=True)
    short = np.zeros(len(batch.geometries), bool)
    short[owner[shapely.length(parts) == 0]] = True
    batch.refuse(short, f"the {batch.kind} has no length; give it two different points")


def _with_area(batch: _Batch) -> None:
    """Refuse polygons with a part whose points lie on one line.

    A polygon that crosses itself may have no area by shapely's reckoning, so
    the hull is what counts.
    """
    parts, owner = shapely.get_parts(batch.geometries, return_index=True)
    thin = np.zeros(len(batch.geometries), bool)
    thin[owner[shapely.area(shapely.convex_hull(parts)) == 0]] = True
    batch.refuse(thin, f"the {batch.kind} has no area; give it three points that are not on one line")


def _with_four_corners(batch: _Batch) -> None:
    def reason(geometry: BaseGeometry) -> str:
        corners = shapely.get_num_coordinates(geometry) - 1 - shapely.get_num_interior_rings(geometry)
        return f"a {batch.kind} has four corners and not {corners}; make it a polygon"

    has_holes = shapely.get_num_interior_rings(batch.geometries) > 0
    batch.refuse((shapely.get_num_coordinates(batch.geometries) != 5) | has_holes, reason)


def _along_the_axes(batch: _Batch) -> None:
    """Refuse boxes that are turned, and put those right that reprojection has shaken."""
    points = _rings(batch)
    low, high = points.min(axis=1, keepdims=True), points.max(axis=1, keepdims=True)
    snapped = np.where(points - low < high - points, low, high)
    moved = np.abs(points - snapped).max(axis=(1, 2), initial=0)
    one_step_at_a_time = (np.sum(np.diff(snapped, axis=1) != 0, axis=2) == 1).all(axis=1)
    goes_round = (snapped[:, 0] != snapped[:, 2]).all(axis=1)
    bad = ~one_step_at_a_time | ~goes_round | (moved > SNAP_PX)
    batch.refuse(bad, "the box is not along the pixel axes; make it a rotated_box or a polygon")
    shaken = moved[~bad] > 0
    batch.put(shaken, shapely.polygons(snapped[~bad][shaken]))


def _going_round(batch: _Batch) -> None:
    """Refuse rotated boxes whose corners make no convex quadrilateral."""
    edges = np.diff(_rings(batch), axis=1)
    ahead = np.roll(edges, -1, axis=1)
    turns = edges[..., 0] * ahead[..., 1] - edges[..., 1] * ahead[..., 0]
    convex: Mask = np.logical_or((turns > 0).all(axis=1), (turns < 0).all(axis=1))
    batch.refuse(~convex, "the corners of the rotated_box do not go round; give them in order from bow-left")


def _rings(batch: _Batch) -> NDArray[np.float64]:
    """Return the closed rings of four corners, shape (n, 5, 2)."""
    return shapely.get_coordinates(batch.geometries).reshape(-1, 5, 2)


_COMMON = (_of_the_right_type, _finite_and_flat)
_CHECKS: Mapping[Kind, tuple[Callable[[_Batch], None], ...]] = {
    Kind.BOX: (*_COMMON, _with_area, _with_four_corners, _along_the_axes),
    Kind.ROTATED_BOX: (*_COMMON, _with_area, _with_four_corners, _going_round),
    Kind.POLYGON: (*_COMMON, _with_area),
    Kind.POLYLINE: (*_COMMON, _with_length),
    Kind.KEYPOINT: _COMMON,
    Kind.MASK: (_of_the_right_type,),
}
