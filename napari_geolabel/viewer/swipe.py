"""Swipe: what is shown to the left of a line over the map, another composite or scene to its right.

Both sides are layers, each cut at the line while it is drawn, so that moving
the line reads no pixel and panning leaves it where it is.  The right side has
a layer of its own, which is kept and hidden when the swipe ends.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.viewer.clipping import ColumnClip, canvas_columns
from napari_geolabel.viewer.composites import composites_of
from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.keys import Where, bind_keys, unbind_keys
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.panes import PaneChoice, find, first_choices
from napari_geolabel.viewer.places import PLACE_KEY
from napari_geolabel.viewer.scene_layer import (
    PANE_KEY,
    PICTURE_KEY,
    SCENE_KEY,
    is_scene_layer,
    layer_name,
    put_scene,
    scene_layer_data,
)

if TYPE_CHECKING:
    from napari.layers import Image, Layer

    from napari_geolabel.viewer.layer_view import Defer
    from napari_geolabel.viewer.session import Session

SWIPE_KEY = "geolabel_swipe"
"""Key of the metadata of the layer that a swipe shows on its right."""


class Swipe:
    """A line over the map with another composite, date or sensor to its right; `LinkedViews.swipe` of a session.

    Camera, selection and what is half drawn stay as they are.

    Parameters
    ----------
    session
        The session.
    take
        Gives a layer the status and the keys of the session.
    defer
        Calls a function later, from the event loop.
    steady
        Keeps camera, active layer and tool through a change of layers.
    """

    changed = Signal()
    """Emitted when it begins or ends, and when one of its sides shows something else."""
    moved = Signal()
    """Emitted when the line has moved."""

    def __init__(
        self,
        session: Session,
        *,
        take: Callable[[Layer], None],
        defer: Defer,
        steady: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._session, self._viewer = session, session.viewer
        self._take, self._defer, self._steady = take, defer, steady
        self._clip = ColumnClip(session.viewer)
        self._layer: Image | None = None
        self._choice: PaneChoice | None = None
        self._position = 0.5
        self._width_px = 0
        self._is_on = False
        self._is_right_used = False

    @property
    def is_on(self) -> bool:
        """Whether there is a line."""
        return self._is_on

    @property
    def layer(self) -> Image | None:
        """The layer to the right of the line, None while there is none."""
        return self._layer if self._is_on else None

    @property
    def choice(self) -> tuple[str, str] | None:
        """What is shown to the right: name of the scene and id of the composite; None while there is no line."""
        layer = self.layer
        return None if layer is None else (layer.metadata[SCENE_KEY].name, composites_of(layer).current)

    @property
    def composite(self) -> str | None:
        """Id of the composite of the right side where that was pressed last, else None."""
        return composites_of(self._layer).current if self._is_on and self._is_right_used and self._layer else None

    @property
    def is_right_used(self) -> bool:
        """Whether keys and panel switch the composite of the right side: it was pressed last."""
        return self._is_on and self._is_right_used

    @property
    def titles(self) -> tuple[str, str]:
        """What is shown left and right of the line, in words."""
        layers = self._session.scenes.layers
        seen = [layer for layer in self._viewer.layers if layer in layers and layer.visible] or layers[:1]
        return _title(seen[-1], len(layers)), "" if self._layer is None else _title(self._layer, len(layers))

    @property
    def position(self) -> float:
        """Where the line stands, from 0 at the left edge of the map to 1 at the right; setting it moves the line."""
        return self._position

    @position.setter
    def position(self, position: float) -> None:
        self._position = min(max(float(position), 0.0), 1.0)
        self.draw()

    @property
    def column_px(self) -> int:
        """The first column of the canvas, in logical pixels, that belongs to the right side."""
        return round(self._position * canvas_columns(self._viewer)[0])

    @property
    def layer_under_mouse(self) -> Image | None:
        """The layer of the side that the mouse is over, None while there is no line; may be asked from any thread."""
        if not self._is_on:
            return None
        centre, zoom = self._viewer.scene.camera.center[-1], self._viewer.scene.camera.zoom
        offset_px = (self._viewer.cursor.position[-1] - centre) * zoom  # from the middle of the canvas
        is_right = offset_px >= (self._position - 0.5) * self._width_px
        return self._layer if is_right else self._session.scenes.first

    def show(self, choice: PaneChoice | None = None, position: float | None = None) -> None:
        """Begin to swipe, or show something else to the right of the line.

        Parameters
        ----------
        choice
            The id of a composite, an index or a band of the labelled scene, or
            a scene of the window, its layer or its name, with one of its own:
            ``("harbour_sar", "vv")``.  None is what the last swipe had, at
            first another scene of the window, else the composite that comes next.
        position
            Where the line stands, from 0 to 1; None leaves it.

        Raises
        ------
        GeoLabelError
            If the scene is not in the window, or it cannot show that, or there is no window.
        """
        if canvas_widget(self._viewer) is None:
            raise GeoLabelError("a swipe needs napari's window; `render` makes pictures of composites without one")
        shown, composite = find(self._session, self._default() if choice is None else choice)
        if len(self._session.views):
            self._session.views.close()
        with self._steady():
            self._fill(shown, composite)
        if not self._is_on:
            self._begin()
        if position is not None:
            self._position = min(max(float(position), 0.0), 1.0)
        self._choice = shown.metadata[SCENE_KEY].name, composite.id
        self.draw()
        self.changed.emit()

    def stop(self) -> None:
        """Show the whole map as it is to the left of the line; without one, do nothing."""
        if not self._is_on:
            return
        self._is_on = self._is_right_used = False
        self._disconnect()
        if canvas_widget(self._viewer) is None:
            self._clip.forget()
            return
        self._clip.release_all()
        if self._layer is not None:
            composites_of(self._layer).changed.disconnect(self._on_composite, missing_ok=True)
            self._layer.visible = False
        for layer in self._keyed():
            unbind_keys(layer, (Where.ENDING,))
        if self._session.toolbox.active is not None:  # it needs the key to give up a drawing
            bind_keys(self._session.shapes_layer, self._session, (Where.ENDING,))
        self._session.scenes.look_at(None)
        self.changed.emit()

    def begin(self) -> None:
        """Swipe once panes are closed, which goes step by step; what cannot be is told, not raised."""
        self._session.views.once_closed(self._try)

    def toggle(self) -> None:
        """Begin to swipe or end it, as the key does."""
        self._session.views.once_closed(lambda: self.stop() if self._is_on else self._try())

    def _try(self) -> None:
        try:
            self.show()
        except GeoLabelError as error:
            warn(str(error))

    def draw(self) -> None:
        """Cut the layers at the line, where it stands now in a canvas of whatever size."""
        if not self._is_on:
            return
        self._width_px, density = canvas_columns(self._viewer)
        column = self.column_px * density
        for layer in self._viewer.layers:
            if PLACE_KEY in layer.metadata:
                self._clip.cut(layer, column, right=layer is self._layer)
        self.moved.emit()

    def _default(self) -> PaneChoice:
        """Return what to show where nobody says it."""
        if self._choice is not None:
            try:
                find(self._session, self._choice)
            except GeoLabelError:  # the scene has gone, or is read otherwise
                self._choice = None
            else:
                return self._choice
        _, second = first_choices(self._session, (), 2)
        return second

    def _fill(self, shown: Image, composite: Composite) -> None:
        """Show a composite of the scene of a layer in the layer of the right side, which is made at first."""
        layers, scene, place = self._viewer.layers, shown.metadata[SCENE_KEY], shown.metadata[PLACE_KEY]
        layer = next((each for each in layers if SWIPE_KEY in each.metadata), None)
        if layer is None:
            levels, keywords, _ = scene_layer_data(scene, composite, place)
            keywords["metadata"] |= {PANE_KEY: True, SWIPE_KEY: True}
            layer = self._viewer.add_image(levels, **keywords)
            layers.move(layers.index(layer), min(layers.index(each) for each in self._session.layers))
        elif layer.metadata[SCENE_KEY] is not scene or layer.metadata[PLACE_KEY] is not place:
            put_scene(layer, scene, composite, place)
        else:
            composites_of(layer).show(composite.id)
        self._take(layer)
        layer.visible = True
        if self._layer is not None:
            composites_of(self._layer).changed.disconnect(self._on_composite, missing_ok=True)
        self._layer = layer
        composites_of(layer).changed.connect(self._on_composite)
        self._name()

    def _name(self) -> None:
        layer = self._layer
        if layer is not None:
            layer.name = f"{layer_name(layer.metadata[PICTURE_KEY], layer.metadata[PLACE_KEY])} · right of the swipe"

    def _keyed(self) -> list[Layer]:
        """Return the layers that have the session's keys."""
        scenes = [layer for layer in self._viewer.layers if PLACE_KEY in layer.metadata]
        return list(dict.fromkeys([*scenes, *self._session.layers]))

    def _begin(self) -> None:
        self._is_on = True
        viewer, session = self._viewer, self._session
        viewer.mouse_drag_callbacks.append(self._on_press)
        viewer.layers.events.inserted.connect(self._on_layers)
        viewer.layers.events.removed.connect(self._on_layers)
        viewer.canvas.grid.events.enabled.connect(self._on_end)
        viewer.dims.events.ndisplay.connect(self._on_end)
        session.scene_changed.connect(self.stop)
        session.tool_changed.connect(self._on_tool)
        session.scenes.changed.connect(self._on_composite)
        self._on_tool()

    def _disconnect(self) -> None:
        viewer, session = self._viewer, self._session
        viewer.mouse_drag_callbacks.remove(self._on_press)
        viewer.layers.events.inserted.disconnect(self._on_layers)
        viewer.layers.events.removed.disconnect(self._on_layers)
        viewer.canvas.grid.events.enabled.disconnect(self._on_end)
        viewer.dims.events.ndisplay.disconnect(self._on_end)
        session.scene_changed.disconnect(self.stop, missing_ok=True)
        session.tool_changed.disconnect(self._on_tool, missing_ok=True)
        session.scenes.changed.disconnect(self._on_composite, missing_ok=True)

    def _on_tool(self, _tool: str = "") -> None:
        """Let Escape end the swipe on all layers, where no tool has it to give up a drawing."""
        for layer in self._keyed():
            bind_keys(layer, self._session, (Where.ENDING,))

    def _on_press(self, viewer: object, event: Any) -> None:  # noqa: ARG002, ANN401  (napari's)
        """Let keys and panel act on the side that is pressed, before a tool makes anything of it."""
        is_right = event.pos[0] >= self.column_px
        if is_right != self._is_right_used:
            self._is_right_used = is_right
            selection = self._viewer.layers.selection
            if is_right and selection.active is not None and is_scene_layer(selection.active):
                selection.active = self._session.shapes_layer
            self._session.scenes.look_at(self._layer if is_right else None)
            self.changed.emit()

    def _on_composite(self, _composite_id: str = "") -> None:
        self._name()
        self.changed.emit()

    def _on_layers(self, _event: object) -> None:
        """Cut what has come, once napari draws it; without the layer of the right side there is no swipe."""
        if self._layer not in self._viewer.layers:
            self._layer = None
            self.stop()
        else:
            self._defer(self.draw, 0)

    def _on_end(self, _event: object) -> None:
        self.stop()


def _title(layer: Image, count: int) -> str:
    """Return what a layer shows, with its scene where there are several."""
    title = composites_of(layer).shown.title
    return title if count == 1 else f"{layer.metadata[SCENE_KEY].name} · {title}"
