from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.annotations import Status
from napari_geolabel.labelfile.merge import changed_fields, merge_annotation, merge_values

values = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3))


@given(values, values)
def test_if_only_one_side_changed_something_it_has_its_way(base: dict, other: dict) -> None:
    assert merge_values(base, other, base) == (other, {})
    assert merge_values(base, base, other) == (other, {})


@given(values, values, values)
def test_what_two_sides_agree_on_is_no_conflict_and_the_rest_is_told(base: dict, mine: dict, theirs: dict) -> None:
    merged, conflicts = merge_values(base, mine, theirs)

    for key in "abcd":
        was, wanted, there = base.get(key), mine.get(key), theirs.get(key)
        if key in conflicts:
            assert conflicts[key] == (was, wanted, there)
            assert len({was, wanted, there}) == 3
            assert merged.get(key) == there
        else:
            assert merged.get(key) == (wanted if there == was else there)


def test_edits_of_different_fields_come_together(make_ship, ontology) -> None:
    base = make_ship(attributes={"name": "Ada", "draught": 3.0})
    mine = base.edited(geometry=shapely.box(0, 0, 20, 20), attributes={"name": "Ada", "draught": 4.0})
    theirs = base.edited(status="accepted", attributes={"name": "Bea", "draught": 3.0})

    merged, conflicts = merge_annotation(base, mine, theirs, ontology)

    assert conflicts == []
    assert merged.geometry == mine.geometry
    assert merged.status is Status.ACCEPTED
    assert merged.attributes == {"name": "Bea", "draught": 4.0}


def test_the_same_field_changed_twice_stays_theirs_and_is_told(make_ship, ontology) -> None:
    base = make_ship()
    mine, theirs = base.edited(confidence=0.2), base.edited(confidence=0.9)

    merged, (conflict,) = merge_annotation(base, mine, theirs, ontology)

    assert merged.confidence == 0.9
    assert (conflict.field, conflict.base, conflict.mine, conflict.theirs) == ("confidence", None, 0.2, 0.9)
    assert "you wanted 0.2" in str(conflict)


def test_an_edit_wins_over_a_removal_whoever_made_it(make_ship, ontology) -> None:
    base = make_ship()
    edited = base.edited(confidence=0.5)

    for mine, theirs in ((edited, None), (None, edited)):
        merged, (conflict,) = merge_annotation(base, mine, theirs, ontology)
        assert merged == edited
        assert conflict.field == "annotation"


def test_removing_twice_is_no_conflict(make_ship, ontology) -> None:
    assert merge_annotation(make_ship(), None, None, ontology) == (None, [])


def test_what_the_ontology_would_refuse_is_not_mixed(make_ship, ontology) -> None:
    base = make_ship(kind="polygon")
    mine = base.edited(attributes={"name": "Ada"})
    theirs = base.edited(class_id="road", kind="polyline", geometry=shapely.LineString([(0, 0), (5, 5)]))

    merged, (conflict,) = merge_annotation(base, mine, theirs, ontology)

    assert merged == theirs
    assert conflict.field == "annotation"


def test_an_id_used_twice_is_told(make_ship, ontology) -> None:
    mine, theirs = make_ship(0, id="same"), make_ship(50, id="same")

    merged, (conflict,) = merge_annotation(None, mine, theirs, ontology)

    assert merged == theirs
    assert conflict.mine == mine


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": "accepted"}, ["status"]),
        ({"attributes": {"name": "Ada"}}, ["attributes.name"]),
        ({"geometry": shapely.box(0, 0, 1, 1), "class_id": "dock"}, ["class_id", "geometry"]),
        ({}, []),
    ],
)
def test_what_changed_is_named(make_ship, fields: dict, expected: list[str]) -> None:
    ship = make_ship()

    assert changed_fields(ship, ship.edited(**fields)) == expected
