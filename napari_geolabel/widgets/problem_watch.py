"""What should be mended in a session's labels, found again after each pause in the work, off Qt's thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from psygnal import Signal
from qtpy.QtCore import QObject, QTimer

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change
from napari_geolabel.annotations.problems import Problem, find_problems
from napari_geolabel.annotations.rechecking import neighbourhood
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.background import Background

PAUSE_MS = 600
"""How long the labels must rest before they are checked again."""
MOST_EDITS = 500
"""After more edits than this all labels are checked."""


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
    """The problems of a session's labels, kept up to date while somebody looks (`start`).

    The first look takes all labels, later ones only what was edited and what
    meets it.
    """

    changed = Signal()
    """Emitted when they have been looked for again."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._watchers: set[object] = set()
        self._background = Background()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self.check)
        self._is_checking = self._is_stale = self._is_known = False
        self._changes: list[Change] = []  # since the last look
        self.problems: list[Problem] = []
        """Those of the scene first, then in draw order."""
        self.by_annotation: Mapping[str, list[Problem]] = MappingProxyType({})
        """The problems of each annotation that has any."""
        session.labels.changed.connect(self._on_change)
        session.labels.ontology_changed.connect(self._on_ontology)
        session.closed.connect(self._retire)

    @property
    def is_wanted(self) -> bool:
        """Whether problems are looked for."""
        return bool(self._watchers)

    def start(self, watcher: object) -> None:
        """Look for problems from now on, for as long as this one or another wants them."""
        if not self._watchers:
            self._timer.start(0)
        self._watchers.add(watcher)

    def stop(self, watcher: object) -> None:
        """Look no more for this one."""
        self._watchers.discard(watcher)

    def check(self) -> None:
        """Look for problems now, or again as soon as the look that is under way has ended."""
        if self._is_checking:
            self._is_stale = True
            return
        self._is_checking, self._is_stale = True, False
        labels, before = self._session.labels, self.problems
        changes, self._changes = self._changes, []
        grid, nodata = labels.scene.grid, labels.nodata
        few = self._is_known and sum(len(change.edits) for change in changes) <= MOST_EDITS
        part = neighbourhood(labels.store, changes) if few else None
        store = labels.store
        seen = part or Snapshot(dict(store), store.ontology, dict(store.scene_attributes))

        def find() -> list[Problem]:
            try:
                found = find_problems(seen, grid, nodata)
                return found if part is None else part.merged(before, found)
            finally:
                self._is_checking = False  # also where a fault is raised, which `_take` never hears of

        self._is_known = True
        self._background.ask(find, self._take)

    def _take(self, problems: list[Problem]) -> None:
        store = self._session.labels.store
        there = [p for p in problems if p.annotation_id is None or p.annotation_id in store]
        there.sort(key=lambda p: -1 if p.annotation_id is None else store.draw_place(p.annotation_id))
        found: dict[str, list[Problem]] = {}
        for problem in there:
            if problem.annotation_id is not None:
                found.setdefault(problem.annotation_id, []).append(problem)
        self.problems, self.by_annotation = there, MappingProxyType(found)
        self.changed.emit()
        if self._is_stale:
            self.check()

    def _on_change(self, change: Change) -> None:
        if change.scene_attributes is not None:
            self._is_known = False  # what may stay is noted there
        if self._is_known:
            self._changes.append(change)
        if self.is_wanted:
            self._timer.start(PAUSE_MS)

    def _on_ontology(self, _ontology: object) -> None:
        self._is_known = False
        if self.is_wanted:
            self._timer.start(PAUSE_MS)

    def _retire(self) -> None:
        self._timer.stop()
        self._background.close()
        self._session.labels.changed.disconnect(self._on_change, missing_ok=True)
        self._session.labels.ontology_changed.disconnect(self._on_ontology, missing_ok=True)
