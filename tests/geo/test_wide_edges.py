"""An edge over more than half of the Earth goes the way it was drawn."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.geo import GeoGrid, area_m2, length_m
from napari_geolabel.geo.wide_edges import with_points_in_wide_edges, without_wide_edges

WORLD = GeoGrid(shape=(180, 360), transform=Affine(1, 0, -180, 0, -1, 90), crs=CRS.from_epsg(4326))
PACIFIC = GeoGrid(shape=(180, 360), transform=Affine(1, 0, 0, 0, -1, 90), crs=CRS.from_epsg(4326))
CHUKOTKA = GeoGrid(shape=(512, 512), transform=Affine(30, 0, 597000, 0, -30, 8000000), crs=CRS.from_epsg(32660))
POLAR = GeoGrid(shape=(720, 720), transform=Affine(12500, 0, -4.5e6, 0, -12500, 4.5e6), crs=CRS.from_epsg(3413))


def array(*geometries):
    found = np.empty(len(geometries), object)
    found[:] = geometries
    return found


@pytest.mark.parametrize("grid", [WORLD, PACIFIC])
def test_only_wide_edges_get_points_and_the_shape_stays(grid):
    box, line = shapely.box(10, 40, 350, 60), shapely.LineString([(350, 20), (90, 40), (80, 40)])
    small = shapely.box(1, 2, 3, 4)
    several = shapely.MultiPolygon([small, box]), shapely.MultiLineString([line, [(1, 1), (2, 2)]])
    found = without_wide_edges(array(box, line, small, shapely.Point(3, 4), *several), grid)
    assert shapely.get_num_coordinates(found).tolist() == [11, 6, 5, 1, 16, 8]
    for made, was in zip(found, (box, line, small, shapely.Point(3, 4), *several), strict=True):
        assert shapely.hausdorff_distance(made, was) < 1e-9
    assert np.abs(np.diff(grid.pixel_to_lonlat(shapely.get_coordinates(found[0]))[:, 0])).max() < 180


@pytest.mark.parametrize("grid", [CHUKOTKA, POLAR])
def test_edges_over_the_antimeridian_are_not_wide(grid):
    across = shapely.LineString([(5, 5), (grid.shape[1] - 5, 5)])
    if grid is CHUKOTKA:
        lonlat = grid.pixel_to_lonlat(shapely.get_coordinates(across))
        assert np.ptp(lonlat[:, 0]) > 180
    assert with_points_in_wide_edges(across, grid).equals_exact(across, 0)


def test_small_scenes_are_let_through_as_they_are():
    grid = GeoGrid(shape=(9, 9), transform=Affine(1, 0, 10, 0, -1, 50), crs=CRS.from_epsg(4326))
    geometries = array(shapely.box(1, 2, 3, 4))
    assert without_wide_edges(geometries, grid) is geometries


def test_lengths_and_areas_are_those_of_what_was_drawn():
    box, line = shapely.box(10, 80, 350, 100), shapely.LineString([(10, 90), (350, 90)])
    quarters = [shapely.box(10 + 85 * k, 80, 95 + 85 * k, 100) for k in range(4)]
    assert area_m2(WORLD, box) == pytest.approx(sum(area_m2(WORLD, each) for each in quarters), rel=1e-6)
    assert length_m(WORLD, line) == pytest.approx(340 * 111_319.49, rel=1e-6)
    assert area_m2(PACIFIC, box) == pytest.approx(area_m2(WORLD, box), rel=1e-9)
