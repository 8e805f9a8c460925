"""What is called sound at a glance is what the full checks let through, untouched."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from shapely import affinity

from napari_geolabel.annotations import check_geometry
from napari_geolabel.annotations.plain_shapes import MOST_POINTS, is_plainly_sound
from napari_geolabel.annotations.shapes import check_geometries
from napari_geolabel.ontology import Kind

BOX = shapely.box(10, 20, 30, 25)
TURNED = affinity.rotate(BOX, 30)
LINE = shapely.LineString([(0, 0), (10, 5)])

NUMBERS = st.sampled_from([0.0, 1.0, 2.0, 5.0, 5.0 + 1e-9, 1e-9, 1e6, 1e300, np.inf])
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=5)
DRAWN = [kind for kind in Kind if kind is not Kind.MASK]


def in_company(geometry: shapely.Geometry, kind: Kind) -> tuple[shapely.Geometry, bool]:
    """Return what the checks for many make of a geometry, and whether they refuse it."""
    checked, errors = check_geometries([geometry, geometry], [kind, kind])
    return checked[0], bool(errors)


@pytest.mark.filterwarnings("ignore:invalid value encountered")
@given(POINTS, st.sampled_from(DRAWN))
@example([(0.0, 0.0), (0.0, 2.0), (5.0, 2.0), (5.0, 0.0)], Kind.BOX)
@example([(0.0, 0.0), (0.0, 2.0), (5.0, 2.0), (5.0 + 1e-9, 0.0)], Kind.BOX)
def test_what_is_sound_at_a_glance_is_sound_by_every_check_and_stays_as_it_is(
    points: list[tuple[float, float]], kind: Kind
) -> None:
    for geometry in (shapely.Polygon(points), shapely.LineString(points), shapely.Point(points[0])):
        if is_plainly_sound(geometry, kind):
            checked, refused = in_company(geometry, kind)
            assert checked is geometry
            assert not refused


@pytest.mark.parametrize(
    ("kind", "geometry"),
    [
        (Kind.BOX, BOX),
        (Kind.BOX, shapely.Polygon(list(BOX.exterior.coords)[::-1])),
        (Kind.ROTATED_BOX, BOX),
        (Kind.ROTATED_BOX, TURNED),
        (Kind.ROTATED_BOX, shapely.Polygon(list(TURNED.exterior.coords)[::-1])),
        (Kind.POLYGON, TURNED),
        (Kind.POLYGON, BOX.difference(shapely.box(12, 21, 14, 23))),
        (Kind.POLYLINE, LINE),
        (Kind.KEYPOINT, shapely.Point(3, 4)),
    ],
)
def test_what_is_drawn_every_day_is_seen_at_a_glance(kind: Kind, geometry: shapely.Geometry) -> None:
    assert is_plainly_sound(geometry, kind)
    assert check_geometry(geometry, kind) is geometry


@pytest.mark.parametrize(
    ("kind", "geometry"),
    [
        (Kind.BOX, TURNED),
        (Kind.BOX, affinity.rotate(BOX, 1e-10)),
        (Kind.BOX, shapely.Polygon([(0, 0), (0, 4), (9, 4), (9, 0)], [[(1, 1), (1, 2), (2, 2)]])),
        (Kind.BOX, LINE),
        (Kind.ROTATED_BOX, shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])),
        (Kind.POLYGON, shapely.MultiPolygon([BOX])),
        (Kind.POLYGON, shapely.Polygon([(0, 0, 1), (0, 4, 1), (9, 4, 1)])),
        (Kind.POLYGON, shapely.Point(0, 0).buffer(9, quad_segs=MOST_POINTS)),
        (Kind.POLYGON, shapely.Polygon()),
        (Kind.POLYLINE, shapely.LineString([(1, 1), (1, 1)])),
        (Kind.POLYLINE, shapely.LineString([(1, 1), (1, np.nan)])),
        (Kind.KEYPOINT, shapely.Point()),
        (Kind.KEYPOINT, shapely.Point(np.inf, 1)),
        (Kind.KEYPOINT, "POINT (1 1)"),
        (Kind.MASK, BOX),
    ],
)
def test_what_may_need_mending_or_refusing_is_left_to_the_full_checks(kind: Kind, geometry: object) -> None:
    assert not is_plainly_sound(geometry, kind)
