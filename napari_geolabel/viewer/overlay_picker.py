"""Selecting by a click what is only a picture: it becomes a shape, which can be edited at once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.class_marks import ClassMarks
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.hover import REACH_PX, annotations_at
from napari_geolabel.viewer.selection import Selection
from napari_geolabel.viewer.working_set import WorkingSet

if TYPE_CHECKING:
    from napari.components import ViewerModel

CLICK_PX = 4
"""A press and a release that are farther apart on screen are a drag."""


class OverlayPicker:
    """Selects what lies under a click where not all that is in view are shapes.

    Parameters
    ----------
    viewer
        The viewer whose mouse is watched.
    labels
        Whose annotations are selected.
    marks
        Say what may be touched.
    working
        Says whether all in view are shapes, which napari's own select mode then finds.
    selection
        What is selected.
    is_selecting
        Whether the user is picking annotations.
    defer
        Calls a function later, from the event loop, when napari's own mouse code has run.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        labels: Labels,
        marks: ClassMarks,
        working: WorkingSet,
        selection: Selection,
        *,
        is_selecting: Callable[[], bool],
        defer: Callable[[Callable[[], None], int], None],
    ) -> None:
        self._viewer, self._labels, self._marks = viewer, labels, marks
        self._working, self._selection = working, selection
        self._is_selecting, self._defer = is_selecting, defer
        self._frame = Frame.of(labels.scene.grid)
        self._callback = self._watch  # one bound method, so that it is found again when it is taken out
        viewer.mouse_drag_callbacks.append(self._callback)

    def pick(self, x: float, y: float, kept: Iterable[str] = ()) -> str | None:
        """Select the topmost annotation at a pixel point, and return its id, None where there is nothing.

        Parameters
        ----------
        x, y
            The point, in pixel coordinates.
        kept
            Ids that are selected too.
        """
        pixel_px = float(self._viewer.scene.camera.zoom) * min(self._frame.pixel_size)
        found = annotations_at(self._labels.store, x, y, REACH_PX / max(pixel_px, 1e-12))
        found = [annotation for annotation in found if self._marks.may_touch(annotation)]
        if not found:
            return None
        self._selection.select([*kept, found[0].id])
        return found[0].id

    def close(self) -> None:
        """Stop watching."""
        if self._callback in self._viewer.mouse_drag_callbacks:
            self._viewer.mouse_drag_callbacks.remove(self._callback)

    def _watch(self, viewer: ViewerModel, event: Any) -> Generator[None, None, None]:  # noqa: ANN401, ARG002  (napari's)
        if event.button != 1 or self._working.is_covered or not self._is_selecting():
            return
        start, add = np.asarray(event.pos), "Shift" in event.modifiers
        ((x, y),) = self._frame.to_pixel([event.position[-2:]])
        before = self._selection.ids
        yield
        while event.type == "mouse_move":
            yield
        if np.abs(np.asarray(event.pos) - start).max() <= CLICK_PX:
            self._defer(lambda: self._pick_rest(float(x), float(y), before, before if add else []), 0)

    def _pick_rest(self, x: float, y: float, before: list[str], kept: list[str]) -> None:
        """Select what lies there unless napari has selected something else, since that is a shape."""
        if not set(self._selection.ids) - set(before):
            self.pick(x, y, kept)
