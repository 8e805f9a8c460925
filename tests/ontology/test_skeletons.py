"""The named points of a class, and what joins them."""

from __future__ import annotations

import pytest

from napari_geolabel.errors import OntologyError, UnknownClassError
from napari_geolabel.ontology import Ontology, dumps, load_ontology, loads
from napari_geolabel.ontology.skeletons import skeleton_of


def plane(**fields):
    """An ontology of a plane with a nose, a tail and two tips."""
    names = ("nose", "tail", "left", "right")
    points = [{"id": name, "name": name.capitalize(), "color": "#00ff00", "kinds": ("keypoint",)} for name in names]
    whole = {"id": "plane", "name": "Plane", "color": "#ff0000", "kinds": ("polygon",), "keypoints": names}
    return Ontology(id="air", name="Air", version="1", classes=({**whole, **fields}, *points))


def test_without_lines_the_points_are_joined_in_order():
    skeleton = skeleton_of(plane(), "plane")
    assert [point.id for point in skeleton.points] == ["nose", "tail", "left", "right"]
    assert skeleton.edges == ((0, 1), (1, 2), (2, 3))


def test_lines_join_what_they_name_and_stand_in_the_file():
    ontology = plane(skeleton=(("nose", "tail"), ("left", "right")))
    assert skeleton_of(ontology, "plane").edges == ((0, 1), (2, 3))
    assert loads(dumps(ontology)) == ontology
    assert "skeleton" not in plane()["plane"].to_dict()  # ontologies without lines keep their hash


def test_the_ships_of_the_template_have_bow_and_stern():
    skeleton = skeleton_of(load_ontology("maritime"), "ship")
    assert [point.name for point in skeleton.points] == ["Bow", "Stern"]
    assert skeleton.edges == ((0, 1),)


def test_a_line_to_a_point_that_is_none_is_refused():
    with pytest.raises(OntologyError, match='"wheel" is no keypoint of the class; there are nose, tail'):
        plane(skeleton=(("nose", "wheel"),))


def test_a_class_without_points_or_with_points_that_nobody_draws_has_no_skeleton():
    ontology = load_ontology("maritime")
    with pytest.raises(OntologyError, match="Wake has no named points"):
        skeleton_of(ontology, "wake")
    with pytest.raises(OntologyError, match="wheel is none that is drawn as keypoint"):
        skeleton_of(plane(keypoints=("nose", "wheel")), "plane")
    with pytest.raises(UnknownClassError):
        skeleton_of(ontology, "submarine")
