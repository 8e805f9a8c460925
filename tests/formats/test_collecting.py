"""What readers gather before it is columns."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.collecting import Collected, box_of, finite, points_of
from napari_geolabel.formats.geojson_geometry import BadGeometryError
from napari_geolabel.formats.images import shape_of
from napari_geolabel.formats.label_set import Image
from napari_geolabel.geo import GeoGrid

ONE, TWO = shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)


def collected(*features) -> Collected:
    found = Collected(name="a.json")
    for number, feature in enumerate(features, start=1):
        found.add(f"shape {number}", lambda feature=feature: feature)
    return found


def piece(geometry: shapely.Geometry, pieces: object = 2, key: object = "x") -> tuple:
    return geometry, {"class_id": "ship", "id": key, "kind": "polygon", "pieces": pieces}


def test_pieces_of_one_annotation_are_put_together_again():
    columns = collected(piece(ONE), (TWO, {"class": "tug"}), piece(TWO)).columns()
    assert [geometry.geom_type for geometry in columns.geometries] == ["MultiPolygon", "Polygon"]
    assert shapely.equals(columns.geometries[0], shapely.MultiPolygon([ONE, TWO]))
    assert columns.class_ids == ["ship", "tug"]
    assert columns.where == ["shape 1", "shape 2"]


@pytest.mark.parametrize(
    "features",
    [
        [piece(ONE)],  # the other one was deleted
        [piece(ONE), piece(TWO), piece(TWO)],  # one was copied
        [piece(ONE), piece(shapely.Point(1, 1))],
        [piece(ONE, "2"), piece(TWO, "2")],
        [piece(ONE, 1), piece(TWO, 1)],
        [piece(ONE, 2, None), piece(TWO, 2, None)],
    ],
)
def test_pieces_that_do_not_fit_stay_apart(features):
    assert len(collected(*features).columns()) == len(features)


def test_lines_are_put_together_as_well():
    lines = [shapely.LineString([(0, 0), (1, 1)]), shapely.LineString([(2, 0), (1, 1)])]
    (found,) = collected(*map(piece, lines)).columns().geometries
    assert found.geom_type == "MultiLineString"


def test_reasons_are_kept_with_their_places():
    found = collected((shapely.Polygon(), {}), (shapely.Point(np.inf, 0), {}), (ONE, {"class": 7}))
    assert [place for place, _ in found.skipped] == ["shape 1", "shape 2"]
    columns = found.columns()
    assert (columns.class_ids, columns.where, columns.pixels) == (["7"], ["shape 3"], None)


def test_a_grid_of_the_file_goes_into_the_columns():
    grid = GeoGrid(shape=(3, 4), transform=Affine.identity())
    found = collected((ONE, {}))
    found.grid = grid
    assert found.columns().pixels.grid is grid


@given(st.lists(st.floats(-1e9, 1e9) | st.integers(-1000, 1000), max_size=5))
def test_finite_numbers_pass_as_floats(values):
    assert finite(values, "box") == [float(value) for value in values]
    assert finite(values, "box", len(values)) == [float(value) for value in values]


RUBBISH = [[None], ["1"], [True], [float("nan")], [float("inf")], [10**400], [[1]], [{}], None, 7, [1e13]]


@pytest.mark.parametrize("values", RUBBISH)
def test_what_is_no_list_of_finite_numbers_is_refused(values):
    with pytest.raises(BadGeometryError, match="its box"):
        finite(values, "box")


def test_another_count_is_refused():
    with pytest.raises(BadGeometryError, match="has 2 numbers and not 4"):
        finite([1, 2], "box", 4)


@pytest.mark.parametrize("pairs", [None, 7, "abc", [[1, 2]], [[1, 2], [3]], [[1, 2], [3, 4, 5]], [[1, 2], None]])
def test_what_is_no_two_points_is_refused(pairs):
    with pytest.raises(BadGeometryError):
        points_of(pairs, 2)


@given(x=st.floats(-500, 500), y=st.floats(-500, 500), width=st.floats(-500, 500), height=st.floats(-500, 500))
@settings(max_examples=40)
def test_a_box_may_be_drawn_from_any_corner(x, y, width, height):
    if not width or not height:
        with pytest.raises(BadGeometryError, match="no area"):
            box_of(x, y, width, height)
        return
    found = box_of(x, y, width, height)
    assert found.bounds == (min(x, x + width), min(y, y + height), max(x, x + width), max(y, y + height))


@pytest.mark.parametrize("sides", [(3, 4), ("3", " 4 "), ("3", 4)])
def test_sizes_may_be_numbers_or_text(sides):
    assert shape_of(*sides, None, "a.xml") == (3, 4)
    assert shape_of(*sides, Image(name="a.tif", shape=(3, 4)), "a.xml") == (3, 4)
    with pytest.raises(FormatError, match="take the scene that they were drawn on"):
        shape_of(*sides, Image(name="a.tif", shape=(3, 5)), "a.xml")


@pytest.mark.parametrize("side", [0, -1, 2**31, "", "x", "-3", "9" * 30, "٣", None, True, 3.0, [], {}])
def test_what_is_no_size_is_refused(side):
    with pytest.raises(FormatError, match="correct its size"):
        shape_of(side, 4, None, "a.xml")
    with pytest.raises(FormatError, match="correct its size"):
        shape_of(4, side, None, "a.xml")
