"""Which annotations are shapes that can be edited, where there are too many to be all.

napari's shapes become slow by their number, whether they are in view or not.
So above a limit only those in view are shapes, and where these are too many,
only what is selected; all others are in the overlay, and zooming in makes
them shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from psygnal import Signal

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.index import Bounds
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.current_view import pane_size
from napari_geolabel.viewer.frame import Frame

if TYPE_CHECKING:
    from napari.components import ViewerModel

MOST_SHAPES = 1_000
"""So many annotations can be edited at a time; with twice as many a pan takes twice as long as with a hundred."""
MARGINS = (0.5, 0.25, 0.1, 0.0)
"""How far beyond the view annotations are shapes too, as a share of it on each side: the first with few enough."""
REST_MS = 150
"""How long the view must rest before what comes into it becomes shapes."""

_CANVAS_PX = (600, 800)  # of a viewer without a window


class WorkingSet:
    """Says which annotations of a store are shapes at this time, and follows the view.

    Parameters
    ----------
    viewer
        The viewer whose view counts.
    store
        The annotations.
    grid
        The scene's grid, which the view is told in.
    defer
        Calls a function later, from the event loop.
    """

    changed = Signal()
    """Emitted when other annotations may be shapes than before."""
    covered = Signal(bool)
    """Emitted with whether all that is in view are shapes."""

    def __init__(
        self,
        viewer: ViewerModel,
        store: AnnotationStore,
        grid: GeoGrid,
        defer: Callable[[Callable[[], None], int], None],
    ) -> None:
        self._viewer, self._store, self._frame, self._defer = viewer, store, Frame.of(grid), defer
        self._region: Bounds | None = None
        self._is_covered, self._moves, self._is_closed = True, 0, False
        self._was_whole = self._is_due = False
        for event in self._events():
            event.connect(self._on_move)
        store.changed.connect(self._on_change)
        self._look()

    @property
    def is_whole(self) -> bool:
        """Whether all annotations are shapes, in view or not."""
        return len(self._store) <= MOST_SHAPES

    @property
    def is_covered(self) -> bool:
        """Whether all that is in view are shapes, so that nothing else need be shown."""
        return self._is_covered

    def annotations(self, kinds: Collection[Kind], held: Collection[str] = ()) -> list[Annotation]:
        """Return the annotations of some kinds that shall be shapes, in draw order.

        Parameters
        ----------
        kinds
            What a layer shows.
        held
            Ids of annotations that must be among them, wherever they lie: what is selected.
        """
        store = self._store
        if self.is_whole:
            return [a for a in store.values() if a.kind in kinds]
        found = {} if self._region is None else {a.id: a for a in store.annotations_in(self._region)}
        missing = [i for i in held if i in store and i not in found]
        if missing:
            found |= {i: store[i] for i in missing}
            found = {i: found[i] for i in sorted(found, key=store.draw_place)}
        return [a for a in found.values() if a.kind in kinds]

    def view(self) -> Bounds:
        """Return what is on screen, ``(x0, y0, x1, y1)`` in pixel coordinates."""
        camera = self._viewer.scene.camera
        half = np.array(pane_size(self._viewer) or _CANVAS_PX, np.float64) / max(float(camera.zoom), 1e-12) / 2
        center = np.asarray(camera.center[-2:], np.float64)
        (x0, y0), (x1, y1) = self._frame.to_pixel([center - half, center + half])
        return float(x0), float(y0), float(x1), float(y1)

    def close(self) -> None:
        """Stop following the view."""
        self._is_closed = True
        for event in self._events():
            event.disconnect(self._on_move)
        self._store.changed.disconnect(self._on_change, missing_ok=True)

    def _events(self) -> tuple[Any, ...]:
        camera = self._viewer.scene.camera.events
        return camera.center, camera.zoom

    def _on_move(self, *_: object) -> None:
        """Show the overlay as soon as the view leaves what are shapes, and the shapes when it rests."""
        if self.is_whole:
            return
        if self._region is None or not _within(self.view(), self._region):
            self._cover(False)
        self._moves += 1
        self._defer(partial(self._rest, self._moves), REST_MS)

    def _rest(self, moves: int) -> None:
        if moves == self._moves and not self._is_closed:
            self._look()

    def _on_change(self, _change: object) -> None:
        """Look again how many there are: at once where all were shapes or are now, else with what else comes."""
        if self.is_whole != self._was_whole:
            self._look()
        elif not self.is_whole and not self._is_due:
            self._is_due = True
            self._defer(self._look_later, 0)

    def _look_later(self) -> None:
        """Choose again unless the shapes in view have become only some more than they should be."""
        self._is_due = False
        if not self._is_closed and (self._region is None or self._store.count_in(self._region) > 2 * MOST_SHAPES):
            self._look()

    def _look(self) -> None:
        """Choose the region whose annotations are shapes."""
        before, self._was_whole = self._region, self.is_whole
        self._region = None if self.is_whole else self._chosen()
        self._cover(self.is_whole or self._region is not None)
        if self._region != before:
            self.changed.emit()

    def _chosen(self) -> Bounds | None:
        """Return the region around the view, or just the view, that holds few enough; None where none does."""
        view = self.view()
        old = self._region
        is_good = old is not None and _within(view, old) and not _is_far_larger(old, view)
        if old is not None and is_good and self._store.count_in(old) <= MOST_SHAPES:
            return old
        x0, y0, x1, y1 = view
        for margin in MARGINS:
            width, height = margin * (x1 - x0), margin * (y1 - y0)
            region = x0 - width, y0 - height, x1 + width, y1 + height
            if self._store.count_in(region) <= MOST_SHAPES:
                return region
        return None

    def _cover(self, is_covered: bool) -> None:
        if is_covered != self._is_covered:
            self._is_covered = is_covered
            self.covered.emit(is_covered)


def _within(inner: Bounds, outer: Bounds) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _is_far_larger(region: Bounds, view: Bounds) -> bool:
    """Return whether a region is so large that the view has been zoomed in since it was chosen."""
    return region[2] - region[0] > 3 * (view[2] - view[0])
