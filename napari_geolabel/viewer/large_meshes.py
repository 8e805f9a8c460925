"""What napari has made of large outlines, for all panes that show them and wherever they are moved.

An outline of 5,000 vertices takes 0.02 s to mesh, and one of 1,600 that bermuda
gives up a third of a second.  So what was made of one is kept for a while:
other panes and undo take a copy of it, and one that was moved takes its
triangles along.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from copy import deepcopy
from typing import Any

import numpy as np

from napari_geolabel.viewer.geometry_display import Drawing

LEAST_VERTICES = 100
"""Smaller outlines are meshed in less than a millisecond."""
MOST_OUTLINES = 64
"""How many are kept, those that were wanted last."""
_DECIMALS = 6
"""Of display coordinates, to which an outline is the same after a move."""

Make = Callable[[Drawing, dict[str, Any]], Any]
"""Has napari make a row of a drawing, with the looks that it takes."""


class LargeMeshes:
    """Remembers what was made of large outlines."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def made(self, drawing: Drawing, looks: dict[str, Any], make: Make) -> Any:  # noqa: ANN401  (napari's, not public)
        """Return what napari makes of a drawing: made now, or a copy of what was made of the same outline.

        Parameters
        ----------
        drawing
            What is to be shown.
        looks
            What napari's row is made with besides: ``ndisplay``, ``dims_order``, ``edge_width`` and ``z_index``.
        make
            Makes it where there is none.
        """
        if len(drawing.vertices) < LEAST_VERTICES or looks["ndisplay"] != 2:
            return make(drawing, looks)
        key = _key(drawing, looks)
        if key not in self._kept:
            self._kept[key] = make(drawing, looks)
        self._kept.move_to_end(key)
        while len(self._kept) > MOST_OUTLINES:
            self._kept.popitem(last=False)
        return _copied(self._kept[key], drawing, looks)


def _key(drawing: Drawing, looks: dict[str, Any]) -> Hashable:
    """Return what outlines have in common of which one lies elsewhere than the other."""
    shape = np.round(drawing.vertices - drawing.vertices[0], _DECIMALS) + 0.0  # without negative zeros
    return drawing.shape_type, looks["dims_order"], shape.tobytes()


def _copied(kept: Any, drawing: Drawing, looks: dict[str, Any]) -> Any:  # noqa: ANN401  (napari's rows)
    """Return a copy of a row where a drawing lies; its vertices are those of the drawing."""
    row = deepcopy(kept)  # napari moves the vertices of rows in place
    vertices = drawing.vertices.astype(row.data.dtype)
    row.shift(vertices[0, row.dims_displayed] - row.data_displayed[0])
    row._data = vertices  # noqa: SLF001  (without the roundings of the shift)
    row.edge_width, row.z_index = looks["edge_width"], looks["z_index"]
    return row
