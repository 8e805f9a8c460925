"""The classes of a session: which is in hand, which are seen, which may be touched, and what tells of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.errors import GeoLabelError, WriteError
from napari_geolabel.labels.labels import Labels
from napari_geolabel.ontology.model import LabelClass, Ontology
from napari_geolabel.viewer.authoring import words
from napari_geolabel.viewer.class_marks import ClassMarks
from napari_geolabel.viewer.selection import Selection

if TYPE_CHECKING:
    from napari_geolabel.viewer.hand import Hand


class Classes:
    """What a session does with the classes of its ontology: ``session.classes``.

    Iterating gives the ids of the classes that are in use, in the order of the ontology.

    Parameters
    ----------
    labels
        Their ontology has the classes.
    hand
        Holds the class that new annotations get, and the tool.
    selection
        What is selected on screen.
    marks
        Which classes are hidden and locked.
    notify
        Shows the user one sentence.
    """

    changed = Signal()
    """Emitted when a class is shown, hidden, locked or unlocked."""

    def __init__(
        self, labels: Labels, hand: Hand, selection: Selection, marks: ClassMarks, *, notify: Callable[[str], None]
    ) -> None:
        self._labels, self._hand, self._selection, self._notify = labels, hand, selection, notify
        self._marks = marks
        self._drawn: tuple[str, str | None] | None = None
        self.folder: Path | None = None
        """Where the example pictures lie: the folder of the ontology's file; None where it has none."""
        marks.changed.connect(self._on_marks)
        labels.locks_changed.connect(self._on_locks)
        held = labels.locked  # by a script, before this session; what is loaded is put in its place
        marks.load(self._ontology.id)
        marks.locked = marks.locked | held

    def __iter__(self) -> Iterator[str]:
        return (c.id for c in self._ontology.classes if not c.archived)

    def __getitem__(self, class_id: str) -> LabelClass:
        """Return a class by its id."""
        return self._ontology[class_id]

    @property
    def current(self) -> str:
        """Id of the class that new annotations get."""
        return self._hand.class_id

    @current.setter
    def current(self, class_id: str) -> None:
        self._hand.class_id = class_id

    @property
    def hidden(self) -> frozenset[str]:
        """Ids of the classes that are not seen."""
        return self._marks.hidden

    @property
    def locked(self) -> frozenset[str]:
        """Ids of the classes that can be neither picked nor changed nor painted over."""
        return self._marks.locked

    def hide(self, *class_ids: str) -> None:
        """Hide classes, all without an id."""
        self._marks.hidden = self.hidden | self._known(class_ids)

    def show(self, *class_ids: str) -> None:
        """Show classes that are hidden, all without an id."""
        self._marks.hidden = self.hidden - self._known(class_ids)

    def show_only(self, *class_ids: str) -> None:
        """Show these classes and hide all others."""
        self._marks.hidden = self._known(()) - self._known(class_ids)

    def lock(self, *class_ids: str) -> None:
        """Protect what there is of classes, of all without an id; new annotations of them can still be drawn."""
        self._marks.locked = self.locked | self._known(class_ids)

    def unlock(self, *class_ids: str) -> None:
        """Let classes be picked and changed again, all without an id."""
        self._marks.locked = self.locked - self._known(class_ids)

    def choose(self, class_id: str) -> None:
        """Do what a click on a class does: it becomes current, and in select mode the selection's class too."""
        self.current = class_id
        if self._hand.is_selecting:
            self._try(lambda: self.give(class_id))

    def give(self, class_id: str, ids: Iterable[str] | None = None) -> None:
        """Give annotations another class as one change; None takes those that are selected.

        Raises
        ------
        GeoLabelError
            If one of them cannot be of that class, or its class is locked.
        """
        chosen = self._selection.ids if ids is None else list(ids)
        if chosen:
            self._labels.update_many(chosen, class_id=class_id)

    def press(self, hotkey: str) -> None:
        """Choose the class of a hotkey; a key that no class has is told."""
        label_class = self._ontology.by_hotkey.get(hotkey)
        if label_class is None:
            self._notify(f"no class of the ontology {self._ontology.name} has the key {hotkey}")
        else:
            self.choose(label_class.id)

    def drew(self, class_id: str) -> None:
        """Note that something of a class is being drawn: `repeat` comes back to it, and it is not hidden any more."""
        self._drawn = class_id, self._hand.tool
        self.show(class_id)

    def repeat(self) -> None:
        """Take class and tool of what was drawn last in hand again; with nothing drawn that is told."""
        if self._drawn is None:
            self._notify("nothing has been drawn yet; choose a class and a tool")
            return
        class_id, tool = self._drawn
        self._try(lambda: setattr(self, "current", class_id))
        self._try(lambda: setattr(self._hand, "tool", tool))

    def find(self, text: str) -> list[LabelClass]:
        """Return the classes in use whose name, id or guideline holds a text, those whose name begins so first."""
        wanted = text.casefold().strip()
        found = [c for c in map(self.__getitem__, self) if wanted in f"{c.name}\n{c.id}\n{c.description}".casefold()]
        return sorted(found, key=lambda c: (not c.name.casefold().startswith(wanted), wanted not in c.name.casefold()))

    def ways(self, class_id: str) -> str:
        """Return how a class may be drawn, as people say it: ``rotated box, polygon``."""
        return ", ".join(words(kind) for kind in self[class_id].kinds) or "a heading: choose one of its classes"

    def examples(self, class_id: str) -> list[Path]:
        """Return where the example pictures of a class should lie; a file may be missing."""
        return [] if self.folder is None else [self.folder / name for name in self[class_id].examples]

    def may_touch(self, annotation: Annotation) -> bool:
        """Return whether an annotation is seen and not locked."""
        return self._marks.may_touch(annotation)

    def close(self) -> None:
        """Let the labels go, whose locks end with the session."""
        self._marks.changed.disconnect(self._on_marks, missing_ok=True)
        self._labels.locks_changed.disconnect(self._on_locks, missing_ok=True)
        self._labels.locked = ()

    @property
    def _ontology(self) -> Ontology:
        return self._labels.ontology

    def _known(self, class_ids: Iterable[str]) -> frozenset[str]:
        """Return ids that the ontology knows, all of them for none; raise `UnknownClassError` for another."""
        return frozenset(self[class_id].id for class_id in class_ids or [c.id for c in self._ontology.classes])

    def _on_locks(self) -> None:
        """Follow what a script locks in the labels."""
        self._marks.locked = self._labels.locked

    def _on_marks(self) -> None:
        """Lock the labels, and keep what is hidden and locked for the next session."""
        self._labels.locked = (class_id for class_id in self.locked if class_id in self._ontology)
        try:
            self._marks.save(self._ontology.id)
        except WriteError as error:
            self._notify(str(error))
        self.changed.emit()

    def _try(self, action: Callable[[], object]) -> None:
        try:
            action()
        except GeoLabelError as error:
            self._notify(str(error))
