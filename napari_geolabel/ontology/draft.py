"""An ontology that is being edited: the one it began with, every step since, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from psygnal import Signal

from napari_geolabel.ontology.editing import as_next_version, without_new_archived
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.ontology.succession import changes


class OntologyDraft:
    """What an editor edits; nothing else has it until `finished` is taken.

    Parameters
    ----------
    base
        The ontology in use.
    """

    changed: ClassVar[Signal] = Signal()
    """Emitted when `current` or `base` is another one."""

    def __init__(self, base: Ontology) -> None:
        self.base = base
        self._done: list[Ontology] = [base]
        self._undone: list[Ontology] = []

    @property
    def current(self) -> Ontology:
        """The ontology as it is edited so far."""
        return self._done[-1]

    @property
    def finished(self) -> Ontology:
        """The ontology to go on with: `current`, of the next version where something differs."""
        return as_next_version(self.base, self.current)

    @property
    def changes(self) -> list[str]:
        """What differs from the ontology in use, one sentence each."""
        return changes(self.base, self.current)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return len(self._done) > 1

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to make again."""
        return bool(self._undone)

    def do(self, edit: Callable[..., Ontology], *arguments: Any, **fields: Any) -> None:  # noqa: ANN401  (those of the function)
        """Make a step: a function of ``editing.py`` with its arguments after the ontology.

        What was added since the draft began, and is archived, is gone.

        Raises
        ------
        GeoLabelError
            If it refuses; then the draft is as it was.
        """
        after = without_new_archived(self.base, edit(self.current, *arguments, **fields))
        if after != self.current:
            self._done.append(after)
            self._undone.clear()
            self.changed.emit()

    def undo(self) -> None:
        """Take the last step back."""
        if self.can_undo:
            self._undone.append(self._done.pop())
            self.changed.emit()

    def redo(self) -> None:
        """Make the step again that was taken back last."""
        if self._undone:
            self._done.append(self._undone.pop())
            self.changed.emit()

    def begin_with(self, base: Ontology) -> None:
        """Begin anew with another ontology, which is in use now."""
        self.base, self._done, self._undone = base, [base], []
        self.changed.emit()
