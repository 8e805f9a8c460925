"""Puts layers back that the user deletes though something works on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.notices import warn

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer


class LayerKeeper:
    """Keeps the layers of a session in its viewer: without them the labels would be out of sight.

    Parameters
    ----------
    viewer
        The viewer.
    layers
        Returns what it must not lose now; some layers come later than others.
    defer
        Calls a function later, from the event loop, when napari is done with the removal.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        layers: Callable[[], Sequence[Layer]],
        defer: Callable[[Callable[[], None], int], None],
    ) -> None:
        self._viewer, self._layers, self._defer = viewer, layers, defer
        self._is_closed = False
        viewer.layers.events.removed.connect(self._on_removed)

    def close(self) -> None:
        """Let go of the layers."""
        self._is_closed = True
        self._viewer.layers.events.removed.disconnect(self._on_removed)

    def _on_removed(self, event: Any) -> None:  # noqa: ANN401  (napari's event)
        layer = event.value
        if layer in self._layers():
            self._defer(lambda: self._put_back(layer), 0)

    def _put_back(self, layer: Layer) -> None:
        if self._is_closed or canvas_widget(self._viewer) is None or layer in self._viewer.layers:
            return
        if layer not in self._layers():  # another has been made in its place
            return
        self._viewer.layers.append(layer)
        warn(f"the layer {layer.name} belongs to the labelling session and was put back; hide it instead")
