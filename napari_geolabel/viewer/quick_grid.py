"""napari's grid for as many layers as linked views have.

To tell which layers are in a cell napari goes through all layers for each of
them, through a list whose every access is slow, and it asks so for each layer
and overlay again whenever one is shown or hidden.  With four panes of seven
layers that takes a tenth of a second each time.  Where layers are depends on
which are visible alone, and is worked out once for that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from napari.components.grid import GridCanvas

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

Position = tuple[int, int]
"""Row and column of a cell; (-1, -1) is where hidden layers are for napari."""


class QuickGrid(GridCanvas):  # type: ignore[misc]  # napari has no types
    """napari's grid, which works out only once where layers are of which the same are visible."""

    def contents_at(self, position: Position, layers: Sequence[Layer]) -> tuple[int, ...]:
        """Return the indices of the layers in the cell at a position, as napari does: in order."""
        return self._layout(layers).cells.get(position, ())

    def actual_shape(self, layers: Sequence[Layer]) -> Position:
        """Return how many rows and columns of cells there are, as napari does."""
        return self._layout(layers).shape

    def _layout(self, layers: Sequence[Layer]) -> _Layout:
        return _layout(tuple(layer.visible for layer in layers), self.stride, self.shape, self.enabled)


class _Layout(NamedTuple):
    """Where layers are."""

    shape: Position
    cells: dict[Position, tuple[int, ...]]


class _Seen(NamedTuple):
    """Stands for a layer: nothing else of it matters."""

    visible: bool


@lru_cache(maxsize=64)
def _layout(visible: tuple[bool, ...], stride: int, shape: Position, enabled: bool) -> _Layout:
    """Return where napari's own grid has layers, by which of them are visible."""
    grid, layers = GridCanvas(stride=stride, shape=shape, enabled=enabled), [_Seen(each) for each in visible]
    cells = defaultdict(list)
    for index in range(len(layers)):
        cells[grid.position(index, layers)].append(index)
    return _Layout(grid.actual_shape(layers), {position: tuple(indices) for position, indices in cells.items()})


def make_grid_quick(viewer: ViewerModel) -> None:
    """Let the grid of a viewer be a quick one from now on; all else of it, and who listens to it, stays."""
    grid = viewer.canvas.grid
    if type(grid) is GridCanvas:
        object.__setattr__(grid, "__class__", QuickGrid)  # the model itself refuses attributes that are no fields
