"""Lines, polygons and keypoints from clicks."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.tool_line import KeypointSketch, PolygonSketch, PolylineSketch

PIXELS = GeoGrid(shape=(64, 64), transform=Affine.identity(), crs=None)
CLICKS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=6)


def clicked(sketch, points):
    for point in points:
        assert sketch.click(np.array(point, float)) is None
    return sketch


@pytest.mark.parametrize(("tool", "least"), [(PolylineSketch, 2), (PolygonSketch, 3)])
@given(points=CLICKS)
def test_a_sketch_can_be_finished_exactly_when_it_has_enough_different_points(tool, least, points):
    sketch = clicked(tool(PIXELS), points)
    assert sketch.can_finish == (len(set(points)) >= least)
    if not sketch.can_finish:
        with pytest.raises(GeometryError, match="click to set more"):
            sketch.finish()
        return
    made = sketch.finish()
    assert made.geom_type in tool.kind.geometry_types
    assert shapely.get_coordinates(made)[: len(sketch.points)].tolist() == sketch.points.tolist()


def test_a_line_shows_where_the_next_click_would_lead():
    (line,) = clicked(PolylineSketch(PIXELS), [(0, 0), (5, 0)]).lines(np.array([5, 5]))
    assert line.tolist() == [[0, 0], [5, 0], [5, 5]]


def test_a_polygon_shows_its_outline_closed_and_nothing_before_the_first_click():
    assert PolygonSketch(PIXELS).lines(np.array([5, 5])) == []
    (line,) = clicked(PolygonSketch(PIXELS), [(0, 0), (5, 0)]).lines(np.array([5, 5]))
    assert line.tolist() == [[0, 0], [5, 0], [5, 5], [0, 0]]


def test_the_sentence_counts_the_points_there_are():
    with pytest.raises(GeometryError, match="the line needs two points and has 1"):
        clicked(PolylineSketch(PIXELS), [(1, 1)]).finish()
    with pytest.raises(GeometryError, match="the polygon needs three points and has 2"):
        clicked(PolygonSketch(PIXELS), [(1, 1), (2, 2)]).finish()


def test_a_keypoint_is_one_click_and_shows_nothing_before():
    sketch = KeypointSketch(PIXELS)
    assert sketch.lines(np.array([1, 1])) == []
    assert sketch.click(np.array([1 / 3, 2 / 3])) == shapely.Point(1 / 3, 2 / 3)
    with pytest.raises(GeometryError, match="click it"):
        KeypointSketch(PIXELS).finish()


def test_each_tool_is_named_by_the_kind_that_it_makes():
    tools = (PolylineSketch, PolygonSketch, KeypointSketch)
    assert [tool.kind for tool in tools] == [Kind.POLYLINE, Kind.POLYGON, Kind.KEYPOINT]
