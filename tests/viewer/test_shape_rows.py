"""Rows of a Shapes layer: whatever was shown before, the layer is as if filled for the first time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from napari.layers import Shapes

from napari_geolabel.viewer import shape_rows
from napari_geolabel.viewer.geometry_display import Drawing
from napari_geolabel.viewer.shape_rows import ShapeRows

TYPES = {"rectangle": 4, "polygon": 7, "path": 3}
Rows = list[tuple[str, Drawing]]


def drawing(shape_type: str, seed: int) -> Drawing:
    """A shape of its type somewhere, another one for each seed.

    No line crosses another: of such a polygon bermuda does not always make the same triangles.
    """
    dice = np.random.default_rng(seed)
    if shape_type == "rectangle":
        (top, left), (bottom, right) = dice.uniform(0, 50, 2), dice.uniform(51, 99, 2)
        return Drawing(
            shape_type=shape_type, vertices=np.array([(top, left), (top, right), (bottom, right), (bottom, left)])
        )
    angles = np.linspace(0, 5, TYPES[shape_type] + seed % 3)
    vertices = dice.uniform(40, 60, 2) + dice.uniform(20, 30) * np.stack([np.sin(angles), np.cos(angles)], axis=1)
    return Drawing(shape_type=shape_type, vertices=vertices)


def put(shown: ShapeRows, rows: Rows, width: float = 1.5) -> None:
    """Show rows in colours of their own."""
    edge = np.random.default_rng(len(rows)).uniform(0, 1, (len(rows), 4))
    shown.put(rows, edge=edge, face=edge * (1, 1, 1, 0.5), edge_width=width)
    shown._layer.features = {"id": [name for name, _ in rows]}


def mesh_of(layer: Any) -> list[Any]:
    """All that napari draws, picks and tells of a layer's rows."""
    view, mesh = layer._data_view, layer._data_view._mesh
    arrays = [mesh.vertices, mesh.vertices_centers, mesh.vertices_offsets, mesh.vertices_index, mesh.triangles]
    arrays += [mesh.triangles_index, mesh.triangles_colors, mesh.triangles_z_order, mesh.displayed_triangles]
    arrays += [mesh.displayed_triangles_to_shape_index, view.displayed_vertices, view.displayed_vertices_to_shape_num]
    arrays += [view._vertices, view._vertices_index, view._z_index, view._bounding_boxes, layer._extent_data]
    arrays += [*layer.data, layer.edge_color, layer.face_color]
    others = [layer.shape_type, layer.edge_width, layer.z_index, sorted(layer.selected_data)]
    return [*(np.asarray(array).tolist() for array in arrays), *others]


def test_what_looks_the_same_is_not_triangulated_again():
    layer = Shapes(ndim=2)
    shown, rows = ShapeRows(layer), [(str(i), drawing("polygon", i)) for i in range(5)]
    put(shown, rows)
    first = list(layer._data_view.shapes)
    put(shown, rows[::-1], 3.0)
    assert all(a is b for a, b in zip(first[::-1], layer._data_view.shapes, strict=True))
    put(shown, [rows[1], ("2", drawing("polygon", 33)), rows[3], ("new", drawing("path", 1))])
    assert [shape in first for shape in layer._data_view.shapes] == [True, False, True, False]


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_a_layer_is_as_if_filled_for_the_first_time_whatever_was_shown_and_edited_before(data):
    layer, looks = Shapes(ndim=2), st.tuples(st.sampled_from(sorted(TYPES)), st.integers(0, 4))
    shown = ShapeRows(layer)
    rows: Rows = []
    for _ in range(data.draw(st.integers(1, 4))):
        names = data.draw(st.lists(st.integers(0, 6), unique=True, max_size=6))
        rows = [(str(name), drawing(*data.draw(looks))) for name in names]
        width = data.draw(st.sampled_from([0.5, 2.0]))
        put(shown, rows, width)
        fresh = Shapes(ndim=2)
        put(ShapeRows(fresh), rows, width)
        plain = Shapes(ndim=2)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(shape_rows, "_can_keep", lambda _: False)
            put(ShapeRows(plain), rows, width)
        if rows:
            assert mesh_of(layer) == mesh_of(fresh) == mesh_of(plain)
        else:
            assert len(layer.data) == 0
        for i in data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=3)) if rows else ():
            edit(layer, i, data.draw(st.integers(0, 5)))


def edit(layer: Any, index: int, kind: int) -> None:
    """Edit a layer as napari's own tools do, some of which leaves vertices that are not there."""
    index %= max(1, len(layer.data))
    if not layer.data:
        return
    vertices = np.array(layer.data[index])
    if kind == 0:
        layer._data_view.edit(index, vertices[:-1] if len(vertices) > 4 else vertices + 1, new_type="polygon")
    elif kind == 1:
        layer._data_view.shift(index, np.array([3, 4]))
    elif kind == 2:
        layer.remove([index])
    elif kind == 3:
        layer.selected_data = {index}
        layer.move_to_front()
    elif kind == 4:
        layer.data = [(vertices + 5, layer.shape_type[index])]  # napari would give it the type of the first row
    else:
        layer.edge_width = 7.0


def test_others_hear_of_it_once_and_it_is_drawn_once():
    layer, heard, drawn = Shapes(ndim=2), [], []
    shown = ShapeRows(layer)
    put(shown, [("a", drawing("polygon", 1))])
    layer.events.data.connect(lambda event: heard.append((event.action.value, event.data_indices)))
    layer.events.set_data.connect(lambda _: drawn.append(True))
    put(shown, [("a", drawing("polygon", 1)), ("b", drawing("rectangle", 1))])
    assert heard == [("changed", (0, 1))]
    assert len(drawn) == 1


def test_a_napari_that_keeps_nothing_of_this_shows_the_same_rows(monkeypatch):
    layer = Shapes(ndim=2)
    shown, rows = ShapeRows(layer), [(name, drawing("polygon", i)) for i, name in enumerate("abc")]
    put(shown, rows)
    expected = mesh_of(layer)
    monkeypatch.setattr(shape_rows, "_makers", dict)
    put(shown, rows[:1])
    put(shown, rows)
    assert mesh_of(layer) == expected


def test_rows_kept_from_a_view_in_three_dimensions_are_made_for_two(viewer):
    layer = viewer.add_shapes(ndim=2)
    shown, rows = ShapeRows(layer), [(name, drawing("polygon", i)) for i, name in enumerate("ab")]
    put(shown, rows)
    expected = mesh_of(layer)
    viewer.dims.ndisplay = 3
    put(shown, rows[:1])
    viewer.dims.ndisplay = 2
    put(shown, rows)
    assert mesh_of(layer) == expected


def test_the_names_of_napari_that_this_rests_on_are_there():
    assert shape_rows._can_keep(Shapes(ndim=2))
