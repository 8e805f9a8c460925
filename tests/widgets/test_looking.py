"""Looks beside Qt's thread: only the newest counts, and closing the dialog ends it."""

from __future__ import annotations

import threading
import time

import pytest
from qtpy.QtWidgets import QApplication, QDialog

from napari_geolabel.errors import FormatError
from napari_geolabel.widgets.looking import Looks


@pytest.fixture
def dialog(qtbot):
    made = QDialog()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def looks(dialog):
    return Looks("test", dialog)


def settle(looks):
    end = time.monotonic() + 60
    while looks.is_busy and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.002)
    assert not looks.is_busy


def test_what_comes_of_a_look_or_why_nothing_does_is_handed_on(looks):
    taken = []

    def refuse(watch):
        raise FormatError("no file of labels")

    for work in (lambda watch: threading.current_thread(), refuse):
        looks.ask(work, taken.append)
        settle(looks)
    assert taken[0] is not threading.main_thread()
    assert isinstance(taken[1], FormatError)


def test_a_fault_is_handed_on_too_so_that_nobody_waits_for_ever_and_raised_then(looks, qtbot):
    taken = []
    with qtbot.captureExceptions() as faults:
        looks.ask(lambda watch: {}["no such key"], taken.append)
        settle(looks)
    assert [type(each) for each in taken] == [KeyError]
    assert faults[0][0] is KeyError


def test_what_is_asked_anew_gives_up_what_was_asked_before(looks, endless):
    taken = []
    looks.ask(endless, taken.append)
    assert endless.begun.wait(60)
    looks.ask(lambda watch: "new", taken.append)
    settle(looks)
    assert endless.ended.wait(60)
    assert taken == ["new"]


def test_a_look_that_is_stopped_hands_nothing_on_and_another_may_follow(looks):
    taken, goes_on = [], threading.Event()
    looks.ask(lambda watch: goes_on.wait(60), taken.append)
    looks.stop()
    goes_on.set()
    assert not looks.is_busy
    looks.ask(lambda watch: "next", taken.append)
    settle(looks)
    assert taken == ["next"]


def test_closing_the_dialog_ends_the_look(looks, dialog, endless):
    taken = []
    looks.ask(endless, taken.append)
    assert endless.begun.wait(60)
    dialog.reject()
    assert endless.ended.wait(60)
    QApplication.processEvents()
    assert (taken, looks.is_busy) == ([], False)
