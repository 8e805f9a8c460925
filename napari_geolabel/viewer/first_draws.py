"""Drawing part by part what a view shows for the first time.

What is drawn for the first time, or in another cell of a grid, has its shaders
compiled in the middle of that paint.  Without a graphics card that takes up to
0.3 s for each of the five parts of a layer of shapes.  So parts are kept out of
the picture at first and come back one after another, a paint each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any

from napari_geolabel.viewer.clipping import drawn_by
from napari_geolabel.viewer.gl_guard import is_window_closed

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer, Points, Shapes

    from napari_geolabel.viewer.slices import Slices


class DrawnLater:
    """Layers kept out of the picture until they are brought back; at the end of the context all are in it.

    They stay visible to everybody else.

    Parameters
    ----------
    viewer
        The viewer.
    in_parts
        Layers that come back part by part.
    whole
        Layers that come back as a whole.
    """

    def __init__(self, viewer: ViewerModel, in_parts: Iterable[Layer], whole: Iterable[Layer]) -> None:
        self._viewer = viewer
        self.draws: list[Callable[[], None]] = []
        """What brings them back into the picture, one after another."""
        for layer in in_parts:
            self._keep_out(layer, _parts(viewer, layer))
        for layer in whole:
            self._keep_out(layer, [])

    def __enter__(self) -> DrawnLater:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not is_window_closed(self._viewer):
            for draw in self.draws:
                draw()

    def _keep_out(self, layer: Layer, parts: list[Any]) -> None:
        """Keep out the parts of a layer, or where there are none what draws it as a whole."""
        node = drawn_by(self._viewer, layer)
        if node is None or not node.visible:
            return
        for part in parts:
            if part.visible:
                part.visible = False
                self.draws.append(partial(setattr, part, "visible", True))
        if not parts:
            node.visible = False
            self.draws.append(partial(_draw_whole, node, layer))


class HiddenLayers:
    """Layers that are hidden, and are drawn part by part when they are shown for the first time.

    Parameters
    ----------
    viewer
        The viewer.
    slices
        Do the work.
    copies
        Returns the layers that are shown together with one, each as a whole.
    """

    def __init__(self, viewer: ViewerModel, slices: Slices, copies: Callable[[Layer], Iterable[Layer]]) -> None:
        self._viewer, self._slices, self._copies = viewer, slices, copies
        self._layers: list[Layer] = []

    def watch(self, layers: Iterable[Layer]) -> None:
        """Follow those that are hidden, and no others any more."""
        self.forget()
        self._layers = [layer for layer in layers if not layer.visible]
        for layer in self._layers:
            layer.events.visible.connect(self._on_visible, position="last")  # once napari draws it

    def forget(self) -> None:
        """Follow none any more."""
        for layer in self._layers:
            layer.events.visible.disconnect(self._on_visible)
        self._layers = []

    def _on_visible(self, event: Any) -> None:  # noqa: ANN401  (napari's event)
        layer: Layer = event.source
        layer.events.visible.disconnect(self._on_visible)
        self._layers.remove(layer)
        self._slices.add(_drawn(DrawnLater(self._viewer, [layer], self._copies(layer))))


def draw_text_where_there_is_some(viewer: ViewerModel, layer: Shapes | Points) -> None:
    """Leave out of the picture what draws a layer's text until it has one: its shaders alone are work for 0.2 s."""
    node = drawn_by(viewer, layer)
    if node is not None:
        node.text.visible = False
        layer.text.events.string.connect(lambda _: setattr(node.text, "visible", True))


def _drawn(late: DrawnLater) -> Iterator[None]:
    """Bring layers back into the picture, one part of them a slice."""
    with late:
        for draw in late.draws:
            yield
            draw()


def _draw_whole(node: Any, layer: Layer) -> None:  # noqa: ANN401  (a vispy node)
    """Draw a layer again, unless it was hidden meanwhile."""
    node.visible = layer.visible


def _parts(viewer: ViewerModel, layer: Layer) -> list[Any]:
    """Return the visuals that a layer is composed of, none for layers of one part or without a window.

    vispy has no public name for them; a test makes sure that this one stands.
    """
    return list(getattr(drawn_by(viewer, layer), "_subvisuals", ()))
