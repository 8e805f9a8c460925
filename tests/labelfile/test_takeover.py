# ruff: noqa: S608  (names that are our own)
from __future__ import annotations

import pytest
import shapely

from napari_geolabel.annotations import Status
from napari_geolabel.labelfile.gpkg_geometry import to_blob
from napari_geolabel.labelfile.takeover import ELSEWHERE
from napari_geolabel.ontology import Attribute, Kind, Ontology


@pytest.fixture
def ship(open_file, make_ship, add):
    """A ship in a label file that is closed."""
    made = make_ship(
        100, 100, attributes={"name": "Ada", "cargo": ("ore",), "draught": 3.5, "moored": True, "category": "merchant"}
    )
    file = open_file()
    file.record(add(made))
    file.close()
    return made


def blob(geometry: shapely.Geometry) -> str:
    return "X'" + to_blob(geometry, 32633).hex() + "'"


@pytest.mark.parametrize(
    ("assignment", "fields"),
    [
        ("status = 'accepted'", {"status": Status.ACCEPTED}),
        ("confidence = 0.75", {"confidence": 0.75}),
        ("attr_name = 'Bea'", {"name": "Bea"}),
        ("attr_draught = 4", {"draught": 4}),
        ("attr_moored = 0", {"moored": False}),
        ("attr_cargo = 'oil;ore'", {"cargo": ("ore", "oil")}),
        ("attr_category = 'naval'", {"category": "naval"}),
        ("attr_name = NULL", {"name": None}),
        ("attr_seen = '2024-02-03'", {"seen": "2024-02-03"}),
    ],
)
def test_an_edited_column_is_taken_over(open_file, path, sqlite, ship, assignment: str, fields: dict) -> None:
    sqlite(path, f"UPDATE labels_polygon SET {assignment}")

    file = open_file()
    (found,) = file.load().annotations

    for name, value in fields.items():
        actual = getattr(found, name) if hasattr(found, name) else found.attributes.get(name)
        assert actual == value
    assert found.geometry == ship.geometry
    assert found.id == ship.id
    assert file.notes == ("edits made in another program were taken over: 1 changed",)
    assert [entry.actor for entry in file.log()] == ["Ann", ELSEWHERE]


def test_a_moved_geometry_is_taken_over_in_pixels(open_file, path, sqlite, ship) -> None:
    moved = shapely.box(401_960, 5_298_040, 402_060, 5_298_090)  # 200..210, 195..200 in pixels
    sqlite(path, f"UPDATE labels_polygon SET geom = {blob(moved)}")

    (found,) = open_file().load().annotations

    assert found.geometry.bounds == (200, 195, 210, 200)
    assert found.kind is Kind.BOX
    assert found.attributes == ship.attributes


def test_a_box_that_was_bent_becomes_a_polygon(open_file, path, sqlite, ship) -> None:
    bent = shapely.Polygon([(401_960, 5_298_040), (402_060, 5_298_040), (402_090, 5_298_090), (401_900, 5_298_100)])
    bent = bent.union(shapely.Point(401_900, 5_298_100).buffer(30))
    sqlite(path, f"UPDATE labels_polygon SET geom = {blob(bent)}")

    (found,) = open_file().load().annotations

    assert found.kind is Kind.POLYGON


def test_writing_the_same_values_again_changes_nothing(open_file, path, sqlite, ship) -> None:
    sqlite(path, "UPDATE labels_polygon SET attr_name = attr_name, geom = geom")

    file = open_file()

    assert file.load().annotations == [ship]
    assert file.notes == ()
    assert len(list(file.log())) == 1


def test_a_deleted_feature_is_a_removed_annotation_that_undo_brings_back(open_file, path, sqlite, ship) -> None:
    sqlite(path, "DELETE FROM labels_polygon")

    file = open_file()
    contents = file.load()
    assert contents.annotations == []
    file.record(contents.history[-1].reversed())
    file.close()

    assert open_file().load().annotations == [ship]
    assert sqlite(path, "SELECT attr_name FROM labels_polygon") == [("Ada",)]


def test_a_drawn_feature_becomes_an_annotation(open_file, path, sqlite, ship) -> None:
    drawn = shapely.box(400_060, 5_299_840, 400_160, 5_299_940)
    sqlite(path, f"INSERT INTO labels_polygon (geom, class_id, attr_name) VALUES ({blob(drawn)}, 'ship', 'Carl')")
    sqlite(
        path, f"INSERT INTO labels_point (geom, class_id) VALUES ({blob(shapely.Point(400_000, 5_300_000))}, 'buoy')"
    )

    file = open_file()
    found = {a.class_id + str(a.attributes.get("name")): a for a in file.load().annotations}

    assert len(found) == 3
    assert found["shipCarl"].geometry.bounds == (10, 10, 20, 20)
    assert found["shipCarl"].provenance.tool == ELSEWHERE
    assert found["buoyNone"].kind is Kind.KEYPOINT
    assert sqlite(path, "SELECT count(*) FROM labels_polygon WHERE id IS NULL") == [(0,)]


def test_a_copied_feature_becomes_an_annotation_of_its_own(open_file, path, sqlite, ship) -> None:
    columns = "geom, id, class_id, kind, status, attr_name"
    sqlite(path, f"INSERT INTO labels_polygon ({columns}) SELECT {columns} FROM labels_polygon")

    found = open_file().load().annotations

    assert len({a.id for a in found}) == 2
    assert {a.attributes["name"] for a in found} == {"Ada"}


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        ("class_id = 'plane'", "plane"),
        ("status = 'perfect'", "perfect"),
        ("attr_draught = 999", "999"),
        ("confidence = 7", "7"),
        ("confidence = 'high'", "confidence 'high' is no number"),
        ("confidence = x'00ff'", "is no number"),
        ("annotator = x'00ff'", "is no text"),
        ("geom = NULL", "not a GeoPackage geometry"),
        (f"geom = {blob(shapely.LineString([(0, 0), (1, 1)]))}", "LineString"),
    ],
)
def test_what_cannot_be_an_annotation_is_told_and_put_back(
    open_file, path, sqlite, ship, assignment: str, reason: str
) -> None:
    before = sqlite(path, "SELECT * FROM labels_polygon")
    sqlite(path, f"UPDATE labels_polygon SET {assignment}")

    file = open_file()

    assert file.load().annotations == [ship]
    assert reason in file.notes[0]
    assert "was not taken over" in file.notes[0]
    file.close()
    assert sqlite(path, "SELECT * FROM labels_polygon") == before


def test_a_drawn_feature_without_a_class_waits_for_one(open_file, path, sqlite, ship) -> None:
    drawn = shapely.box(400_060, 5_299_840, 400_160, 5_299_940)
    sqlite(path, f"INSERT INTO labels_polygon (geom) VALUES ({blob(drawn)})")

    file = open_file()
    assert len(file.load().annotations) == 1
    assert "is no annotation yet: it has no class_id" in file.notes[0]
    file.close()
    sqlite(path, "UPDATE labels_polygon SET class_id = 'ship' WHERE class_id IS NULL")

    assert len(open_file().load().annotations) == 2


def test_another_class_drops_the_answers_that_it_does_not_ask_for(
    open_file, path, sqlite, make_ship, add, ontology
) -> None:
    from napari_geolabel.ontology import LabelClass

    wider = ontology.with_classes(
        [LabelClass(id="dock", name="Dock", color="#123456", mask_value=9, kinds=(Kind.POLYGON, Kind.BOX))]
    )
    file = open_file(ontology=wider)
    file.record(add(make_ship(attributes={"name": "Ada"})))
    file.close()
    sqlite(path, "UPDATE labels_polygon SET class_id = 'dock'")

    (found,) = open_file(ontology=None).load().annotations

    assert found.class_id == "dock"
    assert found.attributes == {}


def test_an_edit_made_while_a_session_is_open_arrives(open_file, path, sqlite, make_ship, add) -> None:
    ship = make_ship()
    file = open_file()
    file.record(add(ship))
    file.flush()
    import threading

    arrived = threading.Event()
    file.arrived.connect(arrived.set)
    sqlite(path, "UPDATE labels_polygon SET status = 'accepted'")
    assert arrived.wait(60)

    change = file.pull({ship.id: ship}, scene_attributes={})

    assert change.edits[0].before == ship
    assert change.edits[0].after.status is Status.ACCEPTED
    assert not file.pull({ship.id: change.edits[0].after}, scene_attributes={})
    file.record(change)  # as a store does when it takes the change over
    file.flush()
    assert len(list(file.log())) == 2


def test_the_index_of_the_features_stays_right(open_file, path, sqlite, ship) -> None:
    sqlite(path, f"UPDATE labels_polygon SET geom = {blob(shapely.box(401_960, 5_298_040, 402_060, 5_298_090))}")
    open_file().close()

    assert sqlite(path, "SELECT rtreecheck('rtree_labels_polygon_geom')") == [("ok",)]
    ((low, high),) = sqlite(path, "SELECT minx, maxx FROM rtree_labels_polygon_geom")
    assert low == pytest.approx(401_960, abs=0.1)
    assert high == pytest.approx(402_060, abs=0.1)


def asking_more(ontology: Ontology, *names: str) -> Ontology:
    """Return an ontology whose ships have more questions."""
    ship = ontology["ship"]
    more = (*ship.attributes, *(Attribute(id=name, name=name.title(), type="text") for name in names))
    return ontology.with_classes([ship.model_copy(update={"attributes": more})])


def test_an_ontology_that_asks_more_changes_nothing_that_another_program_did(
    open_file, path, sqlite, make_ship, add, ontology
) -> None:
    ships = [make_ship(20 * n) for n in range(3)]
    file = open_file()
    file.record(add(*ships))
    file.use_ontology(asking_more(ontology, "flag"))
    file.close()
    reopened = open_file(ontology=None)
    assert reopened.notes == ()
    reopened.close()
    sqlite(path, f"UPDATE labels_polygon SET status = 'accepted', attr_flag = 'NO' WHERE id = '{ships[0].id}'")
    sqlite(path, f"DELETE FROM labels_polygon WHERE id = '{ships[1].id}'")

    file = open_file(ontology=asking_more(ontology, "flag", "port"))

    assert file.notes == ("edits made in another program were taken over: 1 removed, 1 changed",)
    first, third = file.load().annotations
    assert (first.id, first.status, first.attributes["flag"]) == (ships[0].id, Status.ACCEPTED, "NO")
    assert third == ships[2]
    file.close()
    assert open_file(ontology=None).notes == ()


def test_an_answer_to_a_question_that_was_gone_for_a_while_is_shown_again(
    open_file, path, sqlite, make_ship, add, ontology
) -> None:
    wider = asking_more(ontology, "flag")
    file = open_file(ontology=wider)
    file.record(add(make_ship(attributes={"flag": "NO"})))
    file.use_ontology(ontology)
    sqlite(path, "UPDATE labels_polygon SET attr_flag = NULL", "DELETE FROM touched_feature")
    file.use_ontology(wider)
    file.close()

    assert sqlite(path, "SELECT attr_flag FROM labels_polygon") == [("NO",)]
    assert open_file(ontology=None).notes == ()


def test_a_faded_feature_takes_no_edit_of_another_program_along(open_file, path, sqlite, make_ship, add) -> None:
    ships = [make_ship(20 * n) for n in range(4)]
    file = open_file()
    file.record(add(*ships))
    file.close()
    sqlite(path, "UPDATE labels_polygon SET class_name = 'damaged' WHERE fid = 1",
           "DELETE FROM labels_polygon WHERE fid = 2", "DELETE FROM touched_feature")  # fmt: skip
    sqlite(
        path, "UPDATE labels_polygon SET status = 'accepted' WHERE fid = 3", "DELETE FROM labels_polygon WHERE fid = 4"
    )

    file = open_file()

    assert [(a.id, a.status) for a in file.load().annotations] == [
        (ships[0].id, Status.DRAFT), (ships[1].id, Status.DRAFT), (ships[2].id, Status.ACCEPTED)]  # fmt: skip
    assert file.notes == (
        "2 features were not as they were written and were made anew from the exact annotations",
        "edits made in another program were taken over: 1 removed, 1 changed",
    )
    file.close()
    assert open_file().notes == ()
