"""The mask that is painted on."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.annotations import TILE_PX, Change, TileEdit
from napari_geolabel.errors import MaskValueError
from napari_geolabel.masks import MaskCanvas, burn
from napari_geolabel.ontology import LabelClass, Ontology

SHAPE = (TILE_PX + 100, 2 * TILE_PX + 30)
ONTOLOGY = Ontology(
    id="land",
    name="Land",
    version="1",
    classes=tuple(
        LabelClass(id=name, name=name, color="#808080", mask_value=value, kinds=("mask",))
        for name, value in [("water", 1), ("field", 2), ("town", 7)]
    ),
)


@pytest.fixture
def canvas() -> MaskCanvas:
    return MaskCanvas(SHAPE, ONTOLOGY)


strokes = st.lists(
    st.tuples(
        st.integers(-20, SHAPE[1] + 20),
        st.integers(-20, SHAPE[0] + 20),
        st.integers(1, 200),
        st.sampled_from([0, 1, 2, 7]),
        st.sets(st.sampled_from([0, 1, 2, 7]), max_size=2),
    ),
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(strokes)
def test_taking_every_stroke_back_returns_to_the_start_and_doing_them_again_to_the_end(drawn):
    canvas, done = MaskCanvas(SHAPE, ONTOLOGY), []
    for x, y, radius, value, locked in drawn:
        tiles = canvas.paint(shapely.Point(x, y).buffer(radius), value, locked=locked)
        canvas.apply(tiles)
        done.append(Change(title="paint", tiles=tiles))
    end = canvas.array.copy()
    for change in reversed(done):
        canvas.apply(change.reversed().tiles)
    assert canvas.is_empty
    for change in done:
        canvas.apply(change.tiles)
        canvas.apply(change.tiles)  # twice is once
    assert np.array_equal(canvas.array, end)


@settings(max_examples=60, deadline=None)
@given(strokes)
def test_painting_is_burning_outside_of_locked_values(drawn):
    canvas, expected = MaskCanvas(SHAPE, ONTOLOGY), np.zeros(SHAPE, np.uint8)
    for x, y, radius, value, locked in drawn:
        disc = shapely.Point(x + 0.3, y + 0.4).buffer(radius)
        canvas.apply(canvas.paint(disc, value, locked=locked))
        covered = burn([disc], 1, SHAPE).astype(bool) & ~np.isin(expected, list(locked))
        expected[covered] = value
    assert np.array_equal(canvas.array, expected)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, SHAPE[0] - 1), st.integers(0, SHAPE[1] - 1)), max_size=20))
def test_a_diff_is_exactly_the_tiles_that_differ(pixels):
    canvas = MaskCanvas(SHAPE, ONTOLOGY)
    before = {key: canvas.tile(key) for key in canvas.tiles_of((slice(None), slice(None)))}
    for row, col in pixels:
        canvas.array[row, col] = 2
    edits = canvas.diff(before)
    assert {(e.row, e.col) for e in edits} == {(row // TILE_PX, col // TILE_PX) for row, col in pixels}
    for edit in edits:
        assert edit.before == before[edit.row, edit.col].tobytes()
        assert edit.after == canvas.tile((edit.row, edit.col)).tobytes()


def test_tiles_at_the_border_are_cut_to_the_scene(canvas):
    assert canvas.tile((0, 0)).shape == (TILE_PX, TILE_PX)
    assert canvas.tile((1, 2)).shape == (100, 30)
    (edit,) = canvas.paint(shapely.box(SHAPE[1] - 1, SHAPE[0] - 1, 1e6, 1e6), 1)
    assert (edit.row, edit.col, len(edit.after)) == (1, 2, 3000)


def test_painting_computes_and_leaves_the_array_alone(canvas):
    assert canvas.paint(shapely.box(0, 0, 9, 9), 7)
    assert canvas.is_empty


def test_painting_what_is_there_already_is_no_edit(canvas):
    canvas.apply(canvas.paint(shapely.box(0, 0, 9, 9), 7))
    assert canvas.paint(shapely.box(2, 2, 5, 5), 7) == ()


def test_painting_outside_or_nothing_is_no_edit(canvas):
    assert canvas.paint(shapely.box(-9, -9, -1, -1), 7) == ()
    assert canvas.paint(shapely.Polygon(), 7) == ()
    assert canvas.paint([], 7) == ()


def test_several_geometries_are_one_stroke(canvas):
    edits = canvas.paint([shapely.box(0, 0, 1, 1), shapely.box(5, 0, 6, 1)], 2)
    canvas.apply(edits)
    assert len(edits) == 1
    assert canvas.array[0, :7].tolist() == [2, 0, 0, 0, 0, 2, 0]


def test_values_outside_the_ontology_are_refused_by_name(canvas):
    with pytest.raises(MaskValueError, match="3 is not a mask value of this ontology; it has 1, 2, 7"):
        canvas.paint(shapely.box(0, 0, 9, 9), 3)
    with pytest.raises(MaskValueError, match="mask values 3, 9 are not in the ontology"):
        canvas.replace(np.resize(np.array([0, 3, 9], np.uint8), SHAPE))


def test_listeners_hear_once_where_something_was_written(canvas):
    heard = []
    canvas.changed.connect(heard.append)
    canvas.apply([])
    canvas.apply(canvas.paint(shapely.box(200, 10, 600, 20), 1))
    assert heard == [(slice(0, TILE_PX), slice(0, SHAPE[1]))]


def test_replacing_gives_the_other_mask_and_can_be_taken_back(canvas):
    canvas.apply(canvas.paint(shapely.box(0, 0, 300, 300), 1))
    before, new = canvas.array.copy(), np.zeros(SHAPE, np.uint8)
    new[300:, 10:20] = 7
    edits = canvas.replace(new)
    canvas.apply(edits)
    assert np.array_equal(canvas.array, new)
    canvas.apply(Change(title="import mask", tiles=edits).reversed().tiles)
    assert np.array_equal(canvas.array, before)


def test_a_mask_of_another_shape_or_range_is_refused(canvas):
    with pytest.raises(MaskValueError, match="does not fit the scene"):
        canvas.replace(np.zeros((3, 3), np.uint8))
    with pytest.raises(MaskValueError, match="300 does not fit in uint8"):
        canvas.replace(np.full(SHAPE, 300, np.uint16))


def test_a_tile_of_another_scene_is_refused_and_nothing_is_written(canvas):
    good = canvas.paint(shapely.box(0, 0, 9, 9), 7)
    with pytest.raises(MaskValueError, match="another scene or data type"):
        canvas.apply([*good, TileEdit(row=1, col=2, before=b"", after=bytes(TILE_PX * TILE_PX))])
    with pytest.raises(MaskValueError, match="outside"):
        canvas.apply([*good, TileEdit(row=5, col=0, before=b"", after=b"")])
    assert canvas.is_empty


def test_tiles_of_a_part_are_listed_row_by_row(canvas):
    assert canvas.tiles_of((slice(250, 260), slice(0, 257))) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert canvas.tiles_of((slice(5, 5), slice(0, 9))) == []


def test_the_array_stays_the_same_object(canvas):
    array = canvas.array
    canvas.apply(canvas.paint(shapely.box(0, 0, 9, 9), 7))
    assert canvas.array is array


def test_more_than_255_values_need_16_bits():
    classes = (LabelClass(id="far", name="Far", color="#000000", mask_value=1000, kinds=("mask",)),)
    canvas = MaskCanvas((10, 10), Ontology(id="o", name="O", version="1", classes=classes))
    canvas.apply(canvas.paint(shapely.box(0, 0, 3, 3), 1000))
    assert canvas.array.dtype == np.uint16
    assert canvas.array.sum() == 9000


def test_painted_pixels_are_counted_edit_by_edit(ontology):
    canvas = MaskCanvas((600, 520), ontology)
    value = min(ontology.by_mask_value)
    assert (canvas.is_empty, canvas.painted_pixels) == (True, 0)
    for area in (shapely.box(250, 250, 270, 262), shapely.box(510, 590, 520, 600), shapely.box(0, 0, 1, 1)):
        canvas.apply(canvas.paint(area, value))
        assert canvas.painted_pixels == np.count_nonzero(canvas.array) > 0
    canvas.apply(canvas.paint(shapely.box(0, 0, 520, 600), 0))
    assert (canvas.is_empty, canvas.painted_pixels) == (True, 0)
