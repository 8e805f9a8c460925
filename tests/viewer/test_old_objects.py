"""Collections of garbage pass over what was there before, and memory of removed layers is free all the same."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from napari_geolabel.viewer.old_objects import OldObjects, SessionGarbage


@pytest.fixture
def nothing_frozen():
    """Spare nothing meanwhile; the tests' own freezing, which makes them faster, comes back."""
    was_frozen = gc.get_freeze_count()
    gc.unfreeze()
    yield
    if was_frozen:
        gc.freeze()


class Knot:
    """Holds itself, so that only a collection of garbage ends it."""

    def __init__(self):
        self.itself = self


def is_there(knot):
    gc.collect()
    return knot() is not None


def test_what_was_there_before_is_spared_until_it_is_released(nothing_frozen):
    knot, old = Knot(), OldObjects()
    before = weakref.ref(knot)
    old.spare()
    old.spare()  # again is the same
    del knot
    after = weakref.ref(Knot())
    other = OldObjects()
    other.spare()
    other.release()  # what it has not spared itself it leaves
    assert gc.get_freeze_count()
    assert is_there(before)
    assert not is_there(after)
    old.release()
    assert gc.get_freeze_count() == 0
    assert not is_there(before)


@pytest.fixture
def older_layer(viewer):
    """A layer that is in the window before the session begins, in a circle as napari's layers are."""
    layer = viewer.add_image(np.zeros((4, 4)), name="older")
    layer.metadata["itself"] = layer


@pytest.fixture
def garbage(nothing_frozen, older_layer, session, loop):
    SessionGarbage(session, loop.defer)  # the session alone holds it
    gc.collect()


def test_a_session_spares_what_was_there_and_nothing_once_it_has_ended(garbage, session):
    assert gc.get_freeze_count()
    session.close()
    assert gc.get_freeze_count() == 0


def test_what_is_garbage_before_a_session_begins_is_not_kept(nothing_frozen, session, loop):
    knot = weakref.ref(Knot())
    SessionGarbage(session, loop.defer)
    assert knot() is None


def test_a_removed_layer_of_before_is_collected_and_the_rest_is_spared_again(garbage, viewer, loop):
    layer = weakref.ref(viewer.layers["older"])
    collected = []
    viewer.layers.events.removed.connect(lambda _: collected.append(gc.get_freeze_count()), position="last")
    viewer.layers.remove("older")
    assert collected == [0]  # napari collects garbage now
    assert not is_there(layer)
    loop.run()
    assert gc.get_freeze_count()


def test_a_removed_layer_of_the_session_s_own_time_changes_nothing(garbage, viewer):
    viewer.layers.remove(viewer.add_points())
    assert gc.get_freeze_count()


def test_a_session_that_ended_meanwhile_spares_nothing_again(garbage, viewer, session, loop):
    viewer.layers.remove("older")
    session.close()
    loop.run()
    assert gc.get_freeze_count() == 0
