"""Columns that look like rows are the rows that one would make of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.formats.frame_rows import row_dicts
from napari_geolabel.formats.table_rows import Numbered, SoundFeatures, TableRows, is_plain, values_of

CELLS = {
    "word": st.one_of(st.none(), st.text(max_size=3)),
    "number": st.one_of(st.none(), st.floats()),
    "whole": st.one_of(st.none(), st.integers(-9, 9)),
    "yes": st.one_of(st.none(), st.booleans()),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), max_size=6)


def table_of(rows) -> TableRows:
    schema = pa.schema([("word", pa.string()), ("number", pa.float64()), ("whole", pa.int64()), ("yes", pa.bool_())])
    return TableRows(pa.Table.from_pylist(rows, schema=schema), len(rows))


def plain(rows):
    """Return rows with None for numbers that are none."""
    return [{name: None if value != value else value for name, value in row.items()} for row in rows]


@settings(max_examples=40, deadline=None)
@given(ROWS, st.data())
def test_columns_are_a_sequence_of_their_rows(rows, data):
    found, wanted = table_of(rows), plain(rows)
    assert list(found) == wanted
    assert [found[index] for index in range(len(found))] == wanted
    assert found[1:3] == wanted[1:3]
    for name in (*CELLS, "missing"):
        assert values_of(found, name) == values_of(wanted, name)
    kept = data.draw(st.lists(st.integers(0, len(rows) - 1), unique=True)) if rows else []
    assert list(found.taken(np.array(kept, np.int64))) == [wanted[index] for index in kept]
    assert row_dicts(found.frame()) == wanted


def test_a_frame_keeps_every_digit_of_whole_numbers_beside_empty_cells():
    rows = [{"word": None, "number": None, "whole": whole, "yes": None} for whole in (2**53 + 1, None)]
    assert row_dicts(table_of(rows).frame()) == rows


def test_there_are_rows_without_columns_and_none_beyond_the_last():
    rows = TableRows(pa.table({}), 3)
    assert list(rows) == [{}, {}, {}]
    assert len(rows.frame()) == 3
    with pytest.raises(IndexError):
        rows[3]
    assert rows[-1] == {}


def test_plain_are_texts_numbers_and_truth_values():
    assert all(map(is_plain, (pa.string(), pa.int8(), pa.uint64(), pa.float32(), pa.float64(), pa.bool_())))
    assert not any(map(is_plain, (pa.binary(), pa.date32(), pa.timestamp("ms"), pa.list_(pa.int8()), pa.null())))


def test_places_have_a_word_and_a_number():
    places = Numbered("feature", range(1, 5))
    assert list(places) == ["feature 1", "feature 2", "feature 3", "feature 4"]
    assert list(places[1:3]) == ["feature 2", "feature 3"]
    assert places[-1] == "feature 4"
    with pytest.raises(IndexError):
        places[4]


@pytest.mark.parametrize("as_table", [True, False])
def test_features_without_geometry_are_left_out_and_named(as_table):
    rows = [{"word": word, "number": 1.0, "whole": 2, "yes": True} for word in "abc"]
    shapes = np.array([shapely.MultiPoint([(1, 2)]), None, shapely.Polygon()], object)
    found = SoundFeatures.of(shapes, table_of(rows) if as_table else rows, Numbered("row", range(3)))
    assert found.geometries.tolist() == [shapely.Point(1, 2)]
    assert list(found.rows) == rows[:1]
    assert list(found.where) == ["row 0"]
    assert [place for place, _ in found.skipped] == ["row 1", "row 2"]
    assert isinstance(shapes[0], shapely.MultiPoint)  # what was given is left as it is
