from __future__ import annotations

import sqlite3
import threading

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from napari_geolabel.annotations import AnnotationStore, Change, Edit
from napari_geolabel.errors import OntologyError, WriteError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import LabelFile, Pending, Saved, fingerprint_of
from napari_geolabel.ontology import Kind, LabelClass


def test_a_new_file_is_empty_and_saved(open_file, path) -> None:
    file = open_file()

    assert path.exists()
    assert file.status == Saved()
    assert file.notes == ()
    assert file.load().annotations == []
    assert file.load().history == []


def test_what_is_recorded_is_there_when_opened_again(open_file, make_ship, add, paint) -> None:
    ships = [
        make_ship(10 * n, attributes={"name": f"Ä {n}", "cargo": ("ore", "oil"), "moored": True}) for n in range(4)
    ]
    file = open_file()
    file.record(add(*ships[:3]))
    file.record(add(ships[3]))
    file.record(paint(7))
    file.record(Change(title="answer", scene_attributes=({}, {"haze": 0.5, "note": "x"})))
    file.close()

    contents = open_file(ontology=None).load()

    assert contents.annotations == ships
    assert contents.scene_attributes == {"haze": 0.5, "note": "x"}
    assert contents.tiles == {(0, 0): bytes([7]) * 100 + bytes(65436)}
    assert [change.title for change in contents.history] == ["draw", "draw", "paint", "answer"]


def test_every_kind_of_geometry_is_kept_to_the_bit_and_in_draw_order(open_file, make_ship, add, utm) -> None:
    third = 1 / 3
    annotations = [
        make_ship(id="keel", kind="polygon", geometry=shapely.Polygon([(third, 0.1), (7.7, 3.3), (1.1, 9.9)])),
        make_ship(id="light", class_id="buoy", kind="keypoint", geometry=shapely.Point(third, third)),
        make_ship(id="way", class_id="road", kind="polyline", geometry=shapely.LineString([(0, 0), (third, 8)])),
        make_ship(
            id="two", kind="polygon", geometry=shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(3, 3, 4, 4)])
        ),
    ]
    file = open_file()
    for annotation in annotations:
        file.record(add(annotation))
    file.close()

    assert open_file().load().annotations == annotations


def test_a_change_is_numbered_and_acknowledged_by_flush(open_file, make_ship, add) -> None:
    file = open_file()
    seen = []
    file.status_changed.connect(seen.append)

    assert [file.record(add(make_ship())), file.record(add(make_ship()))] == [1, 2]
    file.flush(timeout_s=60)

    assert file.status == Saved()
    assert len(list(file.log())) == 2
    assert all(isinstance(status, Pending | Saved) for status in seen)


def test_the_status_is_told_on_the_writers_thread(open_file, make_ship, add) -> None:
    file = open_file()
    threads = set()
    file.status_changed.connect(lambda _: threads.add(threading.current_thread().name))
    for _ in range(50):
        file.record(add(make_ship()))
    file.flush()

    assert threads <= {"geolabel-writer"}


def test_a_listener_that_fails_does_not_stop_the_writing(open_file, make_ship, add, caplog) -> None:
    file = open_file()

    @file.status_changed.connect
    def fail(_status: object) -> None:
        raise RuntimeError("listener")

    for _ in range(20):
        file.record(add(make_ship()))
    file.flush(timeout_s=60)

    assert len(list(file.log())) == 20


def test_closing_leaves_a_single_file_outside_wal_mode(open_file, path, make_ship, add, sqlite) -> None:
    file = open_file()
    file.record(add(make_ship()))
    file.flush()
    assert path.with_name(path.name + "-wal").exists()

    file.close()
    file.close()

    assert [found.name for found in path.parent.iterdir()] == [path.name]
    assert sqlite(path, "PRAGMA journal_mode") == [("delete",)]
    assert sqlite(path, "PRAGMA integrity_check") == [("ok",)]


def test_recording_after_closing_is_refused(open_file, make_ship, add) -> None:
    file = open_file()
    file.close()

    with pytest.raises(WriteError, match="is closed"):
        file.record(add(make_ship()))


def test_updates_and_removals_keep_the_order_in_which_things_were_drawn(open_file, make_ship, add, update) -> None:
    first, second, third = (make_ship(20 * n) for n in range(3))
    file = open_file()
    file.record(add(first, second, third))
    file.record(update(first, confidence=0.5))
    removal = Change(title="remove", edits=(Edit(before=second),))
    file.record(removal)
    file.record(removal.reversed())
    file.close()

    assert [a.id for a in open_file().load().annotations] == [first.id, second.id, third.id]


def test_undo_goes_on_in_the_next_session(open_file, make_ship, add, update, paint) -> None:
    ship = make_ship()
    file = open_file()
    for change in (add(ship), update(ship, confidence=0.5), paint(3)):
        file.record(change)
    file.close()

    contents = open_file().load()
    store = AnnotationStore(open_file().ontology, contents.annotations)
    tiles = dict(contents.tiles)
    for change in reversed(contents.history):
        back = change.reversed()
        store.apply(back)
        tiles.update({(t.row, t.col): t.after for t in back.tiles})

    assert len(store) == 0
    assert tiles == {(0, 0): bytes(65536)}


def test_what_was_undone_is_no_step_of_undo_any_more_and_what_was_redone_is(open_file, make_ship, add, update) -> None:
    ship = make_ship()
    drawn = add(ship)
    edited = update(ship, confidence=0.5)
    file = open_file()
    for change in (drawn, edited, edited.reversed(), edited, edited.reversed()):
        file.record(change)
    file.close()

    file = open_file()
    assert [len(change.edits) for change in file.load().history] == [1]
    assert file.load().history == [drawn]
    file.record(drawn.reversed())
    file.close()

    assert open_file().load().history == []
    assert [entry.undoes for entry in open_file().log()] == [None, None, 2, None, 4, 1]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["add", "edit", "remove", "undo", "redo", "reopen"]), max_size=20))
def test_a_file_always_holds_what_the_store_holds(tmp_path_factory, utm, ontology, make_ship, steps: list[str]) -> None:
    where = tmp_path_factory.mktemp("law") / "a.labels.gpkg"
    file = LabelFile.open(where, grid=utm, ontology=ontology)
    store = AnnotationStore(ontology)
    store.changed.connect(file.record)
    for number, step in enumerate(steps):
        ids = list(store)
        if step == "add":
            store.apply(Change(title="add", edits=(Edit(after=make_ship(number)),)))
        elif step == "edit" and ids:
            ship = store[ids[number % len(ids)]]
            store.apply(Change(title="edit", edits=(Edit(before=ship, after=ship.edited(confidence=number / 20)),)))
        elif step == "remove" and ids:
            store.apply(Change(title="remove", edits=(Edit(before=store[ids[number % len(ids)]]),)))
        elif step == "undo":
            store.undo()
        elif step == "redo":
            store.redo()
        elif step == "reopen":
            file.close()
            file = LabelFile.open(where, grid=utm, ontology=ontology)
            assert file.notes == ()
            store.changed.disconnect()
            store.changed.connect(file.record)
            assert file.load().annotations == list(store.values())
    file.close()
    with LabelFile.open(where, grid=utm, ontology=ontology, mode="r") as again:
        assert again.load().annotations == list(store.values())


def test_a_status_that_changes_is_kept_for_the_review(open_file, make_ship, add, update, path, sqlite) -> None:
    ship = make_ship()
    file = open_file()
    file.record(add(ship))
    file.record(update(ship, status="accepted"))
    file.close()

    assert sqlite(path, "SELECT id, from_status, to_status FROM review") == [(ship.id, "draft", "accepted")]


def test_a_missing_ontology_is_asked_for(path, utm) -> None:
    with pytest.raises(OntologyError, match="name the ontology"):
        LabelFile.open(path, grid=utm)
    assert not path.exists()


def test_a_new_class_can_be_used_once_the_file_knows_it(open_file, make_ship, add, sqlite, path) -> None:
    file = open_file()
    dock = LabelClass(id="dock", name="Dock", color="#123456", mask_value=9, kinds=(Kind.POLYGON,))
    wider = file.ontology.with_classes([dock])
    file.use_ontology(wider)
    file.record(add(make_ship(class_id="dock", kind="polygon")))
    file.close()

    again = open_file(ontology=None)

    assert again.ontology == wider
    assert again.load().annotations[0].class_id == "dock"
    codes = sqlite(path, "SELECT value FROM gpkg_data_column_constraints WHERE constraint_name = 'geolabel_class_id'")
    assert ("dock",) in codes


def test_an_ontology_that_lacks_a_used_class_is_refused_and_nothing_is_lost(
    open_file, make_ship, add, ontology
) -> None:
    file = open_file()
    file.record(add(make_ship()))
    file.close()
    narrow = type(ontology)(id="narrow", name="Narrow", version="1", classes=ontology.classes[1:])

    with pytest.raises(OntologyError, match="1 of ship"):
        open_file(ontology=narrow)

    assert len(open_file().load().annotations) == 1


def test_a_scene_that_moved_is_found_again(open_file, tmp_path) -> None:
    scene = tmp_path / "scene.tif"
    scene.write_bytes(bytes(range(256)) * 1000)
    open_file(fingerprint=fingerprint_of(scene)).close()
    scene.rename(tmp_path / "moved.tif")

    file = open_file(fingerprint=fingerprint_of(tmp_path / "moved.tif"))

    assert len(file.notes) == 1
    assert "moved.tif; it was found again" in file.notes[0]


def test_a_scene_that_changed_is_noticed_and_its_labels_are_kept(open_file, tmp_path, make_ship, add) -> None:
    scene = tmp_path / "scene.tif"
    scene.write_bytes(b"one" * 1000)
    file = open_file(fingerprint=fingerprint_of(scene))
    file.record(add(make_ship()))
    file.close()
    scene.write_bytes(b"two" * 1000)

    file = open_file(fingerprint=fingerprint_of(scene))

    assert "not as it was when it was labelled" in file.notes[0]
    assert len(file.load().annotations) == 1


def test_a_scene_with_another_georeference_takes_its_features_along(open_file, make_ship, add, utm, path) -> None:
    import pyogrio

    ship = make_ship(100, 100)
    file = open_file(grid=GeoGrid(shape=utm.shape, transform=utm.transform, crs=None))
    file.record(add(ship))
    file.close()
    before = pyogrio.read_dataframe(path, layer="labels_polygon")

    file = open_file()
    assert "lies elsewhere on Earth now" in file.notes[0]
    assert file.load().annotations == [ship]
    file.close()

    after = pyogrio.read_dataframe(path, layer="labels_polygon")
    assert before.crs is None or before.crs.to_epsg() is None
    assert tuple(before.total_bounds) == (100, -105, 110, -100)
    assert after.crs.to_epsg() == 32633
    assert tuple(after.total_bounds) == (400_960, 5_298_990, 401_060, 5_299_040)
    assert open_file().notes == ()


def test_what_another_program_did_is_taken_over_before_the_features_move_with_the_scene(
    open_file, make_ship, add, utm, path, sqlite
) -> None:
    ships = [make_ship(20 * n) for n in range(3)]
    file = open_file()
    file.record(add(*ships))
    file.close()
    sqlite(path, "UPDATE labels_polygon SET status = 'accepted' WHERE fid = 1",
           "DELETE FROM labels_polygon WHERE fid = 2",
           "INSERT INTO labels_polygon (geom, class_id) SELECT geom, 'ship' FROM labels_polygon WHERE fid = 3",
           "INSERT INTO labels_polygon (geom) SELECT geom FROM labels_polygon WHERE fid = 3")  # fmt: skip
    moved = GeoGrid(shape=utm.shape, transform=utm.transform @ utm.transform.translation(7, 0), crs=utm.crs)

    file = open_file(grid=moved)
    first, third, drawn = file.load().annotations

    assert file.notes[0] == "edits made in another program were taken over: 1 added, 1 removed, 1 changed"
    assert [sum(what in note for note in file.notes) for what in ("is no annotation yet", "lies elsewhere")] == [1, 1]
    assert (first.id, first.status, third.id) == (ships[0].id, "accepted", ships[2].id)
    assert drawn.geometry.equals(ships[2].geometry)
    file.close()
    assert len(open_file(grid=moved).notes) == 1, "the one without a class still waits"


def test_many_changes_at_once_are_all_written(open_file, make_ship, add) -> None:
    ships = [make_ship(n % 400) for n in range(300)]
    file = open_file()
    for ship in ships:
        file.record(add(ship))
    file.close()

    assert open_file().load().annotations == ships


def test_an_import_of_thousands_is_one_change(open_file, make_ship, add) -> None:
    ships = [make_ship(n % 400, n // 400) for n in range(3000)]
    file = open_file()
    file.record(add(*ships, title="import 3000 annotations"))
    file.close()

    contents = open_file().load()

    assert contents.annotations == ships
    assert [change.title for change in contents.history] == ["import 3000 annotations"]
    assert len(contents.history[0].edits) == 3000


def test_recording_never_waits_for_the_disk(open_file, make_ship, add, path, monkeypatch) -> None:
    monkeypatch.setattr("napari_geolabel.labelfile.connection.BUSY_SECONDS", 100)
    file = open_file()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")  # as if the disk hung
    for _ in range(100):
        file.record(add(make_ship()))
    pending = file.status  # had one of them waited, the writer would have given up
    blocker.execute("ROLLBACK")
    blocker.close()
    file.flush(timeout_s=60)

    assert pending == Pending(100)
    assert len(list(file.log())) == 100


def test_features_made_anew_without_the_scene_at_hand_keep_its_name(
    open_file, path, tmp_path, make_ship, add, sqlite
) -> None:
    scene = tmp_path / "scene.tif"
    scene.write_bytes(b"pixels")
    file = open_file(fingerprint=fingerprint_of(scene))
    ship = make_ship()
    file.record(add(ship))
    file.close()
    sqlite(path, "UPDATE labels_polygon SET class_name = 'damaged'", "DELETE FROM touched_feature")

    open_file().close()

    assert sqlite(path, "SELECT class_name, image FROM labels_polygon") == [("Ship <of any kind>", "scene.tif")]
