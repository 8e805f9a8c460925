from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_geolabel.annotations import Provenance, Status
from napari_geolabel.formats.schema import attributes_from
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile.features import (
    FeatureForm,
    attribute_columns,
    drop_feature,
    keep_geometry,
    put_feature,
    read_feature,
    shown_seal,
    shown_seals,
)
from napari_geolabel.labelfile.gpkg_geometry import from_blob, to_pixel
from napari_geolabel.labelfile.rows import to_json
from napari_geolabel.ontology import Attribute, Kind, LabelClass, Ontology, Option

LAYER = "labels_polygon"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
answers = st.fixed_dictionaries(
    {},
    optional={
        "category": st.sampled_from(["merchant", "naval"]),
        "cargo": st.lists(st.sampled_from(["ore", "oil"]), unique=True, min_size=1).map(tuple),
        "name": texts,
        "draught": st.floats(0, 30),
        "moored": st.booleans(),
        "seen": st.dates().map(str),
    },
)
corners = st.floats(0, 480)


@given(answers, st.none() | st.floats(0, 1), st.sampled_from(list(Status)), corners, corners)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_feature_is_read_as_it_was_written(db, form, make_ship, attributes, confidence, status, x, y) -> None:
    ship = make_ship(x, y, attributes=attributes, confidence=confidence, status=status)
    (flat,) = form.rows([ship])

    row = read_feature(db, LAYER, put_feature(db, form, LAYER, ship.geometry, flat))

    assert tuple(row[name] for name in form.columns) == flat
    assert (row["id"], row["status"], row["confidence"]) == (ship.id, str(status), confidence)
    assert row["attr_draught"] == attributes.get("draught")
    assert row["attr_moored"] == (int(attributes["moored"]) if "moored" in attributes else None)
    assert row["attr_cargo"] == (";".join(attributes["cargo"]) if "cargo" in attributes else None)
    assert to_json(attributes_from(row, form.ontology["ship"])) == to_json(attributes)
    (part,) = to_pixel(from_blob(row["geom"]), form.grid).geoms
    assert part.equals_exact(ship.geometry, 1e-6)


def test_many_rows_are_the_rows_one_by_one(form, make_ship) -> None:
    ships = [make_ship(n, n, attributes={"name": f"ship {n}"}) for n in range(4)]

    assert form.rows(ships) == [row for ship in ships for row in form.rows([ship])]
    assert {len(row) for row in form.rows(ships)} == {len(form.columns)}


def test_a_row_names_its_scene_and_its_times_as_a_geopackage_wants_them(form, make_ship) -> None:
    created = datetime(2024, 5, 31, 23, 30, 15, 987654, tzinfo=timezone(timedelta(hours=-2)))
    ship = make_ship(provenance=Provenance(annotator="Ann", created=created, updated=datetime(1999, 1, 2, tzinfo=UTC)))
    row = dict(zip(form.columns, form.rows([ship])[0], strict=True))

    assert row["image"] == "scene.tif"
    assert row["created"] == "2024-06-01T01:30:15.987Z"
    assert row["updated"] == "1999-01-02T00:00:00.000Z"


def test_writing_over_a_feature_keeps_its_number_and_one_that_is_gone_gets_another(db, form, make_ship) -> None:
    first, second = make_ship(1), make_ship(50)
    flats = form.rows([first, second])
    fid = put_feature(db, form, LAYER, first.geometry, flats[0])

    assert put_feature(db, form, LAYER, second.geometry, flats[1], fid) == fid
    assert read_feature(db, LAYER, fid)["id"] == second.id
    drop_feature(db, LAYER, fid)
    assert read_feature(db, LAYER, fid) is None
    again = put_feature(db, form, LAYER, first.geometry, flats[0], fid)
    assert again != fid, "a GIS that still shows the old one must not take it for the new one"
    assert read_feature(db, LAYER, again)["id"] == first.id


def test_a_feature_whose_geometry_stays_is_written_over_but_for_its_measures(db, form, make_ship) -> None:
    old = make_ship(1, attributes={"name": "Ada"})
    new = replace(old, attributes={"name": "Bea", "moored": True}, confidence=0.5, status=Status.ACCEPTED)
    fid = put_feature(db, form, LAYER, old.geometry, form.rows([old])[0])
    db.execute(f"UPDATE {LAYER} SET area_m2 = 7")  # noqa: S608

    assert keep_geometry(db, form, LAYER, new, fid)

    row = read_feature(db, LAYER, fid)
    assert row["area_m2"] == 7, "what cannot have changed is not measured again"
    expected = dict(zip(form.columns, form.rows([new])[0], strict=True))
    assert {name: row[name] for name in form.columns if name != "area_m2"} == {
        name: value for name, value in expected.items() if name != "area_m2"
    }
    assert not keep_geometry(db, form, LAYER, new, fid + 1)


@pytest.mark.parametrize("column", ["geom", "class_id", "attr_draught", "attributes", "updated"])
def test_a_seal_sees_every_column(db, form, make_ship, column: str) -> None:
    ship = make_ship(attributes={"draught": 2.5})
    fids = [put_feature(db, form, LAYER, ship.geometry, form.rows([ship])[0]) for _ in range(2)]
    before = shown_seals(db, form, LAYER)
    assert before == {fid: shown_seal(db, form, LAYER, fid) for fid in fids}
    assert len(set(before.values())) == 1, "the seal is of what is shown, not of the number"

    db.execute(f"UPDATE {LAYER} SET {column} = NULL WHERE fid = ?", (fids[1],))  # noqa: S608

    after = shown_seals(db, form, LAYER)
    assert after[fids[0]] == before[fids[0]]
    assert after[fids[1]] != before[fids[1]]


@given(st.integers(1, 1300), st.integers(1, 1300), st.sampled_from([1, 2, 4]), st.data())
def test_the_bytes_of_a_pixel_follow_from_the_tile_even_at_the_border(rows, cols, item, data) -> None:
    ontology = Ontology(id="o", name="O", version="1", classes=())
    form = FeatureForm(grid=GeoGrid(shape=(rows, cols), transform=Affine.identity()), ontology=ontology, srs_id=-1)
    row, col = data.draw(st.integers(0, (rows - 1) // 256)), data.draw(st.integers(0, (cols - 1) // 256))
    height, width = min(256, rows - 256 * row), min(256, cols - 256 * col)

    assert form.item_bytes(row, col, height * width * item) == item


def test_questions_under_options_have_columns_and_a_shared_name_holds_any_answer() -> None:
    deep = Attribute(id="depth", name="Depth", type="number")
    asked = Attribute(id="kind", name="Kind", type="radio", options=(Option(id="a", name="A", attributes=(deep,)),))
    other = Attribute(id="kind", name="Kind", type="number", archived=True)
    classes = [
        LabelClass(id=name, name=name, color="#000000", kinds=(Kind.BOX,), attributes=(question,))
        for name, question in (("one", asked), ("two", other))
    ]
    ontology = Ontology(id="o", name="O", version="1", classes=tuple(classes))

    assert attribute_columns(ontology) == {"attr_kind": "TEXT", "attr_depth": "REAL"}
