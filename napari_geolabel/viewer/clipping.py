"""Showing a layer only left or right of a column of the screen.

napari can clip volumes but no images, so a filter of vispy is attached to what
draws the layer.  It costs no read: the picture is cut while it is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_geolabel.viewer.gl_guard import canvas_widget, unwrapped

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

_FAR = 1e6  # screen pixels: beyond any screen


class ColumnClip:
    """Cuts layers of one viewer at a column of the screen.

    Parameters
    ----------
    viewer
        A viewer with a window.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._cuts: dict[Layer, tuple[Any, Any]] = {}  # what draws the layer, and its filter

    def cut(self, layer: Layer, column: float, *, right: bool) -> None:
        """Show a layer only on one side of a column, counted in pixels of the screen's own from the canvas's left."""
        node = drawn_by(self._viewer, layer)
        if node is None:
            return
        known = self._cuts.get(layer)
        if known is None or known[0] is not node:  # napari draws with another one after a change of the kind of data
            self.release(layer)
            known = self._cuts[layer] = node, _attached(node)
        known[1].bounds = (column, -_FAR, _FAR, 2 * _FAR) if right else (-_FAR, -_FAR, column + _FAR, 2 * _FAR)
        node.update()

    def release(self, layer: Layer) -> None:
        """Show the whole of a layer again; one that is not cut is passed over."""
        known = self._cuts.pop(layer, None)
        if known is not None:
            node, clip = known
            node.detach(clip)
            node.update()

    def release_all(self) -> None:
        """Show the whole of every layer again."""
        for layer in list(self._cuts):
            self.release(layer)

    def forget(self) -> None:
        """Let go of layers whose window is closed."""
        self._cuts.clear()


def canvas_columns(viewer: ViewerModel) -> tuple[int, float]:
    """Return the width of the canvas in logical pixels, and how many of the screen's own one of them has.

    Zero where there is no window.
    """
    native = canvas_widget(viewer)
    return (0, 1.0) if native is None else (native.width(), native.devicePixelRatioF())


def drawn_by(viewer: ViewerModel, layer: Layer) -> Any | None:  # noqa: ANN401  (a vispy node)
    """Return what draws a layer in the viewer's window, None where nothing does.

    napari has no public name for it; a test makes sure that this one stands.
    """
    if canvas_widget(viewer) is None:
        return None
    visual = unwrapped(viewer).window._qt_viewer.canvas.layer_to_visual.get(layer)  # noqa: SLF001
    return None if visual is None else visual.node


def named_by(viewer: ViewerModel, layer: Layer) -> Any | None:  # noqa: ANN401  (a vispy node)
    """Return what draws the name of a layer in the viewer's window, None where nothing does.

    napari has no public name for it either.
    """
    if canvas_widget(viewer) is None:
        return None
    overlays = unwrapped(viewer).window._qt_viewer.canvas._layer_overlay_to_visual  # noqa: SLF001
    visual = overlays.get(layer, {}).get(layer.name_overlay)
    return None if visual is None else visual.node


def _attached(node: Any) -> Any:  # noqa: ANN401  (vispy has no types)
    from vispy.visuals.filters import Clipper
    from vispy.visuals.transforms import NullTransform

    clip = Clipper(transform=NullTransform())  # its bounds are pixels of the framebuffer
    node.attach(clip)
    return clip
