"""Outlines of how things were, in a layer of their own, and looking at a place."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.outlines import LINE_PX, MOST_GEOMETRIES, Outlines, bounds_of, look_at

BOX = shapely.box(10, 20, 40, 30)
PINK, BLUE = "#ff0080", "#0080ff"


@pytest.fixture
def outlines(session):
    """Outlines over the session's scene."""
    return Outlines(session.viewer, session.scene)


def ends(layer) -> np.ndarray:
    """Return starts and ends of the segments in pixel coordinates, shape (n, 2, 2)."""
    starts = layer.data[:, 0]
    return np.stack([starts, starts + layer.data[:, 1]], axis=1)[..., ::-1] + 0.5


def test_there_is_no_layer_before_there_is_something_to_show(outlines, session):
    before = len(session.viewer.layers)
    outlines.show({})
    outlines.clear()
    outlines.close()
    assert outlines.layer is None
    assert len(session.viewer.layers) == before


def test_a_layer_that_was_removed_is_made_again(outlines, session):
    outlines.show({PINK: [BOX]})
    session.viewer.layers.remove(outlines.layer)
    outlines.show({PINK: [BOX]})
    assert outlines.layer in session.viewer.layers
    session.viewer.scene.camera.zoom = 5.0
    assert len(ends(outlines.layer)) == 4
    outlines.close()
    assert not outlines.layer.visible


def test_areas_and_lines_are_traced_to_the_pixel(outlines):
    line = shapely.LineString([(0, 0), (5, 5), (9, 5)])
    outlines.show({PINK: [BOX], BLUE: [line]})
    segments = ends(outlines.layer)
    assert len(segments) == 6
    traced = shapely.line_merge(shapely.MultiLineString([shapely.LineString(s) for s in segments[:4]]))
    assert shapely.equals(traced, BOX.exterior)
    assert np.allclose(segments[4:], [[(0, 0), (5, 5)], [(5, 5), (9, 5)]])
    colors = outlines.layer.edge_color
    assert np.allclose(colors[:4], (1, 0, 128 / 255, 1))
    assert np.allclose(colors[4:], (0, 128 / 255, 1, 1))


def test_holes_parts_and_points_are_shown(outlines):
    ring = BOX.difference(shapely.box(15, 22, 20, 28))
    outlines.show({PINK: [shapely.MultiPolygon([ring, shapely.box(50, 50, 60, 60)])]})
    assert len(outlines.layer.data) == 12
    outlines.show({PINK: [shapely.Point(7, 8)]})
    segments = ends(outlines.layer)
    assert len(segments) == 2
    assert np.allclose(segments.mean(axis=1), (7, 8))


def test_the_active_layer_stays_and_the_layer_is_kept(outlines, session):
    active = session.viewer.layers.selection.active
    outlines.show({PINK: [BOX]})
    layer = outlines.layer
    assert session.viewer.layers.selection.active is active
    outlines.show({})
    assert outlines.layer is layer
    assert len(layer.data) == 0
    outlines.show({BLUE: [BOX]})
    assert outlines.layer is layer
    outlines.close()
    assert not layer.visible


def test_lines_keep_their_width_on_screen(outlines, session):
    outlines.show({PINK: [BOX]})
    size = min(Frame.of(session.scene.grid).pixel_size)
    for zoom in (0.01, 0.5):
        session.viewer.scene.camera.zoom = zoom
        assert outlines.layer.edge_width == pytest.approx(LINE_PX / (zoom * size))


def test_lines_may_be_thin_and_faint(session):
    faint = Outlines(session.viewer, session.scene, "frames", line_px=1.5, opacity=0.4)
    faint.show({PINK: [BOX]})
    session.viewer.scene.camera.zoom = 0.25
    assert faint.layer.name == "frames"
    assert faint.layer.opacity == 0.4
    assert faint.layer.edge_width == pytest.approx(1.5 / (0.25 * min(Frame.of(session.scene.grid).pixel_size)))


def test_more_than_can_be_told_apart_are_left_out(outlines):
    outlines.show({PINK: [shapely.box(n, 0, n + 1, 1) for n in range(MOST_GEOMETRIES + 50)]})
    assert len(outlines.layer.data) == 4 * MOST_GEOMETRIES


def test_looking_puts_a_place_in_the_middle_with_its_surroundings(session):
    look_at(session.viewer, session.scene.grid, (100, 200, 140, 210))
    camera = session.viewer.scene.camera
    assert np.allclose(Frame.of(session.scene.grid).to_pixel(camera.center), (120, 205))
    assert camera.zoom * Frame.of(session.scene.grid).pixel_size[0] * 40 < 800 / 2


def test_a_point_is_not_looked_at_through_a_microscope(session):
    look_at(session.viewer, session.scene.grid, (5, 5, 5, 5))
    assert session.viewer.scene.camera.zoom * Frame.of(session.scene.grid).pixel_size[0] == pytest.approx(8)


def test_bounds_are_those_of_all_and_none_of_nothing():
    assert bounds_of([BOX, shapely.Point(100, 5)]) == (10, 5, 100, 30)
    assert bounds_of([]) is None
    assert bounds_of([shapely.Polygon()]) is None
