"""Ground measure against known values and against pyproj."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod, Proj

from napari_geolabel.errors import NotGeoreferencedError
from napari_geolabel.geo import GeoGrid, area_m2, distance_m, ground_matrix, heading_deg, length_m, pixel_size_m

GEOD = Geod(ellps="WGS84")
EQUATOR_DEGREE_M = 111_319.49079327358  # the WGS 84 equator, 2 pi 6378137 m, by 360


def degrees(lat: float = 0.0, lon: float = 0.0, size: float = 0.01, shape: tuple[int, int] = (100, 100)) -> GeoGrid:
    """A grid in degrees whose centre is at a latitude."""
    top, left = lat + size * shape[0] / 2, lon - size * shape[1] / 2
    return GeoGrid(shape=shape, transform=Affine(size, 0, left, 0, -size, top), crs=CRS.from_epsg(4326))


def metres(epsg: int = 32633, x: float = 500_000, y: float = 5_300_000, size: float = 10, angle: float = 0) -> GeoGrid:
    """A grid in the units of a projected CRS around a point."""
    transform = (
        Affine.translation(x, y) @ Affine.rotation(angle) @ Affine.scale(size, -size) @ Affine.translation(-50, -50)
    )
    return GeoGrid(shape=(100, 100), transform=transform, crs=CRS.from_epsg(epsg))


BARE = GeoGrid(shape=(10, 10), transform=Affine.identity())


# Pixel size


def test_a_pixel_of_a_utm_scene_has_its_nominal_size():
    assert pixel_size_m(metres()) == (10, 10)
    assert pixel_size_m(metres(size=0.3, angle=33)) == pytest.approx((0.3, 0.3), rel=1e-12)


def test_feet_are_metres_on_the_ground():
    height, width = pixel_size_m(metres(2225, 2_000_000, 1_300_000, size=3))
    assert (height, width) == pytest.approx((3 * 1200 / 3937, 3 * 1200 / 3937), rel=1e-12)


def test_a_degree_at_the_equator_is_a_360th_of_it():
    height, width = pixel_size_m(degrees(size=0.001))
    assert width == pytest.approx(EQUATOR_DEGREE_M / 1000, rel=1e-9)
    assert height == pytest.approx(110.574, rel=1e-5)  # a degree of latitude at the equator is 110,574 m


@given(st.floats(-80, 80), st.floats(-179, 179))
def test_pixels_in_degrees_narrow_towards_the_poles(lat, lon):
    height, width = pixel_size_m(degrees(lat, lon, size=1e-4))
    _, _, expected_width = GEOD.inv(lon - 5e-5, lat, lon + 5e-5, lat)
    _, _, expected_height = GEOD.inv(lon, lat - 5e-5, lon, lat + 5e-5)
    assert (height, width) == pytest.approx((expected_height, expected_width), rel=1e-6)


@pytest.mark.parametrize("lat", [0.0, 45.0, 60.0, -70.0])
def test_web_mercator_pixels_are_smaller_on_the_ground_than_they_say(lat):
    x, y = Proj(3857)(11.0, lat)
    height, width = pixel_size_m(metres(3857, x, y))
    # Web Mercator scales by the sphere's 1/cos(lat); on the ellipsoid the two directions differ a little.
    assert width == pytest.approx(10 * np.cos(np.deg2rad(lat)), rel=5e-3)
    assert height == pytest.approx(10 * np.cos(np.deg2rad(lat)), rel=8e-3)
    if lat:
        assert width < 9


def test_pixels_may_be_oblong():
    transform = Affine(2, 0, 500_000, 0, -7, 5_300_000)
    assert pixel_size_m(GeoGrid(shape=(9, 9), transform=transform, crs=CRS.from_epsg(32633))) == (7, 2)


def test_without_a_place_a_pixel_has_no_size_and_counts_as_one():
    assert pixel_size_m(BARE) is None
    np.testing.assert_array_equal(ground_matrix(BARE), [(1, 0), (0, -1)])


# Ground frame


def test_the_ground_frame_of_a_north_up_scene_is_its_transform():
    np.testing.assert_array_equal(ground_matrix(metres(size=2)), [(2, 0), (0, -2)])


def test_the_ground_frame_turns_with_the_scene():
    matrix = ground_matrix(metres(size=2, angle=90))
    np.testing.assert_allclose(matrix, [(0, 2), (2, 0)], atol=1e-12)


@given(st.floats(-75, 75), st.floats(-179, 179))
def test_in_degrees_x_runs_east_and_y_south(lat, lon):
    matrix = ground_matrix(degrees(lat, lon, size=1e-4))
    size = np.hypot(*matrix)
    np.testing.assert_allclose(matrix / size, [(1, 0), (0, -1)], atol=1e-4)


def test_grids_that_count_south_and_west_keep_left_and_right():
    # Krovak (EPSG:2065) has x southing and y westing: taken for east and north it would mirror every ship.
    crs = CRS.from_epsg(2065)
    x, y = 1_045_000.0, 740_000.0
    grid = GeoGrid(shape=(10, 10), transform=Affine(10, 0, x, 0, 10, y), crs=crs)
    lonlat = grid.pixel_to_lonlat([(5, 5), (6, 5), (5, 6)])
    truth = (lonlat[1:] - lonlat[0]) * (np.cos(np.deg2rad(50)), 1)
    assert np.sign(np.linalg.det(ground_matrix(grid))) == np.sign(np.linalg.det(truth.T))


@pytest.mark.parametrize(("epsg", "pole"), [(3031, 0), (6931, 0), (3413, 0), (32661, 2_000_000)])
@pytest.mark.parametrize("beside", [0, 30, 0.001])
def test_pixels_around_a_pole_are_as_square_as_elsewhere(epsg, pole, beside):
    matrix = ground_matrix(metres(epsg, pole + beside, pole - beside, size=25_000))
    size = np.hypot(*matrix)
    assert size == pytest.approx(25_000, rel=0.05)  # by the scale of the projection
    assert abs(matrix[:, 0] @ matrix[:, 1]) < 1e-3 * size.prod()
    assert np.linalg.det(matrix) == pytest.approx(-size.prod(), rel=1e-3)  # y runs down


# Headings


@pytest.mark.parametrize(("head", "expected"), [((50, 40), 0), ((60, 50), 90), ((50, 60), 180), ((40, 50), 270)])
def test_headings_count_clockwise_from_north(head, expected):
    assert heading_deg(degrees(size=1e-4), (50, 50), head) == pytest.approx(expected, abs=1e-6)
    assert 0 <= heading_deg(degrees(size=1e-4), (50, 50), head) < 360


@pytest.mark.parametrize(("x", "y"), [(300_000, 5_900_000), (500_000, 1_000_000), (740_000, 6_500_000)])
def test_grid_north_is_not_north_and_the_difference_is_the_convergence(x, y):
    grid = metres(32633, x, y, size=1)
    lon, lat = Proj(32633)(x, y, inverse=True)
    convergence = Proj(32633).get_factors(lon, lat).meridian_convergence
    heading = heading_deg(grid, (50, 50.5), (50, 49.5))
    assert (heading - convergence + 180) % 360 - 180 == pytest.approx(0, abs=1e-4)


def test_headings_across_the_date_line_are_short():
    grid = degrees(lat=10, lon=180, size=1e-3)
    assert heading_deg(grid, (40, 50), (60, 50)) == pytest.approx(90, abs=0.01)
    assert distance_m(grid, (40, 50), (60, 50)) == pytest.approx(
        0.02 * EQUATOR_DEGREE_M * np.cos(np.deg2rad(10)), rel=1e-3
    )


# Lengths and areas


def test_a_known_distance():
    # Karney's GeodSolve: Berlin (52.52 N 13.405 E) to Paris (48.8566 N 2.3522 E) on WGS 84.
    grid = degrees(lat=50, lon=8, size=0.001, shape=(8000, 14_000))
    berlin, paris = grid.lonlat_to_pixel([(13.405, 52.52), (2.3522, 48.8566)])
    _, _, expected = GEOD.inv(13.405, 52.52, 2.3522, 48.8566)
    assert distance_m(grid, berlin, paris) == pytest.approx(expected, abs=1e-6)
    assert 877_000 < expected < 880_000


def test_the_length_of_a_line_is_the_sum_of_its_steps():
    grid = degrees(lat=45, size=0.001)
    line = shapely.LineString([(0, 0), (30, 40), (90, 10)])
    steps = distance_m(grid, (0, 0), (30, 40)) + distance_m(grid, (30, 40), (90, 10))
    assert length_m(grid, line) == pytest.approx(steps, rel=1e-12)
    assert length_m(grid, shapely.MultiLineString([line, line])) == pytest.approx(2 * steps, rel=1e-12)


def test_the_length_of_a_polygon_is_that_of_its_rings():
    grid = metres(size=1)
    assert length_m(grid, shapely.box(40, 40, 60, 60)) == pytest.approx(80 / 0.9996, rel=1e-6)


def test_an_area_in_utm_is_that_of_the_map_by_the_scale_squared():
    square = shapely.box(40, 40, 60, 60)
    assert area_m2(metres(size=10), square) == pytest.approx(200 * 200 / 0.9996**2, rel=1e-6)


def test_areas_take_holes_off_and_sum_parts_whichever_way_they_wind():
    grid = degrees(lat=60, size=0.001)
    outer, hole = shapely.box(10, 10, 50, 50), shapely.box(20, 20, 30, 30)
    donut = shapely.Polygon(outer.exterior.coords[::-1], [hole.exterior.coords])
    expected = area_m2(grid, outer) - area_m2(grid, hole)
    assert area_m2(grid, donut) == pytest.approx(expected, rel=1e-12)
    far = shapely.box(60, 60, 70, 70)
    assert area_m2(grid, shapely.MultiPolygon([donut, far])) == pytest.approx(expected + area_m2(grid, far), rel=1e-12)


def test_a_degree_square_at_the_equator_has_its_known_area():
    grid = degrees(lat=0.5, lon=0.5, size=0.01)
    area, _ = GEOD.polygon_area_perimeter([0, 1, 1, 0], [0, 0, 1, 1])
    assert area_m2(grid, shapely.box(0, 0, 100, 100)) == pytest.approx(area, rel=1e-9)
    assert area == pytest.approx(12_308_778_361, rel=1e-6)


def test_points_lines_and_what_is_empty_have_no_area():
    assert area_m2(metres(), shapely.Polygon()) == 0
    assert area_m2(metres(), shapely.Point(1, 1)) == 0
    assert area_m2(metres(), shapely.LineString([(0, 0), (5, 5)])) == 0


@given(st.floats(-70, 70), st.floats(0, 359), st.floats(1, 40))
def test_geodesic_measure_does_not_depend_on_the_projection(lat, bearing, radius):
    lon = 15.0
    corner_lon, corner_lat, _ = GEOD.fwd(
        [lon] * 3, [lat] * 3, [bearing, bearing + 120, bearing + 240], [radius * 100] * 3
    )
    lonlat = np.column_stack([corner_lon, corner_lat])
    epsg = 32633 if lat >= 0 else 32733
    utm = metres(epsg, *Proj(epsg)(lon, lat), size=5, angle=20)
    flat = degrees(lat, lon, size=1e-5)
    triangles = [shapely.Polygon(grid.lonlat_to_pixel(lonlat)) for grid in (utm, flat)]
    assert area_m2(utm, triangles[0]) == pytest.approx(area_m2(flat, triangles[1]), rel=1e-6)
    assert length_m(utm, triangles[0]) == pytest.approx(length_m(flat, triangles[1]), rel=1e-8)


@pytest.mark.parametrize("measure", [length_m, area_m2])
def test_without_a_place_nothing_is_measured(measure):
    with pytest.raises(NotGeoreferencedError):
        measure(BARE, shapely.box(0, 0, 1, 1))


def test_without_a_place_nothing_has_a_heading_or_distance():
    for measure in (heading_deg, distance_m):
        with pytest.raises(NotGeoreferencedError):
            measure(BARE, (0, 0), (1, 1))
