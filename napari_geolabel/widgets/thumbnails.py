"""Small pictures of composites, made on a thread of their own.

Only what is asked for last is made: a newer wish drops all older ones that have
not begun, and a picture that is still right is not made again.  Each costs the
pixels of a level that is just fine enough for its size, from tiles that a switch
to that composite then finds read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QObject, Signal
from qtpy.QtGui import QIcon, QImage, QPixmap

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.reader import Bounds
from napari_geolabel.imagery.render import render
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.widgets.background import Background

THUMBNAIL_PX = 64


@dataclass(frozen=True)
class Wish:
    """One picture: a composite, as it is stretched, of a part of a scene."""

    scene: Scene
    view: Bounds | None
    """Rows and columns of the full resolution, None for all of them."""

    composite: Composite


class Thumbnails(QObject):  # type: ignore[misc]  # qtpy has no types
    """Makes thumbnails of composites, and keeps the last of each."""

    made = Signal(str, QIcon)
    """Emitted with the id of a composite and its picture."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background("thumbnails")
        self._wishes: frozenset[Wish] = frozenset()
        self._kept: dict[str, Wish] = {}

    def want(self, scene: Scene, view: Bounds | None, composites: Sequence[Composite]) -> None:
        """Have these made, in their order, and nothing else that was asked for before."""
        every = [Wish(scene, view, composite) for composite in composites]
        wishes = [wish for wish in every if self._kept.get(wish.composite.id) != wish]
        waiting, self._wishes = self._wishes, frozenset(wishes)
        for wish in wishes:
            if wish not in waiting:
                self._background.ask(partial(self._make, wish), partial(self._take, wish))

    def forget(self) -> None:
        """Make nothing more until the next wish, and everything anew then."""
        self._wishes = frozenset()
        self._kept.clear()

    def rest(self) -> None:
        """Make nothing more until the next wish."""
        self._wishes = frozenset()

    def close(self) -> None:
        """Make nothing more."""
        self._background.close()

    def _make(self, wish: Wish) -> NDArray[np.uint8] | None:
        """Return a picture, None where it is not wanted any more or cannot be made; on the thread."""
        if wish not in self._wishes:
            return None
        window = None if wish.view is None else (slice(*wish.view[:2]), slice(*wish.view[2:]))
        try:
            return render(wish.scene, wish.composite, max_size=THUMBNAIL_PX, window=window)
        except GeoLabelError:  # the scene was closed meanwhile, or cannot be read, which its layer tells
            return None

    def _take(self, wish: Wish, rgba: NDArray[np.uint8] | None) -> None:
        if rgba is not None and wish in self._wishes:
            self._wishes -= {wish}
            self._kept[wish.composite.id] = wish
            self.made.emit(wish.composite.id, icon(rgba))


def icon(rgba: NDArray[np.uint8]) -> QIcon:
    """Return a picture, uint8 of shape (rows, cols, 4), as an icon that looks the same in the current row."""
    rows, cols = rgba.shape[:2]
    data = np.ascontiguousarray(rgba)
    pixmap = QPixmap.fromImage(QImage(data.data, cols, rows, 4 * cols, QImage.Format.Format_RGBA8888))
    made = QIcon(pixmap)
    made.addPixmap(pixmap, QIcon.Mode.Selected)  # else Qt tints it
    return made
