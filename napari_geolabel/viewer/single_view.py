"""What the single view is like while linked views take its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_geolabel.viewer.scene_layer import is_scene_layer

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

    from napari_geolabel.viewer.session import Session


@dataclass(frozen=True)
class SingleView:
    """Order and visibility of its layers, and napari's own grid."""

    order: tuple[Layer, ...]
    visible: dict[Layer, bool]
    """All layers but those of the labels, which show in all views alike."""
    grid: tuple[bool, int, tuple[int, int], float]
    """Whether napari's grid was on, its stride, shape and spacing."""

    @classmethod
    def of(cls, viewer: ViewerModel, labels: Collection[Layer]) -> SingleView:
        """Return what a viewer is like that shows the layers of some labels."""
        layers, grid = viewer.layers, viewer.canvas.grid
        return cls(
            order=tuple(layers),
            visible={layer: layer.visible for layer in layers if layer not in labels},
            grid=(grid.enabled, grid.stride, grid.shape, grid.spacing),
        )

    def order_now(self, viewer: ViewerModel, labels: Collection[Layer], panes: Collection[Layer]) -> list[Layer]:
        """Return the layers in their order, scenes that have come since below the labels, and none of panes."""
        layers = [layer for layer in viewer.layers if layer not in panes]
        late = [layer for layer in layers if layer not in self.order and is_scene_layer(layer)]
        before = [layer for layer in self.order if layer in layers]
        lowest = min((before.index(layer) for layer in labels if layer in before), default=len(before))
        return [*before[:lowest], *late, *before[lowest:]]

    def show_layers(self) -> None:
        """Show and hide layers as they were."""
        for layer, visible in self.visible.items():
            layer.visible = visible

    def restore_grid(self, viewer: ViewerModel) -> None:
        """Make napari's grid what it was."""
        grid = viewer.canvas.grid
        _, grid.stride, grid.shape, grid.spacing = self.grid
        grid.enabled = self.grid[0]


def put_first(viewer: ViewerModel, first: Sequence[Layer]) -> None:
    """Put layers to the front of a viewer's list, in this order."""
    layers = viewer.layers
    for index, layer in enumerate(first):
        if layers[index] is not layer:
            layers.move(layers.index(layer), index)


@contextmanager
def unmoved(session: Session) -> Iterator[None]:
    """Keep camera, active layer and tool through what napari does with a grid and with new layers."""
    viewer, hand = session.viewer, session.hand
    camera, selection = viewer.scene.camera, viewer.layers.selection
    before, active, tool = (camera.center, camera.zoom, camera.angles), selection.active, hand.tool
    try:
        yield
    finally:
        camera.center, camera.zoom, camera.angles = before
        left = (layer for layer in (active, session.shapes_layer) if layer in viewer.layers)
        selection.active = next(left, None)  # none where the window is closing
        if hand.tool != tool and len(viewer.layers):  # the brush goes when another layer becomes active
            hand.tool = tool
