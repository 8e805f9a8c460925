"""Changes and conflicts of a session's label file, as they come."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.labels.opening import open_labels
from napari_geolabel.widgets.annotate import annotate
from napari_geolabel.widgets.journal_watch import JournalWatch
from napari_geolabel.widgets.labels_panel import LabelsPanel

BOX = shapely.box(10, 10, 40, 30)


@pytest.fixture
def kept(viewer, scene, qtbot):
    """A session on the label file of the scene."""
    session = annotate(viewer, scene, "maritime")
    yield session
    session.close()


@pytest.fixture
def watch(kept):
    return JournalWatch(kept)


def disagree(kept, scene) -> str:
    """Let somebody else and this session change one ship at the same time."""
    ship = kept.labels.add(BOX, "ship", kind="box")
    kept.labels.flush()
    theirs = open_labels(kept.labels.path, scene=scene, annotator="Ben")
    theirs.update(ship.id, confidence=0.25)
    theirs.close()
    kept.labels.update(ship.id, confidence=0.75)  # nothing was taken over yet: no event was processed
    kept.labels.flush()
    return ship.id


def settle(watch, qtbot):
    """Wait until the watch has done all that it was asked for: jobs come one after the other."""
    done = []
    qtbot.waitUntil(lambda: not watch._is_reading, timeout=30000)
    watch.background.ask(lambda: True, done.append)
    qtbot.waitUntil(lambda: done == [True] and not watch._is_reading, timeout=30000)


def test_changes_are_read_when_they_are_wanted_and_follow(watch, kept, qtbot):
    kept.labels.add(BOX, "ship", kind="box")
    kept.labels.flush()
    settle(watch, qtbot)
    assert watch.entries == []
    told = []
    watch.entries_changed.connect(lambda: told.append(len(watch.entries)))
    watch.wants_entries = True
    qtbot.waitUntil(lambda: [e.title for e in watch.entries] == ["add ship"], timeout=30000)
    kept.labels.add(BOX, "dock", kind="polygon")
    qtbot.waitUntil(lambda: [e.title for e in watch.entries] == ["add ship", "add dock"], timeout=30000)
    assert told == [1, 2]
    assert watch.wants_entries


def test_another_file_is_read_from_the_start(watch, kept, qtbot, tmp_path):
    kept.labels.add(BOX, "ship", kind="box")
    watch.wants_entries = True
    qtbot.waitUntil(lambda: len(watch.entries) == 1, timeout=30000)
    kept.labels.save_as(tmp_path / "elsewhere.labels.gpkg")
    kept.labels.add(BOX, "dock", kind="polygon")
    qtbot.waitUntil(lambda: [e.seq for e in watch.entries] == [1, 2], timeout=30000)


def test_conflicts_are_told_and_go_when_they_are_resolved(watch, kept, scene, qtbot):
    disagree(kept, scene)
    qtbot.waitUntil(lambda: [c.field for c in watch.conflicts] == ["confidence"], timeout=30000)
    kept.labels.resolve(watch.conflicts[0], "mine")
    qtbot.waitUntil(lambda: watch.conflicts == [], timeout=30000)


def test_labels_in_memory_have_neither(session, qtbot):
    watch = JournalWatch(session)
    watch.wants_entries = True
    session.labels.add(BOX, "ship", kind="box")
    settle(watch, qtbot)
    assert (watch.entries, watch.conflicts) == ([], [])


def test_a_file_that_is_away_is_no_news(watch, kept, qtbot, tmp_path):
    watch.wants_entries = True
    kept.labels.add(BOX, "ship", kind="box")
    qtbot.waitUntil(lambda: len(watch.entries) == 1, timeout=30000)
    kept.labels.flush()
    for left in kept.labels.path.parent.glob("scene.labels.gpkg*"):
        left.unlink()
    watch.refresh()
    settle(watch, qtbot)
    assert len(watch.entries) == 1
    kept.labels.save_as(tmp_path / "rescued.labels.gpkg")


def test_the_panel_wears_a_badge_while_there_are_conflicts(kept, scene, qtbot):
    panel = LabelsPanel(kept)
    qtbot.addWidget(panel)
    assert panel.conflicts.isHidden()
    disagree(kept, scene)
    qtbot.waitUntil(lambda: not panel.conflicts.isHidden(), timeout=30000)
    assert panel.conflicts.text() == "1 conflict to resolve…"
    asked = []
    panel.conflicts_asked.connect(lambda: asked.append("conflicts"))
    panel.history_asked.connect(lambda: asked.append("history"))
    panel.conflicts.click()
    panel.history.click()
    assert asked == ["conflicts", "history"]
    kept.labels.resolve(panel.watch.conflicts[0])
    qtbot.waitUntil(panel.conflicts.isHidden, timeout=30000)
