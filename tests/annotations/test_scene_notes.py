"""Notes of a scene: kept beside the answers, never mixed with them."""

from __future__ import annotations

import pytest

from napari_geolabel.annotations import AnnotationStore, Change
from napari_geolabel.annotations.scene_notes import answers_of, check_scene, notes_of
from napari_geolabel.errors import AttributeValueError
from napari_geolabel.ontology import load_ontology

MARITIME = load_ontology("maritime")
VALUES = {"cloud_cover": "none", "geolabel:checked:512:0:1": "now", "geolabel:bookmark:a:b": "1 2 3 4"}


def test_notes_are_told_by_topic_and_answers_without_them():
    assert notes_of(VALUES, "checked") == {"512:0:1": "now"}
    assert notes_of(VALUES, "bookmark") == {"a:b": "1 2 3 4"}
    assert notes_of(VALUES, "check") == {}
    assert set(notes_of(VALUES)) == {"geolabel:checked:512:0:1", "geolabel:bookmark:a:b"}
    assert answers_of(VALUES) == {"cloud_cover": "none"}


def test_a_store_keeps_notes_undoes_them_and_still_refuses_unknown_answers():
    store = AnnotationStore(MARITIME, scene_attributes=VALUES)
    assert store.scene_attributes == VALUES
    after = VALUES | {"geolabel:checked:512:0:2": "later"}
    store.apply(Change(title="mark", scene_attributes=(VALUES, after)))
    assert store.scene_attributes == after
    store.undo()
    assert store.scene_attributes == VALUES
    with pytest.raises(AttributeValueError, match="no such attribute"):
        check_scene(MARITIME.scene_attributes, {"weather": "good"})
    with pytest.raises(AttributeValueError, match="a note is a text, not 3"):
        check_scene(MARITIME.scene_attributes, {"geolabel:checked:512:0:1": 3})
