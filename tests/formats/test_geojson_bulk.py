"""Many geometries at once are the same as one by one, and what is odd is left to be looked at by itself."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.formats.geojson_bulk import BULK_BUILDERS
from napari_geolabel.formats.geojson_geometry import BadGeometryError, build_geometries, build_geometry

NUMBERS = st.one_of(st.floats(-1e6, 1e6), st.integers(-1000, 1000))
POSITIONS = st.lists(NUMBERS, min_size=2, max_size=2)
ODD = st.one_of(POSITIONS, st.none(), st.just([1]), st.just(["1", 2]), st.just([True, 2]), st.just([1, 2, 3]))
SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]


def depth(levels: int, positions: st.SearchStrategy, least: int = 0) -> st.SearchStrategy:
    """Return positions nested some levels deep, as a type of geometry has them."""
    for _ in range(levels):
        positions, least = st.lists(positions, min_size=least, max_size=6), 0
    return positions


def one_by_one(members: list) -> tuple[list, list[int]]:
    """Return what the careful builder makes of each member, and which it refuses."""
    built, refused = [], []
    for index, member in enumerate(members):
        try:
            built.append(build_geometry(member))
        except BadGeometryError:
            built.append(None)
            refused.append(index)
    return built, refused


@given(
    kinds=st.lists(st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon"]), min_size=1, max_size=5),
    odd=st.booleans(),
    data=st.data(),
)
def test_a_batch_gives_what_one_by_one_gives_whatever_is_in_it(kinds, odd, data):
    levels = {"Point": 0, "LineString": 1, "Polygon": 2, "MultiPolygon": 3}
    members = [
        {"type": kind, "coordinates": data.draw(depth(levels[kind], ODD if odd else POSITIONS, 4))} for kind in kinds
    ]
    built, faults = build_geometries(members)
    expected, refused = one_by_one(members)
    assert sorted(faults) == refused
    for one, other in zip(built, expected, strict=True):
        assert (one is None) == (other is None)
        assert one is None or (one.geom_type == other.geom_type and one.wkb == other.wkb)


def test_rings_that_are_not_closed_are_closed():
    (found,) = BULK_BUILDERS["Polygon"]([[SQUARE[:-1]]])
    assert found.wkb == shapely.Polygon(SQUARE).wkb


def test_holes_and_parts_find_their_polygons():
    hole = [[1, 1], [1, 2], [2, 2], [2, 1], [1, 1]]
    far = [[9, 9], [9, 8], [8, 8], [9, 9]]
    found = BULK_BUILDERS["MultiPolygon"]([[[SQUARE, hole], [far]], [[far]]])
    assert [shapely.get_num_geometries(each) for each in found] == [2, 1]
    assert found[0].geoms[0].area == 15


def test_heights_are_dropped_where_all_positions_have_one():
    (found,) = BULK_BUILDERS["Polygon"]([[[[*point, 7.5] for point in SQUARE]]])
    assert not found.has_z
    assert found.area == 16


@pytest.mark.parametrize(
    "coordinates",
    [
        [[SQUARE], "abc"],
        [[SQUARE], None],
        [[SQUARE], []],
        [[SQUARE], [[]]],
        [[SQUARE], [[[0, 0], [1, 1], [0, 0]]]],
        [[SQUARE], [[[0, 0], [4, "0"], [4, 4], [0, 0]]]],
        [[SQUARE], [[[0, 0], [4, 0, 1], [4, 4], [0, 0]]]],
        [[SQUARE], [[[0, 0], [4, 10**400], [4, 4], [0, 0]]]],
        [[SQUARE], [[[0, 0], [4, True], [4, 4], [0, 0]]]],
    ],
)
def test_a_batch_with_anything_odd_in_it_is_refused_as_a_whole(coordinates):
    assert BULK_BUILDERS["Polygon"](coordinates) is None


def test_one_bad_geometry_does_not_spoil_the_others():
    members = [json.loads(json.dumps({"type": "Polygon", "coordinates": [SQUARE]})) for _ in range(4)]
    members[2]["coordinates"] = [[[0, 0], [1, 1]]]
    members.append(None)
    built, faults = build_geometries(members)
    assert faults == {2: "a ring has 2 points where 3 are needed", 4: "it has no geometry"} or set(faults) == {2, 4}
    assert [each is None for each in built] == [False, False, True, False, True]
    assert isinstance(built, np.ndarray)
