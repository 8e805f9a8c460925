"""The guard against napari's native crash; what it prevents is in tests/gui/test_layer_rounds.py."""

from __future__ import annotations

from napari_geolabel.viewer.gl_guard import canvas_widget, end_batch, is_window_closed, keep_gl_context, unwrapped


class Canvas:
    """Counts how often its context is made current."""

    calls = 0

    def isVisible(self) -> bool:
        return True

    def makeCurrent(self) -> None:
        self.calls += 1


def with_window(viewer, canvas):
    class Namespace:
        def __init__(self, **fields) -> None:
            self.__dict__.update(fields)

    window = Namespace(_qt_viewer=Namespace(canvas=Namespace(native=canvas)))
    return Namespace(layers=viewer.layers, window=window)


def test_a_removal_makes_the_context_current_before_napari_cleans_up(viewer):
    canvas, seen = Canvas(), []
    keep_gl_context(with_window(viewer, canvas))
    viewer.layers.events.removed.connect(lambda event: seen.append(canvas.calls))
    viewer.add_points([(0, 0)])
    viewer.layers.pop()
    assert seen == [1]


def test_guarding_twice_is_guarding_once(viewer):
    canvas = Canvas()
    guarded = with_window(viewer, canvas)
    keep_gl_context(guarded)
    keep_gl_context(guarded)
    viewer.add_points([(0, 0)])
    viewer.layers.pop()
    assert canvas.calls == 1


def test_a_canvas_that_is_gone_does_not_stop_a_removal(viewer):
    class Closing(Canvas):
        def makeCurrent(self) -> None:
            raise RuntimeError("wrapped C/C++ object has been deleted")

    keep_gl_context(with_window(viewer, Closing()))
    viewer.add_points([(0, 0)])
    viewer.layers.clear()
    assert len(viewer.layers) == 0


def test_a_window_that_is_closed_has_no_canvas(viewer):
    class Gone(Canvas):
        def isVisible(self) -> bool:
            raise RuntimeError("wrapped C/C++ object has been deleted")

    assert canvas_widget(with_window(viewer, Gone())) is None


def test_a_viewer_without_a_window_needs_no_guard(viewer):
    keep_gl_context(viewer)
    assert canvas_widget(viewer) is None


def test_naparis_proxy_is_taken_off(viewer):
    from napari.utils._proxies import PublicOnlyProxy

    assert unwrapped(PublicOnlyProxy(viewer)) is viewer
    assert unwrapped(viewer) is viewer


def test_napari_still_has_the_private_name_that_the_guard_needs():
    from napari._qt.qt_main_window import Window

    assert hasattr(Window, "_qt_viewer")


def test_a_batch_that_begins_makes_the_context_current(viewer):
    canvas = Canvas()
    keep_gl_context(with_window(viewer, canvas))
    with viewer.layers.batched_update():
        assert canvas.calls == 1


def test_before_a_batch_ends_the_context_is_made_current(viewer):
    canvas, seen = Canvas(), []
    guarded = with_window(viewer, canvas)
    viewer.layers.events.end_batch.connect(lambda event: seen.append(canvas.calls))
    viewer.layers.events.begin_batch()
    end_batch(guarded)
    assert seen == [1]


def test_a_batch_ends_also_without_a_window(viewer):
    seen = []
    viewer.layers.events.end_batch.connect(seen.append)
    viewer.layers.events.begin_batch()
    end_batch(viewer)
    assert len(seen) == 1


def test_a_viewer_without_a_window_has_none_that_is_closed(viewer):
    assert not is_window_closed(viewer)
    assert not is_window_closed(with_window(viewer, Canvas()))

    class Gone(Canvas):
        def isVisible(self) -> bool:
            raise RuntimeError("wrapped C/C++ object has been deleted")

    assert is_window_closed(with_window(viewer, Gone()))
