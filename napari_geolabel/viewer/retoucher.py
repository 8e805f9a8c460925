"""Painted areas changed by hand: the commands on the current class, and what the mask's own tools draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.change import Change
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labels.labels import Labels
from napari_geolabel.labels.mask_part import EVERYWHERE, Within
from napari_geolabel.labels.retouching import Retouching
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.selection import Selection
from napari_geolabel.viewer.sketches import MASK_TOOLS

if TYPE_CHECKING:
    from napari_geolabel.imagery.reader import Bounds
    from napari_geolabel.viewer.hand import Hand
    from napari_geolabel.viewer.tools import ToolBox


class Scope(StrEnum):
    """Where a command changes pixels."""

    VIEW = "what is in view"
    MASK = "the whole mask"


class Retoucher:
    """Lets a session's buttons and keys change painted areas.

    Parameters
    ----------
    labels
        Whose mask is changed.
    hand
        Says which class is current.
    selection
        What is selected on screen.
    view
        Tells which rows and columns of the scene are on screen, None where that is not known.
    notify
        Shows the user one sentence.
    """

    def __init__(
        self,
        labels: Labels,
        hand: Hand,
        selection: Selection,
        *,
        view: Callable[[], Bounds | None],
        notify: Callable[[str], None],
    ) -> None:
        self._labels, self._hand, self._selection = labels, hand, selection
        self._view, self._notify = view, notify
        is_placed = labels.scene.grid.is_georeferenced
        self.distance = 20.0 if is_placed else 2.0
        """How far areas grow, shrink and are smoothed, in `unit`."""
        self.least_area = 2_000.0 if is_placed else 20.0
        """Below which area specks and holes go, in `area_unit`."""
        self.tolerance = 10.0
        """How much, in per cent, a pixel may differ from the one that filling starts from; see `Retouching.fill`."""
        self.scope = Scope.VIEW
        self.partner: str | None = None
        """Id of the class that `swap` exchanges with the current one."""

    @property
    def unit(self) -> str:
        """The unit of `distance`: ``m``, or ``px`` where the scene is not georeferenced."""
        return "m" if self._labels.scene.grid.is_georeferenced else "px"

    @property
    def area_unit(self) -> str:
        """The unit of `least_area`."""
        return "m²" if self._labels.scene.grid.is_georeferenced else "px"

    def why_not(self, command: str) -> str:
        """Return why one of `COMMANDS` cannot be done now, empty where it can."""
        if self._labels.refusal:
            return self._labels.refusal
        if command == "burn":
            return "" if self._selection.ids else "select the areas to paint into the mask first"
        label_class = self._labels.ontology[self._hand.class_id]
        if Kind.MASK not in label_class.kinds:
            return f"{label_class.name} is not painted; choose a class that is"
        if label_class.id in self._labels.locked:
            return f"{label_class.name} is locked; unlock the class to change it"
        if command == "swap" and self.partner in (None, label_class.id):
            return "choose another class to swap with"
        if command == "outline" and Kind.POLYGON not in label_class.kinds:
            return f"{label_class.name} is not drawn as polygon, so its paint stays paint"
        return ""

    def run(self, command: str) -> None:
        """Do one of `COMMANDS`; what cannot be is told, not raised."""
        try:
            self.take(self.plan(command)())
        except GeoLabelError as error:
            self._notify(str(error))

    def plan(self, command: str) -> Callable[[], Change]:
        """Return what computes the change of a command for the class, amounts and view of now, on any thread.

        Raises
        ------
        GeoLabelError
            If it cannot be done.
        """
        reason = self.why_not(command)
        if reason:
            raise GeoLabelError(reason)
        on_ground = self.unit == "m"
        order = _Order(
            class_id=self._hand.class_id,
            partner=self.partner or self._hand.class_id,
            ids=list(self._selection.ids),
            within=self._within(),
            far={"metres" if on_ground else "pixels": self.distance},
            least={"square_metres" if on_ground else "pixels": self.least_area},
        )
        retouch = Retouching(self._labels, lambda change: change)
        return lambda: _PLANS[command](retouch, order)

    def take(self, change: Change) -> None:
        """Apply a change that was planned; one of a mask that was painted meanwhile is told and left."""
        canvas = self._labels.canvas
        if any(canvas.tile((tile.row, tile.col)).tobytes() != tile.before for tile in change.tiles):
            self._notify("the mask was painted meanwhile, so nothing was done; do it again")
            return
        try:
            if not self._labels.store.apply(change):
                self._notify(f"{change.title}: there was nothing to change")
        except GeoLabelError as error:
            self._notify(str(error))

    def follow(self, toolbox: ToolBox) -> None:
        """Do from now on what the mask's tools draw; what cannot be is told."""
        toolbox.reshaped.connect(self._on_drawn)

    def _on_drawn(self, tool: str, geometry: BaseGeometry) -> None:
        if tool in MASK_TOOLS:
            try:
                self.draw(tool, geometry)
            except GeoLabelError as error:
                self._notify(str(error))

    def draw(self, tool: str, geometry: BaseGeometry) -> None:
        """Do what one of `MASK_TOOLS` is for with what it has drawn, in pixel coordinates.

        Raises
        ------
        GeoLabelError
            If it cannot be done.
        """
        class_id, retouch = self._hand.class_id, self._labels.retouch
        if tool == "area":
            self._labels.paint(geometry, class_id)
        elif tool == "erase_area":
            retouch.erase(geometry)
        elif tool == "wand":
            retouch.fill(shapely.get_coordinates(geometry)[0].tolist(), class_id, tolerance=self.tolerance)
        else:
            chosen = [i for i in self._selection.ids if self._labels[i].class_id == class_id]
            retouch.instance(geometry, class_id, into=chosen[0] if len(chosen) == 1 else None)

    def _within(self) -> Within:
        bounds = self._view() if self.scope is Scope.VIEW else None
        if bounds is None:
            return EVERYWHERE
        top, bottom, left, right = bounds
        return Within(area=shapely.box(left, top, right, bottom))


@dataclass(frozen=True, kw_only=True)
class _Order:
    """What a command is to be done with."""

    class_id: str
    partner: str
    ids: list[str]
    within: Within
    far: dict[str, float]
    """The distance, by the name of its unit."""
    least: dict[str, float]
    """The least area, by the name of its unit."""


_PLANS: dict[str, Callable[[Retouching, _Order], Change]] = {
    "grow": lambda retouch, o: retouch.grow(o.class_id, within=o.within, **o.far),
    "shrink": lambda retouch, o: retouch.shrink(o.class_id, within=o.within, **o.far),
    "smooth": lambda retouch, o: retouch.smooth(o.class_id, within=o.within, **o.far),
    "drop_specks": lambda retouch, o: retouch.drop_specks(o.class_id, within=o.within, **o.least),
    "fill_holes": lambda retouch, o: retouch.fill_holes(o.class_id, within=o.within, **o.least),
    "swap": lambda retouch, o: retouch.swap(o.class_id, o.partner, within=o.within),
    "outline": lambda retouch, o: retouch.outline(o.class_id, within=o.within),
    "burn": lambda retouch, o: retouch.burn(o.ids),
}

COMMANDS: dict[str, str] = {
    "grow": "Give the class every pixel within the distance of it.",
    "shrink": "Take from the class every pixel within the distance of what is not of it.",
    "smooth": "Straighten the border of the class: each pixel goes with the majority of a disc of that radius.",
    "drop_specks": "Give what hangs together in less than the least area to what lies around it.",
    "fill_holes": "Give the class the gaps in it that are smaller than the least area.",
    "swap": "Let the class and the one beside change places.",
    "outline": "Make polygons of what is painted of the class; the paint goes.",
    "burn": "Paint the selected areas into the mask; the annotations go.",
}
"""What is done at once to the painted pixels of the current class, and what it does in words."""
