"""From what a script or a file hands over to annotations: CRS to pixels, and which kind a geometry is."""

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
from napari_geolabel.annotations.shapes import SNAP_PX
from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import GeoGrid, is_rectangle, parse_crs
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass


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
        None guesses it for each geometry (see `guess_kind`).
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
            kind=Kind(kind) if kind is not None else guess_kind(geometry, label_class, grid),
            geometry=geometry,
            attributes=attributes or {},
            status=Status(status),
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
    pixels = shapely.transform(array, lambda points: grid.crs_to_pixel(points, known))
    name = known.to_string()
    return pixels, [Source(wkb=wkb, crs=name) for wkb in shapely.to_wkb(array)]


def guess_kind(geometry: BaseGeometry, label_class: LabelClass, grid: GeoGrid) -> Kind:
    """Return the kind that a geometry in pixel coordinates most likely is.

    A point is a keypoint and a line a polyline.  A rectangle along the pixel
    axes is a box, any rectangle on the ground a rotated box, each only where
    the class allows it; all other areas are polygons.  The geometry is never
    changed to fit: a class that allows boxes alone refuses a free polygon.

    Raises
    ------
    GeometryError
        For collections, multipoints and bare rings, which are no single feature.
    """
    match geometry.geom_type:
        case "Point":
            return Kind.KEYPOINT
        case "LineString" | "MultiLineString":
            return Kind.POLYLINE
        case "Polygon":
            return _kind_of_polygon(geometry, label_class, grid)
        case "MultiPolygon":
            return Kind.POLYGON
    raise GeometryError(f"a {geometry.geom_type} is not one point, line or area; add its parts one by one")


def _kind_of_polygon(polygon: BaseGeometry, label_class: LabelClass, grid: GeoGrid) -> Kind:
    corners = shapely.get_coordinates(polygon)[:-1]
    if len(corners) == 4 and shapely.get_num_interior_rings(polygon) == 0:
        if Kind.BOX in label_class.kinds and _is_axis_aligned(corners):
            return Kind.BOX
        if Kind.ROTATED_BOX in label_class.kinds and is_rectangle(corners, grid):
            return Kind.ROTATED_BOX
    return Kind.POLYGON


def _is_axis_aligned(corners: NDArray[np.float64]) -> bool:
    """Return whether four points, shape (4, 2), run along the axes, up to what the store puts right."""
    steps = np.abs(np.roll(corners, -1, axis=0) - corners)
    along_x, along_y = steps[:, 1] <= SNAP_PX, steps[:, 0] <= SNAP_PX
    return bool(np.all(along_x != along_y) and np.all(along_x != np.roll(along_x, 1)))


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
