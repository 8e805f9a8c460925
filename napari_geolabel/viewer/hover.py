"""Which classes lie under the mouse, for the thread that fills napari's status bar.

The store belongs to the GUI thread and must not be read while it changes, so
the reader keeps its own list of annotations and its own index, brought up to
date by the store's changes and rebuilt by whoever asks next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import shapely

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change
from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.class_marks import ClassMarks

REACH_PX = 4.0
"""How near to a line or point the mouse must be, in screen pixels."""


class HoverReader:
    """Names the classes of annotations and painted mask at a pixel point, from any thread."""

    def __init__(self, labels: Labels, screen_px: Callable[[], float], marks: ClassMarks | None = None) -> None:
        """Listen to labels; ``screen_px`` returns a screen pixel's size in scene pixels, ``marks`` say what is seen."""
        self._marks = marks or ClassMarks()
        self._labels = labels
        self._screen_px = screen_px
        self._lock = threading.Lock()
        self._annotations: dict[str, Annotation] = dict(labels.store)
        self._index: tuple[list[Annotation], shapely.STRtree] | None = None
        labels.store.changed.connect(self._on_change)

    def close(self) -> None:
        """Stop listening."""
        self._labels.store.changed.disconnect(self._on_change, missing_ok=True)

    def __call__(self, x: float, y: float) -> str:
        """Return the names at a pixel point, topmost first, empty where there is nothing."""
        ontology = self._labels.ontology
        annotations, index = self._snapshot()
        point = shapely.Point(x, y)
        near = index.query(point, predicate="dwithin", distance=REACH_PX * self._screen_px())
        seen = [annotations[i] for i in sorted(near, reverse=True) if self._marks.shows(annotations[i])]
        hits = [annotation for annotation in seen if _is_hit(annotation, point)]
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

    def _snapshot(self) -> tuple[list[Annotation], shapely.STRtree]:
        with self._lock:
            if self._index is None:
                annotations = list(self._annotations.values())
                geometries = np.empty(len(annotations), object)
                geometries[:] = [annotation.geometry for annotation in annotations]
                self._index = annotations, shapely.STRtree(geometries)
            return self._index

    def _on_change(self, change: Change) -> None:
        if not change.edits:
            return
        with self._lock:
            for edit in change.edits:
                if edit.after is None:
                    self._annotations.pop(edit.id, None)
                else:
                    self._annotations[edit.id] = edit.after
            self._index = None


def _is_hit(annotation: Annotation, point: shapely.Point) -> bool:
    """Return whether a near annotation counts: lines and points by their nearness, areas only from inside."""
    return annotation.geometry.area == 0 or bool(annotation.geometry.covers(point))
