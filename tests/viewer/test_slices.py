"""Work in slices: one at a time from the event loop, or at once; and many layers in one batch."""

from __future__ import annotations

import gc
from contextlib import contextmanager

import pytest

from napari_geolabel.viewer import gl_guard, slices
from napari_geolabel.viewer.slices import Slices, layers_added, layers_removed


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


def slice_done(loop):
    """Let the event loop paint, and then do one more slice."""
    turn(loop)
    turn(loop)


def test_slices_are_done_one_at_a_time_each_in_what_is_around_them(work, loop, done):
    work.begin(three(done))
    assert done == ["(", "1", ")"]
    assert work.are_left
    assert not gc.isenabled()
    slice_done(loop)
    assert done[3:] == ["(", "2", ")"]
    slice_done(loop)
    assert done[6:] == ["(", "3", "end", ")", "done"]
    assert not work.are_left
    assert gc.isenabled()
    assert loop.waiting == []


def test_what_comes_afterwards_waits_for_its_turn(work, loop, done):
    work.begin(three(done, "a"))
    for name in "bc":
        work.afterwards(lambda name=name: work.begin(three(done, name)))
    loop.run()
    steps = [each for each in done if each not in ("(", ")", "end")]
    assert steps == ["a1", "a2", "a3", "done", "b1", "b2", "b3", "done", "c1", "c2", "c3", "done"]


def test_what_comes_afterwards_comes_also_where_nothing_is_left_or_begun(work, loop, done):
    for name in "ab":
        work.afterwards(lambda name=name: done.append(name))
    assert done == []
    loop.run()
    assert done == ["a", "b"]


@pytest.mark.parametrize("end", ["finish", "drop"])
def test_what_comes_afterwards_is_forgotten_with_what_was_left(work, loop, done, end):
    work.begin(three(done))
    work.afterwards(lambda: done.append("afterwards"))
    getattr(work, end)()
    loop.run()
    assert "afterwards" not in done
    assert not work.are_left


def test_the_rest_is_done_at_once_where_it_is_needed_and_not_again(work, loop, done):
    work.begin(three(done, "a"))
    work.begin(three(done, "b"))
    assert [each for each in done if each not in ("(", ")")] == ["a1", "a2", "a3", "end", "done", "b1"]
    work.finish()
    loop.run()
    assert [each for each in done if each not in ("(", ")")][6:] == ["b2", "b3", "end", "done"]


def test_what_is_added_comes_behind_what_is_left_and_is_done_with_it(work, loop, done):
    work.add(three(done, "a"))
    work.add(three(done, "b"))
    loop.run()
    work.add(three(done, "c"))
    work.add(three(done, "d"))
    work.finish()
    steps = [each for each in done if each not in ("(", ")", "end")]
    assert steps == ["a1", "a2", "a3", "b1", "b2", "b3", "done", "c1", "c2", "c3", "d1", "d2", "d3", "done"]
    assert not work.are_left


def failing():
    """Work of two slices, the second of which fails."""
    yield
    raise ValueError("no")


def test_what_is_added_behind_work_that_fails_comes_with_the_next(work, loop, done):
    work.begin(failing())
    work.add(three(done, "a"))
    with pytest.raises(ValueError, match="no"):
        loop.run()
    work.begin(three(done, "b"))
    work.finish()
    steps = [each for each in done if each not in ("(", ")", "end")]
    assert steps == ["a1", "a2", "a3", "b1", "b2", "b3", "done"]


def test_what_is_added_is_dropped_with_what_was_left(work, done):
    work.begin(three(done, "a"))
    work.add(three(done, "b"))
    work.drop()
    work.begin(three(done, "c"))
    assert [each for each in done if each not in ("(", ")", "end")] == ["a1", "c1"]


def test_what_is_dropped_cleans_up_and_does_no_more(work, loop, done):
    work.begin(three(done))
    work.drop()
    loop.run()
    assert done == ["(", "1", ")", "end"]


def test_work_that_fails_is_over_and_the_error_comes_out(work, loop):
    work.begin(failing())
    with pytest.raises(ValueError, match="no"):
        loop.run()
    assert not work.are_left
    assert gc.isenabled()


def test_with_the_window_the_work_ends(work, loop, done, monkeypatch):
    work.begin(three(done))
    monkeypatch.setattr(slices, "is_window_closed", lambda _: True)
    loop.run()
    assert done == ["(", "1", ")", "end"]


def test_a_batch_of_layers_that_are_added_is_told_once(viewer):
    told = []
    for name in ("begin_batch", "inserted", "end_batch"):
        getattr(viewer.layers.events, name).connect(lambda event: told.append(event.type))
    with layers_added(viewer):
        viewer.add_points()
        viewer.add_points()
    assert told == ["begin_batch", "inserted", "inserted", "end_batch"]


def test_a_batch_ends_also_where_adding_fails_but_not_in_a_window_that_is_closed(viewer, monkeypatch):
    told = []
    viewer.layers.events.end_batch.connect(told.append)
    with pytest.raises(ValueError, match="no"), layers_added(viewer):
        raise ValueError("no")
    assert len(told) == 1
    with layers_added(viewer):
        monkeypatch.setattr(gl_guard, "is_window_closed", lambda _: True)
    assert len(told) == 1


class Drawing:
    """Stands for what draws the layers of a window."""

    _pause_scene_graph = False
    updates = 0

    def _update_scenegraph(self):
        self.updates += not self._pause_scene_graph


def test_in_a_window_the_canvas_follows_once_and_no_garbage_is_collected(viewer, monkeypatch):
    canvas, told = Drawing(), []
    viewer.layers.events.end_batch.connect(told.append)
    monkeypatch.setattr(slices, "vispy_canvas", lambda _: canvas)
    with layers_added(viewer):
        assert canvas._pause_scene_graph
        canvas._update_scenegraph()
    assert (canvas.updates, canvas._pause_scene_graph, told) == (1, False, [])
    with pytest.raises(ValueError, match="no"), layers_added(viewer):
        raise ValueError("no")
    assert (canvas.updates, canvas._pause_scene_graph) == (2, False)
    with layers_added(viewer):
        monkeypatch.setattr(slices, "is_window_closed", lambda _: True)
    assert canvas.updates == 2


@pytest.fixture
def canvas(done, monkeypatch):
    """Stands for the canvas of a window, and notes when it may paint and when it must."""

    class Canvas:
        def setUpdatesEnabled(self, is_let):
            done.append("may paint" if is_let else "may not")

        def repaint(self):
            done.append("painted")

    monkeypatch.setattr(slices, "canvas_widget", lambda viewer: Canvas())


def test_each_slice_is_painted_before_the_next_and_not_before_the_window_had_its_turn(work, loop, done, canvas):
    work.begin(three(done))
    assert done == ["may not", "(", "1", ")"]
    turn(loop)
    assert done[4:] == ["may paint", "painted"]
    turn(loop)
    assert done[6:] == ["may not", "(", "2", ")"]
    work.finish()  # at once: the picture comes when all is done
    assert done[10:] == ["(", "3", "end", ")", "may paint", "done"]
    loop.run()
    assert done.count("painted") == 1


def test_the_canvas_paints_again_after_work_that_failed(work, done, canvas):
    def bad():
        raise ValueError("no")
        yield

    with pytest.raises(ValueError, match="no"):
        work.begin(bad())
    assert done[-1] == "may paint"


def test_layers_are_removed_one_a_slice_and_the_canvas_follows_once(viewer):
    layers, told = [viewer.add_points() for _ in range(3)], []
    for name in ("begin_batch", "removed", "end_batch"):
        getattr(viewer.layers.events, name).connect(lambda event: told.append(event.type))
    removing = layers_removed(viewer, layers)
    next(removing)
    assert len(viewer.layers) == 3
    next(removing)
    assert list(viewer.layers) == layers[1:]
    viewer.layers.remove(layers[1])  # by somebody else meanwhile
    list(removing)
    assert list(viewer.layers) == []
    assert told == ["begin_batch", "removed", "removed", "removed", "end_batch"]
