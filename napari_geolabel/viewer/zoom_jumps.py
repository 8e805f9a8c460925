"""Jumps of the camera into the scene, after which what has its size on screen cannot wait to be resized.

Lines are as wide in the scene as the last zoom wanted them.  After a few steps
of the wheel that hardly shows until they follow.  After a jump from the whole
scene to a ship they are as wide as the window: for a moment there is nothing
else in the picture, which also takes a second to draw without a graphics card.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.components import ViewerModel

MOST = 4.0
"""So many times as wide as they should be lines may be for a moment."""


class ZoomJumps:
    """Remembers for which zoom something has its size.

    Parameters
    ----------
    viewer
        Whose camera is meant.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        self._camera = viewer.scene.camera
        self._zoom = float(self._camera.zoom)

    @property
    def is_far(self) -> bool:
        """Whether the camera has zoomed in too far since then for the size to stay."""
        return float(self._camera.zoom) > MOST * self._zoom

    def follow(self) -> None:
        """Remember the zoom of now: the size is made for it."""
        self._zoom = float(self._camera.zoom)
