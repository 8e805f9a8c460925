"""The first look at a scene that is labelled: all of it, after the panels have taken their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_geolabel.viewer.gl_guard import canvas_widget

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer

_ZOOMED_IN = 2.0
"""How many times larger than the whole scene a view must be to be the user's own choice."""


def show_whole(viewer: ViewerModel, layer: Layer) -> None:
    """Show all of a scene, whose sides the panels may have covered, unless the user has zoomed in already.

    Parameters
    ----------
    viewer
        The viewer; without a window nothing happens.
    layer
        The layer of the scene.
    """
    canvas = canvas_widget(viewer)
    if canvas is None or layer not in viewer.layers:
        return
    (top, left), (bottom, right) = layer.extent.world[:, -2:]
    whole = min(canvas.height() / max(bottom - top, 1e-9), canvas.width() / max(right - left, 1e-9))
    if viewer.scene.camera.zoom <= _ZOOMED_IN * whole:
        viewer.reset_view()
