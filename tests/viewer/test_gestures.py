"""Whether the hand is on the mouse, told by napari's own dispatchers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from napari.utils.interactions import mouse_move_callbacks, mouse_press_callbacks, mouse_release_callbacks
from wrapt import ObjectProxy

from napari_geolabel.viewer.gestures import GestureWatch, drop_drags


def event(kind: str) -> SimpleNamespace:
    return SimpleNamespace(type=kind, is_dragging=kind == "mouse_move", handled=False, modifiers=())


@pytest.fixture
def releases() -> list[bool]:
    return []


@pytest.fixture
def watch(viewer, releases) -> GestureWatch:
    made = GestureWatch(viewer, lambda: releases.append(made.is_down))
    return made


def press(viewer):
    mouse_press_callbacks(viewer, ObjectProxy(event("mouse_press")))


def test_the_hand_is_off_until_a_button_goes_down(watch, releases):
    assert not watch.is_down
    assert releases == []


def test_a_drag_is_down_from_the_press_to_the_release_which_is_told_once(viewer, watch, releases):
    press(viewer)
    assert watch.is_down
    for _ in range(3):
        mouse_move_callbacks(viewer, event("mouse_move"))
        assert watch.is_down
    assert releases == []
    mouse_release_callbacks(viewer, event("mouse_release"))
    assert not watch.is_down
    assert releases == [False]  # whoever is told may act: the button is up already


def test_a_click_without_a_move_is_a_gesture_too(viewer, watch, releases):
    for _ in range(2):
        press(viewer)
        mouse_release_callbacks(viewer, event("mouse_release"))
    assert releases == [False, False]
    assert not watch.is_down


def test_the_release_is_heard_when_another_layer_became_active_in_the_middle(viewer, watch, releases):
    viewer.add_points([[0, 0]])
    press(viewer)
    viewer.add_shapes()
    mouse_release_callbacks(viewer, event("mouse_release"))
    assert releases == [False]


def test_a_closed_watch_hears_nothing_and_leaves_the_viewer_as_it_was(viewer, releases):
    before = list(viewer.mouse_drag_callbacks)
    closed = GestureWatch(viewer, lambda: releases.append(True))
    other = GestureWatch(viewer, lambda: releases.append(False))
    closed.close()
    closed.close()
    press(viewer)
    mouse_release_callbacks(viewer, event("mouse_release"))
    assert releases == [False]
    other.close()
    assert list(viewer.mouse_drag_callbacks) == before


def test_a_layer_that_lost_its_drag_to_another_one_hears_of_the_release_afterwards(viewer, watch):
    first, told = viewer.add_points([[0, 0]], name="first"), []

    def drag(_layer, moved):
        yield
        while moved.type == "mouse_move":
            yield
        told.append(moved.type)

    first.mouse_drag_callbacks.append(drag)
    pressed = ObjectProxy(event("mouse_press"))
    for hearing in (viewer, first):
        mouse_press_callbacks(hearing, pressed)
    second = viewer.add_points([[1, 1]], name="second")  # becomes active, and hears the rest
    watch.finish(first)
    assert told == []  # the button is still down
    for hearing in (viewer, second):
        mouse_release_callbacks(hearing, event("mouse_release"))
    watch.finish(first)
    watch.finish(first)
    assert told == ["mouse_release"]


def test_a_layer_forgets_a_drag_that_has_nothing_left_to_finish(viewer):
    layer, told = viewer.add_points([[0, 0]]), []

    def drag(_layer, moved):
        yield
        told.append(moved.type)

    layer.mouse_drag_callbacks.append(drag)
    mouse_press_callbacks(layer, ObjectProxy(event("mouse_press")))
    drop_drags(layer)
    mouse_release_callbacks(layer, event("mouse_release"))
    assert told == []
    mouse_press_callbacks(layer, ObjectProxy(event("mouse_press")))
    mouse_release_callbacks(layer, event("mouse_release"))
    assert told == ["mouse_release"]
