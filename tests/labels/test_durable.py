"""Labels that a label file keeps."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations.change import Change
from napari_geolabel.errors import ForbiddenKindError, GeoLabelError, OntologyError, WriteError
from napari_geolabel.labelfile import Failed, Pending, Saved
from napari_geolabel.labels import Labels, open_labels
from napari_geolabel.labels.durable import _undoable
from napari_geolabel.ontology.model import Ontology

BOX = shapely.box(10, 10, 30, 20)


def everything(labels: Labels) -> tuple:
    """Return all that labels hold, in draw order."""
    return list(labels.store.values()), labels.canvas.array.copy().tolist(), dict(labels.scene_attributes)


def work(labels: Labels) -> None:
    """Do a little of everything, and undo and redo some of it."""
    ship = labels.add(BOX, "ship", kind="box", attributes={"category": "merchant", "under_way": True})
    labels.add_many([shapely.box(n, n, n + 5.5, n + 7.25) for n in range(40, 60, 5)], "tug")
    labels.update(ship.id, confidence=0.5)
    labels.paint(shapely.Point(250, 250).buffer(40), "cloud")
    labels.classify_scene(haze=True)
    labels.remove(list(labels)[2])
    labels.add(shapely.box(300, 300, 310, 310), "tug")
    labels.undo()
    labels.undo()
    labels.redo()


def test_labels_are_the_same_when_they_are_opened_again(open_kept) -> None:
    labels = open_kept()
    work(labels)
    before = everything(labels)
    labels.close()

    again = open_kept(ontology=None)

    assert everything(again) == before
    assert again.ontology == labels.ontology
    assert again.canvas.array.dtype == labels.canvas.array.dtype


def test_all_work_of_an_earlier_session_can_be_undone_and_made_again(open_kept) -> None:
    labels = open_kept()
    work(labels)
    before, titles = everything(labels), labels.store.undo_titles
    labels.close()

    again = open_kept()
    assert again.store.undo_titles == titles
    while again.undo():
        pass

    assert len(again) == 0
    assert not again.is_painted
    assert again.scene_attributes == {}
    while again.redo():
        pass
    assert sorted(a.id for a in again.store.values()) == sorted(a.id for a in before[0])
    assert everything(again)[1:] == before[1:]


def test_an_undo_is_kept_like_any_other_change(open_kept) -> None:
    labels = open_kept()
    labels.add(BOX, "tug")
    labels.add(BOX, "cloud")
    labels.undo()
    labels.close()

    again = open_kept()
    assert [a.class_id for a in again.store.values()] == ["tug"]
    assert again.store.undo_titles == ["add tug"]
    assert not again.store.can_redo


def test_paint_at_the_border_of_the_scene_comes_back(open_kept) -> None:
    labels = open_kept()
    labels.paint(shapely.box(500, 505, 512, 512), "cloud")
    painted = labels.canvas.array.copy()
    labels.close()

    assert painted.sum() == 9 * 12 * 7
    assert np.array_equal(open_kept().canvas.array, painted)


def test_what_was_flushed_survives_kill_9(write_scene, file_path) -> None:
    scene_path = write_scene()
    script = f"""
import os, signal, shapely, napari_geolabel as g
labels = g.open_labels({str(file_path)!r}, scene=g.open_scene({str(scene_path)!r}), ontology="maritime")
labels.add(shapely.box(10, 10, 30, 20), "ship", kind="box")
labels.paint(shapely.box(50, 50, 60, 60), next(c.id for c in labels.ontology.classes if "mask" in c.kinds))
labels.flush()
os.kill(os.getpid(), {signal.SIGKILL:d})
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=180)
    assert done.returncode == -signal.SIGKILL

    from napari_geolabel import open_scene

    with open_scene(scene_path) as scene:
        labels = open_labels(file_path, scene=scene)
        assert [a.geometry for a in labels.store.values()] == [BOX]
        assert (labels.canvas.array[50:60, 50:60] != 0).all()
        assert any("ended without closing" in note for note in labels.notes)
        labels.close()


def test_a_script_that_ends_without_closing_loses_nothing(write_scene, file_path, scene) -> None:
    script = f"""
import shapely, napari_geolabel as g
labels = g.open_labels({str(file_path)!r}, scene=g.open_scene({str(scene.path)!r}), ontology="maritime")
for n in range(200):
    labels.add(shapely.box(n, 10, n + 5, 20), "ship", kind="box")
"""
    subprocess.run([sys.executable, "-c", script], timeout=180, check=True)

    assert not file_path.with_name(file_path.name + "-wal").exists()
    labels = open_labels(file_path, scene=scene, mode="r")
    assert len(labels) == 200
    labels.close()


@pytest.mark.parametrize(
    "edit",
    [
        lambda labels: labels.add(BOX, "tug"),
        lambda labels: labels.remove(next(iter(labels))),
        lambda labels: labels.paint(BOX, "cloud"),
        lambda labels: labels.classify_scene(haze=False),
        lambda labels: labels.undo(),
        lambda labels: labels.redo(),
        lambda labels: labels.use_ontology(labels.ontology.with_classes(labels.ontology.classes[::-1])),
    ],
)
def test_labels_opened_for_reading_refuse_every_change_in_one_sentence(open_kept, file_path, edit) -> None:
    labels = open_kept()
    work(labels)
    labels.close()
    before = file_path.read_bytes()
    reading = open_kept(mode="r", ontology=None)
    held = everything(reading)

    with pytest.raises(WriteError, match=r"scene\.labels\.gpkg was opened for reading; open it with mode='rw'"):
        edit(reading)

    assert everything(reading) == held
    assert not reading.unsaved
    reading.close()
    assert file_path.read_bytes() == before


def test_closed_labels_refuse_changes_and_can_be_closed_again(open_kept) -> None:
    labels = open_kept()
    labels.add(BOX, "tug")
    labels.close()
    labels.close()

    with pytest.raises(WriteError, match="the labels of scene are closed; open them again"):
        labels.add(BOX, "tug")
    assert len(labels) == 1


def test_a_change_is_unsaved_until_it_is_on_disk(open_kept) -> None:
    labels = open_kept()
    assert labels.status == Saved()
    labels.add(BOX, "tug")
    labels.flush()

    assert not labels.unsaved
    assert labels.status == Saved()


def test_each_new_status_is_told(open_kept) -> None:
    labels = open_kept()
    saved = threading.Event()
    seen = []

    def look() -> None:
        seen.append(labels.status)
        if len(seen) > 1 and labels.status == Saved():
            saved.set()

    labels.status_changed.connect(look)
    labels.add(BOX, "tug")

    assert saved.wait(60)
    assert any(isinstance(status, Pending) for status in seen)


def test_a_file_that_vanishes_is_told_and_the_work_goes_on_elsewhere(open_kept, file_path, tmp_path, scene) -> None:
    labels = open_kept()
    labels.add(BOX, "tug")
    labels.flush()
    for left in tmp_path.glob("scene.labels.gpkg*"):
        left.unlink()
    labels.add(BOX, "cloud")

    with pytest.raises(WriteError, match="save to another place"):
        labels.flush()
    assert isinstance(labels.status, Failed)
    assert labels.unsaved
    with pytest.raises(WriteError):
        labels.close()
    labels.add(shapely.box(1, 1, 5, 5), "tug")  # it is still open

    labels.save_as(tmp_path / "elsewhere.gpkg")
    assert labels.status == Saved()
    assert labels.path == tmp_path / "elsewhere.gpkg"
    labels.close()
    found = open_labels(tmp_path / "elsewhere.gpkg", scene=scene, mode="r")
    assert [a.class_id for a in found.store.values()] == ["tug", "cloud", "tug"]
    found.close()


def test_what_another_session_does_arrives_and_is_pulled(open_kept) -> None:
    mine, theirs = open_kept(annotator="Ann"), open_kept(annotator="Ben")
    arrived = threading.Event()
    mine.arrived.connect(arrived.set)
    ship = theirs.add(BOX, "tug")
    theirs.paint(shapely.box(40, 40, 50, 50), "cloud")
    theirs.classify_scene(haze=True)
    theirs.flush()

    assert arrived.wait(60)
    for _ in range(50):
        mine.pull()
        if "haze" in mine.scene_attributes and mine.is_painted:
            break
        arrived.clear()
        arrived.wait(1)

    assert mine[ship.id] == theirs[ship.id]
    assert np.array_equal(mine.canvas.array, theirs.canvas.array)
    assert mine.pull() is None
    mine.close()
    theirs.close()


def test_labels_in_memory_have_neither_file_nor_status(labels) -> None:
    assert (labels.path, labels.status, labels.notes, labels.pull()) == (None, None, (), None)
    with pytest.raises(WriteError, match="kept in memory"):
        labels.save_as("x.gpkg")
    labels.retry()
    labels.flush()


def test_an_export_of_labels_in_memory_tells_that_they_are_saved_now(labels, tmp_path) -> None:
    labels.add(BOX, "tug")
    seen = []
    labels.status_changed.connect(lambda: seen.append(labels.unsaved))
    labels.export(tmp_path / "out.geojson")
    labels.paint(BOX, "cloud")
    labels.export_painted(tmp_path / "mask.tif")

    assert seen == [False, True, False]


def test_classes_made_by_an_import_are_in_the_file(open_kept, labels, tmp_path) -> None:
    labels.add(BOX, "tug")
    source = tmp_path / "theirs.geojson"
    labels.export(source)
    kept = open_kept(ontology=Ontology(id="mine", name="Mine", version="1", classes=labels.ontology.classes[:1]))
    kept.import_from(source, make_classes=True)
    kept.close()

    again = open_kept(ontology=None)
    assert "tug" in again.ontology
    assert [a.class_id for a in again.store.values()] == ["tug"]


def test_an_ontology_that_refuses_what_is_there_is_not_taken(open_kept, ontology) -> None:
    labels = open_kept()
    labels.add(BOX, "tug")
    tug = ontology["tug"].model_copy(update={"kinds": ("polyline",)})
    other = ontology.with_classes([tug if c.id == "tug" else c for c in ontology.classes])

    with pytest.raises(OntologyError, match="refuses 1 annotations"):
        labels.use_ontology(other)

    assert labels.ontology == ontology
    labels.close()
    assert open_kept(ontology=None).ontology == ontology


def test_undo_ends_where_a_class_is_gone(open_kept, ontology) -> None:
    labels = open_kept()
    tug = labels.add(BOX, "tug")
    labels.add(BOX, "cloud")
    labels.remove(tug.id)
    labels.add(shapely.box(1, 1, 5, 5), "cloud")
    labels.close()

    kept = [c for c in ontology.classes if c.id != "tug"]
    fewer = Ontology(id=ontology.id, name=ontology.name, version="2", classes=tuple(kept))
    with pytest.raises(GeoLabelError, match="lacks tug"):
        open_kept(ontology=fewer)
    history = open_kept(ontology=None)._file.load().history
    assert [change.title for change in _undoable(history, fewer)] == ["add cloud"]
    assert open_kept(ontology=None).store.undo_titles == ["add cloud", "remove tug", "add cloud", "add tug"]


def test_a_refused_edit_is_not_recorded(open_kept) -> None:
    labels = open_kept()
    with pytest.raises(ForbiddenKindError):
        labels.add(shapely.Point(1, 1), "tug")
    labels.close()
    assert len(open_kept()) == 0


def test_a_listener_hears_of_every_change_after_it_was_recorded(open_kept) -> None:
    labels = open_kept()
    heard: list[Change] = []
    labels.changed.connect(heard.append)
    labels.add(BOX, "tug")
    labels.undo()

    assert [change.title for change in heard] == ["add tug", "add tug"]


def wait_and_pull(labels: Labels, holds) -> None:
    """Take over what others did until something holds."""
    arrived = threading.Event()
    labels.arrived.connect(arrived.set)
    for _ in range(300):
        labels.pull()
        if holds():
            return
        arrived.wait(0.2)
        arrived.clear()
    raise AssertionError("it did not arrive within a minute")


def test_undo_leaves_alone_what_another_annotator_did(open_kept) -> None:
    ann, ben = open_kept(annotator="Ann"), open_kept(annotator="Ben")
    ann.add(BOX, "tug")
    shared = ann.add(BOX, "cloud")
    wait_and_pull(ben, lambda: shared.id in ben)
    assert not ben.store.can_undo
    ben.update(shared.id, confidence=0.5)
    wait_and_pull(ann, lambda: ann[shared.id].confidence == 0.5)

    assert ann.store.undo_titles == ["add tug"]
    ann.undo()

    assert list(ann) == [shared.id]
    ann.flush()
    ann.close()
    ben.close()
    again = open_kept(annotator="Ann")
    assert list(again) == [shared.id]
    assert again.store.undo_titles == [], "the undo was written as one"


def test_the_next_session_of_an_annotator_undoes_their_own_last_change(open_kept) -> None:
    ann = open_kept(annotator="Ann")
    mine = ann.add(BOX, "tug")
    ann.update(mine.id, confidence=0.25)
    ann.close()
    ben = open_kept(annotator="Ben")
    theirs = ben.add(shapely.box(60, 60, 70, 70), "cloud")
    ben.close()

    again = open_kept(annotator="Ann")
    assert again.store.undo_titles == ["change confidence of tug", "add tug"]
    again.undo()

    assert again[mine.id].confidence is None
    assert theirs.id in again
    assert again.store.redo_titles == ["change confidence of tug"]
