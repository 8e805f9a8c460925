"""Annotations to masks of the three flavours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.errors import MaskValueError
from napari_geolabel.geo import GeoGrid, Window
from napari_geolabel.masks.mask import (
    Flavour,
    Mask,
    MaskEntry,
    check_values,
    present_values,
    require_flavour,
    semantic_table,
    smallest_dtype,
)
from napari_geolabel.masks.rasterize import Geometries, burn
from napari_geolabel.masks.rule import CENTRES, BurnRule, Order
from napari_geolabel.masks.watch import UNWATCHED, Watch
from napari_geolabel.ontology.model import Ontology


def rasterize_annotations(
    annotations: Iterable[Annotation],
    grid: GeoGrid,
    ontology: Ontology,
    *,
    flavour: Flavour = "semantic",
    rule: BurnRule = CENTRES,
    window: Window | None = None,
    base: NDArray[Any] | None = None,
    watch: Watch = UNWATCHED,
) -> Mask:
    """Return the mask of annotations, given in draw order; see :func:`rasterize_geometries`.

    Suggestions lie below all that a person has drawn or painted.  Rejected
    annotations count like any other: leave out what should not be drawn.
    """
    drawn = list(annotations)
    return rasterize_geometries(
        [a.geometry for a in drawn],
        [a.class_id for a in drawn],
        grid,
        ontology,
        ids=[a.id for a in drawn],
        suggested=[a.status is Status.SUGGESTED for a in drawn],
        flavour=flavour,
        rule=rule,
        window=window,
        base=base,
        watch=watch,
    )


def rasterize_geometries(
    geometries: Geometries,
    class_ids: Sequence[str],
    grid: GeoGrid,
    ontology: Ontology,
    *,
    ids: Sequence[str] | None = None,
    suggested: Sequence[bool] | None = None,
    flavour: Flavour = "semantic",
    rule: BurnRule = CENTRES,
    window: Window | None = None,
    base: NDArray[Any] | None = None,
    watch: Watch = UNWATCHED,
) -> Mask:
    """Return the mask of n geometries in pixel coordinates.

    Where they overlap the class that stands later in the ontology wins, then the geometry that comes later, unless
    the rule says otherwise.  Geometries whose class has no mask value are left out of semantic and panoptic masks.

    Parameters
    ----------
    geometries, class_ids, ids
        n geometries, their classes, and (for the table) their annotation ids.
    suggested
        Which of the n are suggestions: whatever the rule, they show only where
        neither another geometry nor the base covers them.
    flavour
        Semantic values are the classes' mask values; instance values number
        the geometries from 1 in their order; panoptic values are
        ``mask value * divisor + number within the class``, the divisor a
        power of ten that stands in the rule.
    rule
        Which pixels count, what wins, and how wide lines and points are.
    window
        The part of the grid to return.
    base
        A painted semantic mask of the whole grid that shows where no
        geometry covers it; in panoptic masks its pixels have number 0, and
        instance masks cannot have it.
    watch
        Is told the progress, and may cancel.

    Raises
    ------
    UnknownClassError
        If the ontology lacks a class.
    MaskValueError
        If there is no such flavour, or the base does not fit the grid or the flavour.
    NotGeoreferencedError
        If the rule has a width in metres and the grid no place on Earth.
    CancelledError
        If the watch ends it.
    """
    require_flavour(flavour)
    order = _overlap_order(class_ids, ontology, rule.order, needs_value=flavour != "instance")
    plan = _PLANS[flavour](_Drawn(order, class_ids, ids, ontology))
    shapes = rule.widened(np.asarray(geometries, object)[order], grid)
    is_below = np.zeros(len(order), bool) if suggested is None else np.asarray(suggested, bool)[order]

    def layer(wanted: NDArray[np.bool_], part: Watch) -> NDArray[Any]:
        how: dict[str, Any] = {"all_touched": rule.all_touched, "dtype": plan.dtype, "watch": part}
        return burn(shapes[wanted], plan.values[wanted], grid.shape, window=window, **how)

    burnt = layer(~is_below, watch.part(0.0, 0.5) if is_below.any() else watch)
    table = dict(plan.table)
    if base is not None:
        painted = _base_values(base, grid, flavour, window, plan.divisor)
        burnt = np.where(burnt > 0, burnt, check_values(painted, burnt.dtype))
        table |= _painted_entries(base, plan.divisor, ontology) if plan.divisor else {}
    if is_below.any():
        burnt = np.where(burnt > 0, burnt, layer(is_below, watch.part(0.5, 1.0)))
    return Mask(
        array=burnt,
        grid=grid if window is None else grid.window(window),
        flavour=flavour,
        table=table,
        ontology_stamp=ontology.stamp,
        rule=f"{rule}; value = class * {plan.divisor} + instance" if plan.divisor else str(rule),
        divisor=plan.divisor,
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What is to be burnt: indices in burning order, and each geometry's class and annotation."""

    order: NDArray[np.intp]
    class_ids: Sequence[str]
    ids: Sequence[str] | None
    ontology: Ontology

    def entry(self, index: int, value: int) -> MaskEntry:
        """Return the table's entry of one instance."""
        cls = self.ontology[self.class_ids[index]]
        annotation_id = None if self.ids is None else self.ids[index]
        return MaskEntry(value=value, class_id=cls.id, name=cls.name, color=cls.color, annotation_id=annotation_id)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to burn for a flavour: a value per geometry in burning order, and what the values mean."""

    values: NDArray[np.int64]
    dtype: np.dtype[Any]
    table: dict[int, MaskEntry]
    divisor: int = 0


def _overlap_order(class_ids: Sequence[str], ontology: Ontology, wins: Order, *, needs_value: bool) -> NDArray[np.intp]:
    """Return the indices in burning order: class order first where the class wins, then as given."""
    ranks = {cls.id: rank for rank, cls in enumerate(ontology.classes)}
    without = {cls.id for cls in ontology.classes if cls.mask_value is None} if needs_value else set()
    for class_id in dict.fromkeys(class_ids):
        ontology[class_id]  # raises UnknownClassError with the ontology's own sentence
    keys = np.array([-1 if class_id in without else ranks[class_id] for class_id in class_ids], np.intp)
    order = np.argsort(keys, kind="stable") if wins == "class" else np.arange(len(keys))
    return np.asarray(order[keys[order] >= 0])


def _semantic_plan(drawn: _Drawn) -> _Plan:
    table = semantic_table(drawn.ontology)
    of_class = {entry.class_id: value for value, entry in table.items()}
    values = np.array([of_class[drawn.class_ids[i]] for i in drawn.order], np.int64)
    return _Plan(values, smallest_dtype(max(table, default=0)), table)


def _instance_plan(drawn: _Drawn) -> _Plan:
    table = {i + 1: drawn.entry(i, i + 1) for i in range(len(drawn.class_ids))}
    return _Plan(drawn.order.astype(np.int64) + 1, smallest_dtype(len(table)), table)


def _panoptic_plan(drawn: _Drawn) -> _Plan:
    counts: defaultdict[str, int] = defaultdict(int)
    numbers: dict[int, int] = {}
    for i in sorted(drawn.order.tolist()):
        counts[drawn.class_ids[i]] += 1
        numbers[i] = counts[drawn.class_ids[i]]
    divisor = max(1000, 10 ** len(str(max(counts.values(), default=0))))
    class_values = {entry.class_id: value for value, entry in semantic_table(drawn.ontology).items()}
    value_of = {i: class_values[drawn.class_ids[i]] * divisor + number for i, number in numbers.items()}
    table = {value: drawn.entry(i, value) for i, value in value_of.items()}
    smallest_dtype(max(table, default=0))  # raises when class and instance do not fit together
    values = np.array([value_of[i] for i in drawn.order.tolist()], np.int64)
    return _Plan(values, np.dtype("uint32"), table, divisor)


_PLANS = {"semantic": _semantic_plan, "instance": _instance_plan, "panoptic": _panoptic_plan}


def _base_values(
    base: NDArray[Any], grid: GeoGrid, flavour: Flavour, window: Window | None, divisor: int
) -> NDArray[Any]:
    """Return the painted values of a window, as a mask with this divisor (0 for none) has them."""
    if flavour == "instance":
        raise MaskValueError(
            "painted pixels have no instances, so an instance mask cannot hold them; ask for semantic or panoptic"
        )
    if base.shape != grid.shape:
        raise MaskValueError(f"the painted mask's shape {base.shape} is not the grid's {grid.shape}")
    painted = base if window is None else base[window]
    return painted.astype(np.uint32) * np.uint32(divisor) if divisor else painted


def _painted_entries(base: NDArray[Any], divisor: int, ontology: Ontology) -> dict[int, MaskEntry]:
    """Return what painted pixels mean in a panoptic mask: a class without instances, number 0."""
    known = semantic_table(ontology)
    present = [value for value in present_values(base).tolist() if value in known]
    smallest_dtype(max(present, default=0) * divisor)
    return {value * divisor: replace(known[value], value=value * divisor) for value in present}
