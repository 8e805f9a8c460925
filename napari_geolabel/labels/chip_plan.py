"""Which parts of scenes become chips of a training set, what of the labels each shows, and which split each is of.

No pixel is in two splits: chips are dealt out by square blocks of a scene or
by whole scenes, and a chip that reaches into a block of another split is
left out.  The same plan and seed give the same chips.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.covering import filled
from napari_geolabel.annotations.shapes import check_geometries
from napari_geolabel.errors import FormatError, require_word
from napari_geolabel.geo import Window
from napari_geolabel.ontology.editing import add_attribute, change_ontology
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology

SPLITS = ("train", "val", "test")
Block = tuple[int, int, int]
"""Scene, row and column of a block."""
DealtOut = Literal["block", "scene"]
VISIBLE = "visible_fraction"
"""The attribute that says how much of an annotation a chip shows."""


@dataclass(frozen=True, kw_only=True)
class ChipPlan:
    """How scenes are cut into chips.

    Raises
    ------
    FormatError
        If a number makes no sense, or chips are to be dealt out by something else.
    """

    size_px: int = 512
    """Side of a chip; smaller where the scene is."""
    overlap_px: int = 0
    """By how much neighbouring chips overlap."""
    min_visible: float = 0.25
    """Least share of an annotation (area, length) that must lie in a chip for it to be a label there."""
    negatives: float = 0.25
    """How many chips without labels are kept, as a share of those with labels."""
    split: tuple[float, float, float] = (0.8, 0.1, 0.1)
    """Shares of train, val and test."""
    by: DealtOut = "block"
    """What is dealt out whole: square blocks of a scene, or scenes."""
    block_chips: int = 4
    """Side of a block, in chips."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the numbers and the word."""
        require_word(self.by, DealtOut, "nothing that chips are dealt out by", FormatError)
        if self.size_px < 16 or not 0 <= self.overlap_px < self.size_px:
            raise FormatError(
                f"chips of {self.size_px} px with {self.overlap_px} px of overlap cannot be; take 512 and 64"
            )
        has_shares = 0 < self.min_visible <= 1 and 0 <= self.negatives < math.inf  # not-a-number is neither
        if not (has_shares and self.block_chips >= 1 and self.seed >= 0):
            raise FormatError(
                "the least visible share is from 0 to 1, negatives and seed are not negative, blocks have chips"
            )
        if len(self.split) != 3 or min(self.split) < 0 or not 0 < sum(self.split) <= 1 + 1e-9:
            raise FormatError(f"the shares {self.split} are not those of train, val and test; take 0.8, 0.1, 0.1")


@dataclass(frozen=True, kw_only=True)
class Chip:
    """One part of a scene."""

    scene: int
    """Which of the scenes."""
    window: Window
    """Its rows and columns there."""
    split: str
    annotations: tuple[Annotation, ...]
    """What of the labels it shows, in its own pixel coordinates, with `VISIBLE` among the attributes."""
    is_painted: bool = False
    """Whether it shows paint."""

    @property
    def is_labelled(self) -> bool:
        """Whether it has any label."""
        return self.is_painted or bool(self.annotations)

    @property
    def name(self) -> str:
        """Its row and column, as file names have them."""
        return f"{self.window[0].start:06d}_{self.window[1].start:06d}"


@dataclass(kw_only=True)
class Planned:
    """The chips of a plan, and what was left out."""

    chips: list[Chip] = field(default_factory=list)
    hidden: int = 0
    """Labels of which some chip shows too little."""
    straddling: int = 0
    """Chips that reach into another split."""
    negatives: int = 0
    """Chips without labels that were left out."""


def windows_of(shape: tuple[int, int], plan: ChipPlan) -> list[Window]:
    """Return the windows that cover a raster, row by row; the last of a row or column ends at the edge."""
    rows, cols = (_starts(length, plan) for length in shape)
    height, width = (min(plan.size_px, length) for length in shape)
    return [(slice(row, row + height), slice(col, col + width)) for row in rows for col in cols]


def with_visible(ontology: Ontology) -> Ontology:
    """Return the ontology whose classes all have the attribute `VISIBLE`, as a version of its own."""
    made = ontology
    for each in ontology.classes:
        if VISIBLE not in {attribute.id for attribute in each.attributes}:
            made = add_attribute(made, each.id, "Visible fraction", "number", id=VISIBLE, minimum=0, maximum=1)
    return made if made is ontology else change_ontology(made, version=f"{ontology.version}+chips")


def plan_chips(
    shapes: Sequence[tuple[int, int]],
    labels: Sequence[Sequence[Annotation]],
    plan: ChipPlan,
    painted: Sequence[NDArray[Any] | None] = (),
) -> Planned:
    """Return the chips of scenes of some shapes with the labels of each.

    Parameters
    ----------
    shapes
        Rows and columns of each scene.
    labels
        The annotations of each scene.
    plan
        How they are cut.
    painted
        The painted mask of each scene, None where nothing is painted, if paint is a label too.
    """
    planned = Planned()
    ids = [block for number, shape in enumerate(shapes) for block in _block_ids(shape, number, plan)]
    of_scenes = [_drawn(held) for held in labels]
    inked = [_painted_windows(mask, plan) for mask in painted or [None] * len(shapes)]
    weights = _weights(of_scenes, plan)
    weights.update(_blocks_under(at, number, plan)[0] for number, found in enumerate(inked) for at in found.values())
    blocks = _deal(ids, weights, plan)
    rng = np.random.default_rng([plan.seed, 1])
    for number, (shape, drawn) in enumerate(zip(shapes, of_scenes, strict=True)):
        tree = shapely.STRtree([a.geometry for a in drawn])
        for window in windows_of(shape, plan):
            splits = {blocks[b] for b in _blocks_under(window, number, plan)}
            if len(splits) > 1:
                planned.straddling += 1
                continue
            shown = list(_shown(window, drawn, tree, plan, planned))
            planned.chips.append(
                Chip(
                    scene=number,
                    window=window,
                    split=splits.pop(),
                    annotations=tuple(shown),
                    is_painted=_corner(window) in inked[number],
                )
            )
    _drop_negatives(planned, plan, rng)
    return planned


def _drawn(labels: Sequence[Annotation]) -> list[Annotation]:
    """Return the labels that nobody has rejected, areas whose outlines cross themselves as what they cover."""
    drawn = [annotation for annotation in labels if annotation.status is not Status.REJECTED]
    covering = [a if a.geometry.is_valid else replace(a, geometry=filled(a.geometry)) for a in drawn]
    return [annotation for annotation in covering if not annotation.geometry.is_empty]


def _painted_windows(painted: NDArray[Any] | None, plan: ChipPlan) -> dict[tuple[int, int], Window]:
    """Return the windows of a scene that show paint, by their corners."""
    if painted is None:
        return {}
    return {_corner(window): window for window in windows_of(painted.shape, plan) if painted[window].any()}


def _corner(window: Window) -> tuple[int, int]:
    return window[0].start, window[1].start


def _starts(length: int, plan: ChipPlan) -> list[int]:
    last = max(0, length - plan.size_px)
    starts = list(range(0, last + 1, plan.size_px - plan.overlap_px))
    return starts if starts[-1] == last else [*starts, last]


def _block_px(plan: ChipPlan) -> int:
    return plan.block_chips * plan.size_px


def _block_ids(shape: tuple[int, int], scene: int, plan: ChipPlan) -> list[Block]:
    """Return the blocks of a scene; one that is dealt out whole is a single block."""
    if plan.by == "scene":
        return [(scene, 0, 0)]
    side = _block_px(plan)
    return [(scene, row, col) for row in range(-(-shape[0] // side)) for col in range(-(-shape[1] // side))]


def _blocks_under(window: Window, scene: int, plan: ChipPlan) -> list[Block]:
    if plan.by == "scene":
        return [(scene, 0, 0)]
    (r0, r1), (c0, c1) = ((part.start // _block_px(plan), (part.stop - 1) // _block_px(plan)) for part in window)
    return [(scene, row, col) for row in range(r0, r1 + 1) for col in range(c0, c1 + 1)]


def _weights(labels: Sequence[Sequence[Annotation]], plan: ChipPlan) -> Counter[Block]:
    """Return how many annotations each block has, by the middle of their bounds."""
    found: Counter[Block] = Counter()
    for number, held in enumerate(labels):
        for annotation in held:
            x0, y0, x1, y1 = annotation.geometry.bounds
            middle = (
                slice(int((y0 + y1) // 2), int((y0 + y1) // 2) + 1),
                slice(int((x0 + x1) // 2), int((x0 + x1) // 2) + 1),
            )
            found[_blocks_under(middle, number, plan)[0]] += 1
    return found


def _deal(blocks: Sequence[Block], weights: Mapping[Block, int], plan: ChipPlan) -> Mapping[Block, str]:
    """Return the split of each block.

    Blocks are shuffled by the seed and dealt, those with most labels first,
    to whichever split is furthest behind its share of labels; those without
    labels by their number.
    """
    order = [blocks[i] for i in np.random.default_rng(plan.seed).permutation(len(blocks)).tolist()]
    shares = np.array(plan.split) / sum(plan.split)
    dealt: dict[Block, str] = {}
    for group in ([b for b in order if weights.get(b)], [b for b in order if not weights.get(b)]):
        counts = np.zeros(3)
        for block in sorted(group, key=lambda b: -weights.get(b, 0)):
            weight = max(1, weights.get(block, 0))
            behind = int(np.argmax(shares * (counts.sum() + weight) - counts))
            counts[behind] += weight
            dealt[block] = SPLITS[behind]
    return dealt


def _shown(
    window: Window, drawn: Sequence[Annotation], tree: shapely.STRtree, plan: ChipPlan, planned: Planned
) -> Iterator[Annotation]:
    """Yield what of the annotations a window shows, cut at its edges."""
    rows, cols = window
    frame = shapely.box(cols.start, rows.start, cols.stop, rows.stop)
    for index in sorted(tree.query(frame, predicate="intersects").tolist()):
        annotation = drawn[index]
        if annotation.kind is Kind.KEYPOINT and not _lies_in(annotation.geometry, window):
            continue
        cut = shapely.intersection(annotation.geometry, frame)
        visible = _visible(annotation, cut)
        if visible < plan.min_visible:
            planned.hidden += visible > 0
            continue
        made = _as_cut(annotation, annotation.geometry if visible == 1 else cut)
        if made is not None:
            moved = shapely.affinity.translate(made.geometry, -cols.start, -rows.start)
            values = {**made.attributes, VISIBLE: round(visible, 4)}
            yield replace(made, geometry=moved, attributes=values, source=None)


def _lies_in(point: shapely.Point, window: Window) -> bool:
    """Return whether the pixel that a point lies in is one of a window; its far edges are those of its neighbours."""
    rows, cols = window
    return bool(cols.start <= point.x < cols.stop and rows.start <= point.y < rows.stop)


def _visible(annotation: Annotation, cut: shapely.Geometry) -> float:
    """Return the share of an annotation that is left of it."""
    whole = annotation.geometry
    if annotation.kind is Kind.KEYPOINT:
        return 0.0 if shapely.is_empty(cut) else 1.0
    measure = shapely.length if annotation.kind is Kind.POLYLINE else shapely.area
    share = float(measure(cut) / max(float(measure(whole)), 1e-12))
    return 1.0 if share > 1 - 1e-9 else share


def _as_cut(annotation: Annotation, geometry: shapely.Geometry) -> Annotation | None:
    """Return an annotation of what is left; a rotated box that is cut is a polygon, None where nothing fits."""
    kind = annotation.kind
    if kind is Kind.ROTATED_BOX and geometry is not annotation.geometry:
        kind = Kind.POLYGON
    wanted = {"Polygon", "MultiPolygon"} if kind.geometry_types[0] == "Polygon" else set(kind.geometry_types)
    parts = [p for p in shapely.get_parts(geometry).tolist() if p.geom_type in wanted]
    if not parts:
        return None
    joined = parts[0] if len(parts) == 1 else shapely.union_all(parts)
    checked, errors = check_geometries([joined], [kind])
    return None if errors else replace(annotation, kind=kind, geometry=checked[0])


def _drop_negatives(planned: Planned, plan: ChipPlan, rng: np.random.Generator) -> None:
    """Keep as many chips without labels as the plan wants, of those that chance takes."""
    empty = [place for place, chip in enumerate(planned.chips) if not chip.is_labelled]
    wanted = min(len(empty), round(plan.negatives * (len(planned.chips) - len(empty))))
    kept = set(rng.permutation(len(empty))[:wanted].tolist())
    dropped = {place for number, place in enumerate(empty) if number not in kept}
    planned.negatives = len(dropped)
    planned.chips = [chip for place, chip in enumerate(planned.chips) if place not in dropped]
