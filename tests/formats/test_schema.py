"""The flat columns: what a GIS shows of an annotation, and what comes back from there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations import Annotation, Provenance
from napari_geolabel.formats.schema import (
    BASE_COLUMNS,
    attributes_from,
    column_names,
    finite_or_none,
    none_if_nan,
    properties_of,
    provenance_from,
    rows_of,
    typed_values,
)
from napari_geolabel.ontology import Attribute, LabelClass

ANSWERS = {"category": "merchant", "cargo": "grain", "flags": ("wake", "moored"), "draught_m": 2.5, "lit": True}


def ship(geometry=None, kind="polygon", **fields) -> Annotation:
    return Annotation(class_id="ship", kind=kind, geometry=geometry or shapely.box(1, 1, 5, 9), **fields)


def test_a_row_has_the_columns_that_are_promised_in_their_order(utm, ontology):
    row = properties_of(ship(attributes=ANSWERS), ontology, utm)
    assert list(row) == column_names(ontology)
    assert tuple(row)[: len(BASE_COLUMNS)] == BASE_COLUMNS
    assert (row["class_id"], row["class_name"], row["class_value"]) == ("ship", 'Ship "A" <&>', 1)
    assert (row["attr_flags"], row["attr_remark"]) == ("wake;moored", None)
    json.dumps(row, allow_nan=False)


def test_sizes_of_a_rotated_box_are_those_on_the_ground(utm, ontology):
    east = ship(shapely.Polygon([(20, 4), (20, 8), (10, 8), (10, 4)]), "rotated_box")
    row = properties_of(east, ontology, utm)
    assert row["length_m"] == pytest.approx(100, rel=1e-3)
    assert row["width_m"] == pytest.approx(40, rel=1e-3)
    assert row["area_m2"] == pytest.approx(4000, rel=2e-3)
    assert row["heading_deg"] == pytest.approx(90, abs=0.1)


def test_holes_are_no_area_and_parts_add_up(utm, ontology):
    whole, hole = shapely.box(0, 0, 30, 30), shapely.box(5, 5, 15, 15)
    one, less, two = (
        row["area_m2"]
        for row in rows_of(
            [ship(whole), ship(whole - hole), ship(shapely.MultiPolygon([whole, shapely.box(40, 0, 50, 10)]))],
            ontology,
            utm,
        )
    )
    assert one - less == pytest.approx(10_000, rel=2e-3)
    assert two - one == pytest.approx(10_000, rel=2e-3)


def test_a_line_has_a_length_a_point_has_no_size_and_pixels_have_none(utm, nowhere, ontology):
    line = Annotation(class_id="wake", kind="polyline", geometry=shapely.LineString([(0, 0), (30, 40)]))
    point = Annotation(class_id="buoy", kind="keypoint", geometry=shapely.Point(3, 3))
    found = rows_of([line, point], ontology, utm)
    assert found[0]["length_m"] == pytest.approx(500, rel=1e-3)
    sizes = ("heading_deg", "length_m", "width_m", "area_m2")
    assert [found[1][size] for size in sizes] == [None] * 4
    assert [properties_of(line, ontology, nowhere)[size] for size in sizes] == [None] * 4


def test_attributes_come_back_as_they_were_from_json_and_from_columns_alone(utm, ontology):
    row = properties_of(ship(attributes=ANSWERS), ontology, utm)
    expected = {**ANSWERS, "flags": ["wake", "moored"]}
    assert attributes_from(row, ontology["ship"]) == expected
    assert attributes_from({**row, "attributes": json.dumps(row["attributes"])}, ontology["ship"]) == expected
    del row["attributes"]
    assert attributes_from(row, ontology["ship"]) == expected


def test_a_column_that_was_edited_in_a_gis_counts(utm, ontology):
    row = properties_of(ship(attributes=ANSWERS), ontology, utm)
    edited = {
        **row,
        "attr_flags": "moored ; ",
        "attr_draught_m": 7.5,
        "attr_lit": 0,
        "attr_cargo": None,
        "attr_remark": 12.0,
    }
    assert attributes_from(edited, ontology["ship"]) == {
        "category": "merchant",
        "flags": ["moored"],
        "draught_m": 7.5,
        "lit": False,
        "remark": "12",
    }


def test_bare_names_are_attributes_only_where_no_column_of_ours_is(ontology):
    assert attributes_from({"remark": "x", "status": "y"}, ontology["ship"]) == {"remark": "x"}
    assert attributes_from({"remark": "x", "attr_lit": 1}, ontology["ship"]) == {"lit": True}
    assert attributes_from({"remark": "x", "attributes": "{broken"}, ontology["ship"]) == {"remark": "x"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1040010012345678901, "1040010012345678901"),
        (12345678901234567, "12345678901234567"),
        (9007199254740991.0, "9007199254740991"),
        (2020.0, "2020"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        (-7, "-7"),
    ],
)
def test_numbers_that_answer_a_text_keep_all_their_digits(value, text):
    asked = (Attribute(id="mmsi", name="M", type="text"),)
    label_class = LabelClass(id="ship", name="Ship", color="#ff0000", kinds=("box",), attributes=asked)
    assert attributes_from({"attr_mmsi": value}, label_class) == {"mmsi": text}


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-05:00"])
def test_a_time_that_utc_does_not_reach_is_none(time):
    assert provenance_from({"created": time}).created is None


def test_provenance_comes_back_and_times_are_utc(utm, ontology):
    noon = datetime(2024, 5, 6, 12, tzinfo=timezone(timedelta(hours=2)))
    made = Provenance(
        annotator="Ada",
        created=noon,
        updated=noon,
        source="model",
        tool="t 1",
        composite="ndvi",
        ground_resolution_m=2.5,
    )
    row = properties_of(ship(provenance=made), ontology, utm)
    assert row["created"] == "2024-05-06T10:00:00Z"
    assert provenance_from(row) == made


def test_what_a_table_cannot_say_of_provenance_is_none(ontology):
    row = {"annotator": np.nan, "created": "yesterday", "updated": datetime(2024, 1, 1), "ground_resolution_m": "5"}
    made = provenance_from(row)
    assert (made.annotator, made.created, made.ground_resolution_m, made.source) == (None, None, None, "imported")
    assert made.updated == datetime(2024, 1, 1, tzinfo=UTC)


def test_missing_cells_are_none_and_numpy_cells_plain():
    assert [none_if_nan(cell) for cell in (None, np.nan, np.float32("nan"), np.datetime64("NaT"))] == [None] * 4
    assert type(none_if_nan(np.int64(4))) is int
    assert [finite_or_none(cell) for cell in (0.5, np.float32(0.5), 1, np.inf, True, "1", None)] == [
        0.5, 0.5, 1.0, None, None, None, None,
    ]  # fmt: skip


NAMED = LabelClass(
    id="ship",
    name="Ship",
    color="#ff0000",
    kinds=("box",),
    attributes=(
        Attribute(id="lit", name="Lights (on)", type="boolean"),
        Attribute(id="len", name="Length m", type="number"),
        Attribute(id="note", name="Note", type="text"),
    ),
)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"attr_Lights (on)": "yes", "attr_length_m": "3.5"}, {"lit": True, "len": 3.5}),
        ({"attr_lights_on": "No"}, {"lit": False}),
        ({"attr_note": "id", "attr_Note": "name"}, {"note": "id"}),
        ({"attr_other": 7}, {}),
        ({"attr_": 1, "attr_ ": 2}, {}),
    ],
)
def test_attributes_of_other_programs_are_found_by_their_names(row, expected):
    assert attributes_from(row, NAMED) == expected


def test_names_do_not_count_in_files_of_ours():
    row = {"attributes": {"len": 2.0}, "attr_Length m": 9.0}
    assert attributes_from(row, NAMED) == {"len": 2.0}


def test_values_of_the_scene_are_found_by_name_and_made_what_they_are():
    found = typed_values({"Lights (on)": "yes", "len": "2", "unknown": "x"}, NAMED.attributes)
    assert found == {"lit": True, "len": 2.0, "unknown": "x"}
