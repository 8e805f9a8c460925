"""napari's grid for as many layers as linked views have.

To tell which layers are in a cell napari goes through all layers for each of
them, through a list whose every access is slow, and it asks so for each layer
again whenever one is shown or hidden.  With four panes of seven layers that
takes a tenth of a second each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from napari.components.grid import GridCanvas

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer


_NOWHERE = (-1, -1)  # where hidden layers are for napari


class QuickGrid(GridCanvas):  # type: ignore[misc]  # napari has no types
    """napari's grid, which asks once for each cell's worth of layers where they are."""

    def contents_at(self, position: tuple[int, int], layers: Sequence[Layer]) -> tuple[int, ...]:
        """Return the indices of the visible layers in the cell at a position, as napari does: in order."""
        plain, stride = list(layers), self.stride
        if not self.enabled or stride < 1 or position == _NOWHERE:
            found: tuple[int, ...] = super().contents_at(position, plain)
            return found
        visible = [index for index, layer in enumerate(plain) if layer.visible]
        first = {index // stride: index for index in reversed(visible)}  # of those that share a cell
        here = {group for group, index in first.items() if self.position(index, plain) == position}
        return tuple(index for index in visible if index // stride in here)


def make_grid_quick(viewer: ViewerModel) -> None:
    """Let the grid of a viewer be a quick one from now on; all else of it, and who listens to it, stays."""
    grid = viewer.canvas.grid
    if type(grid) is GridCanvas:
        object.__setattr__(grid, "__class__", QuickGrid)  # the model itself refuses attributes that are no fields
