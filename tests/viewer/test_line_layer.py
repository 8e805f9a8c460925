"""Line segments in a layer of napari's, also in one that is hidden."""

from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_geolabel.viewer.line_layer import put_lines

RED, BLUE = (1.0, 0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 1.0)


def lines(count):
    starts = np.arange(2.0 * count).reshape(count, 2)
    return np.stack([starts, starts + np.array([3, 4])], axis=1)


@pytest.fixture
def layer():
    return ViewerModel().add_vectors(np.zeros((0, 2, 2)), vector_style="line")


@pytest.mark.parametrize("visible", [True, False])
@pytest.mark.parametrize("counts", [(5, 2), (2, 5), (4, 0), (0, 3)])
def test_what_is_looked_at_is_what_is_there_with_its_colours(layer, visible, counts):
    looked = []

    def look():  # as napari's canvas does when it is told of colours
        looked.append(layer._view_face_color.copy())

    before, after = counts
    put_lines(layer, lines(before), np.tile(RED, (before, 1)))
    layer.visible = visible
    layer.events.edge_color.connect(look)
    put_lines(layer, lines(after), np.tile(BLUE, (after, 1)))
    assert len(layer.data) == after
    assert np.array_equal(layer.data[:, 1], np.tile((3, 4), (after, 1)))
    assert layer.edge_color.tolist() == [list(BLUE)] * after
    assert bool(looked) == (after > 0)
    assert all(set(map(tuple, seen.tolist())) == {BLUE} for seen in looked)


def test_no_lines_are_drawn_into_the_list_of_layers(layer, monkeypatch):
    drawn = []
    monkeypatch.setattr(np, "linspace", lambda *given: drawn.append(given))  # of which napari makes the thumbnail
    put_lines(layer, lines(2000), np.tile(RED, (2000, 1)))
    assert len(layer.data) == 2000
    assert drawn == []
