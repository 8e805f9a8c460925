"""What a person changes of a model's work is credited to both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import shapely

from napari_geolabel.annotations import Annotation, AnnotationStore, Change, Edit, Provenance, Status
from napari_geolabel.annotations.credit import credited, with_credit
from napari_geolabel.ontology import Kind, load_ontology

MADE = datetime(2026, 1, 2, tzinfo=UTC)
MODEL = Provenance(source="model", tool="shipnet 2.1", created=MADE, updated=MADE)
SUGGESTION = Annotation(
    class_id="ship",
    kind=Kind.BOX,
    geometry=shapely.box(0, 0, 20, 10),
    status=Status.SUGGESTED,
    confidence=0.9,
    provenance=MODEL,
)


def test_an_edited_suggestion_is_a_draft_of_model_and_person():
    after = credited(SUGGESTION, SUGGESTION.edited(geometry=shapely.box(0, 0, 25, 10)), "Ada")
    assert (after.provenance.source, after.provenance.tool) == ("model", "shipnet 2.1")
    assert after.provenance.annotator == "Ada"
    assert after.provenance.created == MADE < after.provenance.updated
    assert (after.status, after.confidence) == (Status.DRAFT, 0.9)


@pytest.mark.parametrize("fields", [{"attributes": {"state": "moored"}}, {"class_id": "dock"}, {"kind": "rotated_box"}])
def test_answers_and_class_count_as_work_too(fields):
    after = credited(SUGGESTION, SUGGESTION.edited(**fields), "Ada")
    assert (after.provenance.annotator, after.status) == ("Ada", Status.DRAFT)


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.REJECTED])
def test_a_decision_alone_changes_no_credit(status):
    decided = SUGGESTION.edited(status=status)
    assert credited(SUGGESTION, decided, "Ada") is decided


def test_a_status_that_is_set_with_the_edit_stays():
    after = SUGGESTION.edited(status=Status.SUBMITTED, geometry=shapely.box(1, 1, 9, 9))
    assert credited(SUGGESTION, after, "Ada").status is Status.SUBMITTED


def test_the_first_person_stays_credited():
    bobs = replace(SUGGESTION, provenance=replace(MODEL, annotator="Bob"), status=Status.DRAFT)
    after = credited(bobs, bobs.edited(geometry=shapely.box(1, 1, 9, 9)), "Ada")
    assert after.provenance.annotator == "Bob"


def test_an_earlier_version_comes_back_as_it_was():
    later = SUGGESTION.edited(geometry=shapely.box(1, 1, 9, 9))
    assert credited(later, SUGGESTION, "Ada") is SUGGESTION
    named = replace(later, provenance=replace(later.provenance, updated=MADE + timedelta(1), annotator="Bob"))
    assert (
        credited(named, replace(SUGGESTION, provenance=replace(MODEL, updated=None)), "Ada").provenance.annotator
        is None
    )


def test_the_store_credits_only_what_is_done_here_and_undo_brings_the_suggestion_back():
    store = AnnotationStore(load_ontology("maritime"), [SUGGESTION])
    store.editor = "Ada"
    edited = SUGGESTION.edited(geometry=shapely.box(0, 0, 25, 10))
    store.apply(Change(title="move", edits=(Edit(before=SUGGESTION, after=edited),)))
    assert store[SUGGESTION.id].provenance.annotator == "Ada"
    store.undo()
    assert store[SUGGESTION.id] == SUGGESTION
    store.follow(Change(title="theirs", edits=(Edit(before=SUGGESTION, after=edited),)))
    assert store[SUGGESTION.id] == edited


def test_without_a_person_nothing_is_credited():
    store = AnnotationStore(load_ontology("maritime"), [SUGGESTION])
    edited = SUGGESTION.edited(geometry=shapely.box(0, 0, 25, 10))
    assert store.apply(Change(title="move", edits=(Edit(before=SUGGESTION, after=edited),))).edits[0].after == edited


def test_edits_of_one_annotation_in_one_change_go_on_from_each_other_and_undo_as_one():
    moved = SUGGESTION.edited(geometry=shapely.box(1, 1, 9, 9))
    surer = moved.edited(confidence=0.2)
    moored = surer.edited(attributes={"state": "moored"})
    chain = [SUGGESTION, moved, surer, moored]
    store = AnnotationStore(load_ontology("maritime"), [SUGGESTION])
    store.editor = "Ada"
    edits = tuple(Edit(before=before, after=after) for before, after in pairwise(chain))
    store.apply(Change(title="resolve 3 conflicts", edits=edits))
    found = store[SUGGESTION.id]
    assert (found.geometry, found.confidence, dict(found.attributes)) == (moved.geometry, 0.2, {"state": "moored"})
    assert (found.provenance.annotator, found.provenance.tool, found.status) == ("Ada", MODEL.tool, Status.DRAFT)
    store.undo()
    assert store[SUGGESTION.id] == SUGGESTION


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.SUBMITTED])
def test_what_a_later_edit_of_the_same_change_says_itself_stands(status):
    moved = SUGGESTION.edited(geometry=shapely.box(1, 1, 9, 9))
    bobs = moved.edited(status=status, provenance=replace(MODEL, annotator="Bob"))
    chain = Change(title="x", edits=(Edit(before=SUGGESTION, after=moved), Edit(before=moved, after=bobs)))
    first, second = with_credit(chain, "Ada").edits
    assert second.before == first.after
    assert (second.after.provenance.annotator, second.after.status) == ("Bob", status)


def test_a_removal_after_an_edit_removes_what_was_credited():
    moved = SUGGESTION.edited(geometry=shapely.box(1, 1, 9, 9))
    store = AnnotationStore(load_ontology("maritime"), [SUGGESTION])
    store.editor = "Ada"
    store.apply(Change(title="x", edits=(Edit(before=SUGGESTION, after=moved), Edit(before=moved))))
    assert SUGGESTION.id not in store
    store.undo()
    assert store[SUGGESTION.id] == SUGGESTION
