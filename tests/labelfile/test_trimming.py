"""A copy without old history has all labels, and goes on with numbers, undo and the way back from where it begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from napari_geolabel.annotations import Status
from napari_geolabel.errors import FormatError
from napari_geolabel.labelfile import pack

NEVER = datetime.max.replace(tzinfo=UTC)


@pytest.fixture
def worked(open_file, make_ship, add, update, paint, monkeypatch):
    """A label file with four changes, a day apart, and the ship that is in it."""
    days = iter(f"2024-05-{n:02d}T12:00:00.000Z" for n in range(1, 5))
    ship = make_ship()
    gone = make_ship(50)
    file = open_file()
    monkeypatch.setattr("napari_geolabel.labelfile.transaction.now", lambda: next(days))
    last = update(ship, status=Status.ACCEPTED)
    for change in (add(ship, gone), add(gone).reversed(), paint(1), last):
        file.record(change)
        file.flush()
    monkeypatch.undo()
    return file, last.edits[0].after


@pytest.mark.parametrize(
    ("since", "kept"),
    [
        (datetime(2024, 1, 1, tzinfo=UTC), [1, 2, 3, 4]),
        (datetime(2024, 5, 3, 12, tzinfo=UTC), [3, 4]),
        (datetime(2024, 5, 3, 13, tzinfo=UTC), [4]),
        (NEVER, []),
    ],
)
def test_what_came_before_a_time_is_left_out_and_everything_else_is_there(
    worked, tmp_path, open_file, sqlite, add, make_ship, since, kept
) -> None:
    file, ship = worked
    target = tmp_path / "shared.labels.gpkg"

    pack(file.path, target, history_from=since)

    tables = {table: len(sqlite(target, f"SELECT DISTINCT seq FROM {table}")) for table in ("journal", "journal_tile")}  # noqa: S608
    assert tables == {"journal": len({1, 2, 4} & set(kept)), "journal_tile": len({3} & set(kept))}
    assert sqlite(target, "PRAGMA integrity_check") == [("ok",)]
    copy = open_file(target)
    assert copy.notes == ()
    assert copy.load().annotations == [ship]
    assert len(copy.load().tiles) == 1
    assert [entry.seq for entry in copy.log()] == kept
    assert len(copy.load().history) == len(kept)
    copy.record(add(make_ship(90)))
    copy.flush()
    assert [entry.seq for entry in copy.log()] == [*kept, 5], "no number comes twice"


def test_the_way_back_ends_where_the_history_begins(worked, tmp_path, open_file) -> None:
    file, _ = worked
    target = tmp_path / "shared.labels.gpkg"
    pack(file.path, target, history_from=datetime(2024, 5, 3, tzinfo=UTC))
    copy = open_file(target)

    assert copy.change_back_to(2) == file.change_back_to(2)
    for early in (1, 0, datetime(2024, 5, 1, 13, tzinfo=UTC)):
        with pytest.raises(FormatError, match="has no history before change 3; go back to change 2"):
            copy.change_back_to(early)
    bare = tmp_path / "bare.labels.gpkg"
    pack(file.path, bare, history_from=NEVER)
    assert not open_file(bare).change_back_to(4)
    with pytest.raises(FormatError, match="no history before change 5"):
        open_file(bare).change_back_to(3)


def test_a_copy_without_history_is_smaller_and_the_file_itself_keeps_all(
    open_file, make_ship, update, add, tmp_path
) -> None:
    file = open_file()
    ship = make_ship(attributes={"name": "x" * 20_000})
    file.record(add(ship))
    for n in range(20):
        change = update(ship, attributes={"name": f"{n}" + "x" * 20_000})
        file.record(change)
        ship = change.edits[0].after
    file.flush()
    whole, bare = tmp_path / "whole.gpkg", tmp_path / "bare.gpkg"

    pack(file.path, whole)
    pack(file.path, bare, history_from=datetime.now(UTC) + timedelta(days=1))

    assert bare.stat().st_size < whole.stat().st_size / 2
    assert len(list(file.log())) == 21


def test_a_mask_that_was_set_aside_outlives_its_history(worked, open_file, utm, tmp_path) -> None:
    file, _ = worked
    file.close()
    smaller = replace(utm, shape=(100, 90))
    file = open_file(grid=smaller)
    before = file.journal.old_masks()[0]
    target = tmp_path / "shared.labels.gpkg"

    pack(file.path, target, history_from=NEVER)

    copy = open_file(target, grid=smaller)
    (after,) = copy.journal.old_masks()
    assert np.array_equal(after.array, before.array)
    assert after.array.any()
    assert [entry.title for entry in copy.log()] == ["set the painted mask of 600 x 500 pixels aside"]
    with pytest.raises(FormatError, match="no history before change 6; go back to change 5"):
        copy.change_back_to(4)


def test_a_damaged_copy_does_not_miss_the_history_that_was_left_out(worked, open_file, tmp_path) -> None:
    file, ship = worked
    target = tmp_path / "shared.labels.gpkg"
    pack(file.path, target, history_from=datetime(2024, 5, 3, tzinfo=UTC))
    with target.open("r+b") as damaged:
        damaged.write(bytes(100))

    copy = open_file(target)

    assert copy.notes[1] == "no loss was found"
    assert copy.load().annotations == [ship]
    with pytest.raises(FormatError, match="no history before change 3"):
        copy.change_back_to(1)
