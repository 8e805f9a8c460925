"""The rings of many polygons at once equal those that shapely gives one by one."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.formats.rings import rings_of

WHOLE = st.integers(-50, 50)
TRIANGLES = st.tuples(WHOLE, WHOLE).map(lambda p: shapely.Polygon([p, (p[0] + 9, p[1]), (p[0] + 3, p[1] + 7)]))
PIERCED = st.tuples(WHOLE, WHOLE, st.integers(0, 3)).map(
    lambda t: shapely.Polygon(
        shapely.box(t[0], t[1], t[0] + 20, t[1] + 9).exterior,
        [shapely.box(t[0] + 1 + 5 * i, t[1] + 1, t[0] + 4 + 5 * i, t[1] + 4).exterior for i in range(t[2])],
    )
)
POLYGONS = TRIANGLES | PIERCED
OTHERS = st.sampled_from(
    [shapely.Point(1, 2), shapely.LineString([(0, 0), (5, 5)]), shapely.MultiPoint([(1, 1), (2, 2)]), shapely.Polygon()]
)
GEOMETRIES = st.one_of(POLYGONS, st.lists(POLYGONS, min_size=1, max_size=3).map(shapely.MultiPolygon), OTHERS)


def array(geometries: list[shapely.Geometry]) -> np.ndarray:
    made = np.empty(len(geometries), object)
    made[:] = geometries
    return made


@given(st.lists(GEOMETRIES, max_size=6))
def test_every_polygon_is_its_rings_shell_first_and_nothing_else_has_any(geometries):
    found = rings_of(array(geometries))
    assert len(found) == len(geometries)
    for geometry, parts in zip(geometries, found, strict=True):
        if geometry.is_empty or geometry.geom_type not in {"Polygon", "MultiPolygon"}:
            assert [rings for rings in parts if rings] == []
            continue
        rebuilt = [shapely.Polygon(shell, holes) for shell, *holes in parts]
        expected = list(shapely.get_parts(geometry))
        assert [each.wkb for each in rebuilt] == [each.wkb for each in expected]


@given(st.lists(POLYGONS, min_size=1, max_size=4))
def test_rings_are_closed_and_run_as_they_were_drawn(polygons):
    for polygon, (rings,) in zip(polygons, rings_of(array(polygons)), strict=True):
        for ring, drawn in zip(rings, [polygon.exterior, *polygon.interiors], strict=True):
            assert (ring[0] == ring[-1]).all()
            assert shapely.is_ccw(shapely.linearrings(ring)) == shapely.is_ccw(drawn)


def test_the_callers_geometries_stay_as_they_are():
    mixed = array([shapely.Point(1, 2), shapely.box(0, 0, 1, 1)])
    rings_of(mixed)
    assert mixed[0] == shapely.Point(1, 2)


def test_no_geometries_have_no_rings():
    assert rings_of(array([])) == []
