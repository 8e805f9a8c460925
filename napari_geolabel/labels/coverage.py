"""Which parts of a scene somebody has looked at: a grid of cells, each labelled, checked or open.

An empty part of a scene is only known to be empty if somebody has said so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.annotations.change import Change
from napari_geolabel.annotations.index import Bounds
from napari_geolabel.annotations.scene_notes import PREFIX, notes_of
from napari_geolabel.errors import GeoLabelError

if TYPE_CHECKING:
    from napari_geolabel.labels.checking import Checked

CHECKED = "checked"
"""Topic of the notes about cells without anything."""
SMALLEST_PX, LARGEST_PX = 128, 1024
"""A cell is not smaller than can be told apart, nor larger than a screen shows at full resolution."""
WISHED_CELLS = 8
"""So many cells on the longer side, where their size allows."""

Cell = tuple[int, int]
"""Row and column of a cell, from 0."""


class CellState(StrEnum):
    """What is known of a cell."""

    LABELLED = "labelled"
    """An annotation that is not rejected reaches it; what lies along an edge is in the cell right of it, or below."""
    CHECKED = "checked"
    """Somebody has looked: nothing here."""
    OPEN = "open"
    """Nobody has said anything yet."""


class Coverage:
    """The cells of a scene.

    Marks are changes like any other: undone, saved with the labels, exported
    with the attributes of the scene (GeoJSON, COCO) and shared with other
    sessions, cell by cell.

    Parameters
    ----------
    labels
        Whose scene is looked at.
    """

    def __init__(self, labels: Checked) -> None:
        self._labels = labels

    @property
    def cell_px(self) -> int:
        """Side of a cell in pixels: a power of two, the same for every session on a scene."""
        longest = max(self._labels.scene.grid.shape)
        side = 1 << round(math.log2(max(longest / WISHED_CELLS, 1)))
        return min(max(side, SMALLEST_PX), LARGEST_PX)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of cells; those at the right and lower edge may be cut."""
        rows, cols = self._labels.scene.grid.shape
        return math.ceil(rows / self.cell_px), math.ceil(cols / self.cell_px)

    def __len__(self) -> int:
        """Return the number of cells."""
        rows, cols = self.shape
        return rows * cols

    def __iter__(self) -> Iterator[Cell]:
        """Iterate over the cells, row by row."""
        rows, cols = self.shape
        return ((row, col) for row in range(rows) for col in range(cols))

    def bounds(self, cell: Cell) -> Bounds:
        """Return ``(x0, y0, x1, y1)`` of a cell in pixel coordinates."""
        self._require(cell)
        (row, col), side, (rows, cols) = cell, self.cell_px, self._labels.scene.grid.shape
        return (
            float(col * side),
            float(row * side),
            float(min((col + 1) * side, cols)),
            float(min((row + 1) * side, rows)),
        )

    def cell_at(self, x: float, y: float) -> Cell | None:
        """Return the cell at a pixel point, None outside the scene."""
        rows, cols = self._labels.scene.grid.shape
        if not (0 <= x < cols and 0 <= y < rows):
            return None
        return int(y // self.cell_px), int(x // self.cell_px)

    def state(self, cell: Cell) -> CellState:
        """Return what is known of a cell."""
        if self._is_labelled(cell):
            return CellState.LABELLED
        return CellState.CHECKED if cell in self.checked else CellState.OPEN

    @property
    def checked(self) -> dict[Cell, str]:
        """The cells that are marked, with when that was noted; the history tells by whom."""
        found = {}
        for name, text in notes_of(self._labels.store.scene_attributes, CHECKED).items():
            cell = self._cell_of(name)
            if cell is not None:
                found[cell] = text
        return found

    def states(self) -> NDArray[np.object_]:
        """Return the state of every cell, shape ``shape``, much faster than one by one."""
        rows, cols = self.shape
        order = list(CellState)
        found = np.full((rows, cols), order.index(CellState.OPEN))
        for cell in self.checked:
            found[cell] = order.index(CellState.CHECKED)
        found[self._labelled()] = order.index(CellState.LABELLED)
        return np.array([[order[code] for code in line] for line in found], object)

    def _labelled(self) -> NDArray[np.bool_]:
        """Return which cells an annotation reaches, shape ``shape``."""
        rows, cols = self.shape
        found = np.zeros((rows, cols), bool)
        side, store = self.cell_px, self._labels.store
        seen = [a.geometry for a in list(store.values()) if a.status is not Status.REJECTED]
        bounds = shapely.bounds(seen).reshape(-1, 4) if seen else np.zeros((0, 4))
        limits = (cols - 1, rows - 1, cols - 1, rows - 1)
        low_x, low_y, high_x, high_y = np.clip(np.nan_to_num(bounds) // side, 0, limits).astype(int).T
        is_one = (low_x == high_x) & (low_y == high_y) & _is_inside(bounds, self._labels.scene.grid.shape)
        found[low_y[is_one], low_x[is_one]] = True
        for index in np.flatnonzero(~is_one).tolist():
            for row in range(low_y[index], high_y[index] + 1):
                for col in range(low_x[index], high_x[index] + 1):
                    found[row, col] = found[row, col] or self._is_labelled((row, col))
        return found

    def mark(self, *cells: Cell) -> Change:
        """Note that there is nothing in cells, as one change.

        Raises
        ------
        GeoLabelError
            If there is no such cell.
        """
        return self._put(cells, datetime.now(UTC).isoformat(timespec="seconds"), "nothing here")

    def unmark(self, *cells: Cell) -> Change:
        """Take marks back, as one change."""
        return self._put(cells, None, "not checked")

    def next_open(self, after: Cell | None = None) -> Cell | None:
        """Return the next cell, row by row and round the end, of which nothing is known; None where there is none.

        Raises
        ------
        GeoLabelError
            If there is no such cell to go on from.
        """
        if after is not None:
            self._require(after)
        states, cells = self.states(), list(self)
        start = 0 if after is None else cells.index(after) + 1
        return next((cell for cell in (*cells[start:], *cells[:start]) if states[cell] is CellState.OPEN), None)

    def _is_labelled(self, cell: Cell) -> bool:
        x0, y0, x1, y1 = self.bounds(cell)
        box, far = shapely.box(x0, y0, x1, y1), shapely.LineString([(x1, y0), (x1, y1), (x0, y1)])
        found = [a for a in self._labels.store.annotations_in((x0, y0, x1, y1)) if a.status is not Status.REJECTED]
        return any(_reaches(a.geometry, box, far) for a in found)

    def _put(self, cells: Iterable[Cell], note: str | None, what: str) -> Change:
        wanted = list(dict.fromkeys(cells))
        for cell in wanted:
            self._require(cell)
        before = dict(self._labels.store.scene_attributes)
        names = [f"{PREFIX}{CHECKED}:{self.cell_px}:{row}:{col}" for row, col in wanted]
        after = {name: text for name, text in before.items() if name not in names}
        if note is not None:
            after |= {name: before.get(name, note) for name in names}
        title = f"{what}: {'cell' if len(wanted) == 1 else f'{len(wanted)} cells'}"
        return self._labels.store.apply(Change(title=title, scene_attributes=(before, after)))

    def _require(self, cell: Cell) -> None:
        rows, cols = self.shape
        if not (0 <= cell[0] < rows and 0 <= cell[1] < cols):
            raise GeoLabelError(f"there is no cell {cell}; the scene has {rows} rows and {cols} columns of cells")

    def _cell_of(self, name: str) -> Cell | None:
        """Return the cell of a note, None for one of another size or of no cell of this scene."""
        try:
            side, row, col = (int(part) for part in name.split(":"))
        except ValueError:
            return None
        rows, cols = self.shape
        return (row, col) if side == self.cell_px and 0 <= row < rows and 0 <= col < cols else None


def _reaches(geometry: BaseGeometry, box: BaseGeometry, far: BaseGeometry) -> bool:
    """Return whether a geometry has a part in a box without its far edges; touching is not enough."""
    if shapely.get_dimensions(geometry) == 2:
        return bool(geometry.intersects(box) and not geometry.touches(box))
    shared = shapely.intersection(geometry, box)
    return bool(shapely.get_dimensions(shared) == shapely.get_dimensions(geometry) and not far.covers(shared))


def _is_inside(bounds: NDArray[np.float64], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which rectangles reach into a scene."""
    x0, y0, x1, y1 = bounds.T
    return np.asarray((x1 > 0) & (y1 > 0) & (x0 < shape[1]) & (y0 < shape[0]))
