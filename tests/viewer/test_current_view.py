"""Which part of a scene is on screen, in pixels of its full resolution."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from napari_geolabel.geo import GeoGrid, fit, pixels_between, warped_grid
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.viewer.current_view import current_view
from napari_geolabel.viewer.places import PLACE_KEY, Place
from napari_geolabel.viewer.scene_layer import add_scene_layer


class Shown:
    """What a drawn layer knows of its corners: napari sets it with each frame."""

    def __init__(self, layer, corners, level=0):
        self.metadata, self.downsample_factors = layer.metadata, layer.downsample_factors
        self.data_level, self.corner_pixels = level, np.array(corners)


@pytest.fixture
def layer(viewer, scene):
    return add_scene_layer(viewer, scene)


def test_corners_become_first_and_last_plus_one(layer):
    assert current_view(Shown(layer, [[10, 20], [99, 59]])) == (10, 100, 20, 60)


def test_a_coarse_level_is_counted_in_full_pixels(viewer, write_scene):
    grid = GeoGrid(shape=(1600, 1600), transform=Affine(10, 0, 4e5, 0, -10, 5e6), crs=CRS.from_epsg(32633))
    with open_scene(write_scene(grid)) as scene:
        layer = add_scene_layer(viewer, scene)
        factor = layer.downsample_factors[1][0]
        assert factor > 1
        view = current_view(Shown(layer, [[0, 100], [49, 199]], level=1))
        assert view == (0, int(50 * factor), int(100 * factor), int(200 * factor))


def test_what_lies_beyond_the_scene_is_not_counted(layer, scene):
    rows, cols = scene.grid.shape
    assert current_view(Shown(layer, [[-50, -1], [rows + 20, cols]])) == (0, rows, 0, cols)


def test_nothing_is_in_view_beside_the_scene(layer, scene):
    assert current_view(Shown(layer, [[0, scene.grid.shape[1] + 10], [10, scene.grid.shape[1] + 90]])) is None


def test_a_warped_scene_is_asked_in_its_own_pixels(viewer, scene, write_scene):
    there = CRS.from_epsg(32632)
    ((x, y),) = scene.grid.pixel_to_crs([(0, 0)], there)
    grid = GeoGrid(shape=(512, 512), transform=Affine(10, 0, x, 0, -10, y), crs=there)
    with open_scene(write_scene(grid, "neighbour.tif")) as other:
        shown = warped_grid(scene.grid, other.grid)
        transform = fit(scene.grid, shown).transform
        place = Place(first=scene.grid, scene=other.grid, shown=shown, transform=transform)
        assert place.is_warped
        layer = add_scene_layer(viewer, other, place=place)
        wanted = np.array([[200.0, 180.0], [300.0, 260.0]])  # x, y of two corners of the scene
        left_top, right_bottom = pixels_between(wanted, place.scene, place.shown)
        corners = [left_top[::-1].astype(int), right_bottom[::-1].astype(int)]
        row, row_stop, col, col_stop = current_view(Shown(layer, corners))
        assert (row, col) == pytest.approx((180, 200), abs=12)  # the zones are turned against each other
        assert (row_stop, col_stop) == pytest.approx((260, 300), abs=12)
        assert layer.metadata[PLACE_KEY] is place
