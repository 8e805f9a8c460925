"""Which classes lie under the mouse, for the thread that fills napari's status bar."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.class_marks import ClassMarks

REACH_PX = 4.0
"""How near to a line or point the mouse must be, in screen pixels."""


class HoverReader:
    """Names the classes of annotations and painted mask at a pixel point, from any thread."""

    def __init__(self, labels: Labels, screen_px: Callable[[], float], marks: ClassMarks | None = None) -> None:
        """Read labels; ``screen_px`` returns a screen pixel's size in scene pixels, ``marks`` say what is seen."""
        self._marks = marks or ClassMarks()
        self._labels = labels
        self._screen_px = screen_px

    def __call__(self, x: float, y: float) -> str:
        """Return the names at a pixel point, topmost first, empty where there is nothing."""
        ontology = self._labels.ontology
        found = annotations_at(self._labels.store, x, y, REACH_PX * self._screen_px())
        hits = [annotation for annotation in found if self._marks.shows(annotation)]
        names = [ontology[hit.class_id].name for hit in hits]
        painted = self._painted(x, y)
        return ", ".join(dict.fromkeys([*names, painted] if painted else names))

    def _painted(self, x: float, y: float) -> str:
        """Return the name of the class that is painted at a pixel point."""
        array = self._labels.canvas.array
        rows, cols = array.shape
        if not (0 <= x < cols and 0 <= y < rows):
            return ""
        found = self._labels.ontology.by_mask_value.get(int(array[int(y), int(x)]))
        return f"mask {found.name}" if found and found.id not in self._marks.hidden else ""


def annotations_at(store: AnnotationStore, x: float, y: float, reach: float) -> list[Annotation]:
    """Return the annotations at a pixel point, topmost first; this may be asked from any thread.

    Parameters
    ----------
    store
        The annotations.
    x, y
        The point, in pixel coordinates.
    reach
        How near to a line or point it must be, in pixels; of areas only those count that it lies in.
    """
    point = shapely.Point(x, y)
    near = store.annotations_in((x - reach, y - reach, x + reach, y + reach))
    if not near:
        return []
    geometries = np.array([annotation.geometry for annotation in near], dtype=object)
    is_near = shapely.dwithin(geometries, point, reach)
    return [near[i] for i in np.flatnonzero(is_near)[::-1] if _is_hit(near[i], point)]


def _is_hit(annotation: Annotation, point: shapely.Point) -> bool:
    """Return whether a near annotation counts: lines and points by their nearness, areas only from inside."""
    return annotation.geometry.area == 0 or bool(annotation.geometry.covers(point))
