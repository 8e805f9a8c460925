"""Reviewing by hand: the surest first, by keys that mean it only during a review."""

from __future__ import annotations

import pytest
import shapely
from app_model.types import KeyBinding
from napari.utils.key_bindings import KeymapHandler

SURENESS = (0.5, 0.9, None, 0.7)


@pytest.fixture
def ids(session):
    """Ids of four suggestions by their confidence."""
    return {
        sure: session.labels.add(
            shapely.box(100 * i + 10, 10, 100 * i + 50, 30), "ship", kind="box", status="suggested", confidence=sure
        ).id
        for i, sure in enumerate(SURENESS)
    }


def press(layer, key):
    handler = KeymapHandler()
    handler.keymap_providers = [layer]
    handler.press_key(KeyBinding.from_str(key))


def status(session, ids):
    return [str(session.labels[i].status) for i in ids.values()]


def test_a_review_goes_from_the_surest_to_what_has_no_confidence_and_round(session, ids, viewer):
    session.review.begin()
    seen = [session.review.current]
    for _ in range(4):
        session.review.next()
        seen.append(session.review.current)
    assert seen == [ids[0.9], ids[0.7], ids[0.5], ids[None], ids[0.9]]
    session.review.previous()
    assert session.selected_ids == [ids[None]]
    x, y = session.labels[ids[None]].geometry.centroid.coords[0]
    assert viewer.scene.camera.center[-2:] == pytest.approx((y * 10, x * 10))


def test_keys_decide_during_a_review_and_mean_what_they_meant_after_it(session, ids):
    layer = session.shapes_layer
    press(layer, "R")
    assert session.tool == "box"
    session.use_tool(None)
    session.review.begin()
    press(layer, "A")
    press(layer, "R")
    assert status(session, ids) == ["suggested", "accepted", "suggested", "rejected"]
    assert session.review.current == ids[0.5]
    press(session.scene_layer, "N")
    assert session.review.current == ids[None]
    assert session.tool is None
    session.undo()
    session.undo()
    assert status(session, ids) == ["suggested"] * 4
    session.review.end()
    press(layer, "R")
    assert session.tool == "box"
    press(layer, "N")
    assert session.current_class == "ship"
    assert session.labels.store.redo_titles == ["accept ship", "reject ship"]


def test_all_above_the_threshold_are_accepted_as_one_change(session, ids):
    session.review.threshold = 0.7
    assert session.review.counts() == (2, 1)
    session.review.begin()
    press(session.shapes_layer, "Shift+A")
    assert status(session, ids) == ["suggested", "accepted", "suggested", "accepted"]
    assert session.labels.store.undo_titles[0] == "accept 2 annotations"
    session.review.reject_below()
    assert status(session, ids)[0] == "rejected"
    session.undo()
    session.undo()
    assert status(session, ids) == ["suggested"] * 4


def test_a_filter_by_class_hidden_and_locked_ones_wait(session, ids, told):
    cloud = session.labels.add(shapely.box(0, 100, 50, 150), "cloud", status="suggested", confidence=0.8).id
    session.review.class_id = "cloud"
    assert session.review.queue == [cloud]
    session.review.class_id = ""
    session.classes.lock("ship")
    assert session.review.queue == [cloud]
    session.review.threshold = 0.1
    session.review.accept_above()
    assert status(session, ids) == ["suggested"] * 4
    session.classes.hide()
    session.review.begin()
    assert not session.review.is_active
    assert told[-1].startswith("there is nothing to review")


def test_what_a_person_drew_is_not_rejected_by_key(session, ids, told):
    mine = session.labels.add(shapely.box(10, 200, 50, 220), "ship", kind="box").id
    session.review.begin()
    session.selection.select([mine])
    session.review.reject()
    assert str(session.labels[mine].status) == "draft"
    assert told == ["select a suggestion to reject, or go to the next with N"]
    session.selection.select([mine, ids[0.5], ids[0.7]])
    session.review.reject()
    assert status(session, ids) == ["rejected", "suggested", "suggested", "rejected"]
    assert str(session.labels[mine].status) == "draft"


def test_the_last_one_ends_the_queue_and_says_so(session, told):
    only = session.labels.add(shapely.box(0, 0, 9, 9), "ship", kind="box", status="suggested").id
    session.review.begin()
    session.review.accept()
    assert told == ["all suggestions are reviewed"]
    session.review.next()
    assert session.review.total == 0
    session.undo()
    assert session.review.queue == [only]


def test_a_removed_suggestion_leaves_the_queue_and_its_neighbour_comes_next(session, ids):
    session.review.begin()
    session.review.next()
    session.labels.remove(ids[0.7])
    assert session.review.current is None
    session.review.next()
    assert session.review.current == ids[0.5]


def test_a_layer_that_comes_during_a_review_has_its_keys(session, ids):
    session.review.toggle()
    band = session.add_band("nir")
    session._take(band)
    press(band, "A")
    assert status(session, ids)[1] == "accepted"
    session.review.toggle()
    assert not session.review.is_active
    session.close()
    assert not band.keymap.get(KeyBinding.from_str("A"))
