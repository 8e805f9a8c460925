"""A disk that keeps a write waiting for seconds: the window goes on as if nothing were."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager

import pytest
import shapely

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labelfile import Pending, Saved
from napari_geolabel.labels.opening import open_labels

BLOCK_S = 3.0
SMOOTH_GAP_S = 0.5
TRIES = 10
"""Whoever waits for the disk has a gap of the whole block each time; a busy machine may have a long one once."""


@pytest.fixture
def labels(coast, tmp_path, monkeypatch):
    """Labels of the coast in a label file, whose writer waits for the disk as long as it takes."""
    monkeypatch.setattr("napari_geolabel.labelfile.connection.BUSY_SECONDS", 600.0)
    made = open_labels(tmp_path / "coast.labels.gpkg", scene=open_scene(coast), ontology="maritime")
    yield made
    made.close()


@contextmanager
def blocked(path):
    """Hold the file's write lock, as a disk that does not answer would hold back every write."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


class Heart:
    """A timer on the GUI thread that notes the longest gap between two beats."""

    def __init__(self):
        from qtpy.QtCore import Qt, QTimer

        self.longest, self._last = 0.0, time.monotonic()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(10)

    def stop(self):
        self._beat()
        self._timer.stop()
        return self.longest

    def _beat(self):
        now = time.monotonic()
        self.longest, self._last = max(self.longest, now - self._last), now


def draw(session, wait):
    """Draw and undo for some seconds; return the longest gap and the states that were shown meanwhile."""
    labels, states = session.labels, []
    heart, end, number = Heart(), time.monotonic() + BLOCK_S, 0
    while time.monotonic() < end:
        number += 1
        labels.add(shapely.box(20 * number, 40, 20 * number + 15, 52), "ship", kind="box")
        if number % 3 == 0:
            session.undo()
        states.append(labels.status)
        wait(0.15)
    return heart.stop(), states


def test_drawing_never_waits_for_the_disk(session, labels, wait, until):
    gaps = []
    for _ in range(TRIES):
        usual, _ = draw(session, wait)
        until(lambda: labels.status == Saved())
        with blocked(labels.path):
            gap, states = draw(session, wait)

        assert all(isinstance(state, Pending) for state in states), "the disk did not answer meanwhile"
        until(lambda: labels.status == Saved())
        assert len(session.shapes_layer.data) == len(labels)
        gaps.append((usual, gap))
        if gap < max(SMOOTH_GAP_S, 2 * usual):
            return
    pytest.fail(f"the window's longest gaps, without and with a disk that stands still for {BLOCK_S} s: {gaps}")


def test_what_was_drawn_meanwhile_is_in_the_file(session, labels, wait, coast):
    with blocked(labels.path):
        draw(session, wait)
    labels.flush()

    with open_scene(coast) as scene:
        held = open_labels(labels.path, scene=scene, mode="r")
        assert {*held} == {*labels}
        held.close()


def test_a_thread_that_waits_is_found_out(qapp, wait):
    heart = Heart()
    wait(0.05)
    time.sleep(SMOOTH_GAP_S)
    assert heart.stop() >= SMOOTH_GAP_S
