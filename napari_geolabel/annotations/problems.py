"""What is wrong with annotations that may stay: work in progress is kept, and the analyst told.

Each rule looks at all annotations at once, so that a hundred thousand are
checked in seconds.  Sizes are those on the ground and need a georeference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.links import link_problems
from napari_geolabel.annotations.scene_notes import notes_of
from napari_geolabel.annotations.sizes import MEASURES, ground_sizes
from napari_geolabel.geo import FloatArray, GeoGrid
from napari_geolabel.ontology.model import LabelClass, Ontology
from napari_geolabel.ontology.values import missing_required

OVERLAP_PX = 1.0
"""Areas that share less than this many pixels only touch."""
NODATA_SHARE = 0.5
"""Of an annotation a larger share than this may not lie where there is no data."""
WAIVED = "waived"
"""Topic of the notes about problems that may stay."""

Geometries = NDArray[np.object_]
Severity = Literal["error", "warning"]

RULES: Mapping[str, tuple[Severity, str]] = MappingProxyType(
    {
        "missing_required": ("error", "required answer missing"),
        "invalid_geometry": ("error", "outline crosses itself"),
        "duplicate": ("error", "duplicate"),
        "overlap": ("error", "forbidden overlap"),
        "outside": ("error", "outside the scene"),
        "dangling_relation": ("error", "link to nothing"),
        "unknown_relation": ("error", "unknown relation"),
        "wrong_relation": ("error", "link between wrong classes"),
        "archived_class": ("error", "archived class"),
        "partly_outside": ("warning", "beyond the edge"),
        "nodata": ("warning", "on pixels without data"),
        "size": ("warning", "unlikely size"),
        "tiny": ("warning", "smaller than a pixel"),
        "lonely_group": ("warning", "group of one"),
    }
)
"""Rule to its severity and its name in words, the gravest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something that should be mended before labels are handed on."""

    annotation_id: str | None
    """The annotation; None for the scene as a whole."""
    rule: str
    """What kind of problem it is, one of `RULES`."""
    message: str
    """One sentence: what is wrong and what to do."""
    other_id: str | None = None
    """The other annotation where two are at odds."""

    @property
    def severity(self) -> Severity:
        """``error`` for what makes labels wrong, ``warning`` for what somebody should look at."""
        return RULES[self.rule][0]

    @property
    def title(self) -> str:
        """The kind of problem in words, for lists: ``crosses itself``."""
        return RULES[self.rule][1]


NodataSource = Callable[[Geometries], FloatArray]
"""Returns for geometries in pixel coordinates, shape (n,), the share of each that lies on no data, shape (n,)."""


class Labelled(Protocol):
    """What is checked: a store, or a copy of one for another thread."""

    @property
    def ontology(self) -> Ontology:
        """What the annotations are checked against."""

    @property
    def scene_attributes(self) -> Mapping[str, Any]:
        """Attribute values of the scene as a whole."""

    def values(self) -> Iterable[Annotation]:
        """Return the annotations in draw order."""


def find_problems(store: Labelled, grid: GeoGrid | None = None, nodata: NodataSource | None = None) -> list[Problem]:
    """Return what should be mended, the scene's own first, then annotations in draw order.

    Parameters
    ----------
    store
        The annotations; rejected ones have no problems.
    grid
        Grid of the scene; None leaves out the rules about size and the edge of the scene.
    nodata
        Tells what share of geometries has no data (`NodataShare`); None leaves that out.

    Returns
    -------
    list of Problem
        Without those that somebody has found right and noted why (`waived`).
    """
    asked = store.ontology.scene_attributes
    problems = [
        Problem(annotation_id=None, rule="missing_required", message=f"the scene has no answer to {path}; give one")
        for path in missing_required(asked, store.scene_attributes)
    ]
    annotations = [a for a in store.values() if a.status is not Status.REJECTED]
    geometries = np.array([a.geometry for a in annotations], dtype=object)
    found = [
        *_geometry_problems(annotations, geometries),
        *_duplicates(annotations),
        *_overlaps(annotations, geometries, store.ontology),
    ]
    if grid is not None:
        found += _beyond_the_edge(annotations, geometries, grid)
        found += _wrong_sizes(annotations, geometries, store.ontology, grid)
    for name, rule, message, other in link_problems(annotations, store.ontology):
        found.append(Problem(annotation_id=name, rule=rule, message=message, other_id=other))
    if nodata is not None:
        found += _on_nodata(annotations, nodata(geometries))
    for annotation in annotations:
        found += _ontology_problems(annotation, store.ontology[annotation.class_id])
    place = {annotation.id: index for index, annotation in enumerate(annotations)}
    found.sort(key=lambda problem: place[str(problem.annotation_id)])
    waived = notes_of(store.scene_attributes, WAIVED)
    return [problem for problem in (*problems, *found) if waiver_of(problem) not in waived]


def waiver_of(problem: Problem) -> str:
    """Return the name under which it is noted that a problem may stay."""
    return ":".join(part for part in (problem.rule, problem.annotation_id, problem.other_id) if part)


def _geometry_problems(annotations: Sequence[Annotation], geometries: Geometries) -> Iterator[Problem]:
    """Yield geometries that cross themselves, and areas too small to cover a pixel."""
    valid = shapely.is_valid(geometries)
    for index in np.flatnonzero(~valid).tolist():
        reason = shapely.is_valid_reason(geometries[index])
        message = f"the {annotations[index].kind} is not valid ({reason.lower()}); move that point or draw it again"
        yield Problem(annotation_id=annotations[index].id, rule="invalid_geometry", message=message)
    area, dimension = shapely.area(geometries), shapely.get_dimensions(geometries)
    for index in np.flatnonzero((dimension == 2) & (area < 1) & valid).tolist():
        message = (
            f"the {annotations[index].kind} covers {area[index]:.2g} pixels, less than one; remove it or draw it larger"
        )
        yield Problem(annotation_id=annotations[index].id, rule="tiny", message=message)


def _duplicates(annotations: Sequence[Annotation]) -> Iterator[Problem]:
    """Yield annotations that lie exactly where an earlier one of their class lies."""
    last: dict[tuple[str, bytes], Annotation] = {}
    for annotation in annotations:
        key = (annotation.class_id, shapely.to_wkb(shapely.normalize(annotation.geometry)))
        earlier = last.get(key)
        if earlier is not None:
            message = f"the {annotation.class_id} lies exactly on another one ({earlier.id}); remove one of them"
            yield Problem(annotation_id=annotation.id, rule="duplicate", message=message, other_id=earlier.id)
        last[key] = annotation


def _overlaps(annotations: Sequence[Annotation], geometries: Geometries, ontology: Ontology) -> Iterator[Problem]:
    """Yield areas that share pixels with an area of a class that they must not overlap; exact twins are duplicates."""
    forbidden = {(c.id, other) for c in ontology.classes for other in c.never_overlaps}
    if not forbidden:
        return
    forbidden |= {(other, class_id) for class_id, other in forbidden}
    areas = np.flatnonzero((shapely.get_dimensions(geometries) == 2) & shapely.is_valid(geometries))
    left, right = shapely.STRtree(geometries[areas]).query(geometries[areas], predicate="intersects")
    for later, earlier in zip(areas[left].tolist(), areas[right].tolist(), strict=True):
        one, other = annotations[later], annotations[earlier]
        if earlier >= later or (one.class_id, other.class_id) not in forbidden:
            continue
        shared = float(shapely.intersection(geometries[later], geometries[earlier]).area)
        if shared >= OVERLAP_PX and not geometries[later].equals(geometries[earlier]):
            message = (
                f"the {one.class_id} overlaps a {other.class_id} ({other.id}) by {shared:.3g} pixels; move or cut one"
            )
            yield Problem(annotation_id=one.id, rule="overlap", message=message, other_id=other.id)


def _beyond_the_edge(annotations: Sequence[Annotation], geometries: Geometries, grid: GeoGrid) -> Iterator[Problem]:
    """Yield annotations that lie outside the scene, or reach beyond its edge by a pixel or more."""
    rows, cols = grid.shape
    x0, y0, x1, y1 = shapely.bounds(geometries).reshape(-1, 4).T
    outside = (x1 <= 0) | (y1 <= 0) | (x0 >= cols) | (y0 >= rows)
    beyond = ((x0 <= -1) | (y0 <= -1) | (x1 >= cols + 1) | (y1 >= rows + 1)) & ~outside
    outside[beyond] = ~_share_more_than_a_border(geometries[beyond], shapely.box(0, 0, cols, rows))
    for index in np.flatnonzero(outside).tolist():
        message = f"the {annotations[index].class_id} lies outside the scene; remove it or move it in"
        yield Problem(annotation_id=annotations[index].id, rule="outside", message=message)
    for index in np.flatnonzero(beyond & ~outside).tolist():
        message = f"the {annotations[index].class_id} reaches beyond the edge of the scene; cut it there"
        yield Problem(annotation_id=annotations[index].id, rule="partly_outside", message=message)


def _share_more_than_a_border(geometries: Geometries, frame: BaseGeometry) -> NDArray[np.bool_]:
    """Return which geometries have ground of their own in a frame, and do not only touch its edge beside it."""
    whole = shapely.make_valid(geometries)
    within = shapely.intersection(whole, frame)
    same = shapely.get_dimensions(within) == shapely.get_dimensions(whole)
    return np.asarray(same & ~shapely.is_empty(within), dtype=bool)


def _on_nodata(annotations: Sequence[Annotation], shares: FloatArray) -> Iterator[Problem]:
    """Yield annotations of which more than a half lies where the scene has no data."""
    for index in np.flatnonzero(shares > NODATA_SHARE).tolist():
        message = (
            f"the {annotations[index].class_id} lies on pixels without data ({shares[index]:.0%} of it); "
            "remove it or move it"
        )
        yield Problem(annotation_id=annotations[index].id, rule="nodata", message=message)


def _wrong_sizes(
    annotations: Sequence[Annotation], geometries: Geometries, ontology: Ontology, grid: GeoGrid
) -> Iterator[Problem]:
    """Yield annotations that are larger or smaller on the ground than things of their class are."""
    limited = {c.id: c.size for c in ontology.classes if c.size is not None}
    chosen = [index for index, a in enumerate(annotations) if a.class_id in limited]
    if not chosen or not grid.is_georeferenced:
        return
    sizes = ground_sizes(geometries[chosen], grid)
    for row, index in enumerate(chosen):
        annotation = annotations[index]
        for measure, (word, unit) in MEASURES.items():
            limits, value = getattr(limited[annotation.class_id], measure), float(sizes[measure][row])
            if limits is None or not np.isfinite(value) or limits[0] <= value <= limits[1]:
                continue
            bound = f"less than {limits[0]:g}" if value < limits[0] else f"more than {limits[1]:g}"
            message = (
                f"the {annotation.class_id} has a {word} of {value:.3g} {unit}, {bound} {unit}; "
                "check its outline and its class"
            )
            yield Problem(annotation_id=annotation.id, rule="size", message=message)


def _ontology_problems(annotation: Annotation, label_class: LabelClass) -> Iterator[Problem]:
    """Yield required answers that are missing, and a class that is no longer in use."""
    for path in missing_required(label_class.attributes, annotation.attributes):
        message = f"the {label_class.id} has no answer to {path}; give one"
        yield Problem(annotation_id=annotation.id, rule="missing_required", message=message)
    if label_class.archived:
        message = f"the class {label_class.id} is archived; choose another class"
        yield Problem(annotation_id=annotation.id, rule="archived_class", message=message)
