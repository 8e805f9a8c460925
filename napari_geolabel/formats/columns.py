"""A label set as columns: what every format is read into and annotations are made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations import Annotation, Provenance, Source, Status, check_annotations
from napari_geolabel.annotations.links import links_from
from napari_geolabel.errors import GeoLabelError, NotGeoreferencedError
from napari_geolabel.formats.classes import (
    ClassMap,
    class_key,
    class_word,
    class_words,
    classes_named,
    make_classes,
    resolve_classes,
)
from napari_geolabel.formats.file_attributes import all_answers, attributes_in, own_answers, with_attributes
from napari_geolabel.formats.geojson_geometry import are_far, is_near
from napari_geolabel.formats.kinds import fitted_kind, four_corners, guess_kind, is_turned, kind_of, turned_box
from napari_geolabel.formats.outside import on_scene, outside_note
from napari_geolabel.formats.schema import attributes_from, finite_or_none, provenance_from, rows_of
from napari_geolabel.formats.table_rows import values_of
from napari_geolabel.geo import LONLAT, GeoGrid, same_crs, shapes_in_pixels
from napari_geolabel.masks.watch import UNWATCHED, Watch
from napari_geolabel.ontology import Kind, LabelClass, Ontology

_TOLD_EVERY = 256  # features between two looks at a watch
_ROUNDING_DEG = 6e-8
"""Degrees by which a file's seven decimals may differ from what we wrote."""
_ROUNDING_M = 6e-3
"""The same in metres, or whatever a projected CRS counts in."""


@dataclass
class Report:
    """What an import did."""

    imported: int = 0
    """Number of annotations made."""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """What was left out: where in the file, and why."""
    notes: list[str] = field(default_factory=list)
    """What the user should know, one sentence each."""


@dataclass(frozen=True, kw_only=True)
class PixelCopy:
    """The pixel geometries that our own files carry beside the map geometries."""

    grid: GeoGrid
    """The grid that they were drawn on."""
    geometries: NDArray[np.object_]
    """In pixel coordinates; None where a feature has none."""
    precision: int | None
    """Decimals to which the map geometries were rounded; None where they were not."""


@dataclass(kw_only=True)
class LabelColumns:
    """n features of a file or frame, before anything is known of the scene and ontology that they will meet."""

    geometries: NDArray[np.object_]
    """Geometries, shape (n,), in ``crs``; none is missing."""
    crs: CRS | None
    """CRS of the geometries, x or longitude first; None: pixel coordinates."""
    class_ids: list[str | None]
    """The file's word for the class of each feature."""
    properties: Sequence[dict[str, Any]]
    """All properties of each feature."""
    ids: list[str | None]
    """The file's id of each feature."""
    where: Sequence[str]
    """What to call each feature in a sentence, such as ``feature 3``."""
    name: str
    """The file's name, for sentences."""
    pixels: PixelCopy | None = None
    """Pixel geometries, where the file carries them."""
    scene_attributes: dict[str, Any] = field(default_factory=dict)
    """Attributes of the scene as a whole, where the file carries them."""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Features that the reader had to leave out: where, and why."""
    notes: list[str] = field(default_factory=list)
    """What the user should know of the file, one sentence each."""
    ontology: Ontology | None = None
    """The ontology that stands in the file, where it holds one whole."""

    def __len__(self) -> int:
        return len(self.geometries)

    @classmethod
    def from_rows(
        cls,
        geometries: NDArray[np.object_],
        rows: Sequence[dict[str, Any]],
        *,
        crs: CRS | None,
        name: str,
        where: Sequence[str],
        ids: list[str | None] | None = None,
        **more: Any,  # noqa: ANN401  (the other fields)
    ) -> LabelColumns:
        """Return the columns of features, the class taken from the first of the known properties that has any."""
        key = class_key(rows)
        words = class_words(values_of(rows, key) if key else [None] * len(rows))
        found = ids if ids is not None else class_words(values_of(rows, "id"))
        return cls(
            geometries=geometries, crs=crs, class_ids=words, properties=rows, ids=found, where=where, name=name, **more
        )

    @classmethod
    def from_annotations(cls, annotations: Iterable[Annotation], ontology: Ontology, grid: GeoGrid) -> LabelColumns:
        """Return annotations as columns in pixel coordinates."""
        drawn = list(annotations)
        return cls.from_rows(
            _object_array([a.geometry for a in drawn]),
            rows_of(drawn, ontology, grid),
            crs=None,
            name="the annotations",
            where=[f"annotation {a.id}" for a in drawn],
        )

    def on_scene(self, grid: GeoGrid) -> LabelColumns:
        """Return the features of a map that fall on a scene, with a note on how many do not.

        Files of pixels, those that were drawn on this grid, and those of which nothing falls on it stay whole.
        """
        own = self.crs is None or (self.pixels is not None and same_grid(self.pixels.grid, grid))
        if own or not grid.is_georeferenced or self.crs is None:
            return self
        inside = on_scene(self.geometries, self.crs, grid)
        if inside.all() or not inside.any():
            return self
        kept, lost = np.flatnonzero(inside).tolist(), int((~inside).sum())
        told = f"{lost} of {len(self)} features lie outside the scene's footprint and were left out"
        names = ("class_ids", "properties", "ids", "where")
        changed: dict[str, Any] = {name: [getattr(self, name)[i] for i in kept] for name in names}
        if self.pixels is not None:
            changed["pixels"] = replace(self.pixels, geometries=self.pixels.geometries[inside])
        return replace(self, geometries=self.geometries[inside], notes=[*self.notes, told], **changed)

    def with_new_classes(self, ontology: Ontology, class_map: ClassMap | None = None) -> Ontology:
        """Return the ontology with a class for each word of the file that it lacks, asking what our labels answer."""
        types = {g.geom_type for g in self.geometries}
        kinds = [kind for kind in (Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON, Kind.POLYLINE, Kind.KEYPOINT)
                 if types & {*kind.geometry_types, *_COLLECTIONS.get(kind, ())}]  # fmt: skip
        made = make_classes(self.class_ids, kinds or [Kind.POLYGON], ontology, class_map)
        new = [cls.id for cls in made.classes if cls.id not in ontology]
        return with_attributes(made, new, self.class_ids, self.properties, own_answers, class_map)

    def classes(self, class_map: ClassMap | None = None) -> Ontology:
        """Return the file's own ontology, else one of the classes that it names, asking all that its labels answer."""
        if self.ontology is not None:
            return self.with_new_classes(self.ontology, class_map)
        made = classes_named(self.class_ids, class_map)
        new = [cls.id for cls in made.classes]
        made = with_attributes(made, new, self.class_ids, self.properties, all_answers, class_map)
        return made.model_copy(update={"scene_attributes": attributes_in([self.scene_attributes])})

    def to_annotations(
        self,
        grid: GeoGrid,
        ontology: Ontology,
        *,
        class_map: ClassMap | None = None,
        status: Status | str | None = None,
        watch: Watch = UNWATCHED,
    ) -> tuple[list[Annotation], Report]:
        """Return the features as annotations of a scene, and what happened on the way.

        Parameters
        ----------
        grid
            The scene's grid.
        ontology
            What the annotations must obey; features that do not are skipped and reported.
        class_map
            The file's classes to class ids; see :func:`~napari_geolabel.formats.classes.resolve_classes`.
        status
            Status of all annotations; by default the file's, else draft.
        watch
            Is told how far the work is, and may end it.

        Raises
        ------
        CancelledError
            If the watch ends it.
        FormatError
            If a feature's class leads to none of the ontology's.
        NotGeoreferencedError
            If the features have map coordinates and the scene has none.
        """
        report = Report(skipped=list(self.skipped), notes=list(self.notes))
        class_ids = resolve_classes(self.class_ids, self.where, ontology, class_map, self.name)
        wanted = None if status is None else Status(status)
        drawn: list[tuple[str, Annotation]] = []
        taken: set[str] = set()
        moved = turned = 0
        in_pixels, exact = self._in_pixels(grid)
        for index, geometry, source in self._parts(in_pixels, report):
            if index % _TOLD_EVERY == 0:
                watch.tell(index / len(self))
            class_id = class_ids[index]
            if class_id is None:
                word = self.class_ids[index]
                why = "it names no class" if word is None else f'class_map leaves "{word}" out'
                report.skipped.append((self.where[index], why))
                continue
            annotation = self._annotation(index, geometry, ontology[class_id], grid, wanted)
            moved += annotation.geometry is not geometry and not shapely.equals(annotation.geometry, geometry)
            turned += annotation.kind is not Kind.BOX and self._was_box(index)
            if annotation.kind is Kind.ROTATED_BOX and not exact[index]:
                annotation = self._turned(annotation, index, grid)
            if annotation.id in taken:
                annotation = replace(annotation, id=str(uuid4()))
            taken.add(annotation.id)
            drawn.append((self.where[index], replace(annotation, source=source)))
        if moved:
            report.notes.append(f"{moved} rotated boxes without right angles were made rectangles")
        if turned:
            report.notes.append(
                f"{turned} boxes, which are not along the pixel axes here, came in as rotated boxes or polygons"
            )
        kept = _checked(drawn, ontology, report)
        report.imported = len(kept)
        report.notes += self._notes(kept, grid)
        return kept, report

    def _parts(
        self, in_pixels: NDArray[np.object_], report: Report
    ) -> Iterable[tuple[int, BaseGeometry, Source | None]]:
        """Yield each feature's geometry in pixel coordinates; collections and multipoints part by part."""
        crs = None if self.crs is None else crs_text(self.crs)
        sources = [None] * len(self) if crs is None else shapely.to_wkb(self.geometries)
        split, far = 0, are_far(in_pixels)
        for index, (geometry, wkb) in enumerate(zip(in_pixels, sources, strict=True)):
            if far[index]:
                report.skipped.append((self.where[index], "it lies farther away than any pixel"))
            elif geometry.geom_type in {"GeometryCollection", "MultiPoint"} and not geometry.is_empty:
                split += 1
                for part in _leaves(geometry):
                    yield index, part, None
            else:
                yield index, geometry, None if wkb is None or crs is None else Source(wkb=wkb, crs=crs)
        if split:
            report.notes.append(f"{split} collections of geometries were split into one annotation per part")

    def _in_pixels(self, grid: GeoGrid) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
        """Return the geometries in pixel coordinates of a grid, and which of them are as they were drawn on it.

        The latter are the file's own pixels, where they still hold.
        """
        if self.crs is None or not len(self):
            return self.geometries, np.ones(len(self), bool)
        if not grid.is_georeferenced:
            raise NotGeoreferencedError(
                f"{self.name} has map coordinates and the scene has none; "
                "give the scene a transform and a CRS first (scene.with_transform)"
            )
        mapped = shapes_in_pixels(self.geometries, self.crs, grid)
        if self.pixels is None or not same_grid(self.pixels.grid, grid):
            return mapped, np.zeros(len(self), bool)
        trusted = self._unedited(self.pixels)
        mapped[trusted] = self.pixels.geometries[trusted]
        return mapped, trusted

    def _unedited(self, copy: PixelCopy) -> NDArray[np.bool_]:
        """Return which map geometries are still what the pixel geometries were written as."""
        from napari_geolabel.formats.lonlat import in_crs

        crs = LONLAT if self.crs is None else self.crs
        has_pixels = ~shapely.is_missing(copy.geometries)
        written = copy.geometries.copy()
        written[has_pixels] = in_crs(copy.geometries[has_pixels], copy.grid, crs)
        counts = shapely.get_num_coordinates(np.stack([written, self.geometries]))
        same = has_pixels & (counts[0] == counts[1])
        rounding = _ROUNDING_DEG if crs.is_geographic else _ROUNDING_M
        tolerance = rounding if copy.precision is None else max(rounding, 0.6 * 10.0**-copy.precision)
        expected, owners = shapely.get_coordinates(written[same], return_index=True)
        gaps = np.abs(expected - shapely.get_coordinates(self.geometries[same])).max(axis=1, initial=0)
        largest = np.zeros(int(same.sum()))
        np.maximum.at(largest, owners, gaps)
        same[np.flatnonzero(same)[largest > tolerance]] = False
        return np.asarray(same)

    def _annotation(
        self, index: int, geometry: BaseGeometry, cls: LabelClass, grid: GeoGrid, status: Status | None
    ) -> Annotation:
        """Return one feature as an annotation that has not been checked yet."""
        row = self.properties[index]
        kind = kind_of(row.get("kind"), geometry)
        own = kind is not None and "class_id" in row
        if own and kind is Kind.BOX:
            geometry = four_corners(geometry)
        if kind is not None and (not own or (kind is Kind.ROTATED_BOX and self.crs is None)):
            kind, geometry = fitted_kind(kind, geometry, cls, grid)
        elif (
            kind is Kind.BOX and is_turned(geometry) and is_near(geometry)
        ):  # it was one in the pixels of another scene
            kind = None
        made = provenance_from(row) if own else Provenance(source="imported", tool=f"import of {self.name}")
        found = row.get("status") if own else None
        return Annotation(
            id=(self.ids[index] if own else None) or str(uuid4()),
            class_id=cls.id,
            kind=kind or guess_kind(geometry, cls, grid),
            geometry=geometry,
            attributes=attributes_from(row, cls),
            status=status or (Status(found) if isinstance(found, str) and found in set(Status) else Status.DRAFT),
            confidence=finite_or_none(row.get("confidence", row.get("score"))),
            group=class_word(row.get("group_id")) if own else None,
            links=links_from(row.get("relations")) if own else (),
            provenance=made,
        )

    def _was_box(self, index: int) -> bool:
        """Return whether our own columns call a feature a box."""
        row = self.properties[index]
        return "class_id" in row and row.get("kind") == Kind.BOX

    def _turned(self, annotation: Annotation, index: int, grid: GeoGrid) -> Annotation:
        """Return a rotated box from a map with its corners in our order, by the file's heading where it has one."""
        if shapely.get_num_coordinates(annotation.geometry) != 5:
            return annotation  # no box at all: the check says so
        heading = finite_or_none(self.properties[index].get("heading_deg"))
        return replace(annotation, geometry=turned_box(annotation.geometry, grid, heading))

    def _notes(self, kept: Sequence[Annotation], grid: GeoGrid) -> list[str]:
        """Return what the user should know of the annotations as a whole."""
        notes = []
        outside = outside_note([a.geometry for a in kept], grid)
        if outside is not None:
            notes.append(outside)
        repeated = sum(n - 1 for key, n in Counter(self.ids).items() if key is not None and n > 1)
        if repeated:
            notes.append(f"{repeated} ids stood more than once and were replaced")
        return notes


def crs_text(crs: CRS) -> str:
    """Return a CRS as ``AUTHORITY:CODE`` where that says all, else as WKT."""
    authority = crs.to_authority(min_confidence=100)
    if authority is not None and CRS.from_authority(*authority) == crs:
        return ":".join(authority)
    return crs.to_wkt()


def same_grid(one: GeoGrid, other: GeoGrid) -> bool:
    """Return whether two grids have the same pixels at the same place."""
    if one.shape != other.shape or tuple(one.transform) != tuple(other.transform):
        return False
    if one.crs is None or other.crs is None:
        return one.crs is other.crs
    return same_crs(one.crs, other.crs)


def source_in(annotation: Annotation, crs: CRS) -> BaseGeometry | None:
    """Return the geometry as it was imported where that was in ``crs``, to be handed on bit for bit."""
    if annotation.source is None or not same_crs(CRS.from_user_input(annotation.source.crs), crs):
        return None
    return shapely.from_wkb(annotation.source.wkb)


_COLLECTIONS = {Kind.KEYPOINT: ("MultiPoint",)}


def _checked(drawn: Sequence[tuple[str, Annotation]], ontology: Ontology, report: Report) -> list[Annotation]:
    """Return the annotations that the ontology allows, and report the others."""
    kept = []
    for (place, _), checked in zip(drawn, check_annotations([a for _, a in drawn], ontology), strict=True):
        if isinstance(checked, GeoLabelError):
            report.skipped.append((place, str(checked)))
        else:
            kept.append(checked)
    return kept


def _leaves(geometry: BaseGeometry) -> list[BaseGeometry]:
    """Return the parts of a collection, and of the collections in it."""
    if geometry.geom_type not in {"GeometryCollection", "MultiPoint"}:
        return [geometry]
    return [leaf for part in shapely.get_parts(geometry) for leaf in _leaves(part)]


def _object_array(geometries: Sequence[BaseGeometry]) -> NDArray[np.object_]:
    array = np.empty(len(geometries), object)
    array[:] = geometries
    return array
