"""A guard against a native crash of napari when a layer is removed.

napari deletes the graphics objects of a removed layer at once, and by then
the current OpenGL context may be Qt's own and not the canvas's.  A shader
program deleted in a foreign context leaves driver state behind that a later
draw follows into a segmentation fault.  Making the canvas's context current
just before the removal puts every deletion where it belongs.
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
        with suppress(RuntimeError):  # the window may be closed and its canvas deleted; then nothing is drawn any more
            native.makeCurrent()

    removing.connect(make_current)
    viewer.layers.events.end_batch.connect(make_current)  # of several removals at once, napari deletes the objects then


def canvas_widget(viewer: ViewerModel) -> Any | None:  # noqa: ANN401  (a Qt widget, and this room knows no Qt)
    """Return the widget that owns the viewer's OpenGL context, None where there is no window or it is closed.

    napari has no public name for it; a test makes sure that this one stands.
    """
    window = getattr(unwrapped(viewer), "window", None)
    qt_viewer = getattr(window, "_qt_viewer", None)
    if qt_viewer is None:
        return None
    native = qt_viewer.canvas.native
    try:
        native.isVisible()
    except RuntimeError:  # Qt has deleted the widget
        return None
    return native


def is_window_closed(viewer: ViewerModel) -> bool:
    """Return whether a viewer had a window that is closed, so that its layers and widgets are gone."""
    return getattr(unwrapped(viewer), "window", None) is not None and canvas_widget(viewer) is None


def unwrapped(viewer: Any) -> Any:  # noqa: ANN401  (the type of what is given)
    """Return the viewer itself where napari handed a plugin its public proxy."""
    return getattr(viewer, "__wrapped__", viewer)
