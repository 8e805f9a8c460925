"""Annotations painted into a raster: how those look that are too many to be shapes.

A part of a raster is painted from the annotations that reach it and from
nothing else, so that it does not matter in which pieces a raster is painted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.imagery.reader import Bounds
from napari_geolabel.masks.rasterize import burn
from napari_geolabel.ontology.model import Ontology

FACE_ALPHA, EDGE_ALPHA = 64, 255
"""Opacity of the inside of areas and of outlines, as the shapes layer has them; of 255."""
SUGGESTED_ALPHA = 150
"""Opacity of the outlines of suggestions."""
SOLID_PX = 3.0
"""An area that is not larger than this is painted in one colour: an outline would leave nothing inside."""
REACH_PX = 3
"""How far an annotation's paint reaches beyond its bounds: half a keypoint's marker, or an outline."""

_LOOKS = 4  # values of a class: inside and outline, of what people drew and of suggestions
_OUTLINE, _SUGGESTED = 1, 2


def color_table(ontology: Ontology) -> NDArray[np.uint8]:
    """Return the RGBA colours of painted values, shape (1 + 4 classes, 4); value 0 is clear."""
    table = np.zeros((1 + _LOOKS * len(ontology.classes), 4), np.uint8)
    for index, label_class in enumerate(ontology.classes):
        first = 1 + _LOOKS * index
        table[first : first + _LOOKS, :3] = [int(label_class.color[i : i + 2], 16) for i in (1, 3, 5)]
        table[first : first + _LOOKS, 3] = FACE_ALPHA, EDGE_ALPHA, FACE_ALPHA, SUGGESTED_ALPHA
    return table


def paint(annotations: Sequence[Annotation], ontology: Ontology, bounds: Bounds, factor: int) -> NDArray[np.uint16]:
    """Return a window of a raster with annotations on it, as values of `color_table`.

    Parameters
    ----------
    annotations
        Those that reach the window or its neighbourhood (``REACH_PX``), in draw order; later ones lie above.
    ontology
        Says which value a class has.
    bounds
        First row, last + 1, first column, last + 1 of the window.
    factor
        How many pixels of the scene a pixel of the raster has on a side.

    Returns
    -------
    ndarray
        Shape (rows, cols), 0 where there is nothing.  Whatever is smaller than a pixel leaves at least one.
    """
    top, bottom, left, right = bounds
    margin = REACH_PX
    shape = bottom - top + 2 * margin, right - left + 2 * margin
    if not annotations:
        return np.zeros((bottom - top, right - left), np.uint16)
    origin = np.array([left - margin, top - margin], np.float64)
    geometries = np.array([annotation.geometry for annotation in annotations], dtype=object)
    values = _values(annotations, ontology)
    x0, y0, x1, y1 = shapely.bounds(geometries).T / factor
    is_small = np.maximum(x1 - x0, y1 - y0) <= SOLID_PX
    dots = np.floor(np.stack([(x0 + x1) / 2, (y0 + y1) / 2], axis=-1) - origin).astype(np.int64)
    large = shapely.transform(geometries[~is_small], lambda xy: xy / factor - origin)
    inside = _filled(large, values[~is_small], shape)
    edges = _outlined(large, values[~is_small] + _OUTLINE, shape)
    _dot(edges, dots[is_small], values[is_small] + _OUTLINE, 2)
    is_point = shapely.get_dimensions(geometries) == 0
    _dot(edges, dots[is_point], values[is_point] + _OUTLINE, 2 * margin - 1)
    whole = np.where(edges, edges, inside)
    painted: NDArray[np.uint16] = whole[margin:-margin, margin:-margin]
    return painted


def _values(annotations: Sequence[Annotation], ontology: Ontology) -> NDArray[np.uint16]:
    """Return the value of the inside of each annotation."""
    first = {c.id: 1 + _LOOKS * index for index, c in enumerate(ontology.classes)}
    return np.array([first[a.class_id] + _SUGGESTED * (a.status is Status.SUGGESTED) for a in annotations], np.uint16)


def _filled(geometries: NDArray[np.object_], values: NDArray[np.uint16], shape: tuple[int, int]) -> NDArray[np.uint16]:
    """Return a raster of the insides of areas."""
    is_area = shapely.get_dimensions(geometries) == 2
    return burn(geometries[is_area], values[is_area], shape, dtype=np.uint16)


def _outlined(
    geometries: NDArray[np.object_], values: NDArray[np.uint16], shape: tuple[int, int]
) -> NDArray[np.uint16]:
    """Return a raster of the outlines of areas and of lines, two pixels wide."""
    is_area = shapely.get_dimensions(geometries) == 2
    lines = geometries.copy()
    lines[is_area] = shapely.boundary(geometries[is_area])
    thin = burn(lines, values, shape, dtype=np.uint16)
    wide = thin.copy()
    for low, high in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        np.copyto(wide[high], thin[low], where=wide[high] == 0)
    return wide


def _dot(raster: NDArray[np.uint16], points: NDArray[np.int64], values: NDArray[np.uint16], side: int) -> None:
    """Paint squares of a side around pixels, given as ``(x, y)``; what lies outside is left out."""
    rows, cols = raster.shape
    for step_row in range(side):
        for step_col in range(side):
            col, row = points[:, 0] + step_col - side // 2, points[:, 1] + step_row - side // 2
            is_in = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
            raster[row[is_in], col[is_in]] = values[is_in]
