"""The painted mask in a Labels layer.

napari paints into the canvas's own array, or a window of it where that is
large, so nothing is copied back and forth.  For each gesture napari says which pixels it changes and what they
were; from that the tiles before and after are rebuilt, and one `Change` goes
to the store.  napari's own undo is switched off: it would write old pixels
behind the store's back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.annotations.change import Change, TileEdit
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import Window
from napari_geolabel.masks.canvas import MaskCanvas, TileKey
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.viewer.class_marks import ClassMarks
from napari_geolabel.viewer.current_view import current_view
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.gestures import GestureWatch
from napari_geolabel.viewer.layer_view import Defer
from napari_geolabel.viewer.mask_colors import mask_colors
from napari_geolabel.viewer.mask_layer import MaskLayer
from napari_geolabel.viewer.mask_strokes import Stamp, painted_values
from napari_geolabel.viewer.mask_window import Look, MaskWindow
from napari_geolabel.viewer.notices import warn

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image
    from napari.layers import Labels as LabelsLayer

    from napari_geolabel.labels.labels import Labels


PIXELS = Frame(pixel_size=(1.0, 1.0), unit="pixel")
"""The world of a scene without a place."""

Tiles = dict[TileKey, NDArray[Any]]


class MaskView:
    """Two-way link between a mask canvas and a Labels layer.

    Parameters
    ----------
    viewer
        The viewer that shows the layer.
    layer
        A Labels layer; it comes to show the canvas's array, in place.
    canvas
        The mask.  Whoever holds the store writes the tiles of its changes to
        it; the view only draws what the canvas says has changed.
    store
        Takes the changes.
    ontology
        Gives values, names and colours.
    defer
        Calls a function later, from the event loop.
    notify
        Shows the user one sentence.
    marks
        Which classes are hidden, and so left clear; None for none.
    look
        Tells which part of the scene is on screen, None where that is not known; a layer that cannot show all of the
        mask at once follows it.
    frame
        The world of the scene, in which such a layer is placed.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        layer: LabelsLayer,
        canvas: MaskCanvas,
        store: AnnotationStore,
        *,
        ontology: Ontology,
        defer: Defer,
        notify: Callable[[str], None],
        marks: ClassMarks | None = None,
        look: Callable[[], Look | None] = lambda: None,
        frame: Frame = PIXELS,
    ) -> None:
        self._marks = marks or ClassMarks()
        self._layer, self._canvas, self._store = layer, canvas, store
        self._ontology, self._defer, self._notify = ontology, defer, notify
        self._look, self._frame = look, frame
        self._window = MaskWindow.first(canvas.array.shape)
        self._locked: frozenset[int] = frozenset()
        self._is_busy = self._is_looking = False
        self.closing: list[Callable[[], object]] = []
        """What `close` calls."""
        self._written: Tiles = {}  # what the store wrote during a gesture: the truth that a stroke goes on from
        self._gesture = GestureWatch(viewer, self._on_release)
        self._camera = viewer.scene.camera.events
        self._show_canvas()
        self._color()
        self._marks.changed.connect(self._color)
        layer.features = _features(ontology)
        layer.events.paint.connect(self._on_paint)
        layer.events.data.connect(self._on_data)
        self._encircling.events.active.connect(self._on_encircled)
        canvas.changed.connect(self._on_canvas)
        for event in (self._camera.center, self._camera.zoom):
            event.connect(self._look_soon)
        self._look_soon()

    @classmethod
    def of_labels(
        cls,
        viewer: ViewerModel,
        layer: MaskLayer,
        scene_layer: Image,
        labels: Labels,
        *,
        defer: Defer,
        marks: ClassMarks,
    ) -> MaskView:
        """Return the view of the mask of labels, which heeds their locks and follows the camera over their scene."""
        frame = Frame.of(labels.scene.grid)

        def look() -> Look | None:
            bounds = current_view(viewer, scene_layer)
            zoom = max(float(viewer.scene.camera.zoom) * min(frame.pixel_size), 1e-12)
            return None if bounds is None else Look(bounds, 1 / zoom)

        common: dict[str, Any] = {"ontology": labels.ontology, "defer": defer, "notify": warn, "marks": marks}
        view = cls(viewer, layer, labels.canvas, labels.store, look=look, frame=frame, **common)

        def lock() -> None:
            view.lock(labels.locked_values)

        labels.locks_changed.connect(lock)
        view.closing.append(lambda: labels.locks_changed.disconnect(lock, missing_ok=True))
        lock()
        return view

    def lock(self, values: Collection[int]) -> None:
        """Let no painting change the pixels of some values from now on."""
        self._locked = frozenset(values)
        if isinstance(self._layer, MaskLayer):
            self._layer.locked_values = self._locked

    def use_class(self, class_id: str) -> None:
        """Paint with a class from now on; a class without a mask value is told, and the old one stays."""
        value = self._ontology[class_id].mask_value
        if value is None:
            self._notify(f"{class_id} has no mask_value in the ontology; give it one to paint it")
            return
        self._layer.selected_label = value

    def close(self) -> None:
        """Stop listening; the layer stays as it is."""
        for callback in self.closing:
            callback()
        self._gesture.close()
        self._marks.changed.disconnect(self._color, missing_ok=True)
        for event in (self._camera.center, self._camera.zoom):
            event.disconnect(self._look_soon)
        self._layer.events.paint.disconnect(self._on_paint)
        self._layer.events.data.disconnect(self._on_data)
        self._encircling.events.active.disconnect(self._on_encircled)
        self._canvas.changed.disconnect(self._on_canvas, missing_ok=True)

    def _color(self) -> None:
        """Give the mask the colours of its classes, none to those that are hidden."""
        self._layer.colormap = mask_colors(self._ontology, self._marks.hidden)

    def _on_release(self) -> None:
        """Go on when the hand comes off the mouse: commit a stroke that another tool broke off, look where we are."""
        self._defer(lambda: self._gesture.finish(self._layer), 0)
        self._look_soon()

    def _look_soon(self, *_: object) -> None:
        """See, once for many moves of the camera, whether another part of a large mask is looked at."""
        if not self._is_looking and not self._window.is_whole:
            self._is_looking = True
            self._defer(self._look_again, 0)

    def _look_again(self) -> None:
        self._is_looking = False
        if self._is_stroking:  # a stroke ends on the window that it began on
            return
        window = self._window.follow(self._look())
        if window != self._window:
            self._window = window
            self._show_canvas()

    def _show_canvas(self) -> None:
        """Make the layer edit the canvas's own array, without an undo of its own."""
        before, self._is_busy = self._is_busy, True
        if not self._shows_canvas:
            self._layer.data = self._window.of(self._canvas.array)
        if not self._window.is_whole:
            for name, value in self._window.placed(self._frame).items():
                setattr(self._layer, name, value)
        # napari offers no switch for its undo; without room for steps it still tells of each stroke.
        self._layer._history_limit = 0  # noqa: SLF001
        self._layer._reset_history()  # noqa: SLF001
        self._is_busy = before

    @property
    def _shows_canvas(self) -> bool:
        """Whether the layer's data are the window of the canvas that they should be."""
        expected = self._window.of(self._canvas.array)
        data = self._layer.data
        return data is expected or (
            data.shape == expected.shape and data.strides == expected.strides and _start(data) == _start(expected)
        )

    def _on_paint(self, event: Any) -> None:  # noqa: ANN401  (napari's event)
        """Make one change of a stroke, a fill or a polygon."""
        stamps = [Stamp.of(atom, self._window) for atom in event.value]
        values = painted_values(stamps)
        unknown = sorted(values - {0, *self._ontology.by_mask_value})
        if unknown:
            known = ", ".join(f"{value} {c.id}" for value, c in sorted(self._ontology.by_mask_value.items()))
            self._refuse(stamps, f"mask value {unknown[0]} is no class of the ontology; paint with {known}")
            return
        before = self._before(stamps)
        self._written.clear()
        for stamp in stamps:
            stamp.write_to(self._canvas.array)  # napari tells of a stroke when it is painted, of all else just before
        self._put_back_locked(before)
        try:
            self._store.apply(Change(title=self._title(values), tiles=self._canvas.diff(before)))
        except GeoLabelError as error:  # such as labels that were opened for reading
            self._put_back(before)  # also the pixels that a coarse stroke does not see
            self._refuse(stamps, str(error))

    def _before(self, stamps: Sequence[Stamp]) -> Tiles:
        """Return the touched tiles as they were, by replaying the strokes backwards on copies."""
        touched = dict.fromkeys(key for stamp in stamps for key in self._canvas.tiles_of(stamp.window))
        tiles = {key: self._canvas.tile(key) for key in touched}
        for stamp in reversed(stamps):
            for key in self._canvas.tiles_of(stamp.window):
                stamp.undo_in(tiles[key], key)
        return tiles | {key: self._written[key] for key in touched if key in self._written}

    def _put_back(self, before: Tiles) -> None:
        for key, old in before.items():
            window = self._canvas.tile_window(key)
            self._canvas.array[window] = old
            self._draw(window)

    def _put_back_locked(self, before: Tiles) -> None:
        """Put the pixels of locked classes back that a coarse stroke does not see."""
        if not self._locked:
            return
        for key, old in before.items():
            kept = np.isin(old, list(self._locked))
            if kept.any():
                window = self._canvas.tile_window(key)
                np.copyto(self._canvas.array[window], old, where=kept)
                self._draw(window)

    def _refuse(self, stamps: Sequence[Stamp], reason: str) -> None:
        """Take what may not be painted off the mask again, now and when napari has finished painting it."""
        self._notify(reason)

        def take_back() -> None:
            for stamp in reversed(stamps):
                stamp.take_from(self._canvas.array)
                self._draw(stamp.window)

        take_back()
        self._defer(take_back, 0)

    def _title(self, values: set[int]) -> str:
        if values == {0}:
            return "erase mask"
        classes = [self._ontology.by_mask_value[value].id for value in sorted(values) if value]
        return f"paint {classes[0]}" if len(classes) == 1 else "paint mask"

    def _on_data(self, _event: object) -> None:
        """Take over an array that a script has put into the layer, and edit the canvas again."""
        if self._is_busy or self._shows_canvas:
            return
        try:
            self._store.apply(Change(title="replace mask", tiles=self._canvas.replace(np.asarray(self._layer.data))))
        except GeoLabelError as error:
            self._notify(str(error))
        self._show_canvas()

    def _on_canvas(self, window: Window) -> None:
        """Show what was written to the canvas."""
        # What a gesture that painted nothing has left there is kept true too: the next stroke may begin on those tiles.
        keys = [key for key in self._canvas.tiles_of(window) if self._is_stroking or key in self._written]
        self._written |= {key: self._canvas.tile(key) for key in keys}
        self._draw(window)

    @property
    def _encircling(self) -> Any:  # noqa: ANN401  (napari's overlay)
        """What draws an outline without a button held, which the right button begins; napari names it nowhere else."""
        return self._layer._overlays["brush_stroke"]  # noqa: SLF001

    @property
    def _is_stroking(self) -> bool:
        """Whether the array holds pixels of a stroke that is no change yet."""
        return self._gesture.is_down or bool(self._encircling.active)

    def _on_encircled(self, _event: object) -> None:
        """Write again what the store wrote during an outline that was given up: napari has put older pixels there."""
        if not self._encircling.active and self._written:
            written, self._written = self._written, {}
            tiles = [TileEdit(row=row, col=col, before=b"", after=t.tobytes()) for (row, col), t in written.items()]
            self._canvas.apply(tiles)

    def _draw(self, window: Window) -> None:
        """Redraw a part; all of it where napari shows something else than the array as it is (contours)."""
        # A refresh sends the whole array to the graphics card; this, as napari's own brush does, a part.
        seen = self._window.on_layer(window)
        if not all(part.start < part.stop for part in seen):
            return
        shown = self._layer._slice.image.view  # noqa: SLF001
        if self._layer.contour or not np.may_share_memory(shown, self._canvas.array):
            self._layer.refresh()
            return
        self._layer.events.labels_update(data=shown[seen], offset=[part.start for part in seen])


def _start(array: NDArray[Any]) -> int:
    """Return where an array begins in memory."""
    return int(array.__array_interface__["data"][0])


def _features(ontology: Ontology) -> dict[str, NDArray[Any]]:
    """Return the table by which napari's status bar names a value."""
    classes = {0: "unlabelled"} | {value: c.name for value, c in ontology.by_mask_value.items()}
    return {"index": np.array(list(classes)), "class": np.array(list(classes.values()), object)}
