from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.annotations import Annotation, Change, Edit, Status
from napari_geolabel.labelfile import annotation_rows
from napari_geolabel.labelfile.annotation_rows import Written, put_rows, read_rows
from napari_geolabel.labelfile.load import faded_features, read_content
from napari_geolabel.labelfile.rows import encode
from napari_geolabel.labelfile.transaction import Author, transaction, write_change
from napari_geolabel.ontology import Kind


@pytest.fixture
def put(db, form) -> Callable[..., None]:
    """Write annotations as a change, None for a removal."""
    numbers = itertools.count(1)

    def run(**wanted: Annotation | None) -> None:
        with transaction(db):
            rows = read_rows(db, wanted)
            for row in rows.values():
                row.wanted = wanted[row.id]
                row.wanted_exact = None if row.wanted is None else encode(row.wanted)
            put_rows(db, list(rows.values()), Written(form), next(numbers))
            db.execute("DELETE FROM touched_feature")

    return run


@pytest.fixture
def write(db, form) -> Callable[[Change], None]:
    """Write a change."""

    def run(change: Change) -> None:
        with transaction(db):
            write_change(db, change, form, Author(session="one"))

    return run


def road(**fields) -> Annotation:
    return Annotation(class_id="road", kind=Kind.POLYLINE, geometry=shapely.LineString([(1, 1), (9, 9)]), **fields)


def test_many_annotations_of_several_layers_are_read_as_they_were_written(db, form, put, make_ship) -> None:
    ships = {f"ship{n}": make_ship(n, id=f"ship{n}") for n in range(700)}
    roads = {f"road{n}": road(id=f"road{n}") for n in range(3)}

    put(**ships, **roads)

    rows = read_rows(db, [*ships, *roads, "nobody"])
    assert {key: row.exact for key, row in rows.items() if row.exact} == {
        key: encode(annotation) for key, annotation in (ships | roads).items()
    }
    assert [rows["ship699"].layer, rows["road2"].layer] == ["labels_polygon", "labels_line"]
    assert rows["nobody"].entry is None
    assert faded_features(db, form) == []
    assert list(read_content(db).annotations) == [*ships, *roads], "in draw order"
    assert db.execute("SELECT rtreecheck('rtree_labels_polygon_geom')").fetchone() == ("ok",)


def test_what_comes_back_has_its_place_and_a_newer_version(db, put, make_ship) -> None:
    put(a=make_ship(id="a"), b=make_ship(id="b"))
    place = read_rows(db, ["a"])["a"].place
    put(a=None)

    gone = read_rows(db, ["a"])["a"]
    assert (gone.entry, gone.exact, gone.version, gone.place) == (None, None, 2, place)

    put(a=make_ship(5, id="a"))
    assert read_rows(db, ["a"])["a"].version == 3
    assert list(read_content(db).annotations) == ["a", "b"]


def test_a_number_of_a_feature_is_never_used_again(db, put, make_ship) -> None:
    put(a=make_ship(id="a"))
    put(a=None)
    put(b=make_ship(id="b"))

    assert db.execute("SELECT fid, id FROM labels_polygon").fetchall() == [(2, "b")]


def test_an_attribute_alone_leaves_geometry_and_index_untouched(db, write, make_ship, add, update) -> None:
    ship = make_ship()
    write(add(ship))
    before = db.execute("SELECT geom FROM labels_polygon").fetchone()
    told: list[str] = []
    db.set_trace_callback(told.append)

    write(update(ship, attributes={"name": "Ada"}))

    db.set_trace_callback(None)
    assert not [text for text in told if "rtree" in text]
    assert db.execute("SELECT geom, attr_name FROM labels_polygon").fetchone() == (*before, "Ada")


def test_a_moved_geometry_is_found_at_its_new_place_by_the_index(db, write, make_ship, add, update) -> None:
    ship = make_ship(100, 100)
    write(add(ship))

    write(update(ship, geometry=shapely.box(300, 300, 310, 305)))

    x, y = 399_960 + 3050, 5_300_040 - 3020
    query = "SELECT count(*) FROM rtree_labels_polygon_geom WHERE minx <= ? AND maxx >= ? AND miny <= ? AND maxy >= ?"
    assert db.execute(query, (x, x, y, y)).fetchone() == (1,)


def test_an_annotation_may_change_its_layer(db, form, write, make_ship, add) -> None:
    ship = make_ship()
    write(add(ship))
    buoy = replace(ship, class_id="buoy", kind=Kind.KEYPOINT, geometry=shapely.Point(3, 4), attributes={})

    write(Change(title="edit", edits=(Edit(before=ship, after=buoy),)))

    assert db.execute("SELECT count(*) FROM labels_polygon").fetchone() == (0,)
    assert db.execute("SELECT id FROM labels_point").fetchall() == [(ship.id,)]
    assert faded_features(db, form) == []


def test_several_edits_of_one_annotation_in_one_change_count_as_one(db, write, make_ship) -> None:
    first = make_ship()
    second = first.edited(confidence=0.5)
    third = second.edited(attributes={"name": "Ada"})

    write(Change(title="edit", edits=(Edit(after=first), Edit(before=first, after=second))))
    write(Change(title="edit", edits=(Edit(before=second, after=third), Edit(before=third, after=first))))

    assert [a for _, _, a in read_content(db).annotations.values()] == [first]
    assert db.execute("SELECT op FROM journal ORDER BY entry").fetchall() == [("add",), ("update",)]
    assert db.execute("SELECT count(*) FROM conflict").fetchone() == (0,)


def test_each_status_that_changed_is_a_step_of_review(db, write, make_ship, add) -> None:
    ships = [make_ship(n) for n in range(3)]
    write(add(*ships))
    edits = tuple(
        Edit(before=ship, after=replace(ship, status=status))
        for ship, status in zip(ships, (Status.ACCEPTED, Status.REJECTED, Status.DRAFT), strict=True)
    )

    write(Change(title="review", edits=edits))

    steps = db.execute("SELECT seq, id, from_status, to_status FROM review ORDER BY entry").fetchall()
    assert steps == [(2, ships[0].id, "draft", "accepted"), (2, ships[1].id, "draft", "rejected")]


@given(st.sets(st.integers(-50, 50)))
def test_runs_cover_exactly_the_numbers_and_none_touches_the_next(numbers: set[int]) -> None:
    runs = list(annotation_rows._runs(sorted(numbers)))

    assert [n for run in runs for n in run] == sorted(numbers)
    assert all(one.stop < other.start for one, other in itertools.pairwise(runs))


@given(st.sets(st.integers(0, 5)))
def test_what_was_made_in_one_go_is_what_each_would_be_alone(form, make_ship, places: set[int]) -> None:
    ships = [make_ship(n, attributes={"name": f"ship {n}"}) for n in range(6)]

    written = Written(form, [Edit(after=ships[n]) for n in sorted(places)])

    assert written.exact(ships) == [encode(ship) for ship in ships]
    assert written.values(ships) == [form.values([ship])[0] for ship in ships]
