"""Changes as values: what undo reverses."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.annotations import Annotation, Change, Edit, TileEdit

ONE, TWO = (
    Annotation(class_id="bow", kind="keypoint", geometry=shapely.Point(x, 0), id=name)
    for name, x in (("1", 1), ("2", 2))
)
annotations = st.none() | st.sampled_from([ONE, TWO])
edits = st.builds(lambda before, after: Edit(before=before, after=after), annotations, annotations)
tiles = st.builds(
    lambda row, col, before, after: TileEdit(row=row, col=col, before=before, after=after),
    st.integers(0, 9),
    st.integers(0, 9),
    st.binary(max_size=4),
    st.binary(max_size=4),
)
scenes = st.none() | st.tuples(st.dictionaries(st.text(), st.integers()), st.dictionaries(st.text(), st.integers()))
changes = st.builds(
    lambda title, e, t, s: Change(title=title, edits=tuple(e), tiles=tuple(t), scene_attributes=s),
    st.text(),
    st.lists(edits),
    st.lists(tiles),
    scenes,
)


@given(changes)
def test_reversing_twice_is_nothing(change):
    assert change.reversed().reversed() == change
    assert change.reversed().title == change.title
    assert bool(change.reversed()) == bool(change)


def test_reversing_swaps_before_and_after_and_the_order():
    change = Change(
        title="x",
        edits=(Edit(after=ONE), Edit(before=ONE, after=TWO)),
        tiles=(TileEdit(row=1, col=2, before=b"a", after=b"b"),),
        scene_attributes=({}, {"a": 1}),
    )
    assert change.reversed() == Change(
        title="x",
        edits=(Edit(before=TWO, after=ONE), Edit(before=ONE)),
        tiles=(TileEdit(row=1, col=2, before=b"b", after=b"a"),),
        scene_attributes=({"a": 1}, {}),
    )


def test_a_change_of_anything_is_a_change():
    assert not Change(title="nothing")
    assert Change(title="x", edits=(Edit(after=ONE),))
    assert Change(title="x", tiles=(TileEdit(row=0, col=0, before=b"", after=b"x"),))
    assert Change(title="x", scene_attributes=({}, {}))


def test_an_edit_has_the_id_of_its_annotation():
    assert Edit(after=ONE).id == Edit(before=ONE).id == "1"
    with pytest.raises(ValueError, match="before or after"):
        _ = Edit().id
