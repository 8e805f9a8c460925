"""How geometries become pixels."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from pyproj import CRS, Geod

from napari_geolabel.errors import MaskValueError, NotGeoreferencedError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.masks import BurnRule

NOWHERE = GeoGrid(shape=(9, 9), transform=Affine.identity())
DEGREES = GeoGrid(shape=(400, 400), transform=Affine(0.001, 0, 10, 0, -0.001, 60), crs=CRS.from_epsg(4326))


def test_lines_and_points_become_as_wide_as_asked_and_areas_stay(grid):
    line, point, area = shapely.LineString([(5, 20), (45, 20)]), shapely.Point(30, 10), shapely.box(1, 1, 4, 4)
    wide, disc, same = BurnRule(width_m=60).widened(np.array([line, point, area], object), grid)
    assert wide.bounds == pytest.approx((2, 17, 48, 23), abs=0.01), "six pixels of 10 m"
    assert disc.bounds == pytest.approx((27, 7, 33, 13), abs=0.01)
    assert same is area


def test_a_metre_is_a_metre_in_degrees_too():
    disc, *_ = BurnRule(width_m=1000).widened(np.array([shapely.Point(200, 200)], object), DEGREES)
    x0, y0, x1, y1 = disc.bounds
    corners = DEGREES.pixel_to_lonlat([(x0, 200), (x1, 200), (200, y0), (200, y1)])
    geod = Geod(ellps="WGS84")
    for (lon, lat), (lon_to, lat_to) in (corners[:2], corners[2:]):
        assert geod.inv(lon, lat, lon_to, lat_to)[2] == pytest.approx(1000, rel=1e-3)


def test_a_width_needs_a_place_on_earth_where_there_is_anything_to_widen():
    rule = BurnRule(width_m=5)
    assert len(rule.widened(np.array([shapely.box(0, 0, 1, 1)], object), NOWHERE)) == 1
    with pytest.raises(NotGeoreferencedError, match="no metres"):
        rule.widened(np.array([shapely.Point(1, 1)], object), NOWHERE)


@pytest.mark.parametrize("width", [0, -3, np.nan, np.inf])
def test_a_width_that_is_none_is_refused(width):
    with pytest.raises(MaskValueError, match="m wide"):
        BurnRule(width_m=width)


def test_an_unknown_order_is_refused():
    with pytest.raises(MaskValueError, match="choose class or drawn"):
        BurnRule(order="size")


def test_the_rule_reads_as_a_sentence():
    assert str(BurnRule()) == "later class wins, then later drawn; pixel centres"
    rule = BurnRule(all_touched=True, order="drawn", width_m=2.5)
    assert str(rule) == "later drawn wins; every touched pixel; lines and points 2.5 m wide"
