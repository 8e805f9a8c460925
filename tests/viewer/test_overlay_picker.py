"""Selecting in the picture by clicks: the topmost, with Shift one more, and only where there are no shapes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import shapely

from napari_geolabel.viewer import working_set


@pytest.fixture
def crowd(session, loop, monkeypatch):
    """A row of fifteen clouds with a large one over the first three, where ten shapes are many."""
    monkeypatch.setattr(working_set, "MOST_SHAPES", 10)
    session.viewer.scene.camera.zoom = 800 / 600 / 10
    session.viewer.scene.camera.center = (2560, 2560)
    small = [shapely.box(20 + 30 * i, 20, 40 + 30 * i, 40) for i in range(15)]
    session.labels.add_many([*small, shapely.box(15, 30, 105, 60)], "cloud", kind="polygon")
    loop.run()
    return list(session.labels)


def click(session, loop, x, y, *, to=(0, 0), button=1, modifiers=()):
    """Press at a scene pixel, move by some screen pixels, release; then the event loop turns."""
    world = (y * 10.0, x * 10.0)
    event = SimpleNamespace(pos=(50, 50), position=world, button=button, modifiers=modifiers, type="mouse_press")
    running = session.label_views.picker._watch(session.viewer, event)
    for kind in ("mouse_press", "mouse_move", "mouse_release"):
        event.type, event.pos = kind, (50, 50) if kind == "mouse_press" else (50 + to[0], 50 + to[1])
        next(running, None)
    loop.run()


@pytest.fixture
def picking(session):
    session.shapes_layer.mode = "select"
    session.viewer.layers.selection.active = session.shapes_layer


def test_a_click_selects_the_topmost_and_makes_a_shape_of_it(session, loop, crowd, picking):
    click(session, loop, 30, 35)
    assert session.selection.ids == [crowd[-1]]
    assert list(session.shapes_layer.features["id"]) == [crowd[-1]]
    click(session, loop, 30, 25)
    assert session.selection.ids == [crowd[0]]


def test_with_shift_one_more_is_selected(session, loop, crowd, picking):
    click(session, loop, 30, 25)
    click(session, loop, 150, 25, modifiers=("Shift",))
    assert session.selection.ids == [crowd[0], crowd[4]]


def test_drags_other_buttons_and_empty_places_select_nothing(session, loop, crowd, picking):
    click(session, loop, 30, 25, to=(9, 0))
    click(session, loop, 30, 25, button=2)
    click(session, loop, 300, 300)
    assert session.selection.ids == []


def test_while_nobody_picks_a_click_is_the_maps(session, loop, crowd):
    click(session, loop, 30, 25)
    assert session.selection.ids == []


def test_where_all_in_view_are_shapes_napari_picks_by_itself(session, loop, crowd, picking):
    session.labels.remove(crowd[3:])
    loop.run()
    assert session.label_views.working.is_covered
    click(session, loop, 30, 25)
    assert session.selection.ids == []


def test_a_closed_picker_watches_no_more(session, loop, crowd):
    before = len(session.viewer.mouse_drag_callbacks)
    session.label_views.picker.close()
    session.label_views.picker.close()
    assert len(session.viewer.mouse_drag_callbacks) == before - 1
