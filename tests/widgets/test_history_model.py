"""The table of changes: rows, order, filters and what cells say."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from qtpy.QtCore import QModelIndex, Qt

from napari_geolabel.labelfile.log import LogEntry
from napari_geolabel.widgets.history_model import (
    COLUMNS,
    HOW_MANY,
    WHAT,
    WHEN,
    WHO,
    HistoryFilter,
    HistoryModel,
    cell_text,
    count_text,
)

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(seq: int, title: str = "draw ship", actor: str | None = "Ann", **counts: int) -> LogEntry:
    numbers = {"added": 0, "changed": 0, "removed": 0, "tiles": 0, **counts}
    at = START + timedelta(minutes=seq)
    return LogEntry(seq=seq, at=at, actor=actor, session="s", title=title, **numbers)


@pytest.fixture
def model(qtbot) -> HistoryModel:
    """Four changes of Ann, Ben and somebody without a name."""
    made = HistoryModel()
    made.show(
        [
            entry(1, "draw ship", added=1),
            entry(2, "import 40 annotations", "Ben", added=40),
            entry(3, "paint cloud", None, tiles=2),
            entry(4, "edit dock", "Ann", changed=1, undoes=2),
        ]
    )
    return made


def titles(model: HistoryModel) -> list[str]:
    return [model.data(model.index(row, WHAT)) for row in range(model.rowCount())]


def test_the_newest_change_stands_on_top(model):
    assert [model.rows[row].seq for row in range(4)] == [4, 3, 2, 1]
    assert titles(model) == ["undo: edit dock", "paint cloud", "import 40 annotations", "draw ship"]


def test_headings_and_cells_are_plain_words(model):
    horizontal = Qt.Orientation.Horizontal
    assert tuple(model.headerData(i, horizontal) for i in range(model.columnCount())) == COLUMNS
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    first = model.rows[3]
    assert cell_text(first, WHEN) == f"{first.at.astimezone():%Y-%m-%d %H:%M:%S}"
    assert [cell_text(e, WHO) for e in model.rows] == ["Ann", "-", "Ben", "Ann"]
    assert model.data(model.index(0, WHAT), Qt.ItemDataRole.ToolTipRole) is None
    assert model.data(QModelIndex()) is None


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({"added": 1, "changed": 2, "removed": 3}, "1 added, 2 changed, 3 removed"),
        ({"tiles": 1}, "1 mask tile"),
        ({"changed": 1, "tiles": 7}, "1 changed, 7 mask tiles"),
        ({}, ""),
    ],
)
def test_counts_are_told_in_words(counts, text):
    assert count_text(entry(1, **counts)) == text


@pytest.mark.parametrize(
    ("column", "expected"),
    [(WHEN, [1, 2, 3, 4]), (WHO, [3, 1, 4, 2]), (WHAT, [1, 4, 2, 3]), (HOW_MANY, [3, 1, 4, 2])],
)
def test_each_column_sorts_and_equal_ones_keep_the_order_of_changes(model, column, expected):
    model.sort(column, Qt.SortOrder.AscendingOrder)
    assert [e.seq for e in model.rows] == expected
    model.sort(column, Qt.SortOrder.DescendingOrder)
    assert [e.seq for e in model.rows] == expected[::-1]


def test_clocks_that_were_set_back_do_not_change_the_order(qtbot):
    late = entry(1)
    early = LogEntry(**{name: getattr(entry(2), name) for name in LogEntry.__slots__} | {"at": START})
    model = HistoryModel()
    model.show([late, early])
    assert [e.seq for e in model.rows] == [2, 1]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (HistoryFilter(text="SHIP"), [1]),
        (HistoryFilter(text="ben"), [2]),
        (HistoryFilter(annotator="Ann"), [4, 1]),
        (HistoryFilter(annotator=""), [3]),
        (HistoryFilter(numbers={1, 3}), [3, 1]),
        (HistoryFilter(numbers=set()), []),
        (HistoryFilter(text="d", annotator="Ann", numbers={4}), [4]),
    ],
)
def test_filters_by_words_annotator_and_number(model, wanted, expected):
    model.filter(wanted)
    assert [e.seq for e in model.rows] == expected
    assert model.rowCount() == len(expected)
    model.filter(HistoryFilter())
    assert model.rowCount() == 4


def test_a_filter_stays_when_more_arrives(model):
    model.filter(HistoryFilter(annotator="Ben"))
    model.show([entry(1), entry(2, actor="Ben"), entry(3, actor="Ben")])
    assert [e.seq for e in model.rows] == [3, 2]
    assert model.row_of(2) == 1
    assert model.row_of(1) is None


def test_it_has_no_tree(model):
    assert model.rowCount(model.index(0, 0)) == model.columnCount(model.index(0, 0)) == 0


def test_many_thousands_of_changes_filter_in_less_than_a_blink(qtbot):
    model = HistoryModel()
    entries = [entry(seq, f"draw ship {seq}", "Ann" if seq % 2 else "Ben") for seq in range(1, 50_001)]
    model.show(entries)
    start = time.process_time()
    model.filter(HistoryFilter(text="ship 4999"))
    assert time.process_time() - start < 2  # about 0.05 s on an idle machine
    assert model.rowCount() == 11
