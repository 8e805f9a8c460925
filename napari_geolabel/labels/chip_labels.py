"""The labels of scenes at one moment, the chips that a plan makes of them for a layout, and masks of chips.

Layouts of objects have an annotation in a chip if enough of it is to be seen
there.  Masks say of every pixel what it is, so they have all of every area,
and what is painted too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import shapely
from numpy.typing import NDArray

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.formats.registry import FORMATS
from napari_geolabel.labels.chip_plan import ChipPlan, Planned, plan_chips
from napari_geolabel.labels.loss_notes import left_out_of_mask
from napari_geolabel.masks import Mask, rasterize_annotations

if TYPE_CHECKING:
    from napari_geolabel.annotations.annotation import Annotation
    from napari_geolabel.geo import Window
    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.ontology.model import Ontology

MASK = "mask"
"""The layout of semantic masks."""
_ANY_SHARE = 1e-9
"""Least visible share where all that is to be seen counts."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """The labels of a scene."""

    scene: Scene
    ontology: Ontology
    annotations: Sequence[Annotation]
    painted: NDArray[Any] | None = None
    """The painted mask, None where nothing is painted."""

    @classmethod
    def of(cls, labels: Labels) -> Held:
        """Return labels as they are now, with the mask that goes on being painted on."""
        painted = labels.canvas.array if labels.is_painted else None
        annotations = list(labels.store.values())
        return cls(scene=labels.scene, ontology=labels.ontology, annotations=annotations, painted=painted)

    def kept_for(self, form: str) -> Held:
        """Return the same labels, with a mask of their own where the layout has paint."""
        return self if self.painted is None or form != MASK else replace(self, painted=self.painted.copy())

    @property
    def drawn(self) -> list[Annotation]:
        """The annotations that nobody has rejected."""
        return [annotation for annotation in self.annotations if annotation.status is not Status.REJECTED]

    @property
    def burnt(self) -> list[Annotation]:
        """Those of them whose class has a value in masks."""
        return [annotation for annotation in self.drawn if self.ontology[annotation.class_id].mask_value is not None]


def plan_held(held: Sequence[Held], plan: ChipPlan, form: str) -> Planned:
    """Return the chips of scenes with what a layout has of their labels; masks have all that is to be seen."""
    shapes = [each.scene.grid.shape for each in held]
    if form != MASK:
        return plan_chips(shapes, [each.annotations for each in held], plan)
    wanted = replace(plan, min_visible=_ANY_SHARE)
    return plan_chips(shapes, [each.burnt for each in held], wanted, [each.painted for each in held])


def lost_by(form: str, held: Sequence[Held]) -> Iterator[str]:
    """Yield what a layout of labels has no place for, whatever the format of a single file holds."""
    if form == MASK:
        yield from left_out_of_mask([annotation for each in held for annotation in each.drawn], held[0].ontology)
    elif any(each.painted is not None for each in held):
        yield f"what is painted does not go into {FORMATS[form].title}; make a set of masks too (--labels mask)"


class ChipBurner:
    """Burns masks of parts of a scene."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._burnt = held.burnt
        self._tree = shapely.STRtree([annotation.geometry for annotation in self._burnt])

    def mask(self, window: Window) -> Mask:
        """Return the mask of a window: that of the whole scene there, to the pixel."""
        rows, cols = window
        near = shapely.box(cols.start - 1, rows.start - 1, cols.stop + 1, rows.stop + 1)
        found = sorted(self._tree.query(near).tolist())
        return rasterize_annotations(
            [self._burnt[index] for index in found],
            self._held.scene.grid,
            self._held.ontology,
            window=window,
            base=self._held.painted,
        )
