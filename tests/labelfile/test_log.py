from __future__ import annotations

import shapely

from napari_geolabel.annotations import AnnotationStore, Change, Edit


def test_the_log_says_who_did_what(open_file, make_ship, add, update, paint) -> None:
    ships = [make_ship(10 * n) for n in range(3)]
    file = open_file(annotator="Ann")
    file.record(add(*ships, title="import 3 annotations"))
    file.close()
    file = open_file(annotator="Ben")
    file.record(update(ships[0], status="accepted"))
    file.record(Change(title="remove", edits=(Edit(before=ships[1]),)))
    file.record(paint(3))
    file.flush()

    log = list(file.log())

    assert [(e.seq, e.actor, e.title) for e in log] == [
        (1, "Ann", "import 3 annotations"),
        (2, "Ben", "edit"),
        (3, "Ben", "remove"),
        (4, "Ben", "paint"),
    ]
    assert [(e.added, e.changed, e.removed, e.tiles) for e in log] == [
        (3, 0, 0, 0),
        (0, 1, 0, 0),
        (0, 0, 1, 0),
        (0, 0, 0, 1),
    ]
    assert all(e.at.tzinfo is not None for e in log)


def test_an_annotation_has_a_history_even_when_it_is_gone(open_file, make_ship, add, update) -> None:
    ship = make_ship(attributes={"name": "Ada"})
    file = open_file()
    file.record(add(ship))
    moved = update(ship, geometry=shapely.box(0, 0, 7, 7), attributes={"name": "Bea"})
    file.record(moved)
    file.record(Change(title="remove", edits=(Edit(before=moved.edits[0].after),)))
    file.flush()

    versions = file.history(ship.id)

    assert [v.annotation for v in versions] == [ship, moved.edits[0].after, None]
    assert [v.fields for v in versions] == [("annotation",), ("geometry", "attributes.name"), ("annotation",)]
    assert file.history("nobody") == []


def test_any_earlier_state_can_be_brought_back_as_a_change(open_file, make_ship, add, update, paint, ontology) -> None:
    ship, other = make_ship(1), make_ship(50)
    file = open_file()
    first = add(ship)
    second = Change(
        title="much",
        edits=(Edit(before=ship, after=ship.edited(confidence=0.5)), Edit(after=other)),
        tiles=paint(3).tiles,
        scene_attributes=({}, {"haze": 0.5}),
    )
    third = Change(title="remove", edits=(Edit(before=other),))
    for change in (first, second, third):
        file.record(change)

    back = file.change_back_to(1)
    store = AnnotationStore(ontology)
    for change in (first, second, third, back):
        store.apply(change)

    assert list(store.values()) == [ship]
    assert store.scene_attributes == {}
    assert back.tiles[0].after == bytes(65536)
    assert back.title == "go back to change 1"
    file.record(back)
    file.flush()
    assert not file.change_back_to(1)
    assert len(file.change_back_to(0).edits) == 1


def test_going_back_over_a_removal_brings_the_annotation_back(open_file, make_ship, add) -> None:
    ship = make_ship()
    file = open_file()
    file.record(add(ship))
    file.record(Change(title="remove", edits=(Edit(before=ship),)))

    assert file.change_back_to(1).edits == (Edit(after=ship),)
