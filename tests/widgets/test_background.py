"""Jobs on a thread of their own, with results on Qt's."""

from __future__ import annotations

import threading

import pytest

from napari_geolabel.errors import FormatError
from napari_geolabel.widgets.background import Background


@pytest.fixture
def background(qtbot):
    """A background that is closed at the end."""
    made = Background()
    yield made
    made.close()


def test_jobs_run_elsewhere_and_results_arrive_here_in_order(background, qtbot):
    threads, results = set(), []

    def job(number):
        threads.add(threading.current_thread().name)
        return number

    for number in range(5):
        background.ask(lambda number=number: job(number), lambda result: results.append((result, here())))

    qtbot.waitUntil(lambda: len(results) == 5, timeout=30000)
    assert results == [(number, "MainThread") for number in range(5)]
    assert all(name.startswith("geolabel-journal") for name in threads)


def test_a_refusal_is_told(background, qtbot, told):
    taken = []

    def fail():
        raise FormatError("the journal cannot be read")

    background.ask(fail, taken.append)
    qtbot.waitUntil(lambda: told == ["the journal cannot be read"], timeout=30000)
    assert taken == []


def test_a_fault_is_raised_where_it_is_seen_and_work_goes_on(background, qtbot):
    results = []
    with qtbot.captureExceptions() as faults:
        background.ask(lambda: {}["no such key"], results.append)
        background.ask(lambda: 2, results.append)
        qtbot.waitUntil(lambda: results == [2] and len(faults) == 1, timeout=30000)
    assert faults[0][0] is KeyError


def test_nothing_is_delivered_after_the_end(qtbot):
    background, started, go = Background(), threading.Event(), threading.Event()
    taken = []

    def job():
        started.set()
        go.wait(5)
        return 1

    background.ask(job, taken.append)
    background.ask(lambda: 2, taken.append)
    assert started.wait(5)
    go.set()
    background.close()
    background.ask(lambda: 3, taken.append)
    qtbot.waitUntil(background._results.empty, timeout=30000)
    assert taken == []


def here() -> str:
    return threading.current_thread().name
