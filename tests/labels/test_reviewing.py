"""Suggestions are accepted and rejected, singly and in bulk; what a person drew stays."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.annotations import Status
from napari_geolabel.errors import AttributeValueError, GeoLabelError
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.labels.reviewing import bulk_review, is_reviewable


@pytest.fixture
def labels(scene):
    return open_labels(scene=scene, ontology="maritime")


@pytest.fixture
def ids(labels):
    """Ids of suggestions by their confidence, and of a person's draft."""
    found = {}
    for i, sure in enumerate((0.5, None, 0.95, 0.2)):
        box = shapely.box(10 + 40 * i, 10, 40 + 40 * i, 30)
        class_id = "ship" if sure != 0.2 else "buoy"
        found[sure] = labels.add(box, class_id, kind="box", status="suggested", confidence=sure).id
    found["draft"] = labels.add(shapely.box(10, 10, 40, 30), "ship", kind="box").id
    return found


def status(labels, ids):
    return {name: str(labels[annotation_id].status) for name, annotation_id in ids.items()}


def test_the_surest_comes_first_and_what_is_not_sure_last(labels, ids):
    assert labels.review.suggestions() == [ids[0.95], ids[0.5], ids[0.2], ids[None]]
    assert labels.review.suggestions(class_ids=["buoy"]) == [ids[0.2]]
    assert labels.review.suggestions(least=0.5) == [ids[0.95], ids[0.5]]


def test_all_above_a_threshold_are_accepted_as_one_change(labels, ids):
    change = labels.review.accept_above(0.5)
    assert change.title == "accept 2 annotations"
    assert status(labels, ids) == {
        0.5: "accepted", None: "suggested", 0.95: "accepted", 0.2: "suggested", "draft": "draft"
    }  # fmt: skip
    labels.undo()
    assert set(status(labels, ids).values()) == {"suggested", "draft"}
    labels.redo()
    assert labels[ids[0.95]].status is Status.ACCEPTED


def test_all_below_a_threshold_are_rejected_and_those_without_a_confidence_stay(labels, ids):
    labels.review.reject_below(0.6)
    assert status(labels, ids) == {
        0.5: "rejected", None: "suggested", 0.95: "suggested", 0.2: "rejected", "draft": "draft"
    }  # fmt: skip
    assert labels.store.undo_titles[0] == "reject 2 annotations"


def test_a_limit_of_nothing_takes_all_that_have_a_confidence(labels, ids):
    assert len(labels.review.accept_above(0).edits) == 3
    assert labels[ids[None]].status is Status.SUGGESTED


def test_single_ones_are_decided_each_as_one_change(labels, ids):
    labels.review.accept(ids[None])
    labels.review.reject([ids[0.5], ids[0.95]])
    assert labels.store.undo_titles[:2] == ["reject 2 annotations", "accept ship"]
    assert not labels.review.accept(ids[None])
    assert len(labels.store.undo_titles) == 7


def test_locked_classes_stay_suggested(labels, ids):
    labels.locked = ["buoy"]
    labels.review.accept_above(0.1)
    assert labels[ids[0.2]].status is Status.SUGGESTED
    with pytest.raises(GeoLabelError, match="Buoy is locked"):
        labels.review.accept(ids[0.2])


def test_only_what_is_no_persons_work_alone_is_reviewed_by_key(labels, ids):
    assert is_reviewable(labels[ids[0.5]])
    assert not is_reviewable(labels[ids["draft"]])


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan"), 80])
def test_a_threshold_is_a_share(labels, wrong):
    with pytest.raises(AttributeValueError, match="between 0 and 1"):
        labels.review.accept_above(wrong)


def test_both_limits_at_once_leave_what_lies_between(labels, ids):
    change = bulk_review(labels.store.values(), accept_above=0.9, reject_below=0.3)
    assert {edit.id: str(edit.after.status) for edit in change.edits} == {
        ids[0.95]: "accepted", ids[0.2]: "rejected"
    }  # fmt: skip
    assert not bulk_review(labels.store.values(), accept_above=0.9, class_ids=["buoy"])
    with pytest.raises(GeoLabelError, match="reject below what is accepted"):
        bulk_review(labels.store.values(), accept_above=0.3, reject_below=0.9)
    with pytest.raises(GeoLabelError, match="from which confidence"):
        bulk_review(labels.store.values())
    with pytest.raises(AttributeValueError, match="between 0 and 1"):
        bulk_review(labels.store.values(), reject_below=20)
