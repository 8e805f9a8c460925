"""Reference systems: parsing what users type, and moving points on any thread."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from pyproj import CRS

from napari_geolabel.errors import GeoLabelError, NotGeoreferencedError
from napari_geolabel.geo import LONLAT, on_earth, parse_crs, same_crs, transform_points


@pytest.mark.parametrize(
    "written", [32633, "EPSG:32633", "epsg:32633", CRS.from_epsg(32633), CRS.from_epsg(32633).to_wkt()]
)
def test_a_crs_may_be_written_in_many_ways(written):
    assert parse_crs(written).to_epsg() == 32633


@pytest.mark.parametrize("bad", ["EPSG:0", "utm 33", "", -1, "http://example.org/crs"])
def test_what_proj_does_not_know_is_refused_with_an_example(bad):
    with pytest.raises(
        NotGeoreferencedError, match=r"is not a CRS that PROJ knows; give an EPSG code such as EPSG:32633$"
    ):
        parse_crs(bad)


def test_axis_order_makes_no_other_crs_but_a_zone_does():
    assert same_crs(CRS.from_epsg(4326), LONLAT)
    assert not same_crs(CRS.from_epsg(32633), CRS.from_epsg(32634))


def test_points_of_the_same_crs_keep_every_bit_and_are_a_copy():
    points = np.array([(13.123456789012345, 47.1)])
    moved = transform_points(points, CRS.from_epsg(4326), LONLAT)
    np.testing.assert_array_equal(moved, points)
    assert moved is not points


def test_x_comes_first_both_ways():
    lonlat = transform_points(np.array([(500_000.0, 0.0)]), CRS.from_epsg(32633), CRS.from_epsg(4326))
    np.testing.assert_allclose(lonlat, [(15, 0)], atol=1e-9)
    back = transform_points(lonlat, CRS.from_epsg(4326), CRS.from_epsg(32633))
    np.testing.assert_allclose(back, [(500_000, 0)], atol=1e-6)


def test_a_point_without_an_image_is_refused():
    with pytest.raises(GeoLabelError, match="a point lies outside the reach of WGS 84 / UTM zone 33N"):
        transform_points(np.array([(0.0, 1e9)]), LONLAT, CRS.from_epsg(32633))


NOWHERE = """LOCAL_CS["Undefined SRS",LOCAL_DATUM["unknown",32767],UNIT["unknown",0],AXIS["x",EAST],AXIS["y",NORTH]]"""


def test_what_leads_nowhere_is_refused_by_both_names():
    with pytest.raises(NotGeoreferencedError, match=r"leads from Undefined SRS to EPSG:32633; name another CRS"):
        transform_points(np.array([(0.0, 1.0)]), CRS.from_wkt(NOWHERE), CRS.from_epsg(32633))


def test_the_crs_of_a_plan_is_none_on_earth():
    assert on_earth(CRS.from_wkt(NOWHERE)) is None
    assert on_earth(LONLAT) is LONLAT


def test_many_threads_move_points_at_once():
    points = np.column_stack([np.linspace(12, 18, 2000), np.linspace(40, 60, 2000)])
    expected = transform_points(points, LONLAT, CRS.from_epsg(32633))
    results: list[np.ndarray] = []

    def work() -> None:
        results.extend(transform_points(points, LONLAT, CRS.from_epsg(32633)) for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 160
    assert all(np.array_equal(result, expected) for result in results)
