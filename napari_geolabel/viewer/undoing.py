"""Undo and redo by hand: what they would do in words, from whatever layer is active, told in the status bar."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from napari_geolabel.annotations.change import Change
from napari_geolabel.annotations.store import AnnotationStore
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.notices import plain_text

if TYPE_CHECKING:
    from napari.components import ViewerModel

_KEYS = {"Control-Z": "undo", "Control-Shift-Z": "redo"}


class Undoing:
    """Takes changes of a session's labels back and makes them again: ``session.undoing``.

    Its keys also work while no layer is active, several are, or one that is
    none of the session's; layers that have an undo of their own keep it.

    Parameters
    ----------
    viewer
        The viewer, whose status bar tells what was done.
    labels
        Whose changes are undone.
    notify
        Shows the user one sentence.
    """

    def __init__(self, viewer: ViewerModel, labels: Labels, *, notify: Callable[[str], None]) -> None:
        self._viewer, self._labels, self._notify = viewer, labels, notify
        for key, name in _KEYS.items():
            viewer.bind_key(key, _handler(self, name), overwrite=True)

    @property
    def undo_title(self) -> str:
        """What `undo` would take back, as people say it: ``move Ship 12``; empty where there is nothing."""
        change = self._labels.store.next_undo
        return "" if change is None else spoken(change, self._labels.store)

    @property
    def redo_title(self) -> str:
        """What `redo` would make again; empty where there is nothing."""
        change = self._labels.store.next_redo
        return "" if change is None else spoken(change, self._labels.store)

    def undo(self) -> None:
        """Take the last change back."""
        self._do(self.undo_title, self._labels.undo, "undone")

    def redo(self) -> None:
        """Make the last undone change again."""
        self._do(self.redo_title, self._labels.redo, "made again")

    def close(self) -> None:
        """Give the viewer's keys back."""
        for key in _KEYS:
            self._viewer.bind_key(key, None, overwrite=True)

    def _do(self, title: str, step: Callable[[], Change | None], how: str) -> None:
        try:
            done = step()
        except GeoLabelError as error:
            self._notify(str(error))
            return
        nothing = "nothing to undo" if how == "undone" else "nothing to redo"
        self._viewer.status = plain_text(f"{how}: {title}" if done is not None else nothing)


def spoken(change: Change, store: AnnotationStore) -> str:
    """Return the title of a change; of one annotation with the name of its class and its number in draw order."""
    found = {edit.id: edit.after or edit.before for edit in change.edits}
    if len(found) != 1:
        return change.title
    ((annotation_id, annotation),) = found.items()
    if annotation is None or annotation.class_id not in store.ontology:
        return change.title
    classes = {a.class_id for edit in change.edits for a in (edit.before, edit.after) if a is not None}
    words = "|".join(map(re.escape, sorted(classes, key=len, reverse=True)))
    name = store.ontology[annotation.class_id].name
    with suppress(KeyError):  # of one that was removed in an earlier session nobody knows the place any more
        name = f"{name} {store.draw_place(annotation_id) + 1}"
    return re.sub(rf"(?<!\w)(?:{words})(?!\w)", lambda _: name, change.title, count=1)


def _handler(undoing: Undoing, name: str) -> Callable[[Any], None]:
    """Return what napari calls for a key; napari asks for the name of what is bound, so it is no partial."""
    return lambda _viewer: getattr(undoing, name)()
