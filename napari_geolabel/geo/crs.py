"""Coordinate reference systems: parsing what users type, and moving points between two.

All functions speak x (or longitude) first, whatever the authority's axis order.
"""

from __future__ import annotations

import threading
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from napari_geolabel.errors import GeoLabelError, NotGeoreferencedError

LONLAT = CRS.from_user_input("OGC:CRS84")
"""WGS 84 longitude and latitude, the CRS of RFC 7946 GeoJSON."""

_local = threading.local()  # pyproj transformers must not be shared between threads


def parse_crs(crs: str | int | CRS) -> CRS:
    """Return a CRS for an EPSG number, ``"EPSG:4326"``, WKT, a PROJ string or a CRS.

    Raises
    ------
    NotGeoreferencedError
        If PROJ does not know it.
    """
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        message = f"{crs!r} is not a CRS that PROJ knows; give an EPSG code such as EPSG:32633"
        raise NotGeoreferencedError(message) from error


def on_earth(crs: CRS) -> CRS | None:
    """Return a CRS, None for one of a plan or a picture: GDAL 3.9 and later write it where nothing is known."""
    return None if crs.is_engineering else crs


def same_crs(one: CRS, other: CRS) -> bool:
    """Return whether two CRSs put a point at the same x and y, their axis order and names apart."""
    return one == other or one.equals(other, ignore_axis_order=True)


def transform_points(points: NDArray[np.float64], source: CRS, target: CRS) -> NDArray[np.float64]:
    """Return points, shape (n, 2), moved from one CRS to another.

    Raises
    ------
    GeoLabelError
        If a point has no image in the target CRS, or nothing leads there.
    """
    transformer = _mover(source, target)
    if transformer is None:
        return np.array(points, np.float64)
    try:
        x, y = transformer.transform(points[..., 0], points[..., 1], errcheck=True)
    except ProjError as error:
        raise GeoLabelError(f"a point lies outside the reach of {target.name}: {error}") from error
    return np.stack([x, y], axis=-1)


def transform_reachable(points: NDArray[np.float64], source: CRS, target: CRS) -> NDArray[np.float64]:
    """Return points, shape (n, 2), moved from one CRS to another, infinite where a point has no image there."""
    transformer = _mover(source, target)
    if transformer is None:
        return np.array(points, np.float64)
    x, y = transformer.transform(points[..., 0], points[..., 1])
    return np.stack([x, y], axis=-1)


def short_name(crs: CRS) -> str:
    """Return a CRS as people write it: an authority code, else its name."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)


def _transformer(source: CRS, target: CRS) -> Transformer:
    """Return this thread's transformer between two CRSs."""
    if not hasattr(_local, "transformer"):
        _local.transformer = cache(_made)
        _local.last = (None, None, None)
    if _local.last[0] is not source or _local.last[1] is not target:  # a CRS writes itself as text to be looked up
        _local.last = (source, target, _local.transformer(source, target))
    transformer: Transformer = _local.last[2]
    return transformer


def _made(source: CRS, target: CRS) -> Transformer:
    try:
        return Transformer.from_crs(source, target, always_xy=True)
    except ProjError as error:
        message = f"nothing is known that leads from {short_name(source)} to {short_name(target)}; name another CRS"
        raise NotGeoreferencedError(message) from error


def _mover(source: CRS, target: CRS) -> Transformer | None:
    """Return this thread's transformer, None where points stay as they are."""
    last: tuple[CRS, CRS, Transformer | None] | None = getattr(_local, "last_move", None)
    if last is None or last[0] is not source or last[1] is not target:  # to compare two takes longer than to move a box
        last = _local.last_move = (source, target, None if same_crs(source, target) else _transformer(source, target))
    return last[2]
