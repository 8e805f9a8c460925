"""Snapping to neighbours, and following their outlines."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.annotations import Annotation, AnnotationStore, Change, Edit
from napari_geolabel.annotations.snapping import nearest_snap, way_along
from napari_geolabel.ontology import load_ontology
from napari_geolabel.ontology.kinds import Kind

SQUARE = shapely.box(10, 10, 30, 30)


@pytest.fixture
def store() -> AnnotationStore:
    """A square, a line and a point of the same class."""
    made = AnnotationStore(load_ontology("maritime"))
    things = [
        Annotation(id="square", class_id="dock", kind=Kind.POLYGON, geometry=SQUARE),
        Annotation(
            id="line", class_id="wake", kind=Kind.POLYLINE, geometry=shapely.LineString([(50, 10), (60.25, 30)])
        ),
        Annotation(id="point", class_id="buoy", kind=Kind.KEYPOINT, geometry=shapely.Point(80.5, 20)),
    ]
    made.apply(Change(title="add", edits=tuple(Edit(after=thing) for thing in things)))
    return made


@pytest.mark.parametrize(
    ("near", "expected", "whose"),
    [((31, 31), (30, 30), "square"), ((60, 30.5), (60.25, 30), "line"), ((80, 21), (80.5, 20), "point")],
)
def test_a_vertex_within_reach_is_met_to_the_bit(store, near, expected, whose):
    snap = nearest_snap(store, near, 3)
    assert snap.is_vertex
    assert snap.annotation_id == whose
    assert tuple(snap.point) == expected


def test_a_vertex_comes_before_an_edge_that_is_nearer(store):
    assert nearest_snap(store, (28, 30.1), 3).is_vertex
    snap = nearest_snap(store, (20, 31), 3)
    assert not snap.is_vertex
    assert tuple(snap.point) == (20, 30)


def test_what_is_out_of_reach_or_passed_over_is_left_alone(store):
    assert nearest_snap(store, (35, 20), 3) is None
    assert nearest_snap(store, (31, 31), 3, counts=lambda a: a.id != "square") is None
    assert nearest_snap(AnnotationStore(store.ontology), (31, 31), 3) is None


def test_reach_counts_on_the_screen_also_where_pixels_are_not_square(store):
    assert nearest_snap(store, (32, 20), 3, (1.0, 4.0)) is not None
    assert nearest_snap(store, (32, 20), 3, (4.0, 1.0)) is None
    assert nearest_snap(store, (20, 32), 3, (4.0, 1.0)) is not None


def test_the_way_goes_round_the_shorter_side_in_the_direction_asked_for():
    assert way_along(SQUARE, (20, 10), (30, 25)).tolist() == [[30, 10]]
    assert way_along(SQUARE, (30, 25), (20, 10)).tolist() == [[30, 10]]
    assert way_along(SQUARE, (15, 10), (15, 30)).tolist() == [[10, 10], [10, 30]]
    assert way_along(SQUARE, (15, 30), (15, 10)).tolist() == [[10, 30], [10, 10]]
    assert way_along(SQUARE, (12, 10), (20, 10)).tolist() == []


def test_the_way_runs_along_a_line_and_round_a_hole_but_not_from_one_to_the_other():
    line = shapely.LineString([(0, 0), (10, 0), (10, 10), (20, 10)])
    assert way_along(line, (5, 0), (15, 10)).tolist() == [[10, 0], [10, 10]]
    donut = SQUARE.difference(shapely.box(15, 15, 20, 20))
    assert way_along(donut, (15, 16), (16, 15)).tolist() == [[15, 15]]
    assert len(way_along(donut, (15, 16), (10, 16))) == 0
    assert len(way_along(shapely.Point(1, 1), (1, 1), (2, 2))) == 0


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 9), st.floats(0, 1), st.floats(0, 1))
def test_a_traced_way_never_leaves_the_outline_and_is_at_most_half_of_it(corners, a, b):
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = shapely.Polygon(100 + 50 * np.column_stack([np.cos(angles), np.sin(angles)])).exterior
    start, end = (shapely.get_coordinates(ring.interpolate(share, normalized=True))[0] for share in (a, b))
    way = np.concatenate([[start], way_along(shapely.Polygon(ring), start, end), [end]])
    middles = np.concatenate([way, (way[:-1] + way[1:]) / 2])
    assert shapely.distance(ring, shapely.points(middles)).max() < 1e-6
    assert np.hypot(*np.diff(way, axis=0).T).sum() <= ring.length / 2 + 1e-6
