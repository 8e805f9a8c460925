"""Locked classes and windows of large masks, without a window: strokes as napari makes them."""

from __future__ import annotations

import numpy as np
import pytest
from napari.layers import Labels

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.masks.canvas import MaskCanvas
from napari_geolabel.viewer import mask_window
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.mask_layer import MaskLayer
from napari_geolabel.viewer.mask_view import MaskView
from napari_geolabel.viewer.mask_window import Look, MaskWindow

SHAPE = (1500, 2001)


class Studio:
    """A bench with a mask of some shape, and somebody who looks at it."""

    def __init__(self, bench, shape):
        self.bench, self.store, self.notes = bench, bench.store, bench.notes
        self.canvas = MaskCanvas(shape, bench.store.ontology)
        self.store.changed.connect(lambda change: self.canvas.apply(change.tiles))
        first = MaskWindow.first(shape)
        self.layer = MaskLayer(first.of(self.canvas.array), name="mask")
        bench.viewer.add_layer(self.layer)
        self.seen = None
        self.view = MaskView(
            bench.viewer,
            self.layer,
            self.canvas,
            self.store,
            ontology=bench.store.ontology,
            defer=bench.loop.defer,
            notify=bench.notes.append,
            look=lambda: self.seen,
            frame=Frame(pixel_size=(10.0, 10.0), unit="m"),
        )
        self.view.use_class("ship")

    def look(self, bounds, screen_px):
        self.seen = Look(bounds, screen_px)
        self.bench.viewer.scene.camera.zoom *= 1.01
        self.bench.loop.run()

    def back_to_empty(self):
        """Whether undoing everything leaves nothing."""
        while self.store.undo():
            pass
        return not self.canvas.array.any()


@pytest.fixture
def studio(new_bench):
    return Studio(new_bench(), (300, 520))


@pytest.fixture
def large(new_bench, monkeypatch):
    monkeypatch.setattr(mask_window, "WHOLE_PX", 1000)
    monkeypatch.setattr(mask_window, "WINDOW_PX", 512)
    return Studio(new_bench(), SHAPE)


def stroke(layer, points, value, size):
    """Paint as one stroke of the brush does."""
    layer.brush_size = size
    with layer.block_history():
        for point in points:
            layer.paint(point, value)


def test_brush_polygon_and_fill_go_round_what_is_locked(studio):
    stroke(studio.layer, [(100, col) for col in range(50, 200, 10)], 2, 11)
    kept = studio.canvas.array == 2
    studio.view.lock({2})
    stroke(studio.layer, [(row, 120) for row in range(50, 150, 10)], 1, 41)
    studio.layer.paint_polygon(np.array([[80, 40], [80, 210], [120, 210], [120, 40]]), 1)
    studio.layer.fill((100, 120), 1)
    studio.layer.paint((100, 60), 0)
    assert np.array_equal(studio.canvas.array == 2, kept)
    assert (studio.canvas.array == 1).any()
    stroke(studio.layer, [(200, 120)], 2, 21)  # more of a locked class is no overwriting
    assert studio.canvas.array[200, 120] == 2
    studio.view.lock(())
    stroke(studio.layer, [(100, 120)], 1, 5)
    assert studio.canvas.array[100, 120] == 1
    assert studio.back_to_empty()


def test_a_script_that_sets_pixels_does_not_get_round_a_lock(studio):
    studio.layer.paint((100, 100), 2)
    studio.view.lock({2})
    studio.layer.data_setitem((np.array([100, 100]), np.array([100, 200])), 1)
    assert (studio.canvas.array[100, 100], studio.canvas.array[100, 200]) == (2, 1)
    assert studio.back_to_empty()


@pytest.mark.parametrize("size", [1, 2, 9, 40])
@pytest.mark.parametrize("shape", ["circle", "square"])
def test_a_stroke_off_the_mask_and_back_paints_as_napari_does(size, shape, monkeypatch):
    painted, tried = [], []
    usual = Labels.paint
    monkeypatch.setattr(Labels, "paint", lambda *given, **named: (tried.append(given[1]), usual(*given, **named)))
    for kind in (Labels, MaskLayer):
        layer = kind(np.zeros((60, 80), np.uint8))
        layer.brush_size, layer.mode = size, "paint"
        del tried[:]
        for start, end in (
            ((30, 40), (-9000, 70)),
            ((-9000, 70), (50, 9000)),
            ((59 + size / 2, -20), (59 + size / 2, 99)),
        ):
            layer._draw(3, start, end)
        painted.append(layer.data.copy())
    assert np.array_equal(*painted)
    assert painted[1].any()
    assert len(tried) < 4 * (60 + 80 + 4 * size) / size + 400


def test_it_is_a_labels_layer_to_all_of_napari(studio):
    assert isinstance(studio.layer, Labels)
    assert studio.layer._type_string == "labels"
    assert studio.layer.as_layer_data_tuple()[2] == "labels"
    assert studio.layer.locked_values == frozenset()


def test_a_large_mask_is_shown_coarse_then_near_at_hand_and_edited_in_place(large):
    assert large.layer.data.shape == (375, 501)  # every fourth pixel
    assert tuple(large.layer.scale) == (40.0, 40.0)
    large.look((700, 800, 1000, 1100), 1.0)
    assert np.shares_memory(large.layer.data, large.canvas.array)
    assert max(large.layer.data.shape) <= 768
    row0, col0 = (large.layer.translate - 5) / 10
    stroke(large.layer, [(750 - row0, 1050 - col0)], 1, 21)
    assert large.canvas.array[750, 1050] == 1
    assert large.canvas.array.sum() == 349 == large.layer.data.sum()
    assert large.bench.store.undo_titles == ["paint ship"]
    large.look((0, 100, 0, 100), 1.0)
    assert not large.layer.data.any()
    large.store.undo()  # where it was painted, not where one looks
    assert not large.canvas.array.any()
    assert tuple(large.layer.translate) == (5.0, 5.0)


def test_a_coarse_stroke_paints_whole_squares_but_for_locked_pixels(large):
    large.look((700, 800, 1000, 1100), 1.0)
    row0, col0 = (large.layer.translate - 5) / 10
    for row in range(700, 800):
        large.layer.paint((row - row0, 1050 - col0), 2)
    large.view.lock({2})
    line = large.canvas.array == 2
    large.look((0, 1500, 0, 2000), 8.0)
    step = round(large.layer.scale[0] / 10)
    assert step >= 4
    before = large.canvas.array.copy()
    stroke(large.layer, [(750 / step, 1050 / step)], 1, 9)
    painted = np.argwhere(large.canvas.array == 1)
    assert np.array_equal(large.canvas.array == 2, line)
    assert painted.min(axis=0).tolist() == [(round(n / step) - 4) * step for n in (750, 1050)]
    assert len(painted) > 40 * step * step
    large.store.undo()
    assert np.array_equal(large.canvas.array, before)
    large.store.redo()
    assert (large.canvas.array == 1).sum() == len(painted)
    assert large.back_to_empty()


def test_a_coarse_stroke_reaches_the_last_row_and_column(large):
    large.look((0, 1500, 0, 2001), 8.0)
    stroke(large.layer, [np.array(large.layer.data.shape) - 1], 1, 3)
    assert large.canvas.array[-1, -1] == 1
    assert large.back_to_empty()


def test_a_stroke_is_not_torn_by_a_camera_that_moves_meanwhile(large):
    large.look((700, 800, 1000, 1100), 1.0)
    shown = large.layer.data
    large.view._gesture._is_down = True
    large.look((0, 100, 0, 100), 1.0)
    assert large.layer.data is shown
    large.view._gesture._is_down = False
    large.view._look_soon()
    large.bench.loop.run()
    assert large.layer.data is not shown


def test_a_refused_coarse_stroke_leaves_nothing(large):
    large.look((0, 1500, 0, 2001), 8.0)
    large.layer.selected_label = 77
    stroke(large.layer, [(50, 50)], 77, 5)
    large.bench.loop.run()
    assert "mask value 77 is no class" in large.notes[-1]
    assert not large.canvas.array.any()
    large.bench.store.refusal = GeoLabelError("the disk is full")
    large.layer.selected_label = 2
    stroke(large.layer, [(50, 50)], 2, 5)
    large.bench.loop.run()
    assert large.notes[-1] == "the disk is full"
    assert not large.canvas.array.any()
