"""What should be mended in a session's labels, found again after each pause in the work, off Qt's thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from psygnal import Signal
from qtpy.QtCore import QObject, QTimer

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.problems import Problem, find_problems
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.background import Background

PAUSE_MS = 600
"""How long the labels must rest before they are checked again."""


@dataclass(frozen=True)
class Snapshot(Mapping[str, Annotation]):
    """The labels as they were at one moment, for a thread that must not look at the store."""

    annotations: Mapping[str, Annotation]
    ontology: Ontology
    scene_attributes: Mapping[str, Any]

    def __getitem__(self, annotation_id: str) -> Annotation:
        return self.annotations[annotation_id]

    def __iter__(self) -> Any:  # noqa: ANN401
        return iter(self.annotations)

    def __len__(self) -> int:
        return len(self.annotations)


class ProblemWatch(QObject):  # type: ignore[misc]  # qtpy has no types
    """The problems of a session's labels, kept up to date while somebody looks: set `is_wanted`."""

    changed = Signal()
    """Emitted when they have been looked for again."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._is_wanted = session, False
        self._background = Background()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self.check)
        self._is_checking = self._is_stale = False
        self.problems: list[Problem] = []
        """Those of the scene first, then in draw order."""
        self.by_annotation: Mapping[str, list[Problem]] = MappingProxyType({})
        """The problems of each annotation that has any."""
        session.labels.changed.connect(self._on_change)
        session.labels.ontology_changed.connect(self._on_change)
        session.closed.connect(self._retire)

    @property
    def is_wanted(self) -> bool:
        """Whether problems are looked for."""
        return self._is_wanted

    @is_wanted.setter
    def is_wanted(self, is_wanted: bool) -> None:
        if is_wanted and not self._is_wanted:
            self._timer.start(0)
        self._is_wanted = is_wanted

    def check(self) -> None:
        """Look for problems now, or again as soon as the look that is under way has ended."""
        if self._is_checking:
            self._is_stale = True
            return
        self._is_checking, self._is_stale = True, False
        labels = self._session.labels
        store, grid = labels.store, labels.scene.grid
        seen = Snapshot(dict(store), store.ontology, dict(store.scene_attributes))

        def find() -> list[Problem]:
            try:
                return find_problems(seen, grid)
            finally:
                self._is_checking = False  # also where a fault is raised, which `_take` never hears of

        self._background.ask(find, self._take)

    def _take(self, problems: list[Problem]) -> None:
        found: dict[str, list[Problem]] = {}
        for problem in problems:
            if problem.annotation_id is not None:
                found.setdefault(problem.annotation_id, []).append(problem)
        self.problems, self.by_annotation = problems, MappingProxyType(found)
        self.changed.emit()
        if self._is_stale:
            self.check()

    def _on_change(self, _change: object) -> None:
        if self._is_wanted:
            self._timer.start(PAUSE_MS)

    def _retire(self) -> None:
        self._timer.stop()
        self._background.close()
        self._session.labels.changed.disconnect(self._on_change, missing_ok=True)
        self._session.labels.ontology_changed.disconnect(self._on_change, missing_ok=True)
