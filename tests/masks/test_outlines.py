"""Geometries as flat arrays."""

from __future__ import annotations

import numpy as np
import shapely

from napari_geolabel.masks.outlines import LINE, POINT, POLYGON, RING, Outlines, reach

RING_A, RING_B = [(0, 0), (9, 0), (9, 9), (0, 0)], [(5, 1), (8, 1), (8, 4), (5, 1)]


def lengths(offsets: np.ndarray) -> list[int]:
    return np.diff(offsets).tolist()


def test_each_part_has_its_rings_and_each_ring_its_points_in_their_order():
    drawn = [
        shapely.Point(3, 4),
        shapely.Polygon(RING_A, [RING_B]),
        shapely.MultiPolygon([shapely.Polygon(RING_B), shapely.box(20, 2, 21, 7)]),
        shapely.LineString([(1, 2), (3, 4)]),
        shapely.LinearRing(RING_A),
        shapely.MultiPoint([(1, 1), (2, 2)]),
    ]
    outlines = Outlines.of(np.array(drawn, object))
    assert outlines.owners.tolist() == [0, 1, 2, 2, 3, 4, 5, 5]
    assert outlines.kinds.tolist() == [POINT, POLYGON, POLYGON, POLYGON, LINE, RING, POINT, POINT]
    assert lengths(outlines.parts) == [1, 2, 1, 1, 1, 1, 1, 1]
    assert lengths(outlines.rings) == [1, 4, 4, 4, 5, 2, 4, 1, 1]
    assert np.array_equal(outlines.points, shapely.get_coordinates(drawn))
    assert outlines.heights.tolist() == [[4, 4], [0, 9], [1, 4], [2, 7], [2, 4], [0, 9], [1, 1], [2, 2]]


def test_a_polygon_without_holes_is_its_ring():
    outlines = Outlines.of(np.array([shapely.Polygon(RING_A), shapely.Polygon(RING_B)]))
    assert outlines.points.tolist() == [list(map(float, corner)) for corner in RING_A + RING_B]
    assert lengths(outlines.parts) == [1, 1]


def test_empty_parts_have_no_points_and_reach_nothing():
    multi = shapely.from_wkt("MULTIPOLYGON (EMPTY, ((0 0, 9 0, 9 9, 0 0)))")
    outlines = Outlines.of(np.array([multi]))
    assert lengths(outlines.rings)[-1] == 4
    assert len(outlines.points) == 4
    assert outlines.heights[-1].tolist() == [0, 9]


def test_what_a_hole_outside_its_shell_reaches_counts():
    astray = shapely.Polygon(RING_B, [RING_A])
    drawn = [shapely.box(1, 2, 3, 4), astray, shapely.MultiPolygon(), shapely.MultiPolygon([astray]), shapely.Polygon()]
    x0, y0, x1, y1 = reach(np.array(drawn, object)).T
    assert np.array_equal(np.stack([x0, x1]), [[1, 0, np.nan, 0, np.nan], [3, 9, np.nan, 9, np.nan]], equal_nan=True)
    assert np.array_equal(np.stack([y0, y1]), [[2, 0, np.nan, 0, np.nan], [4, 9, np.nan, 9, np.nan]], equal_nan=True)
