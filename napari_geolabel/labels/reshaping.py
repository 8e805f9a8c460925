"""Reshaping annotations: each method is one change, and so one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import reshaping as of
from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.annotations.rerouting import along
from napari_geolabel.annotations.shapes import SNAP_PX
from napari_geolabel.errors import ForbiddenKindError, GeoLabelError, GeometryError
from napari_geolabel.formats.kinds import turned_box
from napari_geolabel.geo import FloatArray, is_rectangle
from napari_geolabel.geo.rotated_box import with_corner_at
from napari_geolabel.labels.adding import to_pixels
from napari_geolabel.ontology.kinds import Kind

if TYPE_CHECKING:
    from napari_geolabel.labels.labels import Labels

Ids = str | Iterable[str]
"""The id of one annotation, or those of several."""
Shift = tuple[float, float]
Measure = TypeVar("Measure", float, Shift)

DUPLICATE_PX: Shift = (10.0, 10.0)
"""How far a duplicate lies from what it was made of, in pixels ``(x, y)``."""


class Reshaping:
    """Changes the geometry of annotations; `Labels.reshape` makes it.

    Drawn geometry is in pixel coordinates ``(x, y)`` unless ``crs`` says
    otherwise.  A box stays one only where the result is one; else it becomes a
    polygon (or a rotated box, by turning) where its class allows that.

    Every method raises `GeometryError` where the geometry does not allow what
    is asked, `ForbiddenKindError` where the class does not allow what would
    come of it, and `UnknownAnnotationError` for an unknown id; nothing is
    changed then.

    Parameters
    ----------
    labels
        The labels whose annotations are reshaped.
    """

    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def hole(self, annotation_id: str, area: BaseGeometry, *, crs: str | int | CRS | None = None) -> Annotation:
        """Make a hole in an area."""
        hole, old = self._pixels(area, crs), self._labels[annotation_id]
        return self._redraw(f"make a hole in {old.class_id}", [old], lambda geometry: of.with_hole(geometry, hole))[0]

    def cut(self, ids: Ids, area: BaseGeometry, *, crs: str | int | CRS | None = None) -> list[Annotation]:
        """Cut an area away from annotations; those that it does not overlap stay as they are."""
        knife, olds = self._pixels(area, crs), self._annotations(ids)
        of.require_drawn(knife)
        met = [old for old in olds if of.overlaps(_sound(old), knife)] or olds
        return self._redraw(f"cut {_count(met)}", met, lambda geometry: of.without_area(geometry, knife))

    def part(self, annotation_id: str, part: BaseGeometry, *, crs: str | int | CRS | None = None) -> Annotation:
        """Add another area to an area, or a line to a line; areas that touch grow together."""
        more, old = self._pixels(part, crs), self._labels[annotation_id]
        return self._redraw(f"add a part to {old.class_id}", [old], lambda geometry: of.with_part(geometry, more))[0]

    def split(self, ids: Ids, line: BaseGeometry, *, crs: str | int | CRS | None = None) -> list[Annotation]:
        """Divide annotations by a line; those that it does not divide stay as they are.

        Returns
        -------
        list of Annotation
            The pieces.  The largest of each keeps the id; the others have the
            same attributes and status, and ids of their own.
        """
        drawn, olds = self._pixels(line, crs), self._annotations(ids)
        crossed = [old for old in olds if of.is_divided(_sound(old), drawn)] or olds
        edits = []
        for old in crossed:
            largest, *others = of.divided(old.geometry, drawn)
            edits.append(Edit(before=old, after=self._redrawn(old, largest)))
            edits += [Edit(after=replace(self._redrawn(old, other), id=str(uuid4()))) for other in others]
        return self._apply(f"split {_count(crossed)}", edits)

    def merge(self, ids: Ids) -> Annotation:
        """Make one annotation of several of one class; the largest keeps its id and attributes."""
        olds = self._annotations(ids)
        if len(olds) < 2:
            raise GeometryError("merging takes two annotations or more; choose them all")
        if len({old.class_id for old in olds}) > 1:
            names = " and ".join(sorted({old.class_id for old in olds}))
            raise GeometryError(f"{names} cannot become one annotation; give them one class first")
        union = of.merged([old.geometry for old in olds])
        largest = max(olds, key=lambda old: (old.geometry.area, old.geometry.length))
        edits = [Edit(before=largest, after=self._redrawn(largest, union))]
        edits += [Edit(before=old) for old in olds if old is not largest]
        return self._apply(f"merge {_count(olds)}", edits)[0]

    def along(self, annotation_id: str, line: BaseGeometry, *, crs: str | int | CRS | None = None) -> Annotation:
        """Let an outline follow a line wherever the line leaves it and comes back (`annotations.rerouting.along`)."""
        drawn, old = self._pixels(line, crs), self._labels[annotation_id]
        return self._redraw(f"reshape {old.class_id}", [old], lambda geometry: along(geometry, drawn))[0]

    def buffer(self, ids: Ids, *, metres: float | None = None, pixels: float | None = None) -> list[Annotation]:
        """Grow annotations by a distance, or shrink them by a negative one; points and lines become areas.

        Metres are those of the scene's ground frame (`napari_geolabel.geo.ground_matrix`).
        """
        matrix, distance = self._ground(metres, pixels)
        _require_finite(distance)
        olds, unit = self._annotations(ids), "px" if metres is None else "m"
        title = f"buffer {_count(olds)} by {distance:g} {unit}"
        return self._redraw(title, olds, lambda geometry: of.buffered(geometry, distance, matrix))

    def simplify(self, ids: Ids, tolerance_px: float = 1.0) -> list[Annotation]:
        """Leave out the vertices of polygons and lines that matter less than a tolerance; areas stay valid."""
        _require_finite(tolerance_px)
        olds = [old for old in self._annotations(ids) if old.kind in (Kind.POLYGON, Kind.POLYLINE)]
        simple = {old.id: of.simplified(_sound(old), tolerance_px) for old in olds}
        fewer = [old for old in olds if _vertices(simple[old.id]) < _vertices(old.geometry)]
        if not fewer:
            raise GeometryError(f"no vertex can be left out within {tolerance_px:g} px; take a larger tolerance")
        edits = [Edit(before=old, after=self._redrawn(old, simple[old.id])) for old in fewer]
        return self._apply(f"simplify {_count(fewer)}", edits)

    def move(self, ids: Ids, *, metres: Shift | None = None, pixels: Shift | None = None) -> list[Annotation]:
        """Move annotations by metres ``(east, north)`` or pixels ``(x, y)``."""
        matrix, shift = self._ground(metres, pixels)
        _require_finite(*shift)
        in_pixels = np.asarray(np.linalg.solve(matrix, np.array(shift)), np.float64)
        olds = self._annotations(ids)
        edits = [Edit(before=old, after=old.edited(geometry=of.moved(old.geometry, in_pixels))) for old in olds]
        return self._apply(f"move {_count(olds)}", edits)

    def rotate(self, ids: Ids, degrees: float) -> list[Annotation]:
        """Turn annotations about their centroids, clockwise on the ground as headings count.

        Where the scene is not georeferenced, pixels are taken for square ground.
        """
        _require_finite(degrees)
        grid = self._labels.scene.grid
        matrix = of.metres_of(grid) if grid.is_georeferenced else np.diag([1.0, -1.0])
        olds = self._annotations(ids)
        edits = [Edit(before=old, after=self._turned(old, of.rotated(old.geometry, degrees, matrix))) for old in olds]
        return self._apply(f"rotate {_count(olds)} by {degrees:g}°", edits)

    def resize(self, annotation_id: str, corner: int, to: Shift, *, crs: str | int | CRS | None = None) -> Annotation:
        """Drag a corner of a box or rotated box to a point; the opposite corner and the directions stay.

        Corners count from 0, as the geometry has them; a rotated box begins at bow-left and goes on to bow-right.
        """
        old = self._labels[annotation_id]
        if old.kind not in (Kind.BOX, Kind.ROTATED_BOX):
            raise GeometryError(f"a {old.kind.replace('_', ' ')} has no four corners to drag; choose a box")
        _require_finite(*to)
        point = shapely.get_coordinates(self._pixels(shapely.Point(to), crs))[0]
        dragged = shapely.Polygon(with_corner_at(shapely.get_coordinates(old.geometry)[:4], corner % 4, point))
        geometry = shapely.envelope(dragged) if old.kind is Kind.BOX else dragged
        return self._apply(f"resize {old.class_id}", [Edit(before=old, after=old.edited(geometry=geometry))])[0]

    def duplicate(self, ids: Ids, *, pixels: Shift = DUPLICATE_PX) -> list[Annotation]:
        """Add copies of annotations, some pixels ``(x, y)`` away, as drafts with the same attributes."""
        _require_finite(*pixels)
        olds, now = self._annotations(ids), datetime.now(UTC)
        shift = np.array(pixels, np.float64)
        copies = [
            replace(
                old,
                id=str(uuid4()),
                geometry=of.moved(old.geometry, shift),
                status=Status.DRAFT,
                confidence=None,
                provenance=replace(old.provenance, created=now, updated=now, source="manual"),
                source=None,
            )
            for old in olds
        ]
        return self._apply(f"duplicate {_count(olds)}", [Edit(after=copy) for copy in copies])

    def _annotations(self, ids: Ids) -> list[Annotation]:
        """Return annotations by id, each once, in the order given."""
        names = dict.fromkeys([ids] if isinstance(ids, str) else ids)
        if not names:
            raise GeoLabelError("no annotation was given; give the id of one at least")
        return [self._labels[name] for name in names]

    def _pixels(self, geometry: BaseGeometry, crs: str | int | CRS | None) -> BaseGeometry:
        """Return drawn geometry in pixel coordinates."""
        found: BaseGeometry = to_pixels([geometry], crs, self._labels.scene.grid)[0][0]
        return found

    def _ground(self, metres: Measure | None, pixels: Measure | None) -> tuple[FloatArray, Measure]:
        """Return ground units per pixel step, and the one measure that is given."""
        if metres is not None and pixels is None:
            return of.metres_of(self._labels.scene.grid), metres
        if pixels is not None and metres is None:
            return np.eye(2), pixels
        raise GeoLabelError("give either metres or pixels")

    def _redraw(
        self, title: str, olds: Sequence[Annotation], edit: Callable[[BaseGeometry], BaseGeometry]
    ) -> list[Annotation]:
        """Give annotations new geometry as one change."""
        return self._apply(title, [Edit(before=old, after=self._redrawn(old, edit(old.geometry))) for old in olds])

    def _redrawn(self, old: Annotation, geometry: BaseGeometry) -> Annotation:
        """Return an annotation with other geometry, of a kind that this is and its class allows."""
        if old.kind is Kind.BOX and _is_box(geometry):
            return old.edited(geometry=shapely.envelope(geometry))
        kind = Kind.POLYGON if shapely.get_dimensions(geometry) == 2 else Kind.POLYLINE
        return old.edited(geometry=geometry, kind=self._allowed(old, kind))

    def _turned(self, old: Annotation, geometry: BaseGeometry) -> Annotation:
        """Return an annotation that was turned; a box that lies aslant becomes a rotated box or a polygon."""
        if old.kind is not Kind.BOX:
            return old.edited(geometry=geometry)
        if _is_box(geometry):
            return old.edited(geometry=shapely.envelope(geometry))
        kinds, grid = self._labels.ontology[old.class_id].kinds, self._labels.scene.grid
        if Kind.ROTATED_BOX in kinds and is_rectangle(shapely.get_coordinates(geometry)[:4], grid):
            return old.edited(geometry=turned_box(geometry, grid, None), kind=Kind.ROTATED_BOX)
        return old.edited(geometry=geometry, kind=self._allowed(old, Kind.POLYGON))

    def _allowed(self, old: Annotation, kind: Kind) -> Kind:
        label_class = self._labels.ontology[old.class_id]
        if kind not in label_class.kinds:
            ways = " or ".join(each.replace("_", " ") for each in label_class.kinds)
            raise ForbiddenKindError(
                f"that would make a {kind} of a {old.kind.replace('_', ' ')}, and {label_class.name} is only drawn "
                f"as {ways}; give it another class first"
            )
        return kind

    def _apply(self, title: str, edits: Sequence[Edit]) -> list[Annotation]:
        """Make one change and return what it leaves of its annotations."""
        self._labels.store.apply(Change(title=title, edits=tuple(edits)))
        return [self._labels[edit.id] for edit in edits if edit.after is not None]


def _require_finite(*numbers: float) -> None:
    """Refuse numbers that lead nowhere before they become coordinates."""
    if not np.isfinite(numbers).all():
        raise GeometryError(f"{', '.join(f'{each:g}' for each in numbers)} leads nowhere; give finite numbers")


def _count(annotations: Sequence[Annotation]) -> str:
    return annotations[0].class_id if len(annotations) == 1 else f"{len(annotations)} annotations"


def _is_box(geometry: BaseGeometry) -> bool:
    """Return whether a geometry fills a rectangle along the pixel axes, whatever its vertices, but for rounding."""
    missing = shapely.envelope(geometry).difference(geometry)
    return bool(missing.area <= SNAP_PX * shapely.length(geometry))


def _sound(annotation: Annotation) -> BaseGeometry:
    """Return the geometry of an annotation that has an outline which does not cross itself."""
    of.require_outline(annotation.geometry)
    return annotation.geometry


def _vertices(geometry: BaseGeometry) -> int:
    return int(shapely.get_num_coordinates(geometry))
