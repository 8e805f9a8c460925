"""What may enter the store."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations import (
    Annotation,
    AnnotationStore,
    check_annotation,
    check_annotations,
)
from napari_geolabel.errors import AttributeValueError, ForbiddenKindError, GeometryError, UnknownClassError
from napari_geolabel.ontology import LabelClass, load_ontology

MARITIME = load_ontology("maritime")
SQUARE = shapely.box(10, 10, 20, 20)
BOW_TIE = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


def ship(geometry=SQUARE, kind: str = "polygon", **fields) -> Annotation:
    return Annotation(**({"class_id": "ship", "kind": kind, "geometry": geometry} | fields))


def answered(**fields) -> Annotation:
    return ship(**({"attributes": {"category": "unknown"}} | fields))


def test_a_good_annotation_comes_back_as_itself():
    made = answered()
    assert check_annotation(made, MARITIME) is made


def test_attributes_are_stored_in_their_plain_form_in_order():
    checked = check_annotation(ship(attributes={"wake": True, "category": "merchant", "type": None}), MARITIME)
    assert list(checked.attributes.items()) == [("category", "merchant"), ("wake", True)]


def test_a_list_of_options_is_not_the_tuple_that_is_stored():
    clouds = load_ontology("clouds")
    store = AnnotationStore(clouds, scene_attributes={"surface": ["sand", "snow"]})
    assert store.scene_attributes["surface"] == ("snow", "sand")


@pytest.mark.parametrize(
    ("annotation", "error", "reason"),
    [
        (ship(class_id="car"), UnknownClassError, r'^"car" is not a class of the ontology maritime; it has ship, bow'),
        (
            ship(shapely.Point(1, 1), "keypoint"),
            ForbiddenKindError,
            r"^ship cannot be a keypoint; draw it as rotated_box, box, polygon$",
        ),
        (ship(kind="mask", class_id="dock"), ForbiddenKindError, r"^a mask is painted, not drawn"),
        (ship(attributes={"category": "car"}), AttributeValueError, r'^ship\.category: "car" is not an option'),
        (ship(shapely.Polygon()), GeometryError, r"^the polygon is empty"),
        (ship(confidence=-0.1), AttributeValueError, r"^confidence -0.1 is not between 0 and 1; use None"),
        (ship(confidence=float("nan")), AttributeValueError, r"^confidence nan"),
        (ship(confidence="high"), AttributeValueError, r"^confidence 'high' is no number; use one between 0 and 1"),
        (ship(confidence=b"1"), AttributeValueError, r"^confidence b'1' is no number"),
        (ship(confidence=True), AttributeValueError, r"^confidence True is no number"),
    ],
)
def test_what_is_wrong_is_refused_in_one_sentence(annotation, error, reason):
    with pytest.raises(error, match=reason):
        check_annotation(annotation, MARITIME)


def test_a_heading_cannot_be_drawn():
    ontology = MARITIME.with_classes([LabelClass(id="vessels", name="Vessels", color="#000000", kinds=())])
    with pytest.raises(ForbiddenKindError, match=r"^vessels cannot be a polygon; choose another class$"):
        check_annotation(ship(class_id="vessels"), ontology)


def test_many_are_checked_at_once_and_each_has_its_own_answer():
    many = [answered(), ship(class_id="car"), ship(shapely.Polygon()), ship(attributes={"type": "tug"}), answered()]
    results = check_annotations(many, MARITIME)
    assert [type(result) for result in results] == [
        Annotation,
        UnknownClassError,
        GeometryError,
        AttributeValueError,
        Annotation,
    ]
    assert results[4] is many[4]
    assert check_annotations([], MARITIME) == []


def test_confidence_may_be_zero_one_or_nothing():
    for confidence in (0, 1, 0.5, np.float32(0.5), None):
        assert check_annotation(ship(confidence=confidence), MARITIME).confidence == confidence


# Problems
