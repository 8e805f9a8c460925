"""Keypoints in a Points layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.geo import FloatArray
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.geometry_display import Drawing
from napari_geolabel.viewer.layer_view import LayerView
from napari_geolabel.viewer.looks import NO_FEATURES, features_of, point_colors

if TYPE_CHECKING:
    from napari.layers import Points

MARKER_PX = 10.0
"""Size of a keypoint on screen."""


class PointsView(LayerView):
    """Two-way link between a store and a Points layer; for the parameters see `LayerView`."""

    kinds = frozenset({Kind.KEYPOINT})
    _layer: Points

    def _events(self) -> list[tuple[Any, Callable[..., None]]]:
        # Pasted points are told by no other event.
        return [*super()._events(), (self._layer.events.set_data, self._schedule)]

    def _swap(self, annotations: Sequence[Annotation], parts: Sequence[tuple[Drawing, ...]]) -> None:
        layer = self._layer
        border, face = point_colors(annotations, self._store.ontology)
        layer.selected_data = set()
        layer.data = np.array([drawn[0].vertices[0] for drawn in parts]).reshape(-1, 2)
        if not layer.visible:  # napari slices what is hidden later, and draws it before that as soon as it has colours
            layer.set_view_slice()
        layer.features = features_of(annotations, parts)
        layer.feature_defaults = NO_FEATURES
        if annotations:
            layer.face_color = face
            layer.border_color = border
        self._restyle()

    def _drawn(self) -> list[Drawing]:
        points = np.array(self._layer.data)[:, -2:]
        return [Drawing(shape_type="point", vertices=point[None]) for point in points]

    def _restyle(self) -> None:
        size = MARKER_PX / float(self._screen_px().mean())
        self._layer.size = size
        with self._layer.block_update_properties():
            self._layer.current_size = size

    def _set_current_colors(self, edge: FloatArray, face: FloatArray) -> None:  # noqa: ARG002  (markers are opaque)
        self._layer.current_face_color = edge
