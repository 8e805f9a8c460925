"""Rotated boxes by centre, size and angle."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats.turning import TurnedBox, refit_losses, turn, turned_box_of
from napari_geolabel.geo import GeoGrid, box_from_axis

SHAPE = (512, 512)
PIXELS = GeoGrid(shape=SHAPE, transform=Affine.identity())
SOUTH_UP = GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, 10, 5400000), crs=CRS.from_epsg(32633))
TALL_PIXELS = GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, -20, 5400000), crs=CRS.from_epsg(32633))


def drawn_on(grid: GeoGrid, turn_rad: float, length: float = 40, width: float = 10) -> Annotation:
    axis = np.array([np.cos(turn_rad), np.sin(turn_rad)])
    stern, bow = np.array([200.0, 200.0]), np.array([200.0, 200.0]) + length * axis
    side = stern + width / 2 * np.array([-axis[1], axis[0]])
    return Annotation(class_id="a", kind="rotated_box", geometry=shapely.Polygon(box_from_axis(bow, stern, side, grid)))


def test_a_turn_is_clockwise_on_the_screen():
    assert turn(np.array([[1.0, 0.0]]), 90).tolist() == [[0.0, 1.0]]  # right to down
    assert turn(np.array([[0.0, 1.0]]), 90).tolist() == [[-1.0, 0.0]]  # down to left


@pytest.mark.parametrize("angle", [0, 90, 180, 270, 360, -90, 720])
def test_quarter_turns_are_exact(angle):
    corners = TurnedBox(centre=(10, 20), width=4, height=2, angle_deg=angle).corners
    assert np.array_equal(corners, np.round(corners))


@given(angle=st.floats(-1000, 1000), x=st.floats(-50, 50), y=st.floats(-50, 50))
@settings(max_examples=50)
def test_turning_back_undoes_a_turn(angle, x, y):
    point = np.array([[x, y]])
    np.testing.assert_allclose(turn(turn(point, angle), -angle), point, atol=1e-9)


@given(angle=st.floats(0, 359.999), width=st.floats(0.5, 90), height=st.floats(0.5, 90))
@settings(max_examples=50)
def test_a_box_comes_back_from_its_corners(angle, width, height):
    box = TurnedBox(centre=(100, 120), width=width, height=height, angle_deg=angle)
    back = turned_box_of(Annotation(class_id="a", kind="rotated_box", geometry=box.polygon))
    np.testing.assert_allclose(back.corners, box.corners, atol=1e-9)
    assert (back.width, back.height) == (pytest.approx(width), pytest.approx(height))
    assert 0 <= back.angle_deg < 360


@given(turn_rad=st.floats(0, 6.28))
@settings(max_examples=30)
def test_the_bow_is_the_edge_that_is_on_top_before_the_turn(turn_rad):
    annotation = drawn_on(PIXELS, turn_rad)
    corners = shapely.get_coordinates(annotation.geometry)[:4]
    np.testing.assert_allclose(turned_box_of(annotation).corners, corners, atol=1e-9)


@given(turn_rad=st.floats(0, 6.28))
@settings(max_examples=30)
def test_where_north_is_below_bow_left_and_bow_right_change_places(turn_rad):
    annotation = drawn_on(SOUTH_UP, turn_rad)
    corners = shapely.get_coordinates(annotation.geometry)[:4]
    np.testing.assert_allclose(turned_box_of(annotation).corners, corners[[1, 0, 3, 2]], atol=1e-9)


def test_a_box_along_the_axes_has_no_angle():
    box = turned_box_of(Annotation(class_id="a", kind="box", geometry=shapely.box(10, 20, 40, 60)))
    assert (box.centre, box.width, box.height, box.angle_deg) == ((25, 40), 30, 40, 0)
    assert box.top_left == (10, 20)


def test_a_polygon_gets_the_smallest_rectangle_about_it():
    outline = shapely.Polygon([(0, 0), (40, 0), (40, 10), (20, 5), (0, 10)])
    box = turned_box_of(Annotation(class_id="a", kind="polygon", geometry=outline))
    assert box.polygon.area == pytest.approx(400)
    assert box.polygon.buffer(1e-9).covers(outline)


def test_a_box_on_pixels_that_are_not_square_is_fitted_and_told_of():
    annotation = drawn_on(TALL_PIXELS, 0.7)
    box = turned_box_of(annotation)
    assert box.polygon.buffer(1e-6).covers(annotation.geometry)
    (sentence,) = refit_losses([annotation, drawn_on(PIXELS, 0.7)])
    assert sentence.startswith("1 rotated box written as the smallest rectangles")
    assert list(refit_losses([drawn_on(PIXELS, 0.7)])) == []
