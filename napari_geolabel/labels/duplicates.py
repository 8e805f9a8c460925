"""Which of the annotations that come in are there already, though under another id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.formats.columns import Report
from napari_geolabel.ontology.kinds import Kind

Duplicates = Literal["keep", "skip", "flag"]
"""What becomes of duplicates: they come in as all others, are left out, or come in as suggestions to be looked at."""

SAME_IOU = 0.9
"""Intersection over union from which on two areas count as one thing drawn twice."""
SAME_PX = 1.0
"""How far two points, or any places of two lines, may lie apart and count as one."""
_MOST_LISTED = 100


def find_duplicates(
    annotations: Sequence[Annotation], others: Sequence[Annotation], *, iou: float = SAME_IOU
) -> list[str | None]:
    """Return for each annotation the id of the first of others, or of those before it, that it repeats.

    What repeats something itself is not repeated: of three in a row of which each is as the next, the second alone is
    a duplicate, and none is left out for the sake of one that is left out too.

    Parameters
    ----------
    annotations
        What comes in.
    others
        What is there.
    iou
        Areas of one class repeat each other from this intersection over union
        on.  Points and lines do where they lie no more than `SAME_PX` apart
        (lines by the Hausdorff distance).
    """
    found: list[str | None] = [None] * len(annotations)
    by_group: dict[tuple[str, str], tuple[list[int], list[Annotation]]] = {}
    for place, each in enumerate((*others, *annotations)):
        indices, group = by_group.setdefault((each.class_id, _sort(each.kind)), ([], []))
        indices.append(place - len(others))
        group.append(each)
    for (_, sort), (indices, group) in by_group.items():
        if indices[-1] >= 0:
            for new, first in _repeats(group, [i >= 0 for i in indices], sort, iou):
                is_there = indices[first] < 0 or found[indices[first]] is None  # pairs come in the order of the new
                if is_there and found[indices[new]] is None:
                    found[indices[new]] = group[first].id
    return found


def settle_duplicates(
    annotations: Sequence[Annotation],
    others: Sequence[Annotation],
    report: Report,
    *,
    duplicates: Duplicates = "keep",
    iou: float = SAME_IOU,
) -> list[Annotation]:
    """Return the annotations that come in; the report says what became of those that are there already.

    An annotation whose id is known is none of them: it stays as it is (`new_edits`).
    """
    known = {other.id for other in others}
    fresh = [annotation for annotation in annotations if annotation.id not in known]
    if duplicates == "keep" or not fresh:
        return list(annotations)
    repeated = dict(zip((a.id for a in fresh), find_duplicates(fresh, others, iou=iou), strict=True))
    kept = []
    count = 0
    for annotation in annotations:
        twin = repeated.get(annotation.id)
        if twin is None:
            kept.append(annotation)
            continue
        count += 1
        if duplicates == "flag":
            kept.append(replace(annotation, status=Status.SUGGESTED))
        elif count <= _MOST_LISTED:
            report.skipped.append((f"{annotation.class_id} {annotation.id}", f"it repeats {twin}"))
    if count:
        what = "came in as suggestions" if duplicates == "flag" else "were left out"
        report.notes.append(f"{count} duplicates {what} (same class, intersection over union of {iou:g} or more)")
    return kept


def _sort(kind: Kind) -> str:
    """Return which annotations are compared: areas of whatever kind with each other."""
    return {Kind.KEYPOINT: "point", Kind.POLYLINE: "line"}.get(kind, "area")


def _repeats(group: Sequence[Annotation], is_new: Sequence[bool], sort: str, iou: float) -> list[tuple[int, int]]:
    """Return pairs of a new annotation and the first before it that it repeats, in their order."""
    shapes = _shapes(group)
    reach = shapely.buffer(shapes, SAME_PX) if sort != "area" else shapes
    new, near = shapely.STRtree(shapes).query(reach, predicate="intersects")
    wanted = np.asarray(is_new)[new] & (near < new)
    new, near = new[wanted], near[wanted]
    same = _same_areas(shapes, new, near, iou) if sort == "area" else _close(shapes, new, near)
    return sorted(zip(new[same].tolist(), near[same].tolist(), strict=True))


def _same_areas(
    shapes: NDArray[np.object_], one: NDArray[np.intp], other: NDArray[np.intp], iou: float
) -> NDArray[np.bool_]:
    sizes = shapely.area(shapes)
    shared = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    return np.asarray(shared >= iou * (sizes[one] + sizes[other] - shared))


def _close(shapes: NDArray[np.object_], one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.bool_]:
    return np.asarray(shapely.hausdorff_distance(shapes[one], shapes[other]) <= SAME_PX)


def _shapes(group: Sequence[Annotation]) -> NDArray[np.object_]:
    """Return the geometries; polygons that cross themselves by the areas that they enclose."""
    array = np.empty(len(group), object)
    geometries: list[BaseGeometry] = [each.geometry for each in group]
    array[:] = geometries
    broken = ~shapely.is_valid(array)
    array[broken] = shapely.make_valid(array[broken])
    return array
