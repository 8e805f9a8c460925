"""The first look at a scene shows all of it, and never takes away what the user has zoomed to."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from napari_geolabel.viewer.scene_layer import add_scene_layer
from napari_geolabel.widgets import first_view
from napari_geolabel.widgets.first_view import show_whole

CANVAS_PX = (500, 800)
"""Height and width."""


@pytest.fixture
def canvas(monkeypatch):
    """A canvas of that size, without a window."""
    height, width = CANVAS_PX
    made = SimpleNamespace(height=lambda: height, width=lambda: width)
    monkeypatch.setattr(first_view, "canvas_widget", lambda viewer: made)
    return made


@pytest.fixture
def layer(viewer, scene):
    return add_scene_layer(viewer, scene)


def whole_zoom(layer) -> float:
    """Return the zoom at which a layer just fills the canvas in one direction."""
    (top, left), (bottom, right) = layer.extent.world[:, -2:]
    return min(CANVAS_PX[0] / (bottom - top), CANVAS_PX[1] / (right - left))


def test_a_scene_whose_sides_are_covered_is_shown_whole(canvas, viewer, layer):
    viewer.scene.camera.center = (0.0, 5.0, 5.0)
    viewer.scene.camera.zoom = 1.5 * whole_zoom(layer)
    show_whole(viewer, layer)
    assert np.allclose(viewer.scene.camera.center[-2:], layer.extent.world[:, -2:].mean(axis=0), atol=10)


@pytest.mark.parametrize("times", [2.5, 10, 1000])
def test_a_view_that_was_zoomed_into_stays(canvas, viewer, layer, times):
    viewer.scene.camera.center = (0.0, 5.0, 5.0)
    viewer.scene.camera.zoom = times * whole_zoom(layer)
    show_whole(viewer, layer)
    assert viewer.scene.camera.center[-2:] == (5.0, 5.0)


def test_a_layer_that_is_gone_meanwhile_moves_nothing(canvas, viewer, layer):
    viewer.layers.remove(layer)
    viewer.scene.camera.center = (0.0, 5.0, 5.0)
    viewer.scene.camera.zoom = 1e-6
    show_whole(viewer, layer)
    assert viewer.scene.camera.center[-2:] == (5.0, 5.0)


def test_without_a_window_nothing_happens(viewer, layer):
    viewer.scene.camera.zoom = 1e-6
    show_whole(viewer, layer)
    assert viewer.scene.camera.zoom == 1e-6
