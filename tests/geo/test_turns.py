"""Longitudes come on the turn of the Earth that a grid counts on, and what was cut at the antimeridian is one again."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.errors import NotGeoreferencedError
from napari_geolabel.geo import LONLAT, GeoGrid, nearest_turn, points_in_pixels, shapes_in_pixels

WGS84 = CRS.from_epsg(4326)
FIJI = GeoGrid(shape=(200, 2000), transform=Affine(0.01, 0, 170, 0, -0.01, 1), crs=WGS84)  # 170 to 190 degrees
PACIFIC = GeoGrid(shape=(180, 360), transform=Affine(1, 0, 0, 0, -1, 90), crs=WGS84)  # 0 to 360 degrees
ATLANTIC = GeoGrid(shape=(180, 360), transform=Affine(1, 0, -180, 0, -1, 90), crs=WGS84)
UTM = GeoGrid(shape=(100, 100), transform=Affine(10, 0, 500_000, 0, -10, 6_000_000), crs=CRS.from_epsg(32633))


def placed(geometry, grid=FIJI, crs=LONLAT):
    array = np.empty(1, object)
    array[0] = geometry
    return shapes_in_pixels(array, crs, grid)[0]


@pytest.mark.parametrize("lon", [185, -175, 545])
def test_a_point_is_where_the_scene_has_it_whatever_turn_it_is_told_on(lon):
    assert points_in_pixels([(lon, 0.5)], LONLAT, FIJI)[0] == pytest.approx((1500, 50))
    assert placed(shapely.Point(lon, 0.5)).coords[0] == pytest.approx((1500, 50))
    assert points_in_pixels([(lon, 0.5)], LONLAT, PACIFIC)[0] == pytest.approx((185, 89.5))
    assert points_in_pixels([(lon, 0.5)], LONLAT, ATLANTIC)[0] == pytest.approx((5, 89.5))


def test_what_was_cut_is_one_again_without_the_points_of_the_cut():
    cut = shapely.MultiPolygon([shapely.box(179.9, 0.4, 180, 0.5), shapely.box(-180, 0.4, -179.9, 0.5)])
    whole = placed(cut)
    assert len(whole.exterior.coords) == 5
    assert whole.equals_exact(shapely.box(990, 50, 1010, 60), 1e-6, normalize=True)


def test_lines_run_on_in_their_own_direction():
    cut = shapely.MultiLineString([[(179, 0), (180, 0.5)], [(-180, 0.5), (-179, 1)]])
    assert placed(cut).equals_exact(shapely.LineString([(900, 100), (1100, 0)]), 1e-6)
    backwards = shapely.MultiLineString([[(-179, 1), (-180, 0.5)], [(180, 0.5), (179, 0)]])
    assert placed(backwards).equals_exact(shapely.LineString([(1100, 0), (900, 100)]), 1e-6)


def test_corners_and_holes_at_the_antimeridian_stay():
    shape = shapely.box(178, -0.5, 182, 0.9).difference(shapely.box(179, 0, 181, 0.5))
    corner = shapely.Polygon([(178, 0), (180, 0.9), (182, 0), (180, -0.7)])
    for drawn in (shape, corner):
        west = drawn.intersection(shapely.box(0, -9, 180, 9))
        east = shapely.affinity.translate(drawn.intersection(shapely.box(180, -9, 360, 9)), -360)
        back = placed(shapely.MultiPolygon([west, east]))
        expected = shapely.transform(drawn, FIJI.map_to_pixel)
        assert back.geom_type == "Polygon"
        assert len(shapely.get_coordinates(back)) == len(shapely.get_coordinates(expected))
        assert back.symmetric_difference(expected).area < 1e-3


def test_parts_are_shifted_whole_and_those_far_apart_stay_apart():
    both = shapely.MultiPolygon([shapely.box(171, 0, 172, 0.5), shapely.box(-171, 0, -170.5, 0.5)])
    assert sorted(part.bounds[0] for part in placed(both).geoms) == pytest.approx([100, 1900])
    points = placed(shapely.MultiPoint([(171, 0), (-171, 0)]))
    assert [point.x for point in points.geoms] == pytest.approx([100, 1900])
    wide = placed(shapely.box(-170, -10, 170, 10), ATLANTIC)
    assert wide.bounds == pytest.approx((10, 80, 350, 100))
    mixed = placed(shapely.GeometryCollection([shapely.Point(-175, 0), both, shapely.LineString([(175, 0), (176, 0)])]))
    assert mixed.geoms[0].x == pytest.approx(1500)
    assert mixed.geoms[2].coords[0] == pytest.approx((500, 100))


def test_what_cannot_be_united_or_is_empty_comes_in_as_parts():
    bow_tie = shapely.Polygon([(-180, 0), (-179, 1), (-179, 0), (-180, 1)])
    assert len(placed(shapely.MultiPolygon([shapely.box(179, 0, 180, 1), bow_tie])).geoms) == 2
    assert placed(shapely.Polygon()).is_empty


UTM_60 = CRS.from_epsg(32660)


def test_what_lies_over_the_antimeridian_in_metres_is_not_torn_in_degrees():
    area = shapely.box(820_000, 10_000, 850_000, 40_000).difference(shapely.box(830_000, 20_000, 840_000, 30_000))
    line = shapely.LineString([(820_000, 10_000), (850_000, 15_000)])
    points = shapely.MultiPoint(line.coords)
    for shape in (area, line, points):
        expected = shapely.transform(shape, lambda xy: points_in_pixels(xy, UTM_60, FIJI))
        assert np.ptp(shapely.get_coordinates(expected)[:, 0]) < 100
        assert placed(shape, crs=UTM_60).equals_exact(expected, 1e-9)


def test_what_is_wide_in_metres_stays_wide_and_a_ring_about_a_pole_as_it_is():
    wide = shapely.box(-1.8e7, -1e6, 1.8e7, 1e6)
    assert np.ptp(shapely.get_coordinates(placed(wide, ATLANTIC, CRS.from_epsg(3857)))[:, 0]) == pytest.approx(
        323.4, abs=0.1
    )
    about = shapely.Point(0, 0).buffer(1e6)
    assert placed(about, ATLANTIC, CRS.from_epsg(3413)).geom_type == "Polygon"


def test_other_grids_know_no_turns():
    assert nearest_turn(np.array([[500_360.0, 1.0]]), UTM).tolist() == [[500_360.0, 1.0]]
    lonlat = UTM.pixel_to_lonlat([(5, 5)])
    assert points_in_pixels(lonlat, LONLAT, UTM)[0] == pytest.approx((5, 5), abs=1e-5)
    bare = GeoGrid(shape=(9, 9), transform=Affine.identity())
    for place in (lambda: points_in_pixels([(1, 1)], LONLAT, bare), lambda: placed(shapely.Point(1, 1), bare)):
        with pytest.raises(NotGeoreferencedError):
            place()


def test_a_whole_turn_is_counted_in_the_unit_of_the_grid():
    grads = CRS.from_epsg(4807)  # NTF (Paris), in grads
    grid = GeoGrid(shape=(10, 10), transform=Affine(0.1, 0, 399, 0, -0.1, 50), crs=grads)
    assert nearest_turn(np.array([[-0.5, 49.5]]), grid)[0] == pytest.approx((399.5, 49.5))


@given(st.floats(-1000, 1000))
def test_the_turn_is_the_nearest(lon):
    ((found, _),) = nearest_turn(np.array([[lon, 0.0]]), FIJI)
    assert abs(found - 180) <= 180 + 1e-9
    assert (found - lon) / 360 == pytest.approx(round((found - lon) / 360), abs=1e-9)
