"""Rows of a Shapes layer, of which only those that look different are made anew.

To show other shapes by napari's public names, all of them are triangulated
again, which takes a tenth of a second for a thousand.  So what napari has made
of a row is kept as long as the row looks the same, and the layer's mesh is put
together from kept and new ones, as napari does itself when a scene is shown in
three dimensions.  A mesh that is put together has none of the vertices and
rows that napari's own edits leave behind.

napari has no public names for this.  Where another version lacks them, the
public ones do, more slowly.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_geolabel.geo import FloatArray
from napari_geolabel.viewer.geometry_display import Drawing
from napari_geolabel.viewer.large_meshes import LargeMeshes
from napari_geolabel.viewer.ring_meshes import made_of_rings
from napari_geolabel.viewer.standing_rows import standing_row

if TYPE_CHECKING:
    from napari.layers import Shapes

Name = Hashable
"""What a row is called."""


class ShapeRows:
    """Puts rows into a Shapes layer, and remembers what napari made of them.

    Parameters
    ----------
    layer
        The layer.  Others may edit its rows meanwhile: these are made anew.
    meshes
        What was made of large outlines, also for other layers; None for none.
    """

    def __init__(self, layer: Shapes, meshes: LargeMeshes | None = None) -> None:
        self._layer, self._meshes = layer, meshes or LargeMeshes()
        self._made: dict[Name, Any] = {}

    def put(
        self, rows: Sequence[tuple[Name, Drawing]], *, edge: FloatArray, face: FloatArray, edge_width: float
    ) -> None:
        """Make the layer show these rows and no others, in this order; nothing is selected then.

        Parameters
        ----------
        rows
            What each row is called, no name twice, and what it looks like.
        edge, face
            Colours, RGBA from 0 to 1, shape (n, 4).
        edge_width
            Width of the outlines in scene pixels.
        """
        self._layer.selected_data = set()
        if rows and _can_keep(self._layer):
            self._put_kept(rows, edge, face, edge_width)
        else:
            self._put_all(rows, edge, face, edge_width)

    def _put_all(
        self, rows: Sequence[tuple[Name, Drawing]], edge: FloatArray, face: FloatArray, edge_width: float
    ) -> None:
        """Show rows by napari's public names."""
        self._made = {}
        self._layer.data = []  # from the same length napari would keep types and colours by position
        if rows:
            self._layer.add(
                [drawing.vertices for _, drawing in rows],
                shape_type=[drawing.shape_type for _, drawing in rows],
                edge_width=edge_width,
                edge_color=edge,
                face_color=face,
            )

    def _put_kept(
        self, rows: Sequence[tuple[Name, Drawing]], edge: FloatArray, face: FloatArray, edge_width: float
    ) -> None:
        """Show rows with what was made of them before."""
        from napari.layers.base import ActionType

        layer = self._layer
        view = layer._data_view  # noqa: SLF001
        self._made = made = {name: self._row(name, drawing, edge_width) for name, drawing in rows}
        with layer.events.set_data.blocker():  # once is enough, and that at the end
            layer._finish_drawing()  # noqa: SLF001  (as napari does where it swaps data)
        with view.batched_updates():
            view.remove_all()
            view.add(list(made.values()), edge_color=edge, face_color=face)
        layer.refresh()
        layer.events.data(
            value=layer.data, action=ActionType.CHANGED, data_indices=tuple(range(len(rows))), vertex_indices=((),)
        )

    def _row(self, name: Name, drawing: Drawing, edge_width: float) -> Any:  # noqa: ANN401  (napari's, not public)
        """Return what napari makes of a row, kept where it would be the same."""
        kept, shown = self._made.get(name), self._layer._slice_input  # noqa: SLF001
        if (
            kept is None
            or (kept.name, kept.ndisplay, kept.dims_order) != (drawing.shape_type, shown.ndisplay, shown.order)
            or not np.array_equal(kept.data, drawing.vertices.astype(kept.data.dtype))
        ):
            looks = {"edge_width": edge_width, "z_index": 0, "dims_order": shown.order, "ndisplay": shown.ndisplay}
            return self._meshes.made(drawing, looks, _made)
        kept.edge_width, kept.z_index = edge_width, 0
        return kept


def _made(drawing: Drawing, looks: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return what napari makes of a drawing, in another way where it gives that up."""
    make = _makers()[drawing.shape_type]
    made = made_of_rings(make, drawing, looks)
    if made is not None:
        return made
    try:
        return make(drawing.vertices, **looks)
    except RuntimeError:
        return standing_row(make, drawing.vertices, looks)


def _can_keep(layer: Shapes) -> bool:
    """Return whether this version of napari has what keeping rows needs."""
    view = getattr(layer, "_data_view", None)
    needed = (view, "add"), (view, "batched_updates"), (view, "remove_all"), (layer, "_finish_drawing")
    return all(hasattr(owner, name) for owner, name in needed) and bool(_makers())


@cache
def _makers() -> dict[Any, Any]:
    """Return what makes rows, by type of shape; nothing where this version of napari has it elsewhere."""
    try:
        from napari.layers.shapes._shapes_constants import shape_classes
    except ImportError:
        return {}
    return dict(shape_classes)
