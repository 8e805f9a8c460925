"""One more vertex for a path of two points, over which napari's own code stumbles (docs/upstream.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from napari.layers import Shapes


def mend_vertex_insert(layer: Shapes) -> None:
    """Let napari's mode for inserting vertices take a selected path of two points, in this layer."""
    layer._drag_modes = {**layer._drag_modes, "vertex_insert": insert_vertex}  # noqa: SLF001  (no public name)


def insert_vertex(layer: Shapes, event: Any) -> None:  # noqa: ANN401  (napari's event)
    """Insert a vertex where the mouse was pressed; what napari does, for a lone path of two points as well.

    Parameters
    ----------
    layer
        Its selected shapes are looked at.
    event
        Of the mouse, in world coordinates.
    """
    from napari.layers.base import ActionType
    from napari.layers.shapes._shapes_mouse_bindings import vertex_insert

    index = _lone_segment(layer)
    if index is None:
        vertex_insert(layer, event)
        return
    start, end = np.asarray(layer.data[index], float)
    point = np.array(layer.world_to_data(event.position), float)
    along, length = float((point - start) @ (end - start)), float((end - start) @ (end - start))
    place = 1 if 0 <= along <= length else (0 if along < 0 else 2)
    told = {"value": layer.data, "data_indices": (index,), "vertex_indices": ((place,),)}
    layer.events.data(**told | {"action": ActionType.CHANGING})
    with layer.events.set_data.blocker():
        layer._data_view.edit(index, np.insert([start, end], place, point, axis=0))  # noqa: SLF001
    layer.events.data(**told | {"value": layer.data, "action": ActionType.CHANGED})
    layer.refresh()


def _lone_segment(layer: Shapes) -> int | None:
    """Return the index of the selected shape that is a path of two points, where no other shape has edges to offer."""
    with_edges = [index for index in layer.selected_data if layer.shape_type[index] != "ellipse"]
    if len(with_edges) != 1 or layer.shape_type[with_edges[0]] != "path":
        return None
    return int(with_edges[0]) if len(layer.data[with_edges[0]]) == 2 else None
