"""Reviewing by hand: suggestions one after the other, the surest first, accepted or rejected by a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.change import Change
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labels.labels import Labels
from napari_geolabel.labels.reviewing import is_reviewable, sureness
from napari_geolabel.viewer.class_marks import ClassMarks
from napari_geolabel.viewer.outlines import bounds_of, look_at
from napari_geolabel.viewer.preferences import load_preferences
from napari_geolabel.viewer.selection import Selection

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_geolabel.viewer.key_ring import KeyRing


class Review:
    """Steps through the suggestions of a session and decides on them: ``session.review``.

    While it is active, A accepts, R rejects and N goes on.  What is selected
    counts, or else the suggestion that was gone to.

    Parameters
    ----------
    viewer
        The viewer, which goes to what is reviewed.
    labels
        Their suggestions are reviewed.
    selection
        What is selected on screen.
    marks
        Which classes are hidden and locked; suggestions of those wait.
    notify
        Shows the user one sentence.
    keys
        Lets keys decide while a review is on.
    """

    changed = Signal()
    """Emitted when a review begins or ends, goes on, or when suggestions, threshold or filter are others."""

    def __init__(
        self,
        viewer: ViewerModel,
        labels: Labels,
        selection: Selection,
        marks: ClassMarks,
        *,
        keys: KeyRing,
        notify: Callable[[str], None],
    ) -> None:
        self._viewer, self._labels, self._selection, self._marks = viewer, labels, selection, marks
        self._keys, self._notify = keys, notify
        self._suggested = {a.id: a for a in labels.store.values() if a.status is Status.SUGGESTED}
        self._is_active = False
        self._threshold, self._class_id = 0.5, ""
        self._current: Annotation | None = None
        self._queue: list[str] | None = None  # sorted when somebody asks
        labels.store.editor = load_preferences().annotator_name  # who changes a suggestion is credited with it too
        labels.changed.connect(self._on_change)
        marks.changed.connect(self._on_marks)

    @property
    def is_active(self) -> bool:
        """Whether keys decide on suggestions."""
        return self._is_active

    @property
    def threshold(self) -> float:
        """Confidence from 0 to 1 from which on `accept_above` accepts, and below which `reject_below` rejects."""
        return self._threshold

    @threshold.setter
    def threshold(self, confidence: float) -> None:
        self._threshold = min(1.0, max(0.0, float(confidence)))
        self.changed.emit()

    @property
    def class_id(self) -> str:
        """Id of the class whose suggestions are reviewed; empty for all."""
        return self._class_id

    @class_id.setter
    def class_id(self, class_id: str) -> None:
        self._class_id = self._labels.ontology[class_id].id if class_id else ""
        self._queue = None
        self.changed.emit()

    @property
    def queue(self) -> list[str]:
        """Ids of the suggestions that are reviewed, the surest first; hidden and locked ones wait."""
        if self._queue is None:
            wanted = [a for a in self._suggested.values() if self._class_id in ("", a.class_id)]
            self._queue = [a.id for a in sorted(wanted, key=sureness) if self._marks.may_touch(a)]
        return list(self._queue)

    @property
    def current(self) -> str | None:
        """Id of the annotation that was gone to; None before the first."""
        return None if self._current is None or self._current.id not in self._labels else self._current.id

    @property
    def total(self) -> int:
        """Number of all suggestions."""
        return len(self._suggested)

    def begin(self) -> None:
        """Let keys decide, and go to the surest suggestion; that there is none is told."""
        if not self.queue:
            self._notify("there is nothing to review; import predictions with status suggested")
            return
        self._is_active = True
        self._keys.begin_review()
        self._go(self.queue[0])

    def end(self) -> None:
        """Give the keys back."""
        if self._is_active:
            self._is_active = False
            self._keys.end_review()
            self.changed.emit()

    def toggle(self) -> None:
        """Begin, or end."""
        if self._is_active:
            self.end()
        else:
            self.begin()

    def next(self) -> None:
        """Go to the next suggestion, after the last to the first; that all is done is told."""
        self._step(1)

    def previous(self) -> None:
        """Go to the suggestion before, from the first to the last."""
        self._step(-1)

    def accept(self) -> None:
        """Accept what is selected, or what was gone to, as one change, and go on."""
        self._decide(self._labels.review.accept, "accept")

    def reject(self) -> None:
        """Reject what is selected, or what was gone to, as one change, and go on."""
        self._decide(self._labels.review.reject, "reject")

    def accept_above(self) -> Change | None:
        """Accept all that is reviewed of at least the threshold as one change; return it."""
        return self._in_bulk(lambda sure: sure >= self._threshold, self._labels.review.accept)

    def reject_below(self) -> Change | None:
        """Reject all that is reviewed of less than the threshold as one change; return it."""
        return self._in_bulk(lambda sure: sure < self._threshold, self._labels.review.reject)

    def counts(self) -> tuple[int, int]:
        """Return how many of what is reviewed reach the threshold, and how many do not."""
        known = [self._suggested[i].confidence for i in self.queue]
        above = sum(sure is not None and sure >= self._threshold for sure in known)
        return above, sum(sure is not None for sure in known) - above

    def close(self) -> None:
        """End the review and stop following the labels."""
        self.end()
        self._labels.store.editor = None
        self._labels.changed.disconnect(self._on_change, missing_ok=True)
        self._marks.changed.disconnect(self._on_marks, missing_ok=True)

    def _step(self, by: int) -> None:
        queue = self.queue
        if not queue:
            self._notify("all suggestions are reviewed")
            return
        if self.current in queue:
            self._go(queue[(queue.index(self.current) + by) % len(queue)])
            return
        place = (
            0 if self._current is None else sum(sureness(self._suggested[i]) < sureness(self._current) for i in queue)
        )
        self._go(queue[(place if by > 0 else place - 1) % len(queue)])

    def _go(self, annotation_id: str) -> None:
        """Select an annotation and bring it into view."""
        self._current = self._labels[annotation_id]
        bounds = bounds_of([self._current.geometry])
        if bounds is not None:
            look_at(self._viewer, self._labels.scene.grid, bounds)
        self._selection.select([annotation_id])
        self.changed.emit()

    def _decide(self, decide: Callable[[list[str]], Change], verb: str) -> None:
        chosen = self._selection.ids or ([self.current] if self.current else [])
        ids = [i for i in chosen if i in self._labels and is_reviewable(self._labels[i])]
        if not ids:
            self._notify(f"select a suggestion to {verb}, or go to the next with N")
            return
        try:
            decide(ids)
        except GeoLabelError as error:
            self._notify(str(error))
            return
        if self.queue:
            self._step(1)
        else:
            self._notify("all suggestions are reviewed")

    def _in_bulk(self, is_meant: Callable[[float], bool], decide: Callable[[list[str]], Change]) -> Change | None:
        known = ((i, self._suggested[i].confidence) for i in self.queue)
        ids = [i for i, sure in known if sure is not None and is_meant(sure)]
        if not ids:
            self._notify(f"no suggestion lies on that side of {100 * self._threshold:.0f} %")
            return None
        try:
            return decide(ids)
        except GeoLabelError as error:
            self._notify(str(error))
            return None

    def _on_change(self, change: Change) -> None:
        is_other = False
        for edit in change.edits:
            now = self._labels.store.get(edit.id)
            if now is not None and now.status is Status.SUGGESTED:
                self._suggested[edit.id] = now
            elif self._suggested.pop(edit.id, None) is None and edit.id != self.current:
                continue
            is_other = True
        if is_other:
            self._on_marks()

    def _on_marks(self) -> None:
        self._queue = None
        self.changed.emit()
