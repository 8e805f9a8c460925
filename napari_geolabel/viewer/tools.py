"""The drawing tools and how the mouse drives them.

napari's own draw modes keep a half-drawn shape in the layer itself, where
whatever touches the data finishes or breaks it.  These tools keep it to
themselves: the layer stays in pan and zoom, public mouse callbacks feed a
`Sketch`, and a Vectors layer shows it.  Composites may be switched, the store
may change and other layers may be visited in the middle of a drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal
from shapely.geometry.base import BaseGeometry

from napari_geolabel.errors import GeoLabelError, GeometryError
from napari_geolabel.geo import FloatArray, GeoGrid, display_to_pixel
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.preview import Preview
from napari_geolabel.viewer.readout import Readout
from napari_geolabel.viewer.sketches import EDITING_TOOLS, SKETCHES
from napari_geolabel.viewer.tool_skeleton import SkeletonSketch
from napari_geolabel.viewer.tool_sketch import Sketch

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Shapes, Vectors

    from napari_geolabel.annotations.snapping import Snap
    from napari_geolabel.ontology.skeletons import Skeleton
    from napari_geolabel.viewer.aim import Aim

CLICK_PX = 4
"""How far the mouse may move between press and release of a click, in screen pixels."""

_LEFT, _RIGHT = 1, 2


class ToolBox:
    """One tool at a time, driven by the mouse on a layer.

    A click sets a point, a right click takes the last one back, a double
    click finishes.  Dragging moves the map, also in the middle of a drawing;
    only boxes, ellipses and what a free hand draws are drawn by dragging.

    Parameters
    ----------
    viewer
        The viewer that shows the layers.
    layer
        The layer that is drawn on; taking a tool puts it into pan and zoom.
        Drawing works whatever layer is active, unless that has a mode of its own.
    commit
        Takes what was drawn: the kind, and the geometry in pixel coordinates.
        A `GeoLabelError` that it raises is told to the user.
    preview_layer
        Shows what is being drawn.
    grid
        The scene's grid.
    notify
        Shows the user one sentence.
    """

    changed = Signal(str)
    """Emitted with the name of the tool that is now in hand, empty for none."""
    reshaped = Signal(str, object)
    """Emitted with the name of one of `EDITING_TOOLS` and the geometry that it has drawn, in pixel coordinates."""
    drawing_changed = Signal()
    """Emitted when a point was set or taken back, and when a drawing is finished or given up; not on mouse moves."""

    def __init__(
        self,
        viewer: ViewerModel,
        layer: Shapes,
        *,
        commit: Callable[[Kind, BaseGeometry], None],
        preview_layer: Vectors,
        grid: GeoGrid,
        notify: Callable[[str], None],
    ) -> None:
        self._viewer, self._layer, self._grid = viewer, layer, grid
        self._commit, self._notify = commit, notify
        self.skeleton: Skeleton | None = None
        """What the tool for skeletons draws from the next time on that it is taken."""
        self.aim: Aim | None = None
        """Draws points to neighbours; None for a mouse that hits what it points at."""
        self._preview, self._readout = Preview(viewer, preview_layer), Readout(viewer)
        self._sketch: Sketch | None = None
        self._name: str | None = None
        self._is_resumed = False
        self._zooming: Callable[..., object] | None = None  # napari's, while it is taken away
        self._callbacks = (
            (viewer.mouse_drag_callbacks, self._on_press),
            (viewer.mouse_move_callbacks, self._on_move),
            (viewer.mouse_double_click_callbacks, self._on_double_click),
        )
        for callbacks, callback in self._callbacks:
            callbacks.append(callback)
        layer.events.mode.connect(self._on_mode)

    @property
    def names(self) -> tuple[str, ...]:
        """The tools that there are: `DRAWING_TOOLS`, then `EDITING_TOOLS`."""
        return tuple(SKETCHES)

    @property
    def active(self) -> str | None:
        """The tool in hand, None for none."""
        return self._name

    @property
    def is_reshaping(self) -> bool:
        """Whether the tool in hand changes annotations or the mask, so that what it draws is no annotation."""
        return self._name in EDITING_TOOLS

    @property
    def is_drawing(self) -> bool:
        """Whether something has been begun."""
        return self._sketch is not None and len(self._sketch.points) > 0

    @property
    def points(self) -> FloatArray:
        """The points that are set, in pixel coordinates ``(x, y)``, shape (n, 2)."""
        return np.zeros((0, 2)) if self._sketch is None else self._sketch.points

    @property
    def is_complete(self) -> bool:
        """Whether putting the tool away keeps what is drawn: it is enough for a geometry, and was drawn here."""
        makes = self._sketch is not None and self._sketch.can_finish and not self.is_reshaping
        return self.is_drawing and not self._is_resumed and makes

    @property
    def draft_kind(self) -> Kind | None:
        """The kind that the points of a drawing belong to that is to be kept half drawn, None for others."""
        keeps = self._sketch is not None and self.is_drawing and self._sketch.keeps_draft and not self.is_reshaping
        return self._sketch.kind if keeps and self._sketch is not None else None

    def resume(self, name: str, points: FloatArray) -> None:
        """Take a tool in hand with points that were set in an earlier session, shape (n, 2).

        Until another point is set, `cancel` gives them up.

        Raises
        ------
        GeoLabelError
            If there is no such tool, or it takes fewer points.
        """
        self.activate(name)
        assert self._sketch is not None  # noqa: S101  (for the type checker: it was just taken)
        for point in points:
            if self._sketch.click(point) is not None:
                self._restart()
                raise GeometryError(f"a {name} needs fewer than {len(points)} points; draw it anew")
        self._is_resumed = self.is_drawing
        self._show(self._sketch.points[-1] if self.is_drawing else None)

    def activate(self, name: str | None) -> None:
        """Take a tool in hand, or none; what was being drawn is dealt with as by `lay_down`.

        Raises
        ------
        GeoLabelError
            If there is no such tool.
        """
        if name is not None and name not in SKETCHES:
            raise GeoLabelError(f"there is no tool {name!r}; use one of {', '.join(self.names)}")
        self.lay_down()
        before = self.active
        self._name = name
        self._sketch = None if name is None else self._new_sketch(name)
        self._preview.clear()  # a mark of what the mouse snaps to
        self._let_double_clicks_zoom(self._sketch is None)
        if self._sketch is not None:
            self._layer.mode = "pan_zoom"
        if before != self.active:
            self.changed.emit(self.active or "")

    def cancel(self) -> bool:
        """Give up what is being drawn; a polygon or line that is complete is kept instead, and the user told so.

        One of an earlier session that nobody went on with is given up, complete or not, and so is what was drawn to
        reshape something.

        Returns
        -------
        bool
            Whether anything was being drawn.
        """
        if not self._is_resumed:
            return self.lay_down()
        self._restart()
        self.drawing_changed.emit()
        return True

    def lay_down(self) -> bool:
        """Stop drawing; what makes a label is kept and the user told.  Return whether anything was being drawn."""
        sketch = self._sketch
        if sketch is None or not self.is_drawing:
            return False
        if sketch.can_finish and not self.is_reshaping:
            self._finish_with(sketch.finish())
            self._notify(f"the {sketch.kind} was kept as far as it was drawn; undo takes it back")
        else:
            self._restart()
            self.drawing_changed.emit()
        return True

    def back(self) -> bool:
        """Take the last point back; return whether there was one."""
        if self._sketch is None or not self._sketch.back():
            return False
        self._is_resumed = False
        self._show(self._sketch.points[-1] if self.is_drawing else None)
        self.drawing_changed.emit()
        return True

    def skip(self) -> bool:
        """Leave out the point of a skeleton that is next; return whether one is drawn."""
        sketch = self._sketch
        if not isinstance(sketch, SkeletonSketch):
            return False
        before = sketch.points
        self._take(lambda _point: sketch.skip(), before[-1] if len(before) else np.zeros(2))
        return True

    def finish(self) -> bool:
        """Make an annotation of what is drawn so far; return whether it was enough, else the user is told."""
        if self._sketch is None or not self.is_drawing:
            return False
        try:
            geometry = self._sketch.finish()
        except GeometryError as error:
            self._notify(str(error))
            return False
        self._finish_with(geometry)
        return True

    def close(self) -> None:
        """Put the tool away and stop listening to the mouse."""
        self.activate(None)
        for callbacks, callback in self._callbacks:
            if callback in callbacks:
                callbacks.remove(callback)
        self._layer.events.mode.disconnect(self._on_mode)

    def _let_double_clicks_zoom(self, zoom: bool) -> None:
        """Take napari's zoom by double click away while a double click ends a drawing, or put it back."""
        callbacks = self._viewer.mouse_double_click_callbacks
        found = next((each for each in callbacks if getattr(each, "__name__", "") == "double_click_to_zoom"), None)
        if not zoom and found is not None:
            callbacks.remove(found)
            self._zooming = found
        elif zoom and found is None and self._zooming is not None:
            callbacks.insert(0, self._zooming)

    def _on_press(self, viewer: ViewerModel, event: Any) -> Generator[None, None, None]:  # noqa: ANN401, ARG002  (napari's)
        """Tell clicks from drags; a click counts where the button went down."""
        sketch = self._sketch
        if sketch is None or not self._hears:
            return
        start, button = np.array(event.pos), event.button
        point, snap = self._aimed(event)
        draws = sketch.takes_drags and button == _LEFT
        event.handled = draws or event.handled  # keeps the map still
        is_drag = False
        yield
        while event.type == "mouse_move":
            if not event.is_dragging:
                return  # the release was lost
            if not is_drag and np.abs(np.asarray(event.pos) - start).max() > CLICK_PX:
                is_drag = True
                if draws and not self.is_drawing:
                    self._click(point, snap)
            if is_drag and draws and self._sketch is sketch:
                sketch.drag(self._pixel(event), 1 / max(float(self.screen_px.min()), 1e-12))
                self._show(*self._aimed(event))
            yield
        if self._sketch is not sketch:
            return  # a key put the tool away meanwhile
        if is_drag and draws:
            self._take(sketch.release, self._aimed(event)[0])
        elif not is_drag and button == _LEFT:
            self._click(point, snap)
        elif not is_drag and button == _RIGHT:
            self.back()

    def _on_move(self, viewer: ViewerModel, event: Any) -> None:  # noqa: ANN401, ARG002  (napari's)
        if self.is_drawing or (self._sketch is not None and self.aim is not None and self.aim.is_snapping):
            self._show(*self._aimed(event))

    def _on_double_click(self, viewer: ViewerModel, event: Any) -> None:  # noqa: ANN401, ARG002  (napari's)
        if event.button == _LEFT and self._hears and self._sketch is not None and self._sketch.can_finish:
            self.finish()

    def _on_mode(self, *_: object) -> None:
        """Put the tool away when one of napari's own modes takes over."""
        if self._sketch is not None and self._layer.mode != "pan_zoom":
            self.activate(None)

    @property
    def _hears(self) -> bool:
        """Whether the mouse is free to draw: no layer that does something else with it is active."""
        active = self._viewer.layers.selection.active
        return active is None or active.mode == "pan_zoom"

    def _pixel(self, event: Any) -> FloatArray:  # noqa: ANN401  (napari's event)
        """Return where the mouse is, in pixel coordinates ``(x, y)``, shape (2,)."""
        return display_to_pixel(np.asarray(self._layer.world_to_data(event.position))[-2:])

    def _aimed(self, event: Any) -> tuple[FloatArray, Snap | None]:  # noqa: ANN401  (napari's event)
        """Return the pixel point that the mouse means, and what it snaps to there."""
        point = self._pixel(event)
        snaps = self.aim is not None and self._sketch is not None and self._sketch.snaps
        snap = self.aim.snap(point) if snaps and self.aim is not None else None
        return (point, None) if snap is None else (snap.point, snap)

    @property
    def screen_px(self) -> FloatArray:
        """The screen pixels that a scene pixel covers, ``(width, height)``."""
        return self._preview.pixel_px

    def _way(self, snap: Snap | None) -> FloatArray:
        """Return the vertices of a neighbour that come between the last point and a snapped one."""
        if self.aim is None or self._sketch is None or not self._sketch.traces or not self.is_drawing:
            return np.zeros((0, 2))
        return self.aim.way(self._sketch.points[-1], snap)

    def _click(self, point: FloatArray, snap: Snap | None = None) -> None:
        """Set a point, after those of a traced outline."""
        sketch = self._sketch
        if sketch is None:
            return
        for vertex in self._way(snap):
            sketch.click(vertex)
        self._take(sketch.click, point)

    def _take(self, step: Callable[[FloatArray], BaseGeometry | None], point: FloatArray) -> None:
        """Give the sketch a point; commit what that completes."""
        try:
            geometry = step(point)
        except GeometryError as error:
            self._notify(str(error))
            return
        self._is_resumed = False
        if geometry is None:
            self._show(point)
            self.drawing_changed.emit()
        else:
            self._finish_with(geometry)

    def _finish_with(self, geometry: BaseGeometry) -> None:
        """Hand over a geometry and start afresh with the same tool."""
        assert self._sketch is not None  # noqa: S101  (for the type checker: something was drawn with it)
        kind = self._sketch.kind
        self._restart()
        if self.is_reshaping:
            self.reshaped.emit(self._name, geometry)
        else:
            self._hand_over(kind, geometry)
        self.drawing_changed.emit()  # only now, so that a draft of it is kept until the change is

    def _hand_over(self, kind: Kind, geometry: BaseGeometry) -> None:
        try:
            self._commit(kind, geometry)
        except GeoLabelError as error:
            self._notify(str(error))

    def _new_sketch(self, name: str) -> Sketch:
        """Return an empty sketch of a tool."""
        sketch = SKETCHES[name](self._grid)
        if isinstance(sketch, SkeletonSketch):
            sketch.skeleton = self.skeleton
        return sketch

    def _restart(self) -> None:
        self._is_resumed = False
        if self._sketch is not None:
            self._sketch = self._new_sketch(str(self._name))
        self._preview.clear()
        self._readout.clear()

    def _show(self, cursor: FloatArray | None, snap: Snap | None = None) -> None:
        """Show what there would be if the mouse clicked at a point."""
        if self._sketch is None or cursor is None:
            self._preview.clear()
            self._readout.clear()
            return
        going = self._sketch.going_by(self._way(snap))
        lines = going.lines(cursor) if self.is_drawing else []
        self._preview.show(lines, going.points, snap)
        self._readout.show(going.text(cursor) if self.is_drawing else "")
