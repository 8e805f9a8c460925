"""Long work on the window's thread, done in slices between which the window goes on."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from napari_geolabel.viewer.gl_guard import canvas_widget, end_batch, is_window_closed, vispy_canvas

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

    from napari_geolabel.viewer.layer_view import Defer

PAUSE_MS = 5
"""Between a slice and its picture: with none at all Qt would do both in a row, before mouse and keys get their turn."""

_END = object()


class Slices:
    """Does work step by step from the event loop; whoever needs its end before has the rest done at once.

    Parameters
    ----------
    viewer
        Whose window goes on; with it the work ends.
    defer
        Calls a function later, from the event loop.
    around
        What each slice runs in.
    done
        Called when all of some work is done.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        defer: Defer,
        around: Callable[[], AbstractContextManager[None]],
        done: Callable[[], None],
    ) -> None:
        self._viewer, self._defer, self._around, self._done = viewer, defer, around, done
        self._work: Iterator[None] | None = None
        self._behind: list[Iterator[None]] = []
        self._collects = False
        self._waiting: list[Callable[[], None]] = []

    @property
    def are_left(self) -> bool:
        """Whether there is work that is not done yet."""
        return self._work is not None

    def begin(self, work: Iterator[None]) -> None:
        """Do the first slice now and the others one by one from the event loop; what was left before is done first."""
        self.finish()
        self._behind.append(work)
        self._work, self._collects = self._one_by_one(), gc.isenabled()
        gc.disable()  # a slice that makes much would have all objects of the process looked through, for 0.3 s
        self._go_on(self._work)

    def add(self, work: Iterator[None]) -> None:
        """Do some work when all is done that is left, or begin it where nothing is."""
        if self.are_left:
            self._behind.append(work)
        else:
            self.begin(work)

    def afterwards(self, call: Callable[[], None]) -> None:
        """Call something from the event loop once what is left is done, unless it is finished or dropped before."""
        self._waiting.append(call)
        self._call_next_later()

    def finish(self) -> None:
        """Do all that is left, now; what was to come afterwards does not."""
        self._waiting = []
        while self._work is not None:
            self._step()

    def drop(self) -> None:
        """Do no more of it."""
        self._waiting, self._behind = [], []
        work, self._work = self._work, None
        close = getattr(work, "close", None)
        if close is not None:
            close()
        self._rest()

    def _one_by_one(self) -> Iterator[None]:
        """Do one work after another, also such that is added meanwhile."""
        while self._behind:
            yield from self._behind.pop(0)

    def _go_on(self, work: Iterator[None]) -> None:
        if work is not self._work:
            return  # it was finished or dropped meanwhile
        if is_window_closed(self._viewer):
            self.drop()
            return
        canvas = canvas_widget(self._viewer)
        if canvas is not None:
            canvas.setUpdatesEnabled(False)  # by itself it would paint before mouse and keys get their turn
        self._step()
        if self._work is not None:
            self._defer(lambda: self._paint(work), PAUSE_MS)

    def _paint(self, work: Iterator[None]) -> None:
        """Have a slice painted: where other work crowds the event loop, Qt would paint those of many slices at once."""
        if work is not self._work:
            return
        canvas = canvas_widget(self._viewer)
        if canvas is not None:
            canvas.setUpdatesEnabled(True)
            canvas.repaint()
        self._defer(lambda: self._go_on(work), PAUSE_MS)

    def _step(self) -> None:
        """Do one slice."""
        work, self._work = self._work, None  # nothing is left of work that fails
        try:
            with self._around():
                if work is not None and next(work, _END) is not _END:
                    self._work = work
        finally:
            if self._work is None:
                self._rest()
        if self._work is None:
            self._done()
            self._call_next_later()

    def _call_next(self) -> None:
        """Call what waits next; what waits behind it goes on waiting for what that begins."""
        if self._waiting and not self.are_left:
            call, *behind = self._waiting
            self._waiting = []
            call()
            self._waiting = [*behind, *self._waiting]
            self._call_next_later()

    def _call_next_later(self) -> None:
        if self._waiting and not self.are_left:
            self._defer(self._call_next, PAUSE_MS)

    def _rest(self) -> None:
        """Let Python collect garbage again, and the canvas paint."""
        if self._collects:
            gc.enable()
        canvas = canvas_widget(self._viewer)
        if canvas is not None:
            canvas.setUpdatesEnabled(True)


@contextmanager
def layers_added(viewer: ViewerModel) -> Iterator[None]:
    """Have the canvas follow once for all layers that are added, shown or hidden inside.

    At the end of a batch of its own napari collects all garbage, which takes up
    to 0.1 s: layers may have been removed.  So the canvas is told directly.
    """
    canvas = vispy_canvas(viewer)
    if canvas is None or not (hasattr(canvas, "_pause_scene_graph") and hasattr(canvas, "_update_scenegraph")):
        viewer.layers.events.begin_batch()
        try:
            yield
        finally:
            end_batch(viewer)
        return
    canvas._pause_scene_graph = True  # noqa: SLF001  (napari has no public name for it)
    try:
        yield
    finally:
        canvas._pause_scene_graph = False  # noqa: SLF001
        if not is_window_closed(viewer):
            canvas._update_scenegraph()  # noqa: SLF001


def layers_removed(viewer: ViewerModel, layers: Iterable[Layer]) -> Iterator[None]:
    """Remove layers, one a slice; the canvas follows once for all."""
    viewer.layers.events.begin_batch()
    try:
        for layer in layers:
            yield
            if layer in viewer.layers:
                viewer.layers.remove(layer)
        yield
    finally:
        end_batch(viewer)
