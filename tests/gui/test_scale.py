"""More annotations than can be shapes, in a real window: seen, selected, edited, undone, in two panes."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel.viewer import working_set


@pytest.fixture
def crowd(monkeypatch, labels):
    """Four hundred docks where forty shapes are many."""
    monkeypatch.setattr(working_set, "MOST_SHAPES", 40)
    shapes = [shapely.box(x, y, x + 12, y + 12) for y in range(10, 610, 30) for x in range(10, 610, 30)]
    return [added.id for added in labels.add_many(shapes, "dock", kind="polygon")]


def test_a_crowd_is_a_picture_until_one_clicks_or_zooms_in(
    crowd, session, viewer, mouse, press, until, photograph, labels
):
    layer, overlay = session.shapes_layer, session.layers.overlay
    assert (len(layer.data), overlay.visible) == (0, True)
    photograph("scale-whole")

    layer.mode = "select"
    mouse.click((316, 316))
    until(lambda: session.selection.ids)
    chosen = session.selection.ids[0]
    assert labels[chosen].geometry.contains(shapely.Point(316, 316))
    assert list(layer.features["id"]) == [chosen]
    steps = len(labels.store.undo_titles)
    before = labels[chosen].geometry
    mouse.drag((316, 316), (331, 316))
    until(lambda: labels[chosen].geometry != before)
    assert len(labels.store.undo_titles) == steps + 1
    moved = np.subtract(labels[chosen].geometry.bounds, before.bounds)
    assert moved == pytest.approx((15, 0, 15, 0), abs=1.5)
    press("Ctrl+Z")
    assert labels[chosen].geometry.equals(before)
    mouse.click((302, 302))  # between two of them
    assert session.selection.ids == []

    mouse.look_at((46, 46), 8)
    until(lambda: not overlay.visible)
    assert crowd[21] in list(layer.features["id"])
    assert len(layer.data) <= 40
    mouse.click((46, 46))
    assert session.selection.ids == [crowd[21]]
    press("Delete")
    until(lambda: crowd[21] not in labels)
    press("Ctrl+Z")
    assert crowd[21] in labels
    assert crowd[21] in list(layer.features["id"])


def test_each_of_two_panes_has_the_picture(crowd, session, viewer, until):
    session.views.open(2)
    mirror = session.views[1].mirror.layers
    assert mirror.overlay.visible
    assert len(session.views) == 2
    assert np.shares_memory(np.asarray(mirror.overlay.data[-1]), np.asarray(session.layers.overlay.data[-1]))
    session.labels.remove(crowd[30:])
    until(lambda: len(mirror.shapes.data) == 30)
    assert not mirror.overlay.visible
    session.views.close()
    assert len(session.views) == 0
    assert session.layers.overlay in viewer.layers
