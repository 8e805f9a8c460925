"""Knowing whether the hand is on the mouse.

Nothing may be read from a layer or written to it while a drag runs: napari
keeps half-made state in the layer and finishes or breaks it when the data
are touched.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer


def drop_drags(layer: Layer) -> None:
    """Let a layer forget the drag that runs, where its release would find nothing left to finish."""
    for drag in layer._mouse_drag_gen.values():  # noqa: SLF001  (napari offers no other way)
        drag.close()
    layer._mouse_drag_gen.clear()  # noqa: SLF001
    layer._persisted_mouse_event.clear()  # noqa: SLF001


class GestureWatch:
    """Tells whether a mouse button is down in a viewer, and when it comes up.

    The viewer is watched and not a layer, because a layer never hears of the
    release when another layer becomes active in the middle of a drag.

    Parameters
    ----------
    viewer
        The viewer whose mouse is watched.
    released
        Called after each release; napari's own release code may still have to
        run, so put off what touches layers.
    """

    def __init__(self, viewer: ViewerModel, released: Callable[[], None]) -> None:
        self._viewer = viewer
        self._released = released
        self._is_down = False
        self._last_release: Any = None
        self._callback = self._watch  # one bound method, so that it is found again when it is taken out
        viewer.mouse_drag_callbacks.append(self._callback)

    @property
    def is_down(self) -> bool:
        """Whether a button is down."""
        return self._is_down

    def finish(self, layer: Layer) -> None:
        """Let a layer hear of the last release that did not; call it from the event loop after a release.

        A layer that is not active any more never hears of it: it would hold a
        stroke of the brush back, and go on with the drag when it is active again.
        """
        from napari.utils.interactions import mouse_release_callbacks

        event, self._last_release = self._last_release, None
        if event is not None and not self._is_down:
            mouse_release_callbacks(layer, event)  # does nothing where the layer has heard

    def close(self) -> None:
        """Stop watching."""
        if self._callback in self._viewer.mouse_drag_callbacks:
            self._viewer.mouse_drag_callbacks.remove(self._callback)

    def _watch(self, viewer: ViewerModel, event: Any) -> Generator[None, None, None]:  # noqa: ANN401, ARG002  (napari's)
        self._is_down = True
        yield
        while event.type == "mouse_move":
            yield
        # napari puts each later event into the one of the press, which layers hold too: it must not be put into itself
        self._is_down, self._last_release = False, getattr(event, "__wrapped__", event)
        self._released()
