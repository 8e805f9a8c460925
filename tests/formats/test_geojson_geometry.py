"""GeoJSON's geometry objects: read point for point, or refused for a reason."""

from __future__ import annotations

import json

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import mapping

from napari_geolabel.formats.geojson_geometry import BadGeometryError, build_geometry

NUMBERS = st.floats(-180, 180, allow_nan=False).map(lambda x: x + 0.0)
POINTS = st.tuples(NUMBERS, NUMBERS)
LINES = st.lists(POINTS, min_size=2, max_size=6)
RINGS = st.lists(POINTS, min_size=3, max_size=6, unique=True)
POLYGONS = st.builds(shapely.Polygon, RINGS, st.lists(RINGS, max_size=2))
SIMPLE = st.one_of(
    POINTS.map(shapely.Point),
    st.lists(POINTS, min_size=1, max_size=4).map(shapely.MultiPoint),
    LINES.map(shapely.LineString),
    st.lists(LINES, min_size=1, max_size=3).map(shapely.MultiLineString),
    POLYGONS,
    st.lists(POLYGONS, min_size=1, max_size=3).map(shapely.MultiPolygon),
)
GEOMETRIES = SIMPLE | st.lists(SIMPLE, max_size=3).map(shapely.GeometryCollection)


@given(GEOMETRIES)
def test_every_geometry_comes_back_bit_for_bit_and_runs_as_it_ran(geometry):
    assert build_geometry(json.loads(json.dumps(mapping(geometry)))).wkb == geometry.wkb


@given(LINES, st.data())
def test_heights_are_dropped_also_where_only_some_points_have_one(line, data):
    heights = data.draw(st.lists(st.lists(NUMBERS, max_size=2), min_size=len(line), max_size=len(line)))
    positions = [[*point, *more] for point, more in zip(line, heights, strict=True)]
    found = build_geometry({"type": "LineString", "coordinates": positions})
    assert shapely.get_coordinates(found).tolist() == [list(point) for point in line]
    assert not found.has_z


def test_a_ring_that_is_left_open_is_closed():
    found = build_geometry({"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [0, 4]]]})
    assert found.equals(shapely.Polygon([(0, 0), (4, 0), (0, 4)]))


@pytest.mark.parametrize("kind", ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"])
def test_no_coordinates_are_an_empty_geometry(kind):
    found = build_geometry({"type": kind, "coordinates": []})
    assert (found.geom_type, found.is_empty) == (kind, True)


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (None, "'None' is no type of geometry"),
        ([1, 2], "is no type of geometry"),
        ({"type": ["Point"], "coordinates": [1, 2]}, "is no type of geometry"),
        ({"type": "point", "coordinates": [1, 2]}, "'point' is no type of geometry"),
        ({"type": "Point"}, "coordinates are not a list"),
        ({"type": "Point", "coordinates": [1]}, "not pairs of numbers"),
        ({"type": "Point", "coordinates": ["1", "2"]}, "not pairs of numbers"),
        ({"type": "Point", "coordinates": [True, False]}, "not pairs of numbers"),
        ({"type": "Point", "coordinates": [10**30, 0]}, "not pairs of numbers"),
        ({"type": "Point", "coordinates": [[1, 2]]}, "not pairs of numbers"),
        ({"type": "LineString", "coordinates": [[1, 2]]}, "it has 1 points where 2 are needed"),
        ({"type": "LineString", "coordinates": [[1, 2], None]}, "not pairs of numbers"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "it has 2 points where 3 are needed"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}, "a ring has 2 points where 3 are needed"),
        ({"type": "MultiPolygon", "coordinates": [5]}, "not nested as its type asks"),
        ({"type": "GeometryCollection"}, "no list of geometries"),
        ({"type": "GeometryCollection", "geometries": [{"type": "Circle"}]}, "'Circle' is no type of geometry"),
    ],
)
def test_what_is_no_geometry_is_refused_for_a_reason(member, reason):
    with pytest.raises(BadGeometryError, match=reason):
        build_geometry(member)


def test_a_long_word_is_not_repeated_in_full():
    with pytest.raises(BadGeometryError) as caught:
        build_geometry({"type": "x" * 10_000})
    assert len(str(caught.value)) < 80
