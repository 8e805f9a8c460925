"""The cells of a scene's coverage, drawn over the map: labelled, checked or open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import shapely
from psygnal import Signal
from shapely.geometry.base import BaseGeometry

from napari_geolabel.labels.coverage import Cell, CellState
from napari_geolabel.viewer.outlines import Outlines

if TYPE_CHECKING:
    from napari_geolabel.viewer.session import Session

CELL_COLORS = {CellState.LABELLED: "#56b4e9", CellState.CHECKED: "#f0e442", CellState.OPEN: "#d55e00"}
"""Colours of the frames, of Okabe and Ito's, which colour-blind people tell apart."""
LINE_PX, OPACITY = 1.2, 0.55
"""Of the frames: with the whole scene in view they must not outshine what is labelled."""
LATER_MS = 100
"""How long changes are gathered before the cells are drawn again."""

_INSET = 0.02  # so that frames of neighbours do not lie on each other, as a share of a cell
_TICK = ((0.06, 0.12), (0.10, 0.16), (0.18, 0.06))  # of a checked cell, in shares of the cell


class CellGrid:
    """Frames of the cells in a layer of their own, which takes neither mouse nor keys.

    Parameters
    ----------
    session
        The session whose labels have the cells.
    """

    changed = Signal(bool)
    """Emitted with whether the cells are shown."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._outlines = Outlines(
            session.viewer, session.scene, name="cells", line_px=LINE_PX, opacity=OPACITY, most=None
        )
        self._is_on = self._is_due = False
        session.closed.connect(self._end)

    @property
    def is_on(self) -> bool:
        """Whether the cells are shown; setting it shows or hides them."""
        return self._is_on

    @is_on.setter
    def is_on(self, is_on: bool) -> None:
        if is_on == self._is_on:
            return
        self._is_on, store = is_on, self._session.labels.store
        if is_on:
            store.changed.connect(self._on_change)
            self._show()
        else:
            store.changed.disconnect(self._on_change, missing_ok=True)
            self._outlines.clear()
        self.changed.emit(is_on)

    def toggle(self) -> None:
        """Show the cells, or hide them."""
        self.is_on = not self._is_on

    def _on_change(self, _change: object) -> None:
        if not self._is_due:
            self._is_due = True
            self._session.label_views.wiring["defer"](self._show, LATER_MS)

    def _show(self) -> None:
        self._is_due = False
        if not self._is_on or self._session.is_closed:
            return
        coverage = self._session.labels.coverage
        states = coverage.states()
        frames: dict[str, list[BaseGeometry]] = {color: [] for color in CELL_COLORS.values()}
        for cell in coverage:
            frames[CELL_COLORS[states[cell]]] += self._frame(cell, states[cell])
        self._outlines.show(frames)

    def _frame(self, cell: Cell, state: CellState) -> Iterator[BaseGeometry]:
        """Yield what stands for a cell: a frame, and a tick in its corner where somebody has checked it."""
        x0, y0, x1, y1 = self._session.labels.coverage.bounds(cell)
        inset = _INSET * self._session.labels.coverage.cell_px
        yield shapely.box(x0 + inset, y0 + inset, max(x1 - inset, x0 + inset), max(y1 - inset, y0 + inset))
        if state is CellState.CHECKED:
            yield shapely.LineString([(x0 + x * (x1 - x0), y0 + y * (y1 - y0)) for x, y in _TICK])

    def _end(self) -> None:
        self._session.labels.store.changed.disconnect(self._on_change, missing_ok=True)
        if self._is_on:
            self._outlines.close()
