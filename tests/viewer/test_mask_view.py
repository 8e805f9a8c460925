"""The mask view without a window: napari's own painting methods, undo, scripts."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from napari.layers import Labels

from napari_geolabel.annotations import Change
from napari_geolabel.masks.canvas import MaskCanvas
from napari_geolabel.viewer.mask_view import MaskView

SHAPE = (300, 520)
"""Two by three tiles, those at the border cut."""


@pytest.fixture
def studio(new_bench):
    """Make a bench with a canvas, its layer and its view."""

    def make():
        bench = new_bench()
        bench.canvas = MaskCanvas(SHAPE, bench.store.ontology)
        bench.store.changed.connect(lambda change: bench.canvas.apply(change.tiles))
        bench.layer = Labels(bench.canvas.array, name="mask")
        bench.viewer.add_layer(bench.layer)
        bench.view = MaskView(
            bench.viewer,
            bench.layer,
            bench.canvas,
            bench.store,
            ontology=bench.store.ontology,
            defer=bench.loop.defer,
            notify=bench.notes.append,
        )
        bench.view.use_class("ship")
        return bench

    return make


@pytest.fixture
def mask(studio):
    return studio()


def undo_all(bench):
    while bench.store.undo():
        pass


def test_napari_edits_the_canvas_itself(mask):
    assert mask.layer.data is mask.canvas.array
    mask.layer.paint((10, 10), 1)
    assert mask.canvas.array[10, 10] == 1


def test_a_stroke_is_one_change_over_all_tiles_that_it_touched(mask):
    mask.layer.brush_size = 30
    with mask.layer.block_history():
        for col in range(230, 290, 10):
            mask.layer.paint((256, col), 1)
    assert mask.titles == ["paint ship"]
    assert {(t.row, t.col) for t in mask.changes[0].tiles} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    painted = mask.canvas.array.copy()
    mask.store.undo()
    assert not mask.canvas.array.any()
    mask.store.redo()
    assert np.array_equal(mask.canvas.array, painted)
    assert mask.layer.data is mask.canvas.array


def test_painting_over_another_class_and_erasing_undo_step_by_step(mask):
    states = [mask.canvas.array.copy()]
    mask.layer.brush_size = 41
    for class_id, value, point in [("ship", 1, (20, 20)), ("cloud", 2, (30, 30)), (None, 0, (25, 25))]:
        if class_id:
            mask.view.use_class(class_id)
        mask.layer.paint(point, value)
        states.append(mask.canvas.array.copy())
    assert mask.titles == ["paint ship", "paint cloud", "erase mask"]
    for state in reversed(states[:-1]):
        mask.store.undo()
        assert np.array_equal(mask.canvas.array, state)
    for state in states[1:]:
        mask.store.redo()
        assert np.array_equal(mask.canvas.array, state)


def test_fill_polygon_and_single_pixels_are_changes_too(mask):
    mask.layer.fill((5, 5), 2)
    mask.layer.paint_polygon([(10, 10), (10, 290), (280, 290)], 1)
    mask.layer.data_setitem((np.array([0, 299, 7]), np.array([0, 519, 7])), 1)
    assert mask.titles == ["paint cloud", "paint ship", "paint ship"]
    assert mask.canvas.array[299, 519] == 1
    undo_all(mask)
    assert not mask.canvas.array.any()


def test_a_stroke_that_changes_nothing_is_no_change(mask):
    mask.layer.paint((10, 10), 0)
    assert mask.titles == []


def test_a_value_without_a_class_is_refused_and_taken_back(mask):
    mask.layer.paint((10, 10), 1)
    before = mask.canvas.array.copy()
    mask.layer.brush_size = 20
    mask.layer.paint((12, 12), 77)
    mask.loop.run()
    with mask.layer.block_history():
        mask.layer.paint((12, 12), 77)
        mask.layer.paint((12, 19), 77)
    assert np.array_equal(mask.canvas.array, before)
    mask.loop.run()
    assert np.array_equal(mask.canvas.array, before)
    assert mask.titles == ["paint ship"]
    assert mask.notes == 2 * ["mask value 77 is no class of the ontology; paint with 1 ship, 2 cloud"]


def test_naparis_own_undo_does_nothing(mask):
    mask.layer.brush_size = 20
    mask.layer.paint((12, 12), 1)
    painted = mask.canvas.array.copy()
    mask.layer.undo()
    assert np.array_equal(mask.canvas.array, painted)
    mask.store.undo()
    mask.layer.redo()
    assert not mask.canvas.array.any()


def test_what_a_script_paints_is_drawn_only_where_it_was_painted(mask):
    drawn = []
    mask.layer.events.labels_update.connect(lambda event: drawn.append((event.offset, event.data.shape)))
    tiles = mask.canvas.paint(shapely.box(300, 10, 320, 30), 2)
    mask.store.apply(Change(title="script", tiles=tiles))
    assert mask.canvas.array[15, 310] == 2
    assert drawn == [([0, 256], (256, 256))]


def test_contours_are_drawn_by_a_refresh(mask):
    mask.layer.contour = 1
    refreshed = []
    mask.layer.events.set_data.connect(lambda event: refreshed.append(event))
    mask.store.apply(Change(title="script", tiles=mask.canvas.paint(shapely.box(10, 10, 30, 30), 2)))
    assert refreshed


def test_an_array_that_a_script_puts_into_the_layer_becomes_a_change_of_the_canvas(mask):
    new = np.zeros(SHAPE, np.uint8)
    new[100:200, 100:200] = 2
    mask.layer.data = new
    assert mask.titles == ["replace mask"]
    assert np.array_equal(mask.canvas.array, new)
    assert mask.layer.data is mask.canvas.array
    mask.layer.paint((5, 5), 1)
    mask.layer.undo()
    assert mask.canvas.array[5, 5] == 1
    undo_all(mask)
    assert not mask.canvas.array.any()


@pytest.mark.parametrize("bad", [np.zeros((10, 10), np.uint8), np.full(SHAPE, 9, np.uint8)])
def test_an_array_that_does_not_fit_is_refused(mask, bad):
    mask.layer.paint((10, 10), 1)
    before = mask.canvas.array.copy()
    mask.layer.data = bad
    assert len(mask.notes) == 1
    assert mask.titles == ["paint ship"]
    assert mask.layer.data is mask.canvas.array
    assert np.array_equal(mask.canvas.array, before)


def test_the_class_in_hand_is_the_value_that_is_painted(mask):
    mask.view.use_class("cloud")
    assert mask.layer.selected_label == 2
    mask.view.use_class("buoy")
    assert mask.layer.selected_label == 2
    assert mask.notes == ["buoy has no mask_value in the ontology; give it one to paint it"]


def test_colours_are_those_of_the_ontology_and_unknown_values_are_loud(mask):
    colors = mask.layer.colormap.color_dict
    assert [round(255 * c) for c in colors[2]] == [0, 255, 0, 255]
    assert colors[0][3] == 0
    assert tuple(colors[None]) == (1, 0, 1, 1)


def test_the_status_names_the_class(mask):
    mask.layer.paint((10, 10), 2)
    assert "Cloud" in mask.layer.get_status((10, 10), world=True)["value"]


def test_undo_in_the_middle_of_a_stroke_keeps_the_journal_true(mask):
    mask.layer.brush_size = 20
    mask.layer.paint((50, 50), 2)
    mask.view._gesture._is_down = True  # a stroke is under way
    with mask.layer.block_history():
        mask.layer.paint((50, 60), 1)
        mask.store.undo()
        mask.layer.paint((50, 90), 1)
    mask.view._gesture._is_down = False
    assert mask.canvas.array[50, 90] == 1
    assert mask.titles == ["paint ship"]
    mask.store.undo()
    assert not mask.canvas.array.any()


def test_a_gesture_that_paints_nothing_leaves_nothing_that_a_later_stroke_would_take_for_the_mask(mask):
    """An undo in the middle of a drag with another tool, then a fill by a script, then the brush."""
    mask.layer.paint((10, 10), 1)
    mask.view._gesture._is_down = True
    mask.store.undo()
    mask.view._gesture._is_down = False
    mask.store.apply(Change(title="fill", tiles=mask.canvas.replace(np.full(SHAPE, 2, mask.canvas.array.dtype))))
    filled = mask.canvas.array.copy()
    mask.layer.paint((10, 10), 1)
    assert mask.titles[-2:] == ["fill", "paint ship"]
    assert mask.changes[-1].tiles[0].before == mask.changes[-2].tiles[0].after
    mask.store.undo()
    assert np.array_equal(mask.canvas.array, filled)
    mask.view._encircling.active = True
    mask.view._encircling.active = False
    assert np.array_equal(mask.canvas.array, filled), "an outline that is given up writes nothing old"


def test_a_closed_view_hears_nothing(mask):
    mask.view.close()
    mask.layer.paint((10, 10), 1)
    assert mask.titles == []


STROKES = st.lists(
    st.tuples(
        st.sampled_from(["paint", "fill", "polygon", "points", "undo", "redo"]),
        st.integers(0, 2),
        st.lists(st.tuples(st.integers(-5, 305), st.integers(-5, 525)), min_size=3, max_size=5),
        st.integers(1, 90),
    ),
    max_size=10,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STROKES)
def test_whatever_is_painted_undoing_all_gives_an_empty_mask_and_redoing_all_the_painted_one(studio, strokes):
    bench = studio()
    for gesture, value, points, size in strokes:
        _paint(bench, gesture, value, points, size)
    painted, count = bench.canvas.array.copy(), len(bench.store.undo_titles)
    undo_all(bench)
    assert not bench.canvas.array.any()
    for _ in range(count):
        bench.store.redo()
    assert np.array_equal(bench.canvas.array, painted)


def _paint(bench, gesture, value, points, size):
    layer = bench.layer
    inside = [(min(max(r, 0), SHAPE[0] - 1), min(max(c, 0), SHAPE[1] - 1)) for r, c in points]
    if gesture == "paint":
        layer.brush_size = size
        with layer.block_history():
            for point in points:
                layer.paint(point, value)
    elif gesture == "fill":
        layer.fill(inside[0], value)
    elif gesture == "polygon":
        layer.paint_polygon(inside, value)
    elif gesture == "points":
        layer.data_setitem(tuple(np.array(inside).T), value)
    elif gesture == "undo":
        bench.store.undo()
    else:
        bench.store.redo()


def begin_outline(mask):
    """Begin the outline that napari draws after a press of the right button, with none held."""
    outline = mask.layer._overlays["brush_stroke"]
    mask.layer.brush_size = 21
    mask.layer._begin_stroke()
    outline.active = True
    mask.layer.paint((40, 40), 2)
    return outline


def test_undo_during_an_outline_stands_when_the_outline_is_given_up(mask):
    mask.layer.brush_size = 31
    mask.layer.paint((40, 50), 1)
    outline = begin_outline(mask)
    mask.store.undo()
    outline.abort(mask.layer)
    assert not mask.canvas.array.any()
    mask.store.redo()
    assert mask.canvas.array[40, 50] == 1
    assert not (mask.canvas.array == 2).any()


def test_an_outline_that_is_completed_after_an_undo_begins_with_what_undo_left(mask):
    mask.layer.brush_size = 31
    mask.layer.paint((40, 50), 1)
    outline = begin_outline(mask)
    mask.store.undo()
    mask.layer.paint((40, 60), 2)
    mask.layer._commit_stroke()
    outline.active = False
    assert mask.titles == ["paint cloud"]
    painted = mask.canvas.array.copy()
    assert set(np.unique(painted)) == {0, 2}
    mask.store.undo()
    assert not mask.canvas.array.any()
    mask.store.redo()
    assert np.array_equal(mask.canvas.array, painted)
