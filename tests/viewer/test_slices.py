"""Work in slices: one at a time from the event loop, or at once; and what becomes of garbage meanwhile."""

from __future__ import annotations

import gc
from contextlib import contextmanager

import pytest

from napari_geolabel.viewer import slices
from napari_geolabel.viewer.slices import Slices, layers_added


@pytest.fixture
def done():
    return []


@pytest.fixture
def work(done, viewer, loop):
    """Slices whose beginnings and ends are noted."""

    @contextmanager
    def around():
        done.append("(")
        try:
            yield
        finally:
            done.append(")")

    made = Slices(viewer, loop.defer, around, lambda: done.append("done"))
    yield made
    made.drop()
    assert gc.isenabled()


def three(done, name=""):
    """Work of three slices, the last of which has no end to wait for."""
    try:
        done.append(f"{name}1")
        yield
        done.append(f"{name}2")
        yield
        done.append(f"{name}3")
    finally:
        done.append("end")


def turn(loop):
    """Let the event loop do what waits now, and nothing that comes of it."""
    waiting, loop.waiting = loop.waiting, []
    for _, call in waiting:
        call()


def test_slices_are_done_one_at_a_time_each_in_what_is_around_them(work, loop, done):
    work.begin(three(done))
    assert done == ["(", "1", ")"]
    assert work.are_left
    assert not gc.isenabled()
    turn(loop)
    assert done[3:] == ["(", "2", ")"]
    turn(loop)
    assert done[6:] == ["(", "3", "end", ")", "done"]
    assert not work.are_left
    assert gc.isenabled()
    assert loop.waiting == []


def test_the_rest_is_done_at_once_where_it_is_needed_and_not_again(work, loop, done):
    work.begin(three(done, "a"))
    work.begin(three(done, "b"))
    assert [each for each in done if each not in ("(", ")")] == ["a1", "a2", "a3", "end", "done", "b1"]
    work.finish()
    loop.run()
    assert [each for each in done if each not in ("(", ")")][6:] == ["b2", "b3", "end", "done"]


def test_what_is_dropped_cleans_up_and_does_no_more(work, loop, done):
    work.begin(three(done))
    work.drop()
    loop.run()
    assert done == ["(", "1", ")", "end"]


def test_work_that_fails_is_over_and_the_error_comes_out(work, loop):
    def bad():
        yield
        raise ValueError("no")

    work.begin(bad())
    with pytest.raises(ValueError, match="no"):
        loop.run()
    assert not work.are_left
    assert gc.isenabled()


def test_with_the_window_the_work_ends(work, loop, done, monkeypatch):
    work.begin(three(done))
    monkeypatch.setattr(slices, "is_window_closed", lambda _: True)
    loop.run()
    assert done == ["(", "1", ")", "end"]


def test_a_batch_of_new_layers_is_told_once_and_its_end_has_no_garbage_to_look_through(viewer, monkeypatch):
    told = []
    for name, count in (("get_freeze_count", 0), ("freeze", None), ("unfreeze", None)):
        monkeypatch.setattr(gc, name, lambda name=name, count=count: (told.append(name), count)[1])
    viewer.layers.events.begin_batch.connect(lambda _: told.append("begin"))
    viewer.layers.events.end_batch.connect(lambda _: told.append("end"))
    with layers_added(viewer):
        viewer.add_points()
    assert told == ["begin", "get_freeze_count", "freeze", "end", "unfreeze"]
    monkeypatch.setattr(gc, "get_freeze_count", lambda: 5)
    told.clear()
    with layers_added(viewer):
        pass
    assert told == ["begin", "end"]  # what somebody else has frozen stays so


def test_each_slice_is_painted_before_the_next(work, loop, done, monkeypatch):
    class Canvas:
        def repaint(self):
            done.append("painted")

    monkeypatch.setattr(slices, "canvas_widget", lambda viewer: Canvas())
    work.begin(three(done))
    turn(loop)
    assert done == ["(", "1", ")", "painted", "(", "2", ")", "painted"]
    work.finish()  # at once: the picture comes when all is done
    assert done.count("painted") == 2
