"""A swipe without a window: what it refuses, and what it leaves alone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.clipping import ColumnClip, canvas_columns, drawn_by
from napari_geolabel.viewer.commands import swipe as swipe_command


def test_without_a_window_there_is_nothing_to_swipe_on_and_no_layer_is_made(session):
    before = list(session.viewer.layers)
    with pytest.raises(GeoLabelError, match="needs napari's window; `render` makes pictures"):
        session.views.swipe.show("false_color")
    assert list(session.viewer.layers) == before
    assert not session.views.swipe.is_on
    assert session.views.swipe.choice is None
    assert session.views.swipe.layer_under_mouse is None


def test_the_key_tells_why_it_does_nothing(session, told):
    session.views.swipe.toggle()
    assert len(told) == 1
    assert "needs napari's window" in told[0]


def test_the_menu_does_as_the_key(session, viewer, told):
    swipe_command(viewer)
    assert len(told) == 1
    assert "needs napari's window" in told[0]


def test_on_a_dense_screen_the_cut_lies_under_the_line(monkeypatch):
    """Layers are cut in pixels of the screen's own, of which a logical one may have two."""
    from napari_geolabel.viewer import swipe as module

    cuts = []
    swipe = module.Swipe.__new__(module.Swipe)
    swipe._is_on, swipe._position, swipe._layer, swipe._viewer = True, 0.25, "right", SimpleNamespace(layers=[])
    swipe._clip = SimpleNamespace(cut=lambda layer, column, right: cuts.append((column, right)))
    layer = SimpleNamespace(metadata={module.PLACE_KEY: None})
    swipe._viewer.layers.append(layer)
    monkeypatch.setattr(module, "canvas_columns", lambda _viewer: (801, 1.5))
    swipe.draw()
    assert cuts == [(300.0, False)]
    assert swipe.column_px == 200


def test_the_line_stays_on_the_map(session):
    swipe = session.views.swipe
    for wanted, kept in ((-3, 0.0), (0.3, 0.3), (1.2, 1.0)):
        swipe.position = wanted
        assert swipe.position == kept
    swipe.stop()
    assert swipe.titles[0] == session.composites.shown.title


def test_layers_that_nobody_draws_are_left_alone(session):
    clip = ColumnClip(session.viewer)
    assert drawn_by(session.viewer, session.scene_layer) is None
    assert canvas_columns(session.viewer) == (0, 1.0)
    clip.cut(session.scene_layer, 10, right=True)
    clip.release(session.scene_layer)
    clip.release_all()
    clip.forget()
