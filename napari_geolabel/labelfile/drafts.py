"""The drawing that is not finished yet, kept in the label file so that a crash does not take it.

A draft is no label: it is no change, cannot be undone, and no GIS sees it.
Each session has at most one.  After a crash the same annotator's next session
takes it over; those of sessions that still run, or of others, are left alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely

from napari_geolabel.annotations import Annotation
from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.rows import from_json, to_json
from napari_geolabel.labelfile.transaction import Author, transaction
from napari_geolabel.ontology import Kind

_KEY = "draft:"


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A drawing that is not finished."""

    kind: Kind
    """What it was to become."""
    class_id: str
    """The class that it was to get."""
    points: tuple[tuple[float, float], ...]
    """The points that were set, in pixel coordinates ``(x, y)``."""

    def __str__(self) -> str:
        """Return what it is, as a phrase: ``polygon of 5 points (ship)``."""
        count = "1 point" if len(self.points) == 1 else f"{len(self.points)} points"
        return f"{self.kind.replace('_', ' ')} of {count} ({self.class_id})"


def put_draft(db: sqlite3.Connection, session: str, draft: Draft | None) -> None:
    """Let a session have a draft, or none; in a transaction of its own."""
    with transaction(db):
        _put(db, session, draft)


def read_drafts(db: sqlite3.Connection) -> list[tuple[str, Draft]]:
    """Return the drafts of all sessions with the ids of these, oldest first; what cannot be read is left out."""
    found = []
    for key, text in db.execute(sql.DRAFTS).fetchall():
        draft = _from_text(text)
        if draft is not None:
            found.append((str(key).removeprefix(_KEY), draft))
    return found


def adopt_draft(db: sqlite3.Connection, author: Author, annotations: Iterable[Annotation]) -> Draft | None:
    """Return the newest draft that the same annotator has left behind, and make it the session's own.

    One that was finished in the moment of the crash, so that its annotation
    is there, is forgotten.
    """
    for session, draft in reversed(read_drafts(db)):
        row = db.execute(sql.SESSION, (session,)).fetchone()
        if row is None or row[1] is None or row[0] != author.annotator:
            continue
        is_finished = _is_finished(draft, annotations)
        with transaction(db):
            _put(db, session, None)
            if not is_finished:
                _put(db, author.session, draft)
        if not is_finished:
            return draft
    return None


def move_draft(db: sqlite3.Connection, old: str, new: str) -> None:
    """Give the draft of a session, if it has one, to another session."""
    for session, draft in read_drafts(db):
        if session == old:
            with transaction(db):
                _put(db, old, None)
                _put(db, new, draft)


def _put(db: sqlite3.Connection, session: str, draft: Draft | None) -> None:
    if draft is None:
        db.execute(sql.FORGET_SETTING, (_KEY + session,))
    else:
        content = {"kind": str(draft.kind), "class_id": draft.class_id, "points": [list(p) for p in draft.points]}
        db.execute(sql.PUT_SETTING, (_KEY + session, to_json(content)))


def _from_text(text: str) -> Draft | None:
    try:
        content = from_json(text)
        points = tuple((float(x), float(y)) for x, y in content["points"])
        return Draft(kind=Kind(content["kind"]), class_id=str(content["class_id"]), points=points)
    except (ValueError, TypeError, KeyError):
        return None


def _is_finished(draft: Draft, annotations: Iterable[Annotation]) -> bool:
    """Return whether an annotation has just the points of a draft."""
    points = np.unique(np.array(draft.points, np.float64).reshape(-1, 2), axis=0)
    for annotation in annotations:
        if annotation.kind is not draft.kind or annotation.class_id != draft.class_id:
            continue
        corners = np.unique(shapely.get_coordinates(annotation.geometry), axis=0)
        if corners.shape == points.shape and np.array_equal(corners, points):
            return True
    return False
