"""Which geometries can stand for which kind."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity

from napari_geolabel.annotations import SNAP_PX, check_geometry
from napari_geolabel.annotations.shapes import check_geometries
from napari_geolabel.errors import GeometryError
from napari_geolabel.ontology import Kind

SQUARE = shapely.box(10, 10, 20, 20)
DIAMOND = shapely.Polygon([(10, 0), (20, 10), (10, 20), (0, 10)])
DONUT = shapely.Polygon(SQUARE.exterior, [shapely.box(12, 12, 14, 14).exterior])
LINE = shapely.LineString([(0, 0), (10, 5)])


@pytest.mark.parametrize(
    ("kind", "geometry"),
    [
        ("box", SQUARE),
        ("box", shapely.Polygon([(0, 0), (0, 4), (9, 4), (9, 0)])),
        ("rotated_box", DIAMOND),
        ("rotated_box", SQUARE),
        ("rotated_box", shapely.Polygon([(0, 0), (10, 2), (11, 5), (1, 3)])),
        ("polygon", DONUT),
        ("polygon", shapely.MultiPolygon([SQUARE, affinity.translate(SQUARE, 20)])),
        ("polygon", shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])),
        ("polyline", LINE),
        ("polyline", shapely.MultiLineString([LINE, [(5, 5), (6, 6)]])),
        ("keypoint", shapely.Point(3, 4)),
        ("keypoint", shapely.Point(-3, 1e6)),
    ],
)
def test_good_geometry_comes_back_as_itself(kind, geometry):
    assert check_geometry(geometry, Kind(kind)) is geometry


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("kind", "geometry", "reason"),
    [
        ("box", LINE, "a box cannot be a LineString; give a Polygon"),
        ("polygon", shapely.Point(1, 1), "a polygon cannot be a Point; give a Polygon or MultiPolygon"),
        ("polyline", SQUARE, "a polyline cannot be a Polygon; give a LineString or MultiLineString"),
        ("keypoint", shapely.MultiPoint([(1, 1)]), "a keypoint cannot be a MultiPoint; give a Point"),
        ("polygon", shapely.GeometryCollection([SQUARE]), "a polygon cannot be a GeometryCollection"),
        ("polygon", SQUARE.exterior, "a polygon cannot be a LinearRing"),
        ("polygon", None, "a polygon cannot be a NoneType; give a Polygon"),
        ("polygon", "POINT (1 1)", "a polygon cannot be a str; give a Polygon"),
        ("mask", SQUARE, "a mask cannot be a Polygon; paint it, or draw a polygon"),
        ("polygon", shapely.Polygon(), "the polygon is empty"),
        ("keypoint", shapely.Point(), "the keypoint is empty"),
        ("polyline", shapely.MultiLineString(), "the polyline is empty"),
        ("keypoint", shapely.Point(INF, 1), "the keypoint has a coordinate that is not a finite number"),
        ("polyline", shapely.LineString([(0, 0), (NAN, 1)]), "the polyline has a coordinate that is not a finite"),
        ("polygon", shapely.Polygon([(0, 0), (5, 5), (9, 9)]), "the polygon has no area"),
        (
            "polygon",
            shapely.MultiPolygon([SQUARE, shapely.Polygon([(0, 0), (1, 1), (2, 2)])]),
            "the polygon has no area",
        ),
        ("polyline", shapely.LineString([(1, 1), (1, 1)]), "the polyline has no length"),
        ("polyline", shapely.MultiLineString([LINE, [(5, 5), (5, 5)]]), "the polyline has no length"),
        ("box", DIAMOND, "the box is not along the pixel axes; make it a rotated_box or a polygon"),
        ("box", affinity.rotate(SQUARE, 0.001), "the box is not along the pixel axes"),
        ("box", DONUT, "a box has four corners and not 8"),
        ("box", shapely.Polygon([(0, 0), (5, 0), (5, 5)]), "a box has four corners and not 3; make it a polygon"),
        ("box", shapely.Polygon([(0, 0), (5, 5), (5, 0), (0, 5)]), "the box is not along the pixel axes"),
        ("rotated_box", DONUT, "a rotated_box has four corners and not 8"),
        ("rotated_box", shapely.Polygon([(0, 0), (9, 0), (12, 5), (9, 9), (0, 9)]), "a rotated_box has four corners"),
        ("rotated_box", shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)]), "the corners of the rotated_box do not go"),
        ("rotated_box", shapely.Polygon([(0, 0), (9, 0), (2, 2), (0, 9)]), "the corners of the rotated_box do not go"),
    ],
)
def test_other_geometry_is_refused_with_the_way_out(kind, geometry, reason):
    with pytest.raises(GeometryError) as caught:
        check_geometry(geometry, Kind(kind))
    assert str(caught.value).startswith(reason)


def test_a_third_coordinate_is_dropped():
    assert check_geometry(shapely.Point(1, 2, 3), Kind.KEYPOINT).equals(shapely.Point(1, 2))
    flat = check_geometry(shapely.force_3d(DONUT, 5.0), Kind.POLYGON)
    assert not flat.has_z
    assert flat.equals(DONUT)


def test_many_geometries_are_checked_each_for_its_kind():
    geometries = [SQUARE, LINE, shapely.Point(1, 1), DIAMOND, None]
    kinds = [Kind.BOX, Kind.POLYLINE, Kind.POLYGON, Kind.BOX, Kind.KEYPOINT]
    checked, errors = check_geometries(geometries, kinds)
    assert list(checked) == geometries
    assert sorted(errors) == [2, 3, 4]


corner = st.floats(0, 20_000)
side = st.floats(0.01, 5_000)


@given(corner, corner, side, side)
def test_every_axis_aligned_rectangle_is_a_box_bit_for_bit(x, y, width, height):
    drawn = shapely.box(x, y, x + width, y + height)
    assert check_geometry(drawn, Kind.BOX) is drawn


@given(corner, corner, side, side, st.lists(st.floats(-SNAP_PX / 3, SNAP_PX / 3), min_size=8, max_size=8))
def test_the_noise_of_reprojection_is_put_right(x, y, width, height, noise):
    corners = shapely.get_coordinates(shapely.box(x, y, x + width, y + height))[:4]
    shaken = corners + np.reshape(noise, (4, 2))
    straight = check_geometry(shapely.Polygon(shaken), Kind.BOX)
    assert np.abs(shapely.get_coordinates(straight)[:4] - shaken).max() <= SNAP_PX
    assert straight.equals(shapely.box(*straight.bounds))
    assert check_geometry(straight, Kind.BOX) is straight


@given(corner, corner, side, side, st.floats(0, 360))
def test_every_turned_rectangle_is_a_rotated_box(x, y, width, height, angle):
    drawn = affinity.rotate(shapely.box(x, y, x + width, y + height), angle)
    assert check_geometry(drawn, Kind.ROTATED_BOX) is drawn


@given(st.permutations(range(4)))
def test_four_corners_in_the_wrong_order_are_no_rotated_box(order):
    ring = shapely.get_coordinates(DIAMOND)[list(order)]
    goes_round = abs(order[0] - order[2]) == 2
    errors = check_geometries([shapely.Polygon(ring)], [Kind.ROTATED_BOX])[1]
    assert bool(errors) != goes_round
