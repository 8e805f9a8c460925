"""World coordinates: metres from the corner of the first pixel."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.geo.grid import GeoGrid, pixel_to_display
from napari_geolabel.viewer.frame import Frame, layer_transform

UTM = CRS.from_epsg(32633)
pixels = st.tuples(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))


def grid(transform: Affine, crs: CRS | None = UTM, shape: tuple[int, int] = (100, 200)) -> GeoGrid:
    return GeoGrid(shape=shape, transform=transform, crs=crs)


GRIDS = {
    "north up": grid(Affine(10, 0, 5e5, 0, -10, 4e6)),
    "south up": grid(Affine(10, 0, 5e5, 0, 10, 4e6)),
    "rotated": grid(Affine.translation(5e5, 4e6) @ Affine.rotation(33) @ Affine.scale(2, -2)),
    "degrees": grid(Affine(1e-4, 0, 12, 0, -1e-4, 45), CRS.from_epsg(4326)),
    "nowhere": grid(Affine.identity(), None),
}


@pytest.mark.parametrize("name", GRIDS)
@given(point=pixels)
def test_there_and_back_is_where_it_was(name, point):
    frame = Frame.of(GRIDS[name])
    np.testing.assert_allclose(frame.to_pixel(frame.to_world([point])), [point], atol=1e-6)


@pytest.mark.parametrize("name", GRIDS)
@given(point=pixels)
def test_the_layers_transform_puts_display_points_where_the_frame_puts_pixels(name, point):
    frame = Frame.of(GRIDS[name])
    keywords = frame.layer_transform
    world = pixel_to_display([point]) * keywords["scale"] + keywords["translate"]
    np.testing.assert_allclose(world, frame.to_world([point]), rtol=1e-12, atol=1e-6)


def test_the_corner_of_the_first_pixel_is_the_origin():
    np.testing.assert_array_equal(Frame.of(GRIDS["north up"]).to_world([(0, 0)]), [(0, 0)])


def test_world_units_are_metres_where_the_scene_has_a_place():
    assert layer_transform(GRIDS["north up"]) == {"scale": (10, 10), "translate": (5, 5), "units": ("m", "m")}


def test_world_units_are_pixels_where_it_has_none():
    assert layer_transform(GRIDS["nowhere"]) == {"scale": (1, 1), "translate": (0.5, 0.5), "units": ("pixel", "pixel")}


def test_a_rotated_scene_lies_along_its_own_pixels():
    np.testing.assert_allclose(Frame.of(GRIDS["rotated"]).pixel_size, (2, 2))


def test_pixels_in_degrees_have_their_size_on_the_ground():
    height, width = Frame.of(GRIDS["degrees"]).pixel_size
    assert height == pytest.approx(11.11, abs=0.02)
    assert width == pytest.approx(7.88, abs=0.02)


def test_world_points_of_more_axes_count_by_their_last_two():
    np.testing.assert_allclose(Frame.of(GRIDS["north up"]).to_pixel([7.0, 20.0, 30.0]), (3, 2))


def test_ground_resolution_is_metres_per_screen_pixel():
    assert Frame.of(GRIDS["north up"]).ground_resolution_m(0.5) == 2
    assert Frame.of(GRIDS["nowhere"]).ground_resolution_m(0.5) is None
