"""The scenes of a session: the one that is labelled, and those that are laid over it to compare.

Annotations belong to the labelled scene alone.  Further scenes come by
`SessionScenes.add`, or when a file is dropped on the window; they lie below the
labels, and composites act on the one whose layer is selected.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psygnal import Signal

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.viewer.composites import Composites, composites_of
from napari_geolabel.viewer.keys import Where, bind_composite_keys, unbind_keys
from napari_geolabel.viewer.label_layers import LabelLayers
from napari_geolabel.viewer.places import PLACE_KEY
from napari_geolabel.viewer.scene_layer import (
    PICTURE_KEY,
    SCENE_KEY,
    add_band_layer,
    find_scene_layer,
    is_scene_layer,
)
from napari_geolabel.viewer.together import add_scene, join

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image, Layer

OtherScene = Scene | str | Path | Sequence[str | Path]
"""A scene, or what `open_scene` opens."""


class SessionScenes:
    """The scenes in the window of a session.

    Parameters
    ----------
    viewer
        The viewer of the session.
    first
        The layer of the scene that is labelled.
    labels
        The layers of the labels, which stay above all scenes.
    take
        Gives a layer the status and the keys of the session.
    defer
        Calls a function later, from the event loop.
    """

    changed = Signal()
    """Emitted when a scene came or went, another one was selected, or the selected one shows another composite."""

    def __init__(
        self,
        viewer: ViewerModel,
        first: Image,
        labels: LabelLayers,
        *,
        take: Callable[[Layer], None],
        defer: Callable[[Callable[[], None], int], None],
    ) -> None:
        self._viewer, self.first, self._labels = viewer, first, labels
        self._take, self._defer = take, defer
        self._opened: list[Scene] = []  # from paths; closed when they are removed
        self._pane: Image | None = None
        self._is_closed = False
        self._followed = self.composites
        self._followed.changed.connect(self._on_composite)
        viewer.layers.events.inserted.connect(self._on_inserted)
        viewer.layers.events.removed.connect(self._on_removed)
        viewer.layers.selection.events.active.connect(self._on_active)
        for layer in viewer.layers:
            if PLACE_KEY in layer.metadata:
                self._settle(layer)

    @property
    def layers(self) -> list[Image]:
        """The layers of scenes, the labelled one first, then from the bottom up."""
        others = [each for each in self._viewer.layers if is_scene_layer(each) and each is not self.first]
        return [self.first, *others]

    @property
    def active_layer(self) -> Image:
        """The scene layer that is selected, else that of the pane in use, else that of the labelled scene."""
        active = self._viewer.layers.selection.active
        if active is not None and PICTURE_KEY in active.metadata:
            return active
        return self.first if self._pane is None else self._pane

    @property
    def composites(self) -> Composites:
        """The composites of the scene whose layer is selected, which keys and panel act on."""
        return composites_of(self.active_layer)

    def add(self, other: OtherScene, composite: Composite | str | None = None) -> Image:
        """Lay another scene over the labelled one, as ``Session.add_scene`` says."""
        from napari_geolabel.imagery.opening import open_scene

        is_own = not isinstance(other, Scene)
        scene = other if isinstance(other, Scene) else open_scene(other)
        active = self._viewer.layers.selection.active
        try:
            layer = add_scene(self._viewer, scene, composite)
        except GeoLabelError:
            if is_own:
                scene.close()
            raise
        if is_own:
            self._opened.append(scene)
        self._settle(layer)
        self._viewer.layers.selection.active = active
        self.changed.emit()
        return layer

    def remove(self, other: Scene | Image) -> None:
        """Take an added scene and its bands out of the window, as ``Session.remove_scene`` says."""
        scene: Scene = other if isinstance(other, Scene) else other.metadata.get(SCENE_KEY)
        if scene is self.first.metadata[SCENE_KEY]:
            raise GeoLabelError(f"{scene.name} is the scene that is labelled and stays as long as the session; hide it")
        if scene is None or find_scene_layer(self._viewer, scene) is None:
            raise GeoLabelError(
                f"{getattr(other, 'name', other)} is no scene of this window; session.scenes lists them"
            )
        for layer in [each for each in self._viewer.layers if each.metadata.get(SCENE_KEY) is scene]:
            self._viewer.layers.remove(layer)
        self._let_go(scene)

    def add_band(self, scene: Scene, expression: str) -> Image:
        """Add a band or an expression of one of the scenes as a layer of true values, above the scene's own."""
        layers = self._viewer.layers
        active = layers.selection.active
        layer = add_band_layer(self._viewer, scene, expression)
        shown = find_scene_layer(self._viewer, scene)
        if shown is not None:
            layers.move(layers.index(layer), layers.index(shown) + 1)
        layers.selection.active = active
        self._take(layer)
        return layer

    def close(self) -> None:
        """Let go of the layers, which stay and keep the keys of composites."""
        self._is_closed = True
        layers = self._viewer.layers
        layers.events.inserted.disconnect(self._on_inserted)
        layers.events.removed.disconnect(self._on_removed)
        layers.selection.events.active.disconnect(self._on_active)
        self._followed.changed.disconnect(self._on_composite, missing_ok=True)
        for layer in layers:
            if PLACE_KEY in layer.metadata:
                unbind_keys(layer, Where)
            if PICTURE_KEY in layer.metadata:
                bind_composite_keys(layer)

    def _settle(self, layer: Layer) -> None:
        """Put a layer of a scene below the labels, with the status and keys of the session."""
        layers = self._viewer.layers
        labels = [layers.index(each) for each in self._labels if each in layers]
        place = layers.index(layer)
        if labels and place > min(labels):
            layers.move(place, min(labels))
        self._take(layer)

    def _on_inserted(self, event: Any) -> None:  # noqa: ANN401  (napari's event)
        """Take in a scene that was dropped on the window, once napari has done its part."""
        layer = event.value
        if is_scene_layer(layer):
            self._defer(lambda: self._take_in(layer), 0)

    def _take_in(self, layer: Image) -> None:
        if not self._is_closed and layer in self._viewer.layers:
            join(self._viewer.layers, layer)  # where the viewer is not attached, nobody has done it
            self._settle(layer)
            self.changed.emit()

    def _on_removed(self, event: Any) -> None:  # noqa: ANN401  (napari's event)
        metadata = event.value.metadata
        if PICTURE_KEY in metadata:
            self.changed.emit()
        if metadata.get(SCENE_KEY) in self._opened:
            self._defer(lambda: self._let_go(metadata[SCENE_KEY]), 0)  # a script may move a layer by hand

    def _let_go(self, scene: Scene) -> None:
        """Close a scene that was opened here, once no layer shows it any more."""
        if scene in self._opened and not any(each.metadata.get(SCENE_KEY) is scene for each in self._viewer.layers):
            self._opened.remove(scene)
            scene.close()

    def look_at(self, pane: Image | None) -> None:
        """Let composites act on the layer of a pane of linked views as long as no other scene is selected."""
        self._pane = pane
        self.follow()
        self.changed.emit()

    def _on_active(self, _event: object) -> None:
        self.follow()

    def follow(self) -> None:
        """Follow the composites of the scene that is selected now, as it is read now."""
        selected = self.composites
        if selected is not self._followed:
            self._followed.changed.disconnect(self._on_composite, missing_ok=True)
            self._followed = selected
            selected.changed.connect(self._on_composite)
            self.changed.emit()

    def _on_composite(self, _composite_id: str) -> None:
        self.changed.emit()
