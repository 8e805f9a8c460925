"""What a scene layer gets when it comes into a viewer by itself: guard, its place, status bar, composite keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from napari_geolabel.viewer.gl_guard import keep_gl_context, unwrapped
from napari_geolabel.viewer.keys import bind_composite_keys
from napari_geolabel.viewer.places import PLACE_KEY
from napari_geolabel.viewer.scene_layer import PICTURE_KEY, SCENE_KEY
from napari_geolabel.viewer.status import StatusReader
from napari_geolabel.viewer.together import join

if TYPE_CHECKING:
    from napari.components import ViewerModel

_attached: WeakSet[Any] = WeakSet()  # emitters of the viewers that adopt scene layers


def attach(viewer: ViewerModel) -> None:
    """Make a viewer guard its layers and adopt scenes that are opened in it; calling it again changes nothing."""
    viewer = unwrapped(viewer)
    keep_gl_context(viewer)
    inserted = viewer.layers.events.inserted
    if inserted not in _attached:
        _attached.add(inserted)
        inserted.connect(_on_inserted)


def attach_current_viewer() -> None:
    """Attach the viewer in front, if there is one: a reader is not told which viewer it reads for."""
    import napari

    viewer = napari.current_viewer()
    if viewer is not None:
        attach(viewer)


def _on_inserted(event: Any) -> None:  # noqa: ANN401  (napari's event)
    layer = event.value
    scene, place = layer.metadata.get(SCENE_KEY), layer.metadata.get(PLACE_KEY)
    if scene is None or place is None or "get_status" in vars(layer):  # a session's layer has its status already
        return
    if PICTURE_KEY in layer.metadata:
        join(event.source, layer)
        bind_composite_keys(layer)
    StatusReader(scene, place=layer.metadata[PLACE_KEY], layers=event.source).install(layer)
