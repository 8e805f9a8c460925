"""Training sets from the window: what is foreseen, what is made beside Qt's thread, and how it ends."""

from __future__ import annotations

import json
import threading

import pytest
import shapely
from qtpy.QtWidgets import QFileDialog

from napari_geolabel.errors import FormatError
from napari_geolabel.labels.chip_plan import Chip, Planned
from napari_geolabel.labels.training_set import LABEL_FORMATS, TrainingSet
from napari_geolabel.widgets import chips_dialog
from napari_geolabel.widgets.chips_dialog import (
    ChipsDialog,
    foreseen_text,
    result_text,
    show_chips_dialog,
)
from napari_geolabel.widgets.labels_panel import LabelsPanel


@pytest.fixture
def dialog(session, qtbot, tmp_path):
    """A dialog on a scene with four ships, that would cut it into chips of 128 pixels."""
    session.labels.add_many([shapely.box(128 * n + 10, 20, 128 * n + 60, 40) for n in range(4)], "ship", kind="box")
    made = ChipsDialog(session)
    qtbot.addWidget(made)
    made.folder.setText(str(tmp_path / "set"))
    made.size_px.setValue(128)
    made.block_chips.setValue(1)
    return made


def until_made(dialog, qtbot):
    qtbot.waitUntil(lambda: not dialog.is_making, timeout=60_000)


def test_what_would_come_is_told_as_numbers_change(dialog, qtbot):
    qtbot.waitUntil(lambda: "4 of them with 4 labels" in dialog.foreseen.text(), timeout=20_000)
    assert dialog.ok.isEnabled()
    dialog.overlap_px.setValue(200)
    assert "cannot be" in dialog.foreseen.text()
    assert not dialog.ok.isEnabled()
    dialog.overlap_px.setValue(0)
    for box in dialog.split.values():
        box.setValue(50)
    assert "not those of train, val and test" in dialog.foreseen.text()
    dialog.split["test"].setValue(0)
    qtbot.waitUntil(dialog.ok.isEnabled, timeout=20_000)
    assert "0 test" in dialog.foreseen.text()


def test_every_format_of_labels_is_offered_and_the_plan_is_that_of_the_fields(dialog):
    offered = [dialog.labels_as.itemData(i) for i in range(dialog.labels_as.count())]
    assert offered == list(LABEL_FORMATS)
    assert all(dialog.labels_as.itemText(i) for i in range(dialog.labels_as.count()))
    dialog.min_visible.setValue(40)
    dialog.negatives.setValue(150)
    dialog.seed.setValue(7)
    plan = dialog.plan
    assert (plan.size_px, plan.overlap_px, plan.block_chips, plan.seed) == (128, 0, 1, 7)
    assert (plan.min_visible, plan.negatives, plan.split) == (0.4, 1.5, (0.8, 0.1, 0.1))


def test_a_set_is_made_on_another_thread_of_the_labels_as_they_were(dialog, session, qtbot, tmp_path, monkeypatch):
    begun, may_go_on, threads = threading.Event(), threading.Event(), []
    prepare = chips_dialog.prepare_chips

    def held_up(*args, **order):
        work = prepare(*args, **order)

        def slow(watch):
            threads.append(threading.current_thread())
            begun.set()
            assert may_go_on.wait(60)
            return work(watch)

        return slow

    monkeypatch.setattr(chips_dialog, "prepare_chips", held_up)
    dialog.labels_as.setCurrentIndex(LABEL_FORMATS.index("yolo"))
    dialog.images.setCurrentIndex(1)
    dialog.make()
    qtbot.waitUntil(begun.is_set, timeout=20_000)
    assert threads[0] is not threading.current_thread()
    assert (dialog.ok.isEnabled(), dialog.end.isEnabled()) == (False, True)
    assert "go on labelling" in dialog.result_text.text()
    session.labels.add(shapely.box(70, 70, 90, 90), "ship", kind="box")
    may_go_on.set()
    until_made(dialog, qtbot)
    index = json.loads((tmp_path / "set" / "chips.json").read_text("utf-8"))
    assert index["classes"] == {"ship": 4}
    assert len(list((tmp_path / "set" / "images").rglob("*.png"))) == sum(index["splits"].values())
    assert "4 ship" in dialog.result_text.text()
    assert not dialog.picture.pixmap().isNull()
    assert dialog.progress.value() in (0, 1000)


def test_a_fault_ends_the_work_and_is_told_and_raised(dialog, qtbot, monkeypatch):
    def run_out(_watch):
        raise MemoryError("unable to allocate 9 GiB")

    monkeypatch.setattr(chips_dialog, "prepare_chips", lambda *_args, **_order: run_out)
    with qtbot.captureExceptions() as faults:
        dialog.make()
        until_made(dialog, qtbot)
    assert faults[0][0] is MemoryError
    assert "unable to allocate 9 GiB" in dialog.result_text.text()


def test_a_folder_that_is_full_is_refused_in_a_sentence(dialog, tmp_path):
    dialog.folder.setText(str(tmp_path))
    (tmp_path / "a.txt").write_text("mine")
    dialog.make()
    assert not dialog.is_making
    assert "is not an empty folder" in dialog.result_text.text()
    assert (tmp_path / "a.txt").read_text() == "mine"


def test_stopping_ends_the_work_and_says_what_is_left(dialog, qtbot, monkeypatch):
    prepare = chips_dialog.prepare_chips

    def stopped(*args, **order):
        work = prepare(*args, **order)

        def go(watch):
            dialog.cancel()
            return work(watch)

        return go

    monkeypatch.setattr(chips_dialog, "prepare_chips", stopped)
    dialog.make()
    until_made(dialog, qtbot)
    assert dialog.result_text.text().startswith("stopped; what was written is left in ")
    assert dialog.picture.isHidden()
    qtbot.waitUntil(dialog.ok.isEnabled, timeout=20_000)


def test_a_set_without_labels_says_so(session, qtbot):
    empty = ChipsDialog(session)
    qtbot.addWidget(empty)
    qtbot.waitUntil(lambda: "no chip would have a label" in empty.foreseen.text(), timeout=20_000)
    assert not empty.ok.isEnabled()


def test_paint_is_a_label_of_masks_alone(session, qtbot):
    session.labels.paint(shapely.box(5, 5, 40, 40), "dock")
    dialog = ChipsDialog(session)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: "no chip would have a label" in dialog.foreseen.text(), timeout=20_000)
    dialog.labels_as.setCurrentIndex(dialog.labels_as.findData("mask"))
    qtbot.waitUntil(lambda: "1 of them with 0 labels and paint" in dialog.foreseen.text(), timeout=20_000)
    assert dialog.ok.isEnabled()


def test_an_error_of_the_work_is_told(dialog, qtbot, monkeypatch):
    def failing(*args, **order):
        def fail(watch):
            raise FormatError("the scene went away")

        return fail

    monkeypatch.setattr(chips_dialog, "prepare_chips", failing)
    dialog.make()
    until_made(dialog, qtbot)
    assert dialog.result_text.text() == "the scene went away"


def test_the_dialog_closes_with_the_session_and_by_escape(session, qtbot):
    for end in (lambda opened: opened.reject(), lambda opened: session.closed.emit()):
        opened = show_chips_dialog(session)
        gone = []
        opened.destroyed.connect(lambda *_, gone=gone: gone.append(True))
        end(opened)
        qtbot.waitUntil(lambda gone=gone: bool(gone), timeout=20_000)


def test_a_folder_is_chosen_by_a_dialog(dialog, monkeypatch):
    answers = iter(["", "/data/ships"])
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: next(answers))
    before = dialog.folder.text()
    dialog.browse.click()
    assert dialog.folder.text() == before
    dialog.browse.click()
    assert dialog.folder.text() == "/data/ships"


def test_the_button_stands_beside_export(session, qtbot, monkeypatch):
    from napari_geolabel.widgets import labels_panel

    opened = []
    monkeypatch.setattr(labels_panel, "show_chips_dialog", lambda held, parent: opened.append(held))
    panel = LabelsPanel(session)
    qtbot.addWidget(panel)
    panel.chips.click()
    assert opened == [session]


def test_sentences_count_what_there_is(tmp_path):
    chips = [
        Chip(scene=0, window=(slice(0, 9), slice(0, 9)), split=split, annotations=()) for split in ("train", "val")
    ]
    assert "no chip would have a label" in foreseen_text(Planned(chips=chips))
    assert foreseen_text(FormatError("no")) == "no"
    made = TrainingSet(folder=tmp_path, chips={"train": 2, "val": 1}, labels={"ship": 5}, notes=["one", "two"])
    assert result_text(made).splitlines() == [f"{tmp_path}: chips 2 train, 1 val; labels 5 ship", "one", "two"]
