"""A guard against a native crash of napari when layers are removed, or added in a batch.

napari deletes the graphics objects of a removed layer at once, and at the end
of a batch of layers all those that are garbage by then.  The current OpenGL
context may be Qt's own and not the canvas's.  A shader program deleted in a
foreign context leaves driver state behind that a later draw follows into a
segmentation fault.  Making the canvas's context current just before puts
every deletion where it belongs.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from napari.components import ViewerModel

_guarded: WeakSet[Any] = WeakSet()  # emitters of the viewers that have their guard


def keep_gl_context(viewer: ViewerModel) -> None:
    """Make layer removal safe in a viewer; calling it again changes nothing.

    Parameters
    ----------
    viewer
        A napari viewer.  One without a window needs no guard and gets none.
    """
    viewer = unwrapped(viewer)
    native = canvas_widget(viewer)
    removing = viewer.layers.events.removing
    if native is None or removing in _guarded:
        return
    _guarded.add(removing)

    def make_current(_event: object) -> None:
        _make_current(native)

    removing.connect(make_current)
    # at the end of a batch it would be too late: napari calls its own first, and deletes
    viewer.layers.events.begin_batch.connect(make_current)


def end_batch(viewer: ViewerModel) -> None:
    """End a batch of layers that were added and removed; where the window is closed meanwhile, nothing follows.

    Parameters
    ----------
    viewer
        A napari viewer whose layers have begun a batch.
    """
    if is_window_closed(viewer):
        return
    native = canvas_widget(viewer)
    if native is not None:
        _make_current(native)
    viewer.layers.events.end_batch()


def _make_current(native: Any) -> None:  # noqa: ANN401  (a Qt widget)
    with suppress(RuntimeError):  # the window may be closed and its canvas deleted; then nothing is drawn any more
        native.makeCurrent()


def canvas_widget(viewer: ViewerModel) -> Any | None:  # noqa: ANN401  (a Qt widget, and this room knows no Qt)
    """Return the widget that owns the viewer's OpenGL context, None where there is no window or it is closed.

    napari has no public name for it; a test makes sure that this one stands.
    """
    canvas = vispy_canvas(viewer)
    if canvas is None:
        return None
    native = canvas.native
    try:
        native.isVisible()
    except RuntimeError:  # Qt has deleted the widget
        return None
    return native


def vispy_canvas(viewer: ViewerModel) -> Any | None:  # noqa: ANN401  (napari's, not public)
    """Return what draws a viewer's layers, None where there is no window; napari has no public name for it."""
    window = getattr(unwrapped(viewer), "window", None)
    return getattr(getattr(window, "_qt_viewer", None), "canvas", None)


def is_window_closed(viewer: ViewerModel) -> bool:
    """Return whether a viewer had a window that is closed, so that its layers and widgets are gone."""
    return getattr(unwrapped(viewer), "window", None) is not None and canvas_widget(viewer) is None


def unwrapped(viewer: Any) -> Any:  # noqa: ANN401  (the type of what is given)
    """Return the viewer itself where napari handed a plugin its public proxy."""
    return getattr(viewer, "__wrapped__", viewer)
