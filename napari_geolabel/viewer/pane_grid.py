"""The cells of napari's grid that panes lie in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.components import ViewerModel

GRID_SHAPES = {2: (1, 2), 3: (1, 3), 4: (2, 2)}
"""Rows and columns of the grid for so many panes."""

_SPACING_PX = 4


def show_grid(viewer: ViewerModel, count: int, stride: int) -> None:
    """Switch napari's grid on, with cells for so many panes of so many layers each."""
    grid = viewer.canvas.grid
    grid.stride, grid.shape, grid.spacing = stride, GRID_SHAPES[count], _SPACING_PX
    grid.enabled = True


def place_under_mouse(viewer: ViewerModel, count: int) -> int | None:
    """Return the place in reading order of the pane that the mouse is over, of so many; None where it is over none."""
    cell = viewer.cursor.viewbox
    if count == 0 or cell is None:
        return None
    place = cell[0] * GRID_SHAPES[count][1] + cell[1]
    return place if place < count else None
