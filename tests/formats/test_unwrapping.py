"""Geometries of tables that know one type."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.formats.unwrapping import unwrapped

BOX, FAR = shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)
LINE = shapely.LineString([(0, 0), (1, 1)])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (shapely.MultiPolygon([BOX]), BOX),
        (shapely.MultiPolygon([BOX, FAR]), shapely.MultiPolygon([BOX, FAR])),
        (shapely.MultiLineString([LINE]), LINE),
        (shapely.MultiPoint([(1, 2)]), shapely.Point(1, 2)),
        (BOX, BOX),
        (shapely.Point(1, 2, 3), shapely.Point(1, 2)),
        (shapely.GeometryCollection([BOX]), shapely.GeometryCollection([BOX])),
    ],
)
def test_one_part_stands_alone_and_heights_are_dropped(given, expected):
    array = np.array([given, BOX], object)
    found = unwrapped(array)
    assert shapely.equals_exact(found[0], expected)
    assert found[0].geom_type == expected.geom_type
    assert not found[0].has_z
    assert shapely.equals_exact(array[0], given)  # what was given stays as it was


def test_measures_are_dropped_and_flat_geometries_not_copied():
    measured = shapely.from_wkt("LINESTRING M (0 0 5, 1 1 6)")
    assert shapely.equals_identical(unwrapped(np.array([measured], object))[0], LINE)
    flat = np.array([BOX, shapely.MultiPolygon([BOX, FAR])], object)
    assert all(one is other for one, other in zip(unwrapped(flat), flat, strict=True))


def test_nothing_is_nothing():
    assert len(unwrapped(np.empty(0, object))) == 0
