"""How many annotations each class has, kept up to date change by change."""

from __future__ import annotations

from collections import Counter

from psygnal import Signal

from napari_geolabel.annotations.change import Change
from napari_geolabel.labels.labels import Labels


class ClassCounts:
    """Counts the annotations of labels by class."""

    changed = Signal()
    """Emitted when a count is another than before."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._counts = Counter(annotation.class_id for annotation in labels.store.values())
        labels.changed.connect(self._on_change)

    def __getitem__(self, class_id: str) -> int:
        """Return the number of annotations of a class."""
        return self._counts[class_id]

    @property
    def total(self) -> int:
        """Number of all annotations."""
        return self._counts.total()

    def close(self) -> None:
        """Stop counting."""
        self._labels.changed.disconnect(self._on_change, missing_ok=True)

    def _on_change(self, change: Change) -> None:
        if not change.edits:
            return
        self._counts.subtract(edit.before.class_id for edit in change.edits if edit.before)
        self._counts.update(edit.after.class_id for edit in change.edits if edit.after)
        self.changed.emit()
