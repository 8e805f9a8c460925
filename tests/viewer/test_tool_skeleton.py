"""The skeleton tool in a session without a window, and its sketch."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine

from napari_geolabel.errors import GeoLabelError, GeometryError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import load_ontology
from napari_geolabel.ontology.skeletons import Skeleton
from napari_geolabel.viewer.tool_skeleton import SkeletonSketch

PIXELS = GeoGrid(shape=(400, 400), transform=Affine.identity(), crs=None)
PLACES = np.array([(10, 10), (20, 10), (15, 30)], float)


@pytest.fixture
def sketch():
    """Three points, the first joined to both others."""
    by_id = load_ontology("maritime")
    made = SkeletonSketch(PIXELS)
    made.skeleton = Skeleton(
        class_id="ship", points=(by_id["bow"], by_id["stern"], by_id["buoy"]), edges=((0, 1), (0, 2))
    )
    return made


def test_the_last_point_completes_it_and_each_has_its_turn(sketch):
    told = []
    for place in PLACES[:2]:
        told.append(sketch.text(place))
        assert sketch.click(place) is None
    told.append(sketch.text(PLACES[2]))
    assert told == ["next: Bow (1 of 3)", "next: Stern (2 of 3)", "next: Buoy (3 of 3)"]
    drawn = sketch.click(PLACES[2])
    assert shapely.get_coordinates(drawn).tolist() == PLACES.tolist()


def test_lines_join_what_the_ontology_joins(sketch):
    assert sketch.lines(PLACES[0]) == []
    sketch.click(PLACES[0])
    assert [line.tolist() for line in sketch.lines(PLACES[1])] == [PLACES[:2].tolist()]
    sketch.click(PLACES[1])
    assert [line.tolist() for line in sketch.lines(PLACES[2])] == [PLACES[:2].tolist(), PLACES[[0, 2]].tolist()]


def test_it_ends_sooner_with_two_points_and_names_who_is_missing_before(sketch):
    with pytest.raises(GeometryError, match="still needs Bow and Stern"):
        sketch.finish()
    sketch.click(PLACES[0])
    with pytest.raises(GeometryError, match="still needs Stern"):
        sketch.finish()
    sketch.click(PLACES[1])
    assert len(sketch.finish().geoms) == 2
    sketch.back()
    assert not sketch.can_finish


def test_a_point_that_is_not_to_be_seen_is_left_out_and_keeps_its_place(sketch):
    assert sketch.skip() is None
    assert sketch.text(PLACES[0]) == "next: Stern (2 of 3)"
    assert sketch.lines(PLACES[0]) == []
    sketch.click(PLACES[1])
    assert sketch.points.tolist() == [PLACES[1].tolist()]
    assert sketch.lines(PLACES[2]) == [], "the line to the third begins at the first, which is not there"
    places = shapely.get_coordinates(sketch.click(PLACES[2]))
    assert np.isnan(places[0]).all()
    assert places[1:].tolist() == PLACES[1:].tolist()


def test_the_last_point_can_be_left_out_and_two_must_stay(sketch):
    sketch.click(PLACES[0])
    sketch.click(PLACES[1])
    assert np.isnan(shapely.get_coordinates(sketch.skip())[2]).all()
    sketch.back()
    assert sketch.skip() is None
    with pytest.raises(GeometryError, match="needs two points that are seen"):
        sketch.skip()
    assert len(sketch.points) == 1
    assert sketch.back()
    assert sketch.text(PLACES[1]) == "next: Stern (2 of 3)"


def test_in_the_session_the_key_leaves_a_point_out_and_the_others_are_a_group(session, told):
    from tests.viewer.test_keys import press

    ontology = load_ontology("maritime")
    ship = ontology["ship"].model_copy(update={"keypoints": ("bow", "buoy", "stern")})
    classes = tuple(ship if each.id == "ship" else each for each in ontology.classes)
    session.labels.use_ontology(type(ontology).model_validate(ontology.model_dump() | {"classes": classes}))
    session.current_class = "ship"
    session.tool = "skeleton"
    session.toolbox._click(np.array([10.0, 10.0]))
    press(session.shapes_layer, "X")
    assert told == []
    session.toolbox._click(np.array([30.0, 10.0]))
    made = list(session.labels.store.values())
    assert [each.class_id for each in made] == ["bow", "stern"]
    assert len({each.group for each in made}) == 1
    assert session.labels.store.undo_titles[0] == "draw skeleton of ship"
    session.tool = "box"
    assert not session.toolbox.skip()


def test_a_class_without_named_points_has_no_such_tool(session):
    assert "has no named points" in session.tools["skeleton"]
    with pytest.raises(GeoLabelError, match="no named points"):
        session.tool = "skeleton"
