"""The lasso and the ellipse, without a window."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine

from napari_geolabel.errors import GeometryError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.sketches import DRAWING_TOOLS, SKETCHES, kind_drawn_by
from napari_geolabel.viewer.tool_round import EllipseSketch, LassoSketch

PIXELS = GeoGrid(shape=(400, 400), transform=Affine.identity(), crs=None)


def test_a_stroke_becomes_a_polygon_with_no_more_points_than_a_screen_shows():
    lasso = LassoSketch(PIXELS)
    angles = np.linspace(0, 2 * np.pi, 400)
    circle = 200 + 100 * np.column_stack([np.cos(angles), np.sin(angles)])
    assert lasso.click(circle[0]) is None
    for point in circle[1:]:
        lasso.drag(point, 1.0)
    drawn = lasso.release(circle[-1])
    assert drawn.is_valid
    assert drawn.area == pytest.approx(np.pi * 100**2, rel=0.02)
    assert 12 < shapely.get_num_coordinates(drawn) < 120
    assert shapely.hausdorff_distance(drawn.exterior, shapely.LinearRing(circle)) < 2


def test_the_hand_sets_a_point_only_after_two_pixels_of_the_screen():
    lasso = LassoSketch(PIXELS)
    lasso.click(np.array([10.0, 10.0]))
    for x in (10.5, 11.0, 11.9, 12.0, 13.0):
        lasso.drag(np.array([x, 10.0]), 1.0)
    assert lasso.points.tolist() == [[10, 10], [12, 10]]
    for x in (12.3, 12.6):
        lasso.drag(np.array([x, 10.0]), 0.1)
    assert len(lasso.points) == 4


def test_a_stroke_that_is_too_short_goes_on_with_the_next_one():
    lasso = LassoSketch(PIXELS)
    lasso.click(np.array([10.0, 10.0]))
    assert lasso.release(np.array([20.0, 10.0])) is None
    with pytest.raises(GeometryError, match="needs three points and has 2"):
        lasso.finish()
    lasso.drag(np.array([20.0, 30.0]), 1.0)
    assert lasso.release(np.array([10.0, 30.0])).area == 200


def test_an_ellipse_touches_the_sides_of_its_box_whichever_corner_comes_first():
    for first, second in (((10, 20), (110, 60)), ((110, 20), (10, 60))):
        sketch = EllipseSketch(PIXELS)
        assert sketch.click(np.array(first, float)) is None
        drawn = sketch.click(np.array(second, float))
        assert drawn.bounds == pytest.approx((10, 20, 110, 60))
        assert drawn.area == pytest.approx(np.pi * 50 * 20, rel=0.002)
        assert sketch.kind is Kind.POLYGON


def test_an_ellipse_shows_itself_and_its_box_and_needs_both_corners():
    sketch = EllipseSketch(PIXELS)
    assert sketch.lines(np.array([5.0, 5.0])) == []
    sketch.click(np.array([10.0, 20.0]))
    round_, box = sketch.lines(np.array([30.0, 40.0]))
    assert len(round_) > len(box) == 5
    assert len(sketch.lines(np.array([10.0, 40.0]))) == 1
    with pytest.raises(GeometryError, match="other corner"):
        sketch.finish()
    with pytest.raises(GeometryError, match="no area"):
        sketch.click(np.array([10.0, 40.0]))


def test_every_tool_that_draws_makes_a_kind_and_only_whole_drawings_are_kept_half_done():
    assert {name: kind_drawn_by(name) for name in SKETCHES if name not in DRAWING_TOOLS} == dict.fromkeys(
        ("hole", "split", "cut", "part", "reshape", "area", "erase_area", "wand", "instance")
    )
    assert kind_drawn_by("lasso") is kind_drawn_by("ellipse") is Kind.POLYGON
    assert [name for name, sketch in DRAWING_TOOLS.items() if not sketch.keeps_draft] == ["ellipse", "skeleton"]
