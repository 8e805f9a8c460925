"""One selection over shapes and keypoints."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.viewer import working_set

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


@pytest.fixture
def many(session, loop, monkeypatch):
    """Ids of more boxes than the layer shows at a time, all selected."""
    monkeypatch.setattr(working_set, "MOST_SHAPES", 5)
    boxes = [shapely.box(x, y, x + 9, y + 9) for x in range(0, 500, 50) for y in range(0, 500, 100)]
    ids = [annotation.id for annotation in session.labels.add_many(boxes, "ship", kind="box")]
    session.selection.select(ids)
    loop.run()
    assert len(session.shapes_layer.data) < len(ids)
    return ids


def test_what_no_layer_shows_stays_selected_as_other_classes_are_hidden_or_locked(session, loop, many):
    session.classes.hide("wake")
    session.classes.lock("cloud")
    loop.run()
    assert set(session.selection.ids) == set(many)
    session.classes.lock("ship")
    session.classes.unlock("ship")
    assert session.selection.ids == []


def test_what_no_layer_shows_is_selected_no_more_when_the_user_selects(session, many):
    session.shapes_layer.selected_data = {0}
    assert session.selection.ids == [session.shapes_layer.features["id"][0]]
