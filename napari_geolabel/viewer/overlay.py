"""The picture of all annotations, shown where they are too many to be shapes.

It is one image layer for each pane below the shapes, made when it is first
needed and kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import shapely
from psygnal import Signal

from napari_geolabel.annotations.change import Change
from napari_geolabel.annotations.index import Bounds
from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.class_marks import ClassMarks
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.label_layers import LabelLayers
from napari_geolabel.viewer.overlay_levels import OverlayLevels
from napari_geolabel.viewer.scene_layer import SCENE_KEY
from napari_geolabel.viewer.working_set import WorkingSet

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image, Layer


class OverlayPicture:
    """The picture, up to date with the annotations as soon as somebody has asked for it.

    Parameters
    ----------
    labels
        Whose annotations are painted.
    marks
        Say which of them are seen.
    defer
        Calls a function later, from the event loop.
    """

    changed = Signal()
    """Emitted when some of it has been painted anew."""

    def __init__(self, labels: Labels, marks: ClassMarks, defer: Callable[[Callable[[], None], int], None]) -> None:
        self._labels, self._marks, self._defer = labels, marks, defer
        self._levels: OverlayLevels | None = None
        self._dirty: list[Bounds] = []
        self._is_all_dirty = False
        self._is_closed = False
        labels.store.changed.connect(self._on_change)
        labels.ontology_changed.connect(self._note_all)
        marks.changed.connect(self._note_all)

    @property
    def pyramid(self) -> OverlayLevels:
        """Its levels; what is coarse is painted ahead, in a thread."""
        if self._levels is None:
            self._levels = OverlayLevels(self._labels.store, self._labels.scene.grid.shape, self._marks.shows)
            threading.Thread(target=self._levels.prepare, daemon=True).start()
        return self._levels

    def repaint(self) -> None:
        """Bring it up to date now; it is by the next turn of the event loop."""
        if self._levels is None or not (self._dirty or self._is_all_dirty) or self._is_closed:
            return
        parts = None if self._is_all_dirty else self._dirty
        self._dirty, self._is_all_dirty = [], False
        self._levels.repaint(parts)
        self.changed.emit()

    def close(self) -> None:
        """Follow the annotations no longer."""
        self._is_closed = True
        if self._levels is not None:
            self._levels.close()
        self._labels.store.changed.disconnect(self._on_change, missing_ok=True)
        self._labels.ontology_changed.disconnect(self._note_all, missing_ok=True)
        self._marks.changed.disconnect(self._note_all, missing_ok=True)

    def _on_change(self, change: Change) -> None:
        """Note what an edit touches; many in a row are painted at once."""
        found = [a.geometry for edit in change.edits for a in (edit.before, edit.after) if a is not None]
        if found and self._levels is not None:
            self._note([tuple(part) for part in shapely.bounds(found).tolist()])

    def _note_all(self, *_: object) -> None:
        if self._levels is not None:
            self._note([])
            self._is_all_dirty = True

    def _note(self, parts: list[Bounds]) -> None:
        if not (self._dirty or self._is_all_dirty):
            self._defer(self.repaint, 0)
        self._dirty += parts


class Overlay:
    """Shows the picture of all annotations in a pane while those in view are not all shapes.

    Parameters
    ----------
    viewer
        The viewer.
    labels
        Whose annotations are shown.
    layers
        The layers of the pane, among which the picture comes.
    picture
        What is shown.
    working
        Says when it is needed.
    take
        Gives a new layer the status and the keys of its session.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        labels: Labels,
        layers: LabelLayers,
        *,
        picture: OverlayPicture,
        working: WorkingSet,
        take: Callable[[Layer], object],
    ) -> None:
        self._viewer, self._labels, self._layers = viewer, labels, layers
        self._picture, self._working, self._take = picture, working, take
        working.covered.connect(self._show)
        picture.changed.connect(self._refresh)
        layers.shapes.events.visible.connect(self._show)
        self._show()

    @property
    def layer(self) -> Image | None:
        """The layer, None before it was first needed."""
        return self._layers.overlay

    def make(self) -> Image:
        """Add the layer below all others of the pane, hidden; the active layer stays active."""
        viewer, scene, active = self._viewer, self._labels.scene, self._viewer.layers.selection.active
        layer = viewer.add_image(
            list(self._picture.pyramid.levels),
            name="labels overview",
            rgb=True,
            multiscale=True,
            contrast_limits=(0, 255),
            visible=False,
            metadata={SCENE_KEY: scene},
            **Frame.of(scene.grid).layer_transform,
        )
        lowest = min(viewer.layers.index(each) for each in self._layers if each in viewer.layers)
        self._layers.overlay = layer
        self._take(layer)
        viewer.layers.move(viewer.layers.index(layer), lowest)
        viewer.layers.selection.active = active
        return layer

    def close(self) -> None:
        """Stop following; the layer stays, hidden."""
        self._working.covered.disconnect(self._show, missing_ok=True)
        self._picture.changed.disconnect(self._refresh, missing_ok=True)
        self._layers.shapes.events.visible.disconnect(self._show)
        if self.layer is not None:
            self.layer.visible = False

    def _show(self, *_: object) -> None:
        """Show the picture or hide it, as the shapes in view and the visibility of their layer say."""
        is_wanted = not self._working.is_covered and self._layers.shapes.visible
        layer = self.layer
        if is_wanted and (layer is None or layer not in self._viewer.layers):  # a person may have removed it
            layer = self.make()
        if layer is not None and layer.visible != is_wanted:
            self._picture.repaint()
            layer.visible = is_wanted

    def _refresh(self) -> None:
        layer = self.layer
        if layer is not None and layer.visible:
            layer.refresh(thumbnail=False, highlight=False, extent=False)
