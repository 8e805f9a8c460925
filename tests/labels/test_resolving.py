"""The sides of a conflict in words, as geometry, and which of them stands."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.annotations import Annotation
from napari_geolabel.labelfile.merge import Conflict, readable
from napari_geolabel.labelfile.rows import from_json
from napari_geolabel.labels.resolving import SIDES, field_name, geometry_of, side_that_stands, words_for
from napari_geolabel.ontology.kinds import Kind

BOX = shapely.box(10, 10, 30, 20)
numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: v + 0.0)


def stored(field: str, **sides) -> Conflict:
    """Return a conflict as a label file gives it back."""
    texts = {side: readable(sides.get(side)) for side in SIDES}
    held = {side: None if text is None else from_json(text) for side, text in texts.items()}
    return Conflict(annotation_id=sides.get("id", "a"), field=field, **held)


def test_fields_have_the_names_that_people_use() -> None:
    assert [field_name(stored(f)) for f in ("class_id", "attributes.flag", "annotation", "status")] == [
        "class",
        "flag",
        "the whole annotation",
        "status",
    ]


@pytest.mark.parametrize(
    ("geometry", "kind", "words"),
    [
        (BOX, Kind.BOX, "box 20 x 10 px at 10, 10"),
        (BOX, Kind.ROTATED_BOX, "rotated box 20 x 10 px at 10, 10"),
        (shapely.Point(3, 4.5), Kind.KEYPOINT, "keypoint at 3, 4.5"),
        (shapely.LineString([(0, 0), (3, 4)]), Kind.POLYLINE, "polyline of 2 points, 5 px"),
    ],
)
def test_geometry_is_told_by_its_size(geometry, kind, words) -> None:
    assert words_for(stored("geometry", mine=(kind, geometry)), "mine") == words


def test_values_are_told_as_they_are() -> None:
    conflict = stored("attributes.flags", mine=("a", "b"), theirs="a")
    assert [words_for(conflict, side) for side in SIDES] == ["a, b", "a", "no value"]


def test_a_whole_annotation_is_told_with_its_class_or_as_removed() -> None:
    whole = stored("annotation", mine=Annotation(class_id="tug", kind="polygon", geometry=BOX))
    assert words_for(whole, "mine") == "tug, draft, polygon 20 x 10 px at 10, 10"
    assert [words_for(whole, side) for side in ("theirs", "base")] == ["removed", "not there"]


@given(numbers, numbers, numbers, numbers)
def test_geometry_survives_the_file_to_the_bit(x0, y0, x1, y1) -> None:
    line = shapely.LineString([(x0, y0), (x1, y1)])
    conflict = stored("geometry", mine=(Kind.POLYLINE, line))
    assert shapely.equals_exact(geometry_of(conflict, "mine"), line, 0)
    assert geometry_of(conflict, "base") is None
    assert geometry_of(stored("status", mine="draft"), "mine") is None
    whole = stored("annotation", theirs=Annotation(class_id="wake", kind="polyline", geometry=line))
    assert shapely.equals_exact(geometry_of(whole, "theirs"), line, 0)


def test_the_side_that_stands_is_found(labels) -> None:
    tug = labels.add(BOX, "tug", confidence=0.5)
    conflict = stored("confidence", id=tug.id, mine=0.5, theirs=0.25)
    assert side_that_stands(labels, conflict) == "mine"
    labels.update(tug.id, confidence=0.25)
    assert side_that_stands(labels, conflict) == "theirs"
    labels.update(tug.id, confidence=None)
    assert side_that_stands(labels, conflict) == "base"
    labels.update(tug.id, confidence=1.0)
    assert side_that_stands(labels, conflict) == "current"
    labels.remove(tug.id)
    assert side_that_stands(labels, conflict) == "current"
