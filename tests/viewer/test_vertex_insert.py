"""Inserting a vertex into a path of two points, and what napari's own code makes of it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers.shapes._shapes_mouse_bindings import vertex_insert

from napari_geolabel.viewer.vertex_insert import insert_vertex, mend_vertex_insert

LINE = np.array([[10.0, 10.0], [10.0, 30.0]])
SQUARE = np.array([[0.0, 0.0], [0.0, 5.0], [5.0, 5.0], [5.0, 0.0]])


@pytest.fixture
def layer():
    made = ViewerModel().add_shapes([LINE, SQUARE], shape_type=["path", "polygon"])
    made.selected_data = {0}
    return made


def press(row, col):
    return SimpleNamespace(position=(row, col))


def test_napari_s_own_code_stumbles(layer):
    with pytest.raises(ValueError, match="shape mismatch"):
        vertex_insert(layer, press(11, 20))


@pytest.mark.parametrize(("col", "place"), [(20, 1), (2, 0), (44, 2)])
def test_the_vertex_comes_between_or_at_the_nearer_end(layer, col, place):
    told = []
    layer.events.data.connect(lambda event: told.append((event.action.name, event.vertex_indices)))
    insert_vertex(layer, press(11, col))
    assert layer.data[0].tolist() == np.insert(LINE, place, [11, col], axis=0).tolist()
    assert layer.shape_type == ["path", "polygon"]
    assert np.array_equal(layer.data[1], SQUARE)
    assert told == [("CHANGING", ((place,),)), ("CHANGED", ((place,),))]
    insert_vertex(layer, press(12, 25))  # now it is a path of two segments, which napari takes
    assert len(layer.data[0]) == 4


def test_other_selections_are_napari_s(layer):
    layer.selected_data = {0, 1}
    insert_vertex(layer, press(-1, 2))
    assert [len(each) for each in layer.data] == [2, 5]
    layer.selected_data = set()
    insert_vertex(layer, press(-1, 2))
    assert [len(each) for each in layer.data] == [2, 5]


def test_the_mode_of_one_layer_is_mended_and_no_other(layer):
    mend_vertex_insert(layer)
    layer.mode = "vertex_insert"
    assert insert_vertex in layer.mouse_drag_callbacks
    other = ViewerModel().add_shapes([LINE], shape_type="path")
    other.mode = "vertex_insert"
    assert vertex_insert in other.mouse_drag_callbacks
