"""Boxes, polygons and lines in a Shapes layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.geo import FloatArray
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.geometry_display import Drawing
from napari_geolabel.viewer.gestures import drop_drags
from napari_geolabel.viewer.large_meshes import LargeMeshes
from napari_geolabel.viewer.layer_rows import Row
from napari_geolabel.viewer.layer_view import LayerView
from napari_geolabel.viewer.looks import NO_FEATURES, features_of, shape_colors
from napari_geolabel.viewer.shape_rows import ShapeRows

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Shapes

EDGE_PX = 2.0
"""Width of outlines on screen."""

ACCIDENT_PX = 4.0
"""A shape that is smaller than this on screen both ways is a click and not a drawing (napari makes 2.5 of a click)."""

_CLICKED = {"add_polygon": "polygon", "add_polygon_lasso": "polygon", "add_polyline": "path", "add_path": "path"}
"""Native modes that hang a vertex on the cursor until the shape is ended, and what they draw."""


@dataclass(frozen=True, kw_only=True)
class _Native:
    """A shape that is being drawn in one of napari's own modes."""

    row: int
    mode: str


class ShapesView(LayerView):
    """Two-way link between a store and a Shapes layer.

    napari's own modes work beside the session's tools: a rectangle becomes a
    box where the class allows one, else a rotated box or a polygon; an ellipse
    a polygon; a line or path a polyline.

    Parameters
    ----------
    viewer, layer, store, **wiring
        As for `LayerView`.
    meshes
        What was made of large outlines, for several panes; None for a layer on its own.
    """

    kinds = frozenset({Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON, Kind.POLYLINE})
    _layer: Shapes
    _native: _Native | None = None

    def __init__(
        self,
        viewer: ViewerModel,
        layer: Shapes,
        store: AnnotationStore,
        *,
        meshes: LargeMeshes | None = None,
        **wiring: Any,  # noqa: ANN401
    ) -> None:
        self._shape_rows = ShapeRows(layer, meshes)
        super().__init__(viewer, layer, store, **wiring)

    def render(self) -> None:
        """Make the layer show what the store has now; mode and selection stay."""
        self._native = None
        super().render()

    def _swap(self, annotations: Sequence[Annotation], parts: Sequence[tuple[Drawing, ...]]) -> None:
        layer, width = self._layer, self._edge_width()
        drawn = [(a, i, drawing) for a, each in zip(annotations, parts, strict=True) for i, drawing in enumerate(each)]
        edge, face = shape_colors([annotation for annotation, _, _ in drawn], self._store.ontology)
        mode = layer.mode
        with layer.block_thumbnail_update():
            rows = [((annotation.id, part), drawing) for annotation, part, drawing in drawn]
            self._shape_rows.put(rows, edge=edge, face=face, edge_width=width)
            layer.features = features_of(annotations, parts)
            layer.feature_defaults = NO_FEATURES
            layer.mode = mode
        with layer.block_update_properties():
            layer.current_edge_width = width

    def _drawn(self) -> list[Drawing]:
        return [
            Drawing(shape_type=str(shape_type), vertices=np.array(vertices)[:, -2:])
            for vertices, shape_type in zip(self._layer.data, self._layer.shape_type, strict=True)
        ]

    def _restyle(self) -> None:
        width = self._edge_width()
        self._layer.edge_width = [width] * len(self._layer.data)
        with self._layer.block_update_properties():
            self._layer.current_edge_width = width

    def _set_current_colors(self, edge: FloatArray, face: FloatArray) -> None:
        self._layer.current_edge_color, self._layer.current_face_color = edge, face

    def _edge_width(self) -> float:
        """Return the outline's width in scene pixels, which napari wants."""
        return EDGE_PX / float(self._screen_px().mean())

    def _begin_rows(self, index: int) -> None:
        if self._open == 0 and self._gesture.is_down and self._layer.mode.startswith("add"):
            self._native = _Native(row=index, mode=self._layer.mode)
        super()._begin_rows(index)

    def _end_rows(self) -> None:
        """Drag a shape no further that a key or a new mode has finished: that raises (``docs/upstream.md``)."""
        layer = self._layer
        if self._native is not None and self._gesture.is_down and layer._moving_value[0] is None:  # noqa: SLF001
            drop_drags(layer)
        super()._end_rows()

    def _events(self) -> list[tuple[Any, Callable[..., None]]]:
        return [*super()._events(), (self._layer.events.mode, self._on_mode)]

    def _on_mode(self) -> None:
        """Have napari finish what is being drawn in its own mode: it would do so as the new mode does.

        That takes the last corner of a rectangle, or raises for an ellipse (``docs/upstream.md``).
        """
        layer, native = self._layer, self._native
        if native is None or layer.mode == native.mode or not layer._is_creating:  # noqa: SLF001  (napari offers none)
            return
        mode = layer._mode  # noqa: SLF001
        layer._mode = type(mode)(native.mode)  # noqa: SLF001  (the public name would come here again)
        try:
            layer._finish_drawing()  # noqa: SLF001
        finally:
            layer._mode = mode  # noqa: SLF001

    def _rows(self) -> list[Row]:
        """Return the layer's rows, without new ones that are no shapes."""
        rows = super()._rows()
        if self._native is not None and self._native.row >= len(rows):
            self._notify("the shape was given up: it had too few points")
        checked = [row if row.id else self._checked(row) for row in rows]
        return [row for row in checked if row is not None]

    def _checked(self, row: Row) -> Row | None:
        """Return a new row as it was meant, None with a note if it is nothing."""
        native = self._native if self._native is not None and self._native.row == row.index else None
        drawing = row.drawing if native is None else _as_meant(row.drawing, native)
        reason = _why_nothing(drawing)
        if reason is None and native is not None and self._is_accident(drawing):
            reason = "the shape was left out: it is smaller than a click; drag to draw it"
        if reason is None:
            return replace(row, drawing=drawing)
        self._is_soiled = True
        self._notify(reason)
        return None

    def _is_accident(self, drawing: Drawing) -> bool:
        return bool((np.ptp(drawing.vertices, axis=0) * self._screen_px() < ACCIDENT_PX).all())


def _as_meant(drawing: Drawing, native: _Native) -> Drawing:
    """Return a natively drawn shape without vertices that a double click left."""
    shape_type = _CLICKED.get(native.mode)
    if shape_type is None:
        return drawing
    vertices = drawing.vertices
    repeats = np.r_[False, (vertices[1:] == vertices[:-1]).all(axis=1)] if len(vertices) else np.zeros(0, bool)
    return Drawing(shape_type=shape_type, vertices=vertices[~repeats])


def _why_nothing(drawing: Drawing) -> str | None:
    """Return why a new drawing is no shape, None if it is one."""
    distinct = len(np.unique(drawing.vertices, axis=0))
    if drawing.shape_type == "polygon" and distinct < 3:
        return "the polygon was left out: it needs three different points"
    if drawing.shape_type in ("path", "line") and distinct < 2:
        return "the line was left out: it needs two different points"
    return None
