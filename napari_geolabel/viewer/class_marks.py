"""Which classes are hidden and which are locked on a person's bench: not part of the labels, kept for the next time.

What is hidden is neither seen nor picked.  What is locked is seen, and can be
neither picked nor changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from psygnal import Signal

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.errors import WriteError
from napari_geolabel.files import atomic_write

_REMEMBERED_ONTOLOGIES = 100


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
        kept = _load().get(ontology_id, {})
        self.hidden, self.locked = _texts(kept.get("hidden")), _texts(kept.get("locked"))

    def save(self, ontology_id: str) -> None:
        """Keep what is hidden and locked for the next session with an ontology; of old ontologies the oldest go.

        Raises
        ------
        WriteError
            If the folder of the user's state cannot be written.
        """
        kept = _load()
        kept.pop(ontology_id, None)
        if self._hidden or self._locked:
            kept[ontology_id] = {"hidden": sorted(self._hidden), "locked": sorted(self._locked)}
        path = marks_path()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WriteError(f"{path.parent} cannot be made ({error.strerror}); what is hidden is forgotten") from error
        with atomic_write(path) as temporary:
            temporary.write_text(json.dumps(dict(list(kept.items())[-_REMEMBERED_ONTOLOGIES:])), "utf-8")

    def _set(self, name: str, value: frozenset[Any]) -> None:
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.changed.emit()


def marks_path() -> Path:
    """Return the file that keeps what is hidden and locked, by ontology; there may be none yet."""
    from platformdirs import user_state_path

    return user_state_path("napari-geolabel", appauthor=False) / "classes.json"


def _load() -> dict[str, dict[str, Any]]:
    """Return what is kept, by ontology; nothing where the file is damaged."""
    try:
        kept = json.loads(marks_path().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in kept.items() if isinstance(v, dict)} if isinstance(kept, dict) else {}


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
