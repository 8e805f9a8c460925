"""Work that the user waits for goes on beside the window, with progress and a way to end it."""

from __future__ import annotations

import threading
import time

import pytest
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QProgressDialog, QPushButton

from napari_geolabel.errors import CancelledError, FormatError
from napari_geolabel.widgets import watched
from napari_geolabel.widgets.watched import run_watched


def shown():
    """Return the progress dialogs that are to be seen."""
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QProgressDialog) and w.isVisible()]


def test_what_comes_of_it_is_returned_and_done_on_another_thread(qapp):
    assert run_watched(None, "working", lambda watch: threading.current_thread()) is not threading.main_thread()
    assert shown() == []


def test_an_error_of_ours_is_raised_where_it_is_waited_for(qapp):
    def refuse(watch):
        raise FormatError("a.json is no file of labels")

    with pytest.raises(FormatError, match="no file of labels"):
        run_watched(None, "working", refuse)
    assert shown() == []


def test_a_fault_ends_the_waiting_and_is_raised_there(qapp):
    def run_out(watch):
        raise MemoryError("unable to allocate 9 GiB")

    with pytest.raises(MemoryError, match="9 GiB"):
        run_watched(None, "working", run_out)
    assert shown() == []


def test_the_window_beats_while_the_work_goes_on(qapp):
    beats = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(1))
    timer.start(5)

    def work(watch):
        end = time.monotonic() + 60
        while len(beats) < 20 and time.monotonic() < end:
            time.sleep(0.002)
        return len(beats)

    assert run_watched(None, "working", work) >= 20
    timer.stop()


def test_progress_is_shown_of_work_that_takes_long(qapp, monkeypatch):
    monkeypatch.setattr(watched, "SHOWN_AFTER_MS", 0)
    seen = threading.Event()
    values = []

    def look():
        values.extend(dialog.value() for dialog in shown())
        if 250 in values:
            seen.set()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(5)

    def work(watch):
        watch.tell(0.25)
        return seen.wait(60)

    assert run_watched(None, "Importing a.geojson…", work)
    timer.stop()
    assert shown() == []


def test_cancel_ends_it(qapp, monkeypatch):
    monkeypatch.setattr(watched, "SHOWN_AFTER_MS", 0)
    timer = QTimer()
    timer.timeout.connect(lambda: [dialog.findChild(QPushButton).click() for dialog in shown()])
    timer.start(5)

    def work(watch):
        while True:
            watch.tell(0.5)
            time.sleep(0.002)

    with pytest.raises(CancelledError, match="nothing was changed"):
        run_watched(None, "working", work)
    timer.stop()
