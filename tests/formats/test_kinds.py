"""The kind of a feature whose file does not say it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.formats.kinds import four_corners, guess_kind, kind_of, turned_box
from napari_geolabel.geo import GeoGrid, box_from_axis, measure_box
from napari_geolabel.ontology import LabelClass

ANY = LabelClass(id="a", name="A", color="#000000", kinds=("box", "rotated_box", "polygon", "polyline", "keypoint"))
TILTED = shapely.Polygon([(0, 0), (4, 3), (1, 7), (-3, 4)])


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        (shapely.Point(1, 2), "keypoint"),
        (shapely.LineString([(0, 0), (1, 1)]), "polyline"),
        (shapely.MultiLineString([[(0, 0), (1, 1)]]), "polyline"),
        (shapely.box(1, 2, 3, 4), "box"),
        (shapely.Polygon([(1, 2), (1, 4), (3, 4 + 1e-8), (3, 2)]), "box"),
        (TILTED, "rotated_box"),
        (shapely.Polygon([(0, 0), (4, 3), (1, 7), (-3, 5)]), "polygon"),
        (shapely.box(0, 0, 9, 9) - shapely.box(1, 1, 2, 2), "polygon"),
        (shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]), "polygon"),
        (shapely.Polygon([(0, 0), (1, 0), (0, 1)]), "polygon"),
    ],
)
def test_shapes_are_taken_for_what_they_look_like(geometry, expected, utm):
    assert guess_kind(geometry, ANY, utm) == expected


def test_only_kinds_that_the_class_allows_are_guessed(utm):
    polygons = LabelClass(id="a", name="A", color="#000000", kinds=("polygon",))
    ships = LabelClass(id="a", name="A", color="#000000", kinds=("rotated_box", "polygon"))
    assert guess_kind(shapely.box(0, 0, 1, 1), polygons, utm) == "polygon"
    assert guess_kind(shapely.box(0, 0, 1, 1), ships, utm) == "rotated_box"


def test_a_word_is_a_kind_only_where_the_geometry_can_be_it():
    assert kind_of("box", shapely.box(0, 0, 1, 1)) == "box"
    assert kind_of("box", shapely.Point(1, 1)) is None
    assert kind_of("circle", shapely.Point(1, 1)) is None
    assert kind_of(["box"], shapely.box(0, 0, 1, 1)) is None


@given(angle=st.floats(0, 360), start=st.integers(0, 3), backwards=st.booleans())
def test_a_box_finds_its_bow_again_whichever_way_its_ring_runs(angle, start, backwards):
    grid = _north_up()
    turn = np.radians(angle)
    bow = np.array([100, 100]) + 10 * np.array([np.sin(turn), -np.cos(turn)])
    stern = np.array([100, 100]) - 10 * np.array([np.sin(turn), -np.cos(turn)])
    corners = box_from_axis(bow, stern, bow + 4 * np.array([np.cos(turn), np.sin(turn)]), grid)
    heading = measure_box(corners, grid).heading_deg
    scrambled = np.roll(corners, start, axis=0)[:: -1 if backwards else 1]
    back = turned_box(shapely.Polygon(scrambled), grid, heading)
    assert np.array_equal(shapely.get_coordinates(back)[:4], corners)
    unnamed = measure_box(shapely.get_coordinates(turned_box(shapely.Polygon(scrambled), grid, None))[:4], grid)
    assert unnamed.length_m > unnamed.width_m


def test_a_box_that_is_right_stays_the_same_object(utm):
    box = shapely.Polygon(box_from_axis((100, 90), (100, 110), (104, 90), utm))
    assert turned_box(box, utm, 0.0) is box


def _north_up() -> GeoGrid:
    from affine import Affine
    from pyproj import CRS

    return GeoGrid(shape=(512, 512), transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633))


def test_a_box_loses_the_points_in_its_edges_and_nothing_else_does():
    dense = shapely.Polygon([(0, 0), (4, 0), (8, 0), (8, 5), (3, 5), (0, 5)])
    assert four_corners(dense).equals_exact(shapely.box(0, 0, 8, 5), 0, normalize=True)
    for other in (
        shapely.box(0, 0, 8, 5),
        shapely.Polygon([(0, 0), (4, 0.1), (8, 0), (8, 5), (0, 5)]),
        shapely.Polygon([(0, 0), (8, 0), (8, 5), (4, 0), (0, 5)]),
        shapely.box(0, 0, 8, 5) - shapely.box(1, 1, 2, 2),
        shapely.LineString([(k, 0) for k in range(8)]),
    ):
        assert four_corners(other) is other
