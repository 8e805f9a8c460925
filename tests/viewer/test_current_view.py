"""Which part of a scene is on screen, in pixels of its full resolution."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.geo import GeoGrid, fit, warped_grid
from napari_geolabel.viewer.current_view import current_view, view_on
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.places import Place
from napari_geolabel.viewer.scene_layer import add_scene_layer

GRID = GeoGrid(shape=(500, 400), transform=Affine(10, 0, 4e5, 0, -10, 5e6), crs=CRS.from_epsg(32633))
ALONE = Place.alone(GRID)
PIXEL_M = Frame.of(GRID).pixel_size
numbers = st.floats(5, 300)


def world(xy):
    return tuple(Frame.of(GRID).to_world(xy))


@given(x=numbers, y=numbers, width=numbers, height=numbers)
def test_what_a_camera_sees_is_around_its_centre(x, y, width, height):
    """One screen pixel is one scene pixel here."""
    row, row_stop, col, col_stop = view_on(
        ALONE, world((x, y)), 1 / PIXEL_M[0], (height, width * PIXEL_M[1] / PIXEL_M[0])
    )
    expected = max(0, y - height / 2), min(500, y + height / 2), max(0, x - width / 2), min(400, x + width / 2)
    np.testing.assert_allclose((row, row_stop, col, col_stop), expected, atol=1.001)
    assert row <= expected[0] + 1e-6
    assert row_stop >= expected[1] - 1e-6


def test_zooming_in_sees_less():
    near = view_on(ALONE, world((200, 250)), 8 / PIXEL_M[0], (800, 800))
    assert near == pytest.approx((200, 300, 150, 250), abs=1)


def test_the_whole_scene_is_seen_from_afar():
    assert view_on(ALONE, world((200, 250)), 0.001, (800, 800)) == (0, 500, 0, 400)


def test_beside_the_scene_nothing_is_seen():
    assert view_on(ALONE, world((5000, 250)), 1 / PIXEL_M[0], (800, 800)) is None


def test_a_centre_may_have_a_depth_before_row_and_column():
    at = (100, 80)
    assert view_on(ALONE, (0.0, *world(at)), 1.0, (90, 90)) == view_on(ALONE, world(at), 1.0, (90, 90))


def test_a_scene_beside_the_first_is_asked_in_its_own_pixels():
    finer = GRID.with_transform(GRID.transform @ Affine.scale(0.5), GRID.crs)
    transform = fit(GRID, finer).transform
    place = Place(first=GRID, scene=finer, shown=finer, transform=transform)
    view = view_on(place, world((50, 60)), 1 / PIXEL_M[0], (40, 20))
    assert view == pytest.approx((80, 160, 80, 120), abs=1)


def test_a_warped_scene_is_asked_in_its_own_pixels():
    there = CRS.from_epsg(32632)
    ((x, y),) = GRID.pixel_to_crs([(0, 0)], there)
    scene = GeoGrid(shape=(500, 400), transform=Affine(10, 0, x, 0, -10, y), crs=there)
    shown = warped_grid(GRID, scene)
    place = Place(first=GRID, scene=scene, shown=shown, transform=fit(GRID, shown).transform)
    assert place.is_warped
    middle = place.to_world([(200.0, 250.0)])[0]
    row, row_stop, col, col_stop = view_on(place, middle, 1 / PIXEL_M[0], (100, 60))
    assert (row + row_stop) / 2 == pytest.approx(250, abs=2)
    assert (col + col_stop) / 2 == pytest.approx(200, abs=2)
    assert 100 <= row_stop - row <= 115  # the zones are turned against each other
    assert 60 <= col_stop - col <= 75


def test_without_a_window_nothing_is_on_screen(viewer, scene):
    assert current_view(viewer, add_scene_layer(viewer, scene)) is None
