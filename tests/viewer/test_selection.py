"""One selection over shapes and keypoints."""

from __future__ import annotations

import pytest
import shapely

BOX = shapely.box(10, 10, 40, 30)


@pytest.fixture
def drawn(session):
    ship = session.labels.add(BOX, "ship", kind="box")
    bow = session.labels.add(shapely.Point(50, 20), "bow")
    return ship.id, bow.id


@pytest.fixture
def heard(session, drawn):
    said = []
    session.selection.changed.connect(lambda: said.append(session.selection.ids))
    return said


def test_annotations_of_several_layers_are_selected_together(session, drawn, heard):
    session.selection.select(drawn)
    assert session.selection.ids == list(drawn)
    assert session.selected_ids == list(drawn)
    assert heard[-1] == list(drawn)


def test_another_selection_replaces_the_old_one(session, drawn):
    session.selection.select(drawn)
    session.selection.select(drawn[1:])
    assert session.selection.ids == [drawn[1]]
    assert session.shapes_layer.selected_data == set()


def test_what_is_removed_is_no_longer_selected_and_that_is_told(session, drawn, heard):
    session.selection.select(drawn[:1])
    session.labels.remove(drawn[0])
    assert heard[-1] == []


def test_a_selection_outlives_edits_of_others_without_a_word(session, drawn, heard):
    session.selection.select(drawn[:1])
    before = len(heard)
    session.labels.add(BOX, "ship", kind="box")
    assert session.selection.ids == [drawn[0]]
    assert len(heard) == before


def test_napari_s_own_selecting_is_heard(session, drawn, heard):
    session.shapes_layer.selected_data = {0}
    assert heard[-1] == [drawn[0]]


def test_unknown_ids_are_passed_over(session, drawn):
    session.selection.select(["nobody", drawn[1]])
    assert session.selection.ids == [drawn[1]]
