"""Snapping and tracing with a session's own tools, without a window."""

from __future__ import annotations

import numpy as np
import pytest
import shapely


@pytest.fixture
def aim(session):
    session.labels.add(shapely.box(100, 100, 200, 200), "cloud", kind="polygon")
    return session.toolbox.aim


def test_nothing_snaps_until_it_is_switched_on(aim):
    near = np.array([100.5, 100.5])
    assert aim.snap(near) is None
    aim.toggle_snapping()
    assert tuple(aim.snap(near).point) == (100, 100)
    aim.is_snapping = False
    assert aim.snap(near) is None


def test_tracing_needs_snapping_and_takes_it_along_both_ways(aim):
    told = []
    aim.changed.connect(lambda: told.append((aim.is_snapping, aim.is_tracing)))
    aim.toggle_tracing()
    aim.toggle_snapping()
    aim.is_tracing = True
    aim.toggle_tracing()
    assert told == [(True, True), (False, False), (True, True), (True, False)]


def test_reach_is_that_of_the_screen(session, aim):
    aim.is_snapping = True
    camera, size = session.viewer.scene.camera, session.shapes_layer.scale[0]
    camera.zoom = 1 / size
    assert aim.snap(np.array([92.0, 92.0])) is None  # 11.3 pixels of the screen away
    camera.zoom = 0.5 / size
    assert aim.snap(np.array([92.0, 92.0])) is not None
    camera.zoom = 100 / size
    assert aim.snap(np.array([99.0, 99.0])) is None


def test_a_way_is_offered_only_while_tracing_from_an_outline_to_the_same(aim):
    aim.is_snapping = True
    snap, start = aim.snap(np.array([200.2, 150.0])), np.array([150.0, 100.0])
    assert len(aim.way(start, snap)) == 0
    aim.is_tracing = True
    assert aim.way(start, snap).tolist() == [[200, 100]]
    assert len(aim.way(start, None)) == len(aim.way(None, snap)) == 0
    assert len(aim.way(np.array([50.0, 50.0]), snap)) == 0


def test_what_was_snapped_to_may_be_gone_since(session, aim):
    aim.is_tracing = True
    snap = aim.snap(np.array([200.0, 200.0]))
    session.labels.undo()
    assert len(aim.way(np.array([100.0, 100.0]), snap)) == 0
