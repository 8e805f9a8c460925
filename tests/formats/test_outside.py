"""Labels that lie beside the scene are told with where they are and what is probably wrong."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.formats.outside import on_scene, outside_note
from napari_geolabel.geo import LONLAT, GeoGrid

UTM = GeoGrid(shape=(480, 640), transform=Affine(10, 0, 400_000, 0, -10, 4_430_000), crs=CRS.from_epsg(32633))
NOWHERE = GeoGrid(shape=(480, 640), transform=Affine.identity(), crs=None)
INSIDE = shapely.box(10, 10, 40, 30)


def moved(dx: float, dy: float = 0.0):
    return shapely.affinity.translate(INSIDE, dx, dy)


def test_nothing_is_said_where_all_lie_inside_or_reach_in():
    assert outside_note([], UTM) is None
    assert outside_note([INSIDE, moved(600), moved(-39, -29)], UTM) is None


def test_where_some_lie_outside_only_their_number_is_told():
    assert outside_note([INSIDE, moved(5_000)], UTM) == "1 of 2 annotations lie outside the scene"


def test_where_all_do_both_places_and_a_question_follow():
    told = outside_note([moved(40_000), moved(40_100)], UTM)
    assert told.startswith("2 of 2 annotations lie outside the scene: they lie around 18.5")
    assert " N, the scene around 13.8" in told
    assert "is it the right scene" in told


def test_coordinates_the_other_way_round_are_recognised():
    lonlat = shapely.transform(INSIDE, UTM.pixel_to_lonlat)
    swapped = shapely.transform(lonlat, lambda xy: UTM.crs_to_pixel(xy[:, ::-1], LONLAT))
    told = outside_note([swapped], UTM)
    assert "the other way round they would lie in it" in told
    assert "40.01 E, 13.8" in told


def test_without_a_georeference_pixels_are_told():
    told = outside_note([moved(5_000)], NOWHERE)
    assert told.endswith("they lie around pixel (5025, 20) of 640 x 480; are they another scene's?")


@pytest.mark.parametrize("far", [np.inf, np.nan])
def test_what_has_no_place_at_all_is_only_counted(far):
    wrong = shapely.Point(far, far)
    assert outside_note([wrong, moved(9_000)], UTM) in (
        None, "1 of 2 annotations lie outside the scene", "2 of 2 annotations lie outside the scene",
    )  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_wherever_they_lie_it_is_one_sentence(dx, dy):
    told = outside_note([moved(dx, dy)], UTM)
    assert told is None or (told.startswith("1 of 1 annotations lie outside the scene") and "\n" not in told)


def test_what_lies_on_the_scene_beyond_180_degrees_is_kept():
    fiji = GeoGrid(shape=(200, 2000), transform=Affine(0.01, 0, 170, 0, -0.01, 1), crs=CRS.from_epsg(4326))
    cut = shapely.MultiPolygon([shapely.box(179.9, 0, 180, 0.1), shapely.box(-180, 0, -179.9, 0.1)])
    places = np.array([shapely.Point(-175, 0.5), shapely.Point(175, 0.5), cut, shapely.Point(-165, 0.5)], object)
    assert on_scene(places, LONLAT, fiji).tolist() == [True, True, True, False]
