"""The annotations of a scene: one door for every edit, with undo and redo.

Views, spatial index and label file all live on the changes that ``apply``
makes and emits; nothing else writes to a store.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar

from psygnal import Signal

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change, Edit, TileEdit
from napari_geolabel.annotations.checks import check_annotations, check_by_ontology
from napari_geolabel.annotations.credit import with_credit
from napari_geolabel.annotations.history import History
from napari_geolabel.annotations.index import Bounds, SpatialIndex
from napari_geolabel.annotations.scene_notes import check_scene
from napari_geolabel.errors import (
    ForbiddenKindError,
    GeoLabelError,
    LockedClassError,
    OntologyError,
    UnknownAnnotationError,
    UnknownClassError,
)
from napari_geolabel.ontology.model import Ontology


class AnnotationStore(Mapping[str, Annotation]):
    """Annotation id to annotation, in draw order.

    Draw order is the order of first addition.  An update keeps its place, and
    so does an annotation that is removed and brought back.

    Parameters
    ----------
    ontology
        What the annotations must keep to.
    annotations
        What the store starts with; checked, but no step of undo.
    scene_attributes
        Attribute values of the whole scene to start with.
    history
        What led there and can be undone, oldest first.
    """

    changed: ClassVar[Signal] = Signal(Change, reemission="queued")
    """Emitted once per step with the change that was made, when the store is new already.

    A slot that edits the store is no trouble: every slot hears of every change, in order.
    """

    def __init__(
        self,
        ontology: Ontology,
        annotations: Iterable[Annotation] = (),
        scene_attributes: Mapping[str, Any] = MappingProxyType({}),
        *,
        history: Iterable[Change] = (),
    ) -> None:
        self.refusal: GeoLabelError | None = None
        """Why nothing may be changed at this time, None where it may."""
        self.locked: frozenset[str] = frozenset()
        """Ids of classes whose annotations `apply` neither changes nor removes; undo, redo and `follow` do."""
        self.editor: str | None = None
        """The person at work, whom `apply` credits with what they change of a model (see `credit`); None: nobody."""
        self._ontology = ontology
        self._annotations = {a.id: a for a in self._stored(list(annotations))}
        self._place = {annotation_id: place for place, annotation_id in enumerate(self._annotations)}
        self._sorted = True
        self._scene_attributes = check_scene(ontology.scene_attributes, scene_attributes)
        self._history = History(history)
        self._index = SpatialIndex(self._annotations)
        self._lock = threading.RLock()  # of annotations, places and index: what a view draws is drawn in any thread

    @property
    def ontology(self) -> Ontology:
        """The ontology; may be replaced by one that has the classes of all annotations, undone ones too.

        Raises
        ------
        UnknownClassError
            On setting one that lacks a class which is in use.
        """
        return self._ontology

    @ontology.setter
    def ontology(self, ontology: Ontology) -> None:
        in_use = [*self._annotations.values(), *self._history.annotations()]
        lost = sorted({a.class_id for a in in_use if a.class_id not in ontology})
        if lost:
            there = "in use here or in what can be undone"
            raise UnknownClassError(f"the ontology {ontology.id} lacks {', '.join(lost)}, {there}; archive it instead")
        self._ontology = ontology

    @property
    def scene_attributes(self) -> Mapping[str, Any]:
        """Attribute values of the scene as a whole, with what is noted of it (`scene_notes`); read-only."""
        return MappingProxyType(self._scene_attributes)

    def __getitem__(self, annotation_id: str) -> Annotation:
        try:
            return self._annotations[annotation_id]
        except KeyError:
            message = f"no annotation has the id {annotation_id!r}; it may have been removed"
            raise UnknownAnnotationError(message) from None

    def __contains__(self, annotation_id: object) -> bool:
        return annotation_id in self._annotations

    def __iter__(self) -> Iterator[str]:
        self._sort()
        return iter(self._annotations)

    def __len__(self) -> int:
        return len(self._annotations)

    def apply(self, change: Change) -> Change:
        """Make a change, record it for undo, forget what was undone, and tell the views.

        Parameters
        ----------
        change
            Its ``before`` values must be what the store has.

        Returns
        -------
        Change
            What was made: values in their stored form, without edits that
            change nothing.  Where nothing is left, nothing happens.

        Raises
        ------
        GeoLabelError
            If ``before`` is not what the store has, or the ontology or the
            kind of an annotation does not allow an ``after`` (see
            ``check_annotation``), its class is :attr:`locked`, or :attr:`refusal` stands.  The store is then as
            it was.
        """
        self._require_open()
        self._require_unlocked(change)
        checked = self._checked(change if self.editor is None else with_credit(change, self.editor))
        if checked:
            self._write(checked)
            self._history.record(checked)
            self.changed.emit(checked)
        return checked

    def follow(self, change: Change) -> Change:
        """Make a change that somebody else has made: as `apply`, but it is no step of undo.

        Steps that it has built on cannot be undone any more, since that would
        take back their work too.
        """
        self._require_open()
        checked = self._checked(change)
        if checked:
            self._write(checked)
            self._history.give_way(checked)
            self.changed.emit(checked)
        return checked

    def undo(self) -> Change | None:
        """Take the last change back; return the reversed change as emitted, None where there is none.

        Raises
        ------
        OntologyError
            If the ontology has changed since and does not allow what was before.
        """
        self._require_open()
        self._require_allowed(self._history.done[-1].reversed() if self._history.done else None)
        return self._step(self._history.step_back())

    def redo(self) -> Change | None:
        """Make the change again that was undone last; return it, None where there is none."""
        self._require_open()
        self._require_allowed(self._history.undone[-1] if self._history.undone else None)
        return self._step(self._history.step_forward())

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._history.done)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone change to make again."""
        return bool(self._history.undone)

    @property
    def next_undo(self) -> Change | None:
        """What undo would take back, as it was made; None where there is nothing."""
        return self._history.done[-1] if self._history.done else None

    @property
    def next_redo(self) -> Change | None:
        """What redo would make again; None where there is nothing."""
        return self._history.undone[-1] if self._history.undone else None

    @property
    def tiles_in_history(self) -> Iterator[TileEdit]:
        """The tiles of the mask that undo or redo would bring back."""
        return self._history.tiles()

    @property
    def undo_titles(self) -> list[str]:
        """Titles of what undo would take back, the next one first."""
        return [change.title for change in reversed(self._history.done)]

    @property
    def redo_titles(self) -> list[str]:
        """Titles of what redo would make again, the next one first."""
        return [change.title for change in reversed(self._history.undone)]

    def query(self, bounds: Bounds) -> list[str]:
        """Return the ids of annotations whose bounding box meets a rectangle, in draw order.

        Parameters
        ----------
        bounds
            ``(x0, y0, x1, y1)`` in pixel coordinates; touching counts.
        """
        with self._lock:
            return sorted(self._index.query(bounds), key=self._place.__getitem__)

    def annotations_in(self, bounds: Bounds) -> list[Annotation]:
        """Return the annotations of `query`; this may be asked from any thread while others edit."""
        with self._lock:
            return [self._annotations[found] for found in self.query(bounds)]

    def count_in(self, bounds: Bounds) -> int:
        """Return about how many annotations `query` would find, never too few and much faster; from any thread."""
        with self._lock:
            return self._index.count(bounds)

    def draw_place(self, annotation_id: str) -> int:
        """Return a number by which ids that the store has or had sort into draw order."""
        return self._place[annotation_id]

    def _require_open(self) -> None:
        if self.refusal is not None:
            raise self.refusal

    def _require_unlocked(self, change: Change) -> None:
        """Refuse to change or remove what is of a locked class; new annotations of it are welcome."""
        for edit in change.edits if self.locked else ():
            if edit.before is not None and edit.before.class_id in self.locked:
                name = self._ontology[edit.before.class_id].name
                raise LockedClassError(f"{name} is locked; unlock the class to change what there is of it")

    def _require_allowed(self, change: Change | None) -> None:
        """Refuse a step that brings back what the ontology, changed since, no longer allows."""
        if change is None:
            return
        try:
            for edit in change.edits:
                if edit.after is not None:
                    check_by_ontology(edit.after, self._ontology)
            if change.scene_attributes is not None:
                check_scene(self._ontology.scene_attributes, change.scene_attributes[1])
        except GeoLabelError as error:
            message = f"{change.title} is no longer allowed, since the ontology has changed: {error}"
            raise OntologyError(message) from error

    def _step(self, change: Change | None) -> Change | None:
        """Write and emit a step through the history."""
        if change is not None:
            self._write(change)
            self.changed.emit(change)
        return change

    def _checked(self, change: Change) -> Change:
        """Return a change with its values in stored form and without what changes nothing."""
        stored = self._stored([edit.after for edit in change.edits if edit.after is not None])
        pending: dict[str, Annotation | None] = {}
        edits = []
        for edit in change.edits:
            if edit.before is None and edit.after is None:
                continue
            self._require_current(edit, pending[edit.id] if edit.id in pending else self._annotations.get(edit.id))
            after = None if edit.after is None else next(stored)
            pending[edit.id] = after
            if edit.before != after:
                edits.append(Edit(before=edit.before, after=after))
        tiles = tuple(tile for tile in change.tiles if tile.before != tile.after)
        return replace(change, edits=tuple(edits), tiles=tiles, scene_attributes=self._checked_scene(change))

    def _stored(self, annotations: list[Annotation]) -> Iterator[Annotation]:
        """Return annotations in stored form, in order; raise the first refusal."""
        checked = check_annotations(annotations, self._ontology)
        for result in checked:
            if isinstance(result, GeoLabelError):
                raise result
        return iter(result for result in checked if isinstance(result, Annotation))

    def _require_current(self, edit: Edit, current: Annotation | None) -> None:
        """Refuse an edit of something else than the store has at that moment."""
        before, after = edit.before, edit.after
        if after is not None and (not after.id or (before is not None and before.id != after.id)):
            raise GeoLabelError(f"an edit must keep the annotation's id, and {after.id!r} is another one")
        if before is not current and before != current:
            raise GeoLabelError(_why_stale(edit, current))
        if after is None:
            return
        is_new_in_class = before is None or before.class_id != after.class_id
        if is_new_in_class and self._ontology[after.class_id].archived:
            raise ForbiddenKindError(f"the class {after.class_id} is archived; choose another class")

    def _checked_scene(self, change: Change) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """Return the scene attributes before and after, None where they stay."""
        if change.scene_attributes is None:
            return None
        before, after = change.scene_attributes
        if dict(before) != self._scene_attributes:
            raise GeoLabelError("the scene attributes have changed meanwhile; look at them again and repeat the edit")
        checked = check_scene(self._ontology.scene_attributes, after)
        if checked == self._scene_attributes:
            return None
        return MappingProxyType(self._scene_attributes), MappingProxyType(checked)

    def _write(self, change: Change) -> None:
        """Bring annotations and scene attributes to the state after a checked change."""
        with self._lock:
            for edit in change.edits:
                if edit.after is None:
                    del self._annotations[edit.id]
                else:
                    self._put(edit.after)
            self._index.mark(edit.id for edit in change.edits)
        if change.scene_attributes is not None:
            self._scene_attributes = dict(change.scene_attributes[1])

    def _put(self, annotation: Annotation) -> None:
        """Set an annotation; one that comes back belongs at its old place, to which a later look sorts it."""
        if annotation.id not in self._annotations:
            is_new = annotation.id not in self._place
            self._sorted = self._sorted and is_new
            self._place.setdefault(annotation.id, len(self._place))
        self._annotations[annotation.id] = annotation

    def _sort(self) -> None:
        """Bring the mapping into draw order, in place, since the index holds it too."""
        if not self._sorted:
            with self._lock:
                ordered = sorted(self._annotations.items(), key=lambda item: self._place[item[0]])
                self._annotations.clear()
                self._annotations.update(ordered)
                self._sorted = True


def _why_stale(edit: Edit, current: Annotation | None) -> str:
    """Return why the ``before`` of an edit is not what the store has."""
    if edit.before is None:
        return f"there is an annotation {edit.id} already; update it, or add one with another id"
    if current is None:
        return f"the annotation {edit.id} has been removed meanwhile; undo that, or add it anew"
    return f"the annotation {edit.id} has changed meanwhile; look at it again and repeat the edit"
