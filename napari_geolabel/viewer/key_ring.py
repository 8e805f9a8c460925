"""The keys of a session on its layers: which layer has which, and what they mean during a review."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from weakref import WeakKeyDictionary

from psygnal import Signal

from napari_geolabel.viewer.key_names import DEFAULTS
from napari_geolabel.viewer.keys import Where, bind_keys, bind_review_keys, unbind_keys, unbind_review_keys
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.own_keys import complaints, follow_keys, label, own_keys

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

    changed: ClassVar[Signal] = Signal()
    """Emitted when a person has given something another key."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._unfollow = follow_keys(self._rebind)
        for sentence in complaints():
            warn(sentence)
        self._taken: WeakKeyDictionary[Layer, tuple[Where, ...]] = WeakKeyDictionary()
        self._is_reviewing = False

    @property
    def labels(self) -> dict[str, str]:
        """The key of each name as people read it, ``no key`` for none."""
        return {name: label(key) or "no key" for name, key in {**DEFAULTS, **own_keys()}.items()}

    def label(self, name: str) -> str:
        """Return the key of a name as people read it, ``no key`` for none."""
        return self.labels[name]

    def close(self) -> None:
        """Follow the preferences no longer."""
        self._unfollow()

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

    def _rebind(self, *_: object) -> None:
        """Bind all keys anew, as they are now."""
        places = (Where.ALL, Where.VECTORS, Where.REVIEWING)  # those of drawing are bound with each tool anew
        for layer, where in self._taken.items():
            unbind_keys(layer, places)
            bind_keys(layer, self._session, where)
            if self._is_reviewing and Where.VECTORS in where:
                bind_review_keys(layer, self._session)
        self.changed.emit()
