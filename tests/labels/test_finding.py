"""`Labels.find`: the filters of the table for scripts."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel import AttributeValueError, GeoLabelError, Status, UnknownClassError, open_labels
from napari_geolabel.annotations.filters import AttributeTest


@pytest.fixture
def labels(scene):
    made = open_labels(scene=scene, ontology="maritime")
    made.add(shapely.box(0, 0, 9, 5), "ship", kind="box", attributes={"category": "merchant"}, status="accepted")
    made.add(shapely.box(0, 20, 30, 25), "ship", kind="box", attributes={"category": "fishing"})
    made.add(shapely.LineString([(0, 0), (9, 9)]), "wake")
    return made


def places(labels, ids):
    return [list(labels).index(each) for each in ids]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [0, 1, 2]),
        ({"class_id": "ship"}, [0, 1]),
        ({"class_id": ["wake", "dock"]}, [2]),
        ({"class_id": None, "status": None, "where": ()}, [0, 1, 2]),
        ({"status": "accepted"}, [0]),
        ({"status": [Status.ACCEPTED, "draft"]}, [0, 1, 2]),
        ({"where": "category=fishing"}, [1]),
        ({"where": ["category~i", AttributeTest(attribute="category", value="fishing")]}, [1]),
        ({"text": "merch"}, [0]),
        ({"class_id": "ship", "where": "length_m="}, [0, 1]),
    ],
)
def test_one_or_several_of_anything_can_be_asked_for(labels, wanted, found):
    assert places(labels, labels.find(**wanted)) == found


def test_sizes_are_those_on_the_ground(labels):
    between = 200  # metres; the ships are 9 and 30 pixels of 10 m long
    assert places(labels, labels.find(class_id="ship", min_length=between)) == [1]
    assert places(labels, labels.find(class_id="ship", max_length=between)) == [0]
    assert places(labels, labels.find(min_area=0)) == [0, 1]


def test_problems_are_those_that_the_checks_find(labels):
    twin = labels.add(shapely.box(0, 0, 9, 5), "ship", kind="box").id
    known = {problem.annotation_id for problem in labels.problems()} - {None}
    assert twin in labels.find(only_problems=True)
    assert set(labels.find(only_problems=True)) == known


@pytest.mark.parametrize(
    ("wanted", "error", "sentence"),
    [
        ({"class_id": "boat"}, UnknownClassError, "boat"),
        ({"status": "done"}, AttributeValueError, "'done' is no status"),
        ({"where": "category"}, GeoLabelError, "is no condition"),
        ({"colour": "red"}, GeoLabelError, "annotations cannot be found by 'colour'; use text, class_id"),
    ],
)
def test_what_cannot_be_asked_is_refused(labels, wanted, error, sentence):
    with pytest.raises(error, match=sentence):
        labels.find(**wanted)


def test_what_is_found_can_be_exported(labels, tmp_path):
    import json

    labels.export(tmp_path / "some.geojson", ids=labels.find(where="category=fishing"))
    written = json.loads((tmp_path / "some.geojson").read_text())
    assert [feature["id"] for feature in written["features"]] == [list(labels)[1]]
