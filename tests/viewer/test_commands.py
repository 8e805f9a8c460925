from __future__ import annotations

import shapely

from napari_geolabel.viewer.commands import (
    next_composite,
    previous_composite,
    redo,
    require_session,
    show_bands,
    show_conflicts,
    show_history,
    show_spectra,
    show_table,
    undo,
)
from napari_geolabel.viewer.scene_layer import PICTURE_KEY, add_scene_layer


def test_the_menu_steps_through_the_composites_of_a_session(session, viewer):
    next_composite(viewer)
    assert session.composite == list(session.composites)[1]
    previous_composite(viewer)
    assert session.composite == "true_color"


def test_and_of_a_scene_without_a_session(viewer, scene):
    layer = add_scene_layer(viewer, scene)
    next_composite(viewer)
    next_composite(viewer)
    assert layer.metadata[PICTURE_KEY].composite.id == "ndvi"


def test_without_a_scene_the_menu_says_how_to_open_one(viewer, told):
    next_composite(viewer)
    assert told == ["no scene is open; drag a GeoTIFF in, or take one of File > Open Sample > napari-geolabel"]


def test_undo_and_redo_stand_in_the_menu(session, viewer):
    session.labels.add(shapely.box(0, 0, 9, 9), "ship")
    undo(viewer)
    assert len(session.labels) == 0
    redo(viewer)
    assert len(session.labels) == 1


def test_the_docks_are_asked_for_in_the_menu(session, viewer):
    wishes = []
    session.asked.connect(wishes.append)
    for command in (show_table, show_history, show_conflicts, show_spectra, show_bands):
        command(viewer)
    assert wishes == ["table", "history", "conflicts", "spectra", "bands"]


def test_without_a_session_they_say_how_to_start_one(viewer, told):
    undo(viewer)
    redo(viewer)
    assert require_session(viewer) is None
    assert len(told) == 3
    assert "Annotate a scene" in told[0]
