"""How annotations look: the colour of their class, and whether they are a person's or suggested."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.ontology import Kind
from napari_geolabel.viewer.geometry_display import drawings
from napari_geolabel.viewer.looks import (
    FACE_ALPHA,
    NO_FEATURES,
    SUGGESTED_ALPHA,
    are_suggested,
    class_colors,
    features_of,
    point_colors,
    shape_colors,
)


def annotation(class_id="ship", status=Status.DRAFT):
    return Annotation(class_id=class_id, kind=Kind.BOX, geometry=shapely.box(0, 0, 9, 9), status=status)


@pytest.fixture
def three():
    return [annotation(), annotation("cloud", Status.SUGGESTED), annotation("cloud", Status.ACCEPTED)]


def test_a_class_gives_edge_and_a_clearer_inside(small_ontology):
    edge, face = class_colors(["ship", "cloud"], small_ontology)
    assert edge.tolist() == [[1, 0, 0, 1], [0, 1, 0, 1]]
    assert face.tolist() == [[1, 0, 0, FACE_ALPHA], [0, 1, 0, FACE_ALPHA]]


def test_nothing_has_no_colours(small_ontology):
    for colors in (
        class_colors([], small_ontology),
        shape_colors([], small_ontology),
        point_colors([], small_ontology),
    ):
        assert [each.shape for each in colors] == [(0, 4), (0, 4)]
    assert are_suggested([]).shape == (0,)


def test_suggestions_leave_their_edge_to_the_dashes(small_ontology, three):
    edge, face = shape_colors(three, small_ontology)
    assert edge[:, 3].tolist() == [1, 0, 1]
    assert face[:, 3].tolist() == [FACE_ALPHA, SUGGESTED_ALPHA, FACE_ALPHA]
    assert edge[:, :3].tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]


def test_points_are_discs_and_suggested_ones_rings(small_ontology, three):
    border, face = point_colors(three, small_ontology)
    assert border.tolist() == [[1, 1, 1, 1], [0, 1, 0, 1], [1, 1, 1, 1]]
    assert face[:, 3].tolist() == [1, 0, 1]


def test_the_status_alone_says_what_is_suggested(three):
    assert are_suggested(three).tolist() == [False, True, False]


def test_every_row_is_named_by_class_id_and_part():
    line = shapely.MultiLineString([[(0, 0), (5, 5)], [(9, 9), (12, 9)]])
    wake = Annotation(class_id="runway", kind=Kind.POLYLINE, geometry=line)
    ship = annotation()
    features = features_of([wake, ship], [drawings(wake), drawings(ship)])
    assert features.keys() == NO_FEATURES.keys()
    assert features["id"].tolist() == [wake.id, wake.id, ship.id]
    assert features["part"].tolist() == [0, 1, 0]
    assert features["part"].dtype == np.int64
    assert features["class"].tolist() == ["runway", "runway", "ship"]
