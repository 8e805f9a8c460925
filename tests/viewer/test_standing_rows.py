"""Polygons that bermuda, and perhaps napari's own code too, cannot mesh: shown all the same, with their vertices."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
from napari.layers import Shapes
from napari.layers.shapes._shapes_models import Polygon

from napari_geolabel.viewer.geometry_display import Drawing
from napari_geolabel.viewer.shape_rows import ShapeRows
from napari_geolabel.viewer.standing_rows import let_stand, standing_row
from tests.hard_outlines import TOUCHING

SQUARE = [(1, 1), (1, 5), (5, 5), (5, 1)]


@pytest.fixture
def refused(monkeypatch):
    """Have the usual way to mesh refuse outlines; the value tells how often still, and what it was asked to mesh."""
    usual, told = Polygon._set_meshes_compiled_bermuda, {"times": 0, "outlines": []}

    def refuse(row, data, **asked):
        told["outlines"].append(data.copy())
        if told["times"]:
            told["times"] -= 1
            raise RuntimeError("Triangulation failed")
        usual(row, data, **asked)

    monkeypatch.setattr(Polygon, "_set_meshes_compiled_bermuda", refuse)
    return told


@pytest.fixture
def no_python(monkeypatch):
    """Have napari's own code mesh nothing."""

    def refuse(row, data, **asked):
        raise KeyError("vispy")

    monkeypatch.setattr(Polygon, "_set_meshes_py", refuse)


def put(layer: Shapes, *outlines) -> None:
    """Show outlines as the view of labels does."""
    rows = [(i, Drawing(shape_type="polygon", vertices=np.array(each, float))) for i, each in enumerate(outlines)]
    colors = np.ones((len(rows), 4))
    ShapeRows(layer).put(rows, edge=colors, face=colors, edge_width=1)


def triangles(row) -> int:
    """Return how many triangles a row draws."""
    return len(row._face_triangles) + len(row._edge_triangles)


@pytest.mark.parametrize("offset", [0, 9000])
@pytest.mark.parametrize("corners", TOUCHING)
def test_an_outline_that_cannot_be_meshed_is_shown_all_the_same_and_keeps_its_vertices(corners, offset):
    layer, vertices = Shapes(ndim=2), np.array(corners) + offset
    put(layer, SQUARE, vertices)
    assert np.array_equal(layer.data[1], vertices.astype(np.float32))
    _, begin, end = layer._data_view._mesh.triangles_index
    assert end - begin > len(corners), "it has an edge and a face"
    put(layer, SQUARE, vertices, SQUARE)
    assert np.array_equal(layer.data[1], vertices.astype(np.float32))
    assert len(layer.data) == 3


@pytest.mark.parametrize("corners", TOUCHING)
def test_napari_drags_a_vertex_of_it(corners):
    layer, moved = Shapes(ndim=2), np.array(corners, float)
    put(layer, SQUARE, corners)
    moved[3] += 0.25
    layer._data_view.edit(1, moved)  # as the mouse does
    row = layer._data_view.shapes[1]
    assert type(row) is Polygon  # as what napari's tools tell it
    assert np.array_equal(row.data, moved.astype(np.float32))
    assert triangles(row) > len(corners)
    with pytest.raises(RuntimeError):
        Polygon(np.array(corners, float))  # without that there is an error


def test_a_copy_of_it_stands_by_itself():
    row = standing_row(Polygon, np.array(TOUCHING[0], float), {})
    copy, before = deepcopy(row), row._edge_vertices.copy()
    copy.data = copy.data + 7
    assert np.array_equal(row._edge_vertices, before)
    assert triangles(copy) > len(TOUCHING[0])


def test_a_row_that_is_let_stand_is_meshed_as_usual_until_that_is_given_up(refused):
    row = Polygon(np.array(SQUARE, float))
    let_stand(row)
    refused["outlines"].clear()
    row.data = row.data + 1
    assert len(refused["outlines"]) == 1
    refused["times"] = 1
    for _ in range(2):
        row.data = row.data + 1
        assert triangles(row) > 2
    assert len(refused["outlines"]) == 2, "the last time it was not even tried"
    Polygon(np.array(SQUARE, float))
    assert len(refused["outlines"]) == 3, "others are meshed as before"


def test_what_napari_itself_cannot_mesh_has_the_mesh_of_an_outline_beside_it(refused, no_python):
    row, corners = Polygon(np.array(SQUARE, float)), np.array(SQUARE, float)
    let_stand(row)
    refused["outlines"].clear()
    refused["times"] = 3
    row.data = corners
    assert np.array_equal(row.data, corners.astype(np.float32))
    assert [np.array_equal(each, corners) for each in refused["outlines"]] == [True, False, False, False]
    assert 0 < np.abs(refused["outlines"][-1] - corners).max() < 0.01
    assert triangles(row) > 2


def test_what_can_never_be_meshed_is_told(refused, no_python):
    row = Polygon(np.array(SQUARE, float))
    let_stand(row)
    refused["outlines"].clear()
    refused["times"] = 99
    with pytest.raises(RuntimeError, match="no outline like this one of 4 vertices"):
        row.data = row.data + 1
    assert len(refused["outlines"]) == 9
