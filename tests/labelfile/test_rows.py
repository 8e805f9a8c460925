from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.annotations import Annotation, Provenance, Source, Status
from napari_geolabel.labelfile.rows import DamagedRowError, decode, decode_many, encode, from_json, seal, to_json
from napari_geolabel.ontology import Kind

numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
times = st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
answers = st.dictionaries(
    texts, texts | numbers | st.booleans() | st.integers(-(2**53), 2**53) | st.tuples(texts, texts), max_size=4
)


@st.composite
def annotations(draw: st.DrawFn) -> Annotation:
    points = draw(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=6))
    geometry = draw(st.sampled_from([shapely.Point(points[0]), shapely.LineString(points), shapely.Polygon(points)]))
    return Annotation(
        class_id=draw(texts),
        kind=draw(st.sampled_from(list(Kind))),
        geometry=geometry,
        id=draw(texts),
        attributes=draw(answers),
        status=draw(st.sampled_from(list(Status))),
        confidence=draw(st.none() | st.floats(0, 1)),
        provenance=Provenance(
            annotator=draw(st.none() | texts), created=draw(times), updated=draw(times), tool=draw(st.none() | texts)
        ),
        source=draw(st.none() | st.builds(Source, wkb=st.binary(max_size=30), crs=texts)),
    )


@given(annotations())
def test_an_annotation_comes_back_from_its_bytes_to_the_last_bit(annotation: Annotation) -> None:
    again = decode(encode(annotation))

    assert again == annotation
    assert shapely.to_wkb(again.geometry) == shapely.to_wkb(annotation.geometry)
    assert encode(again) == encode(annotation)


@given(st.lists(annotations(), max_size=5))
def test_many_annotations_come_back_as_one_by_one(many: list[Annotation]) -> None:
    assert decode_many(map(encode, many)) == many


def test_the_order_of_answers_does_not_change_the_bytes(make_ship) -> None:
    one = make_ship(id="a", attributes={"name": "Ada", "draught": 3.5})
    other = make_ship(id="a", attributes={"draught": 3.5, "name": "Ada"})

    assert encode(one) == encode(other)


def test_times_of_any_zone_are_kept_as_the_same_moment(make_ship) -> None:
    there = datetime(2024, 5, 31, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    ship = make_ship(provenance=Provenance(created=there, updated=datetime(2024, 5, 31, 12, 0)))

    again = decode(encode(ship)).provenance

    assert again.created == there
    assert again.updated == datetime(2024, 5, 31, 12, 0, tzinfo=UTC)


def test_holes_and_parts_are_kept(make_ship) -> None:
    ring = shapely.Polygon(shapely.box(0, 0, 10, 10).exterior, [shapely.box(2, 2, 4, 4).exterior])
    geometry = shapely.MultiPolygon([ring, shapely.box(20, 20, 30, 30)])

    assert decode(encode(make_ship(kind=Kind.POLYGON, geometry=geometry))).geometry == geometry


@pytest.mark.parametrize("cut", [0, 5, 20, 60])
def test_bytes_that_are_cut_short_are_refused(make_ship, cut: int) -> None:
    with pytest.raises(DamagedRowError):
        decode(encode(make_ship())[:cut])


def test_a_form_of_the_future_is_refused(make_ship) -> None:
    with pytest.raises(DamagedRowError, match="newer"):
        decode(b"\x09" + encode(make_ship())[1:])


def test_a_value_that_no_file_can_hold_is_named(make_ship) -> None:
    with pytest.raises(TypeError, match="object is no value"):
        encode(make_ship(attributes={"name": object()}))


rows = st.lists(st.none() | st.integers(-(2**63), 2**63 - 1) | texts | st.binary(max_size=20), min_size=1, max_size=6)


@given(rows, st.data())
def test_a_flipped_bit_breaks_the_seal(row: list, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(row) - 1))
    value = row[index]
    if isinstance(value, bytes) and value:
        flipped = bytearray(value)
        flipped[data.draw(st.integers(0, len(value) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        other = [*row[:index], bytes(flipped), *row[index + 1 :]]
    else:
        other = [*row[:index], "another value", *row[index + 1 :]]

    assert other == row or seal("annotation", *other) != seal("annotation", *row)


def test_a_row_of_one_table_is_not_sound_in_another() -> None:
    assert seal("annotation", 1, "a", b"x") != seal("journal", 1, "a", b"x")


@given(answers)
def test_lists_of_json_come_back_as_tuples(values: dict) -> None:
    assert from_json(to_json(values)) == values


def test_json_takes_what_arrays_and_days_are_made_of() -> None:
    values = {
        "n": np.float64(1.5),
        "i": np.int32(2),
        "a": np.array([1, 2]),
        "s": {"b", "a"},
        "d": datetime(2024, 1, 2).date(),
    }

    assert from_json(to_json(values)) == {"n": 1.5, "i": 2, "a": (1, 2), "s": ("a", "b"), "d": "2024-01-02"}
