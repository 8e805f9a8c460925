"""Between the painted mask and annotations, both ways, and annotations that are painted: exact to the pixel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Provenance, Status
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.annotations.covering import areas_in, filled
from napari_geolabel.errors import ForbiddenKindError, GeometryError
from napari_geolabel.geo import GeoGrid, Window
from napari_geolabel.labels.editing import mask_value_of
from napari_geolabel.labels.mask_part import EVERYWHERE, MaskPart, Within, window_of
from napari_geolabel.masks import burn, rasterize_geometries, trace
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.values import defaults

if TYPE_CHECKING:
    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.ontology.model import LabelClass

_AREAS = frozenset({Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON})


def painted_as_polygons(
    labels: Labels, class_id: str, within: Within = EVERYWHERE, *, connectivity: Literal[4, 8] = 4
) -> Change:
    """Return the change that makes polygons of the painted pixels of a class and takes the paint away.

    Raises
    ------
    ForbiddenKindError
        If the class is not drawn as polygons.
    """
    label_class = labels.ontology[class_id]
    _require_polygon(label_class)
    value = mask_value_of(class_id, labels.ontology)
    part = MaskPart.of(labels, window_of(labels, [value]), within)
    area = (part.values == value) & part.free
    polygons, _ = trace(area, connectivity=connectivity)
    made = [_drawn(label_class, _moved(polygon, part.window)) for polygon in polygons]
    count = "a polygon" if len(made) == 1 else f"{len(made)} polygons"
    return Change(
        title=f"make {count} of painted {class_id}",
        edits=tuple(Edit(after=each) for each in made),
        tiles=part.written(labels, [(area, 0)]),
    )


def polygons_as_painted(labels: Labels, ids: Iterable[str]) -> Change:
    """Return the change that paints areas into the mask (pixels whose centre lies inside) and takes them away.

    Where they overlap, the class that stands later in the ontology wins, then what was drawn later; locked pixels
    stay.

    Raises
    ------
    GeometryError
        If one is no area, or covers the centre of no pixel of the scene.
    ForbiddenKindError, MaskValueError
        If its class is not painted.
    """
    olds = [labels[annotation_id] for annotation_id in dict.fromkeys(ids)]
    for old in olds:
        mask_value_of(old.class_id, labels.ontology)
        if old.kind not in _AREAS:
            raise GeometryError(f"a {old.kind} has no area to paint; buffer it first, or leave it out")
        if not _covers_pixels(old.geometry, labels.scene.grid):
            raise GeometryError(
                f"a {old.class_id} covers the centre of no pixel, so that nothing of it could be painted; "
                "buffer it first, or leave it out"
            )
    everything = Within(area=shapely.union_all([shapely.box(*old.geometry.bounds) for old in olds]))
    window = everything.window(labels.scene.grid)
    mask = rasterize_geometries(
        [old.geometry for old in olds],
        [old.class_id for old in olds],
        labels.scene.grid,
        labels.ontology,
        window=window,
    )
    part = MaskPart.of(labels, window)
    what = olds[0].class_id if len(olds) == 1 else f"{len(olds)} annotations"
    return Change(
        title=f"paint {what} into the mask",
        edits=tuple(Edit(before=old) for old in olds),
        tiles=part.written(labels, [(mask.array > 0, mask.array)]),
    )


def painted_instance(labels: Labels, area: BaseGeometry, class_id: str, into: str | None = None) -> Change:
    """Return the change that makes an annotation of the pixels of an area, or adds them to one.

    An annotation that is painted is a polygon along pixel edges.  Pixels that belong to other annotations of its class
    are left to them, unless those are rejected.

    Parameters
    ----------
    labels
        The labels that are changed.
    area
        In pixel coordinates ``(x, y)``; pixels whose centre lies inside count.
    class_id
        Class of a new annotation.
    into
        Id of the annotation that grows; None makes a new one.

    Raises
    ------
    GeometryError
        If no pixel is left.
    ForbiddenKindError
        If the class is not drawn as polygons.
    """
    label_class = labels.ontology[class_id if into is None else labels[into].class_id]
    _require_polygon(label_class)
    pixels = pixels_of(labels, area)
    others = [
        filled(other.geometry)
        for other in labels.store.annotations_in(pixels.bounds)
        if other.id != into and other.class_id == label_class.id and _holds_pixels(other)
    ]
    free = pixels.difference(shapely.union_all(others)) if others else pixels
    free = shapely.union_all(areas_in(free))
    if free.is_empty:
        raise GeometryError(f"these pixels belong to another {label_class.name} already; select it to add to it")
    if into is None:
        return Change(title=f"paint a {class_id}", edits=(Edit(after=_drawn(label_class, free)),))
    old = labels[into]
    grown = old.edited(geometry=shapely.union_all([filled(old.geometry), free]), kind=Kind.POLYGON)
    return Change(title=f"paint more of {old.class_id}", edits=(Edit(before=old, after=grown),))


def pixels_of(labels: Labels, area: BaseGeometry) -> BaseGeometry:
    """Return an area as that of its pixels, those whose centre lies inside.

    Raises
    ------
    GeometryError
        If it covers the centre of no pixel of the scene.
    """
    window = Within(area=area).window(labels.scene.grid)
    covered = burn([area], 1, labels.scene.grid.shape, window=window).astype(bool)
    polygons, _ = trace(covered)
    if not len(polygons):
        raise GeometryError("no pixel of the scene lies there; draw over the scene, with a wider brush")
    whole = polygons[0] if len(polygons) == 1 else shapely.multipolygons(list(polygons))
    return _moved(whole if whole.is_valid else shapely.union_all(polygons), window)


def _covers_pixels(area: BaseGeometry, grid: GeoGrid) -> bool:
    """Return whether the centre of any pixel of a grid lies inside."""
    window = Within(area=shapely.box(*area.bounds)).window(grid)
    return bool(burn([area], 1, grid.shape, window=window).any())


def _holds_pixels(annotation: Annotation) -> bool:
    """Return whether no other annotation of the class may have its pixels: what is rejected is hidden, and yields."""
    return annotation.kind in _AREAS and annotation.status is not Status.REJECTED


def _moved(geometry: BaseGeometry, window: Window) -> BaseGeometry:
    """Return the geometry of a window's pixels as one of the scene's."""
    corner = np.array([window[1].start, window[0].start], np.float64)
    moved: BaseGeometry = shapely.transform(geometry, lambda points: points + corner)
    return moved


def _drawn(label_class: LabelClass, geometry: BaseGeometry) -> Annotation:
    """Return a new annotation that was painted by hand."""
    now = datetime.now(UTC)
    return Annotation(
        class_id=label_class.id,
        kind=Kind.POLYGON,
        geometry=geometry,
        attributes=defaults(label_class.attributes),
        provenance=Provenance(created=now, updated=now, tool="mask"),
    )


def _require_polygon(label_class: LabelClass) -> None:
    if Kind.POLYGON not in label_class.kinds:
        raise ForbiddenKindError(f"{label_class.name} is not drawn as polygon; allow kind polygon in the ontology")
