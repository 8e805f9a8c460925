"""What all drawing tools share, on a sketch of three points: clicks, double clicks, steps back."""

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
from napari_geolabel.viewer.tool_sketch import Sketch

PIXELS = GeoGrid(shape=(64, 64), transform=Affine.identity(), crs=None)
CLICKS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=8)


class Triangle(Sketch):
    """A polygon that the third click completes; points in a row make none."""

    kind = Kind.POLYGON

    def lines(self, cursor):
        return [np.array([*self.points, cursor])]

    def _completed(self, point):
        if len(self.points) < 2:
            return None
        made = shapely.Polygon([*self.points, point])
        if not made.area:
            raise GeometryError("the triangle is flat; click elsewhere")
        return made

    def _too_few(self):
        return GeometryError("the triangle needs three points; click to set more")


class Endless(Triangle):
    """A sketch that no click completes."""

    def _completed(self, point):
        return None


def test_a_new_sketch_has_no_points_but_their_shape():
    sketch = Triangle(PIXELS)
    assert (sketch.points.shape, sketch.points.dtype) == ((0, 2), np.float64)
    assert not sketch.can_finish
    assert not sketch.takes_drags


def test_the_click_that_completes_a_sketch_gives_its_geometry():
    sketch = Triangle(PIXELS)
    assert [sketch.click(np.array(point)) for point in [(0, 0), (4, 0)]] == [None, None]
    assert sketch.click(np.array([0, 4])).area == 8


@given(CLICKS)
def test_a_point_is_set_once_where_a_double_click_begins_with_a_click(clicks):
    sketch = Endless(PIXELS)
    for click in clicks:
        sketch.click(np.array(click, float))
    expected = [click for i, click in enumerate(clicks) if i == 0 or click != clicks[i - 1]]
    assert sketch.points.tolist() == [list(click) for click in expected]


@given(CLICKS)
def test_every_point_can_be_taken_back_the_last_one_first(clicks):
    sketch = Endless(PIXELS)
    for click in clicks:
        sketch.click(np.array(click, float))
    before = sketch.points
    for left in range(len(before) - 1, -1, -1):
        assert sketch.back()
        np.testing.assert_array_equal(sketch.points, before[:left])
    assert not sketch.back()


def test_a_click_that_makes_no_geometry_leaves_the_sketch_as_it_was():
    sketch = Triangle(PIXELS)
    for point in [(0, 0), (4, 0)]:
        sketch.click(np.array(point))
    with pytest.raises(GeometryError, match="flat"):
        sketch.click(np.array([8, 0]))
    assert sketch.points.tolist() == [[0, 0], [4, 0]]
    assert sketch.click(np.array([0, 4])) is not None


def test_the_points_handed_out_are_a_copy():
    sketch = Triangle(PIXELS)
    sketch.click(np.array([1, 2]))
    sketch.points[:] = 99
    assert sketch.points.tolist() == [[1, 2]]


def test_a_sketch_that_cannot_be_finished_says_what_to_do():
    with pytest.raises(GeometryError, match="click to set more"):
        Triangle(PIXELS).finish()
