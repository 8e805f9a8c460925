"""A label file without its early history, for copies that are handed on: undo and log begin later, labels stay."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.transaction import transaction


def forget_before(db: sqlite3.Connection, time: datetime) -> int:
    """Take the changes out of a file that came before the first one made at a time, and return how many.

    Parameters
    ----------
    db
        The file, which nobody else has open.
    time
        Aware; where a clock was set back, what came after the first change of that time stays.
    """
    text = time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    with transaction(db):
        (following,) = db.execute(sql.NEXT_SEQ).fetchone()
        (kept,) = db.execute(sql.FIRST_SEQ_SINCE, (text,)).fetchone()
        first = following if kept is None else kept
        for query in sql.FORGET_JOURNAL_BEFORE:
            db.execute(query, (first,))
        number = db.execute(sql.FORGET_CHANGES_BEFORE, (first,)).rowcount
    db.execute("VACUUM")
    return number


def first_change(db: sqlite3.Connection) -> int:
    """Return the number of the first change that a file has or would get; above 1 where earlier ones were taken out."""
    (first,) = db.execute(sql.FIRST_SEQ).fetchone()
    return int(db.execute(sql.NEXT_SEQ).fetchone()[0] if first is None else first)
