"""The painted mask in a Labels layer.

napari paints into the canvas's own array, so nothing is copied back and
forth.  For each gesture napari says which pixels it changes and what they
were; from that the tiles before and after are rebuilt, and one `Change` goes
to the store.  napari's own undo is switched off: it would write old pixels
behind the store's back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.annotations.change import TILE_PX, Change
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import Window
from napari_geolabel.masks.canvas import MaskCanvas, TileKey
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.viewer.class_marks import ClassMarks
from napari_geolabel.viewer.gestures import GestureWatch

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Labels

UNKNOWN_COLOR = "magenta"
"""Shown where the mask holds a value that no class has."""

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
    """

    def __init__(
        self,
        viewer: ViewerModel,
        layer: Labels,
        canvas: MaskCanvas,
        store: AnnotationStore,
        *,
        ontology: Ontology,
        defer: Callable[[Callable[[], None], int], None],
        notify: Callable[[str], None],
        marks: ClassMarks | None = None,
    ) -> None:
        self._marks = marks or ClassMarks()
        self._layer, self._canvas, self._store = layer, canvas, store
        self._ontology, self._defer, self._notify = ontology, defer, notify
        self._is_busy = False
        self._written: Tiles = {}  # what the store wrote during a stroke: the truth that the stroke went on from
        self._gesture = GestureWatch(viewer, lambda: None)
        self._show_canvas()
        self._color()
        self._marks.changed.connect(self._color)
        layer.features = _features(ontology)
        layer.events.paint.connect(self._on_paint)
        layer.events.data.connect(self._on_data)
        canvas.changed.connect(self._on_canvas)

    def use_class(self, class_id: str) -> None:
        """Paint with a class from now on; a class without a mask value is told, and the old one stays."""
        value = self._ontology[class_id].mask_value
        if value is None:
            self._notify(f"{class_id} has no mask_value in the ontology; give it one to paint it")
            return
        self._layer.selected_label = value

    def close(self) -> None:
        """Stop listening; the layer stays as it is."""
        self._gesture.close()
        self._marks.changed.disconnect(self._color, missing_ok=True)
        self._layer.events.paint.disconnect(self._on_paint)
        self._layer.events.data.disconnect(self._on_data)
        self._canvas.changed.disconnect(self._on_canvas, missing_ok=True)

    def _color(self) -> None:
        """Give the mask the colours of its classes, none to those that are hidden."""
        self._layer.colormap = _colormap(self._ontology, self._marks.hidden)

    def _show_canvas(self) -> None:
        """Make the layer edit the canvas's own array, without an undo of its own."""
        before, self._is_busy = self._is_busy, True
        if self._layer.data is not self._canvas.array:
            self._layer.data = self._canvas.array
        # napari offers no switch for its undo; without room for steps it still tells of each stroke.
        self._layer._history_limit = 0  # noqa: SLF001
        self._layer._reset_history()  # noqa: SLF001
        self._is_busy = before

    def _on_paint(self, event: Any) -> None:  # noqa: ANN401  (napari's event)
        """Make one change of a stroke, a fill or a polygon."""
        atoms = [_Atom.of(atom, self._canvas.array.shape) for atom in event.value]
        values = {value for atom in atoms for value in atom.values}
        unknown = sorted(values - {0, *self._ontology.by_mask_value})
        if unknown:
            known = ", ".join(f"{value} {c.id}" for value, c in sorted(self._ontology.by_mask_value.items()))
            self._refuse(atoms, f"mask value {unknown[0]} is no class of the ontology; paint with {known}")
            return
        before = self._before(atoms)
        self._written.clear()
        for atom in atoms:
            atom.write_to(self._canvas.array)  # napari tells of a stroke when it is painted, of all else just before
        try:
            self._store.apply(Change(title=self._title(values), tiles=self._canvas.diff(before)))
        except GeoLabelError as error:  # such as labels that were opened for reading
            self._refuse(atoms, str(error))

    def _before(self, atoms: Sequence[_Atom]) -> Tiles:
        """Return the touched tiles as they were, by replaying the strokes backwards on copies."""
        touched = dict.fromkeys(key for atom in atoms for key in self._canvas.tiles_of(atom.window))
        tiles = {key: self._canvas.tile(key) for key in touched}
        for atom in reversed(atoms):
            for key in self._canvas.tiles_of(atom.window):
                atom.undo_in(tiles[key], key)
        return tiles | {key: self._written[key] for key in touched if key in self._written}

    def _refuse(self, atoms: Sequence[_Atom], reason: str) -> None:
        """Take what may not be painted off the mask again, now and when napari has finished painting it."""
        self._notify(reason)

        def take_back() -> None:
            for atom in reversed(atoms):
                atom.take_from(self._canvas.array)
                self._draw(atom.window)

        take_back()
        self._defer(take_back, 0)

    def _title(self, values: set[int]) -> str:
        if values == {0}:
            return "erase mask"
        classes = [self._ontology.by_mask_value[value].id for value in sorted(values) if value]
        return f"paint {classes[0]}" if len(classes) == 1 else "paint mask"

    def _on_data(self, _event: object) -> None:
        """Take over an array that a script has put into the layer, and edit the canvas again."""
        if self._is_busy or self._layer.data is self._canvas.array:
            return
        try:
            self._store.apply(Change(title="replace mask", tiles=self._canvas.replace(np.asarray(self._layer.data))))
        except GeoLabelError as error:
            self._notify(str(error))
        self._show_canvas()

    def _on_canvas(self, window: Window) -> None:
        """Show what was written to the canvas."""
        if self._gesture.is_down:
            self._written |= {key: self._canvas.tile(key) for key in self._canvas.tiles_of(window)}
        self._draw(window)

    def _draw(self, window: Window) -> None:
        """Redraw a part; all of it where napari shows something else than the array as it is (contours)."""
        # A refresh sends the whole array to the graphics card; this, as napari's own brush does, a part.
        shown = self._layer._slice.image.view  # noqa: SLF001
        if self._layer.contour or not np.may_share_memory(shown, self._canvas.array):
            self._layer.refresh()
            return
        self._layer.events.labels_update(data=shown[window], offset=[part.start for part in window])


class _Atom:
    """One stamp of a stroke: a box, which of its pixels it paints, what was there and what comes there."""

    def __init__(self, window: Window, mask: NDArray[np.bool_], old: NDArray[Any], new: NDArray[Any]) -> None:
        self.window, self._mask, self._old, self._new = window, mask, old, new

    @classmethod
    def of(cls, atom: Any, shape: tuple[int, ...]) -> _Atom:  # noqa: ANN401  (napari's, in either of two forms)
        """Return napari's record of an edit: a box with a mask, or points from ``data_setitem``."""
        if not hasattr(atom, "slice_key"):
            indices, old_values, new_values = atom
            return cls._of_points(indices, old_values, new_values, shape)
        rows, cols = (slice(*part.indices(n)[:2]) for part, n in zip(atom.slice_key, shape, strict=True))
        size = (rows.stop - rows.start, cols.stop - cols.start)
        mask = np.ones(size, bool) if atom.mask is None else np.asarray(atom.mask, bool).reshape(size)
        return cls((rows, cols), mask, _box(mask, np.ravel(atom.old_values)), _box(mask, atom.new_value))

    @classmethod
    def _of_points(cls, indices: Any, old_values: Any, new_values: Any, shape: tuple[int, ...]) -> _Atom:  # noqa: ANN401
        rows, cols = (np.mod(np.ravel(axis), n) for axis, n in zip(indices, shape, strict=True))
        top, left = int(rows.min()), int(cols.min())
        window = slice(top, int(rows.max()) + 1), slice(left, int(cols.max()) + 1)
        mask = np.zeros((window[0].stop - top, window[1].stop - left), bool)
        place = (rows - top, cols - left)
        mask[place] = True
        return cls(window, mask, _box(mask, np.ravel(old_values), place), _box(mask, new_values, place))

    @property
    def values(self) -> list[int]:
        """The values that it paints."""
        return [int(value) for value in np.unique(self._new[self._mask])]

    def write_to(self, array: NDArray[Any]) -> None:
        """Paint it."""
        np.copyto(array[self.window], self._new, where=self._mask, casting="unsafe")

    def take_from(self, array: NDArray[Any]) -> None:
        """Put back what was there, wherever it still shows."""
        part = array[self.window]
        np.copyto(part, self._old, where=self._mask & (part == self._new), casting="unsafe")

    def undo_in(self, tile: NDArray[Any], key: TileKey) -> None:
        """Put back what the tile held before."""
        spans = [
            (max(part.start, start), min(part.stop, start + length), start, part.start)
            for part, start, length in zip(self.window, (key[0] * TILE_PX, key[1] * TILE_PX), tile.shape, strict=True)
        ]
        in_tile = tuple(slice(low - start, high - start) for low, high, start, _ in spans)
        in_box = tuple(slice(low - origin, high - origin) for low, high, _, origin in spans)
        np.copyto(tile[in_tile], self._old[in_box], where=self._mask[in_box], casting="unsafe")


def _box(mask: NDArray[np.bool_], values: Any, place: Any = None) -> NDArray[Any]:  # noqa: ANN401
    """Return a box that holds values where a mask, or a place in it, says; 0 elsewhere."""
    box = np.zeros(mask.shape, np.asarray(values).dtype)
    box[mask if place is None else place] = values
    return box


def _colormap(ontology: Ontology, hidden: Collection[str]) -> Any:  # noqa: ANN401  (napari's)
    """Return the colours of mask values: 0 clear, values without a class loud."""
    from napari.utils.colormaps import DirectLabelColormap

    colors: dict[int | None, str] = {None: UNKNOWN_COLOR, 0: "transparent"}
    for value, label_class in ontology.by_mask_value.items():
        colors[value] = "transparent" if label_class.id in hidden else label_class.color
    return DirectLabelColormap(color_dict=colors)


def _features(ontology: Ontology) -> dict[str, NDArray[Any]]:
    """Return the table by which napari's status bar names a value."""
    classes = {0: "unlabelled"} | {value: c.name for value, c in ontology.by_mask_value.items()}
    return {"index": np.array(list(classes)), "class": np.array(list(classes.values()), object)}
