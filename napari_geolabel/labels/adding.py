"""From the geometries that a script hands over to annotations in pixel coordinates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Provenance, Source, Status
from napari_geolabel.errors import AttributeValueError, ForbiddenKindError, GeometryError
from napari_geolabel.formats.columns import crs_text
from napari_geolabel.formats.kinds import guess_kind
from napari_geolabel.geo import GeoGrid, parse_crs, shapes_in_pixels
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass

_SINGLE_FEATURES = {geometry_type for kind in Kind for geometry_type in kind.geometry_types}


def make_annotations(
    geometries: Iterable[BaseGeometry],
    label_class: LabelClass,
    grid: GeoGrid,
    *,
    kind: Kind | str | None = None,
    attributes: Mapping[str, Any] | None = None,
    crs: str | int | CRS | None = None,
    status: Status | str = Status.DRAFT,
    confidence: float | None = None,
    tool: str = "script",
) -> list[Annotation]:
    """Return annotations of one class for geometries that a script hands over.

    Parameters
    ----------
    geometries
        Shapely geometries in ``crs``.
    label_class
        Their class.
    grid
        The scene's grid.
    kind
        None guesses it for each geometry (`napari_geolabel.formats.kinds.guess_kind`).
    crs
        None means pixel coordinates ``(x, y)`` of the grid.

    Raises
    ------
    GeometryError
        If something is not a geometry, or of no kind that there is.
    NotGeoreferencedError
        If a CRS is given for a scene that has none.
    """
    pixels, sources = to_pixels(list(geometries), crs, grid)
    provenance = Provenance(created=datetime.now(UTC), tool=tool)
    return [
        Annotation(
            class_id=label_class.id,
            kind=as_kind(kind) if kind is not None else _kind_of(geometry, label_class, grid),
            geometry=geometry,
            attributes=attributes or {},
            status=as_status(status) or Status.DRAFT,
            confidence=confidence,
            provenance=provenance,
            source=source,
        )
        for geometry, source in zip(pixels, sources, strict=True)
    ]


def to_pixels(
    geometries: Sequence[BaseGeometry], crs: str | int | CRS | None, grid: GeoGrid
) -> tuple[NDArray[np.object_], list[Source | None]]:
    """Return geometries in pixel coordinates, and each as it was for a later export bit for bit.

    Geometries without a CRS are in pixels already and have no source.
    Heights are dropped from the pixel geometry.
    """
    array = _as_array(geometries)
    if crs is None:
        return shapely.force_2d(array), [None] * len(array)
    known = parse_crs(crs)
    pixels = shapes_in_pixels(array, known, grid)
    name = crs_text(known)
    return pixels, [Source(wkb=wkb, crs=name) for wkb in shapely.to_wkb(array)]


def as_status(word: Status | str | None) -> Status | None:
    """Return a status by its word, None for None.

    Raises
    ------
    AttributeValueError
        If there is no such status.
    """
    if word is not None and word not in set(Status):
        raise AttributeValueError(f"{word!r} is no status; choose {', '.join(Status)}")
    return None if word is None else Status(word)


def as_kind(word: Kind | str) -> Kind:
    """Return a kind by its word.

    Raises
    ------
    ForbiddenKindError
        If there is no such kind.
    """
    if word not in set(Kind):
        raise ForbiddenKindError(f"{word!r} is no kind of annotation; choose {', '.join(Kind)}")
    return Kind(word)


def _kind_of(geometry: BaseGeometry, label_class: LabelClass, grid: GeoGrid) -> Kind:
    """Return the guessed kind of a single feature."""
    if geometry.geom_type not in _SINGLE_FEATURES:
        raise GeometryError(f"a {geometry.geom_type} is not one point, line or area; add its parts one by one")
    return guess_kind(geometry, label_class, grid)


def _as_array(geometries: Sequence[object]) -> NDArray[np.object_]:
    """Return geometries as an object array; ``np.array`` would take multi-part ones apart."""
    array = np.empty(len(geometries), object)
    for index, geometry in enumerate(geometries):
        if not isinstance(geometry, BaseGeometry):
            kind = type(geometry).__name__
            raise GeometryError(
                f"geometry {index} is a {kind}; give shapely geometries, such as shapely.box(0, 0, 9, 9)"
            )
        array[index] = geometry
    return array
