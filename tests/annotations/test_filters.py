"""Finding annotations: what each filter lets through, and what it says of a question that makes no sense."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from rasterio.transform import Affine

from napari_geolabel.annotations import Annotation, Provenance, Status
from napari_geolabel.annotations.filters import AnnotationFilter, AttributeTest, attributes_text, choose, value_text
from napari_geolabel.annotations.sizes import SizeBook, ground_sizes
from napari_geolabel.errors import AttributeValueError, GeoLabelError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Kind, load_ontology

ONTOLOGY = load_ontology("maritime")
GRID = GeoGrid(shape=(500, 500), transform=Affine(3.0, 0, 500_000, 0, -3.0, 4_600_000), crs=CRS.from_epsg(32633))
SKEWED = GeoGrid(shape=(500, 500), transform=Affine(3.0, 0.4, 500_000, 0.1, -2.0, 4_600_000), crs=CRS.from_epsg(32633))


def ship(size: float = 10, **fields) -> Annotation:
    return Annotation(class_id="ship", kind=Kind.BOX, geometry=shapely.box(0, 0, size, size / 2), **fields)


MERCHANT = ship(40, id="merchant", attributes={"category": "merchant", "type": "tanker", "length_m": 120})
FISHER = ship(10, id="fisher", attributes={"category": "fishing", "name": "Maru No 3"}, status=Status.ACCEPTED)
BLANK = ship(4, id="blank", provenance=Provenance(annotator="Ada"))
WAKE = Annotation(class_id="wake", kind=Kind.POLYLINE, geometry=shapely.LineString([(0, 0), (30, 40)]), id="wake-1")
BUOY = Annotation(class_id="buoy", kind=Kind.KEYPOINT, geometry=shapely.Point(3, 3), id="buoy-1")
ALL = [MERCHANT, FISHER, BLANK, WAKE, BUOY]


def found(*problematic: str, **wanted) -> list[str]:
    chosen = choose(ALL, AnnotationFilter(**wanted), ONTOLOGY, SizeBook(GRID), problematic)
    return [annotation.id for annotation in chosen]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, [a.id for a in ALL]),
        ({"class_ids": ["wake", "buoy"]}, ["wake-1", "buoy-1"]),
        ({"statuses": [Status.ACCEPTED]}, ["fisher"]),
        ({"text": "MARU"}, ["fisher"]),
        ({"text": "ada"}, ["blank"]),
        ({"text": "wake"}, ["wake-1"]),
        ({"min_length": 100}, ["merchant", "wake-1"]),
        ({"max_length": 30}, ["fisher", "blank"]),
        ({"min_length": 30, "max_length": 120}, ["merchant", "fisher"]),
        ({"min_area": 73}, ["merchant", "fisher"]),
        ({"max_area": 460}, ["fisher", "blank"]),
        ({"min_area": 73, "statuses": [Status.DRAFT]}, ["merchant"]),
    ],
)
def test_each_filter_narrows_what_is_found_and_all_have_to_hold(wanted, ids):
    assert found(**wanted) == ids


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("category=merchant", ["merchant"]),
        ("category = MERCHANT", ["merchant"]),
        ("category~fish", ["fisher"]),
        ("name~maru", ["fisher"]),
        ("name=maru no 3", ["fisher"]),
        ("length_m=120.0", ["merchant"]),
        ("length_m=1", []),
        ("category=", ["blank"]),
        ("length_m=", ["fisher", "blank"]),
        ("type=tanker", ["merchant"]),
    ],
)
def test_conditions_on_attributes(condition, ids):
    test = AttributeTest.parse(condition)
    assert found(where=[test]) == ids


def test_missing_is_only_what_is_asked():
    """A wake has no category to miss, and the type of a ship is asked only where its category has types."""
    blank_type = ship(id="untyped", attributes={"category": "merchant"})
    test = AttributeTest(attribute="type", how="missing")
    chosen = choose([*ALL, blank_type], AnnotationFilter(where=[test]), ONTOLOGY, SizeBook(GRID))
    assert [annotation.id for annotation in chosen] == ["fisher", "untyped"]


def test_only_problems_takes_those_that_are_named():
    assert found("blank", only_problems=True) == ["blank"]
    assert found(only_problems=True) == []


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("tonnage=3", "no class has an attribute 'tonnage'; there are category"),
        ("category=boat", "category: 'boat' is not an option; use merchant"),
        ("length_m=long", "length_m: 'long' is not a number"),
        ("wake=perhaps", "wake: 'perhaps' is neither yes nor no"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_a_sentence(condition, sentence):
    with pytest.raises(AttributeValueError, match=sentence):
        found(where=[AttributeTest.parse(condition)])


@pytest.mark.parametrize("text", ["category", "", "=3", "Category=merchant", "a b=3"])
def test_what_is_no_condition_is_refused_with_the_way_to_write_one(text):
    with pytest.raises(GeoLabelError, match="write category=merchant"):
        AttributeTest.parse(text)


def test_yes_and_no_are_not_the_numbers_one_and_nought():
    wet, dry = ship(id="wet", attributes={"wake": True}), ship(id="dry", attributes={"wake": False})
    for text, ids in (("yes", ["wet"]), ("false", ["dry"]), ("1", ["wet"])):
        wanted = AnnotationFilter(where=[AttributeTest(attribute="wake", value=text)])
        assert [a.id for a in choose([wet, dry], wanted, ONTOLOGY, SizeBook(GRID))] == ids


def test_answers_as_words():
    assert [value_text(value) for value in (None, True, False, 3, "a", ("a", "b"))] == [
        "",
        "yes",
        "no",
        "3",
        "a",
        "a+b",
    ]
    assert attributes_text(MERCHANT) == "category merchant, type tanker, length_m 120"


def test_nothing_is_found_among_nothing():
    wanted = AnnotationFilter(min_length=1, min_area=1, text="x")
    assert choose([], wanted, ONTOLOGY, SizeBook(GRID)) == []


class TestSizeBook:
    def test_it_measures_a_geometry_once_and_again_when_it_is_another(self, monkeypatch):
        from napari_geolabel.annotations import sizes

        measured = []
        real = sizes.ground_sizes
        monkeypatch.setattr(sizes, "ground_sizes", lambda g, grid: measured.append(len(g)) or real(g, grid))
        book = SizeBook(GRID)
        first = book.lengths([MERCHANT, FISHER])
        assert book.lengths([FISHER, MERCHANT]).tolist() == first[::-1].tolist()
        grown = FISHER.edited(geometry=shapely.box(0, 0, 20, 10))
        assert book.lengths([grown])[0] == pytest.approx(2 * first[1])
        assert measured == [2, 1]

    @pytest.mark.parametrize("grid", [GRID, SKEWED])
    def test_it_agrees_with_what_is_measured_at_once(self, grid):
        whole = ground_sizes(np.array([a.geometry for a in ALL], object), grid)
        book = SizeBook(grid)
        assert np.allclose(book.areas(ALL), whole["area_m2"], equal_nan=True)
        assert np.allclose(book.lengths(ALL), whole["length_m"], equal_nan=True)


@settings(max_examples=25, deadline=None)
@given(
    length=st.floats(1, 200),
    width=st.floats(1, 200),
    turn=st.floats(0, 360),
    grid=st.sampled_from([GRID, SKEWED]),
)
def test_rectangles_have_the_sides_of_their_smallest_turned_envelope(length, width, turn, grid):
    """The short way for rectangles, and the one without a transform for square pixels, change no size."""
    shape = shapely.affinity.rotate(shapely.box(0, 0, length, width), turn)
    sizes = ground_sizes(np.array([shape], object), grid)
    matrix = np.array([[grid.transform.a, grid.transform.b], [grid.transform.d, grid.transform.e]])
    envelope = shapely.oriented_envelope(shapely.transform(shape, lambda xy: xy @ matrix.T))
    corners = shapely.get_coordinates(envelope)[:3]
    sides = sorted(np.hypot(*np.diff(corners, axis=0).T))
    assert (sizes["width_m"][0], sizes["length_m"][0]) == pytest.approx(tuple(sides), rel=1e-6)


ANNOTATIONS = st.lists(
    st.builds(
        ship,
        size=st.floats(1, 60),
        status=st.sampled_from(list(Status)),
        attributes=st.sampled_from(
            [
                {},
                {"category": "fishing"},
                {"category": "merchant", "length_m": 30},
                {"category": "merchant", "type": "tanker"},
                {"wake": True},
            ]
        ),
    ),
    max_size=8,
)
FILTERS = st.builds(
    AnnotationFilter,
    text=st.sampled_from(["", "ship", "tanker", "zebra"]),
    statuses=st.sampled_from([(), (Status.DRAFT,), (Status.ACCEPTED, Status.DRAFT)]),
    min_area=st.sampled_from([None, 100, 1000]),
    max_length=st.sampled_from([None, 60, 120]),
    where=st.lists(
        st.sampled_from(
            [
                AttributeTest(attribute="category", value="merchant"),
                AttributeTest(attribute="category", how="missing"),
                AttributeTest(attribute="type", how="contains", value="tank"),
            ]
        ),
        max_size=2,
    ),
)


@settings(max_examples=40, deadline=None)
@given(annotations=ANNOTATIONS, wanted=FILTERS)
def test_what_is_found_is_what_each_part_of_the_filter_finds_in_turn(annotations, wanted):
    """A filter is the intersection of its parts, keeps the order, and finds no more when it is asked again."""
    book = SizeBook(GRID)

    def chosen(among, **parts):
        return choose(among, AnnotationFilter(**parts), ONTOLOGY, book)

    step = annotations
    for name in ("where", "max_length", "min_area", "statuses", "text"):
        step = chosen(step, **{name: getattr(wanted, name)})
    found_at_once = choose(annotations, wanted, ONTOLOGY, book)
    assert [each.id for each in found_at_once] == [each.id for each in step]
    assert choose(found_at_once, wanted, ONTOLOGY, book) == found_at_once


@settings(max_examples=20, deadline=None)
@given(annotations=ANNOTATIONS, edge=st.floats(1, 200))
def test_a_limit_parts_what_has_a_size_into_two(annotations, edge):
    book = SizeBook(GRID)
    small = choose(annotations, AnnotationFilter(max_length=edge), ONTOLOGY, book)
    large = choose(annotations, AnnotationFilter(min_length=edge), ONTOLOGY, book)
    assert {each.id for each in small} | {each.id for each in large} == {each.id for each in annotations}
    both = {each.id for each in small} & {each.id for each in large}
    assert all(book.lengths([each])[0] == edge for each in annotations if each.id in both)
