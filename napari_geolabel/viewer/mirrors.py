"""The labels of a session once more, for another pane: a layer of napari's shows in one pane only.

Shapes and keypoints are further views of the same store, so that what is drawn
or edited on any of them is in all.  The mask and the preview of a tool are
copies that follow the session's own layers and are not edited themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from napari_geolabel.viewer.label_layers import LabelLayers, label_layers_made
from napari_geolabel.viewer.label_views import PaneViews

if TYPE_CHECKING:
    from napari.layers import Labels as MaskLayer
    from napari.layers import Layer, Vectors

    from napari_geolabel.viewer.selection import Selection
    from napari_geolabel.viewer.session import Session

_LOOKS = ("visible", "opacity")  # what the user sets on one layer is meant for its mirrors too


class LabelMirror:
    """The labels of a session on layers of their own.

    Parameters
    ----------
    session
        The session whose labels are shown.
    number
        Which pane it is for, for the names of the layers.
    layers
        Its layers; they stay hidden until it appears.
    """

    def __init__(self, session: Session, number: int, layers: LabelLayers) -> None:
        self._session, self.layers = session, layers
        source = session.layers
        self._views = PaneViews(session.label_views, self.layers)
        if source.overlay is not None and self.layers.overlay is None:
            self._views.overlay.make()  # panes have as many layers each
        if source.strokes is not None and self.layers.strokes is None:
            self._views.strokes.make()
        self._selection = self._views.selection
        self._is_following = False
        self._links: list[tuple[Any, Callable[..., None]]] = []
        for mirror, original in zip(self.layers, source, strict=True):
            mirror.name = f"{original.name} · pane {number}"
            mirror.visible = False
        if self.layers.mask is not None and source.mask is not None:
            self._follow_mask(source.mask, self.layers.mask)
        self._follow_preview(source.preview, self.layers.preview)
        self._use_class(session.current_class)
        session.hand.class_changed.connect(self._use_class)
        session.selection.changed.connect(self._select_here)
        self._selection.changed.connect(self._select_there)
        self._select_here()

    @classmethod
    def made(cls, session: Session, number: int) -> Generator[None, None, LabelMirror]:
        """Make one, a layer at a time."""
        layers = yield from label_layers_made(session.viewer, session.labels, visible=False)
        yield
        return cls(session, number, layers)

    @property
    def shows(self) -> list[Callable[[], None]]:
        """What shows its layers as the session's are shown, from then on, one after another."""
        pairs = zip(self._session.layers, self.layers, strict=True)
        return [partial(self._share_looks, original, mirror) for original, mirror in pairs]

    def close(self) -> None:
        """Stop following; the layers stay."""
        for emitter, callback in self._links:
            emitter.disconnect(callback)
        self._views.close()
        self._session.hand.class_changed.disconnect(self._use_class, missing_ok=True)
        self._session.selection.changed.disconnect(self._select_here, missing_ok=True)

    def _link(self, emitters: Iterable[Any], callback: Callable[..., None]) -> None:
        for emitter in emitters:
            emitter.connect(callback)
            self._links.append((emitter, callback))

    def _share_looks(self, original: Layer, mirror: Layer) -> None:
        for name in _LOOKS:
            setattr(mirror, name, getattr(original, name))
            for one, other in ((original, mirror), (mirror, original)):
                self._link([getattr(one.events, name)], partial(_copy, name, one, other))

    def _follow_mask(self, original: MaskLayer, mirror: MaskLayer) -> None:
        def draw(event: Any) -> None:  # noqa: ANN401  (napari's event)
            mirror.events.labels_update(data=event.data, offset=event.offset)

        mirror.editable = False  # both show one array: a second brush would paint it behind the first one's back
        for name in ("data", "scale", "translate", "colormap", "features"):
            _copy(name, original, mirror)
            self._link([getattr(original.events, name)], partial(_copy, name, original, mirror))
        self._link([original.events.labels_update], draw)
        self._link([original.events.set_data], lambda *_: mirror.refresh(extent=False))

    def _follow_preview(self, original: Vectors, mirror: Vectors) -> None:
        for name in ("data", "edge_width"):
            _copy(name, original, mirror)
            self._link([getattr(original.events, name)], partial(_copy, name, original, mirror))

    def _use_class(self, class_id: str) -> None:
        self._views.use_class(class_id)

    def _select_here(self) -> None:
        self._select(self._selection, self._session.selection.ids)

    def _select_there(self) -> None:
        if self._session.viewer.layers.selection.active in (self.layers.shapes, self.layers.points):
            self._select(self._session.selection, self._selection.ids)

    def _select(self, selection: Selection, ids: list[str]) -> None:
        """Select the same annotations, unless this is what has just been done."""
        if self._is_following or set(selection.ids) == set(ids):
            return
        self._is_following = True
        selection.select(ids)
        self._is_following = False


def _copy(name: str, source: Layer, target: Layer, *_: object) -> None:
    """Give a layer the value of an attribute that another layer has."""
    value = getattr(source, name)
    if getattr(target, name) is not value:
        setattr(target, name, value)
