"""Reshaping by hand: what the tools that draw over annotations do, and the commands on what is selected.

A tool acts on what is selected.  Where nothing is, it acts on the topmost
annotation under the first click, or else on the topmost that the drawing
meets: a line that splits begins outside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.errors import GeoLabelError, GeometryError
from napari_geolabel.labels.labels import Labels
from napari_geolabel.labels.reshaping import Reshaping
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.class_marks import ClassMarks
from napari_geolabel.viewer.selection import Selection

if TYPE_CHECKING:
    from napari_geolabel.viewer.tools import ToolBox

COMMANDS = ("merge", "simplify", "buffer", "duplicate")
"""What is done at once to all that is selected."""

_AREAS = frozenset({Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON})
_OUTLINES = _AREAS | {Kind.POLYLINE}
_FITTING = {"hole": _AREAS, "part": _AREAS, "cut": _OUTLINES, "split": _OUTLINES, "reshape": _OUTLINES}
_ON_ALL = frozenset({"cut", "split"})

_DRAWN: dict[str, Callable[[Reshaping, Sequence[str], BaseGeometry], object]] = {
    "hole": lambda reshape, ids, area: reshape.hole(ids[0], area),
    "part": lambda reshape, ids, area: reshape.part(ids[0], area),
    "cut": lambda reshape, ids, area: reshape.cut(ids, area),
    "split": lambda reshape, ids, line: reshape.split(ids, line),
    "reshape": lambda reshape, ids, line: reshape.along(ids[0], line),
}


class Reshaper:
    """Lets a session's tools and keys reshape annotations.

    Parameters
    ----------
    labels
        Whose annotations are reshaped.
    selection
        What is selected on screen.
    toolbox
        Its reshaping tools hand over here what they have drawn.
    notify
        Shows the user one sentence.
    marks
        Which classes are hidden and locked, and so not drawn over; None for none.
    """

    def __init__(
        self,
        labels: Labels,
        selection: Selection,
        toolbox: ToolBox,
        *,
        notify: Callable[[str], None],
        marks: ClassMarks | None = None,
    ) -> None:
        self._marks = marks or ClassMarks()
        self._labels, self._selection, self._notify = labels, selection, notify
        self.distance = 10.0
        """How far `buffer` goes, in `unit`; a negative distance shrinks."""
        self.tolerance_px = 1.0
        """How much `simplify` may move an outline, in scene pixels."""
        toolbox.reshaped.connect(self._on_drawn)

    @property
    def unit(self) -> str:
        """The unit of `distance`: ``m``, or ``px`` where the scene is not georeferenced."""
        return "m" if self._labels.scene.grid.is_georeferenced else "px"

    def why_not(self, name: str) -> str:
        """Return why a tool or command cannot be used now, empty where it can."""
        if self._labels.refusal:
            return self._labels.refusal
        if not self._labels.store:
            return "there is nothing to reshape yet; draw something first"
        chosen = self._selected()
        if name in COMMANDS:
            return _why_not_all(name, chosen)
        if chosen and not any(each.kind in _FITTING[name] for each in chosen):
            way_out = "a box or polygon" if _FITTING[name] == _AREAS else "an area or line"
            return f"what is selected cannot be changed so; select {way_out}, or nothing"
        return ""

    def run(self, command: str) -> None:
        """Do one of `COMMANDS` with what is selected; what cannot be is told, not raised."""
        reason = self.why_not(command)
        if reason:
            self._notify(reason)
            return
        ids, reshape = [each.id for each in self._selected()], self._labels.reshape
        try:
            if command == "merge":
                reshape.merge(ids)
            elif command == "simplify":
                reshape.simplify(ids, self.tolerance_px)
            elif command == "duplicate":
                self._selection.select(copy.id for copy in reshape.duplicate(ids))
            elif self.unit == "m":
                reshape.buffer(ids, metres=self.distance)
            else:
                reshape.buffer(ids, pixels=self.distance)
        except GeoLabelError as error:
            self._notify(str(error))

    def _selected(self) -> list[Annotation]:
        return [self._labels[name] for name in self._selection.ids if name in self._labels]

    def _on_drawn(self, tool: str, geometry: BaseGeometry) -> None:
        """Do what a tool is for with what it has drawn; those of the mask are not for annotations."""
        if tool not in _DRAWN:
            return
        try:
            _DRAWN[tool](self._labels.reshape, self._targets(tool, geometry), geometry)
        except GeoLabelError as error:
            self._notify(str(error))

    def _targets(self, tool: str, geometry: BaseGeometry) -> list[str]:
        """Return the ids of what a drawing is for.

        Raises
        ------
        GeometryError
            If it is not clear.
        """
        chosen = [each for each in self._selected() if each.kind in _FITTING[tool]]
        if chosen and (tool in _ON_ALL or len(chosen) == 1):
            return [each.id for each in chosen]
        there = [self._labels[name] for name in self._labels.store.query(geometry.bounds)]
        near = chosen or [each for each in there if self._marks.may_touch(each)]
        first = shapely.Point(shapely.get_coordinates(geometry)[0])
        met = [e for e in near if e.kind in _FITTING[tool] and shapely.intersects(e.geometry, geometry)]
        under = [each for each in met if shapely.intersects(each.geometry, first)]
        if not met:
            raise GeometryError("nothing was hit that can be changed so; select it first, or draw over it")
        return [(under or met)[-1].id]


def _why_not_all(command: str, chosen: Sequence[Annotation]) -> str:
    """Return why a command cannot be done with what is selected."""
    if command == "merge" and len(chosen) < 2:
        return "select two annotations or more of one class to merge them"
    if not chosen:
        return f"select what to {command} first"
    if command == "merge" and len({each.class_id for each in chosen}) > 1:
        return "what is selected has several classes; give it one class to merge it"
    if command == "simplify" and not any(each.kind in {Kind.POLYGON, Kind.POLYLINE} for each in chosen):
        return "only polygons and lines have vertices to spare; select one"
    return ""
