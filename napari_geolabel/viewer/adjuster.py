"""Moving, turning and resizing what is selected, by mouse and by keys.

napari's own select mode does the first two in float32 and makes rectangles
of boxes on another scene's ground lean.  Here the exact geometry is moved, and
a rotated box stays a rectangle on the ground.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import FloatArray, display_to_pixel
from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.grips import Grip, degrees_between, dragged, grip_at, lines_of, size_text
from napari_geolabel.viewer.preview import Preview
from napari_geolabel.viewer.readout import Readout

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_geolabel.viewer.class_marks import ClassMarks
    from napari_geolabel.viewer.label_layers import LabelLayers
    from napari_geolabel.viewer.selection import Selection

CLICK_PX = 4
"""How far the mouse may move between press and release of a click, in screen pixels."""
NEAR_PX = 5.0
"""How near the mouse must be to a line or point to take hold of it, in screen pixels."""
_LEFT = 1


class Adjuster:
    """A tool: press on an annotation to select it and drag it, on its grips to turn and resize it.

    Parameters
    ----------
    viewer
        The viewer of the session.
    labels
        Whose annotations are moved.
    layers
        The layers of the session; outlines and grips show in its preview.
    selection
        What is selected on screen.
    marks
        Say which annotations are seen, and not locked.
    notify
        Shows the user one sentence.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        labels: Labels,
        layers: LabelLayers,
        selection: Selection,
        marks: ClassMarks,
        *,
        notify: Callable[[str], None],
    ) -> None:
        self._viewer, self._labels, self._layer = viewer, labels, layers.shapes
        self._selection, self._marks, self._notify = selection, marks, notify
        self._preview, self._readout = Preview(viewer, layers.preview), Readout(viewer)
        self._is_on = False

    @property
    def is_on(self) -> bool:
        """Whether it is the tool in hand; setting it takes it, or puts it away."""
        return self._is_on

    @is_on.setter
    def is_on(self, on: bool) -> None:
        if on == self._is_on:
            return
        self._is_on = on
        callbacks, zoom = self._viewer.mouse_drag_callbacks, self._viewer.scene.camera.events.zoom
        if on:
            callbacks.append(self._on_press)
            zoom.connect(self._show)
            self._selection.changed.connect(self._show)
            self._labels.store.changed.connect(self._show)
            self._show()
        else:
            callbacks.remove(self._on_press)
            zoom.disconnect(self._show)
            self._selection.changed.disconnect(self._show)
            self._labels.store.changed.disconnect(self._show)
            self._preview.clear()
            self._readout.clear()

    def nudge(self, x: float, y: float) -> None:
        """Move what is selected by scene pixels."""
        self._do(lambda ids: self._labels.reshape.move(ids, pixels=(x, y)))

    def turn(self, degrees: float) -> None:
        """Turn what is selected, each about its own middle, clockwise on the ground."""
        self._do(lambda ids: self._labels.reshape.rotate(ids, degrees))

    def _do(self, change: Callable[[list[str]], object]) -> None:
        ids = [annotation.id for annotation in self._selected()]
        if not ids:
            self._notify("select what to move or turn first")
            return
        try:
            change(ids)
        except GeoLabelError as error:
            self._notify(str(error))

    def _selected(self) -> list[Annotation]:
        return [self._labels[name] for name in self._selection.ids if name in self._labels]

    def _on_press(self, viewer: ViewerModel, event: Any) -> Generator[None, None, None]:  # noqa: ANN401, ARG002  (napari's)
        """Take hold of what is under the mouse, drag it, and let it go."""
        active = self._viewer.layers.selection.active
        if event.button != _LEFT or (active is not None and active.mode != "pan_zoom"):
            return
        start, place = self._pixel(event), np.array(event.pos)
        grip = self._grip(start, adds="Shift" in event.modifiers)
        held = self._selected() if grip is not None else []
        event.handled = grip is not None or event.handled  # keeps the map still
        is_drag = False
        yield
        while event.type == "mouse_move":
            if not event.is_dragging:
                return  # the release was lost
            is_drag = is_drag or np.abs(np.asarray(event.pos) - place).max() > CLICK_PX
            if is_drag and grip is not None and self._is_on:  # a key may have put it away meanwhile
                self._show_dragged(held, grip, start, self._pixel(event))
            yield
        if is_drag and grip is not None and self._is_on:
            self._let_go(held, grip, start, self._pixel(event))
        elif not is_drag and grip is None:
            self._selection.select([])
        if self._is_on:
            self._show()

    def _grip(self, point: FloatArray, *, adds: bool) -> Grip | None:
        """Return what is taken hold of at a point; what is not selected yet is selected by that."""
        chosen = self._selected()
        if len(chosen) == 1 and not adds:
            grip = grip_at(chosen[0], point, self._preview.pixel_px)
            if grip is not None:
                return grip
        hit = self._hit(point)
        if hit is None:
            return None
        if hit not in {each.id for each in chosen}:
            self._selection.select([*(each.id for each in chosen if adds), hit])
        return Grip(does="move", point=point)

    def _hit(self, point: FloatArray) -> str | None:
        """Return the id of the topmost annotation at a point, None where there is none."""
        reach = NEAR_PX / self._preview.pixel_px
        near = self._labels.store.query((*(point - reach), *(point + reach)))
        here = shapely.Point(point)
        order = {name: place for place, name in enumerate(self._labels.store)}
        seen = [i for i in near if self._marks.may_touch(self._labels[i])]
        hits = [i for i in seen if shapely.distance(self._labels[i].geometry, here) <= reach.max()]
        return max(hits, key=order.__getitem__, default=None)

    def _let_go(self, held: Sequence[Annotation], grip: Grip, start: FloatArray, end: FloatArray) -> None:
        """Make one change of a drag."""
        reshape, ids = self._labels.reshape, [each.id for each in held if each.id in self._labels]
        grid = self._labels.scene.grid
        try:
            if ids and grip.does == "move":
                reshape.move(ids, pixels=(float(end[0] - start[0]), float(end[1] - start[1])))
            elif ids and grip.does == "turn":
                reshape.rotate(ids, degrees_between(held[0], start, end, grid))
            elif ids:
                reshape.resize(ids[0], grip.corner, (float(end[0]), float(end[1])))
        except GeoLabelError as error:
            self._notify(str(error))

    def _show_dragged(self, held: Sequence[Annotation], grip: Grip, start: FloatArray, end: FloatArray) -> None:
        """Show what a drag would make."""
        grid = self._labels.scene.grid
        try:
            geometries = [dragged(each, grip, start, end, grid) for each in held]
        except GeoLabelError:
            return  # the box has no area just now; what was shown last stays
        outlines = [each.edited(geometry=geometry) for each, geometry in zip(held, geometries, strict=True)]
        self._preview.show(lines_of(outlines, self._preview.pixel_px), np.zeros((0, 2)))
        self._readout.show(size_text(held[0].kind, geometries[0], grid) if len(held) == 1 else "")

    def _show(self, *_: object) -> None:
        """Show outline and grips of what is selected, and how large it is."""
        chosen = self._selected()
        if not chosen:
            self._preview.clear()
            self._readout.clear()
            return
        self._preview.show(lines_of(chosen, self._preview.pixel_px), np.zeros((0, 2)))
        one = chosen[0]
        self._readout.show(size_text(one.kind, one.geometry, self._labels.scene.grid) if len(chosen) == 1 else "")

    def _pixel(self, event: Any) -> FloatArray:  # noqa: ANN401  (napari's event)
        """Return where the mouse is, in pixel coordinates ``(x, y)``, shape (2,)."""
        return display_to_pixel(np.asarray(self._layer.world_to_data(event.position))[-2:])
