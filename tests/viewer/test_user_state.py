"""What the bench remembers, by ontology."""

from __future__ import annotations

import json

import pytest

from napari_geolabel.errors import WriteError
from napari_geolabel.viewer import user_state
from napari_geolabel.viewer.user_state import recall, remember, state_path, texts


def test_each_ontology_has_its_own_and_an_empty_one_is_forgotten():
    assert recall("columns", "harbour") == {}
    remember("columns", "harbour", {"shown": ["a"]})
    remember("columns", "clouds", {"shown": ["b"]})
    assert recall("columns", "harbour") == {"shown": ["a"]}
    assert recall("other", "harbour") == {}
    remember("columns", "harbour", {})
    assert json.loads(user_state.state_path("columns").read_text()) == {"clouds": {"shown": ["b"]}}


def test_of_many_ontologies_the_oldest_are_forgotten(monkeypatch):
    monkeypatch.setattr(user_state, "_REMEMBERED_ONTOLOGIES", 2)
    for name in "abca":
        remember("columns", name, {"n": name})
    assert list(json.loads(user_state.state_path("columns").read_text())) == ["c", "a"]


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(user_state, "state_path", lambda name: tmp_path / "file" / f"{name}.json")
    with pytest.raises(WriteError, match="columns are not remembered"):
        remember("columns", "harbour", {"n": 1})


def test_the_file_lies_in_the_users_own_folder():
    assert state_path("columns").name == "columns.json"
    assert "napari-geolabel" in str(state_path("columns"))


def test_texts_are_taken_out_of_whatever_was_kept():
    assert [texts(value) for value in (["a", 1, "b"], "ab", None)] == [["a", "b"], [], []]
