"""Work on a scene beside Qt's thread: the newest of a topic, and nothing that nobody wants any more."""

from __future__ import annotations

import threading

import pytest

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.spectrum import pixel_spectrum
from napari_geolabel.widgets.scene_work import SceneWork


@pytest.fixture
def work(scene, qapp):
    made = SceneWork(scene)
    yield made
    made.close()


@pytest.fixture
def gate():
    """An event that the first job waits for."""
    event = threading.Event()
    yield event
    event.set()


def test_a_job_reads_the_scene_on_another_thread_and_its_result_comes_back_on_qts(work, scene, qtbot):
    threads, taken = [], []

    def job(reading):
        threads.append(threading.current_thread())
        return pixel_spectrum(reading, 10.5, 20.5)

    def take(spectrum):
        threads.append(threading.current_thread())
        taken.append(spectrum)

    work.ask("pixel", job, take)
    qtbot.waitUntil(lambda: bool(taken))
    assert taken[0].mean == pixel_spectrum(scene, 10.5, 20.5).mean
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()


def test_of_a_topic_only_the_newest_that_waits_is_done(work, gate, qtbot):
    done, taken = [], []

    def job(number):
        def run(_reading):
            if not number:
                gate.wait(60)
            done.append(number)
            return number

        return run

    work.ask("start", job(0), taken.append)
    for number in range(1, 50):
        work.ask("cursor", job(number), taken.append)
    work.ask("other", job(99), taken.append)
    gate.set()
    qtbot.waitUntil(lambda: 99 in taken)
    assert done == taken == [0, 49, 99]


def test_what_is_forgotten_is_not_done(work, gate, qtbot):
    taken = []
    work.ask("start", lambda _reading: gate.wait(60), lambda _result: None)
    work.ask("area", lambda _reading: "area", taken.append)
    work.ask("last", lambda _reading: "last", taken.append)
    work.forget("area")
    work.forget("what was never asked")
    gate.set()
    qtbot.waitUntil(lambda: bool(taken))
    assert taken == ["last"]


def test_an_error_is_told_and_the_next_job_is_done(work, qtbot, told):
    taken = []

    def fail(_reading):
        raise SceneError("the file is damaged there")

    work.ask("a", fail, taken.append)
    work.ask("b", lambda _reading: 1, taken.append)
    qtbot.waitUntil(lambda: bool(taken))
    assert taken == [1]
    assert told == ["the file is damaged there"]


def test_another_scene_ends_what_is_being_read_and_nobody_hears_of_it(work, scene, gate, qtbot, told):
    started, ended, taken = threading.Event(), [], []

    def long_job(reading):
        started.set()
        gate.wait(60)
        try:
            return pixel_spectrum(reading, 1, 1)
        except SceneError as error:
            ended.append(str(error))
            raise

    work.ask("long", long_job, taken.append)
    assert started.wait(60)
    with scene.with_band(0, name="other") as other:
        work.follow(other)
        gate.set()
        work.ask("name", lambda reading: reading.bands[0].name, taken.append)
        qtbot.waitUntil(lambda: bool(taken))
    assert taken == ["other"]
    assert "has been closed" in ended[0]
    assert not told
    scene.require_open()


def test_what_is_closed_takes_nothing_more(scene, qtbot, qapp):
    taken = []
    work = SceneWork(scene)
    work.close()
    work.ask("late", lambda _reading: 1, taken.append)
    qapp.processEvents()
    assert not taken
    scene.require_open()
