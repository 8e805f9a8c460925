"""What the shapes of a pane cannot show: dashed outlines of suggestions with their confidence, and lines of relations.

It is one Vectors layer for each pane, made when it is first needed and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.geo import FloatArray, pixel_to_display
from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.class_marks import ClassMarks
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.label_layers import LabelLayers
from napari_geolabel.viewer.layer_view import LayerView
from napari_geolabel.viewer.line_layer import put_lines
from napari_geolabel.viewer.outlines import rgba
from napari_geolabel.viewer.scene_layer import SCENE_KEY
from napari_geolabel.viewer.strokes import arrow, casing, dashes, digits, edges, joined, star
from napari_geolabel.viewer.zoom_jumps import ZoomJumps

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer, Vectors

LINE_PX = 2.0
ON_PX, OFF_PX = 6.0, 4.0
"""Length of dashes and of the gaps between them, on screen."""
CASING_COLORS = "#000000", "#ffffff"
"""Of the two lines around a selected suggestion, from the inside out."""
RING_PX = 9.0
"""Radius on screen of the ring around a selected keypoint."""
DIGIT_PX = 10.0
"""Height of a confidence on screen."""
LEAST_PX = 14.0
"""Smaller than this on screen a suggestion has no room for its confidence."""
HEAD_PX = 10.0
"""Length of the head of an arrow on screen."""
LINK_COLOR, GROUP_COLOR = "#00e5ff", "#ff9df0"
"""Of arrows and of the rays of a group: colours that no template has."""
MOST_PIECES = 40_000
"""Of more pieces than these the rest is left out: nobody can tell so many dashes apart."""
MOST_DASHES = 4_000
"""Of an outline that would have more the dashes become longer: zoomed in so far, most of it lies off the canvas."""
REST_MS = 120
"""How long to wait after a zoom before lengths and widths follow it."""

Piece = tuple[FloatArray, str]
"""Pieces of lines, and their colour."""


class StrokesView:
    """Draws over the shapes of a pane what they cannot show.

    Parameters
    ----------
    viewer
        The viewer.
    labels
        Whose annotations are shown.
    layers
        The layers of the pane, among which the strokes come.
    views
        What shows the annotations of the pane: only of those strokes are drawn.
    marks
        Which annotations are seen.
    defer
        Calls a function later, from the event loop.
    take
        Gives a new layer the status and the keys of its session.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        labels: Labels,
        layers: LabelLayers,
        views: Sequence[LayerView],
        *,
        marks: ClassMarks,
        defer: Callable[[Callable[[], None], int], None],
        take: Callable[[Layer], object],
    ) -> None:
        self._viewer, self._labels, self._layers, self._views = viewer, labels, layers, views
        self._marks, self._defer, self._take, self._jumps = marks, defer, take, ZoomJumps(viewer)
        self._is_due = self._is_closed = False
        for view in views:
            view.rendered.connect(self._on_rendered)
            view.selection_changed.connect(self._on_selected)
        viewer.scene.camera.events.zoom.connect(self._on_zoom)
        layers.shapes.events.visible.connect(self._on_visible)
        self.draw()

    @property
    def layer(self) -> Vectors | None:
        """The layer, None before it was first needed."""
        return self._layers.strokes

    def close(self) -> None:
        """Stop drawing; the layer stays as it is."""
        self._is_closed = True
        for view in self._views:
            view.rendered.disconnect(self._on_rendered, missing_ok=True)
            view.selection_changed.disconnect(self._on_selected, missing_ok=True)
        self._viewer.scene.camera.events.zoom.disconnect(self._on_zoom)
        self._layers.shapes.events.visible.disconnect(self._on_visible)

    def draw(self) -> None:
        """Show the strokes of what is shown now."""
        self._is_due = False
        if self._is_closed:
            return
        pieces, count = list[Piece](), 0
        for piece in self._pieces():
            pieces.append(piece)
            count += len(piece[0])
            if count > MOST_PIECES:
                break
        layer = self.layer
        if not count and (layer is None or not len(layer.data)):
            return
        if layer is None or layer not in self._viewer.layers:  # a person may have removed it
            layer = self.make()
        colors = [np.zeros((0, 4)), *(np.tile(rgba(color), (len(piece), 1)) for piece, color in pieces)]
        put_lines(layer, pixel_to_display(joined([piece for piece, _ in pieces])), np.concatenate(colors))
        if count:
            self._set_width(layer)

    def make(self) -> Vectors:
        """Add the layer above all others of the pane; the active layer stays active."""
        from napari.layers import Vectors

        layers, active = self._viewer.layers, self._viewer.layers.selection.active
        _, dot, pane = self._layers.preview.name.partition(" · ")
        layer = Vectors(
            np.zeros((0, 2, 2)),
            name=f"suggestions and relations{dot}{pane}",
            vector_style="line",
            visible=self._layers.shapes.visible,
            metadata={SCENE_KEY: self._labels.scene},
            **Frame.of(self._labels.scene.grid).layer_transform,
        )
        layers.insert(layers.index(self._layers.preview), layer)  # to move it there would take as long again
        self._layers.strokes = layer
        self._take(layer)
        layers.selection.active = active
        return layer

    def _pieces(self) -> Iterator[Piece]:
        shown = [annotation for view in self._views for annotation in view.annotations]
        selected = {annotation_id for view in self._views for annotation_id in view.selected_ids}
        suggested = [annotation for annotation in shown if annotation.status is Status.SUGGESTED]
        px, color_of = self._px(), {each.id: each.color for each in self._labels.ontology.classes}
        for annotation in suggested:
            if annotation.id not in selected:
                yield joined(list(_suggestion(annotation, px))), color_of[annotation.class_id]
        yield from self._links(shown, px)
        for annotation in suggested:  # above all others
            if annotation.id in selected:
                yield from _cased(annotation, color_of[annotation.class_id], px)

    def _links(self, shown: Sequence[Annotation], px: float) -> Iterator[Piece]:
        """Yield an arrow for each link from what is shown to what is seen, and a star for each group."""
        store, groups = self._labels.store, dict[str, list[FloatArray]]()
        for annotation in shown:
            start = _middle(annotation)
            if annotation.group is not None:
                groups.setdefault(annotation.group, []).append(start)
            for _, other_id in annotation.links:
                other = store.get(other_id)
                if other is not None and self._marks.shows(other):
                    yield arrow(start, _middle(other), HEAD_PX / px), LINK_COLOR
        for middles in groups.values():
            if len(middles) > 1:
                yield _dashed(shapely.MultiLineString(list(star(np.array(middles)))), px), GROUP_COLOR

    def _on_rendered(self) -> None:
        """Draw as soon as the event loop turns: several views are rendered for one change."""
        if self.layer is not None or any(_is_drawn(a) for view in self._views for a in view.annotations):
            self._ask(0)

    def _on_selected(self) -> None:
        """Draw what is selected in another way, where there is a suggestion."""
        if self.layer is not None and len(self.layer.data):
            self._ask(0)

    def _on_zoom(self, *_: object) -> None:
        if self.layer is not None and len(self.layer.data):
            if self._jumps.is_far:
                self._set_width(self.layer)
            self._ask(REST_MS)

    def _set_width(self, layer: Vectors) -> None:
        layer.edge_width = LINE_PX / self._px()
        self._jumps.follow()

    def _on_visible(self, *_: object) -> None:
        if self.layer is not None:
            self.layer.visible = self._layers.shapes.visible

    def _ask(self, milliseconds: int) -> None:
        if not self._is_due:
            self._is_due = True
            self._defer(self.draw, milliseconds)

    def _px(self) -> float:
        """Return the screen pixels that a scene pixel covers."""
        return max(float(self._viewer.scene.camera.zoom) * min(Frame.of(self._labels.scene.grid).pixel_size), 1e-12)


def _is_drawn(annotation: Annotation) -> bool:
    """Return whether there is something to draw for an annotation."""
    return annotation.status is Status.SUGGESTED or bool(annotation.links) or annotation.group is not None


def _middle(annotation: Annotation) -> FloatArray:
    """Return the middle of an annotation in pixel coordinates, shape (2,)."""
    return np.array(annotation.geometry.centroid.coords[0])


def _suggestion(annotation: Annotation, px: float) -> Iterable[FloatArray]:
    """Yield the dashed outline of a suggestion, and its confidence in percent above its upper right corner."""
    yield _dashed(annotation.geometry, px)
    yield from _confidence(annotation, px)


def _dashed(geometry: BaseGeometry, px: float) -> FloatArray:
    """Return dashes along an outline or along lines, about `MOST_DASHES` at most."""
    stretch = max(1.0, geometry.length * px / (ON_PX + OFF_PX) / MOST_DASHES)
    return dashes(geometry, stretch * ON_PX / px, stretch * OFF_PX / px)


def _cased(annotation: Annotation, color: str, px: float) -> Iterator[Piece]:
    """Yield the outline of a selected suggestion, solid, around it a black line and a white one.

    One of the two stands out from whatever is below, for whoever sees no
    difference between the colour of the class and that of the selection.
    """
    geometry = annotation.geometry
    if shapely.get_dimensions(geometry) == 0:
        geometry = geometry.buffer(RING_PX / px)  # the point has a ring of its own already
    for steps, color_of_casing in ((2, CASING_COLORS[1]), (1, CASING_COLORS[0])):
        yield casing(geometry, steps * LINE_PX / px), color_of_casing
    yield joined([edges(geometry), *_confidence(annotation, px)]), color


def _confidence(annotation: Annotation, px: float) -> Iterable[FloatArray]:
    """Yield the strokes of the confidence of a suggestion that has one, and room for it."""
    x0, y0, x1, y1 = shapely.bounds(annotation.geometry)
    is_point = x0 == x1 and y0 == y1
    if annotation.confidence is not None and (is_point or max(x1 - x0, y1 - y0) * px >= LEAST_PX):
        gap = (8.0 if is_point else 4.0) / px
        yield digits(round(100 * annotation.confidence), (float(x1) + gap, float(y0) - gap), DIGIT_PX / px)
