"""Sparing Python's collections of garbage what has been there all along.

A full collection looks through all objects of the process: some 430,000 once
napari has a window with a session, which takes 0.1 to 0.4 s, in which the window
stands still, at any moment.  Without those it takes 0.02 s.
"""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakSet

if TYPE_CHECKING:
    from napari.layers import Layer

    from napari_geolabel.viewer.layer_view import Defer
    from napari_geolabel.viewer.session import Session

SPARED_AGAIN_MS = 1000
"""How long after an older layer was removed all others are spared again."""


class OldObjects:
    """Spares collections of garbage what has been there before something was made."""

    _sparing: ClassVar[list[OldObjects]] = []
    """The one that has made objects spared: Python knows it too, but takes 40 ms to count them."""

    @property
    def can_be_spared(self) -> bool:
        """Whether nobody spares objects already."""
        return not self._sparing and not gc.get_freeze_count()

    def spare(self) -> None:
        """Have collections pass over all that there is now, unless somebody spares objects already."""
        if self.can_be_spared:
            gc.freeze()
            self._sparing.append(self)

    def release(self) -> None:
        """Have collections look through them again."""
        if self in self._sparing:
            gc.unfreeze()
            self._sparing.remove(self)


class SessionGarbage:
    """Has collections pass over all that there was when a session began, as long as it lasts.

    A layer that was there before may be removed meanwhile: napari collects garbage then, so that its memory is free
    at once, and for that moment nothing is spared.

    Parameters
    ----------
    session
        The session, which has just begun.
    defer
        Calls a function later, from the event loop.
    """

    def __init__(self, session: Session, defer: Defer) -> None:
        self._defer, self._old, self._is_over = defer, OldObjects(), False
        own = {session.scene_layer, *session.layers}
        self._before: WeakSet[Layer] = WeakSet(layer for layer in session.viewer.layers if layer not in own)
        self._removed = session.viewer.layers.events.removed
        self._removed.connect(self._on_removed)
        session.closed.connect(partial(SessionGarbage._end, self))  # keeps this alive as long as the session
        if self._old.can_be_spared:
            gc.collect()  # what is garbage already shall not be kept
        self._old.spare()

    def _on_removed(self, event: Any) -> None:  # noqa: ANN401  (napari's event)
        if event.value in self._before:
            self._old.release()
            self._defer(self._spare_again, SPARED_AGAIN_MS)

    def _spare_again(self) -> None:
        if not self._is_over:
            self._old.spare()

    def _end(self) -> None:
        self._is_over = True
        self._removed.disconnect(self._on_removed)
        self._old.release()
