"""Which of the annotations that come in are there already."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.formats.columns import Report
from napari_geolabel.labels.duplicates import find_duplicates, settle_duplicates
from napari_geolabel.ontology import Kind


def area(x0, y0, x1, y1, *, class_id="ship", kind=Kind.BOX, **fields) -> Annotation:
    return Annotation(class_id=class_id, kind=kind, geometry=shapely.box(x0, y0, x1, y1), **fields)


def point(x, y) -> Annotation:
    return Annotation(class_id="buoy", kind=Kind.KEYPOINT, geometry=shapely.Point(x, y))


def line(*xy) -> Annotation:
    return Annotation(class_id="wake", kind=Kind.POLYLINE, geometry=shapely.LineString(xy))


def test_areas_repeat_each_other_from_an_intersection_over_union_on():
    there = area(0, 0, 100, 10)
    nearly, half = area(0, 0, 95, 10), area(50, 0, 150, 10)
    assert find_duplicates([nearly, half], [there]) == [there.id, None]
    assert find_duplicates([half], [there], iou=0.3) == [there.id]


def test_kinds_of_areas_are_compared_and_classes_are_not():
    there = area(0, 0, 10, 10)
    as_polygon, other = area(0, 0, 10, 10, kind=Kind.POLYGON), area(0, 0, 10, 10, class_id="dock")
    assert find_duplicates([as_polygon, other], [there]) == [there.id, None]


def test_points_and_lines_repeat_what_lies_within_a_pixel():
    buoy, wake = point(5, 5), line((0, 0), (50, 0))
    news = [point(5.6, 5.6), point(7.5, 5), line((0, 0.5), (25, 0.9), (50, 0.5)), line((0, 0), (52, 0))]
    assert find_duplicates(news, [buoy, wake]) == [buoy.id, None, wake.id, None]


def test_what_comes_in_twice_is_found_too():
    first, second, apart = area(0, 0, 10, 10), area(0, 0, 10, 10), area(50, 0, 60, 10)
    assert find_duplicates([first, second, apart], []) == [None, first.id, None]


def test_none_is_left_out_for_one_that_is_left_out_itself():
    there, near, far = area(0, 0, 100, 100), area(5, 0, 105, 100), area(10, 0, 110, 100)
    assert find_duplicates([near, far], [there]) == [there.id, None]
    report = Report()
    assert settle_duplicates([near, far], [there], report, duplicates="skip") == [far]
    assert report.skipped == [(f"ship {near.id}", f"it repeats {there.id}")]


def test_nothing_repeats_nothing():
    assert find_duplicates([], [area(0, 0, 1, 1)]) == []
    assert find_duplicates([area(0, 0, 1, 1)], []) == [None]


def test_outlines_that_cross_themselves_are_compared_by_what_they_enclose():
    bow_tie = Annotation(
        class_id="ship", kind=Kind.POLYGON, geometry=shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    )
    again = bow_tie.edited(id="other")
    assert find_duplicates([again], [bow_tie]) == [bow_tie.id]


boxes = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 12), st.integers(1, 12)).map(
    lambda b: area(b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@settings(max_examples=40)
@given(news=st.lists(boxes, max_size=8), olds=st.lists(boxes, max_size=8), iou=st.sampled_from([0.3, 0.5, 0.9, 1.0]))
def test_the_index_finds_what_comparing_all_pairs_finds(news, olds, iou):
    found = find_duplicates(news, olds, iou=iou)
    kept = list(olds)
    for annotation, twin in zip(news, found, strict=True):
        assert twin == next((b.id for b in kept if _iou(annotation, b) >= iou), None)
        kept += [annotation] if twin is None else []


def _iou(one: Annotation, other: Annotation) -> float:
    shared = one.geometry.intersection(other.geometry).area
    return shared / (one.geometry.area + other.geometry.area - shared)


@pytest.mark.parametrize(("choice", "count"), [("keep", 2), ("skip", 1), ("flag", 2)])
def test_duplicates_are_kept_left_out_or_flagged(choice, count):
    there, again, fresh = area(0, 0, 10, 10), area(0, 0, 10, 10), area(30, 0, 40, 10)
    report = Report()
    kept = settle_duplicates([again, fresh], [there], report, duplicates=choice)
    assert len(kept) == count
    assert fresh in kept
    statuses = {annotation.id: annotation.status for annotation in kept}
    if choice == "keep":
        assert (report.notes, report.skipped) == ([], [])
    if choice == "skip":
        assert report.skipped == [(f"ship {again.id}", f"it repeats {there.id}")]
        assert report.notes == ["1 duplicates were left out (same class, intersection over union of 0.9 or more)"]
    if choice == "flag":
        assert (statuses[again.id], statuses[fresh.id]) == (Status.SUGGESTED, Status.DRAFT)
        assert "came in as suggestions" in report.notes[0]


def test_what_has_a_known_id_is_no_duplicate_of_itself():
    there = area(0, 0, 10, 10)
    report = Report()
    assert settle_duplicates([there], [there], report, duplicates="skip") == [there]
    assert report.skipped == []


def test_thousands_are_listed_by_their_number_alone():
    there = area(0, 0, 10, 10)
    again = [there.edited(id=str(number)) for number in np.arange(150)]
    report = Report()
    assert settle_duplicates(again, [there], report, duplicates="skip") == []
    assert len(report.skipped) == 100
    assert report.notes[0].startswith("150 duplicates were left out")
