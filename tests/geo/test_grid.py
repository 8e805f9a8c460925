"""Grids: the two pixel conventions, all six terms of the transform, windows and levels."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS, Transformer

from napari_geolabel.errors import GeoLabelError, NotGeoreferencedError
from napari_geolabel.geo import LONLAT, GeoGrid, display_to_pixel, pixel_to_display

UTM = CRS.from_epsg(32633)


def metre_grid(angle: float = 0, shear: float = 0, x_size: float = 10, y_size: float = -10) -> GeoGrid:
    turn = Affine.rotation(angle) @ Affine.shear(shear) @ Affine.scale(x_size, y_size)
    return GeoGrid(shape=(1000, 800), transform=Affine.translation(399_960, 5_300_040) @ turn, crs=UTM)


NORTH_UP = metre_grid()
DEGREES = GeoGrid(shape=(512, 856), transform=Affine(0.0001, 0, 46.16, 0, -0.0001, -15.58), crs=CRS.from_epsg(4326))
SORTS = {
    "north_up": NORTH_UP,
    "south_up": metre_grid(y_size=2.5),
    "rotated": metre_grid(angle=31.5, x_size=0.3, y_size=-0.3),
    "sheared": metre_grid(shear=12, x_size=0.5, y_size=-2),
    "quarter_turn": metre_grid(angle=90),
    "mirrored": metre_grid(x_size=-10),
    "degrees": DEGREES,
    "web_mercator": GeoGrid(
        shape=(256, 256), transform=Affine(0.6, 0, 496_000, 0, -0.6, 6_780_000), crs=CRS.from_epsg(3857)
    ),
    "polar": GeoGrid(shape=(256, 256), transform=Affine(30, 0, -1_500_000, 0, -30, 900_000), crs=CRS.from_epsg(3413)),
    "feet": GeoGrid(shape=(256, 256), transform=Affine(1, 0, 2_000_000, 0, -1, 1_300_000), crs=CRS.from_epsg(2225)),
}
every_grid = pytest.mark.parametrize("grid", SORTS.values(), ids=SORTS)
points = arrays(np.float64, (5, 2), elements=st.floats(-1000, 20_000))
inside = arrays(np.float64, (5, 2), elements=st.floats(0, 1000))


# Conventions


def test_the_corner_of_the_first_pixel_is_half_a_pixel_from_its_centre():
    np.testing.assert_array_equal(pixel_to_display([(0, 0), (0.5, 0.5), (3, 1)]), [(-0.5, -0.5), (0, 0), (0.5, 2.5)])
    np.testing.assert_array_equal(display_to_pixel([(0, 0), (-0.5, 2)]), [(0.5, 0.5), (2.5, 0)])


@given(points)
def test_display_and_pixel_coordinates_are_inverse(xy):
    np.testing.assert_allclose(display_to_pixel(pixel_to_display(xy)), xy, rtol=0, atol=1e-11)
    np.testing.assert_allclose(pixel_to_display(display_to_pixel(xy)), xy, rtol=0, atol=1e-11)


def test_conversions_never_touch_what_they_are_given():
    xy = np.array([(1.0, 2.0)])
    for convert in (pixel_to_display, display_to_pixel, NORTH_UP.pixel_to_map, NORTH_UP.pixel_to_lonlat):
        convert(xy)[:] = 0
    np.testing.assert_array_equal(xy, [(1, 2)])


def test_map_coordinates_use_all_six_terms():
    grid = GeoGrid(shape=(2, 2), transform=Affine(2, 3, 5, 7, 11, 13), crs=UTM)
    np.testing.assert_array_equal(grid.pixel_to_map([(1, 0), (0, 1), (10, 100)]), [(7, 20), (8, 24), (325, 1183)])


def test_points_may_be_given_as_lists_whole_numbers_or_nothing():
    np.testing.assert_array_equal(NORTH_UP.pixel_to_map([(1, 2)]), [(399_970, 5_300_020)])
    assert NORTH_UP.pixel_to_map(np.empty((0, 2))).shape == (0, 2)
    assert NORTH_UP.pixel_to_lonlat(np.empty((0, 2))).shape == (0, 2)


# There and back


@every_grid
@given(xy=points)
def test_map_coordinates_lead_back_to_the_pixel(grid, xy):
    np.testing.assert_allclose(grid.map_to_pixel(grid.pixel_to_map(xy)), xy, rtol=0, atol=1e-6)


@every_grid
@given(xy=inside)
def test_longitude_and_latitude_lead_back_to_the_pixel(grid, xy):
    np.testing.assert_allclose(grid.lonlat_to_pixel(grid.pixel_to_lonlat(xy)), xy, rtol=0, atol=1e-6)


sizes = st.floats(0.1, 100) | st.floats(-100, -0.1)


@given(st.floats(-180, 180), st.floats(-45, 45), sizes, sizes, inside)
def test_any_transform_in_metres_leads_back(angle, shear, x_size, y_size, xy):
    grid = metre_grid(angle, shear, x_size, y_size)
    np.testing.assert_allclose(grid.map_to_pixel(grid.pixel_to_map(xy)), xy, rtol=0, atol=1e-6)


@given(st.floats(-180, 180), st.floats(-80, 80), st.floats(1e-6, 0.01), inside)
def test_any_transform_in_degrees_leads_back(lon, lat, size, xy):
    grid = GeoGrid(shape=(9, 9), transform=Affine(size, 0, lon, 0, -size, lat), crs=CRS.from_epsg(4326))
    np.testing.assert_allclose(grid.map_to_pixel(grid.pixel_to_map(xy)), xy, rtol=0, atol=1e-6)


@every_grid
def test_other_crss_lead_to_the_same_place(grid):
    xy = np.array([(10.25, 20.5), (0, 0), (200, 100)])
    for crs in (CRS.from_epsg(4326), CRS.from_epsg(3857), LONLAT):
        moved = grid.pixel_to_crs(xy, crs)
        np.testing.assert_allclose(grid.crs_to_pixel(moved, crs), xy, rtol=0, atol=1e-5)


def test_longitude_comes_first_whatever_the_authority_says():
    lon, lat = DEGREES.pixel_to_lonlat([(0, 0)])[0]
    assert (lon, lat) == (46.16, -15.58)
    np.testing.assert_array_equal(DEGREES.pixel_to_crs([(0, 0)], CRS.from_epsg(4326)), [(46.16, -15.58)])


def test_known_places_agree_with_proj():
    expected = Transformer.from_crs(32633, 4326, always_xy=True).transform(399_960, 5_300_040)
    np.testing.assert_allclose(NORTH_UP.pixel_to_lonlat([(0, 0)])[0], expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(expected, (13.6628652904526, 47.8459148268373), rtol=0, atol=1e-9)  # gdaltransform


def test_points_beyond_a_projection_are_refused():
    with pytest.raises(GeoLabelError, match="a point lies outside the reach of"):
        NORTH_UP.crs_to_pixel([(0.0, 1e9)], LONLAT)


# Georeference


@pytest.mark.parametrize(
    ("transform", "crs"),
    [
        (Affine.identity(), UTM),
        (Affine(10, 0, 0, 0, -10, 0), None),
        (Affine(0, 0, 5, 0, -10, 5), UTM),
        (Affine(2, 4, 5, 1, 2, 5), UTM),
        (Affine.identity(), None),
    ],
    ids=["identity", "no_crs", "no_width", "singular", "nothing"],
)
def test_a_grid_without_a_place_says_so_and_refuses_map_coordinates(transform, crs):
    grid = GeoGrid(shape=(10, 10), transform=transform, crs=crs)
    assert not grid.is_georeferenced
    for convert in (grid.pixel_to_map, grid.map_to_pixel, grid.pixel_to_lonlat, grid.lonlat_to_pixel):
        with pytest.raises(NotGeoreferencedError, match=r"^the scene is not georeferenced, .*scene\.with_transform"):
            convert([(0.0, 0.0)])


@every_grid
def test_a_grid_with_a_place_says_so(grid):
    assert grid.is_georeferenced


def test_a_grid_may_be_given_a_place():
    bare = GeoGrid(shape=(10, 20), transform=Affine.identity())
    placed = bare.with_transform(NORTH_UP.transform, UTM)
    assert placed.is_georeferenced
    assert placed.shape == (10, 20)
    assert not bare.is_georeferenced


# Windows and levels


@every_grid
@given(row=st.integers(0, 200), col=st.integers(0, 200), rows=st.integers(1, 50), cols=st.integers(1, 50), xy=inside)
def test_a_window_is_the_same_ground_counted_from_its_corner(grid, row, col, rows, cols, xy):
    part = grid.window((slice(row, row + rows), slice(col, col + cols)))
    assert part.shape == (rows, cols)
    np.testing.assert_allclose(part.pixel_to_map(xy), grid.pixel_to_map(np.add(xy, (col, row))), rtol=1e-15, atol=1e-8)


def test_windows_are_cut_to_the_raster_as_numpy_cuts_them():
    assert NORTH_UP.window((slice(990, 2000), slice(None))).shape == np.empty((1000, 800))[990:2000, :].shape
    assert NORTH_UP.window((slice(-10, None), slice(-5, -1))).shape == (10, 4)


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 50), st.integers(0, 50))
def test_a_window_of_a_window_is_a_window(row, col, inner_row, inner_col):
    twice = NORTH_UP.window((slice(row, None), slice(col, None))).window(
        (slice(inner_row, None), slice(inner_col, None))
    )
    once = NORTH_UP.window((slice(row + inner_row, None), slice(col + inner_col, None)))
    assert twice.shape == once.shape
    assert twice.transform.almost_equals(once.transform, precision=1e-9)


@every_grid
@given(st.integers(1, 400), st.integers(1, 400))
def test_a_level_covers_the_same_ground(grid, rows, cols):
    level = grid.level((rows, cols))
    assert level.shape == (rows, cols)
    np.testing.assert_allclose(level.pixel_to_map(level.outline), grid.pixel_to_map(grid.outline), rtol=1e-12)


def test_a_level_of_odd_size_has_pixels_of_no_round_size():
    # GDAL rounds overview sizes up: 1001 columns become 501, so a level pixel is 1001/501 pixels wide.
    grid = GeoGrid(shape=(1000, 1001), transform=NORTH_UP.transform, crs=UTM)
    assert grid.level((500, 501)).transform.a == pytest.approx(10 * 1001 / 501, rel=1e-15)


def test_the_outline_goes_round_from_the_first_corner():
    np.testing.assert_array_equal(DEGREES.outline, [(0, 0), (856, 0), (856, 512), (0, 512)])


@given(points)
def test_equal_grids_are_equal_and_give_equal_bits(xy):
    twin = GeoGrid(shape=NORTH_UP.shape, transform=NORTH_UP.transform, crs=CRS.from_wkt(UTM.to_wkt()))
    assume(np.isfinite(xy).all())
    assert twin == NORTH_UP
    np.testing.assert_array_equal(twin.pixel_to_lonlat(xy), NORTH_UP.pixel_to_lonlat(xy))
