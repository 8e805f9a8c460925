"""What a tool is about to make, over the scene and as wide on screen at every zoom."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.geo import pixel_to_display
from napari_geolabel.viewer.preview import CROSS_PX, LINE_PX, Preview

NO_POINTS = np.zeros((0, 2))
LINE = np.array([(1.5, 2.5), (10, 20), (30, 25)])


@pytest.fixture
def layer(viewer):
    return viewer.add_vectors(np.zeros((0, 2, 2)), ndim=2, vector_style="line", scale=(10, 5))


@pytest.fixture
def preview(viewer, layer) -> Preview:
    viewer.scene.camera.zoom = 0.2
    return Preview(viewer, layer)


def ends(layer) -> np.ndarray:
    """Return the starts and ends of what is shown, shape (n, 2, 2), in display coordinates."""
    return np.stack([layer.data[:, 0], layer.data.sum(axis=1)], axis=1)


def test_a_line_is_its_segments_in_display_coordinates(preview, layer):
    preview.show([LINE], NO_POINTS)
    points = pixel_to_display(LINE)
    np.testing.assert_allclose(ends(layer), np.stack([points[:-1], points[1:]], axis=1), atol=1e-5)


def test_several_lines_are_not_joined_and_a_lone_point_is_no_line(preview, layer):
    preview.show([LINE, LINE[:1], LINE[:2] + 50], NO_POINTS)
    assert len(layer.data) == 3


@pytest.mark.parametrize("zoom", [0.05, 0.2, 3])
def test_a_set_point_has_a_cross_of_the_same_size_on_screen_at_every_zoom(viewer, preview, layer, zoom):
    viewer.scene.camera.zoom = zoom
    preview.show([], LINE[:2])
    crosses = ends(layer).reshape(2, 4, 2)
    np.testing.assert_allclose(crosses.mean(axis=1), pixel_to_display(LINE[:2]), atol=1e-4)
    on_screen = np.ptp(crosses, axis=1) * layer.scale * zoom
    np.testing.assert_allclose(on_screen, 2 * CROSS_PX, rtol=1e-3)


def test_lines_keep_their_width_on_screen(viewer, preview, layer):
    preview.show([LINE], NO_POINTS)
    before = layer.edge_width
    viewer.scene.camera.zoom = 0.4
    preview.show([LINE], NO_POINTS)
    assert layer.edge_width == pytest.approx(before / 2)
    assert before * 7.5 * 0.2 == pytest.approx(LINE_PX)


def test_nothing_is_shown_when_it_is_cleared_and_clearing_nothing_tells_nobody(preview, layer):
    preview.show([LINE], LINE)
    preview.clear()
    assert len(layer.data) == 0
    told = []
    layer.events.set_data.connect(lambda: told.append(True))
    layer.events.data.connect(lambda: told.append(True))
    preview.clear()
    assert told == []


def test_a_tool_without_lines_or_points_shows_nothing(preview, layer):
    preview.show([], NO_POINTS)
    assert layer.data.shape == (0, 2, 2)
