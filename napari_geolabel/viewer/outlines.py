"""Outlines in several colours over the scene: how annotations were or might be, beside how they are.

A layer of its own, made when it is first needed and kept: it shows what is no
annotation, so the labels' own layers must not hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.index import Bounds
from napari_geolabel.geo import FloatArray, GeoGrid, pixel_to_display
from napari_geolabel.viewer.current_view import pane_size
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.line_layer import put_lines
from napari_geolabel.viewer.scene_layer import SCENE_KEY

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Vectors

    from napari_geolabel.imagery.scene import Scene

LINE_PX = 3.0
"""Width of the lines on screen."""
CROSS_PX = 7.0
"""Half the size on screen of the cross that marks a point."""
MOST_GEOMETRIES = 2_000
"""How many geometries of a colour are outlined as a rule; more would not be told apart, and cost time."""

_MARGIN = 0.35  # share of the view that what is looked at fills at most
_MOST_ZOOM = 8.0  # screen pixels per scene pixel
_CANVAS_PX = (600, 800)  # of a viewer without a window


class Outlines:
    """Geometries in pixel coordinates, outlined in colours of one's choice.

    Parameters
    ----------
    viewer
        The viewer that shows them.
    scene
        The scene whose pixel coordinates are meant.
    name
        Of the layer.
    line_px
        Width of the lines on screen.
    opacity
        Of all of them, from 0 to 1.
    most
        How many geometries of a colour are outlined, the first of them; None for all.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        scene: Scene,
        name: str = "history outlines",
        *,
        line_px: float = LINE_PX,
        opacity: float = 1.0,
        most: int | None = MOST_GEOMETRIES,
    ) -> None:
        self._viewer, self._scene, self._name = viewer, scene, name
        self._line_px, self._opacity, self._most = line_px, opacity, most
        self._layer: Vectors | None = None

    @property
    def layer(self) -> Vectors | None:
        """The layer that shows them, None before the first."""
        return self._layer

    def show(self, geometries: Mapping[str, Sequence[BaseGeometry]]) -> None:
        """Outline geometries, by colour; later colours lie above earlier ones."""
        segments, colors = [np.zeros((0, 2, 2))], [np.zeros((0, 4))]
        for color, shapes in geometries.items():
            lines = _segments(shapes[: self._most], CROSS_PX / self._pixel_px())
            segments.append(lines)
            colors.append(np.tile(rgba(color), (len(lines), 1)))
        found = pixel_to_display(np.concatenate(segments))
        if len(found) or self._layer is not None:
            self._put(found, np.concatenate(colors))

    def clear(self) -> None:
        """Outline nothing."""
        if self._layer is not None and len(self._layer.data):
            self._layer.data = np.zeros((0, 2, 2))

    def close(self) -> None:
        """Outline nothing any more; the layer stays, hidden."""
        self.clear()
        if self._layer is not None:
            self._layer.visible = False
            self._viewer.scene.camera.events.zoom.disconnect(self._on_zoom)

    def _put(self, ends: FloatArray, colors: FloatArray) -> None:
        """Put segments, shape (n, 2, 2) as starts and ends in display coordinates, into the layer."""
        layer = self._layer
        if layer is None or layer not in self._viewer.layers:  # a person may have removed it
            layer = self._make_layer()
        put_lines(layer, ends, colors)
        layer.visible = True
        self._on_zoom()

    def _make_layer(self) -> Vectors:
        viewer, active = self._viewer, self._viewer.layers.selection.active
        self._layer = viewer.add_vectors(
            np.zeros((0, 2, 2)),
            name=self._name,
            vector_style="line",
            opacity=self._opacity,
            metadata={SCENE_KEY: self._scene},
            **Frame.of(self._scene.grid).layer_transform,
        )
        viewer.layers.selection.active = active
        viewer.scene.camera.events.zoom.connect(self._on_zoom)
        return self._layer

    def _on_zoom(self, *_: object) -> None:
        """Keep the lines as wide on screen as they are."""
        if self._layer is not None and len(self._layer.data):
            self._layer.edge_width = self._line_px / self._pixel_px()

    def _pixel_px(self) -> float:
        """Return the screen pixels that a scene pixel covers."""
        return max(float(self._viewer.scene.camera.zoom) * min(Frame.of(self._scene.grid).pixel_size), 1e-12)


def bounds_of(geometries: Iterable[BaseGeometry]) -> Bounds | None:
    """Return ``(x0, y0, x1, y1)`` around geometries in pixel coordinates, None where there is none."""
    found = [geometry for geometry in geometries if not geometry.is_empty]
    if not found:
        return None
    x0, y0, x1, y1 = (float(v) for v in shapely.total_bounds(found))
    return x0, y0, x1, y1


def look_at(viewer: ViewerModel, grid: GeoGrid, bounds: Bounds) -> None:
    """Move the view to a rectangle in pixel coordinates, with some of its surroundings."""
    frame = Frame.of(grid)
    height, width = pane_size(viewer) or _CANVAS_PX
    x0, y0, x1, y1 = bounds
    per_pixel = min(
        _MARGIN * width / max(x1 - x0, 1e-9), _MARGIN * height / max(y1 - y0, 1e-9), _MOST_ZOOM
    )  # screen pixels per scene pixel
    camera = viewer.scene.camera
    camera.center = tuple(frame.to_world([(x0 + x1) / 2, (y0 + y1) / 2]))
    camera.zoom = per_pixel / min(frame.pixel_size)


def fill_view(viewer: ViewerModel, grid: GeoGrid, bounds: Bounds) -> None:
    """Move the view to a rectangle in pixel coordinates so that it just fits."""
    frame = Frame.of(grid)
    height, width = pane_size(viewer) or _CANVAS_PX
    x0, y0, x1, y1 = bounds
    per_pixel = min(width / max(x1 - x0, 1e-9), height / max(y1 - y0, 1e-9))
    camera = viewer.scene.camera
    camera.center = tuple(frame.to_world([(x0 + x1) / 2, (y0 + y1) / 2]))
    camera.zoom = per_pixel / min(frame.pixel_size)


def _segments(geometries: Sequence[BaseGeometry], arm: float) -> FloatArray:
    """Return the outlines of areas, lines, and a cross for each point, as starts and ends, shape (n, 2, 2)."""
    lines: list[FloatArray] = []
    points: list[FloatArray] = []
    for geometry in geometries:
        edge = shapely.boundary(geometry) if geometry.area else geometry
        for part in shapely.get_parts(edge):
            xy = shapely.get_coordinates(part)
            (points if len(xy) == 1 else lines).append(xy)
    found = [np.stack([line[:-1], line[1:]], axis=1) for line in lines]
    arms = np.array([[[-1, -1], [1, 1]], [[-1, 1], [1, -1]]], np.float64) * arm
    found += [point + arms for point in points]
    return np.concatenate(found) if found else np.zeros((0, 2, 2))


def rgba(color: str) -> FloatArray:
    """Return ``#rrggbb`` as values from 0 to 1, opaque, shape (4,)."""
    return np.array([*(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)), 1.0])
