"""Areas of many rings at once are those that pyproj measures one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from napari_geolabel.geo import ring_areas
from napari_geolabel.geo.ring_areas import ring_area_m2, ring_areas_m2

GEOD = Geod(ellps="WGS84")
METRES_PER_DEGREE = 111_200


def ring(lon: float, lat: float, radius_m: float, corners: int = 12, seed: int = 0) -> np.ndarray:
    """Return a closed ring about a point, its corners at uneven distances."""
    dice = np.random.default_rng(seed)
    turns = np.sort(dice.uniform(0, 2 * np.pi, corners))
    reach = radius_m * dice.uniform(0.5, 1, corners) / METRES_PER_DEGREE
    points = np.column_stack([lon + reach * np.cos(turns) / np.cos(np.radians(lat)), lat + reach * np.sin(turns)])
    return np.vstack([points, points[:1]])


def measured(points: np.ndarray) -> float:
    """Return the area by pyproj."""
    area, _ = GEOD.polygon_area_perimeter(*points.T)
    return abs(area)


@given(
    lon=st.floats(-179, 179),
    lat=st.floats(-89, 89),
    radius_m=st.sampled_from([5.0, 50.0, 300.0, 900.0, 20_000.0]),
    seed=st.integers(0, 99),
)
def test_a_ring_anywhere_has_the_area_that_pyproj_measures(lon, lat, radius_m, seed):
    points = ring(lon, lat, radius_m, seed=seed)
    found = ring_areas_m2(points, np.array([len(points)]))
    assert found[0] == pytest.approx(measured(points), abs=1e-3, rel=1e-12)


def test_many_rings_are_measured_each_by_itself():
    rings = [ring(15 + k / 10, -48 + k, 40, corners=3 + k, seed=k) for k in range(30)]
    found = ring_areas_m2(np.concatenate(rings), np.array([len(each) for each in rings]))
    assert found == pytest.approx([measured(each) for each in rings], abs=1e-3)


def test_the_size_of_the_blocks_changes_no_area(monkeypatch):
    rings = [ring(15 + k / 10, 48 - k, 40 + 2000 * (k == 4), corners=3 + k, seed=k) for k in range(9)]
    points, counts = np.concatenate(rings), np.array([len(each) for each in rings])
    wanted = ring_areas_m2(points, counts)
    for block in (1, 7, len(points) - 1, len(points)):
        monkeypatch.setattr(ring_areas, "_BLOCK", block)
        assert np.array_equal(ring_areas_m2(points, counts), wanted)


def test_which_way_a_ring_runs_does_not_matter():
    points = ring(15, 48, 100)
    assert ring_areas_m2(points[::-1], np.array([len(points)])) == pytest.approx(
        ring_areas_m2(points, np.array([len(points)])), abs=1e-6
    )


def test_long_edges_alone_are_left_to_pyproj(monkeypatch):
    asked = []

    class Counted:
        a, es = GEOD.a, GEOD.es

        def polygon_area_perimeter(self, lons, lats):
            asked.append(len(lons))
            return GEOD.polygon_area_perimeter(lons, lats)

    monkeypatch.setattr(ring_areas, "_GEOD", Counted())
    short, long = ring(15, 48, 100, corners=20), ring(15, 48, 50_000, corners=7)
    found = ring_areas_m2(np.concatenate([short, long, short]), np.array([21, 8, 21]))
    assert asked == [8]
    assert found == pytest.approx([measured(short), measured(long), measured(short)], abs=1e-3)


def test_no_ring_has_no_area():
    assert ring_areas_m2(np.empty((0, 2)), np.array([], int)).shape == (0,)


def test_a_ring_about_the_pole_has_the_area_of_the_cap():
    points = np.array([(lon, 89.0) for lon in range(0, 361, 30)], float)
    assert ring_areas_m2(points, np.array([len(points)]))[0] == pytest.approx(measured(points))


@pytest.mark.parametrize(
    ("west", "east", "south", "north"), [(-180, 180, -90, 90), (-170, 170, -80, 80), (0, 360, 0, 90)]
)
def test_a_ring_about_more_than_half_of_the_earth_has_all_of_it(west, east, south, north):
    step = (east - west) / 36
    there = np.array([(west + step * k, south) for k in range(37)], float)
    points = np.vstack([there, there[::-1] * (1, 0) + (0, north), there[:1]])
    slices = [
        np.array([(lon, south), (lon + step, south), (lon + step, north), (lon, north), (lon, south)])
        for lon in there[:-1, 0]
    ]
    expected = sum(measured(each) for each in slices)
    assert ring_area_m2(points) == pytest.approx(expected, rel=1e-9)
    assert ring_area_m2(points[::-1]) == pytest.approx(expected, rel=1e-9)
