"""Two-way link between the store and a layer of shapes or points.

The layer never decides what an annotation is.  After each gesture it is read
back and compared with what was last shown, because napari reports edits
incompletely: paste sends no data event, one event can stand for several new
shapes, an aborted polygon is reported as added.  What differs becomes one
`Change`; the store checks it, and the layer then shows what the store has.

Nothing is read or written while a button is down or a shape is half drawn.
Reading is put off to the event loop, so that napari's own release code has
run and the several events of one gesture become one change.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine
from psygnal import Signal

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.change import Change
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import FloatArray, GeoGrid
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer import working_set
from napari_geolabel.viewer.class_marks import ClassMarks
from napari_geolabel.viewer.geometry_display import Drawing, drawings
from napari_geolabel.viewer.gestures import GestureWatch
from napari_geolabel.viewer.label_layers import labels_of
from napari_geolabel.viewer.layer_reader import LayerReader, Make, Shown
from napari_geolabel.viewer.layer_rows import Row, named_by_content
from napari_geolabel.viewer.looks import NO_FEATURES, class_colors
from napari_geolabel.viewer.working_set import WorkingSet
from napari_geolabel.viewer.zoom_jumps import ZoomJumps

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Points, Shapes

Defer = Callable[[Callable[[], None], int], None]
"""Calls a function from the event loop after some milliseconds."""
Notify = Callable[[str], None]
"""Shows the user one sentence."""

RESTYLE_MS = 120
"""How long to wait after a zoom before widths and sizes follow it."""

QUICK_ROWS, QUICK_CHANGES = 100, 8
"""Of changes in a row the first shows at once, of few rows the first eight; the others show together."""


class LayerView(ABC):
    """What `ShapesView` and `PointsView` share.

    Parameters
    ----------
    viewer
        The viewer that shows the layer.
    layer
        A layer in the scene's display coordinates; it is kept, only its data are swapped.
    store
        Where annotations live.
    make
        Makes the annotation for a new drawing.
    defer
        Calls a function later, from the event loop.
    notify
        Shows the user one sentence.
    grid
        The scene's grid, which says what a right angle is; None takes that of
        the labels in the layer's metadata, or else pixels for the ground.
    marks
        Which classes are hidden and locked; None for none.
    working
        Says which annotations the layer shows; None shows all.
    """

    kinds: frozenset[Kind]
    """The kinds that the layer shows."""
    selection_changed = Signal(bool)
    """Emitted when other annotations are selected: True by the user, False because some are gone."""
    rendered = Signal()
    """Emitted when the layer shows annotations anew."""

    def __init__(
        self,
        viewer: ViewerModel,
        layer: Shapes | Points,
        store: AnnotationStore,
        *,
        make: Make,
        defer: Defer,
        notify: Notify,
        grid: GeoGrid | None = None,
        marks: ClassMarks | None = None,
        working: WorkingSet | None = None,
    ) -> None:
        self._marks = marks or ClassMarks()
        self._viewer, self._layer, self._store = viewer, layer, store
        self._defer, self._notify, self._working = defer, notify, working
        self._reader = LayerReader(store, make, grid or _grid_of(layer))
        self._shown: dict[str, Shown] = {}
        self._row_ids: list[str] = []
        self._is_busy = self._is_closed = self._is_pending = self._is_restyling = False
        self._is_late = False  # the store changed while the layer must not be touched
        self._is_soiled = False  # napari edited the layer, which can leave rows or vertices that are not there
        self._open = 0  # shapes begun and not ended
        self._quick = 0  # changes that were shown at once since the event loop turned
        self._held: list[str] = []  # ids to be shown wherever they lie
        self._fresh_from: int | None = None  # rows from here on were added since the last rendering
        self._jumps, self._gesture = ZoomJumps(viewer), GestureWatch(viewer, self._schedule)
        for event, callback in self._events():
            event.connect(callback)
        store.changed.connect(self._on_store)
        self._marks.changed.connect(self._on_marks)
        if working is not None:
            working.changed.connect(self._on_working)
        self.render()

    @property
    def selected_ids(self) -> list[str]:
        """Ids of the selected annotations, in draw order."""
        rows = sorted(int(i) for i in self._layer.selected_data if i < len(self._row_ids))
        return list(dict.fromkeys(self._row_ids[i] for i in rows if self._row_ids[i]))

    def select(self, ids: Iterable[str]) -> None:
        """Select annotations of the layer's kinds that may be touched, `MOST_SHAPES` at most that are not in view."""
        wanted = {i for i in ids if self.may_select(i)}
        missing = [i for i in wanted - self._shown.keys() if self._store[i].kind in self.kinds]
        if missing and not self._hand_is_busy:
            self._held = sorted(missing, key=self._store.draw_place)[: working_set.MOST_SHAPES]
            self.render()
            self._held = []
        self._layer.selected_data = {i for i, row_id in enumerate(self._row_ids) if row_id in wanted}

    def may_select(self, annotation_id: str) -> bool:
        """Return whether there is an annotation of an id, in view or not, that may be touched."""
        return annotation_id in self._store and self._marks.may_touch(self._store[annotation_id])

    def use_class(self, class_id: str) -> None:
        """Show what napari's own modes draw in the colour of a class."""
        edge, face = class_colors([class_id], self._store.ontology)
        with self._unheard(), self._layer.block_update_properties():
            self._set_current_colors(edge[0], face[0])

    def close(self) -> None:
        """Stop listening; the layer stays as it is."""
        self._is_closed = True
        self._gesture.close()
        for event, callback in self._events():
            event.disconnect(callback)
        self._store.changed.disconnect(self._on_store, missing_ok=True)
        self._marks.changed.disconnect(self._on_marks, missing_ok=True)
        if self._working is not None:
            self._working.changed.disconnect(self._on_working, missing_ok=True)

    def render(self) -> None:
        """Make the layer show what the store has now; mode and selection stay."""
        selected = self.selected_ids
        annotations = self._wanted([*selected, *self._held])
        parts = [self._parts_of(annotation) for annotation in annotations]
        with self._unheard():
            self._swap(annotations, parts)
        self._jumps.follow()
        self._is_late = self._is_soiled = False
        self._fresh_from = None
        self._row_ids = [a.id for a, drawn in zip(annotations, parts, strict=True) for _ in drawn]
        rows = iter(self._drawn())  # later readings are compared with these, in the layer's own precision
        self._shown = {
            a.id: Shown(annotation=a, parts=tuple(next(rows) for _ in drawn))
            for a, drawn in zip(annotations, parts, strict=True)
        }
        with self._unheard():
            self._layer.selected_data = {i for i, row_id in enumerate(self._row_ids) if row_id in set(selected)}
        if self.selected_ids != selected:
            self.selection_changed.emit(False)
        self.rendered.emit()

    def _parts_of(self, annotation: Annotation) -> tuple[Drawing, ...]:
        """Return what shows an annotation, as it was shown last where that is the same."""
        last = self._shown.get(annotation.id)
        if (
            last is not None
            and last.annotation.geometry is annotation.geometry
            and last.annotation.kind is annotation.kind
        ):
            return last.parts
        return drawings(annotation)

    @property
    def annotations(self) -> list[Annotation]:
        """The annotations that the layer shows, in draw order, suggestions first."""
        return [entry.annotation for entry in self._shown.values()]

    def _wanted(self, held: Sequence[str]) -> list[Annotation]:
        """Return the annotations that the layer shall show, those with the given ids among them."""
        if self._working is None:
            found = [a for a in self._store.values() if a.kind in self.kinds]
        else:
            found = self._working.annotations(self.kinds, held)
        seen = [annotation for annotation in found if self._marks.shows(annotation)]
        return sorted(seen, key=lambda a: a.status is not Status.SUGGESTED)  # they never hide what a person drew

    @abstractmethod
    def _swap(self, annotations: Sequence[Annotation], parts: Sequence[tuple[Drawing, ...]]) -> None:
        """Put drawings into the layer, with features and colours."""

    @abstractmethod
    def _drawn(self) -> list[Drawing]:
        """Return copies of the layer's rows as they stand."""

    @abstractmethod
    def _restyle(self) -> None:
        """Give outlines or markers the size on screen that they shall have."""

    @abstractmethod
    def _set_current_colors(self, edge: FloatArray, face: FloatArray) -> None:
        """Set the colours that napari gives new rows."""

    def _events(self) -> list[tuple[Any, Callable[..., None]]]:
        """Return what is listened to, and how."""
        events = self._layer.events
        return [
            (events.data, self._on_data),
            (events.features, self._schedule),
            (events.mode, self._schedule),
            (self._viewer.scene.camera.events.zoom, self._on_zoom),
            (self._layer.selected_data.events.items_changed, self._on_selected),
        ]

    @contextmanager
    def _unheard(self) -> Iterator[None]:
        """Write to the layer without taking it for the user's work."""
        before, self._is_busy = self._is_busy, True
        try:
            yield
        finally:
            self._is_busy = before

    @property
    def _hand_is_busy(self) -> bool:
        """Whether the user is in the middle of something that touching the layer would end or break."""
        return self._gesture.is_down or (self._open > 0 and self._layer.mode.startswith("add"))

    def _on_data(self, event: Any) -> None:  # noqa: ANN401  (napari's event)
        if self._is_busy:
            return
        action = event.action.value
        if action == "adding":
            self._begin_rows(len(self._layer.data))
        elif action == "added":  # also said of a shape that was given up
            self._end_rows()
        if action in ("added", "changed", "removed"):
            self._is_soiled = True
            self._schedule()

    def _begin_rows(self, index: int) -> None:
        """Note that rows are being added from an index on."""
        self._fresh_from = index if self._fresh_from is None else min(index, self._fresh_from)
        self._open += 1

    def _end_rows(self) -> None:
        """Note that what was begun last is there, or given up."""
        self._open = max(0, self._open - 1)

    def _on_store(self, change: Change) -> None:
        touched = {a.kind for edit in change.edits for a in (edit.before, edit.after) if a is not None}
        if not touched & self.kinds:
            return
        self._render_when_free()

    def _on_marks(self) -> None:
        """Show and hide what is to be; what is locked now is no longer selected."""
        self._render_when_free()
        with self._unheard():
            self._drop_locked()
        self.selection_changed.emit(False)

    def _render_when_free(self) -> None:
        if self._hand_is_busy or self._is_pending:
            self._is_late = True  # the end of the gesture reads back, and then renders
        elif self._quick < (QUICK_CHANGES if len(self._row_ids) <= QUICK_ROWS else 1):
            if not self._quick:
                self._defer(self._render_rest, 0)
            self._quick += 1
            self._render_if_other()
        else:
            self._is_late = True

    def _render_rest(self) -> None:
        """Show what has changed since the first of many changes."""
        self._quick = 0
        if self._is_late and not self._is_closed and not self._hand_is_busy and not self._is_pending:
            self._render_if_other()

    def _on_working(self) -> None:
        if self._hand_is_busy or self._is_pending:
            self._is_late = True
        else:
            self._render_if_other()

    def _render_if_other(self) -> None:
        """Render unless the layer shows what it should already."""
        wanted, shown = self._wanted(self.selected_ids), [entry.annotation for entry in self._shown.values()]
        self._is_late = False
        if self._is_soiled or len(wanted) != len(shown) or any(a is not b for a, b in zip(wanted, shown, strict=True)):
            self.render()

    def _on_selected(self, *_: object) -> None:
        if not self._is_busy:
            locked = self._drop_locked()
            if locked:
                self._notify(f"{locked} is locked; unlock the class to pick what there is of it")
            self.selection_changed.emit(True)

    def _drop_locked(self) -> str:
        """Select nothing of locked classes; return the name of one that was dropped, empty where none was."""
        picked = [self._store[i] for i in self.selected_ids if i in self._store]
        locked = {a.id: a.class_id for a in picked if a.class_id in self._marks.locked}
        if not locked:
            return ""
        with self._unheard():
            self._layer.selected_data = {i for i in self._layer.selected_data if self._row_ids[i] not in locked}
        return self._store.ontology[next(iter(locked.values()))].name

    def _on_zoom(self, *_: object) -> None:
        if self._jumps.is_far:
            self._restyle_now()
        elif not self._is_restyling:
            self._is_restyling = True
            self._defer(self._restyle_now, RESTYLE_MS)

    def _restyle_now(self) -> None:
        self._is_restyling = False
        if self._is_closed:
            return
        is_in_hand = self._hand_is_busy and self._viewer.layers.selection.active is self._layer
        if is_in_hand or self._is_pending:
            self._is_late = True
            return
        with self._unheard():
            self._restyle()
        self._jumps.follow()

    def _schedule(self, *_: object) -> None:
        if self._is_busy or self._is_pending or self._is_closed:
            return
        self._is_pending = True
        self._defer(self._read_back, 0)

    def _read_back(self) -> None:
        self._is_pending = False
        if not self._is_closed:
            self._gesture.finish(self._layer)
        if self._is_closed or self._hand_is_busy:
            return  # the end of the gesture schedules again
        self._open = 0
        try:
            reading = self._reader.read(self._rows(), self._shown)
            self._row_ids = [reading.names.get(i, "") for i in range(len(self._layer.data))]
            self._is_soiled = self._is_soiled or bool(reading.change)
            self._store.apply(reading.change)
        except GeoLabelError as error:
            self._is_soiled = True
            self._notify(str(error))
        if self._is_late or self._is_soiled:
            self.render()

    def _rows(self) -> list[Row]:
        """Return the layer's rows with what their features say."""
        drawn, features = self._drawn(), self._layer.features
        rows = [Row(index=i, id="", part=0, class_id="", drawing=drawing) for i, drawing in enumerate(drawn)]
        if len(features) != len(drawn) or not NO_FEATURES.keys() <= set(features.columns):
            self._is_soiled = True
            return named_by_content(rows, {i: shown.parts for i, shown in self._shown.items()})
        # Once somebody has set features, napari gives new rows those of the last one, so new rows are not asked.
        fresh = len(drawn) if self._fresh_from is None else self._fresh_from
        named = list(zip(features["id"], features["part"], features["class"], strict=True))[:fresh]
        for i, (name, part, class_id) in enumerate(named):
            rows[i] = Row(index=i, id=name, part=int(part), class_id=class_id, drawing=drawn[i])
        return rows

    def _screen_px(self) -> FloatArray:
        """Return the screen pixels that a scene pixel covers, ``(height, width)``."""
        return np.abs(np.asarray(self._layer.scale[-2:], np.float64)) * float(self._viewer.scene.camera.zoom)


def _grid_of(layer: Shapes | Points) -> GeoGrid:
    """Return the grid of the labels that a layer is a view of, or one without a georeference."""
    labels = labels_of(layer.metadata)
    return GeoGrid(shape=(1, 1), transform=Affine.identity()) if labels is None else labels.scene.grid
