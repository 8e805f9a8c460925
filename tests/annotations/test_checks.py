"""What may enter the store, and what is a problem."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.annotations import (
    Annotation,
    AnnotationStore,
    Problem,
    check_annotation,
    check_annotations,
    find_problems,
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
    for confidence in (0, 1, 0.5, None):
        assert check_annotation(ship(confidence=confidence), MARITIME).confidence == confidence


# Problems


def problems(*annotations: Annotation, **scene) -> list[Problem]:
    return find_problems(AnnotationStore(MARITIME, annotations, {"cloud_cover": "none"} | scene))


def test_good_work_has_no_problems():
    assert problems(answered(), answered(geometry=shapely.box(0, 0, 5, 5))) == []
    assert problems() == []


def test_missing_answers_of_the_scene_come_first():
    store = AnnotationStore(MARITIME, [ship()])
    assert [(p.annotation_id, p.message) for p in find_problems(store)] == [
        (None, "the scene has no answer to cloud_cover; give one"),
        (next(iter(store)), "the ship has no answer to category; give one"),
    ]


def test_a_polygon_that_crosses_itself_is_kept_and_told():
    crossed = answered(geometry=BOW_TIE)
    (found,) = problems(crossed)
    assert found.rule == "invalid_geometry"
    assert found.annotation_id == crossed.id
    assert found.message == ("the polygon is not valid (self-intersection[5 5]); move that point or draw it again")


def test_a_spike_without_width_is_told():
    spike = shapely.Polygon([(0, 0), (10, 0), (10, 10), (20, 20), (10, 10), (0, 10)])
    assert [p.rule for p in problems(answered(geometry=spike))] == ["invalid_geometry"]


def test_areas_below_a_pixel_are_told_but_not_points_and_lines():
    tiny = answered(geometry=shapely.box(0, 0, 0.5, 0.5))
    bow = Annotation(class_id="bow", kind="keypoint", geometry=shapely.Point(3, 3))
    wake = Annotation(class_id="wake", kind="polyline", geometry=shapely.LineString([(0, 0), (0.1, 0)]))
    (found,) = problems(tiny, bow, wake)
    assert (found.rule, found.annotation_id) == ("tiny", tiny.id)
    assert found.message == "the polygon covers 0.25 pixels, less than one; remove it or draw it larger"


def test_twins_are_told_however_they_were_drawn():
    first = answered()
    twin = answered(geometry=shapely.Polygon([(20, 20), (20, 10), (10, 10), (10, 20)]))
    other_class = Annotation(class_id="dock", kind="polygon", geometry=SQUARE)
    (found,) = problems(first, twin, other_class)
    assert (found.rule, found.annotation_id) == ("duplicate", twin.id)
    assert first.id in found.message


def test_annotations_of_archived_classes_are_told():
    archived = LabelClass(id="old", name="Old", color="#000000", kinds=("polygon",), archived=True)
    ontology = MARITIME.with_classes([archived])
    store = AnnotationStore(ontology, [ship(class_id="old")], {"cloud_cover": "none"})
    assert [(p.rule, p.message) for p in find_problems(store)] == [
        ("archived_class", "the class old is archived; choose another class")
    ]


def test_problems_stand_in_draw_order():
    first, second = ship(), ship(BOW_TIE)
    assert [p.annotation_id for p in problems(first, second)] == [first.id, second.id, second.id]


def test_rejected_annotations_have_no_problems():
    assert problems(ship(BOW_TIE, status="rejected")) == []
