"""Layers that must not get lost."""

from __future__ import annotations

import numpy as np

from napari_geolabel.viewer import layer_keeper
from napari_geolabel.viewer.layer_keeper import LayerKeeper


def test_a_layer_that_is_deleted_comes_back_and_others_do_not(viewer, loop, told, monkeypatch):
    monkeypatch.setattr(layer_keeper, "canvas_widget", lambda viewer: object())
    kept, other = (viewer.add_points(np.zeros((1, 2)), name=name) for name in ("kept", "other"))
    keeper = LayerKeeper(viewer, lambda: [kept], loop.defer)  # napari holds its listeners weakly
    viewer.layers.remove(other)
    viewer.layers.remove(kept)
    loop.run()
    assert list(viewer.layers) == [kept]
    assert told == ["the layer kept belongs to the labelling session and was put back; hide it instead"]
    keeper.close()


def test_not_when_the_window_is_closed_or_the_session_has_ended(viewer, loop, monkeypatch):
    kept = viewer.add_points(np.zeros((1, 2)))
    keeper = LayerKeeper(viewer, lambda: [kept], loop.defer)
    viewer.layers.remove(kept)
    loop.run()
    assert len(viewer.layers) == 0  # a viewer without a window
    monkeypatch.setattr(layer_keeper, "canvas_widget", lambda viewer: object())
    viewer.layers.append(kept)
    viewer.layers.remove(kept)
    keeper.close()
    loop.run()
    assert len(viewer.layers) == 0


def test_what_it_keeps_is_what_there_is_when_it_is_deleted_and_what_was_replaced_stays_away(
    viewer, loop, told, monkeypatch
):
    monkeypatch.setattr(layer_keeper, "canvas_widget", lambda viewer: object())
    kept = []
    keeper = LayerKeeper(viewer, lambda: kept, loop.defer)
    late, replaced = (viewer.add_points(np.zeros((1, 2)), name=name) for name in ("late", "replaced"))
    kept += [late, replaced]
    viewer.layers.clear()
    kept.remove(replaced)
    loop.run()
    assert list(viewer.layers) == [late]
    keeper.close()
