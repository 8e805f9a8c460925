"""The keys of a session on its layers: which layer has which, and what they mean during a review."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from napari_geolabel.viewer.keys import Where, bind_keys, bind_review_keys, unbind_keys, unbind_review_keys

if TYPE_CHECKING:
    from napari.layers import Layer

    from napari_geolabel.viewer.session import Session


class KeyRing:
    """Binds keys on the layers of a session.

    Parameters
    ----------
    session
        What the keys call.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._taken: WeakKeyDictionary[Layer, tuple[Where, ...]] = WeakKeyDictionary()
        self._is_reviewing = False

    def take(self, layer: Layer) -> None:
        """Give a layer the keys of the session; the mask keeps napari's letters for painting."""
        is_mask = layer is self._session.mask_layer
        self._taken[layer] = (Where.ALL,) if is_mask else (Where.ALL, Where.VECTORS)
        bind_keys(layer, self._session, self._taken[layer])
        if self._is_reviewing and not is_mask:
            bind_review_keys(layer, self._session)

    def begin_review(self) -> None:
        """Let keys decide on suggestions."""
        self._is_reviewing = True
        for layer, where in self._taken.items():
            if Where.VECTORS in where:
                bind_review_keys(layer, self._session)

    def end_review(self) -> None:
        """Let the keys mean what they meant before."""
        self._is_reviewing = False
        for layer, where in self._taken.items():
            if Where.VECTORS in where:
                unbind_review_keys(layer, self._session, where)

    def let_go(self, layer: Layer) -> None:
        """Give a layer napari's keys back."""
        self._taken.pop(layer, None)
        unbind_keys(layer, Where)
