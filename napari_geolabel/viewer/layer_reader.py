"""From the rows of a layer to what the user did.

Rows are compared with what was last shown.  An annotation whose rows are as
they were is not touched at all, so it keeps every bit of its geometry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Provenance
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.errors import ForbiddenKindError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass
from napari_geolabel.ontology.values import defaults
from napari_geolabel.viewer.geometry_display import Drawing
from napari_geolabel.viewer.layer_rows import Row, sort_rows
from napari_geolabel.viewer.reading_back import edited_geometry, kinds_for, moved_as_a_whole, new_geometry
from napari_geolabel.viewer.titles import title

Make = Callable[[BaseGeometry, Kind], Annotation]
"""Makes a new annotation: class in hand, provenance and defaults."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Shown:
    """An annotation as a layer shows it."""

    annotation: Annotation
    parts: tuple[Drawing, ...]
    """Its rows in the layer's own precision."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the user did, and which row is which annotation now."""

    change: Change
    names: dict[int, str]
    """Row index to annotation id."""


class LayerReader:
    """Reads rows as edits of a store.

    Parameters
    ----------
    store
        What the edits are for; it is only looked at.
    make
        Makes the annotation for a new drawing.
    grid
        The scene's grid, which says what a right angle is.
    """

    def __init__(self, store: AnnotationStore, make: Make, grid: GeoGrid) -> None:
        self._store, self._make, self._grid = store, make, grid

    def read(self, rows: Sequence[Row], shown: Mapping[str, Shown]) -> Reading:
        """Return what was done to rows since they were shown.

        Raises
        ------
        GeoLabelError
            If something was drawn or edited that cannot be an annotation.
        """
        found = sort_rows(rows, {i: entry.parts for i, entry in shown.items()})
        edits = [edit for i in shown for edit in self._edits_of(shown[i], found.kept.get(i, {}))]
        pasted = {key: self._copy(copy, shown.get(key[0])) for key, copy in found.copies.items()}
        drawn = [self._annotate([row.drawing], row.class_id) for row in found.new]
        names = {row.index: i for i, parts in found.kept.items() for row in parts.values()}
        names |= {row.index: pasted[key].id for key, copy in found.copies.items() for row in copy}
        names |= {row.index: annotation.id for row, annotation in zip(found.new, drawn, strict=True)}
        updated = [edit.id for edit in edits if edit.after is not None]
        moved = all(moved_as_a_whole(shown[i].parts, _as_drawn(found.kept[i])) for i in updated)
        everything = (*edits, *(Edit(after=annotation) for annotation in (*pasted.values(), *drawn)))
        return Reading(
            change=Change(title=title(everything, pasted=len(pasted), moved=moved), edits=everything), names=names
        )

    def _edits_of(self, shown: Shown, rows: dict[int, Row]) -> list[Edit]:
        """Return what happened to an annotation that was shown, given its rows that are left."""
        current = self._store.get(shown.annotation.id)
        if current is None:
            return []  # a script removed it while the user was drawing
        if not rows:
            return [Edit(before=current)]
        fields: dict[str, Any] = {}
        if not _unchanged(rows.values(), shown.parts):
            kind, fields["geometry"] = edited_geometry(
                shown.annotation,
                shown.parts,
                _as_drawn(rows),
                grid=self._grid,
                allowed=self._allowed(current.class_id),
            )
            fields |= {} if kind is current.kind else {"kind": kind}
        class_id = rows[min(rows)].class_id  # the user may have written another class into the features
        if class_id and class_id != shown.annotation.class_id:
            fields["class_id"] = class_id
        return [Edit(before=current, after=current.edited(**fields))] if fields else []

    def _copy(self, rows: Sequence[Row], shown: Shown | None) -> Annotation:
        """Return a new annotation for pasted rows, of the class and with the attributes of the original."""
        drawings = [row.drawing for row in rows]
        if shown is None:
            return self._annotate(drawings, rows[0].class_id)
        original = shown.annotation
        copied = self._annotate(drawings, original.class_id, original.kind)
        if _unchanged(rows, shown.parts):
            copied = replace(copied, geometry=original.geometry, kind=original.kind)
        return replace(copied, attributes=original.attributes)

    def _annotate(self, parts: Sequence[Drawing], class_id: str = "", wish: Kind | None = None) -> Annotation:
        """Return a new annotation for drawings, of the first kind that fits them and that its class allows.

        Raises
        ------
        ForbiddenKindError
            If the class allows none of them; the sentence is that of the likeliest kind.
        """
        kinds = sorted(kinds_for(parts[0]), key=lambda kind: kind is not wish)
        if class_id:
            allowed = self._allowed(class_id)
            kind = next((kind for kind in kinds if kind in allowed), kinds[0])  # else for the store to refuse
            return self._made_as(class_id, kind, new_geometry(kind, parts, self._grid))
        refusals = []
        for kind in kinds:
            try:
                made = self._make(new_geometry(kind, parts, self._grid), kind)
                _require_kind(kind, self._store.ontology[made.class_id])
            except ForbiddenKindError as error:
                refusals.append(error)
            else:
                return made
        raise refusals[0]

    def _made_as(self, class_id: str, kind: Kind, geometry: BaseGeometry) -> Annotation:
        """Return a new annotation of a class that need not be the one in hand, which may forbid the kind."""
        for accepted in (kind, *Kind):
            try:
                made = self._make(geometry, accepted)
            except ForbiddenKindError:
                continue
            if made.class_id == class_id:
                return replace(made, kind=kind)
            return replace(
                made, class_id=class_id, kind=kind, attributes=defaults(self._store.ontology[class_id].attributes)
            )
        now = datetime.now(UTC)
        return Annotation(
            class_id=class_id, kind=kind, geometry=geometry, provenance=Provenance(created=now, updated=now)
        )

    def _allowed(self, class_id: str) -> Collection[Kind]:
        return self._store.ontology[class_id].kinds


def _require_kind(kind: Kind, label_class: LabelClass) -> None:
    if kind not in label_class.kinds:
        allowed = " or ".join(k.replace("_", " ") for k in label_class.kinds) or "nothing"
        drawn = kind.replace("_", " ")
        raise ForbiddenKindError(f"{label_class.name} is not drawn as {drawn}; draw {allowed}, or choose another class")


def _unchanged(rows: Collection[Row], parts: Sequence[Drawing]) -> bool:
    """Return whether rows show all parts as they were shown."""
    return len(rows) == len(parts) and all(
        np.array_equal(row.drawing.vertices, parts[row.part].vertices) for row in rows
    )


def _as_drawn(rows: Mapping[int, Row]) -> dict[int, Drawing]:
    return {part: row.drawing for part, row in rows.items()}
