"""Annotations as a raster: colours, outlines, dots, and no seams."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.overlay_paint import EDGE_ALPHA, FACE_ALPHA, SUGGESTED_ALPHA, color_table, paint


def polygon(x, y, size, class_id="ship", status=Status.DRAFT) -> Annotation:
    return Annotation(
        class_id=class_id, kind=Kind.POLYGON, geometry=shapely.box(x, y, x + size, y + size), status=status
    )


@pytest.fixture
def painted(small_ontology):
    def rgba(annotations, bounds=(0, 40, 0, 40), factor=1):
        return color_table(small_ontology)[paint(annotations, small_ontology, bounds, factor)]

    return rgba


def test_nothing_is_clear(painted):
    assert not painted([]).any()


def test_an_area_has_an_opaque_outline_in_the_colour_of_its_class_and_a_pale_inside(painted):
    picture = painted([polygon(10, 10, 20)])
    assert picture[20, 20].tolist() == [255, 0, 0, FACE_ALPHA]
    assert picture[10, 20].tolist() == [255, 0, 0, EDGE_ALPHA]
    assert not picture[5, 5].any()


def test_the_hole_of_an_area_is_clear(painted, small_ontology):
    ring = shapely.box(2, 2, 38, 38) - shapely.box(12, 12, 28, 28)
    picture = painted([Annotation(class_id="cloud", kind=Kind.POLYGON, geometry=ring)])
    assert not picture[20, 20].any()
    assert picture[6, 20].tolist() == [0, 255, 0, FACE_ALPHA]


@pytest.mark.parametrize("size", [0.001, 0.3, 5.0])
def test_what_is_smaller_than_a_pixel_leaves_a_dot(painted, size):
    picture = painted([polygon(83.2, 163.9, size)], factor=8)
    assert picture[20, 10].tolist() == [255, 0, 0, EDGE_ALPHA]
    assert np.count_nonzero(picture[..., 3]) <= 9


def test_lines_and_keypoints_are_seen(painted):
    line = Annotation(class_id="runway", kind=Kind.POLYLINE, geometry=shapely.LineString([(2, 5), (38, 5)]))
    buoy = Annotation(class_id="buoy", kind=Kind.KEYPOINT, geometry=shapely.Point(20.5, 30.5))
    picture = painted([line, buoy])
    assert picture[5, 20].tolist() == [0, 0, 255, EDGE_ALPHA]
    assert (picture[28:33, 18:23] == [255, 255, 0, EDGE_ALPHA]).all()


def test_the_later_of_two_small_ones_lies_above(painted):
    picture = painted([polygon(20, 20, 1), polygon(20, 20, 1, "cloud")])
    assert picture[20, 20].tolist() == [0, 255, 0, EDGE_ALPHA]


def test_suggestions_are_paler_than_what_people_drew(painted):
    picture = painted([polygon(10, 10, 20, status=Status.SUGGESTED)])
    assert picture[10, 20, 3] == SUGGESTED_ALPHA


shapes = st.lists(st.tuples(st.floats(-20, 140), st.floats(-20, 140), st.floats(0.1, 60)), max_size=12)


@settings(max_examples=20, deadline=None)
@given(found=shapes, cut=st.integers(1, 63), factor=st.sampled_from([1, 2]))
def test_a_picture_is_the_same_in_whatever_pieces_it_is_painted(found, cut, factor):
    from napari_geolabel.ontology import load_ontology

    ontology = load_ontology("clouds")
    rings = [shapely.Point(x, y).buffer(r, quad_segs=3) for x, y, r in found]
    annotations = [Annotation(class_id="thin_cloud", kind=Kind.POLYGON, geometry=ring) for ring in rings]
    whole = paint(annotations, ontology, (0, 64, 0, 64), factor)
    top, bottom = (paint(annotations, ontology, (*rows, 0, 64), factor) for rows in ((0, cut), (cut, 64)))
    left, right = (paint(annotations, ontology, (0, 64, *cols), factor) for cols in ((0, cut), (cut, 64)))
    assert np.array_equal(whole, np.concatenate([top, bottom]))
    assert np.array_equal(whole, np.concatenate([left, right], axis=1))
