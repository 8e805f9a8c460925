"""Cells on the map: frames by state that follow the labels, and are in nobody's way."""

from __future__ import annotations

import numpy as np
import shapely

from napari_geolabel.labels.coverage import CellState, Coverage
from napari_geolabel.viewer.cell_grid import CELL_COLORS
from napari_geolabel.viewer.outlines import MOST_GEOMETRIES, rgba


def lines(session) -> dict[CellState, int]:
    """How many lines there are of each state."""
    layer = session.viewer.layers["cells"]
    colors = np.asarray(layer.edge_color) if len(layer.data) else np.zeros((0, 4))
    return {state: int(np.isclose(colors, rgba(color)).all(axis=1).sum()) for state, color in CELL_COLORS.items()}


def test_cells_are_framed_by_what_is_known_of_them(session, loop):
    cells, active = session.ways.cells, session.viewer.layers.selection.active
    assert "cells" not in session.viewer.layers
    session.labels.add(shapely.box(10, 10, 30, 30), "ship", kind="box")
    session.labels.coverage.mark((1, 1), (3, 3))
    cells.toggle()
    assert session.viewer.layers.selection.active is active
    assert lines(session) == {CellState.LABELLED: 4, CellState.CHECKED: 2 * (4 + 2), CellState.OPEN: 4 * 13}
    layer = session.viewer.layers["cells"]
    ends = np.asarray(layer.data)[:, 0] + np.asarray(layer.data)[:, 1]
    assert ends.min() > 0
    assert ends.max() < 512  # frames lie inside of their cells
    ships = session.shapes_layer
    assert 0.3 < layer.opacity < 0.7  # fainter than what is labelled, and to be found
    assert layer.opacity < ships.opacity
    assert layer.edge_width < min(ships.edge_width)


def test_frames_follow_changes_and_undo_and_can_be_taken_away(session, loop):
    cells, told = session.ways.cells, []
    cells.changed.connect(told.append)
    cells.is_on = True
    session.labels.coverage.mark((0, 0))
    loop.run()
    assert lines(session)[CellState.CHECKED] == 6
    session.undo()
    loop.run()
    assert lines(session) == {CellState.LABELLED: 0, CellState.CHECKED: 0, CellState.OPEN: 64}
    cells.toggle()
    session.labels.coverage.mark((0, 0))
    loop.run()
    assert lines(session) == dict.fromkeys(CELL_COLORS, 0)
    cells.is_on = False
    assert told == [True, False]


def test_a_session_that_ends_leaves_no_frames(session, loop):
    session.ways.cells.is_on = True
    session.labels.coverage.mark((0, 0))
    session.close()
    loop.run()
    assert sum(lines(session).values()) == 0


def test_all_cells_are_framed_where_there_are_very_many(session, loop, monkeypatch):
    monkeypatch.setattr(Coverage, "cell_px", 10)
    session.ways.cells.is_on = True
    assert lines(session)[CellState.OPEN] == 4 * 52**2 > 4 * MOST_GEOMETRIES
