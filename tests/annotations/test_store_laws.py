"""The store against a plain dict, queries against brute force, and a hundred thousand annotations."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
import pytest
import shapely
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from napari_geolabel.annotations import Annotation, AnnotationStore, Change, TileEdit
from napari_geolabel.errors import (
    GeoLabelError,
)
from napari_geolabel.ontology import Kind, load_ontology
from tests.annotations.store_steps import ONTOLOGY, added, box, removed, updated

# Query


def test_touching_counts_and_corners_may_come_in_any_order(store):
    ship = box(10, 10, 20, 20)
    store.apply(added(ship))
    assert store.query((20, 20, 30, 30)) == [ship.id]
    assert store.query((30, 30, 20, 20)) == [ship.id]
    assert store.query((20.001, 0, 30, 30)) == []


def test_a_query_after_many_edits_is_that_of_brute_force():
    rng = np.random.default_rng(5)
    corners = rng.uniform(0, 1000, (3000, 2))
    ships = [box(x, y, x + 5, y + 5) for x, y in corners]
    store = AnnotationStore(ONTOLOGY, ships)
    view = (100.0, 200.0, 400.0, 500.0)
    assert store.query(view) == brute_force(store, view)
    for ship in ships[:50]:
        store.apply(updated(ship, geometry=shapely.box(300, 300, 301, 301)))
    store.apply(removed(*ships[50:100]))
    assert store.query(view) == brute_force(store, view)
    store.undo()
    store.undo()
    assert store.query(view) == brute_force(store, view)


def brute_force(store: Mapping[str, Annotation], bounds: tuple[float, float, float, float]) -> list[str]:
    x0, y0, x1, y1 = bounds
    return [
        annotation.id
        for annotation in store.values()
        if annotation.geometry.bounds[0] <= x1
        and annotation.geometry.bounds[2] >= x0
        and annotation.geometry.bounds[1] <= y1
        and annotation.geometry.bounds[3] >= y0
    ]


# Laws


coordinates = st.integers(0, 20)
boxes = st.builds(
    lambda x, y, w, h: shapely.box(x, y, x + w, y + h), coordinates, coordinates, st.integers(1, 9), st.integers(1, 9)
)
points = st.builds(shapely.Point, coordinates, coordinates)
annotations = st.builds(
    lambda drawn, confidence: Annotation(class_id="ship", kind=drawn[0], geometry=drawn[1], confidence=confidence),
    st.tuples(st.just(Kind.BOX), boxes) | st.tuples(st.just(Kind.KEYPOINT), points),
    st.none() | st.floats(0, 1),
)


class StoreMachine(RuleBasedStateMachine):
    """The store against a plain dict and a list of its past states."""

    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.store = AnnotationStore(ONTOLOGY)
        self.heard: list[Change] = []
        self.store.changed.connect(self.heard.append)
        self.past: list[tuple] = []
        self.future: list[tuple] = []
        self.order: list[str] = []
        self.steps = 0

    def state(self) -> tuple:
        return list(self.store.items()), dict(self.store.scene_attributes)

    def apply(self, change: Change) -> None:
        before = self.state()
        if self.store.apply(change):
            self.past.append(before)
            self.future.clear()
            self.steps += 1
        else:
            assert self.state() == before

    def place(self, annotation: Annotation) -> str:
        if annotation.id not in self.order:
            self.order.append(annotation.id)
        return annotation.id

    @initialize(target=ids, batch=st.lists(annotations, max_size=4))
    def start(self, batch):
        self.apply(added(*batch))
        return multiple(*map(self.place, batch))

    @rule(target=ids, batch=st.lists(annotations, min_size=1, max_size=5))
    def add(self, batch):
        self.apply(added(*batch))
        return multiple(*map(self.place, batch))

    @rule(annotation_id=ids, confidence=st.floats(0, 1), geometry=boxes)
    def update(self, annotation_id, confidence, geometry):
        if annotation_id in self.store:
            before = self.store[annotation_id]
            fields = {"geometry": geometry} if before.kind is Kind.BOX else {}
            self.apply(updated(before, confidence=confidence, **fields))

    @rule(annotation_id=consumes(ids))
    def remove(self, annotation_id):
        if annotation_id in self.store:
            self.apply(removed(self.store[annotation_id]))

    @rule(batch=st.lists(ids, unique=True, max_size=5))
    def remove_many(self, batch):
        self.apply(removed(*(self.store[i] for i in batch if i in self.store)))

    @rule(cover=st.none() | st.integers(0, 100), after=st.binary(min_size=1, max_size=3))
    def classify_and_paint(self, cover, after):
        scene = (dict(self.store.scene_attributes), {"cloud_cover": cover})
        self.apply(
            Change(title="scene", scene_attributes=scene, tiles=(TileEdit(row=0, col=0, before=b"", after=after),))
        )

    @rule(bad=st.sampled_from([box(0, 0, 1, 1, class_id="car"), box(0, 0, 0, 0)]), good=annotations)
    def refuse(self, bad, good):
        before = self.state()
        with pytest.raises(GeoLabelError):
            self.store.apply(added(good, bad))
        assert self.state() == before

    @rule()
    def undo(self):
        now = self.state()
        change = self.store.undo()
        assert (change is None) == (not self.past)
        if change is not None:
            self.future.append(now)
            assert self.state() == self.past.pop()
            self.steps += 1

    @rule()
    def redo(self):
        now = self.state()
        change = self.store.redo()
        assert (change is None) == (not self.future)
        if change is not None:
            self.past.append(now)
            assert self.state() == self.future.pop()
            self.steps += 1

    @rule()
    def undo_everything_and_redo_it(self):
        now, steps = self.state(), 0
        while self.store.undo() is not None:
            steps += 1
        assert self.state() == (self.past[0] if self.past else now)
        for _ in range(steps):
            self.store.redo()
        assert self.state() == now
        self.steps += 2 * steps

    @rule(x=coordinates, y=coordinates, size=coordinates)
    def query(self, x, y, size):
        bounds = (x, y, x + size, y + size)
        assert self.store.query(bounds) == brute_force(self.store, bounds)

    @invariant()
    def every_step_was_heard_once(self):
        assert len(self.heard) == self.steps

    @invariant()
    def annotations_stand_in_the_order_of_first_addition(self):
        assert list(self.store) == [i for i in self.order if i in self.store]

    @invariant()
    def history_is_told(self):
        assert len(self.store.undo_titles) == len(self.past)
        assert len(self.store.redo_titles) == len(self.future)

    def teardown(self):
        replayed: dict[str, Annotation] = {}
        for change in self.heard:
            for edit in change.edits:
                assert replayed.get(edit.id) == edit.before
                replayed.pop(edit.id, None)
                if edit.after is not None:
                    replayed[edit.id] = edit.after
        assert replayed == dict(self.store)


StoreMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestStoreLaws = StoreMachine.TestCase


# Size


def test_a_hundred_thousand_annotations_stay_quick():
    corners = np.random.default_rng(0).uniform(0, 10_000, (100_000, 2))
    values = {"category": "merchant", "type": "tanker", "length_m": 120.0}
    ships = [
        Annotation(class_id="ship", kind="box", geometry=geometry, attributes=values)
        for geometry in shapely.box(corners[:, 0], corners[:, 1], corners[:, 0] + 9, corners[:, 1] + 9)
    ]
    store = AnnotationStore(load_ontology("maritime"))
    assert seconds(lambda: store.apply(added(*ships))) < 20
    assert seconds(lambda: store.query((0, 0, 500, 500))) < 2
    assert seconds(lambda: [store.query((x, x, x + 500, x + 500)) for x in range(0, 9000, 100)]) < 2
    edit = seconds(lambda: [store.apply(updated(store[ship.id], confidence=0.5)) for ship in ships[:200]])
    assert edit < 2  # 10 ms an edit; anything in proportion to the store would take longer
    assert seconds(lambda: [store.undo() for _ in range(200)]) < 2


def seconds(work) -> float:
    """Processor time: what else runs on the machine does not count."""
    started = time.process_time()
    work()
    return time.process_time() - started
