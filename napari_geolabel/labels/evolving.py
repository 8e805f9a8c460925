"""Another ontology for labels that there are: what would not fit it, and the step that makes everything fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from psygnal import Signal

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.annotations.checks import check_annotations, check_by_ontology
from napari_geolabel.annotations.scene_notes import check_scene
from napari_geolabel.errors import AttributeValueError, GeoLabelError, LockedClassError, OntologyError
from napari_geolabel.formats.kinds import guess_kind
from napari_geolabel.labels.editing import attributes_kept
from napari_geolabel.labels.painting import Painted, require_same_paint
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.ontology.succession import changes, why_no_successor


@dataclass(frozen=True, kw_only=True)
class Clash:
    """Something that an ontology does not allow and the labels have."""

    annotation_id: str | None
    """The annotation, None for the attributes of the scene."""
    reason: str
    """What is not allowed, as a sentence."""


@dataclass(kw_only=True)
class Evolution:
    """What another ontology means for labels."""

    changes: list[str] = field(default_factory=list)
    """What differs between the ontologies."""
    clashes: list[Clash] = field(default_factory=list)
    """What of the labels it does not allow."""
    moved: int = 0
    """How many annotations have got another class."""
    lost: list[str] = field(default_factory=list)
    """Answers that were left out, one sentence each."""


class Evolving(Painted):
    """The part of `Labels` that holds the ontology."""

    ontology_changed: ClassVar[Signal] = Signal(Ontology)
    """Emitted when there is another one: edited, or with classes that an import has brought along."""

    @property
    def ontology(self) -> Ontology:
        """The ontology that says what can be drawn."""
        return self.store.ontology

    def use_ontology(self, ontology: Ontology) -> None:
        """Go on with another ontology that has all classes in use.

        Raises
        ------
        UnknownClassError
            If it lacks a class that an annotation has.
        MaskValueError
            If its mask values do not fit into the painted mask.
        OntologyError
            If what is painted, or was and can be undone, would mean another class, or if a label file could not be
            opened with it.
        WriteError
            If it could not be written there.
        """
        if ontology is self.ontology:
            return
        self.canvas.require_room(ontology)
        require_same_paint(self.canvas, self.ontology, ontology, self.store.tiles_in_history)
        self._take_ontology(ontology)
        self.canvas.ontology = ontology
        self.ontology_changed.emit(ontology)

    def foresee(self, ontology: Ontology, *, moves: Mapping[str, str] | None = None) -> Evolution:
        """Return what `evolve` would do with an ontology, and change nothing.

        Raises
        ------
        OntologyError
            If it is no successor of the one in use, or something cannot be moved.
        LockedClassError
            If something of a locked class would be moved.
        """
        faults = why_no_successor(self.ontology, ontology)
        if faults:
            raise OntologyError(f"the ontology {ontology.id} {ontology.version} is no successor: {faults[0]}")
        _require_moves(ontology, moves or {})
        move = _move(self, moves or {}, ontology)
        _require_movable(move, self.locked, ontology)
        clashes = list(_clashes(self, ontology))
        return Evolution(changes=changes(self.ontology, ontology), clashes=clashes, moved=len(move.edits))

    def evolve(
        self, ontology: Ontology, *, moves: Mapping[str, str] | None = None, leave_out: bool = False
    ) -> Evolution:
        """Go on with the next version of the ontology: all of it, or nothing.

        The label file keeps it with its version and hash, beside those before.

        Parameters
        ----------
        ontology
            A successor of the one in use (see `napari_geolabel.ontology.succession`).
        moves
            Class to class: annotations of the one become those of the other.
        leave_out
            Leaves out answers that it no longer allows; each is told in `Evolution.lost`.

        Raises
        ------
        OntologyError
            If it is no successor, or does not allow what the labels have and
            that cannot be moved or left out; then nothing has changed.
        LockedClassError
            If something of a locked class would be changed; then nothing has changed either.
        MaskValueError, WriteError
            As `use_ontology`.
        """
        foreseen = self.foresee(ontology, moves=moves)
        if foreseen.clashes and not leave_out:
            raise OntologyError(_refusal(ontology, foreseen.clashes))
        told = Evolution(changes=foreseen.changes)
        trimmed = self.store.apply(_trimmed(self, ontology, told))
        try:
            self.use_ontology(ontology)
        except GeoLabelError:
            if trimmed:
                self.store.undo()
            raise
        told.moved = len(self.store.apply(_move(self, moves or {}, ontology)).edits)
        return told


def _clashes(labels: Evolving, ontology: Ontology) -> Iterator[Clash]:
    """Yield what an ontology does not allow of labels."""
    for annotation in labels.store.values():
        try:
            check_by_ontology(annotation, ontology)
        except GeoLabelError as error:
            yield Clash(annotation_id=annotation.id, reason=str(error))
    try:
        check_scene(ontology.scene_attributes, labels.store.scene_attributes)
    except AttributeValueError as error:
        yield Clash(annotation_id=None, reason=f"the scene: {error}")


def _refusal(ontology: Ontology, clashes: Sequence[Clash]) -> str:
    first = clashes[0]
    where = "the scene" if first.annotation_id is None else f"the annotation {first.annotation_id}"
    return (
        f"the ontology {ontology.id} {ontology.version} does not allow {len(clashes)} of what there is, first {where} "
        f"({first.reason}); correct them, or leave such answers out"
    )


def _trimmed(labels: Evolving, ontology: Ontology, told: Evolution) -> Change:
    """Return the change that leaves out answers which an ontology does not allow; both allow what is left."""
    edits = []
    for clash in _clashes(labels, ontology):
        if clash.annotation_id is None:
            continue
        old = labels.store[clash.annotation_id]
        new = old.edited(attributes=attributes_kept(old, ontology[old.class_id]))
        try:
            check_by_ontology(new, ontology)
        except GeoLabelError as error:  # its kind, which no answer can mend
            raise OntologyError(_refusal(ontology, [Clash(annotation_id=old.id, reason=str(error))])) from error
        told.lost += [f"{old.class_id} {old.id}: {name} {old.attributes[name]!r}" for name in _gone(old, new)]
        edits.append(Edit(before=old, after=new))
    before = dict(labels.store.scene_attributes)
    after = _allowed(before, ontology)
    told.lost += [f"the scene: {name} {before[name]!r}" for name in before if name not in after]
    title = f"leave out what {ontology.id} {ontology.version} does not allow"
    return Change(title=title, edits=tuple(edits), scene_attributes=None if before == after else (before, after))


def _gone(old: Annotation, new: Annotation) -> list[str]:
    return [name for name in old.attributes if name not in new.attributes]


def _allowed(values: Mapping[str, Any], ontology: Ontology) -> dict[str, Any]:
    """Return the attributes of the scene that an ontology allows."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        try:
            kept = check_scene(ontology.scene_attributes, kept | {name: value})
        except AttributeValueError:
            continue
    return kept


def _require_moves(ontology: Ontology, moves: Mapping[str, str]) -> None:
    for old, new in moves.items():
        target = ontology[new]
        if ontology[old].id == new or target.archived or not target.kinds:
            raise OntologyError(f"{new} takes no annotations of {old}: it is the same, archived or a heading")


def _require_movable(move: Change, locked: frozenset[str], ontology: Ontology) -> None:
    """Refuse a move that the store would refuse, before anything is changed for it."""
    for edit in move.edits:
        if edit.before is not None and edit.before.class_id in locked:
            name = ontology[edit.before.class_id].name
            raise LockedClassError(f"{name} is locked; unlock the class to move what there is of it")
    moved = [edit.after for edit in move.edits if edit.after is not None]
    for new, checked in zip(moved, check_annotations(moved, ontology), strict=True):
        if isinstance(checked, GeoLabelError):
            raise OntologyError(f"the annotation {new.id} cannot be moved to {new.class_id}: {checked}") from checked


def _move(labels: Evolving, moves: Mapping[str, str], ontology: Ontology) -> Change:
    """Return the change that gives annotations of some classes another one, with the answers that it knows too."""
    edits = []
    for old in labels.store.values():
        if old.class_id not in moves:
            continue
        target = ontology[moves[old.class_id]]
        allowed = old.kind in target.kinds
        kind = old.kind if allowed else guess_kind(old.geometry, target, labels.scene.grid)
        new = old.edited(class_id=target.id, kind=kind, attributes=attributes_kept(old, target))
        edits.append(Edit(before=old, after=new))
    return Change(title=f"move {len(edits)} to other classes", edits=tuple(edits))
