"""Which classes are hidden and which are locked on a person's bench: not part of the labels, kept for the next time.

What is hidden is neither seen nor picked.  What is locked is seen, and can be
neither picked nor changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psygnal import Signal

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.viewer.user_state import recall, remember, texts

_KEPT_AS = "classes"


class ClassMarks:
    """Hidden and locked classes, and statuses that are not shown; all views of a session share it."""

    changed = Signal()
    """Emitted when something is shown, hidden, locked or unlocked."""

    def __init__(self) -> None:
        self._hidden: frozenset[str] = frozenset()
        self._locked: frozenset[str] = frozenset()
        self._hidden_statuses: frozenset[Status] = frozenset({Status.REJECTED})

    @property
    def hidden(self) -> frozenset[str]:
        """Ids of the classes that are not seen; any iterable may be set."""
        return self._hidden

    @hidden.setter
    def hidden(self, class_ids: Iterable[str]) -> None:
        self._set("_hidden", frozenset(class_ids))

    @property
    def locked(self) -> frozenset[str]:
        """Ids of the classes that can be neither picked nor changed; any iterable may be set."""
        return self._locked

    @locked.setter
    def locked(self, class_ids: Iterable[str]) -> None:
        self._set("_locked", frozenset(class_ids))

    @property
    def hidden_statuses(self) -> frozenset[Status]:
        """Statuses of annotations that are not seen, at first only those that were rejected."""
        return self._hidden_statuses

    @hidden_statuses.setter
    def hidden_statuses(self, statuses: Iterable[Status | str]) -> None:
        self._set("_hidden_statuses", frozenset(Status(status) for status in statuses))

    def shows(self, annotation: Annotation) -> bool:
        """Return whether an annotation is seen; any thread may ask."""
        return annotation.class_id not in self._hidden and annotation.status not in self._hidden_statuses

    def may_touch(self, annotation: Annotation) -> bool:
        """Return whether an annotation is seen and not locked."""
        return annotation.class_id not in self._locked and self.shows(annotation)

    def load(self, ontology_id: str) -> None:
        """Hide and lock what was hidden and locked last with an ontology."""
        kept = recall(_KEPT_AS, ontology_id)
        self.hidden, self.locked = texts(kept.get("hidden")), texts(kept.get("locked"))

    def save(self, ontology_id: str) -> None:
        """Keep what is hidden and locked for the next session with an ontology.

        Raises
        ------
        WriteError
            If the folder of the user's state cannot be written.
        """
        kept = {"hidden": sorted(self._hidden), "locked": sorted(self._locked)}
        remember(_KEPT_AS, ontology_id, kept if self._hidden or self._locked else {})

    def _set(self, name: str, value: frozenset[Any]) -> None:
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.changed.emit()
