"""Work in the background that is given up, or comes to nothing."""

from __future__ import annotations

import threading

import pytest

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.widgets.amounts import amount_box
from napari_geolabel.widgets.background import Background, expected, told, why

pytestmark = pytest.mark.gui


def test_what_is_abandoned_is_not_waited_for_and_not_delivered(qtbot):
    background, gate, taken = Background("test"), threading.Event(), []
    background.ask(gate.wait, taken.append)
    background.abandon()  # would hang here if it waited
    background.ask(lambda: 1, taken.append)
    gate.set()
    other = Background("other")
    other.ask(lambda: 2, taken.append)
    qtbot.waitUntil(lambda: taken == [2])
    other.close()
    assert taken == [2]


def test_a_job_that_must_be_heard_of_gives_back_why_it_failed():
    def fails():
        raise GeoLabelError("no")

    assert told(lambda: 7)() == expected(7) == 7
    refusal, fault = told(fails)(), told(lambda: 1 / 0)()
    assert expected(refusal) is refusal
    assert why(refusal) == "no"
    assert why(fault) == "that failed unexpectedly: ZeroDivisionError('division by zero')"
    with pytest.raises(ZeroDivisionError):
        expected(fault)


def test_an_amount_keeps_to_its_range_and_shows_its_unit(qtbot):
    box = amount_box(20, 0.1, "m")
    qtbot.addWidget(box)
    assert box.text() == "20.0 m"
    box.setValue(-5)
    assert box.value() == 0.1
