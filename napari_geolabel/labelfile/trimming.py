"""A label file without its early history, for copies that are handed on: undo and log begin later, labels stay."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from napari_geolabel.labelfile import statements as sql
from napari_geolabel.labelfile.old_masks import changes_aside
from napari_geolabel.labelfile.rows import from_json
from napari_geolabel.labelfile.schema import FIRST_SEQ
from napari_geolabel.labelfile.transaction import transaction


def forget_before(db: sqlite3.Connection, time: datetime) -> int:
    """Take the changes out of a file that came before the first one made at a time, and return how many.

    Those that set a painted mask aside stay: nothing else holds that mask.

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
        kept_masks = changes_aside(from_json(db.execute(sql.SCENE).fetchone()[9]))
        for table in ("journal", "journal_tile", "change"):
            number = db.execute(sql.forget_before(table, len(kept_masks)), (first, *kept_masks)).rowcount
        db.execute(sql.PUT_SETTING, (FIRST_SEQ, str(first)))
    db.execute("VACUUM")
    return number


def first_change(db: sqlite3.Connection) -> int:
    """Return the number of the first change that a file has or would get; above 1 where earlier ones were taken out."""
    told = db.execute(sql.SETTING, (FIRST_SEQ,)).fetchone()
    if told is not None:
        return int(told[0])
    (first,) = db.execute(sql.FIRST_SEQ).fetchone()
    return int(db.execute(sql.NEXT_SEQ).fetchone()[0] if first is None else first)
