"""A session on a label file: its notes, its state in the panel, what others do, and how it ends."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import shapely

from napari_geolabel.errors import WriteError
from napari_geolabel.labelfile import Failed, Pending
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.widgets.annotate import annotate
from napari_geolabel.widgets.close_guard import drain
from napari_geolabel.widgets.labels_panel import LabelsPanel, place_text, save_elsewhere, state_text

BOX = shapely.box(10, 10, 40, 30)


@pytest.fixture
def kept(viewer, scene, qtbot):
    """A session on the label file of the scene."""
    session = annotate(viewer, scene, "maritime")
    yield session
    session.close()


@pytest.fixture
def panel(kept, qtbot, tmp_path):
    made = LabelsPanel(kept, choose_place=lambda _: str(tmp_path / "elsewhere.labels.gpkg"))
    qtbot.addWidget(made)
    return made


def lose_file(session):
    """Take the label file away under the session."""
    session.labels.flush()
    for left in session.labels.path.parent.glob("scene.labels.gpkg*"):
        left.unlink()


def test_annotate_makes_the_label_file_of_the_scene_and_goes_on_with_it(viewer, scene, kept):
    path = scene.path.with_name("scene.labels.gpkg")
    assert kept.labels.path == path
    kept.labels.add(BOX, "ship", kind="box")
    kept.close()
    assert [found.name for found in path.parent.glob("*labels*")] == [path.name]

    again = annotate(viewer, scene, "maritime")
    assert len(again.labels) == 1
    again.undo()
    assert len(again.labels) == 0
    again.close()


def test_the_end_of_the_session_closes_its_own_labels(kept):
    kept.close()
    with pytest.raises(WriteError, match="closed"):
        kept.labels.add(BOX, "ship", kind="box")


def test_labels_that_were_given_stay_open(viewer, scene, qtbot):
    labels = open_labels(scene.path.with_name("mine.labels.gpkg"), scene=scene, ontology="maritime")
    annotate(viewer, scene, "maritime", labels=labels).close()
    labels.add(BOX, "ship", kind="box")
    labels.close()


def test_what_happened_on_opening_is_told(viewer, scene, kept, told):
    kept.close()
    annotate(viewer, scene, "clouds").close()
    assert any("goes on with its own ontology" in sentence for sentence in told)


def test_the_panel_says_saved_without_being_asked(kept, panel, qtbot):
    assert panel.state.text() == "0 annotations, saved"
    kept.labels.add(BOX, "ship", kind="box")
    qtbot.waitUntil(lambda: panel.state.text() == "1 annotation, saved", timeout=60_000)
    assert "scene.labels.gpkg in " in panel.state.toolTip()
    assert panel.rescue.isHidden()


def test_several_notes_are_one_notice_with_the_first_on_top(viewer, scene, told):
    labels = open_labels(scene.path.with_name("mine.labels.gpkg"), scene=scene, ontology="maritime")
    for sentence in ("it was damaged", "all was found", "go on"):
        labels.note(sentence)
    annotate(viewer, scene, "maritime", labels=labels).close()
    assert told == ["it was damaged\nall was found\ngo on"]
    labels.close()


def test_a_failure_is_shown_with_two_ways_out_and_saving_elsewhere_ends_it(kept, panel, qtbot, told, tmp_path):
    kept.labels.add(BOX, "ship", kind="box")
    lose_file(kept)
    kept.labels.add(BOX, "ship", kind="box")
    qtbot.waitUntil(lambda: "FAILED: " in panel.state.text(), timeout=60_000)
    assert not panel.rescue.isHidden()
    panel.retry.click()
    assert kept.labels.unsaved

    panel.save_elsewhere.click()

    qtbot.waitUntil(lambda: panel.state.text() == "2 annotations, saved", timeout=60_000)
    assert panel.rescue.isHidden()
    assert kept.labels.path == tmp_path / "elsewhere.labels.gpkg"
    assert "elsewhere.labels.gpkg" in panel.state.toolTip()
    assert any("are kept in" in sentence for sentence in told)


def test_what_stands_at_the_chosen_place_is_kept_as_a_backup(kept, told, tmp_path):
    taken = tmp_path / "taken.gpkg"
    taken.write_text("mine")
    assert save_elsewhere(kept, str(taken))
    assert kept.labels.path == taken
    assert "mine" in [file.read_text("latin-1") for file in tmp_path.rglob("*") if file.is_file()]
    assert "are kept in" in told[-1]


def test_a_place_that_cannot_be_written_is_refused_and_told(kept, told, tmp_path):
    before = kept.labels.path
    assert not save_elsewhere(kept, str(tmp_path / "missing" / "there.gpkg"))
    assert kept.labels.path == before
    assert "is not a folder" in told[-1]


def test_draining_waits_for_the_file_and_says_why_it_cannot(kept, tmp_path):
    kept.labels.add(BOX, "ship", kind="box")
    assert drain(kept.labels) == ""
    assert not kept.labels.unsaved
    lose_file(kept)
    kept.labels.add(BOX, "ship", kind="box")
    assert "save to another place" in drain(kept.labels)
    kept.labels.save_as(tmp_path / "rescued.gpkg")


def test_what_another_session_draws_appears(kept, scene, qtbot):
    theirs = open_labels(kept.labels.path, scene=scene, annotator="Ben")
    theirs.add(BOX, "ship", kind="box")
    theirs.close()
    qtbot.waitUntil(lambda: len(kept.shapes_layer.data) == 1, timeout=60_000)


def test_widgets_are_touched_on_the_main_thread_alone(kept, panel, qtbot, monkeypatch):
    threads = set()
    show = panel._show_state
    panel._relay._action = lambda: (threads.add(threading.current_thread().name), show())
    for _ in range(10):
        kept.labels.add(BOX, "ship", kind="box")
    qtbot.waitUntil(lambda: panel.state.text() == "10 annotations, saved", timeout=60_000)
    assert threads == {"MainThread"}


def test_sentences_of_the_state():
    assert state_text(3, Pending(2), unsaved=True) == "3 annotations, 2 pending"
    assert state_text(1, Failed("no room", 1), unsaved=True) == "1 annotation, FAILED: no room"
    assert place_text(Path("/a/b.labels.gpkg")) == f"b.labels.gpkg in {Path('/a')}"
    assert place_text(None) == "in memory only; export them to keep them"
