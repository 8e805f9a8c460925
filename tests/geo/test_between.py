"""One grid on another: exactly in one CRS, fitted or warped between two."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.errors import GeoLabelError, NotGeoreferencedError
from napari_geolabel.geo.between import MAX_SIDE_PX, fit, overlap, pixels_between, warped_grid
from napari_geolabel.geo.crs import LONLAT, short_name, transform_points
from napari_geolabel.geo.grid import GeoGrid
from napari_geolabel.geo.measure import pixel_size_m

UTM31, UTM32, DEGREES = CRS.from_epsg(32631), CRS.from_epsg(32632), CRS.from_epsg(4326)


def grid(transform: Affine, crs: CRS | None = UTM31, shape: tuple[int, int] = (200, 300)) -> GeoGrid:
    return GeoGrid(shape=shape, transform=transform, crs=crs)


CHIP = grid(Affine(4.5, 0, 592317.86, 0, -4.5, 5750102.2))
ROTATED = grid(Affine(-0.0285696, -2.5, 593124.12, 2.5, -0.0285696, 5749208.2), shape=(200, 200))
SOUTH_UP = grid(Affine(3, 0, 592000, 0, 3, 5748000))
ZONE_32 = grid(Affine(10, 0, 1.8e5, 0, -10, 5.77e6), UTM32, (300, 400))
LONG_LAT = grid(Affine(4e-5, 0, 4.33, 0, -3e-5, 51.9), DEGREES)
NEIGHBOURS = {"rotated": ROTATED, "south up": SOUTH_UP, "other zone": ZONE_32, "degrees": LONG_LAT}

near = st.floats(5.91e5, 5.94e5), st.floats(5.748e6, 5.751e6)
sizes = st.floats(0.3, 60)
utm_grids = st.builds(
    lambda size, other_size, angle, up, x, y: grid(
        Affine.translation(x, y) @ Affine.rotation(angle) @ Affine.scale(size, up * other_size)
    ),
    sizes,
    sizes,
    st.floats(0, 360),
    st.sampled_from((-1, 1)),
    *near,
)
degree_grids = st.builds(
    lambda width, height, x, y: grid(Affine(width, 0, x, 0, -height, y), DEGREES),
    st.floats(1e-5, 5e-4),
    st.floats(1e-5, 5e-4),
    st.floats(4.2, 4.5),
    st.floats(51.8, 52),
)


def ground_point(of: GeoGrid, pixel: object) -> np.ndarray:
    return of.pixel_to_crs(pixel, LONLAT)


@given(first=utm_grids, other=utm_grids, x=st.floats(0, 300), y=st.floats(0, 200))
def test_in_one_crs_the_affine_map_is_exact_there_and_back(first, other, x, y):
    there, back = fit(first, other), fit(other, first)
    assert there.error_px == 0
    on_first = np.array([there.transform @ (x, y)])
    np.testing.assert_allclose(first.pixel_to_map(on_first), other.pixel_to_map([(x, y)]), atol=1e-5)
    np.testing.assert_allclose(back.transform @ tuple(on_first[0]), (x, y), atol=1e-4)


@given(first=degree_grids, other=utm_grids, x=st.floats(0, 300), y=st.floats(0, 200))
def test_the_error_that_is_told_between_two_crss_holds_for_any_point(first, other, x, y):
    for one, two in ((first, other), (other, first)):
        found = fit(one, two)
        (exact,) = pixels_between([(x, y)], two, one)
        off = (np.array(found.transform @ (x, y)) - exact) / found.finer_px[::-1]
        assert np.hypot(*off) <= found.error_px * 1.05 + 1e-6


@given(other=degree_grids, x=st.floats(0, 300), y=st.floats(0, 200))
def test_going_to_another_grid_and_back_leads_to_the_same_pixel(other, x, y):
    there = pixels_between([(x, y)], CHIP, other)
    np.testing.assert_allclose(pixels_between(there, other, CHIP), [(x, y)], atol=1e-5)


def test_points_between_grids_are_the_same_point_on_the_ground():
    points = np.random.default_rng(1).uniform(0, 200, (50, 2))
    for other in NEIGHBOURS.values():
        images = pixels_between(points, other, CHIP)
        np.testing.assert_allclose(ground_point(CHIP, images), ground_point(other, points), atol=1e-9)


def test_the_error_is_measured_in_pixels_of_the_finer_grid():
    fine, coarse = (
        grid(Affine(1, 0, 5.9e5, 0, -1, 5.75e6)),
        grid(Affine(100, 0, 1e5, 0, -100, 6e6), UTM32, (2000, 2000)),
    )
    found = fit(fine, coarse)
    assert found.finer_px == pytest.approx((1, 1))
    assert found.error_px > 50  # metres of bend over 200 km
    assert fit(coarse, fine).error_px < 0.05
    assert fit(coarse, fine).finer_px == pytest.approx((0.01, 0.01), rel=0.01)


def test_a_small_scene_in_another_crs_fits_and_a_large_one_does_not():
    large = grid(Affine(10, 0, 3e5, 0, -10, 5.8e6), UTM32, (10980, 10980))
    assert fit(CHIP, LONG_LAT).error_px < 0.05
    assert fit(CHIP, large).error_px > 0.5


def test_a_pixel_is_measured_on_the_ground_where_degrees_squeeze_it():
    found = fit(LONG_LAT, CHIP)
    height, width = pixel_size_m(LONG_LAT)
    fine = min(height, width, 4.5)
    assert found.finer_px == pytest.approx((fine / height, fine / width), rel=0.01)


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_a_warped_grid_holds_the_other_and_lies_along_the_first(name):
    other = NEIGHBOURS[name]
    made = warped_grid(CHIP, other)
    assert made.crs == CHIP.crs
    assert (made.transform.b, made.transform.d) == (0, 0)
    assert pixel_size_m(made) == pytest.approx([min(4.5, *pixel_size_m(other))] * 2, rel=0.01)
    edge = np.concatenate([other.outline, other.outline + (other.outline[[1, 2, 3, 0]] - other.outline) * 0.37])
    inside = pixels_between(edge, other, made)
    assert (inside >= 0).all()
    assert (inside <= made.shape[::-1]).all()
    assert np.prod(made.shape) * pixel_size_m(made)[0] ** 2 < 4 * np.prod(other.shape) * np.prod(pixel_size_m(other))


def test_a_warped_grid_of_equal_pixels_has_the_first_grids_own_pixels():
    made = warped_grid(CHIP, grid(Affine(9, 0, 1.86e5, 0, -9, 5.77e6), UTM32))
    corner = ~CHIP.transform @ (made.transform.c, made.transform.f)
    np.testing.assert_allclose(corner, np.round(corner), atol=1e-6)


def test_a_warped_grid_ends_where_float32_would_lose_the_place():
    world = grid(Affine(0.1, 0, -180, 0, -0.1, 90), DEGREES, (1800, 3600))
    made = warped_grid(CHIP, world)
    assert max(made.shape) <= MAX_SIDE_PX + 2
    assert (pixels_between([(100, 100)], CHIP, made) > 0).all()


def test_scenes_that_cannot_be_brought_together_are_refused():
    far = grid(Affine(1e-5, 0, -120, 0, -1e-5, -50), DEGREES)
    with pytest.raises(GeoLabelError, match="too far away"):
        warped_grid(CHIP, far)
    with pytest.raises(NotGeoreferencedError):
        fit(CHIP, grid(Affine.identity(), None))
    with pytest.raises(NotGeoreferencedError):
        fit(grid(Affine.identity(), None), CHIP)


def test_a_scene_that_the_first_crs_cannot_show_is_refused():
    polar = CRS.from_proj4("+proj=gnom +lat_0=90 +lon_0=0 +datum=WGS84")
    south = grid(Affine(0.01, 0, 10, 0, -0.01, -40), DEGREES)
    with pytest.raises(GeoLabelError, match="outside the reach of"):
        fit(grid(Affine(100, 0, 0, 0, -100, 0), polar), south)
    assert not np.isfinite(pixels_between([(0, 0)], south, grid(Affine(100, 0, 0, 0, -100, 0), polar))).any()


def test_scenes_meet_across_the_antimeridian():
    east = grid(Affine(1e-3, 0, 179.9, 0, -1e-3, 10), DEGREES)
    west = grid(Affine(1e-3, 0, -180, 0, -1e-3, 10), DEGREES)
    np.testing.assert_allclose(fit(east, west).transform @ (0, 0), (100, 0), atol=1e-6)
    np.testing.assert_allclose(pixels_between([(0, 0)], west, east), [(100, 0)], atol=1e-6)
    zone_1 = grid(Affine(100, 0, 1.5e5, 0, -100, 1.1e6), CRS.from_epsg(32601))
    point = pixels_between([(200, 10)], zone_1, east)[0]
    lon, lat = transform_points(zone_1.pixel_to_map([(200, 10)]), zone_1.crs, LONLAT)[0]
    assert east.pixel_to_map([point])[0] == pytest.approx((lon % 360, lat))


def test_grids_overlap_where_they_share_ground():
    assert overlap(CHIP, fit(CHIP, ROTATED).transform, ROTATED.shape)
    beside = grid(CHIP.transform @ Affine.translation(300, 0))
    assert not overlap(CHIP, fit(CHIP, beside).transform, beside.shape)


def test_a_crs_is_named_as_people_write_it():
    assert short_name(UTM31) == "EPSG:32631"
    assert short_name(CRS.from_proj4("+proj=laea +lat_0=52 +lon_0=10")) == "unknown"
