"""The painted mask in a Labels layer.

napari paints into the canvas's own array, so nothing is copied back and
forth.  When a stroke ends napari says which pixels it changed and what they
were; from that the tiles before and after are rebuilt, and one `Change` goes
to the store.  napari's own undo is switched off: it would write old pixels
behind the store's back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.annotations.change import TILE_PX, Change
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import Window
from napari_geolabel.masks.canvas import MaskCanvas, TileKey
from napari_geolabel.ontology.model import Ontology
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
    ) -> None:
        self._layer, self._canvas, self._store = layer, canvas, store
        self._ontology, self._defer, self._notify = ontology, defer, notify
        self._is_busy = False
        self._written: Tiles = {}  # what the store wrote during a stroke: the truth that the stroke went on from
        self._gesture = GestureWatch(viewer, lambda: None)
        self._show_canvas()
        layer.colormap = _colormap(ontology)
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
        self._layer.events.paint.disconnect(self._on_paint)
        self._layer.events.data.disconnect(self._on_data)
        self._canvas.changed.disconnect(self._on_canvas, missing_ok=True)

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
        """Make one change of a stroke, a fill or a polygon that napari has just painted."""
        atoms = [_Atom.of(atom, self._canvas.array.shape) for atom in event.value]
        before = self._before(atoms)
        self._written.clear()
        values = {int(value) for atom in atoms for value in np.unique(atom.new)}
        try:
            self._refuse_unknown(values)
            self._store.apply(Change(title=self._title(values), tiles=self._canvas.diff(before)))
        except GeoLabelError as error:
            self._take_back(before)
            self._notify(str(error))

    def _before(self, atoms: Sequence[_Atom]) -> Tiles:
        """Return the touched tiles as they were, by replaying the strokes backwards on copies."""
        touched = dict.fromkeys(key for atom in atoms for key in self._canvas.tiles_of(atom.window))
        tiles = {key: self._canvas.tile(key) for key in touched}
        for atom in reversed(atoms):
            for key in self._canvas.tiles_of(atom.window):
                atom.undo_in(tiles[key], key)
        return tiles | {key: self._written[key] for key in touched if key in self._written}

    def _take_back(self, before: Mapping[TileKey, NDArray[Any]]) -> None:
        for key, pixels in before.items():
            window = _window(key, pixels.shape)
            self._canvas.array[window] = pixels
            self._draw(window)

    def _refuse_unknown(self, values: set[int]) -> None:
        unknown = sorted(values - {0, *self._ontology.by_mask_value})
        if unknown:
            known = ", ".join(f"{value} {c.id}" for value, c in sorted(self._ontology.by_mask_value.items()))
            raise GeoLabelError(f"mask value {unknown[0]} is no class of the ontology; paint with {known}")

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
    """One stamp of a stroke: where it painted, what was there and what is there now."""

    def __init__(self, window: Window, mask: NDArray[np.bool_], old: NDArray[Any], new: NDArray[Any]) -> None:
        self.window, self._mask, self._old, self.new = window, mask, old, new

    @classmethod
    def of(cls, atom: Any, shape: tuple[int, ...]) -> _Atom:  # noqa: ANN401  (napari's, in either of two forms)
        """Return napari's record of an edit: a box with a mask, or points from ``data_setitem``."""
        if isinstance(atom, tuple):
            return cls._of_points(*atom)
        rows, cols = (slice(*part.indices(n)[:2]) for part, n in zip(atom.slice_key, shape, strict=True))
        size = (rows.stop - rows.start, cols.stop - cols.start)
        mask = np.ones(size, bool) if atom.mask is None else np.asarray(atom.mask, bool).reshape(size)
        old = np.zeros(size, np.asarray(atom.old_values).dtype)
        old[mask] = np.ravel(atom.old_values)
        return cls((rows, cols), mask, old, np.asarray(atom.new_value))

    @classmethod
    def _of_points(cls, indices: Any, old_values: Any, new_values: Any) -> _Atom:  # noqa: ANN401
        points = [np.ravel(axis) for axis in np.broadcast_arrays(*indices)]
        if not points[0].size:
            return cls((slice(0, 0), slice(0, 0)), np.zeros((0, 0), bool), np.zeros((0, 0)), np.asarray(new_values))
        low = [int(axis.min()) for axis in points]
        rows, cols = (slice(start, int(axis.max()) + 1) for start, axis in zip(low, points, strict=True))
        mask = np.zeros((rows.stop - rows.start, cols.stop - cols.start), bool)
        old = np.zeros(mask.shape, np.asarray(old_values).dtype)
        place = (points[0] - low[0], points[1] - low[1])
        mask[place], old[place] = True, np.ravel(old_values)
        return cls((rows, cols), mask, old, np.asarray(new_values))

    def undo_in(self, tile: NDArray[Any], key: TileKey) -> None:
        """Put back what the tile held before."""
        spans = [
            (max(part.start, start), min(part.stop, start + length), start, part.start)
            for part, start, length in zip(self.window, (key[0] * TILE_PX, key[1] * TILE_PX), tile.shape, strict=True)
        ]
        in_tile = tuple(slice(low - start, high - start) for low, high, start, _ in spans)
        in_box = tuple(slice(low - origin, high - origin) for low, high, _, origin in spans)
        np.copyto(tile[in_tile], self._old[in_box], where=self._mask[in_box])


def _window(key: TileKey, shape: tuple[int, ...]) -> Window:
    """Return where a tile of a shape lies in the mask."""
    row, col = key[0] * TILE_PX, key[1] * TILE_PX
    return slice(row, row + shape[0]), slice(col, col + shape[1])


def _colormap(ontology: Ontology) -> Any:  # noqa: ANN401  (napari's)
    """Return the colours of mask values: 0 clear, values without a class loud."""
    from napari.utils.colormaps import DirectLabelColormap

    colors: dict[int | None, str] = {None: UNKNOWN_COLOR, 0: "transparent"}
    return DirectLabelColormap(color_dict=colors | {value: c.color for value, c in ontology.by_mask_value.items()})


def _features(ontology: Ontology) -> dict[str, NDArray[Any]]:
    """Return the table by which napari's status bar names a value."""
    classes = {0: "unlabelled"} | {value: c.name for value, c in ontology.by_mask_value.items()}
    return {"index": np.array(list(classes)), "class": np.array(list(classes.values()), object)}
