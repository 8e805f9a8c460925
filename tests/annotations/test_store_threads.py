"""What a store answers while another thread edits it, and in which order."""

from __future__ import annotations

import threading

import shapely

from napari_geolabel.annotations import Annotation, AnnotationStore, Change, Edit
from napari_geolabel.ontology import load_ontology


def ship(x: float) -> Annotation:
    return Annotation(class_id="ship", kind="box", geometry=shapely.box(x, 0, x + 1, 1))


def test_a_place_sorts_into_draw_order_also_what_was_removed_and_came_back():
    store = AnnotationStore(load_ontology("maritime"), [ship(0), ship(2)])
    first, second = list(store)
    store.apply(Change(title="remove", edits=(Edit(before=store[first]),)))
    store.apply(Change(title="add", edits=(Edit(after=ship(4)),)))
    store.undo()
    store.undo()
    assert sorted([second, first], key=store.draw_place) == [first, second]
    assert store.annotations_in((-1, -1, 9, 9)) == [store[first], store[second]]
    assert store.annotations_in((1.5, 0, 9, 9)) == [store[second]]
    assert store.count_in((-1, -1, 9, 9)) >= 2
    assert store.count_in((100, 100, 109, 109)) == 0


def test_queries_of_another_thread_see_whole_annotations_while_they_come_and_go():
    store = AnnotationStore(load_ontology("maritime"), [ship(i) for i in range(50)])
    kept, failures, done = list(store.values()), [], threading.Event()

    def ask() -> None:
        while not done.is_set():
            try:
                if not {a.id for a in kept} <= {a.id for a in store.annotations_in((-1, -1, 500, 9))}:
                    failures.append("something that stays was not found")
            except Exception as error:  # noqa: BLE001  (whatever it is, it is what the test looks for)
                failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    for i in range(100):
        made = ship(60 + i)
        store.apply(Change(title="add", edits=(Edit(after=made),)))
        store.apply(Change(title="remove", edits=(Edit(before=made),)))
        store.undo()
        list(store)  # brings what came back into order
    done.set()
    thread.join()
    assert failures == []
