from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.viewer.geometry_display import Drawing
from napari_geolabel.viewer.layer_rows import Row, named_by_content, sort_rows


def drawing(value: float) -> Drawing:
    return Drawing(shape_type="path", vertices=np.array([(value, 0.0), (value, 1.0)]))


def row(index: int, name: str = "", part: int = 0, value: float = 0.0) -> Row:
    return Row(index=index, id=name, part=part, class_id="ship", drawing=drawing(value))


SHOWN = {"a": [drawing(1)], "b": [drawing(2), drawing(3)], "c": [drawing(4)]}


def as_shown() -> list[Row]:
    keys = [("a", 0, 1.0), ("b", 0, 2.0), ("b", 1, 3.0), ("c", 0, 4.0)]
    return [row(i, name, part, value) for i, (name, part, value) in enumerate(keys)]


def test_rows_as_shown_are_all_kept():
    found = sort_rows(as_shown(), SHOWN)
    assert {i: sorted(parts) for i, parts in found.kept.items()} == {"a": [0], "b": [0, 1], "c": [0]}
    assert not found.copies
    assert not found.new


def test_a_second_row_of_the_same_annotation_is_a_copy():
    found = sort_rows([*as_shown(), row(4, "a", 0, 1.0), row(5, "a", 0, 9.0)], SHOWN)
    assert [r.index for r in found.copies["a", 1]] == [4]
    assert [r.index for r in found.copies["a", 2]] == [5]


def test_the_pasted_parts_of_a_line_belong_together():
    found = sort_rows([*as_shown(), row(4, "b", 0), row(5, "b", 1)], SHOWN)
    assert [r.index for r in found.copies["b", 1]] == [4, 5]


def test_a_pasted_row_whose_original_is_gone_is_a_copy_all_the_same():
    found = sort_rows([row(0, "gone")], SHOWN)
    assert [r.index for r in found.copies["gone", 0]] == [0]


def test_a_row_without_a_name_is_new():
    assert [r.index for r in sort_rows([*as_shown(), row(4)], SHOWN).new] == [4]


@given(st.sets(st.integers(0, 3)))
def test_rows_that_are_left_are_known_by_what_they_look_like(removed):
    left = [r for r in as_shown() if r.index not in removed]
    blank = [Row(index=i, id="", part=0, class_id="", drawing=r.drawing) for i, r in enumerate(left)]
    named = named_by_content(blank, SHOWN)
    assert [(r.id, r.part) for r in named] == [(r.id, r.part) for r in left]


def test_one_strange_row_stands_for_the_one_that_is_missing():
    rows = [row(0, value=1.0), row(1, value=2.0), row(2, value=3.5), row(3, value=4.0)]
    assert [(r.id, r.part) for r in named_by_content(rows, SHOWN)] == [("a", 0), ("b", 0), ("b", 1), ("c", 0)]


def test_strange_rows_beyond_those_that_are_missing_are_new():
    rows = [row(0, value=1.0), row(1, value=7.0), row(2, value=8.0), row(3, value=4.0), row(4, value=9.0)]
    assert [r.id for r in named_by_content(rows, SHOWN)] == ["a", "", "", "c", ""]
