"""How labels are kept: in memory until they are exported, or in a label file as soon as they are made."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from psygnal import Signal

from napari_geolabel.annotations.change import Change, TileEdit
from napari_geolabel.annotations.checks import check_annotations
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.errors import GeoLabelError, OntologyError, WriteError
from napari_geolabel.labelfile.drafts import Draft
from napari_geolabel.labelfile.load import Contents
from napari_geolabel.labelfile.status import Saved, Status
from napari_geolabel.labels.overwriting import Overwrite, make_way_for_label_file
from napari_geolabel.masks import MaskCanvas
from napari_geolabel.ontology.model import Ontology

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.labelfile.label_file import LabelFile

_logger = logging.getLogger(__name__)


class Durable:
    """The half of `Labels` that holds annotations and painted mask, and keeps both.

    Parameters
    ----------
    scene
        The scene that is labelled.
    ontology
        What can be drawn.
    file
        The label file that holds what there is and takes every change; None keeps labels in memory.
    """

    changed: ClassVar[Signal] = Signal(Change, reemission="queued")
    """Emitted once for each change, undo and redo, when store and mask are already new."""

    status_changed: ClassVar[Signal] = Signal()
    """Emitted when `status` or `unsaved` may be another, **on any thread**: a GUI must hand it over to its own."""

    arrived: ClassVar[Signal] = Signal()
    """Emitted **on any thread** when others changed the label file, for `pull` to take over."""

    def __init__(self, scene: Scene, ontology: Ontology, file: LabelFile | None = None) -> None:
        held = Contents(annotations=[]) if file is None else file.load()
        self.scene = scene
        self.store = AnnotationStore(
            ontology, held.annotations, held.scene_attributes, history=_undoable(held.history, ontology)
        )
        self.canvas = canvas_of(scene.grid.shape, ontology, held)
        self._unsaved: set[Literal["annotations", "mask"]] = set()
        self._file = file
        self._draft = held.draft
        self._own_notes: list[str] = []
        self.store.changed.connect(self._on_change)
        if file is not None:
            self._keep_in(file)

    @property
    def path(self) -> Path | None:
        """Where the label file lies, which is not always where it was asked for (see `notes`); None in memory."""
        return None if self._file is None else self._file.path

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the user: what was recovered, found again, taken over from others or could not be."""
        return tuple(self._own_notes) if self._file is None else (*self._file.notes, *self._own_notes)

    def note(self, sentence: str) -> None:
        """Add a sentence to `notes`."""
        self._own_notes.append(sentence)

    @property
    def status(self) -> Status | None:
        """How safe the work in the label file is: ``Saved``, ``Pending`` or ``Failed``; None in memory."""
        return None if self._file is None else self._file.status

    @property
    def unsaved(self) -> bool:
        """Whether something is not on disk.

        With a label file: whether a change is not durable yet.  In memory:
        whether annotations or the painted mask changed since each was last
        exported whole.
        """
        return bool(self._unsaved) if self._file is None else not isinstance(self._file.status, Saved)

    def count_as_saved(self, parts: Iterable[Literal["annotations", "mask"]] = ("annotations", "mask")) -> None:
        """Take what is here as saved, since it has just come from a file whole or gone into one."""
        self._unsaved.difference_update(parts)
        self.status_changed.emit()

    @property
    def draft(self) -> Draft | None:
        """What is being drawn, or was when the last session crashed; no label, and no step of undo."""
        return self._draft

    def keep_draft(self, draft: Draft | None) -> None:
        """Keep what is being drawn, None when it is finished or given up; a label file has it at once.

        Labels that were opened for reading, or whose label file is closed, only remember it.
        """
        self._draft = draft
        if self._file is not None and self.store.refusal is None:
            self._file.keep_draft(draft)

    def flush(self) -> None:
        """Return when everything is durable; labels in memory have nothing to wait for.

        Raises
        ------
        WriteError
            If writing fails; everything is still in memory.
        """
        if self._file is not None:
            self._file.flush()

    def retry(self) -> None:
        """Try at once to write again what failed; the label file also does so by itself every two seconds."""
        if self._file is not None:
            self._file.retry()

    def save_as(self, path: str | Path, *, overwrite: Overwrite = "never") -> None:
        """Go on in another label file, with all that there is.

        Parameters
        ----------
        path
            The other file.
        overwrite
            What to do with a label file that stands there; see `Labels.export`.

        Raises
        ------
        FewerLabelsError
            If the other file would lose far more labels than an edit does.
        WriteError
            If the file is not to be replaced, is in use or cannot be written, or the labels are kept in memory.
        """
        if self._file is None:
            raise WriteError("these labels are kept in memory; export them, or open them with a label file")
        make_way_for_label_file(Path(path), len(self.store), overwrite)
        self._file.save_as(path, overwrite="never" if overwrite == "never" else "always")
        self.status_changed.emit()

    def pull(self) -> Change | None:
        """Take over what other sessions and programs did to the label file; return it, None if there is nothing.

        It is no step of undo: what others did is not ours to take back.

        Raises
        ------
        OntologyError
            If it needs a newer ontology, which another session gave the label file; it waits there.
        """
        if self._file is None:
            return None
        theirs = self._theirs(self._file)
        if not theirs:
            return None
        try:
            change = self.store.follow(theirs)
        except GeoLabelError:  # mine is still on its way to the file, where the two are brought together
            self._file.inbox.give_back(theirs)
            self._file.flush()
            change = self._follow(self._file)
        return change or None

    def close(self) -> None:
        """Make everything durable and let go of the label file; the scene stays open for whoever opened it.

        Labels of a label file cannot be changed afterwards.

        Raises
        ------
        WriteError
            If not everything can be written; the labels stay open then, for `save_as`.
        """
        if self._file is not None:
            self._file.close()
            atexit.unregister(self._end)
            name = self.scene.name
            self.store.refusal = WriteError(f"the labels of {name} are closed; open them again to change them")
        self.store.changed.disconnect(self._on_change, missing_ok=True)

    def _keep_in(self, file: LabelFile) -> None:
        """Follow a label file, and have it closed when Python ends."""
        file.status_changed.connect(self._tell_status)
        file.arrived.connect(self._tell_arrived)
        atexit.register(self._end)

    def _take_ontology(self, ontology: Ontology) -> None:
        """Let store and label file have another ontology, or neither.

        Raises
        ------
        OntologyError
            If it refuses an annotation, which the label file could then not be opened with.
        """
        before = self.store.ontology
        if self._file is None:
            self.store.ontology = ontology
            return
        refused = [r for r in check_annotations(list(self.store.values()), ontology) if isinstance(r, GeoLabelError)]
        if refused and all(a.class_id in ontology for a in self.store.values()):
            raise OntologyError(f"the ontology {ontology.id} refuses {len(refused)} annotations: {refused[0]}")
        self.store.ontology = ontology
        try:
            self._file.use_ontology(ontology)
        except WriteError:
            self.store.ontology = before
            raise

    def _on_change(self, change: Change) -> None:
        """Bring the mask up to date, have the change written, then tell everybody."""
        if change.tiles:
            self.canvas.apply(change.tiles)
            self._unsaved.add("mask")
        if change.edits or change.scene_attributes:
            self._unsaved.add("annotations")
        if self._file is not None:
            self._file.record(change)
        self.changed.emit(change)
        self.status_changed.emit()

    def _theirs(self, file: LabelFile) -> Change:
        return file.pull(
            self.store,
            scene_attributes=self.store.scene_attributes,
            tile=lambda row, col: self.canvas.tile((row, col)).tobytes(),
        )

    def _follow(self, file: LabelFile) -> Change:
        """Take over what others did, or leave it where it was."""
        from napari_geolabel.labels.label_files import ontology_of

        theirs = self._theirs(file)
        try:
            return self.store.follow(theirs)
        except GeoLabelError as error:
            file.inbox.give_back(theirs)
            if ontology_of(file.path).sha256 == self.store.ontology.sha256:
                raise
            raise OntologyError(
                f"another session gave {file.path.name} another ontology, which its labels need ({error}); "
                "close the labels here and open them again to go on with it"
            ) from error

    def _tell_status(self, _status: Status) -> None:
        self.status_changed.emit()

    def _tell_arrived(self) -> None:
        self.arrived.emit()

    def _end(self) -> None:
        """Close the file when Python ends; what cannot be written is told, for nobody can save it elsewhere then."""
        try:
            self.close()
        except WriteError as error:
            _logger.error(  # noqa: TRY400  (where it failed says nothing to a user)
                "edits of %s are lost: %s", self.scene.name, error
            )


def canvas_of(shape: tuple[int, int], ontology: Ontology, held: Contents) -> MaskCanvas:
    """Return the painted mask that a label file holds, in the data type that its tiles have."""
    canvas = MaskCanvas(shape, ontology)
    for key, pixels in held.tiles.items():
        canvas.array = canvas.array.astype(f"u{max(1, len(pixels) // canvas.tile(key).size)}", copy=False)
        break
    canvas.apply(TileEdit(row=row, col=col, before=b"", after=pixels) for (row, col), pixels in held.tiles.items())
    return canvas


def _undoable(history: Sequence[Change], ontology: Ontology) -> Iterable[Change]:
    """Return the newest changes, oldest first, whose classes the ontology still has."""

    def is_known(change: Change) -> bool:
        sides = (side for edit in change.edits for side in (edit.before, edit.after))
        return all(side is None or side.class_id in ontology for side in sides)

    return reversed(list(takewhile(is_known, reversed(history))))
